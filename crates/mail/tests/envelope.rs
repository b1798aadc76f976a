//! Which forms are Cryptographic Layers, and where the Cryptographic Envelope of them ends (RFC 9787 §4).

#![allow(clippy::unwrap_used, reason = "a test fails where it must")]

mod common;

use common::{desk, read, ways};
use mailseal::openpgp::OpenPgp;
use mailseal::smime::Smime;
use mailseal::{Encrypt, Layer, Mail, Opened, Policy, ProtocolId, Sender};
use mailseal_core::{Cert, Credential, NoPrompt, Protocol};
use mailseal_mime::Tree;
use mailseal_testkit::personas::{self, ALICE, CAPABLE, CAROL, DAVE, Persona};
use std::io::Read as _;
use std::sync::Arc;

const ENTITY: &[u8] = b"Content-Type: text/plain\r\n\r\nHello.\r\n";

/// A form around an entity, which makes another entity.
type Form = fn(&[u8]) -> Vec<u8>;

/// The six forms, with the protocol and the kind of the layer that each is.
const FORMS: [(Form, ProtocolId, &str); 6] = [
    (pgp_signed, ProtocolId::OPENPGP, "signed"),
    (pgp_sealed, ProtocolId::OPENPGP, "encrypted"),
    (smime_detached, ProtocolId::SMIME, "signed"),
    (smime_signed, ProtocolId::SMIME, "signed"),
    (enveloped, ProtocolId::SMIME, "encrypted"),
    (auth_enveloped, ProtocolId::SMIME, "encrypted"),
];

fn policy() -> Policy {
    Policy::at(personas::now())
}

fn alice_openpgp() -> Vec<Credential> {
    OpenPgp.parse_keys(&read(&ALICE.openpgp_key()), "alice", &[], Arc::new(NoPrompt)).unwrap()
}

fn alice_smime() -> Vec<Credential> {
    Smime.parse_keys(&read(&ALICE.smime_key()), "alice", &smime_cert(ALICE), Arc::new(NoPrompt)).unwrap()
}

fn smime_cert(who: Persona) -> Vec<Cert> {
    Smime.parse_certs(&read(&who.smime_cert())).unwrap()
}

/// A boundary that no entity of another length has, so that forms nest.
fn boundary(entity: &[u8]) -> String {
    format!("=_{}_", entity.len())
}

fn detached(protocol: &str, entity: &[u8], signature: &[u8]) -> Vec<u8> {
    let b = boundary(entity);
    let head = format!("Content-Type: multipart/signed; boundary=\"{b}\"; protocol=\"{protocol}\"\r\n\r\n--{b}\r\n");
    let between = format!("\r\n--{b}\r\nContent-Type: {protocol}\r\nContent-Transfer-Encoding: binary\r\n\r\n");
    [head.as_bytes(), entity, between.as_bytes(), signature, format!("\r\n--{b}--\r\n").as_bytes()].concat()
}

fn pgp_signed(entity: &[u8]) -> Vec<u8> {
    let mut armor = Vec::new();
    let _ = OpenPgp.sign(&entity.to_vec(), &alice_openpgp(), &policy(), &mut armor).unwrap();
    detached("application/pgp-signature", entity, &armor)
}

fn pgp_sealed(entity: &[u8]) -> Vec<u8> {
    let carol = OpenPgp.parse_certs(&read(&CAROL.openpgp_cert())).unwrap();
    let mut armor = Vec::new();
    OpenPgp.encrypt(&entity.to_vec(), &carol, &[], &policy(), &mut armor).unwrap();
    let head = "Content-Type: multipart/encrypted; boundary=e; protocol=\"application/pgp-encrypted\"\r\n\r\n--e\r\n\
                Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n\r\n--e\r\n\
                Content-Type: application/octet-stream\r\n\r\n";
    [head.as_bytes(), &armor, b"\r\n--e--\r\n"].concat()
}

fn smime_detached(entity: &[u8]) -> Vec<u8> {
    let mut object = Vec::new();
    let _ = Smime.sign(&entity.to_vec(), &alice_smime(), &policy(), &mut object).unwrap();
    detached("application/pkcs7-signature", entity, &object)
}

fn opaque(smime_type: &str, object: &[u8]) -> Vec<u8> {
    let head = format!(
        "Content-Type: application/pkcs7-mime; smime-type={smime_type}\r\nContent-Transfer-Encoding: binary\r\n\r\n"
    );
    [head.as_bytes(), object].concat()
}

fn smime_signed(entity: &[u8]) -> Vec<u8> {
    let mut object = Vec::new();
    let _ = Smime.sign_opaque(&entity.to_vec(), &alice_smime(), &policy(), &mut object).unwrap();
    opaque("signed-data", &object)
}

fn smime_sealed(smime_type: &str, entity: &[u8], to: Persona) -> Vec<u8> {
    let mut object = Vec::new();
    Smime.encrypt(&entity.to_vec(), &smime_cert(to), &[], &policy(), &mut object).unwrap();
    opaque(smime_type, &object)
}

fn enveloped(entity: &[u8]) -> Vec<u8> {
    smime_sealed("enveloped-data", entity, DAVE)
}

fn auth_enveloped(entity: &[u8]) -> Vec<u8> {
    smime_sealed("authEnveloped-data", entity, CAPABLE)
}

/// A multipart/mixed of the entity and a footer.
fn mixed(entity: &[u8]) -> Vec<u8> {
    let head = b"Content-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\n";
    [head, entity, b"\r\n--m\r\nContent-Type: text/plain\r\n\r\nfooter\r\n--m--\r\n"].concat()
}

fn forwarded(entity: &[u8]) -> Vec<u8> {
    let head = "Content-Type: message/rfc822\r\n\r\nFrom: alice@example.org\r\nMIME-Version: 1.0\r\n";
    [head.as_bytes(), entity].concat()
}

/// Has the keys of Carol, and both of Dave.
fn reader() -> Mail {
    let keys = desk().openpgp_key_of(&CAROL).smime_key_of(&DAVE).smime_key_of(&CAPABLE);
    keys.cert(&ALICE.openpgp_cert()).cert(&ALICE.smime_cert()).mail()
}

fn message(entity: &[u8]) -> Vec<u8> {
    let head = b"From: Alice <alice@example.org>\r\nTo: carol@example.org, dave@example.org\r\nMIME-Version: 1.0\r\n";
    [head, entity].concat()
}

fn kinds(opened: &Opened<'_>) -> Vec<(ProtocolId, &'static str)> {
    let kind = |layer: &Layer| match layer {
        Layer::Signed(_) => "signed",
        Layer::Encrypted(_) => "encrypted",
        _ => "other",
    };
    opened.layers.iter().map(|found| (found.protocol, kind(&found.layer))).collect()
}

fn payload(opened: &Opened<'_>) -> Vec<u8> {
    let mut octets = Vec::new();
    opened.payload.write_to(&mut octets).unwrap();
    octets
}

/// R55: the six forms are layers, and the Payload is what each is around.
#[test]
fn six_forms_are_layers() {
    let reader = reader();
    for (form, protocol, kind) in FORMS {
        let message = message(&form(ENTITY));
        let opened = reader.open(&message).unwrap();
        assert_eq!(kinds(&opened), [(protocol, kind)]);
        assert_eq!(payload(&opened), ENTITY, "{protocol} {kind}");
        assert_eq!(matches!(opened.summary.sender, Sender::Verified { .. }), kind == "signed");
        assert_eq!(opened.summary.is_encrypted(), kind == "encrypted");
    }
}

/// R55: other forms are none, whatever they hold.
#[test]
fn other_forms_are_no_layers() {
    let reader = reader();
    let text = |of: Vec<u8>, from: &str, to: &str| String::from_utf8(of).unwrap().replace(from, to).into_bytes();
    let armor = "-----BEGIN PGP MESSAGE-----";
    let sealed = String::from_utf8(pgp_sealed(ENTITY)).unwrap();
    let inline = format!("Content-Type: text/plain\r\n\r\n{}", &sealed[sealed.find(armor).unwrap()..]).into_bytes();
    for entity in [
        ENTITY.to_vec(),
        inline,
        text(pgp_signed(ENTITY), "multipart/signed", "multipart/mixed"),
        text(pgp_signed(ENTITY), "application/pgp-signature", "application/x-signature"),
        text(pgp_sealed(ENTITY), "multipart/encrypted", "multipart/mixed"),
        text(pgp_sealed(ENTITY), "application/pgp-encrypted", "application/x-encrypted"),
    ] {
        let message = message(&entity);
        let opened = reader.open(&message).unwrap();
        let shown = String::from_utf8_lossy(&message);
        assert!(opened.layers.is_empty() && !opened.summary.is_encrypted(), "{shown}");
        assert_eq!(opened.summary.sender, Sender::Unsigned(None), "{shown}");
    }
}

/// R56: every two and every three layers in a row are one Envelope, of either protocol or of both.
#[test]
fn the_envelope_is_the_whole_chain() {
    let reader = reader();
    let mut chains: Vec<Vec<usize>> = Vec::new();
    for outer in 0..FORMS.len() {
        for inner in 0..FORMS.len() {
            chains.push(vec![outer, inner]);
        }
    }
    chains.extend([vec![0, 1, 0], vec![2, 4, 3], vec![3, 5, 2], vec![1, 4, 0]]);
    for chain in chains {
        let entity = chain.iter().rev().fold(ENTITY.to_vec(), |inside, &form| FORMS[form].0(&inside));
        let message = message(&entity);
        let opened = reader.open(&message).unwrap();
        let expected: Vec<_> = chain.iter().map(|&form| (FORMS[form].1, FORMS[form].2)).collect();
        assert_eq!(kinds(&opened), expected, "{chain:?}");
        assert_eq!(payload(&opened), ENTITY, "{chain:?}");
        assert!(opened.errant.is_empty(), "{chain:?}");
    }
}

/// R56: the first part that is no layer ends the chain and is the Payload; layers below it are not of the Envelope.
#[test]
fn the_payload_ends_the_envelope() {
    let reader = reader();
    for (form, protocol, kind) in FORMS {
        for between in [mixed as Form, forwarded] {
            let below = between(&smime_signed(&pgp_signed(ENTITY)));
            let sealed = message(&form(&below));
            let opened = reader.open(&sealed).unwrap();
            assert_eq!(kinds(&opened), [(protocol, kind)]);
            assert_eq!(payload(&opened), below);

            let bare = message(&between(&form(ENTITY)));
            let opened = reader.open(&bare).unwrap();
            assert_eq!(kinds(&opened), []);
            assert_eq!(opened.summary.sender, Sender::Unsigned(None));
            assert!(!opened.summary.is_encrypted());
        }
    }
}

/// R53: the content of CMS may be binary; what was meant is there, octet for octet.
#[test]
fn binary_inside_cms_is_read() {
    let content = [&b"\x00\xff\n\r\x80\r\r\n\xfe"[..], &[0xaa; 2000], b"\n"].concat();
    let head = b"Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary\r\n\r\n";
    let entity = [&head[..], &content].concat();
    let reader = reader();
    for form in [smime_signed as Form, enveloped, auth_enveloped] {
        let message = message(&form(&entity));
        let opened = reader.open(&message).unwrap();
        assert_eq!((opened.layers.len(), payload(&opened)), (1, entity.clone()));
        assert_eq!(leaf(&entity, 0), content);
    }
}

/// R53: we write 7-bit inside as well, signed or encrypted, whoever the recipient is: preferBinaryInside is not looked for.
#[test]
fn binary_inside_cms_is_not_written() {
    // With CRLF: in a draft stored with LF, every LF is a line end.
    let binary = b"\x00\xff\n\x80\xfe";
    let head = "From: Alice <alice@example.org>\r\nTo: Bob <bob@example.org>\r\nSubject: x\r\nMIME-Version: 1.0\r\n\
                Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\
                Content-Transfer-Encoding: 8bit\r\n\r\nGr\u{fc}\u{df}e\r\n--b\r\n\
                Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary\r\n\r\n";
    let draft = [head.as_bytes(), binary, b"\r\n--b--\r\n"].concat();
    for encrypt in [Encrypt::Never, Encrypt::Always] {
        let [_, way] = ways();
        let compose = way.alice.compose(&draft).unwrap().sign().encrypt(encrypt).only(ProtocolId::SMIME);
        let message = compose.plan().unwrap().protect().unwrap()[0].to_vec().unwrap();
        let opened = way.bob.open(&message).unwrap();
        let entity = payload(&opened);
        assert!(matches!(opened.summary.sender, Sender::Verified { .. }), "{:?}", opened.summary);
        assert!(entity.iter().all(|octet| (1..=127).contains(octet)), "{}", entity.escape_ascii());
        let text = String::from_utf8(entity.clone()).unwrap().to_ascii_lowercase();
        assert!(!text.contains("encoding: 8bit") && !text.contains("encoding: binary"), "{text}");
        assert_eq!(leaf(&entity, 2), binary);
    }
}

/// The decoded content of a part of an entity.
fn leaf(entity: &[u8], index: usize) -> Vec<u8> {
    let tree = Tree::parse_entity(&entity, 0..entity.len() as u64, &Default::default()).unwrap();
    let mut octets = Vec::new();
    tree.decoded(&entity, index).read_to_end(&mut octets).unwrap();
    octets
}
