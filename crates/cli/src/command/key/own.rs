//! A key of one's own in the keyring: found, opened, put back changed.

use std::{fs, path::PathBuf, sync::Arc};

use mailseal::{Cert, Credential, Prompt};
use mailseal_core::KeyFiles;
use zeroize::Zeroizing;

use super::ring::{Files, Held, failure, only};
use crate::exit::{Exit, Failure};

/// One secret key, with every file that has something of it.
pub(super) struct Own {
    pub(super) credential: Credential,
    pub(super) name: String,
    held: Vec<Held>,
}

impl Own {
    /// The one secret key that answers to an address or handle; `only` leaves out certificates that are not meant.
    ///
    /// # Errors
    /// 61 when there is none, 2 when there are several, 67 when not even its certificate can be seen.
    pub(super) fn find(
        files: &Files,
        which: &str,
        meant: impl Fn(&Cert) -> bool,
        prompt: Arc<dyn Prompt>,
    ) -> Result<Own, Failure> {
        let mut held = files.find(which)?;
        held.retain(|held| meant(&held.cert));
        let keys: Vec<&Held> = held.iter().filter(|held| held.is_secret()).collect();
        let Some(first) = keys.first() else {
            let message = format!("the keyring has no secret key {which}");
            return Err(Failure::new(Exit::MissingInput, message).hint("`mailseal key list` shows what it has"));
        };
        let fingerprint = only(keys.iter().map(|held| &held.cert), which)?.fingerprint().clone();
        let octets = read(&first.path)?;
        let (protocol, _) = files.key_files(first.cert.protocol())?;
        let name = first.path.display().to_string();
        let credentials =
            protocol.parse_keys(&octets, &name, &files.certs()?, prompt).map_err(|error| failure(&name, error))?;
        let credential = credentials.into_iter().find(|credential| *credential.cert.fingerprint() == fingerprint);
        let credential = credential.ok_or_else(|| Failure::new(Exit::BadData, format!("{name} has changed")))?;
        held.retain(|held| *held.cert.fingerprint() == fingerprint);
        Ok(Own { credential, name, held })
    }

    /// How its protocol writes files.
    pub(super) fn key_files<'a>(&self, files: &'a Files) -> Result<&'a dyn KeyFiles, Failure> {
        Ok(files.key_files(self.credential.cert.protocol())?.1)
    }

    /// Puts the key back, changed, wherever it was: secret keys and copies of the certificate, all or none.
    pub(super) fn replace(&self, files: &Files, cert: &Cert, kept: &[u8]) -> Result<(), Failure> {
        let mut written: Vec<(PathBuf, Zeroizing<Vec<u8>>)> = Vec::new();
        for held in &self.held {
            if held.is_secret() {
                if held.beside > 1 {
                    let message = format!("{} holds other keys too", held.path.display());
                    return Err(Failure::new(Exit::Failure, message)
                        .hint("import it again, which makes a file of each, and remove it by hand"));
                }
                written.push((held.path.clone(), Zeroizing::new(kept.to_vec())));
            } else {
                written.push((held.path.clone(), Zeroizing::new(files.with_cert(held, cert)?)));
            }
        }
        let all: Vec<(PathBuf, &[u8])> =
            written.iter().map(|(path, octets)| (path.clone(), octets.as_slice())).collect();
        Ok(files.folder.replace(&all)?)
    }
}

/// A file of the keyring that may hold secrets.
pub(super) fn read(path: &std::path::Path) -> Result<Zeroizing<Vec<u8>>, Failure> {
    fs::read(path).map(Zeroizing::new).map_err(|e| Failure::reading(path.display(), &e))
}
