//! Keys in the keyring: found, opened, put back changed. What is in several places says the same in each.

use std::{fs, path::PathBuf, sync::Arc};

use mailseal::{Cert, Credential, Prompt};
use mailseal_core::{KeyFiles, Lock};
use mailseal_keyring::Place;
use zeroize::Zeroizing;

use super::ring::{Files, Held, failure, only};
use crate::{
    exit::{Exit, Failure},
    output::talk::note,
};

/// One secret key, with every file that has something of it.
pub(super) struct Own {
    pub(super) credential: Credential,
    pub(super) name: String,
    held: Vec<Held>,
    /// The file that the credential was read from, and what was in it.
    path: PathBuf,
    octets: Zeroizing<Vec<u8>>,
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
        let path = first.path.clone();
        held.retain(|held| *held.cert.fingerprint() == fingerprint);
        Ok(Own { credential, name, held, path, octets })
    }

    /// How its protocol writes files.
    pub(super) fn key_files<'a>(&self, files: &'a Files) -> Result<&'a dyn KeyFiles, Failure> {
        Ok(files.key_files(self.credential.cert.protocol())?.1)
    }

    /// Puts the key back, changed, wherever it was: secret keys and copies of the certificate, all or none. What another run
    /// changed meanwhile is not undone.
    pub(super) fn replace(&self, files: &Files, cert: &Cert, kept: &[u8]) -> Result<(), Failure> {
        let _lock = files.folder.lock()?;
        if *read(&self.path)? != *self.octets {
            return Err(Failure::new(Exit::Failure, format!("{} was changed meanwhile", self.name))
                .hint("nothing was written: run it again"));
        }
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

/// A keyring into which something is put.
pub(super) struct Ring {
    pub(super) files: Files,
    /// What it has.
    pub(super) held: Vec<Held>,
}

impl Ring {
    /// Keeps a secret key: with what the keyring has of it already, in `keys/` and in `certs/`. Gives its certificate as it is then.
    pub(super) fn keep(&mut self, name: &str, credential: &Credential, lock: Lock<'_>) -> Result<Cert, Failure> {
        let _lock = self.files.folder.lock()?;
        let failed = |error| failure(name, error);
        let cert = &credential.cert;
        let (protocol, key_files) = self.files.key_files(cert.protocol())?;
        let copies: Vec<&Held> = self.copies(cert).collect();
        let known = copies.iter().find(|held| held.is_secret());
        let joined = match known {
            Some(held) => key_files.join(&read(&held.path)?, credential, lock).map_err(failed)?,
            None => None,
        };
        let mut kept = match joined {
            Some(joined) => joined,
            None => key_files.keep_key(credential, lock).map_err(failed)?,
        };
        for held in copies.iter().filter(|held| !held.is_secret()) {
            kept = key_files.update(&kept, &held.cert).unwrap_or(kept);
        }
        let now = protocol.parse_certs(&kept).map_err(failed)?;
        let now = now.into_iter().find(|now| now.fingerprint() == cert.fingerprint()).unwrap_or_else(|| cert.clone());
        let path = match known {
            Some(held) => {
                note(&format!("{} was there already: what was kept of it stays, locked as it was", now.fingerprint()));
                held.path.clone()
            }
            None => {
                told(credential, &now);
                self.files.path(Place::Keys, cert)?
            }
        };
        let mut written = vec![(path, kept)];
        for held in copies.iter().filter(|held| held.place == Place::Certs) {
            written.push((held.path.clone(), Zeroizing::new(self.files.with_cert(held, &now)?)));
        }
        self.write(written, Place::Keys, &now)?;
        Ok(now)
    }

    /// Keeps a certificate: what it says is told to every copy, that beside the secret key too. Gives it with what they said.
    pub(super) fn tell(&mut self, cert: &Cert) -> Result<Cert, Failure> {
        let _lock = self.files.folder.lock()?;
        let (_, key_files) = self.files.key_files(cert.protocol())?;
        let copies: Vec<&Held> = self.copies(cert).collect();
        // An older copy must not take a revocation away.
        let now = copies.iter().fold(cert.clone(), |now, held| key_files.merge(&held.cert, &now));
        let mut written = Vec::new();
        for held in &copies {
            if held.is_secret() {
                let kept = key_files.update(&read(&held.path)?, &now);
                written.extend(kept.map(|kept| (held.path.clone(), kept)));
            } else if held.place == Place::Certs {
                written.push((held.path.clone(), Zeroizing::new(self.files.with_cert(held, &now)?)));
            }
        }
        if !copies.iter().any(|held| held.place == Place::Certs) {
            let text = key_files.write_cert(&now).map_err(|error| failure("certificate", error))?;
            written.push((self.files.path(Place::Certs, cert)?, Zeroizing::new(text)));
        }
        self.write(written, Place::Certs, &now)?;
        Ok(now)
    }

    fn copies(&self, cert: &Cert) -> impl Iterator<Item = &Held> {
        self.held
            .iter()
            .filter(|held| held.cert.protocol() == cert.protocol() && held.cert.fingerprint() == cert.fingerprint())
    }

    /// Writes all or none, and knows it from then on. What is new is one file in `place`.
    fn write(&mut self, files: Vec<(PathBuf, Zeroizing<Vec<u8>>)>, place: Place, now: &Cert) -> Result<(), Failure> {
        let octets: Vec<(PathBuf, &[u8])> =
            files.iter().map(|(path, octets)| (path.clone(), octets.as_slice())).collect();
        self.files.folder.replace(&octets)?;
        for held in &mut self.held {
            if held.cert.fingerprint() == now.fingerprint() {
                held.cert = now.clone();
            }
        }
        for (path, _) in files {
            if !self.held.iter().any(|held| held.path == path && held.cert == *now) {
                self.held.push(Held { cert: now.clone(), path, place, beside: 1 });
            }
        }
        Ok(())
    }
}

/// Says what a new secret key makes of its certificate: whoever sends one in the place of a certificate would be believed from
/// then on.
fn told(credential: &Credential, now: &Cert) {
    let whose: Vec<&str> = now.addresses().iter().map(|address| address.as_str()).collect();
    let (print, whose) = (now.fingerprint(), whose.join(" "));
    note(&match credential.key.is_owners() {
        true => format!("{print} is a secret key, yours from now on: what it signs as {whose} is trusted"),
        false => {
            format!("{print} has only a key that any certificate can claim: it opens mail, and vouches for nobody")
        }
    });
}

/// A file of the keyring that may hold secrets.
pub(super) fn read(path: &std::path::Path) -> Result<Zeroizing<Vec<u8>>, Failure> {
    fs::read(path).map(Zeroizing::new).map_err(|e| Failure::reading(path.display(), &e))
}
