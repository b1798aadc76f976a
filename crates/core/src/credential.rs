//! Secret keys, and what may be asked of them.

use crate::{Cert, Error, Handle};
use std::any::Any;
use std::fmt;
use std::sync::Arc;
use zeroize::Zeroizing;

/// A certificate together with its secret key, wherever that is kept.
#[derive(Clone)]
pub struct Credential {
    /// The certificate.
    pub cert: Cert,
    /// Its secret key: in memory, in a token, behind an agent.
    pub key: Arc<dyn SecretKey>,
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credential").field("cert", &self.cert).finish_non_exhaustive()
    }
}

/// A hash algorithm by its name in lower case, as in `pgp-sha256` and in the verdict: `sha256`, `sha1`, `md5`.
pub type HashName = &'static str;

/// The signature that a [`SecretKey`] is asked to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum DigestSignature {
    /// RSASSA-PKCS1-v1_5 (RFC 8017 §8.2); the answer has the modulus' length.
    RsaPkcs1v15 {
        /// The hash that made the digest.
        hash: HashName,
    },
    /// RSASSA-PSS (RFC 8017 §8.1), MGF1 with the same hash; the answer has the modulus' length.
    RsaPss {
        /// The hash that made the digest.
        hash: HashName,
        /// Salt length in octets.
        salt: usize,
    },
    /// ECDSA (FIPS 186-5 §6); the answer is `r || s`, each of the curve's field length.
    Ecdsa {
        /// The hash that made the digest.
        hash: HashName,
    },
    /// Ed25519 over these octets as the message: a digest in OpenPGP (RFC 9580 §5.2.3.4), the signed attributes in CMS
    /// (RFC 8419 §3); the answer is 64 octets.
    Ed25519,
}

/// What a [`SecretKey`] is asked to undo to reach a content key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unlock<'a> {
    /// RSAES-PKCS1-v1_5 (RFC 8017 §7.2). Must not tell a padding error from a good answer: a software key rejects
    /// implicitly, with an answer that depends on key and ciphertext alone.
    RsaPkcs1v15 {
        /// The ciphertext, of the modulus' length.
        ciphertext: &'a [u8],
    },
    /// RSAES-OAEP (RFC 8017 §7.1).
    RsaOaep {
        /// The ciphertext, of the modulus' length.
        ciphertext: &'a [u8],
        /// The hash of the label.
        hash: HashName,
        /// The hash of MGF1.
        mgf_hash: HashName,
        /// The label, mostly empty.
        label: &'a [u8],
    },
    /// Elliptic-curve Diffie-Hellman: the answer is the x-coordinate (SEC 1 §3.3.1) or the X25519 output.
    Agree {
        /// The other side's public point: SEC 1 uncompressed, or 32 octets for X25519.
        public: &'a [u8],
    },
}

/// Private-key operations, at the level that tokens and agents offer.
///
/// A certificate may have several keys (OpenPGP subkeys), so each call names the one meant by a handle of it.
pub trait SecretKey: Send + Sync {
    /// Signs a digest with the key that `key` names.
    ///
    /// # Errors
    /// [`Error::Locked`], [`Error::Unsupported`], [`Error::Key`].
    fn sign(&self, key: &Handle, scheme: DigestSignature, digest: &[u8]) -> Result<Vec<u8>, Error>;

    /// Undoes key transport or agreement with the key that `key` names.
    ///
    /// # Errors
    /// [`Error::Locked`], [`Error::Unsupported`], [`Error::Key`].
    fn unlock(&self, key: &Handle, what: Unlock<'_>) -> Result<Zeroizing<Vec<u8>>, Error>;

    /// Whether it may have the key that `key` names: of several keys of a certificate some may be kept elsewhere. Asks nobody;
    /// true by default.
    fn has(&self, key: &Handle) -> bool {
        let _ = key;
        true
    }

    /// Whether having it shows that one is the owner of the certificate: true by default. An OpenPGP certificate may claim
    /// somebody else's encryption key, with any address beside it; who has no more of it than that vouches for nothing.
    fn is_owners(&self) -> bool {
        true
    }

    /// The protocol crate's own form, which it may use directly when it finds it here.
    fn as_any(&self) -> &dyn Any;
}
