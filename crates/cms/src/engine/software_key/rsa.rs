//! RSA private keys. The arithmetic is constant-time and blinded in the `rsa` crate.

use getrandom::SysRng;
use rsa::hazmat::rsa_decrypt_and_check;
use rsa::pkcs1::RsaPrivateKeyRef;
use rsa::pkcs1v15::{Pkcs1v15Encrypt, Pkcs1v15Sign};
use rsa::pkcs8::{EncodePublicKey, PrivateKeyInfoRef};
use rsa::traits::PublicKeyParts;
use rsa::{BoxedUint, Oaep};
use zeroize::Zeroizing;

use super::{PrivateKey, WRONG_KIND};
use crate::Error;
use crate::algorithm::{PssParameters, RsaPadding, SignatureScheme, oid};
use crate::engine::hash::with_hash;
use crate::engine::{KeyType, emsa_pss, random_bytes, rsa_public};

pub(super) struct Rsa {
    key: rsa::PrivateKey,
    usage: Usage,
}

/// What the identifier of the key lets it do ([RFC 4055 §1.2](https://www.rfc-editor.org/rfc/rfc4055#section-1.2)).
enum Usage {
    /// rsaEncryption.
    Any,
    /// id-RSASSA-PSS, with or without parameters.
    Pss(Option<PssParameters>),
}

impl Rsa {
    pub(super) fn from_pkcs8(info: PrivateKeyInfoRef<'_>) -> Result<Self, Error> {
        const BAD: Error = Error::Key { reason: "bad RSA private key" };
        let usage = match info.algorithm.oid {
            oid::RSASSA_PSS => Usage::Pss(PssParameters::of_key(info.algorithm.parameters)?),
            _ if info.algorithm.parameters.is_none_or(|parameters| parameters.is_null()) => Usage::Any,
            _ => return Err(BAD),
        };
        let key = RsaPrivateKeyRef::try_from(info.private_key.as_bytes()).map_err(|_| BAD)?;
        let key = rsa::PrivateKey::try_from(key).map_err(|_| BAD)?;
        key.validate().map_err(|_| Error::Key { reason: "inconsistent RSA private key" })?;
        Ok(Self { key, usage })
    }

    fn sign_pss(&self, parameters: &PssParameters, digest: &[u8]) -> Result<Vec<u8>, Error> {
        if matches!(&self.usage, Usage::Pss(Some(key)) if !key.allow(parameters)) {
            return Err(Error::Key { reason: "the key's RSASSA-PSS parameters forbid this signature" });
        }
        let salt = random_bytes(parameters.salt_len.into())?;
        let encoded = emsa_pss::encode(parameters, digest, &salt, rsa_public::em_bits(&self.key))
            .ok_or(Error::Key { reason: "an RSA key too short for this hash and salt" })?;
        let failed = |error: rsa::Error| Error::KeyOperation(Box::new(error));
        let encoded = BoxedUint::from_be_slice(&encoded, self.key.n().as_ref().bits_precision())
            .map_err(|_| failed(rsa::Error::Internal))?;
        let signature = rsa_decrypt_and_check(&self.key, Some(&mut SysRng), &encoded).map_err(failed)?;
        rsa_public::to_octets(&signature, self.key.size()).ok_or_else(|| failed(rsa::Error::Internal))
    }
}

impl PrivateKey for Rsa {
    fn key_type(&self) -> KeyType {
        let bits = self.key.n().bit_width();
        match self.usage {
            Usage::Any => KeyType::Rsa { bits },
            Usage::Pss(parameters) => KeyType::RsaPss { bits, parameters },
        }
    }

    fn public_key_info(&self) -> Result<Vec<u8>, Error> {
        let encoded = rsa::PublicKey::from(&self.key).to_public_key_der();
        encoded.map(|der| der.into_vec()).map_err(|_| Error::malformed("SubjectPublicKeyInfo"))
    }

    fn sign(&self, scheme: &SignatureScheme, digest: &[u8]) -> Result<Vec<u8>, Error> {
        match (scheme, &self.usage) {
            (SignatureScheme::RsaPkcs1v15 { hash }, Usage::Any) => {
                let padding = with_hash!(hash, D => Pkcs1v15Sign::new::<D>());
                let signature = self.key.sign_with_rng(&mut SysRng, padding, digest);
                signature.map_err(|e| Error::KeyOperation(Box::new(e)))
            }
            (SignatureScheme::RsaPss(parameters), _) => self.sign_pss(parameters, digest),
            _ => Err(WRONG_KIND),
        }
    }

    fn decrypt_rsa(&self, padding: &RsaPadding, ciphertext: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
        if !matches!(self.usage, Usage::Any) {
            return Err(WRONG_KIND);
        }
        let plain = match padding {
            // Implicit rejection: wrong padding gives other octets, not an error.
            RsaPadding::Pkcs1v15 => self.key.decrypt_blinded(&mut SysRng, Pkcs1v15Encrypt, ciphertext),
            RsaPadding::Oaep { hash, mgf_hash, label } => with_hash!(*hash, D => with_hash!(*mgf_hash, M => {
                let oaep = Oaep::<D, M>::new_with_mgf_hash_and_label(label.as_slice());
                self.key.decrypt_blinded(&mut SysRng, oaep, ciphertext)
            })),
        };
        plain.map(Zeroizing::new).map_err(|_| Error::Decrypt)
    }
}
