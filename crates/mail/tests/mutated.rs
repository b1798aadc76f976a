//! R66, attacks 4 and 11: ten thousand changed messages give not an octet of plaintext, unless they are authentic.

#![allow(clippy::unwrap_used, reason = "a test fails where it must")]

mod common;

use common::{desk, read};
use mailseal::openpgp::OpenPgp;
use mailseal::smime::Smime;
use mailseal::{Encryption, Layer, Mail, Policy, Protocol};
use mailseal_core::Integrity;
use mailseal_testkit::mutation::{Random, Secret, changed};
use mailseal_testkit::personas::{self, BOB, CAPABLE, CAROL, ERIN};
use std::path::PathBuf;

/// One of the four containers: a message, its octets apart from MIME, and how many changes it gets.
struct Container {
    name: &'static str,
    protocol: &'static dyn Protocol,
    cert: PathBuf,
    changes: usize,
}

fn containers() -> [Container; 4] {
    let of = |name, protocol, cert, changes| Container { name, protocol, cert, changes };
    [
        of("SEIPDv1", &OpenPgp as &dyn Protocol, CAROL.openpgp_cert(), 3_500),
        of("SEIPDv2", &OpenPgp, ERIN.openpgp_cert(), 3_000),
        of("AES-CBC", &Smime, BOB.smime_cert(), 2_500),
        of("AES-GCM", &Smime, CAPABLE.smime_cert(), 1_000),
    ]
}

/// Everybody's keys in one hand.
fn reader() -> Mail {
    desk().openpgp_key_of(&CAROL).openpgp_key_of(&ERIN).smime_key_of(&BOB).smime_key_of(&CAPABLE).mail()
}

#[test]
fn ten_thousand_changes_release_nothing() {
    let reader = reader();
    let secret = Secret::new();
    let entity = format!("Content-Type: text/plain\r\n\r\n{}", secret.text()).into_bytes();
    let mut random = Random::new(2026);
    let mut tried = 0;
    for container in containers() {
        let certs = container.protocol.parse_certs(&read(&container.cert)).unwrap();
        let mut octets = Vec::new();
        let policy = Policy::at(personas::now());
        container.protocol.encrypt(&entity, &certs, &[], &policy, &mut octets).unwrap();
        let octets = binary(octets);
        assert!(opens(&reader, &container, &octets, &entity, &secret), "{}: the control", container.name);
        let mut closed = 0;
        for _ in 0..container.changes {
            let changed = changed(&octets, &mut random);
            closed += usize::from(!opens(&reader, &container, &changed, &entity, &secret));
            tried += 1;
        }
        assert!(closed > container.changes / 2, "{}: {closed} of {} closed", container.name, container.changes);
    }
    assert_eq!(tried, 10_000);
}

/// Whether it counts as encrypted. What is written then is the entity, or named as of no integrity; else it has not an octet
/// of the plaintext.
fn opens(reader: &Mail, container: &Container, octets: &[u8], entity: &[u8], secret: &Secret) -> bool {
    let message = message(container, octets);
    let Ok(opened) = reader.open(&message) else { return false };
    let (mut shown, mut payload) = (Vec::new(), Vec::new());
    opened.payload.write_message(&mut shown).unwrap();
    opened.payload.write_to(&mut payload).unwrap();
    if opened.summary.encryption == Encryption::Full {
        let is_named = opened.layers.iter().any(|found| match &found.layer {
            Layer::Encrypted(encryption) => encryption.integrity == Some(Integrity::None),
            _ => false,
        });
        assert!(payload == entity || is_named, "{}: changed and not named so", container.name);
        return true;
    }
    for written in [&shown, &payload] {
        assert_eq!(secret.leaked(written), None, "{}", container.name);
    }
    false
}

fn message(container: &Container, octets: &[u8]) -> Vec<u8> {
    let mut encoder = mailseal_mime::transfer::Base64Encoder::new(Vec::new());
    std::io::Write::write_all(&mut encoder, octets).unwrap();
    let encoded = String::from_utf8(encoder.finish().unwrap()).unwrap();
    let part = format!("Content-Transfer-Encoding: base64\r\n\r\n{encoded}\r\n");
    let entity = if container.protocol.profile().combined {
        format!(
            "Content-Type: multipart/encrypted; boundary=e; protocol=\"application/pgp-encrypted\"\r\n\r\n--e\r\n\
             Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n\r\n--e\r\n\
             Content-Type: application/octet-stream\r\n{part}--e--\r\n"
        )
    } else {
        format!("Content-Type: application/pkcs7-mime; smime-type=enveloped-data\r\n{part}")
    };
    format!("From: alice@example.org\r\nTo: carol@example.org\r\nMIME-Version: 1.0\r\n{entity}").into_bytes()
}

/// Without armor, where there is one.
fn binary(octets: Vec<u8>) -> Vec<u8> {
    let Ok(text) = std::str::from_utf8(&octets) else { return octets };
    let body = text.lines().skip_while(|line| !line.is_empty()).skip(1);
    let body: Vec<&str> = body.take_while(|line| !line.starts_with(['=', '-'])).collect();
    let body = body.join("\n").into_bytes();
    let mut decoded = Vec::new();
    let mut decoder = mailseal_mime::transfer::Base64Decoder::strict(body.as_slice());
    std::io::Read::read_to_end(&mut decoder, &mut decoded).unwrap();
    decoded
}
