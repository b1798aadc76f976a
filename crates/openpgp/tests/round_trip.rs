//! What we write we read, with every kind of key.

mod common;

use common::{NOW, Store, at, cert, checks, credential, encrypt, generate, shape, sign, signatures};
use mailseal_core::{Check, Error, Handle, Integrity, Layer, Protocol, Purpose};
use mailseal_openpgp::OpenPgp;
use sequoia_openpgp::Profile;
use sequoia_openpgp::cert::CipherSuite;

const TEXT: &[u8] = b"Content-Type: text/plain\r\n\r\nHello Bob\r\n";

/// R30 to R34: armored, detached, SHA-256, micalg says so.
#[test]
fn signs_and_verifies_detached() {
    for suite in [CipherSuite::Cv25519, CipherSuite::RSA2k, CipherSuite::P256] {
        let alice = generate("alice@example.org", suite);
        let (micalg, signature) = sign(TEXT, &[credential(&alice)]);
        assert_eq!(micalg, "pgp-sha256");
        assert!(signature.starts_with(b"-----BEGIN PGP SIGNATURE-----"));

        let store = Store::of(&[&alice]);
        let peeled = store.verify(TEXT, &signature);
        assert_eq!(checks(&peeled), [Check::Valid], "{peeled:?}");
        let fact = &signatures(&peeled)[0];
        assert_eq!(fact.signed_at, Some(at(NOW)));
        assert_eq!(fact.hash, Some("sha256"));
        assert_eq!(fact.signer.as_ref(), Some(&cert(&alice)));

        assert_eq!(checks(&store.verify(b"something else", &signature)), [Check::DigestMismatch]);
        let peeled = Store::default().verify(TEXT, &signature);
        assert_eq!(checks(&peeled), [Check::CertificateMissing]);
        assert!(!peeled.wanted.is_empty());
    }
}

/// R31: a key that is stronger than SHA-256 makes everybody use SHA-512.
#[test]
fn strong_keys_sign_with_sha512() {
    let alice = generate("alice@example.org", CipherSuite::P384);
    let bob = generate("bob@example.org", CipherSuite::Cv25519);
    let (micalg, signature) = sign(TEXT, &[credential(&alice), credential(&bob)]);
    assert_eq!(micalg, "pgp-sha512");
    let peeled = Store::of(&[&alice, &bob]).verify(TEXT, &signature);
    assert_eq!(checks(&peeled), [Check::Valid, Check::Valid]);
}

/// R38: each signature is reported by itself.
#[test]
fn reports_each_signature() {
    let alice = generate("alice@example.org", CipherSuite::Cv25519);
    let bob = generate("bob@example.org", CipherSuite::RSA2k);
    let (_, signature) = sign(TEXT, &[credential(&alice), credential(&bob)]);
    let peeled = Store::of(&[&alice]).verify(TEXT, &signature);
    let mut found = checks(&peeled);
    found.sort_by_key(|check| format!("{check:?}"));
    assert_eq!(found, [Check::CertificateMissing, Check::Valid]);
}

/// R35: signed and encrypted in one, the signature inside, meant for both recipients.
#[test]
fn encrypts_with_the_signature_inside() {
    for suite in [CipherSuite::Cv25519, CipherSuite::RSA2k, CipherSuite::P256] {
        let alice = generate("alice@example.org", suite);
        let bob = generate("bob@example.org", suite);
        let blob = encrypt(TEXT, &[cert(&alice), cert(&bob)], &[credential(&alice)]);
        assert!(blob.starts_with(b"-----BEGIN PGP MESSAGE-----"));

        let mut store = Store::of(&[&alice, &bob]);
        store.keys.remove(0);
        let (peeled, text) = store.open(&blob);
        assert_eq!(text.as_deref(), Some(TEXT), "{peeled:?}");
        assert_eq!(shape(&peeled), ["encrypted Done", "signed 1"]);
        assert_eq!(checks(&peeled), [Check::Valid]);
        let meant: Vec<Handle> = [&alice, &bob].map(|key| cert(key).fingerprint().clone()).to_vec();
        assert_eq!(signatures(&peeled)[0].intended_recipients, meant);

        let (peeled, text) = Store::of(&[&generate("eve@example.org", suite)]).open(&blob);
        assert_eq!((shape(&peeled), text), (vec!["encrypted NoKey".to_owned()], None));
        assert_eq!(peeled.wanted.len(), 2);
    }
}

/// SEIPD version 2 only if every recipient announces it; `choose` says beforehand what `encrypt` does.
#[test]
fn packet_version_follows_the_recipients() {
    let new = common::builder("new@example.org").set_profile(Profile::RFC9580).unwrap().generate().unwrap().0;
    let old = common::builder("old@example.org").set_profile(Profile::RFC4880).unwrap();
    let old = old.set_features(sequoia_openpgp::types::Features::empty().set_seipdv1()).unwrap().generate().unwrap().0;

    for (to, integrity) in
        [(vec![&new], Integrity::Aead), (vec![&new, &old], Integrity::Mdc), (vec![&old], Integrity::Mdc)]
    {
        let certs: Vec<_> = to.iter().map(|key| cert(key)).collect();
        let chosen = OpenPgp.choose(&certs, &common::policy()).unwrap();
        let blob = encrypt(TEXT, &certs, &[credential(&new)]);
        for key in &to {
            let mut store = Store::of(&[key]);
            store.certs.push(cert(&new));
            let (peeled, text) = store.open(&blob);
            assert_eq!(text.as_deref(), Some(TEXT));
            let Layer::Encrypted(encryption) = &peeled.layers[0] else { panic!("{peeled:?}") };
            assert_eq!(encryption.integrity, Some(integrity));
            assert_eq!(encryption.cipher.as_deref(), Some(chosen.cipher.as_str()));
            assert_eq!(checks(&peeled), [Check::Valid]);
        }
    }
}

#[test]
fn misuse_has_its_error() {
    let alice = generate("alice@example.org", CipherSuite::Cv25519);
    let mut out = Vec::new();
    let policy = common::policy();
    assert!(matches!(OpenPgp.sign(&TEXT.to_vec(), &[], &policy, &mut out), Err(Error::Misuse(_))));
    assert!(matches!(OpenPgp.encrypt(&TEXT.to_vec(), &[], &[], &policy, &mut out), Err(Error::Misuse(_))));
    let alone = [credential(&alice)];
    assert!(matches!(OpenPgp.sign_opaque(&TEXT.to_vec(), &alone, &policy, &mut out), Err(Error::Unsupported(_))));
    assert!(out.is_empty());
    assert_eq!(OpenPgp.usable(&cert(&alice), Purpose::Encrypt, &policy), Ok(()));
}
