//! New keys of every profile: what they are, and that they sign and are encrypted to.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

mod common;

use common::{BORN, Store, at, checks, encrypt, policy};
use mailseal_core::{
    Address, Check, Credential, Error, Integrity, KeyFiles, Layer, MadeKey, NewKey, NoPrompt, Protocol, Purpose, Reason,
};
use mailseal_openpgp::OpenPgp;
use sequoia_openpgp as openpgp;
use sequoia_openpgp::cert::CipherSuite;
use sequoia_openpgp::parse::Parse;
use sequoia_openpgp::policy::StandardPolicy;
use std::sync::Arc;

const TEXT: &[u8] = b"Content-Type: text/plain\r\n\r\nHello\r\n";

fn new_key<'a>(address: &'a Address, profile: &'a str) -> NewKey<'a> {
    NewKey {
        address,
        also: &[],
        name: Some("Ann"),
        profile: Some(profile),
        algorithm: None,
        from: at(BORN),
        to: None,
        passphrase: None,
    }
}

fn ann() -> Address {
    Address::parse("ann@example.org").unwrap()
}

fn credential(made: &MadeKey) -> Credential {
    OpenPgp.parse_keys(&made.kept, "ann", &[], Arc::new(NoPrompt)).unwrap().remove(0)
}

/// Whether every reader would get SEIPD version 2, and the version of the keys.
fn announces(made: &MadeKey) -> (bool, Vec<u8>) {
    let cert = openpgp::Cert::from_bytes(made.cert.encoded()).unwrap();
    let rules = StandardPolicy::at(policy().at);
    let valid = cert.with_policy(&rules, policy().at).unwrap();
    let features = valid.primary_userid().unwrap().binding_signature().features().unwrap();
    assert!(features.supports_seipdv1());
    (features.supports_seipdv2(), cert.keys().map(|key| key.key().version()).collect())
}

fn talks_to_itself(made: &MadeKey, integrity: Integrity) {
    let credential = credential(made);
    let store = Store { certs: vec![made.cert.clone()], keys: vec![credential.clone()], ..Store::default() };
    let blob = encrypt(TEXT, std::slice::from_ref(&made.cert), &[credential]);
    let (peeled, text) = store.open(&blob);
    assert_eq!(text.as_deref(), Some(TEXT));
    assert_eq!(checks(&peeled), [Check::Valid]);
    let Layer::Encrypted(encryption) = &peeled.layers[0] else { panic!("{peeled:?}") };
    assert_eq!(encryption.integrity, Some(integrity));
}

/// Version 4 that announces nothing that gpg 2.2 does not read.
#[test]
fn the_default_is_for_everybody() {
    let made = OpenPgp.generate(&new_key(&ann(), "default")).unwrap();
    assert_eq!(announces(&made), (false, vec![4, 4]));
    talks_to_itself(&made, Integrity::Mdc);
}

#[test]
fn version_6_announces_aead() {
    let address = ann();
    for algorithm in [None, Some("cv448"), Some("p384")] {
        let new = NewKey { algorithm, ..new_key(&address, "rfc9580") };
        if algorithm == Some("cv448") && CipherSuite::Cv448.is_supported().is_err() {
            assert!(matches!(OpenPgp.generate(&new), Err(Error::Unsupported(_))));
            continue;
        }
        let made = OpenPgp.generate(&new).unwrap();
        assert_eq!(announces(&made), (true, vec![6, 6]));
        talks_to_itself(&made, Integrity::Aead);
    }
}

/// RFC 9980 where the back end knows it; where it does not, the answer says with what it would.
#[test]
fn post_quantum_where_the_back_end_knows_it() {
    let address = ann();
    for (algorithm, suite) in [
        (None, CipherSuite::MLDSA65_Ed25519),
        (Some("mldsa65-ed25519"), CipherSuite::MLDSA65_Ed25519),
        (Some("mldsa87-ed448"), CipherSuite::MLDSA87_Ed448),
    ] {
        let made = OpenPgp.generate(&NewKey { algorithm, ..new_key(&address, "pqc") });
        if suite.is_supported().is_err() {
            let Err(Error::Unsupported(why)) = made else { panic!("{made:?}") };
            assert!(why.contains("openssl-vendored"), "{why}");
            continue;
        }
        let made = made.unwrap();
        assert_eq!(announces(&made), (true, vec![6, 6]));
        talks_to_itself(&made, Integrity::Aead);
    }
}

/// Several addresses in the order given, the revocation takes all of it back, and each is the owner's own word.
#[test]
fn several_addresses_and_a_revocation() {
    let (address, also) = (ann(), [Address::parse("ann@work.example").unwrap()]);
    for profile in ["default", "rfc9580"] {
        let new = NewKey { also: &also, ..new_key(&address, profile) };
        let made = OpenPgp.generate(&new).unwrap();
        assert_eq!(made.cert.addresses(), [address.clone(), also[0].clone()]);
        assert_eq!(made.cert.names(), ["Ann <ann@example.org>", "Ann <ann@work.example>"]);
        let revoked = OpenPgp.parse_certs(made.revocation.as_deref().unwrap()).unwrap().remove(0);
        assert_eq!(OpenPgp.usable(&revoked, Purpose::Sign, &policy()), Err(Reason::Revoked));
        assert_eq!(OpenPgp.usable(&made.cert, Purpose::Encrypt, &policy()), Ok(()));
    }
}

#[test]
fn what_cannot_be_made() {
    let address = ann();
    let good = new_key(&address, "default");
    let unknown = |new: NewKey<'_>| matches!(OpenPgp.generate(&new), Err(Error::UnknownName { .. }));
    assert!(unknown(NewKey { profile: Some("rfc1991"), ..good }));
    assert!(unknown(NewKey { algorithm: Some("dsa"), ..good }));
    assert!(unknown(NewKey { algorithm: Some("mldsa65-ed25519"), ..good }));
    let malformed = |new: NewKey<'_>| matches!(OpenPgp.generate(&new), Err(Error::Malformed { .. }));
    assert!(malformed(NewKey { to: Some(good.from), ..good }));
    assert!(malformed(NewKey { name: Some("<"), ..good }));
}
