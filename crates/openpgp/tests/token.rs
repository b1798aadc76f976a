//! Secret keys that are kept elsewhere: a token that only answers to the seam.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

mod common;

use common::{Store, cert, checks, credential, encrypt, generate, shape, sign};
use mailseal_core::{Check, Credential, DigestSignature, Error, Handle, SecretKey, Unlock};
use sequoia_openpgp as openpgp;
use sequoia_openpgp::cert::CipherSuite;
use sequoia_openpgp::crypto::mpi::{PublicKey, SecretKeyMaterial};
use sequoia_openpgp::types::Curve;
use std::any::Any;
use std::sync::Arc;
use zeroize::Zeroizing;

const TEXT: &[u8] = b"Content-Type: text/plain\r\n\r\nHello\r\n";

/// Holds a software key out of reach: what comes through is the seam alone.
struct Token {
    inside: Credential,
    /// The scalar of its ECDH key, which the software key does not use by the seam.
    agreement: Option<Agreement>,
}

enum Agreement {
    P256(p256::SecretKey),
    X25519(x25519_dalek::StaticSecret),
}

impl SecretKey for Token {
    fn sign(&self, key: &Handle, scheme: DigestSignature, digest: &[u8]) -> Result<Vec<u8>, Error> {
        self.inside.key.sign(key, scheme, digest)
    }

    fn unlock(&self, key: &Handle, what: Unlock<'_>) -> Result<Zeroizing<Vec<u8>>, Error> {
        match (what, &self.agreement) {
            (Unlock::Agree { public }, Some(Agreement::X25519(secret))) => {
                let public: [u8; 32] = public.try_into().map_err(|_| Error::Key("a wrong length".to_owned()))?;
                Ok(Zeroizing::new(secret.diffie_hellman(&public.into()).to_bytes().to_vec()))
            }
            (Unlock::Agree { public }, Some(Agreement::P256(secret))) => {
                let public = p256::PublicKey::from_sec1_bytes(public).map_err(|error| Error::Key(error.to_string()))?;
                let shared = p256::ecdh::diffie_hellman(secret.to_nonzero_scalar(), public.as_affine());
                Ok(Zeroizing::new(shared.raw_secret_bytes().to_vec()))
            }
            _ => self.inside.key.unlock(key, what),
        }
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

fn token(key: &openpgp::Cert) -> Credential {
    let agreement = key.keys().subkeys().secret().find_map(|subkey| {
        let openpgp::packet::key::SecretKeyMaterial::Unencrypted(secret) = subkey.key().secret() else { return None };
        secret.map(|secret| match (subkey.key().mpis(), secret) {
            (PublicKey::ECDH { curve: Curve::NistP256, .. }, SecretKeyMaterial::ECDH { scalar }) => {
                Some(Agreement::P256(p256::SecretKey::from_slice(&scalar.value_padded(32)).unwrap()))
            }
            (PublicKey::ECDH { curve: Curve::Cv25519, .. }, SecretKeyMaterial::ECDH { scalar }) => {
                let mut octets: [u8; 32] = scalar.value_padded(32)[..].try_into().unwrap();
                octets.reverse();
                Some(Agreement::X25519(octets.into()))
            }
            _ => None,
        })
    });
    let inside = credential(key);
    Credential { cert: inside.cert.clone(), key: Arc::new(Token { inside, agreement }) }
}

#[test]
fn a_token_signs() {
    for suite in [CipherSuite::Cv25519, CipherSuite::RSA2k, CipherSuite::P256, CipherSuite::P384] {
        let alice = generate("alice@example.org", suite);
        let (_, signature) = sign(TEXT, &[token(&alice)]);
        assert_eq!(checks(&Store::of(&[&alice]).verify(TEXT, &signature)), [Check::Valid], "{suite:?}");
    }
    let profile = openpgp::Profile::RFC9580;
    let alice = common::builder("alice@example.org").set_profile(profile).unwrap().generate().unwrap().0;
    let (_, signature) = sign(TEXT, &[token(&alice)]);
    assert_eq!(checks(&Store::of(&[&alice]).verify(TEXT, &signature)), [Check::Valid]);
}

/// A token that is confused, or that somebody put in the place of the right one: nothing is sent with its signature.
#[test]
fn a_token_that_signs_with_another_key() {
    use mailseal_core::Protocol;
    struct Other(Arc<dyn SecretKey>, Handle);
    impl SecretKey for Other {
        fn sign(&self, _: &Handle, scheme: DigestSignature, digest: &[u8]) -> Result<Vec<u8>, Error> {
            self.0.sign(&self.1, scheme, digest)
        }
        fn unlock(&self, _: &Handle, _: Unlock<'_>) -> Result<Zeroizing<Vec<u8>>, Error> {
            Err(Error::Key("no card".to_owned()))
        }
        fn as_any(&self) -> &dyn Any {
            self
        }
    }
    for suite in [CipherSuite::Cv25519, CipherSuite::RSA2k, CipherSuite::P256] {
        let (alice, mallory) =
            (generate("alice@example.org", suite), credential(&generate("mallory@example.org", suite)));
        let signs = mallory.cert.fingerprint().clone();
        let other = Credential { cert: cert(&alice), key: Arc::new(Other(mallory.key, signs)) };
        let mut out = Vec::new();
        let failed = mailseal_openpgp::OpenPgp.sign(&TEXT.to_vec(), &[other], &common::policy(), &mut out);
        assert!(matches!(&failed, Err(Error::Key(why)) if why.contains("no signature of the key")), "{failed:?}");
        assert!(out.is_empty());
    }
}

#[test]
fn a_token_decrypts() {
    for suite in [CipherSuite::RSA2k, CipherSuite::P256, CipherSuite::Cv25519] {
        let alice = generate("alice@example.org", suite);
        let blob = encrypt(TEXT, &[cert(&alice)], &[token(&alice)]);
        let store = Store { certs: vec![cert(&alice)], keys: vec![token(&alice)], ..Store::default() };
        let (peeled, text) = store.open(&blob);
        assert_eq!(text.as_deref(), Some(TEXT), "{suite:?} {peeled:?}");
        assert_eq!(shape(&peeled), ["encrypted Done", "signed 1"]);
        assert_eq!(checks(&peeled), [Check::Valid]);
    }
}

/// A ciphertext with bad padding has an answer like any other, the same each time.
#[test]
fn rsa_by_the_seam_rejects_implicitly() {
    let alice = generate("alice@example.org", CipherSuite::RSA2k);
    let software = credential(&alice);
    let subkey = alice.keys().subkeys().next().unwrap().key().fingerprint();
    let handle = Handle::Fingerprint(subkey.as_bytes().to_vec());
    let ask = |octet| {
        let ciphertext = [octet; 256];
        software.key.unlock(&handle, Unlock::RsaPkcs1v15 { ciphertext: &ciphertext }).unwrap()
    };
    assert_eq!(ask(7), ask(7));
    assert_ne!(ask(7), ask(8));
}

/// What a token says goes to the caller as it is; while opening it is one word.
#[test]
fn a_token_that_refuses() {
    struct Refuses;
    impl SecretKey for Refuses {
        fn sign(&self, _: &Handle, _: DigestSignature, _: &[u8]) -> Result<Vec<u8>, Error> {
            Err(Error::Locked("card".to_owned()))
        }
        fn unlock(&self, _: &Handle, _: Unlock<'_>) -> Result<Zeroizing<Vec<u8>>, Error> {
            Err(Error::Key("no card".to_owned()))
        }
        fn as_any(&self) -> &dyn Any {
            self
        }
    }
    use mailseal_core::Protocol;
    let alice = generate("alice@example.org", CipherSuite::RSA2k);
    let refuses = Credential { cert: cert(&alice), key: Arc::new(Refuses) };
    let mut out = Vec::new();
    let by = [refuses.clone()];
    let failed = mailseal_openpgp::OpenPgp.sign(&TEXT.to_vec(), &by, &common::policy(), &mut out);
    assert!(matches!(&failed, Err(Error::Locked(name)) if name == "card"), "{failed:?}");

    let blob = encrypt(TEXT, &[cert(&alice)], &[]);
    let (peeled, text) = Store { certs: vec![], keys: vec![refuses], ..Store::default() }.open(&blob);
    assert_eq!((shape(&peeled), text), (vec!["encrypted Failed".to_owned()], None));
}
