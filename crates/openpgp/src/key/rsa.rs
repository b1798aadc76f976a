//! RSA signatures with the prime factors of the modulus (RFC 9580 §5.5.5.1).
//!
//! The OpenSSL back end of sequoia-openpgp 2.4.2 leaves the factors unused, so that its private operation takes several times as
//! long. Decryption stays with Sequoia: what its timing tells of a padding was measured as it is.

use crypto_bigint::{BoxedUint, NonZero};
use mailseal_core::Error;
use ossl::pkey::{EvpPkey, EvpPkeyType, PkeyData, RsaData};
use ossl::signature::{OsslSignature, SigAlg, SigOp};
use ossl::{OsslContext, OsslSecret};
use sequoia_openpgp::Result;
use sequoia_openpgp::crypto::{KeyPair, Signer, mpi};
use sequoia_openpgp::packet::Key;
use sequoia_openpgp::packet::key::{PublicParts, UnspecifiedRole};
use sequoia_openpgp::types::HashAlgorithm;
use std::sync::OnceLock;
use zeroize::Zeroizing;

/// What signs with this key: with its factors where it is RSA and they are usable.
pub(crate) fn signer(pair: KeyPair) -> Box<dyn Signer + Send + Sync> {
    match Factored::of(&pair) {
        Some(factored) => Box::new(factored),
        None => Box::new(pair),
    }
}

/// An RSA key with its factors.
struct Factored {
    public: Key<PublicParts, UnspecifiedRole>,
    key: EvpPkey,
}

impl Factored {
    fn of(pair: &KeyPair) -> Option<Factored> {
        let mpi::PublicKey::RSA { e, n } = pair.public().mpis() else { return None };
        let kind = EvpPkeyType::Rsa(n.bits(), e.value().to_vec());
        let data = pair.secret().map(|secret| match secret {
            mpi::SecretKeyMaterial::RSA { d, p, q, u } => {
                let secret = |octets: &[u8]| Some(OsslSecret::from_slice(octets));
                // OpenSSL wants the inverse of the second factor modulo the first, and u is that of p modulo q.
                Some(RsaData {
                    n: n.value().to_vec(),
                    d: secret(d.value()),
                    p: secret(q.value()),
                    q: secret(p.value()),
                    a: secret(&exponent(d.value(), q.value())?),
                    b: secret(&exponent(d.value(), p.value())?),
                    c: secret(u.value()),
                })
            }
            _ => None,
        })?;
        let key = EvpPkey::import(context()?, kind, PkeyData::Rsa(data)).ok()?;
        Some(Factored { public: pair.public().clone(), key })
    }
}

impl Signer for Factored {
    fn public(&self) -> &Key<PublicParts, UnspecifiedRole> {
        &self.public
    }

    /// A signature that does not verify is not given away: with one of wrong factors or a fault, the others could be computed.
    fn sign(&mut self, hash: HashAlgorithm, digest: &[u8]) -> Result<mpi::Signature> {
        let failed = |error: ossl::Error| Error::Key(format!("OpenSSL: {error:?}"));
        let info = [hash.oid()?, digest].concat();
        let context = context().ok_or_else(|| Error::Key("OpenSSL has no context".to_owned()))?;
        let mut signer = OsslSignature::new(context, SigOp::Sign, SigAlg::Rsa, &self.key, None).map_err(failed)?;
        let mut signature = vec![0; signer.sign(&info, None).map_err(failed)?];
        let length = signer.sign(&info, Some(&mut signature)).map_err(failed)?;
        signature.truncate(length);
        let signature = mpi::Signature::RSA { s: mpi::MPI::new(&signature) };
        self.public.verify(&signature, hash, digest)?;
        Ok(signature)
    }
}

/// `d` modulo `prime - 1`, in constant time.
fn exponent(d: &[u8], prime: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let mut less = Zeroizing::new(prime.to_vec());
    let last = less.last_mut().filter(|octet| **octet & 1 == 1)?;
    *last ^= 1;
    let number = |octets: &[u8]| {
        let bits = u32::try_from(octets.len()).ok()?.checked_mul(8)?;
        BoxedUint::from_be_slice(octets, bits).ok().map(Zeroizing::new)
    };
    let less = Option::<NonZero<BoxedUint>>::from(NonZero::new((*number(&less)?).clone()))?;
    let remainder = Zeroizing::new(number(d)?.rem(&less));
    Some(Zeroizing::new(remainder.to_be_bytes().into_vec()))
}

/// OpenSSL's state for this module.
fn context() -> Option<&'static OsslContext> {
    static CONTEXT: OnceLock<Option<OsslContext>> = OnceLock::new();
    CONTEXT.get_or_init(|| OsslContext::new_lib_ctx_checked().ok()).as_ref()
}

#[cfg(test)]
mod tests {
    use super::*;
    use sequoia_openpgp::packet::key::{Key4, SecretParts};

    fn pair() -> KeyPair {
        let key: Key<SecretParts, UnspecifiedRole> = Key4::generate_rsa(2048).map(Key::from).expect("a key");
        key.into_keypair().expect("it is not locked")
    }

    /// PKCS#1 v1.5 has one signature for a digest, with the factors or without.
    #[test]
    fn the_signature_is_the_same() {
        let mut plain = pair();
        let mut factored = Factored::of(&plain).expect("the factors fit");
        for (hash, length) in [(HashAlgorithm::SHA256, 32), (HashAlgorithm::SHA512, 64), (HashAlgorithm::SHA1, 20)] {
            let digest = vec![7; length];
            assert_eq!(factored.sign(hash, &digest).expect("signs"), plain.sign(hash, &digest).expect("signs"));
        }
    }

    /// A secret with one wrong factor, exponent or coefficient signs right or not at all.
    #[test]
    fn wrong_numbers_give_nothing_away() {
        let good = pair();
        let changed = |number: &mpi::ProtectedMPI, is_it: bool| {
            let mut octets = number.value().to_vec();
            let middle = octets.len() / 2;
            octets[middle] ^= u8::from(is_it);
            mpi::ProtectedMPI::from(octets)
        };
        for which in 0..4 {
            let secret = good.secret().map(|secret| match secret {
                mpi::SecretKeyMaterial::RSA { d, p, q, u } => mpi::SecretKeyMaterial::RSA {
                    d: changed(d, which == 0),
                    p: changed(p, which == 1),
                    q: changed(q, which == 2),
                    u: changed(u, which == 3),
                },
                other => other.clone(),
            });
            let bad = KeyPair::new(good.public().clone(), secret.into()).expect("a pair");
            let Some(mut factored) = Factored::of(&bad) else { continue };
            if let Ok(signature) = factored.sign(HashAlgorithm::SHA256, &[7; 32]) {
                good.public().verify(&signature, HashAlgorithm::SHA256, &[7; 32]).expect("it is right");
            }
        }
    }
}
