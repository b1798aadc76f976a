//! Private keys in memory.

mod ed25519;
mod nist;
mod rsa;

use ::rsa::pkcs8::PrivateKeyInfoRef;
use der::Decode;
use zeroize::Zeroizing;

use super::curve::{named_curve, with_curve};
use super::{DecryptionKey, KeyType, SigningKey};
use crate::Error;
use crate::algorithm::{RsaPadding, SignatureScheme, oid};

/// A private key in memory; it is zeroised when dropped.
pub struct SoftwareKey(Box<dyn PrivateKey>);

/// What one algorithm can do; what it cannot do is an error by default. One file for each algorithm.
trait PrivateKey: Send + Sync {
    fn key_type(&self) -> KeyType;

    fn sign(&self, _scheme: &SignatureScheme, _input: &[u8]) -> Result<Vec<u8>, Error> {
        Err(WRONG_KIND)
    }

    fn decrypt_rsa(&self, _padding: &RsaPadding, _ciphertext: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
        Err(WRONG_KIND)
    }

    fn agree(&self, _peer_public: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
        Err(WRONG_KIND)
    }
}

const WRONG_KIND: Error = Error::Key { reason: "this kind of key cannot do that" };

impl SoftwareKey {
    /// Reads an unencrypted PKCS#8 `PrivateKeyInfo` ([RFC 5208](https://www.rfc-editor.org/rfc/rfc5208),
    /// [RFC 5958](https://www.rfc-editor.org/rfc/rfc5958)) in DER: RSA of 1024 to 8192 bits, marked
    /// id-RSASSA-PSS or not, a key on P-256, P-384 or P-521, or
    /// Ed25519 ([RFC 8410](https://www.rfc-editor.org/rfc/rfc8410)).
    ///
    /// # Errors
    /// [`Error::Unsupported`] for another algorithm or curve, [`Error::Malformed`] or [`Error::Key`] for a bad key.
    pub fn from_pkcs8_der(der: &[u8]) -> Result<Self, Error> {
        let info = PrivateKeyInfoRef::from_der(der).map_err(Error::der("PrivateKeyInfo"))?;
        match info.algorithm.oid {
            oid::RSA_ENCRYPTION | oid::RSASSA_PSS => Ok(Self(Box::new(rsa::Rsa::from_pkcs8(info)?))),
            oid::EC_PUBLIC_KEY => with_curve!(named_curve(&info.algorithm)?, C => {
                Ok(Self(Box::new(nist::Nist::<C>::from_pkcs8(info)?)))
            }),
            oid::ED25519 => Ok(Self(Box::new(ed25519::Ed25519::from_pkcs8(info)?))),
            oid => Err(Error::Unsupported { what: "private key", oid }),
        }
    }
}

impl SigningKey for SoftwareKey {
    fn key_type(&self) -> KeyType {
        self.0.key_type()
    }

    fn sign(&self, scheme: &SignatureScheme, input: &[u8]) -> Result<Vec<u8>, Error> {
        if !scheme.signs_message() && input.len() != scheme.hash().output_len() {
            return Err(Error::Misuse("the digest is not as long as the hash of the scheme"));
        }
        self.0.sign(scheme, input)
    }
}

impl DecryptionKey for SoftwareKey {
    fn decrypt_rsa(&self, padding: &RsaPadding, ciphertext: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
        self.0.decrypt_rsa(padding, ciphertext)
    }

    fn agree(&self, peer_public_sec1: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
        self.0.agree(peer_public_sec1)
    }
}

impl std::fmt::Debug for SoftwareKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("SoftwareKey").field(&self.0.key_type()).finish()
    }
}
