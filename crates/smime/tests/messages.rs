//! Signed messages, by ourselves and by openssl, both ways.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod common;

use common::{Ring, cert, certs, credential, policy, read};
use mailseal_core::Protocol;
use mailseal_core::{
    Check, Context, Decryption, Error, Layer, MemorySink, NoCerts, NoKeys, Peeled, Purpose, Reason, Signature,
};
use mailseal_smime::Smime;
use mailseal_testkit::personas::{self, ALICE, BOB, EXPIRED, HEIDI, IVAN, IVAN_READS};
use mailseal_testkit::program::Program;

const TEXT: &[u8] = b"Content-Type: text/plain\r\n\r\nHello, Dave\r\n";

fn verify(content: &[u8], signature: &[u8]) -> Peeled {
    let policy = policy();
    let with = Context { policy: &policy, certs: &NoCerts, keys: &NoKeys };
    Smime.verify(&content.to_vec(), signature, &with).unwrap()
}

fn signatures(peeled: &Peeled) -> &[Signature] {
    match &peeled.layers[..] {
        [Layer::Signed(signatures)] => signatures,
        layers => panic!("{layers:?}"),
    }
}

/// R45, R47: two signers, each by itself; time, algorithms and certificates are reported.
#[test]
fn detached_signature_of_two() {
    let by = [credential(ALICE), credential(BOB)];
    let mut out = Vec::new();
    let signed = Smime.sign(&TEXT.to_vec(), &by, &policy(), &mut out).unwrap();
    assert_eq!(signed.micalg, "sha-256");

    let peeled = verify(TEXT, &out);
    let facts: Vec<_> = signatures(&peeled)
        .iter()
        .map(|s| (s.check, s.algorithm.as_deref(), s.hash, s.signed_at, s.signer.clone()))
        .collect();
    let now = Some(personas::now());
    assert!(facts.contains(&(Check::Valid, Some("rsa"), Some("sha256"), now, Some(cert(ALICE)))));
    assert!(facts.contains(&(Check::Valid, Some("ecdsa"), Some("sha256"), now, Some(cert(BOB)))));
    let intermediate = certs(&personas::intermediate()).remove(0);
    assert!(peeled.certs.contains(&cert(ALICE)) && peeled.certs.contains(&intermediate));

    let altered = verify(b"Content-Type: text/plain\r\n\r\nHello, Eve\r\n", &out);
    assert!(signatures(&altered).iter().all(|signature| signature.check == Check::DigestMismatch));
}

/// RFC 8419 §3.1, RFC 8551 §3.5.3.2: Ed25519 signs with SHA-512, and micalg names every hash.
#[test]
fn ed25519_and_another() {
    let mut out = Vec::new();
    let signed = Smime.sign(&TEXT.to_vec(), &[credential(HEIDI), credential(BOB)], &policy(), &mut out).unwrap();
    assert_eq!(signed.micalg, "sha-256,sha-512");
    let peeled = verify(TEXT, &out);
    let facts: Vec<_> = signatures(&peeled).iter().map(|s| (s.check, s.algorithm.as_deref(), s.hash)).collect();
    assert!(facts.contains(&(Check::Valid, Some("ed25519"), Some("sha512"))), "{facts:?}");
    assert!(facts.contains(&(Check::Valid, Some("ecdsa"), Some("sha256"))), "{facts:?}");
    assert_eq!(Smime.sign(&TEXT.to_vec(), &[credential(HEIDI)], &policy(), &mut out).unwrap().micalg, "sha-512");
}

/// RFC 9882, RFC 9881: ML-DSA-65, by a key from PKCS#12 and PKCS#8 that is found by its public half.
#[test]
fn ml_dsa() {
    let mut out = Vec::new();
    assert_eq!(Smime.sign(&TEXT.to_vec(), &[credential(IVAN)], &policy(), &mut out).unwrap().micalg, "sha-512");
    let peeled = verify(TEXT, &out);
    let facts: Vec<_> = signatures(&peeled).iter().map(|s| (s.check, s.algorithm.as_deref(), s.hash)).collect();
    assert_eq!(facts, [(Check::Valid, Some("ml-dsa-65"), Some("sha512"))]);
    assert_eq!(Smime.usable(&cert(IVAN), Purpose::Encrypt, &policy()), Err(Reason::Usage));
}

/// RFC 9936, RFC 9935: ML-KEM-768, by a key that is found by its public half; to it is encrypted and nothing else.
#[test]
fn ml_kem() {
    let (mut blob, mut sink, policy) = (Vec::new(), MemorySink::new(), policy());
    Smime.encrypt(&TEXT.to_vec(), &[cert(IVAN_READS), cert(BOB)], &[], &policy, &mut blob).unwrap();
    let keys = Ring(vec![credential(IVAN_READS)]);
    let with = Context { policy: &policy, certs: &NoCerts, keys: &keys };
    let peeled = Smime.open(&mut &blob[..], &with, &mut sink).unwrap();
    let Layer::Encrypted(encryption) = &peeled.layers[0] else { panic!("{peeled:?}") };
    assert_eq!((encryption.decryption, sink.into_committed()), (Decryption::Done, Some(TEXT.to_vec())));
    assert_eq!(Smime.usable(&cert(IVAN_READS), Purpose::Encrypt, &policy), Ok(()));
    assert_eq!(Smime.usable(&cert(IVAN_READS), Purpose::Sign, &policy), Err(Reason::Usage));
}

/// Broken and empty signatures are facts, not errors, and never valid.
#[test]
fn broken_signatures_are_facts() {
    let mut good = Vec::new();
    Smime.sign(&TEXT.to_vec(), &[credential(BOB)], &policy(), &mut good).unwrap();
    for bad in [&b""[..], b"hello", &good[..good.len() - 1], &[good.clone(), vec![0]].concat()] {
        assert_eq!(signatures(&verify(TEXT, bad))[0].check, Check::Malformed);
    }
}

/// RFC 8550 §4.4: who may not sign is not let to.
#[test]
fn an_expired_certificate_cannot_sign() {
    let result = Smime.sign(&TEXT.to_vec(), &[credential(EXPIRED)], &policy(), &mut Vec::new());
    assert!(matches!(result, Err(Error::CannotSign { why, .. }) if why == "expired"));
}

#[test]
fn openssl_reads_what_we_sign() {
    let folder = tempfile::tempdir().unwrap();
    let [content, signature] = ["content", "signature"].map(|name| folder.path().join(name));
    std::fs::write(&content, TEXT).unwrap();
    for persona in [ALICE, BOB] {
        let mut out = Vec::new();
        Smime.sign(&TEXT.to_vec(), &[credential(persona)], &policy(), &mut out).unwrap();
        std::fs::write(&signature, &out).unwrap();
        let Some(openssl) = Program::find("openssl") else { return };
        let verified = openssl
            .args(["cms", "-verify", "-binary", "-cades", "-purpose", "smimesign", "-attime", "1780272000"])
            .args(["-inform", "DER", "-in"])
            .arg(&signature)
            .arg("-content")
            .arg(&content)
            .arg("-CAfile")
            .arg(personas::root())
            .succeed();
        assert_eq!(verified, TEXT);

        let mut out = Vec::new();
        Smime.sign_opaque(&TEXT.to_vec(), &[credential(persona)], &policy(), &mut out).unwrap();
        std::fs::write(&signature, &out).unwrap();
        let Some(openssl) = Program::find("openssl") else { return };
        let verified = openssl
            .args(["cms", "-verify", "-binary", "-purpose", "smimesign", "-attime", "1780272000"])
            .args(["-inform", "DER", "-in"])
            .arg(&signature)
            .arg("-CAfile")
            .arg(personas::root())
            .succeed();
        assert_eq!(verified, TEXT);
    }
}

#[test]
fn we_read_what_openssl_signs() {
    let folder = tempfile::tempdir().unwrap();
    let content = folder.path().join("content");
    std::fs::write(&content, TEXT).unwrap();
    let variants: [(personas::Persona, &[&str], &str); 3] = [
        (ALICE, &[], "rsa"),
        (ALICE, &["-keyopt", "rsa_padding_mode:pss"], "rsa-pss"),
        (BOB, &["-md", "sha512"], "ecdsa"),
    ];
    for (persona, options, algorithm) in variants {
        let Some(openssl) = Program::find("openssl") else { return };
        let signature = openssl
            .args(["cms", "-sign", "-binary", "-outform", "DER", "-in"])
            .arg(&content)
            .arg("-signer")
            .arg(persona.smime_cert())
            .arg("-inkey")
            .arg(persona.smime_key())
            .args(options)
            .succeed();
        let peeled = verify(TEXT, &signature);
        let found = &signatures(&peeled)[0];
        assert_eq!((found.check, found.algorithm.as_deref()), (Check::Valid, Some(algorithm)), "{:?}", found.detail);
        assert_eq!(found.signer, Some(cert(persona)));
    }
}

/// A signature without the signer's certificate says which one is wanted.
#[test]
fn a_missing_certificate_is_wanted() {
    let folder = tempfile::tempdir().unwrap();
    let content = folder.path().join("content");
    std::fs::write(&content, TEXT).unwrap();
    let Some(openssl) = Program::find("openssl") else { return };
    let signature = openssl
        .args(["cms", "-sign", "-binary", "-nocerts", "-outform", "DER", "-in"])
        .arg(&content)
        .arg("-signer")
        .arg(BOB.smime_cert())
        .arg("-inkey")
        .arg(BOB.smime_key())
        .succeed();
    let peeled = verify(TEXT, &signature);
    assert_eq!(signatures(&peeled)[0].check, Check::CertificateMissing);
    assert!(peeled.wanted.iter().all(|handle| cert(BOB).answers_to(handle)) && !peeled.wanted.is_empty());
    assert_eq!(read(&content), TEXT);
}
