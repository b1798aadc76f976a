//! Session keys, taken out of messages and used instead of a secret key.

use sequoia_openpgp::crypto;
use sequoia_openpgp::types::SymmetricAlgorithm;
use std::fmt;
use zeroize::Zeroizing;

/// The key of one message.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionKey {
    /// The number of the cipher (RFC 9580 §9.3).
    pub cipher: u8,
    /// The key.
    pub octets: Zeroizing<Vec<u8>>,
}

/// Says which cipher it is for, and no more.
impl fmt::Debug for SessionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionKey").field("cipher", &self.cipher).finish_non_exhaustive()
    }
}

impl SessionKey {
    /// A key of this cipher.
    pub fn new(cipher: u8, octets: &[u8]) -> SessionKey {
        SessionKey { cipher, octets: Zeroizing::new(octets.to_vec()) }
    }

    pub(crate) fn of(cipher: SymmetricAlgorithm, key: &crypto::SessionKey) -> SessionKey {
        SessionKey::new(cipher.into(), key)
    }

    pub(crate) fn parts(&self) -> (SymmetricAlgorithm, crypto::SessionKey) {
        (SymmetricAlgorithm::from(self.cipher), crypto::SessionKey::from(self.octets.as_slice()))
    }
}
