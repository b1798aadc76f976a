//! RSA with the prime factors of the modulus (RFC 9580 §5.5.5.1).
//!
//! The OpenSSL back end of sequoia-openpgp 2.4.2 leaves the factors unused, so that its private operation takes several times as
//! long.

use crate::key::eme;
use crate::key::software::field_length;
use crate::key::unseal::{Unseal, Unsealed};
use crypto_bigint::{BoxedUint, NonZero};
use mailseal_core::Error;
use ossl::asymcipher::{EncAlg, EncOp, OsslAsymcipher, rsa_enc_params};
use ossl::pkey::{EvpPkey, EvpPkeyType, PkeyData, RsaData};
use ossl::signature::{OsslSignature, SigAlg, SigOp};
use ossl::{OsslContext, OsslSecret};
use sequoia_openpgp::Result;
use sequoia_openpgp::crypto::{self, KeyPair, Signer, mpi};
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

/// What decrypts with this key: with its factors where it is RSA and they are usable.
pub(crate) fn decryptor(pair: KeyPair) -> Box<dyn Unseal> {
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
        let info = [hash.oid()?, digest].concat();
        let mut signer =
            OsslSignature::new(needed_context()?, SigOp::Sign, SigAlg::Rsa, &self.key, None).map_err(failed)?;
        let mut signature = vec![0; signer.sign(&info, None).map_err(failed)?];
        let length = signer.sign(&info, Some(&mut signature)).map_err(failed)?;
        signature.truncate(length);
        let signature = mpi::Signature::RSA { s: mpi::MPI::new(&signature) };
        self.public.verify(&signature, hash, digest)?;
        Ok(signature)
    }
}

impl Unseal for Factored {
    fn public(&self) -> &Key<PublicParts, UnspecifiedRole> {
        &self.public
    }

    /// OpenSSL blinds the operation, verifies the blinded result against the ciphertext, since wrong factors or a fault would
    /// tell the others, and takes no padding off. Its errors depend on the ciphertext alone.
    fn unseal(&mut self, ciphertext: &mpi::Ciphertext, length: Option<usize>) -> Result<Unsealed> {
        let mpi::Ciphertext::RSA { c } = ciphertext else {
            return Err(Error::Unsupported("the ciphertext is not RSA".to_owned()).into());
        };
        let mut made_up = Zeroizing::new([0; 32]);
        crypto::random(made_up.as_mut_slice())?;
        let mut block = Zeroizing::new(vec![0; field_length(&self.public)]);
        let padded = c.value_padded(block.len())?;
        let raw = rsa_enc_params(EncAlg::RsaNoPad, None).map_err(failed)?;
        let mut operation =
            OsslAsymcipher::new(needed_context()?, EncOp::Decrypt, &mut self.key, Some(&raw)).map_err(failed)?;
        let written = operation.decrypt(&padded, Some(&mut block)).map_err(failed)?;
        let unsealed = block.get(..written).and_then(|block| eme::decode(block, length, &made_up));
        Ok(unsealed.ok_or_else(|| Error::Unsupported("no session key has this length".to_owned()))?)
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

fn needed_context() -> std::result::Result<&'static OsslContext, Error> {
    context().ok_or_else(|| Error::Key("OpenSSL has no context".to_owned()))
}

fn failed(error: ossl::Error) -> Error {
    Error::Key(format!("OpenSSL: {error:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use sequoia_openpgp::crypto::{Decryptor, SessionKey};
    use sequoia_openpgp::packet::key::{Key4, SecretParts};

    fn pair() -> KeyPair {
        pair_of(2048)
    }

    fn pair_of(bits: usize) -> KeyPair {
        let key: Key<SecretParts, UnspecifiedRole> = Key4::generate_rsa(bits).map(Key::from).expect("a key");
        key.into_keypair().expect("it is not locked")
    }

    /// An AES-256 key with its cipher and its checksum.
    fn session_key(key: [u8; 32]) -> SessionKey {
        let sum = key.iter().fold(0_u16, |sum, octet| sum.wrapping_add(u16::from(*octet)));
        SessionKey::from([&[9][..], &key, &sum.to_be_bytes()].concat())
    }

    /// Each secret with one wrong factor, exponent or coefficient.
    fn with_wrong_numbers(good: &KeyPair) -> Vec<KeyPair> {
        let changed = |number: &mpi::ProtectedMPI, is_it: bool| {
            let mut octets = number.value().to_vec();
            let middle = octets.len() / 2;
            octets[middle] ^= u8::from(is_it);
            mpi::ProtectedMPI::from(octets)
        };
        let secret = |which| {
            good.secret().map(|secret| match secret {
                mpi::SecretKeyMaterial::RSA { d, p, q, u } => mpi::SecretKeyMaterial::RSA {
                    d: changed(d, which == 0),
                    p: changed(p, which == 1),
                    q: changed(q, which == 2),
                    u: changed(u, which == 3),
                },
                other => other.clone(),
            })
        };
        (0..4).map(|which| KeyPair::new(good.public().clone(), secret(which).into()).expect("a pair")).collect()
    }

    #[test]
    fn the_session_key_is_the_same() {
        for bits in [2048, 3072, 4096] {
            let mut plain = pair_of(bits);
            let mut factored = Factored::of(&plain).expect("the factors fit");
            for octet in [0, 7, 255] {
                let sealed = plain.public().encrypt(&session_key([octet; 32])).expect("encrypts");
                let unsealed = factored.unseal(&sealed, None).expect("decrypts");
                assert!(bool::from(unsealed.is_real));
                assert_eq!(unsealed.plain, plain.decrypt(&sealed, None).expect("decrypts"));
            }
        }
    }

    /// Attack 8: there is an answer to every ciphertext of this length that is less than the modulus.
    #[test]
    fn a_bad_ciphertext_has_a_session_key_too() {
        let pair = pair();
        let mut factored = Factored::of(&pair).expect("the factors fit");
        for octets in [vec![0; 1], vec![1; 1], vec![2; 255], vec![255; 255]] {
            let bad = mpi::Ciphertext::RSA { c: mpi::MPI::new(&octets) };
            let unsealed = factored.unseal(&bad, None).expect("decrypts");
            assert!(!bool::from(unsealed.is_real));
            assert_eq!((unsealed.plain[0], unsealed.plain.len()), (9, 35));
            assert_ne!(unsealed.plain, factored.unseal(&bad, None).expect("decrypts").plain, "it is random");
        }
        for octets in [vec![255; 256], vec![255; 257]] {
            assert!(factored.unseal(&mpi::Ciphertext::RSA { c: mpi::MPI::new(&octets) }, None).is_err());
        }
    }

    /// A secret with one wrong factor, exponent or coefficient decrypts right or not at all.
    #[test]
    fn wrong_numbers_unseal_nothing_else() {
        let good = pair();
        let key = session_key([7; 32]);
        let sealed = good.public().encrypt(&key).expect("encrypts");
        let mut count = 0;
        for mut factored in with_wrong_numbers(&good).iter().filter_map(Factored::of) {
            count += 1;
            match factored.unseal(&sealed, None) {
                Ok(unsealed) if bool::from(unsealed.is_real) => assert_eq!(unsealed.plain, key),
                Ok(_) | Err(_) => {}
            }
        }
        assert!(count > 0, "OpenSSL takes some of them");
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
        for mut factored in with_wrong_numbers(&good).iter().filter_map(Factored::of) {
            if let Ok(signature) = factored.sign(HashAlgorithm::SHA256, &[7; 32]) {
                good.public().verify(&signature, HashAlgorithm::SHA256, &[7; 32]).expect("it is right");
            }
        }
    }
}
