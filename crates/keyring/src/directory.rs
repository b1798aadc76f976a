//! A keyring in a directory.

use crate::folder::files;
use crate::{Error, Pins, Store};
use mailseal_core::{
    Address, By, Cert, CertSource, Credential, Handle, Judgement, KeySource, Locked, Passphrase, Prompt, Protocol,
    Question, Trust,
};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A keyring in a directory, read once and cheap to clone.
///
/// | place | what |
/// | --- | --- |
/// | `certs/` | certificates of correspondents, one or more a file |
/// | `intermediates/` | X.509 certificates that help to build paths and vouch for nothing |
/// | `anchors/` | X.509 trust anchors, PEM or DER; handed to the trust of the protocol that knows them |
/// | `crls/` | X.509 revocation lists and OCSP responses; handed to the trust of the protocol that knows them |
/// | `keys/` | secret keys: OpenPGP, PKCS#12, PKCS#8; what is theirs without a passphrase counts as pinned |
/// | `requests/`, `revocations/` | keys that wait for their certificate, and what takes one's own certificates back; not read here |
/// | `pins` | certificates that a person vouched for, see [`Pins`] |
///
/// Whatever is missing is empty. Hidden files are skipped; a file that no protocol knows is a warning, since one broken file
/// must not lock a person out of all others.
#[derive(Clone)]
pub struct Keyring {
    data: Arc<Data>,
}

struct Data {
    store: Store,
    pins: Pins,
    /// The certificates of the secret keys.
    own: Vec<Cert>,
    anchors: Vec<Vec<u8>>,
    crls: Vec<(PathBuf, Vec<u8>)>,
    warnings: Vec<String>,
}

impl Keyring {
    /// Reads the directory. `prompt` is asked when a locked key is needed, not now.
    ///
    /// # Errors
    /// [`Error::Io`] when something that is there cannot be read, [`Error::Pin`] for a broken pin.
    pub fn open(directory: &Path, protocols: &[Arc<dyn Protocol>], prompt: Arc<dyn Prompt>) -> Result<Keyring, Error> {
        let mut store = Store::new(protocols);
        let mut warnings = Vec::new();
        for (path, encoded) in files(&directory.join("certs"))? {
            match store.parse_certs(&path.display().to_string(), &encoded) {
                Ok(certs) => store.add_certs(certs),
                Err(error) => warnings.push(error.to_string()),
            }
        }
        for (path, encoded) in files(&directory.join("intermediates"))? {
            match store.parse_certs(&path.display().to_string(), &encoded) {
                Ok(certs) => store.add_intermediates(certs),
                Err(error) => warnings.push(error.to_string()),
            }
        }
        for (path, encoded) in files(&directory.join("keys"))? {
            if let Err(error) = store.add_keys(&path.display().to_string(), &encoded, prompt.clone()) {
                warnings.push(error.to_string());
            }
        }
        let own = store.own_certs();
        store.add_certs(store.key_certs());
        let anchors = files(&directory.join("anchors"))?.into_iter().map(|(_, encoded)| encoded).collect();
        let crls = files(&directory.join("crls"))?;
        let pins = pins(&directory.join("pins"))?;
        Ok(Keyring { data: Arc::new(Data { store, pins, own, anchors, crls, warnings }) })
    }

    /// The files of `anchors/`, as they are.
    pub fn anchors(&self) -> &[Vec<u8>] {
        &self.data.anchors
    }

    /// The files of `crls/`, as they are, with their places.
    pub fn crls(&self) -> &[(PathBuf, Vec<u8>)] {
        &self.data.crls
    }

    /// Files that no protocol knows, one line each.
    pub fn warnings(&self) -> &[String] {
        &self.data.warnings
    }
}

fn pins(path: &Path) -> Result<Pins, Error> {
    match fs::read_to_string(path) {
        Ok(text) => Pins::parse(&text, path),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Pins::default()),
        Err(source) => Err(Error::Io { path: path.to_owned(), source }),
    }
}

impl CertSource for Keyring {
    fn by_handle(&self, handle: &Handle) -> Vec<Cert> {
        CertSource::by_handle(&self.data.store, handle)
    }

    fn by_address(&self, address: &Address) -> Vec<Cert> {
        CertSource::by_address(&self.data.store, address)
    }

    fn intermediates(&self) -> Vec<Cert> {
        self.data.store.intermediates()
    }
}

impl KeySource for Keyring {
    fn by_handle(&self, handle: &Handle) -> Vec<Credential> {
        KeySource::by_handle(&self.data.store, handle)
    }

    fn by_address(&self, address: &Address) -> Vec<Credential> {
        KeySource::by_address(&self.data.store, address)
    }

    fn all(&self) -> Vec<Credential> {
        self.data.store.all()
    }

    fn locked(&self) -> Vec<String> {
        self.data.store.locked()
    }

    fn passphrase(&self, message: &Locked, attempt: usize) -> Option<Passphrase> {
        self.data.store.passphrase(message, attempt)
    }
}

/// Pins count, and the certificates of one's own secret keys for the addresses that they claim.
impl Trust for Keyring {
    fn judge(&self, question: &Question<'_>) -> Judgement {
        let claimed = question.address.is_some_and(|address| question.cert.addresses().contains(address));
        if claimed && self.data.own.contains(question.cert) {
            return Judgement::Trusted(By::Pinned);
        }
        self.data.pins.judge(question)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mailseal_core::NoPrompt;

    #[test]
    fn a_missing_directory_is_an_empty_keyring() {
        let directory = tempfile::tempdir().unwrap();
        let ring = Keyring::open(&directory.path().join("none"), &[], Arc::new(NoPrompt)).unwrap();
        assert!(KeySource::all(&ring).is_empty());
        assert!(ring.warnings().is_empty());
    }

    #[test]
    fn an_unknown_file_is_a_warning_and_hidden_files_are_skipped() {
        let directory = tempfile::tempdir().unwrap();
        fs::create_dir(directory.path().join("certs")).unwrap();
        fs::write(directory.path().join("certs/.hidden"), "x").unwrap();
        fs::write(directory.path().join("certs/noise"), "x").unwrap();
        let ring = Keyring::open(directory.path(), &[], Arc::new(NoPrompt)).unwrap();
        assert_eq!(ring.warnings().len(), 1);
        assert!(ring.warnings()[0].contains("noise"), "{:?}", ring.warnings());
    }
}
