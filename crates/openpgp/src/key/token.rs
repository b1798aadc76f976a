//! Secret keys that are kept elsewhere (a token, an agent) as Sequoia's `Signer` and `Decryptor`.

use crate::key::software::field_length;
use crate::names;
use mailseal_core::{DigestSignature, Error, Handle, SecretKey, Unlock};
use sequoia_openpgp::crypto::mem::Protected;
use sequoia_openpgp::crypto::{Decryptor, SessionKey, Signer, ecdh, mpi};
use sequoia_openpgp::packet::Key;
use sequoia_openpgp::packet::key::{PublicParts, UnspecifiedRole};
use sequoia_openpgp::types::{Curve, HashAlgorithm};
use sequoia_openpgp::{Result, anyhow};
use std::sync::Arc;

/// One key of a foreign [`SecretKey`].
pub(crate) struct Token {
    public: Key<PublicParts, UnspecifiedRole>,
    handle: Handle,
    key: Arc<dyn SecretKey>,
}

impl Token {
    pub(crate) fn new(public: Key<PublicParts, UnspecifiedRole>, key: Arc<dyn SecretKey>) -> Token {
        let handle = names::fingerprint(&public.fingerprint());
        Token { public, handle, key }
    }

    /// The signature that is given, whatever it is.
    fn asked(&self, hash: HashAlgorithm, digest: &[u8]) -> Result<mpi::Signature> {
        let name = names::hash(hash).ok_or_else(|| unsupported("the hash"))?;
        let ask = |scheme| self.key.sign(&self.handle, scheme, digest);
        match self.public.mpis() {
            mpi::PublicKey::RSA { .. } => {
                let s = ask(DigestSignature::RsaPkcs1v15 { hash: name })?;
                Ok(mpi::Signature::RSA { s: mpi::MPI::new(&s) })
            }
            mpi::PublicKey::ECDSA { .. } => {
                let (r, s) = halves(&ask(DigestSignature::Ecdsa { hash: name })?)?;
                Ok(mpi::Signature::ECDSA { r, s })
            }
            mpi::PublicKey::EdDSA { curve: Curve::Ed25519, .. } => {
                let (r, s) = halves(&ask(DigestSignature::Ed25519)?)?;
                Ok(mpi::Signature::EdDSA { r, s })
            }
            mpi::PublicKey::Ed25519 { .. } => {
                let s = ask(DigestSignature::Ed25519)?;
                let s: [u8; 64] = s.as_slice().try_into().map_err(|_| length())?;
                Ok(mpi::Signature::Ed25519 { s: Box::new(s) })
            }
            _ => Err(unsupported("the key's signature algorithm")),
        }
    }
}

impl Signer for Token {
    fn public(&self) -> &Key<PublicParts, UnspecifiedRole> {
        &self.public
    }

    fn sign(&mut self, hash: HashAlgorithm, digest: &[u8]) -> Result<mpi::Signature> {
        let signature = self.asked(hash, digest)?;
        // Nothing leaves with a signature that nobody will believe, and none that a fault made, which may give the key away.
        self.public.verify(&signature, hash, digest).map_err(|_| wrong("the answer is no signature of the key"))?;
        Ok(signature)
    }
}

impl Decryptor for Token {
    fn public(&self) -> &Key<PublicParts, UnspecifiedRole> {
        &self.public
    }

    fn decrypt(&mut self, ciphertext: &mpi::Ciphertext, length: Option<usize>) -> Result<SessionKey> {
        let ask = |what: Unlock<'_>| self.key.unlock(&self.handle, what);
        match (self.public.mpis(), ciphertext) {
            (mpi::PublicKey::RSA { .. }, mpi::Ciphertext::RSA { c }) => {
                let ciphertext = c.value_padded(field_length(&self.public))?;
                let plain = ask(Unlock::RsaPkcs1v15 { ciphertext: &ciphertext })?;
                Ok(SessionKey::from(plain.as_slice()))
            }
            (mpi::PublicKey::ECDH { curve, .. }, mpi::Ciphertext::ECDH { e, .. }) => {
                let public = match curve {
                    Curve::Cv25519 => e.decode_point(curve)?.0,
                    _ => e.value(),
                };
                let shared = ask(Unlock::Agree { public })?;
                ecdh::decrypt_unwrap(&self.public, &Protected::from(shared.as_slice()), ciphertext, length)
            }
            _ => Err(unsupported("the key's encryption algorithm")),
        }
    }
}

/// `r || s` as two integers.
fn halves(signature: &[u8]) -> Result<(mpi::MPI, mpi::MPI)> {
    if signature.is_empty() || !signature.len().is_multiple_of(2) {
        return Err(length());
    }
    let (r, s) = signature.split_at(signature.len() / 2);
    Ok((mpi::MPI::new(r), mpi::MPI::new(s)))
}

fn unsupported(what: &str) -> anyhow::Error {
    Error::Unsupported(format!("{what} with a key that is kept elsewhere")).into()
}

fn length() -> anyhow::Error {
    wrong("the answer has a wrong length")
}

fn wrong(why: &str) -> anyhow::Error {
    Error::Key(why.to_owned()).into()
}
