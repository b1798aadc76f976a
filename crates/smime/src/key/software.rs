//! Secret keys in memory.

use super::adapter::{ecdsa, padding_and_ciphertext, seam_error, signature_scheme};
use super::{key_error, public, same_key, unlock};
use mailseal_cms::algorithm::SignatureScheme;
use mailseal_cms::engine::{self, DecryptionKey, SigningKey};
use mailseal_core::{Cert, DigestSignature, Error, Handle, Locked, Prompt, SecretKey, Unlock};
use std::any::Any;
use std::sync::{Arc, OnceLock};
use zeroize::Zeroizing;

/// A secret key in memory, wiped when dropped, with the certificates that lead up from its own. A key that is locked apart
/// from its certificate is unlocked when it is first used.
pub struct SoftwareKey {
    material: Arc<Material>,
    chain: Vec<Cert>,
}

/// The key itself.
pub(super) enum Material {
    Open(OpenKey),
    Locked(LockedKey),
}

/// A key that can be used.
pub(super) struct OpenKey {
    engine: engine::SoftwareKey,
    /// PKCS#8 in DER.
    pkcs8: Zeroizing<Vec<u8>>,
}

impl OpenKey {
    /// # Errors
    /// [`Error::Unsupported`], [`Error::Malformed`].
    pub(super) fn new(pkcs8: Zeroizing<Vec<u8>>) -> Result<OpenKey, Error> {
        let engine = engine::SoftwareKey::from_pkcs8_der(&pkcs8).map_err(key_error)?;
        Ok(OpenKey { engine, pkcs8 })
    }
}

/// A key whose certificate can be read without its passphrase.
pub(super) struct LockedKey {
    /// EncryptedPrivateKeyInfo (RFC 5958 §3) in DER.
    pub(super) encrypted: Vec<u8>,
    /// What a person knows it by.
    pub(super) name: Locked,
    /// SubjectPublicKeyInfo of its certificate in DER.
    pub(super) public: Vec<u8>,
    pub(super) prompt: Arc<dyn Prompt>,
    pub(super) opened: OnceLock<OpenKey>,
}

impl LockedKey {
    fn open(&self) -> Result<&OpenKey, Error> {
        if let Some(opened) = self.opened.get() {
            return Ok(opened);
        }
        let pkcs8 = unlock(&self.encrypted, &self.name, self.prompt.as_ref())?;
        let public = public::public_key(&pkcs8)?;
        if !public.is_some_and(|public| same_key(&public, &self.public)) {
            return Err(Error::malformed("private key", "it is another key than its certificate's"));
        }
        let opened = OpenKey::new(pkcs8)?;
        Ok(self.opened.get_or_init(|| opened))
    }
}

impl SoftwareKey {
    pub(super) fn new(material: Arc<Material>, chain: Vec<Cert>) -> SoftwareKey {
        SoftwareKey { material, chain }
    }

    fn open(&self) -> Result<&OpenKey, Error> {
        match self.material.as_ref() {
            Material::Open(key) => Ok(key),
            Material::Locked(key) => key.open(),
        }
    }

    /// The key as the engine knows it.
    pub(crate) fn engine(&self) -> Result<&engine::SoftwareKey, Error> {
        Ok(&self.open()?.engine)
    }

    /// PKCS#8 in DER.
    pub(crate) fn pkcs8(&self) -> Result<&[u8], Error> {
        Ok(&self.open()?.pkcs8)
    }

    /// EncryptedPrivateKeyInfo in DER, where the key is locked apart from its certificate.
    pub(super) fn locked(&self) -> Option<&[u8]> {
        match self.material.as_ref() {
            Material::Open(_) => None,
            Material::Locked(key) => Some(&key.encrypted),
        }
    }

    /// Certificates of authorities that lead up from the key's certificate, nearest first.
    pub fn chain(&self) -> &[Cert] {
        &self.chain
    }
}

impl SecretKey for SoftwareKey {
    fn sign(&self, _: &Handle, scheme: DigestSignature, digest: &[u8]) -> Result<Vec<u8>, Error> {
        let scheme = signature_scheme(scheme)?;
        let key = self.engine()?;
        let signature = key.sign(&scheme, digest).map_err(seam_error)?;
        match scheme {
            SignatureScheme::Ecdsa { .. } => ecdsa::to_fixed(&signature, key.key_type()),
            _ => Ok(signature),
        }
    }

    fn unlock(&self, _: &Handle, what: Unlock<'_>) -> Result<Zeroizing<Vec<u8>>, Error> {
        if let Unlock::Agree { public } = what {
            return self.engine()?.agree(public).map_err(seam_error);
        }
        let (padding, ciphertext) = padding_and_ciphertext(what)?;
        self.engine()?.decrypt_rsa(&padding, ciphertext).map_err(seam_error)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
