//! Certificates, keys and messages that were damaged or made to do harm: no panic, and nothing good comes of them.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod common;

use common::{Answers, Ring, cert, certs, credential, policy, read};
use mailseal_core::{
    Cert, Check, Context, Credential, Layer, MemorySink, NoCerts, Policy, Protocol, Purpose, Question, Trust,
};
use mailseal_smime::{Pkix, Smime, parse_crls};
use mailseal_testkit::personas::{self, ALICE, BOB};
use proptest::prelude::*;
use std::path::Path;
use std::sync::{Arc, LazyLock};

const TEXT: &[u8] = b"Content-Type: text/plain\r\n\r\nHello\r\n";

static ANCHORED: LazyLock<Pkix> =
    LazyLock::new(|| Pkix::new(&certs(&personas::root()), &certs(&personas::intermediate()), &[]));

/// Judges for both purposes; whether anybody vouches.
fn is_trusted(cert: &Cert, policy: &Policy) -> bool {
    [Purpose::Sign, Purpose::Encrypt].into_iter().any(|purpose| {
        let question = Question { cert, address: None, purpose, policy, helpers: &[], crls: &[] };
        ANCHORED.judge(&question).is_trusted()
    })
}

/// Octets changed, dropped or doubled.
fn damaged(good: Vec<u8>) -> impl Strategy<Value = Vec<u8>> {
    let change = (any::<prop::sample::Index>(), any::<u8>(), 0_u8..4);
    prop::collection::vec(change, 1..4).prop_map(move |changes| {
        let mut octets = good.clone();
        for (at, octet, what) in changes {
            let at = at.index(octets.len());
            match what {
                0 => octets[at] ^= octet | 1,
                1 if octets.len() > 1 => drop(octets.remove(at)),
                2 => octets.insert(at, octet),
                _ => octets.truncate(at.max(1)),
            }
        }
        octets
    })
}

fn detached() -> Vec<u8> {
    let mut signature = Vec::new();
    Smime.sign(&TEXT.to_vec(), &[credential(BOB)], &policy(), &mut signature).unwrap();
    signature
}

fn sealed() -> Vec<u8> {
    let mut blob = Vec::new();
    Smime.encrypt(&TEXT.to_vec(), &[cert(BOB)], &[], &policy(), &mut blob).unwrap();
    blob
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Whatever octets of a certificate change, it is another one, and nobody vouches for it.
    #[test]
    fn a_damaged_certificate_is_not_trusted(der in damaged(cert(ALICE).encoded().to_vec())) {
        for found in Smime.parse_certs(&der).unwrap_or_default() {
            prop_assert!(found == cert(ALICE) || !is_trusted(&found, &policy()));
        }
    }

    #[test]
    fn damaged_keys_do_not_panic(file in damaged(read(&BOB.smime_p12()))) {
        let _ = Smime.parse_keys(&file, "x", &[], Arc::new(Answers(&["bob"])));
    }

    #[test]
    fn damaged_pem_does_not_panic(file in damaged(read(&BOB.smime_key()))) {
        let _ = Smime.parse_keys(&file, "x", &[cert(BOB)], Arc::new(Answers(&["bob"])));
    }

    #[test]
    fn damaged_lists_do_not_panic(file in damaged(read(&personas::crl()))) {
        let crls = parse_crls(&file).unwrap_or_default();
        let (policy, cert) = (policy(), cert(ALICE));
        let question =
            Question { cert: &cert, address: None, purpose: Purpose::Sign, policy: &policy, helpers: &[], crls: &crls };
        prop_assert!(ANCHORED.judge(&question).is_trusted());
    }

    /// No damage makes somebody else the signer or another text signed.
    #[test]
    fn a_damaged_signature_is_nobody_elses(signature in damaged(detached())) {
        let policy = policy();
        let with = Context { policy: &policy, certs: &NoCerts, keys: &Ring(vec![]) };
        let peeled = Smime.verify(&b"another text".to_vec(), &signature, &with).unwrap();
        for layer in &peeled.layers {
            let Layer::Signed(signatures) = layer else { continue };
            prop_assert!(signatures.iter().all(|signature| signature.check != Check::Valid));
        }
    }

    /// Octets without any form: never an error but a fact, and nothing is released.
    #[test]
    fn noise_opens_to_nothing(noise in prop::collection::vec(any::<u8>(), 0..200)) {
        let (policy, keys, mut sink) = (policy(), Ring(vec![]), MemorySink::new());
        let with = Context { policy: &policy, certs: &NoCerts, keys: &keys };
        Smime.open(&mut &noise[..], &with, &mut sink).unwrap();
        prop_assert_eq!(sink.into_committed(), None);
        Smime.inspect(&mut &noise[..], &policy).unwrap();
    }

    #[test]
    fn damaged_envelopes_do_not_panic(blob in damaged(sealed())) {
        let key: Credential = credential(BOB);
        let (policy, keys, mut sink) = (policy(), Ring(vec![key]), MemorySink::new());
        let with = Context { policy: &policy, certs: &NoCerts, keys: &keys };
        Smime.open(&mut &blob[..], &with, &mut sink).unwrap();
        Smime.inspect(&mut &blob[..], &policy).unwrap();
    }
}

/// Odd certificates of other projects are read or refused, never trusted here.
#[test]
fn certificates_of_other_projects() {
    let Some(vectors) = mailseal_testkit::corpus::vectors() else { return };
    let mut seen = 0;
    for folder in ["pyca-vectors/x509", "pyca-vectors/pkcs7", "openssl-cms/certs", "openssl-cms/smime-certs"] {
        for entry in std::fs::read_dir(vectors.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                seen += look_at(&path);
            }
        }
    }
    assert!(seen > 250, "{seen} certificates");
}

fn look_at(path: &Path) -> usize {
    let found = Smime.parse_certs(&read(path)).unwrap_or_default();
    for cert in &found {
        assert!(!is_trusted(cert, &policy()), "{}", path.display());
        let _ = (cert.names(), cert.addresses(), cert.handles());
    }
    found.len()
}
