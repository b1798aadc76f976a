//! Private keys in memory.

mod ed25519;
mod ml_dsa;
mod ml_kem;
mod nist;
mod rsa;
mod seeded;
mod x25519;

use ::rsa::pkcs8::PrivateKeyInfoRef;
use const_oid::ObjectIdentifier;
use der::Decode;
use zeroize::Zeroizing;

use super::curve::{named_curve, with_curve};
use super::key::WRONG_KIND;
use super::{DecryptionKey, KeyType, SigningKey};
use crate::Error;
use crate::algorithm::{MlDsa, MlKem, RsaPadding, SignatureScheme, oid};
use crate::ber::encode;

/// A private key in memory; it is zeroised when dropped.
pub struct SoftwareKey(Box<dyn PrivateKey>);

/// What one algorithm can do; what it cannot do is an error by default. One file for each algorithm.
trait PrivateKey: Send + Sync {
    fn key_type(&self) -> KeyType;

    /// The `SubjectPublicKeyInfo` of the public key in DER.
    fn public_key_info(&self) -> Result<Vec<u8>, Error>;

    fn sign(&self, _scheme: &SignatureScheme, _input: &[u8]) -> Result<Vec<u8>, Error> {
        Err(WRONG_KIND)
    }

    fn decrypt_rsa(&self, _padding: &RsaPadding, _ciphertext: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
        Err(WRONG_KIND)
    }

    fn agree(&self, _peer_public: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
        Err(WRONG_KIND)
    }

    fn decapsulate(&self, _set: MlKem, _ciphertext: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
        Err(WRONG_KIND)
    }
}

impl SoftwareKey {
    /// Reads an unencrypted PKCS#8 `PrivateKeyInfo` ([RFC 5208](https://www.rfc-editor.org/rfc/rfc5208),
    /// [RFC 5958](https://www.rfc-editor.org/rfc/rfc5958)) in DER: RSA of 1024 to 8192 bits, marked id-RSASSA-PSS or not, a key
    /// on P-256, P-384 or P-521, one for Ed25519 or X25519
    /// ([RFC 8410 §7](https://www.rfc-editor.org/rfc/rfc8410#section-7)), for ML-DSA
    /// ([RFC 9881](https://www.rfc-editor.org/rfc/rfc9881)) or for ML-KEM ([RFC 9935](https://www.rfc-editor.org/rfc/rfc9935)).
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
            oid::X25519 => Ok(Self(Box::new(x25519::X25519::from_pkcs8(&info)?))),
            oid => match (MlDsa::from_oid(&oid), MlKem::from_oid(&oid)) {
                (Some(set), _) => Ok(Self(ml_dsa::from_pkcs8(info, set)?)),
                (_, Some(set)) => Ok(Self(ml_kem::from_pkcs8(info, set)?)),
                (None, None) => Err(Error::Unsupported { what: "private key", oid }),
            },
        }
    }

    /// The `SubjectPublicKeyInfo` of its public key in DER; that of an RSA key as rsaEncryption, however it is marked.
    ///
    /// # Errors
    /// [`Error::Malformed`] never happens for a key that was read here.
    pub fn public_key_info(&self) -> Result<Vec<u8>, Error> {
        self.0.public_key_info()
    }
}

/// A `SubjectPublicKeyInfo` without parameters.
fn public_key_info(oid: ObjectIdentifier, public_key: &[u8]) -> Vec<u8> {
    let algorithm = encode::tlv(encode::SEQUENCE, &encode::oid(oid));
    let bits = encode::tlv(0x03, &[&[0], public_key].concat());
    encode::constructed(encode::SEQUENCE, &[&algorithm, &bits])
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

    fn agree(&self, peer_public: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
        self.0.agree(peer_public)
    }

    fn decapsulate(&self, set: MlKem, ciphertext: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
        self.0.decapsulate(set, ciphertext)
    }
}

impl std::fmt::Debug for SoftwareKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("SoftwareKey").field(&self.0.key_type()).finish()
    }
}
