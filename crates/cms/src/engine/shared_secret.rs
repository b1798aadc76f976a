//! What sender and recipient both know: key encryption keys and passwords, in memory.

use zeroize::Zeroizing;

use super::DecryptionKey;
use crate::Error;
use crate::algorithm::{KeyWrap, PasswordEncryption};

/// A key encryption key that sender and recipient share; it is zeroised when dropped.
pub struct KeyEncryptionKey(Zeroizing<Vec<u8>>);

impl KeyEncryptionKey {
    /// A key for AES key wrap, of 16, 24 or 32 octets, or for triple DES key wrap, of 24.
    ///
    /// # Errors
    /// [`Error::Key`] for another length.
    pub fn new(key: &[u8]) -> Result<Self, Error> {
        match key.len() {
            16 | 24 | 32 => Ok(Self(Zeroizing::new(key.to_vec()))),
            _ => Err(Error::Key { reason: "a key encryption key of this length" }),
        }
    }

    pub(crate) fn octets(&self) -> &[u8] {
        &self.0
    }
}

impl DecryptionKey for KeyEncryptionKey {
    fn unwrap(&self, wrap: KeyWrap, wrapped: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
        if self.0.len() != wrap.key_len() {
            return Err(Error::Key { reason: "the key encryption key is not as long as that of the message" });
        }
        wrap.unwrap(&self.0, wrapped)
    }
}

impl std::fmt::Debug for KeyEncryptionKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyEncryptionKey").finish_non_exhaustive()
    }
}

/// Passwords that may be the one of a message; each is tried. They are zeroised when dropped.
pub struct Passwords(Vec<Zeroizing<Vec<u8>>>);

impl Passwords {
    /// These passwords, in UTF-8 without a terminator unless sender and recipient agree on something else.
    pub fn new<P: AsRef<[u8]>>(passwords: impl IntoIterator<Item = P>) -> Self {
        Self(passwords.into_iter().map(|password| Zeroizing::new(password.as_ref().to_vec())).collect())
    }
}

impl DecryptionKey for Passwords {
    fn unwrap_by_password(&self, encryption: &PasswordEncryption, wrapped: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
        let found = self.0.iter().find_map(|password| encryption.unwrap(password, wrapped).ok());
        found.ok_or(Error::Decrypt)
    }
}

impl std::fmt::Debug for Passwords {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Passwords").field(&self.0.len()).finish()
    }
}
