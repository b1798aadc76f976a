//! The seam to private keys, and the words for public ones.

use der::Decode;
use spki::SubjectPublicKeyInfoRef;
use zeroize::Zeroizing;

use super::Curve;
use super::curve::named_curve;
use super::x25519;
use crate::Error;
use crate::algorithm::{KeyWrap, MlDsa, MlKem, PasswordEncryption, PssParameters, RsaPadding, SignatureScheme, oid};

/// Private-key operations for signing; the key may live in memory or in a token.
pub trait SigningKey: Send + Sync {
    /// What kind of key this is.
    fn key_type(&self) -> KeyType;

    /// Signs `input`, which is what [`SignatureScheme::input`] makes of the message, and returns the octets of
    /// `SignatureValue`.
    ///
    /// # Errors
    /// [`Error::Key`] where the key cannot sign by `scheme`; [`Error::KeyOperation`] where it failed.
    fn sign(&self, scheme: &SignatureScheme, input: &[u8]) -> Result<Vec<u8>, Error>;
}

/// Key operations for decryption; the key may live in memory or in a token. What its kind cannot do is an
/// [`Error::Key`] unless implemented.
///
/// Where the ciphertext is at fault, whatever is wrong with it, the error is [`Error::Decrypt`]; the caller then goes on
/// with a key that does not fit, so that nobody learns of it. Every other error says that the key cannot do this at all
/// (removed token, refused PIN, another kind of key), and is shown.
pub trait DecryptionKey: Send + Sync {
    /// Undoes RSA key transport.
    ///
    /// For [`RsaPadding::Pkcs1v15`] implementations should reject implicitly, that is, return other octets where the
    /// padding is wrong, the same each time ([RFC 3218 §2.3.2](https://www.rfc-editor.org/rfc/rfc3218#section-2.3.2)).
    ///
    /// # Errors
    /// [`Error::Decrypt`]; [`Error::Key`] or [`Error::KeyOperation`].
    fn decrypt_rsa(&self, padding: &RsaPadding, ciphertext: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
        let _ = (padding, ciphertext);
        Err(WRONG_KIND)
    }

    /// Agrees on a shared secret with the peer's public key: on a NIST curve a point in its encoding of
    /// [SEC 1 §2.3.3](https://www.secg.org/sec1-v2.pdf), compressed or not, which is checked to be on the curve; for
    /// X25519 the 32 octets of [RFC 7748 §5](https://www.rfc-editor.org/rfc/rfc7748#section-5), of which those that give
    /// the secret zero are refused (§6.1).
    ///
    /// # Errors
    /// [`Error::Decrypt`] for a public key that is no good; [`Error::Key`] or [`Error::KeyOperation`].
    fn agree(&self, peer_public: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
        let _ = peer_public;
        Err(WRONG_KIND)
    }

    /// Undoes key encapsulation with a key of this parameter set. A ciphertext of the right length always gives a secret,
    /// another one where it is no good ([FIPS 203 §7.3](https://doi.org/10.6028/NIST.FIPS.203)).
    ///
    /// # Errors
    /// [`Error::Decrypt`] for another length; [`Error::Key`] or [`Error::KeyOperation`].
    fn decapsulate(&self, set: MlKem, ciphertext: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
        let _ = (set, ciphertext);
        Err(WRONG_KIND)
    }

    /// Undoes a key wrap under a key that sender and recipient share
    /// ([RFC 5652 §6.2.3](https://www.rfc-editor.org/rfc/rfc5652#section-6.2.3)).
    ///
    /// # Errors
    /// [`Error::Decrypt`]; [`Error::Key`] or [`Error::KeyOperation`].
    fn unwrap(&self, wrap: KeyWrap, wrapped: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
        let _ = (wrap, wrapped);
        Err(WRONG_KIND)
    }

    /// Undoes a key wrap under a password
    /// ([RFC 5652 §6.2.4](https://www.rfc-editor.org/rfc/rfc5652#section-6.2.4)). The wrap tells whether a password is
    /// right, so that several can be tried.
    ///
    /// # Errors
    /// [`Error::Decrypt`] where none is; [`Error::Key`] or [`Error::KeyOperation`].
    fn unwrap_by_password(&self, encryption: &PasswordEncryption, wrapped: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
        let _ = (encryption, wrapped);
        Err(WRONG_KIND)
    }
}

/// What a key says that is asked for what its kind cannot do.
pub(super) const WRONG_KIND: Error = Error::Key { reason: "this kind of key cannot do that" };

/// The kind of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyType {
    /// RSA with a modulus of so many bits.
    Rsa {
        /// Length of the modulus.
        bits: u32,
    },
    /// RSA, marked id-RSASSA-PSS: for PSS signatures only ([RFC 4055 §1.2](https://www.rfc-editor.org/rfc/rfc4055#section-1.2)).
    RsaPss {
        /// Length of the modulus.
        bits: u32,
        /// What the key is restricted to, if to anything.
        parameters: Option<PssParameters>,
    },
    /// Elliptic curve, for ECDSA and ECDH.
    Ec(Curve),
    /// ML-KEM, for decryption ([RFC 9935](https://www.rfc-editor.org/rfc/rfc9935)).
    MlKem(MlKem),
    /// ML-DSA, for signing ([RFC 9881](https://www.rfc-editor.org/rfc/rfc9881)).
    MlDsa(MlDsa),
    /// Ed25519, for signing ([RFC 8410](https://www.rfc-editor.org/rfc/rfc8410)).
    Ed25519,
    /// Curve25519 for key agreement alone ([RFC 8410](https://www.rfc-editor.org/rfc/rfc8410)).
    X25519,
}

impl KeyType {
    /// The kind of the public key in the `SubjectPublicKeyInfo` `spki_der`.
    ///
    /// # Errors
    /// [`Error::Unsupported`] where the algorithm or curve is not known here, [`Error::Malformed`] where the key is.
    pub fn from_spki(spki_der: &[u8]) -> Result<Self, Error> {
        let spki = SubjectPublicKeyInfoRef::from_der(spki_der).map_err(Error::der("SubjectPublicKeyInfo"))?;
        match spki.algorithm.oid {
            oid::RSA_ENCRYPTION => Ok(Self::Rsa { bits: super::rsa_public::modulus_bits(&spki)? }),
            oid::RSASSA_PSS => Ok(Self::RsaPss {
                bits: super::rsa_public::modulus_bits(&spki)?,
                parameters: PssParameters::of_key(spki.algorithm.parameters)?,
            }),
            oid::EC_PUBLIC_KEY => Ok(Self::Ec(named_curve(&spki.algorithm)?)),
            oid::ED25519 => super::ed25519::public_key(&spki).map(|_| Self::Ed25519),
            oid::X25519 => x25519::public_key(&spki).map(|_| Self::X25519),
            oid => {
                if let Some(set) = MlKem::from_oid(&oid) {
                    return super::ml_kem::check_public_key(&spki, set).map(|()| Self::MlKem(set));
                }
                let set = MlDsa::from_oid(&oid).ok_or(Error::Unsupported { what: "key", oid })?;
                super::ml_dsa::check_public_key(&spki, set).map(|()| Self::MlDsa(set))
            }
        }
    }

    /// Length of the modulus of an RSA key of either kind.
    pub const fn rsa_bits(self) -> Option<u32> {
        match self {
            Self::Rsa { bits } | Self::RsaPss { bits, .. } => Some(bits),
            _ => None,
        }
    }

    /// The family: `rsa`, `rsa-pss`, `ecdsa`, `ed25519`, `x25519` or the parameter set of ML-DSA or ML-KEM.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rsa { .. } => "rsa",
            Self::RsaPss { .. } => "rsa-pss",
            Self::Ec(_) => "ecdsa",
            Self::Ed25519 => "ed25519",
            Self::MlDsa(set) => set.name(),
            Self::X25519 => "x25519",
            Self::MlKem(set) => set.name(),
        }
    }
}
