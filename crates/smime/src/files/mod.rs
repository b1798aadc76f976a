//! Making keys, certificates and requests, and writing them down.

mod certificate;
mod extensions;
mod new_key;
mod request;

use crate::certificate::Certificate;
use crate::{Smime, key, pem};
use mailseal_core::{
    Cert, Credential, Endings, Error, Handle, KeyFiles, Lock, MadeKey, NewKey, Passphrase, ProtocolId, Readers,
    Requested,
};
use new_key::KeyPair;
use zeroize::Zeroizing;

impl KeyFiles for Smime {
    /// PEM certificates, PKCS#12 for others; a keyring keeps PEM, whose certificate can be read without the passphrase.
    fn endings(&self) -> Endings {
        Endings { cert: "crt.pem", key: "p12", kept: "pem", anchor: Some("crt.pem") }
    }

    /// Kinds of keys: `p256` (the default), `p384`, `p521`, `rsa3072`, `rsa4096`; `ed25519`, which signs and decrypts nothing.
    /// RSA signs with SHA-256 and PKCS#1 v1.5.
    fn generate(&self, new: &NewKey<'_>) -> Result<MadeKey, Error> {
        no_profile(new)?;
        let key = KeyPair::generate(new.algorithm)?;
        let der = certificate::self_signed(&key, new)?;
        let cert = Certificate::from_der(&der)?.into_cert();
        let texts = [pem::write("CERTIFICATE", &der), key::pem_key(key.pkcs8(), new.passphrase)?];
        Ok(MadeKey::new(cert, joined(&texts), None))
    }

    /// PKCS#10 ([RFC 2986](https://www.rfc-editor.org/rfc/rfc2986)) in PEM. An authority chooses the validity itself.
    fn request(&self, new: &NewKey<'_>) -> Result<Requested, Error> {
        no_profile(new)?;
        let key = KeyPair::generate(new.algorithm)?;
        let request = pem::write("CERTIFICATE REQUEST", &request::request(&key, new)?);
        let kept = joined(&[request.clone(), key::pem_key(key.pkcs8(), new.passphrase)?]);
        let handle = Handle::KeyIdentifier(extensions::key_identifier(key.public())?);
        Ok(Requested::new(handle, request.as_bytes().to_vec(), kept))
    }

    fn answer(&self, kept: &[u8], cert: &Cert) -> Option<Zeroizing<Vec<u8>>> {
        let certificate = Certificate::of(cert)?;
        let blocks = pem::blocks(kept).ok()??;
        let request = blocks.iter().find(|block| block.label == "CERTIFICATE REQUEST")?;
        if !key::same_key(&request::public_key(&request.octets)?, certificate.public_key_info()) {
            return None;
        }
        // Whoever has the public key can be given a certificate for it that names somebody else.
        let requested = request::addresses(&request.octets);
        if !cert.addresses().iter().all(|address| requested.contains(address)) {
            return None;
        }
        let key = blocks.iter().find(|block| block.label.ends_with("PRIVATE KEY"))?;
        Some(joined(&[pem::write("CERTIFICATE", cert.encoded()), pem::write(&key.label, &key.octets)]))
    }

    /// A key that was kept locked stays as it is.
    fn join(&self, kept: &[u8], new: &Credential, lock: Lock<'_>) -> Result<Option<Zeroizing<Vec<u8>>>, Error> {
        let file = self.keep_key(new, lock)?;
        let is_locked = |octets: &[u8]| -> Result<bool, Error> {
            let blocks = pem::blocks(octets)?.unwrap_or_default();
            Ok(blocks.iter().any(|block| block.label == "ENCRYPTED PRIVATE KEY"))
        };
        Ok(Some(if is_locked(kept)? && !is_locked(&file)? { Zeroizing::new(kept.to_vec()) } else { file }))
    }

    /// By its extensions, or too old to have any (version 1).
    fn is_authority(&self, cert: &Cert) -> bool {
        Certificate::of(cert).is_some_and(|certificate| certificate.may_issue_as_anchor())
    }

    fn write_cert(&self, cert: &Cert) -> Result<Vec<u8>, Error> {
        if cert.protocol() != ProtocolId::SMIME {
            return Err(Error::Misuse("a certificate of another protocol was given to S/MIME"));
        }
        Ok(pem::write("CERTIFICATE", cert.encoded()).as_bytes().to_vec())
    }

    /// PKCS#12 ([RFC 7292](https://www.rfc-editor.org/rfc/rfc7292)): PBES2 with AES-256-CBC, PBKDF2 and a MAC with SHA-256;
    /// for old readers 3DES and SHA-1.
    fn write_key(
        &self,
        credential: &Credential,
        passphrase: Option<&Passphrase>,
        readers: Readers,
    ) -> Result<Zeroizing<Vec<u8>>, Error> {
        key::write_pkcs12(credential, passphrase, readers)
    }

    fn keep_key(&self, credential: &Credential, lock: Lock<'_>) -> Result<Zeroizing<Vec<u8>>, Error> {
        key::write_pem(credential, lock)
    }
}

/// There is one way to make a certificate; `default` names it.
fn no_profile(new: &NewKey<'_>) -> Result<(), Error> {
    match new.profile {
        None | Some("default") => Ok(()),
        Some(other) => {
            let (what, known) = ("profile of S/MIME keys", "default".to_owned());
            Err(Error::UnknownName { what, name: other.to_owned(), known })
        }
    }
}

/// Blocks of PEM as one file.
fn joined(texts: &[Zeroizing<String>]) -> Zeroizing<Vec<u8>> {
    let mut file = Zeroizing::new(Vec::with_capacity(texts.iter().map(|text| text.len()).sum()));
    texts.iter().for_each(|text| file.extend_from_slice(text.as_bytes()));
    file
}
