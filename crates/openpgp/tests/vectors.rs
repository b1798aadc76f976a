//! The vectors of other OpenPGP programs: messages, keys, forgeries. What is to be rejected is, nothing panics, and what
//! should open does, but for the rows named here with their reasons.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

mod common;

use common::{Store, policy};
use mailseal_core::{
    Check, Credential, Decryption, Error, Layer, Locked, MemorySink, Passphrase, Peeled, Prompt, Protocol,
};
use mailseal_openpgp::OpenPgp;
use mailseal_testkit::corpus::{Case, Operation, Secret, cases};
use sequoia_openpgp::types::PublicKeyAlgorithm;
use std::fs;
use std::sync::Arc;

/// Rows that don't agree, by a part of their id, and why.
const EXCEPTIONS: &[(&str, &str)] = &[
    // Weak by the rules of today.
    ("extracted/rsa.msg.asc", "the certificate is bound with SHA-1 only"),
    ("messages/gnupg-v1-001.asc", "the certificate is bound with SHA-1 only"),
    ("messages/gnupg-v1-003.asc", "the certificate is bound with SHA-1 only"),
    // What the engine does not know.
    ("extracted/dsa.msg.asc", "ElGamal is not in OpenSSL"),
    ("messages/gnupg-v1-002.asc", "ElGamal is not in OpenSSL"),
    ("encrypted/elg.msg.pgp", "ElGamal is not in OpenSSL"),
    ("messages/pgp-10-0-007.asc", "ElGamal is not in OpenSSL"),
    ("extracted/secp256k1.msg.asc", "no curve of RFC 9580"),
    ("encrypted/secp256k1.msg.pgp", "no curve of RFC 9580"),
    ("messages/gnupg-v2-1-5-001.asc", "Sequoia can't read the secret integers of this key"),
    // The table names other keys than the message.
    ("samplemsgs/clearsig-", "the signers' certificates are not in pubdemo.asc"),
    ("samplemsgs/signed", "the signers' certificates are not in pubdemo.asc"),
    ("gnupg/tests/openpgp/plain-", "its key is not in the table, or it has no integrity protection"),
];

/// The passphrase of a key; the empty one where the table has none.
struct Password(Option<String>);

impl Prompt for Password {
    fn passphrase(&self, _: &Locked, attempt: usize) -> Option<Passphrase> {
        (attempt == 0).then(|| Passphrase::new(self.0.clone().unwrap_or_default()))
    }
}

fn keys(secret: &Secret) -> Vec<Credential> {
    let encoded = fs::read(&secret.file).unwrap();
    let prompt = Arc::new(Password(secret.password.clone()));
    OpenPgp.parse_keys(&encoded, "vector", &[], prompt).unwrap_or_default()
}

fn store(case: &Case) -> Store {
    let mut store = Store::default();
    for secret in &case.secrets {
        store.keys.extend(keys(secret));
    }
    for cert in &case.certs {
        store.certs.extend(OpenPgp.parse_certs(&fs::read(cert).unwrap()).unwrap_or_default());
    }
    if case.note.contains(r#"sym = password "password""#) {
        store.passphrases.push(Passphrase::new("password".to_owned()));
    }
    store.certs.extend(store.keys.iter().map(|key| key.cert.clone()));
    store
}

/// What we say of a message, in the words of the vectors.
fn verdict(peeled: &Peeled, released: bool) -> &'static str {
    let good = peeled.layers.iter().any(|layer| match layer {
        Layer::Signed(signatures) => signatures.iter().any(|one| one.check == Check::Valid),
        _ => false,
    });
    let opened = peeled.layers.iter().any(|layer| match layer {
        Layer::Encrypted(encryption) => encryption.decryption == Decryption::Done,
        _ => false,
    });
    assert!(!opened || released, "opened and not released: {peeled:?}");
    match (opened, good) {
        (true, true) => "decrypts+good",
        (true, false) => "decrypts",
        (false, true) => "good",
        (false, false) => "rejects",
    }
}

fn agrees(expected: &str, verdict: &str) -> bool {
    match expected {
        "decrypts+good" => verdict == "decrypts+good",
        "decrypts" | "decrypts-legacy" => verdict.starts_with("decrypts"),
        "good" | "good-legacy" => verdict == "good",
        "bad" | "rejects" => verdict == "rejects",
        "bad-or-unsupported" => verdict == "rejects",
        _ => true,
    }
}

fn knows_post_quantum() -> bool {
    PublicKeyAlgorithm::MLKEM768_X25519.is_supported() && PublicKeyAlgorithm::MLDSA65_Ed25519.is_supported()
}

fn run(folder: &str) {
    let Some(cases) = cases(folder) else { return };
    let mut wrong = Vec::new();
    for case in &cases {
        let Ok(octets) = fs::read(&case.file) else { continue };
        let mut blob = &octets[..];
        drop(OpenPgp.inspect(&mut blob, &policy()));
        drop(OpenPgp.parse_certs(&octets));
        let store = store(case);
        match case.operation {
            Operation::ImportKey => drop(keys(&Secret { file: case.file.clone(), password: None })),
            Operation::Inspect => drop(store.verify(b"content", &octets)),
            _ if !case.expected.contains("bad") && !case.expected.contains("rejects") && store.certs.is_empty() => {
                drop(OpenPgp.open(&mut &octets[..], &store.context(&policy()), &mut MemorySink::new()));
            }
            _ => {
                let (policy, mut sink, mut blob) = (policy(), MemorySink::new(), &octets[..]);
                let outcome = match octets.starts_with(b"-----BEGIN PGP SIGNED MESSAGE-----") {
                    true => OpenPgp.open_inline(&octets, &store.context(&policy), &mut sink),
                    false => OpenPgp.open(&mut blob, &store.context(&policy), &mut sink),
                };
                let released = sink.into_committed().is_some();
                let found = match &outcome {
                    Ok(peeled) => verdict(peeled, released),
                    Err(Error::Limit { .. }) if !released => "rejects",
                    Err(error) => panic!("{}: {error}", case.id),
                };
                let expected = match case.expected.as_str() {
                    // With a back end that knows the algorithms nothing is left open.
                    "decrypts-or-unsupported" if folder == "openpgp-pqc" && knows_post_quantum() => "decrypts",
                    expected => expected,
                };
                let excused = EXCEPTIONS.iter().find(|(id, _)| case.id.contains(id));
                if agrees(expected, found) == excused.is_some() {
                    wrong.push(format!("{}: {} is {found}: {} {outcome:?}", case.id, case.expected, case.note));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {}\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

#[test]
fn rpgp() {
    run("rpgp");
}

#[test]
fn sequoia() {
    run("sequoia");
}

#[test]
fn gnupg() {
    run("gnupg");
}

#[test]
fn go_crypto() {
    run("go-crypto");
}

#[test]
fn openpgp_pqc() {
    run("openpgp-pqc");
}

#[test]
fn openkeychain() {
    run("openkeychain");
}

#[test]
fn autocrypt() {
    run("autocrypt");
}

#[test]
fn badkeys() {
    run("badkeys");
}
