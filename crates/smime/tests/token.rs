//! A key behind the seam (a token, an agent) does all that a key in memory does.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod common;

use common::{Ring, cert, credential, policy};
use mailseal_core::{
    Check, Context, Credential, Decryption, DigestSignature, Error, Handle, Layer, MemorySink, NoCerts, Protocol,
    SecretKey, Unlock,
};
use mailseal_smime::Smime;
use mailseal_testkit::personas::{ALICE, BOB, HEIDI, Persona};
use std::any::Any;
use std::sync::Arc;
use zeroize::Zeroizing;

/// Passes everything on, and is of no type that the protocol knows. Locked, it says so.
struct Token {
    inside: Credential,
    locked: bool,
}

impl Token {
    fn check(&self, key: &Handle) -> Result<(), Error> {
        assert!(self.inside.cert.answers_to(key));
        if self.locked { Err(Error::Locked("token".into())) } else { Ok(()) }
    }
}

impl SecretKey for Token {
    fn sign(&self, key: &Handle, scheme: DigestSignature, digest: &[u8]) -> Result<Vec<u8>, Error> {
        self.check(key)?;
        self.inside.key.sign(key, scheme, digest)
    }

    fn unlock(&self, key: &Handle, what: Unlock<'_>) -> Result<Zeroizing<Vec<u8>>, Error> {
        self.check(key)?;
        self.inside.key.unlock(key, what)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

fn token(persona: Persona, locked: bool) -> Credential {
    let inside = credential(persona);
    Credential { cert: inside.cert.clone(), key: Arc::new(Token { inside, locked }) }
}

const TEXT: &[u8] = b"Content-Type: text/plain\r\n\r\nHello\r\n";

#[test]
fn a_token_signs() {
    for persona in [ALICE, BOB, HEIDI] {
        let mut signature = Vec::new();
        Smime.sign(&TEXT.to_vec(), &[token(persona, false)], &policy(), &mut signature).unwrap();
        let policy = policy();
        let with = Context { policy: &policy, certs: &NoCerts, keys: &Ring(vec![]) };
        let peeled = Smime.verify(&TEXT.to_vec(), &signature, &with).unwrap();
        let Layer::Signed(signatures) = &peeled.layers[0] else { panic!("{peeled:?}") };
        assert_eq!(signatures[0].check, Check::Valid, "{:?}", signatures[0].detail);

        let locked = Smime.sign(&TEXT.to_vec(), &[token(persona, true)], &policy, &mut Vec::new());
        assert!(matches!(locked, Err(Error::Locked(name)) if name == "token"));
    }
}

#[test]
fn a_token_opens() {
    for persona in [ALICE, BOB] {
        let mut blob = Vec::new();
        Smime.encrypt(&TEXT.to_vec(), &[cert(persona)], &[], &policy(), &mut blob).unwrap();
        let open = |key: Credential| {
            let (policy, keys, mut sink) = (policy(), Ring(vec![key]), MemorySink::new());
            let with = Context { policy: &policy, certs: &NoCerts, keys: &keys };
            let peeled = Smime.open(&mut &blob[..], &with, &mut sink).unwrap();
            let Layer::Encrypted(encryption) = &peeled.layers[0] else { panic!("{peeled:?}") };
            (encryption.decryption, sink.into_committed())
        };
        assert_eq!(open(token(persona, false)), (Decryption::Done, Some(TEXT.to_vec())));
        assert_eq!(open(token(persona, true)), (Decryption::Locked, None), "{}", persona.name);
    }
}
