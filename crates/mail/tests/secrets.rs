//! Attack 25: what holds a secret does not show it, and what is public has none in it.

#![allow(clippy::unwrap_used, reason = "a test fails where it must")]

mod common;

use common::{desk, read};
use mailseal::openpgp::OpenPgp;
use mailseal::smime::Smime;
use mailseal::{Credential, Encryption, Policy, Prompt, Protocol};
use mailseal_cms::engine::SoftwareKey;
use mailseal_core::{Locked, Passphrase};
use mailseal_testkit::mutation::Secret;
use mailseal_testkit::packets::dearmored;
use mailseal_testkit::personas::{self, ALICE, BOB, CAPABLE, CAROL, ERIN, LOCKED, LOCKED_PASSPHRASE};
use mailseal_testkit::shown::shows;
use std::collections::HashSet;
use std::sync::Arc;

/// Octets of a secret that are looked for.
const WINDOW: usize = 16;
/// So many octets in a row a secret key and its certificate do not share by chance.
const SHARED: usize = 6;

struct Knows;

impl Prompt for Knows {
    fn passphrase(&self, _: &Locked, attempt: usize) -> Option<Passphrase> {
        (attempt == 0).then(|| Passphrase::new(LOCKED_PASSPHRASE.to_owned()))
    }
}

/// Stretches of the key file that have nothing of the certificate file.
fn secrets(key: &[u8], cert: &[u8]) -> Vec<Vec<u8>> {
    let public: HashSet<&[u8]> = cert.windows(SHARED).collect();
    let is_secret = |octets: &&[u8]| !octets.windows(SHARED).any(|shared| public.contains(shared));
    key.windows(WINDOW).filter(is_secret).map(<[u8]>::to_vec).collect()
}

/// Signs once, so that what is unlocked late is unlocked, and holds against what `Debug` says then.
fn keeps_quiet(protocol: &dyn Protocol, credential: &Credential, secrets: &[Vec<u8>]) {
    assert!(secrets.len() > 15, "{} stretches", secrets.len());
    let policy = Policy::at(personas::now());
    let _ = protocol.sign(&b"x".to_vec(), std::slice::from_ref(credential), &policy, &mut Vec::new()).unwrap();
    let mut secrets: Vec<&[u8]> = secrets.iter().map(Vec::as_slice).collect();
    secrets.push(LOCKED_PASSPHRASE.as_bytes());
    assert!(!shows(credential, &secrets), "{credential:?}");
    let encoded = credential.cert.encoded();
    assert!(!secrets.iter().any(|secret| encoded.windows(secret.len()).any(|octets| octets == *secret)));
}

#[test]
fn secret_keys() {
    for who in [ALICE, BOB, CAROL, ERIN, LOCKED] {
        let keys = OpenPgp.parse_keys(&read(&who.openpgp_key()), who.name, &[], Arc::new(Knows)).unwrap();
        let secrets = secrets(&dearmored(&read(&who.openpgp_key())), &dearmored(&read(&who.openpgp_cert())));
        keeps_quiet(&OpenPgp, &keys[0], &secrets);
    }
    for who in [ALICE, BOB, CAPABLE] {
        let (key, certs) = (read(&who.smime_key()), Smime.parse_certs(&read(&who.smime_cert())).unwrap());
        let keys = Smime.parse_keys(&key, who.name, &certs, Arc::new(Knows)).unwrap();
        let der = dearmored(&read(&who.smime_key()));
        let secrets = secrets(&der, &dearmored(&read(&who.smime_cert())));
        keeps_quiet(&Smime, &keys[0], &secrets);
        let secrets: Vec<&[u8]> = secrets.iter().map(Vec::as_slice).collect();
        assert!(!shows(&SoftwareKey::from_pkcs8_der(&der).unwrap(), &secrets));
    }
}

#[test]
fn passphrases() {
    let passphrase = Passphrase::new(LOCKED_PASSPHRASE.to_owned());
    assert!(!shows(&(&passphrase, Some(passphrase.clone())), &[LOCKED_PASSPHRASE.as_bytes()]));
}

/// What was decrypted is shown to the reader, not to whoever keeps logs.
#[test]
fn opened_mail() {
    let secret = Secret::new();
    let entity = format!("Content-Type: text/plain\r\n\r\n{}", secret.text());
    let message = [b"From: alice@example.org\r\n", &sealed(entity.as_bytes())[..]].concat();
    let reader = desk().smime_key_of(&CAPABLE).mail();
    let opened = reader.open(&message).unwrap();
    assert_eq!(opened.summary.encryption, Encryption::Full);
    assert!(!shows(&opened, &[secret.text().as_bytes()]), "{opened:?}");
}

fn sealed(entity: &[u8]) -> Vec<u8> {
    let certs = Smime.parse_certs(&read(&CAPABLE.smime_cert())).unwrap();
    let mut octets = Vec::new();
    Smime.encrypt(&entity.to_vec(), &certs, &[], &Policy::at(personas::now()), &mut octets).unwrap();
    let head = "MIME-Version: 1.0\r\nContent-Type: application/pkcs7-mime; smime-type=authEnveloped-data\r\n\
                Content-Transfer-Encoding: binary\r\n\r\n";
    [head.as_bytes(), &octets].concat()
}
