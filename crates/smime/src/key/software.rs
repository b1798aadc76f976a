//! Secret keys in memory.

use super::adapter::{ecdsa, padding_and_ciphertext, seam_error, signature_scheme};
use mailseal_cms::algorithm::SignatureScheme;
use mailseal_cms::engine::{self, DecryptionKey, SigningKey};
use mailseal_core::{Cert, DigestSignature, Error, Handle, SecretKey, Unlock};
use std::any::Any;
use std::sync::Arc;
use zeroize::Zeroizing;

/// A secret key in memory, wiped when dropped, with the certificates that lead up from its own.
pub struct SoftwareKey {
    key: Arc<engine::SoftwareKey>,
    chain: Vec<Cert>,
}

impl SoftwareKey {
    pub(super) fn new(key: Arc<engine::SoftwareKey>, chain: Vec<Cert>) -> SoftwareKey {
        SoftwareKey { key, chain }
    }

    /// The key as the engine knows it.
    pub(crate) fn engine(&self) -> &engine::SoftwareKey {
        &self.key
    }

    /// Certificates of authorities that lead up from the key's certificate, nearest first.
    pub fn chain(&self) -> &[Cert] {
        &self.chain
    }
}

impl SecretKey for SoftwareKey {
    fn sign(&self, _: &Handle, scheme: DigestSignature, digest: &[u8]) -> Result<Vec<u8>, Error> {
        let scheme = signature_scheme(scheme)?;
        let signature = self.key.sign(&scheme, digest).map_err(seam_error)?;
        match scheme {
            SignatureScheme::Ecdsa { .. } => ecdsa::to_fixed(&signature, self.key.key_type()),
            _ => Ok(signature),
        }
    }

    fn unlock(&self, _: &Handle, what: Unlock<'_>) -> Result<Zeroizing<Vec<u8>>, Error> {
        if let Unlock::Agree { public } = what {
            return self.key.agree(public).map_err(seam_error);
        }
        let (padding, ciphertext) = padding_and_ciphertext(what)?;
        self.key.decrypt_rsa(&padding, ciphertext).map_err(seam_error)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
