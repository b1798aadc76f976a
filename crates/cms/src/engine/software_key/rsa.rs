//! RSA private keys. The arithmetic is constant-time and blinded in the `rsa` crate.

use getrandom::SysRng;
use rsa::pkcs1v15::{Pkcs1v15Encrypt, Pkcs1v15Sign};
use rsa::pkcs8::PrivateKeyInfoRef;
use rsa::traits::PublicKeyParts;
use rsa::{Oaep, Pss};
use zeroize::Zeroizing;

use super::{PrivateKey, WRONG_KIND};
use crate::Error;
use crate::algorithm::{RsaPadding, SignatureScheme};
use crate::engine::KeyType;
use crate::engine::hash::with_hash;

pub(super) struct Rsa(rsa::PrivateKey);

impl Rsa {
    pub(super) fn from_pkcs8(info: PrivateKeyInfoRef<'_>) -> Result<Self, Error> {
        let key = rsa::PrivateKey::try_from(info).map_err(|_| Error::Key { reason: "bad RSA private key" })?;
        key.validate().map_err(|_| Error::Key { reason: "inconsistent RSA private key" })?;
        Ok(Self(key))
    }
}

impl PrivateKey for Rsa {
    fn key_type(&self) -> KeyType {
        KeyType::Rsa { bits: self.0.n().bit_width() }
    }

    fn sign(&self, scheme: &SignatureScheme, digest: &[u8]) -> Result<Vec<u8>, Error> {
        let signature = match *scheme {
            SignatureScheme::RsaPkcs1v15 { hash } => {
                let padding = with_hash!(hash, D => Pkcs1v15Sign::new::<D>());
                self.0.sign_with_rng(&mut SysRng, padding, digest)
            }
            SignatureScheme::RsaPss { hash, mgf_hash, salt_len } if hash == mgf_hash => {
                with_hash!(hash, D => self.0.sign_with_rng(
                    &mut SysRng,
                    Pss::<D>::new_with_salt(salt_len.into()),
                    digest,
                ))
            }
            _ => return Err(WRONG_KIND),
        };
        signature.map_err(|e| Error::KeyOperation(Box::new(e)))
    }

    fn decrypt_rsa(&self, padding: &RsaPadding, ciphertext: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
        let plain = match *padding {
            // Implicit rejection: wrong padding gives other octets, not an error.
            RsaPadding::Pkcs1v15 => self.0.decrypt_blinded(&mut SysRng, Pkcs1v15Encrypt, ciphertext),
            RsaPadding::Oaep { hash, mgf_hash } => with_hash!(hash, D => with_hash!(mgf_hash, M => {
                self.0.decrypt_blinded(&mut SysRng, Oaep::<D, M>::new_with_mgf_hash(), ciphertext)
            })),
        };
        plain.map(Zeroizing::new).map_err(|_| Error::Decrypt)
    }
}
