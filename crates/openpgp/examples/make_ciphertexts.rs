//! Makes the messages of `testdata/ciphertexts/`: everything that a recipient may have to open, with passwords that cost
//! nothing, so that a fuzzer can start from it. Only what is missing is made. `testdata/make.sh` runs it.

#![allow(clippy::unwrap_used, reason = "a program for the test data stops where it must")]

use mailseal_core::{Cert, NoPrompt, Policy, Protocol, Recipients};
use mailseal_openpgp::{Container, OpenPgp};
use sequoia_openpgp as openpgp;

use openpgp::crypto::{Password, S2K, SessionKey};
use openpgp::packet::skesk::{SKESK4, SKESK6};
use openpgp::serialize::Serialize;
use openpgp::serialize::stream::{Armorer, Compressor, Encryptor, LiteralWriter, Message, Signer};
use openpgp::types::{AEADAlgorithm, CompressionAlgorithm, HashAlgorithm, SymmetricAlgorithm};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// The password of all messages that have one.
const PASSWORD: &str = "correct horse";

const PAYLOAD: &[u8] = b"Content-Type: text/plain; charset=utf-8; hp=\"cipher\"\r\nFrom: Alice <alice@example.org>\r\n\
    Subject: what is inside\r\nHP-Outer: Subject: [...]\r\nHP-Outer: From: Alice <alice@example.org>\r\n\r\nHello\r\n";

/// 2026-06-01T00:00:00Z.
const NOW: u64 = 1_780_272_000;

fn main() {
    let named = |names: &[&str]| names.iter().flat_map(|name| certs(name)).collect::<Vec<Cert>>();
    for (name, to, hidden, container) in [
        ("seipd1", named(&["bob", "carol"]), Vec::new(), Container::Seipd1),
        ("seipd1-to-v6", named(&["judy"]), Vec::new(), Container::Seipd1),
        ("seipd1-locked", named(&["cheap"]), Vec::new(), Container::Seipd1),
        ("seipd1-hidden", Vec::new(), named(&["erin"]), Container::Seipd1),
        ("seipd2", named(&["erin", "judy"]), Vec::new(), Container::Seipd2),
        ("seipd2-locked", named(&["cheap-v6"]), Vec::new(), Container::Seipd2),
        ("seipd2-hidden", named(&["erin"]), named(&["judy"]), Container::Seipd2),
    ] {
        let to = Recipients { named: &to, hidden: &hidden, passwords: &[] };
        put(name, || sealed(&to, container));
    }
    put("inline", || inline(&sealed(&Recipients::named(&named(&["carol"])), Container::Fitting)));
    put("password-v4", || mime(&with_password(None)));
    put("password-v6", || mime(&with_password(Some(AEADAlgorithm::OCB))));
    put("password-v6-gcm", || mime(&with_password(Some(AEADAlgorithm::GCM))));
    put("compressed-password", || mime(&compressed()));
}

fn testdata() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata")
}

/// Writes a message, unless it is there.
fn put(name: &str, message: impl FnOnce() -> Vec<u8>) {
    let path = testdata().join("ciphertexts").join(format!("{name}.eml"));
    if !path.exists() {
        println!("ciphertexts/{name}");
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, message()).unwrap();
    }
}

fn file(name: &str, kind: &str) -> Vec<u8> {
    fs::read(testdata().join(format!("openpgp/{name}.{kind}.asc"))).unwrap()
}

fn certs(name: &str) -> Vec<Cert> {
    OpenPgp.parse_certs(&file(name, "cert")).unwrap()
}

fn at() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(NOW)
}

/// Signed by Alice and encrypted, as PGP/MIME.
fn sealed(to: &Recipients<'_>, container: Container) -> Vec<u8> {
    let keys = OpenPgp.parse_keys(&file("alice", "key"), "alice", &[], Arc::new(NoPrompt)).unwrap();
    let mut out = Vec::new();
    OpenPgp.encrypt_to(&PAYLOAD.to_vec(), to, container, &keys, &Policy::at(at()), &mut out).unwrap();
    mime(&out)
}

/// In SEIPD version 2 with this mode, else version 1, to the password alone.
fn with_password(aead: Option<AEADAlgorithm>) -> Vec<u8> {
    armored(|message| {
        let mut message = to_password(message, aead);
        message = Signer::new(message, alice()).unwrap().creation_time(at()).build().unwrap();
        literal(message);
    })
}

/// Compressed twice, in a container for the password.
fn compressed() -> Vec<u8> {
    armored(|message| {
        let mut message = to_password(message, None);
        for _ in 0..2 {
            message = Compressor::new(message).algo(CompressionAlgorithm::Zip).build().unwrap();
        }
        literal(message);
    })
}

fn armored(write: impl FnOnce(Message<'_>)) -> Vec<u8> {
    let mut out = Vec::new();
    write(Armorer::new(Message::new(&mut out)).build().unwrap());
    out
}

fn to_password(mut message: Message<'_>, aead: Option<AEADAlgorithm>) -> Message<'_> {
    let (cipher, password) = (SymmetricAlgorithm::AES256, Password::from(PASSWORD));
    let key = SessionKey::new(32).unwrap();
    let argon2 = S2K::Argon2 { salt: *b"sixteen  octets!", t: 1, p: 1, m: 3 };
    let iterated = S2K::new_iterated(HashAlgorithm::SHA256, 1024).unwrap();
    let packet: openpgp::Packet = match aead {
        Some(aead) => SKESK6::with_password(cipher, cipher, aead, argon2, &key, &password).unwrap().into(),
        None => SKESK4::with_password(cipher, cipher, iterated, &key, &password).unwrap().into(),
    };
    packet.serialize(&mut message).unwrap();
    let mut encryptor = Encryptor::with_session_key(message, cipher, key).unwrap();
    if let Some(aead) = aead {
        encryptor = encryptor.aead_algo(aead);
    }
    encryptor.build().unwrap()
}

fn alice() -> openpgp::crypto::KeyPair {
    use openpgp::parse::Parse;
    let cert = openpgp::Cert::from_bytes(&file("alice", "key")).unwrap();
    cert.primary_key().key().clone().parts_into_secret().unwrap().into_keypair().unwrap()
}

fn literal(message: Message<'_>) {
    let mut message = LiteralWriter::new(message).build().unwrap();
    message.write_all(PAYLOAD).unwrap();
    message.finalize().unwrap();
}

const HEADER: &str = "From: Alice <alice@example.org>\r\nTo: carol@example.org\r\nSubject: [...]\r\n\
    Date: Mon, 01 Jun 2026 00:00:00 +0000\r\nMessage-ID: <ciphertext@example.org>\r\nMIME-Version: 1.0\r\n";

/// PGP/MIME (RFC 3156 §4).
fn mime(armored: &[u8]) -> Vec<u8> {
    let before = "Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=\"b\"\r\n\r\n--b\r\n\
        Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n\r\n--b\r\nContent-Type: application/octet-stream\r\n\r\n";
    [HEADER.as_bytes(), before.as_bytes(), armored, b"\r\n--b--\r\n"].concat()
}

/// The armor of a PGP/MIME message in the middle of a text.
fn inline(mime: &[u8]) -> Vec<u8> {
    let text = String::from_utf8(mime.to_vec()).unwrap();
    let start = text.find("-----BEGIN").unwrap();
    let armor = text[start..].split("\r\n--b--").next().unwrap();
    format!("{HEADER}Content-Type: text/plain\r\n\r\nHello,\r\n\r\n{armor}\r\nyours\r\n").into_bytes()
}
