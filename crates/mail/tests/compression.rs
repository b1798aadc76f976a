//! Compression is no protection: it is taken off and named, and the message is what is inside (R52).

#![allow(clippy::unwrap_used, reason = "a test fails where it must")]

mod common;

use common::{desk, read};
use flate2::{Compression, write::ZlibEncoder};
use mailseal::smime::Smime;
use mailseal::{Decryption, Encryption, Error, Layer, Mail, Policy, Protocol, Sender};
use mailseal_cms::ContentType;
use mailseal_cms::ber::encode;
use mailseal_core::{Error as CoreError, NoPrompt};
use mailseal_testkit::gnupg::Home;
use mailseal_testkit::personas::{self, ALICE, CAPABLE, CAROL, DAVE, Persona};
use std::io::Write;
use std::sync::Arc;

const ENTITY: &[u8] = b"Content-Type: text/plain\r\n\r\nHello Carol.\r\n";

/// CompressedData of RFC 3274.
fn compressed(content: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content).unwrap();
    container(&encoder.finish().unwrap())
}

/// CompressedData around a zlib stream.
fn container(stream: &[u8]) -> Vec<u8> {
    let octets = encode::tlv(encode::OCTET_STRING, stream);
    let zlib = [0x06, 0x0b, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x03, 0x08];
    let data = encode::oid(ContentType::Data.oid());
    let content = encode::constructed(encode::SEQUENCE, &[&data, &encode::tlv(encode::context(0), &octets)]);
    let algorithm = encode::tlv(encode::SEQUENCE, &zlib);
    let inner = encode::constructed(encode::SEQUENCE, &[&encode::small_integer(0), &algorithm, &content]);
    let kind = encode::oid(ContentType::CompressedData.oid());
    encode::constructed(encode::SEQUENCE, &[&kind, &encode::tlv(encode::context(0), &inner)])
}

fn part(smime_type: &str, object: &[u8]) -> Vec<u8> {
    let head = format!(
        "MIME-Version: 1.0\r\nContent-Type: application/pkcs7-mime; smime-type={smime_type}\r\n\
         Content-Transfer-Encoding: binary\r\n\r\n"
    );
    [head.as_bytes(), object].concat()
}

fn signed(entity: &[u8]) -> Vec<u8> {
    let certs = Smime.parse_certs(&read(&ALICE.smime_cert())).unwrap();
    let keys = Smime.parse_keys(&read(&ALICE.smime_key()), "alice", &certs, Arc::new(NoPrompt)).unwrap();
    let mut object = Vec::new();
    let policy = Policy::at(personas::now());
    let _ = Smime.sign_opaque(&entity.to_vec(), &keys, &policy, &mut object).unwrap();
    part("signed-data", &object)
}

fn message(part: &[u8]) -> Vec<u8> {
    [b"From: Alice <alice@example.org>\r\nTo: carol@example.org\r\n", part].concat()
}

fn reader() -> Mail {
    desk().cert(&ALICE.smime_cert()).openpgp_key_of(&CAROL).mail()
}

/// R52: compressed alone is unprotected, in both technologies, and its text is there.
#[test]
fn compression_is_no_layer_of_the_summary() {
    let mut messages = vec![message(&part("compressed-data", &compressed(ENTITY)))];
    if let Some(home) = Home::new() {
        let stored = home.gpg().args(["--armor", "--store"]).stdin(ENTITY.to_vec()).succeed();
        messages.push(message(
            format!(
                "MIME-Version: 1.0\r\nContent-Type: multipart/encrypted; boundary=b; \
                 protocol=\"application/pgp-encrypted\"\r\n\r\n--b\r\nContent-Type: application/pgp-encrypted\r\n\r\n\
                 Version: 1\r\n\r\n--b\r\nContent-Type: application/octet-stream\r\n\r\n{}\r\n--b--\r\n",
                String::from_utf8(stored).unwrap()
            )
            .as_bytes(),
        ));
    }
    let reader = reader();
    for message in &messages {
        let opened = reader.open(message).unwrap();
        assert!(matches!(&opened.layers[..], [found] if matches!(found.layer, Layer::Compressed(_))));
        assert_eq!(opened.summary.encryption, Encryption::None);
        assert_eq!(opened.summary.sender, Sender::Unsigned(None));
        let mut payload = Vec::new();
        opened.payload.write_to(&mut payload).unwrap();
        assert_eq!(payload, ENTITY);
    }
}

/// R52: a signature counts inside the compression and around it.
#[test]
fn signed_and_compressed() {
    let inside = message(&part("compressed-data", &compressed(&signed(ENTITY))));
    let around = message(&signed(&part("compressed-data", &compressed(ENTITY))));
    let reader = reader();
    for message in [&inside, &around] {
        let opened = reader.open(message).unwrap();
        assert!(matches!(opened.summary.sender, Sender::Verified { .. }), "{:?}", opened.summary);
        assert_eq!(opened.layers.len(), 2);
    }
}

/// R8, R52, attack 23: compression inside compression multiplies, so that 30 KB become 3 GiB within the ratio of each. A
/// second one may not become more than it is, nor 16 MiB.
#[test]
fn bombs_in_bombs_end() {
    let reader = reader();
    // Often flushed, so that the ratio is 70, and the same again and again, so that it shrinks once more.
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    let head = b"Content-Type: text/plain\r\n\r\n";
    encoder.write_all(head).unwrap();
    for _ in 0..40_000 {
        encoder.write_all(&[b'x'; 1000]).unwrap();
        encoder.flush().unwrap();
    }
    let inner = part("compressed-data", &container(&encoder.finish().unwrap()));
    let alone = reader.open(&message(&inner)).map(|opened| opened.layers.len());
    assert_eq!(alone.unwrap(), 1, "the control");
    let bomb = message(&part("compressed-data", &compressed(&inner)));
    assert!(inner.len() > 400_000 && bomb.len() < 30_000, "{} {}", inner.len(), bomb.len());
    let outcome = reader.open(&bomb);
    assert!(matches!(outcome, Err(Error::Core(CoreError::Limit { .. }))), "{:?}", outcome.map(|opened| opened.layers));

    let twice = message(&part("compressed-data", &compressed(&part("compressed-data", &compressed(ENTITY)))));
    assert_eq!(reader.open(&twice).unwrap().layers.len(), 2, "honest, if pointless");
}

/// R8, attack 23: more compressions than layers are peeled.
#[test]
fn deep_compression_ends() {
    let deep = (0..100).fold(ENTITY.to_vec(), |inside, _| part("compressed-data", &compressed(&inside)));
    let deep = message(&deep);
    let outcome = reader().open(&deep);
    assert!(matches!(outcome, Err(Error::Core(CoreError::Limit { limit: 8, .. }))), "{:?}", outcome.map(|_| ()));
}

/// R135, attack 6: a limit that is passed inside CBC, whose plaintext may be an attacker's, is one more way to fail, and
/// nothing tells of it; where the cipher authenticates it is told.
#[test]
fn limits_inside_cbc_do_not_show() {
    let reader = desk().smime_key_of(&DAVE).smime_key_of(&CAPABLE).mail();
    let sealed = |to: Persona, smime_type: &str, inside: &[u8]| {
        let (mut object, policy) = (Vec::new(), Policy::at(personas::now()));
        let to = Smime.parse_certs(&read(&to.smime_cert())).unwrap();
        Smime.encrypt(&inside.to_vec(), &to, &[], &policy, &mut object).unwrap();
        part(smime_type, &object)
    };
    let text = [&b"Content-Type: text/plain\r\n\r\n"[..], &vec![b'x'; 20 << 20]].concat();
    let bomb = part("compressed-data", &compressed(&part("compressed-data", &compressed(&text))));
    let deep = (0..100).fold(ENTITY.to_vec(), |inside, _| part("compressed-data", &compressed(&inside)));
    let often = (0..8).fold(ENTITY.to_vec(), |inside, _| sealed(DAVE, "enveloped-data", &inside));
    for inside in [&bomb, &deep, &often] {
        let message_in_cbc = message(&sealed(DAVE, "enveloped-data", inside));
        let opened = reader.open(&message_in_cbc).unwrap();
        assert_eq!(opened.undecrypted(), Some(Decryption::Failed));
        assert_eq!((opened.layers.len(), opened.summary.encryption), (1, Encryption::None));
        assert!(opened.defects.is_empty() && opened.certs.is_empty(), "{:?}", opened.defects);
    }
    for inside in [&bomb, &deep] {
        let authentic = message(&sealed(CAPABLE, "authEnveloped-data", inside));
        let outcome = reader.open(&authentic);
        assert!(matches!(outcome, Err(Error::Core(CoreError::Limit { .. }))));
    }
    let often = message(&often);
    let opened = reader.open(&often).unwrap();
    assert_eq!((opened.undecrypted(), opened.layers.len()), (None, 8), "the control");
}

/// R52: what is cut or altered gives no text.
#[test]
fn broken_compression_gives_nothing() {
    let whole = compressed(ENTITY);
    let reader = reader();
    for at in [whole.len() / 2, whole.len() - 2] {
        let mut broken = whole.clone();
        broken[at] ^= 0x55;
        let message = message(&part("compressed-data", &broken));
        let opened = reader.open(&message).unwrap();
        assert_eq!(opened.summary.sender, Sender::Unsigned(None));
        assert!(!opened.defects.is_empty());
        let mut payload = Vec::new();
        opened.payload.write_to(&mut payload).unwrap();
        assert_eq!(payload, message, "nothing came off");
    }
}
