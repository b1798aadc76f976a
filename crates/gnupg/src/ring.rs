//! The public keyring, and the credentials that the agent makes of it.

use crate::agent::{Agent, Keygrip};
use crate::error::Error;
use crate::key::Kept;
use crate::socket::Home;
use mailseal_core::{
    Address, Cert, CertSource, Credential, Handle, KeySource, Locked, Protocol, ProtocolId, SecretKey as _,
};
use mailseal_openpgp::{AgentKey, OpenPgp, agent_keys};
use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The most octets of a keyring: ten times what the keys of a whole distribution need.
const LARGEST: u64 = 256 << 20;

/// The certificates of GnuPG's public keyring. They vouch for nothing.
#[derive(Debug)]
pub struct Ring {
    certs: Vec<Cert>,
}

impl Ring {
    /// Reads the OpenPGP certificates of `pubring.kbx`, and of `pubring.gpg` where that stands in its place.
    ///
    /// # Errors
    /// [`Error::NoKeyring`], [`Error::Io`], [`Error::Keyring`].
    pub fn open(home: &Home) -> Result<Ring, Error> {
        for name in ["pubring.kbx", "pubring.gpg"] {
            let path = home.folder().join(name);
            let Some(encoded) = read(&path)? else { continue };
            match OpenPgp.parse_certs(&encoded) {
                Ok(certs) => return Ok(Ring { certs }),
                // gpgsm makes an empty keybox beside an old keyring.
                Err(_) if has_no_openpgp(&encoded) => {}
                Err(source) => return Err(Error::Keyring { path, source }),
            }
        }
        Err(Error::NoKeyring(home.folder().to_owned()))
    }

    /// Every certificate, in the order of the keyring.
    pub fn certs(&self) -> &[Cert] {
        &self.certs
    }

    /// The credentials of the certificates of which `agent` has a secret key; see [`Credentials`].
    ///
    /// # Errors
    /// What the conversation with the agent gives.
    pub fn keys(&self, agent: &Arc<Agent>) -> Result<Credentials, Error> {
        let known: Vec<(&Cert, Vec<AgentKey>)> =
            self.certs.iter().filter_map(|cert| Some((cert, agent_keys(cert).ok()?))).collect();
        let asked: Vec<Keygrip> = known.iter().flat_map(|(_, keys)| keys).map(|key| key.keygrip).collect();
        let held: HashSet<Keygrip> = agent.held(&asked)?.into_iter().collect();
        let (mut own, mut claimed) = (Vec::new(), Vec::new());
        for (cert, mut keys) in known {
            keys.retain(|key| held.contains(&key.keygrip));
            if keys.is_empty() {
                continue;
            }
            let name = cert.names().first().cloned().unwrap_or_else(|| cert.fingerprint().to_string());
            let key = Arc::new(Kept::new(agent.clone(), keys, Locked::new(ProtocolId::OPENPGP, name)));
            let to = if key.is_owners() { &mut own } else { &mut claimed };
            to.push(Credential { cert: cert.clone(), key });
        }
        Ok(Credentials { own, claimed })
    }
}

impl CertSource for Ring {
    fn by_handle(&self, handle: &Handle) -> Vec<Cert> {
        self.certs.as_slice().by_handle(handle)
    }

    fn by_address(&self, address: &Address) -> Vec<Cert> {
        self.certs.as_slice().by_address(address)
    }
}

/// Certificates whose secret keys an agent has.
///
/// Anybody can put the public encryption key of somebody else into a certificate and write any address on it. So a certificate of
/// which the agent has nothing but such keys is given only to whoever names a key of it, to decrypt: it is nobody's own.
#[derive(Debug)]
pub struct Credentials {
    own: Vec<Credential>,
    claimed: Vec<Credential>,
}

impl KeySource for Credentials {
    fn by_handle(&self, handle: &Handle) -> Vec<Credential> {
        let mut found = self.own.as_slice().by_handle(handle);
        found.extend(self.claimed.as_slice().by_handle(handle));
        found
    }

    fn by_address(&self, address: &Address) -> Vec<Credential> {
        self.own.as_slice().by_address(address)
    }

    fn all(&self) -> Vec<Credential> {
        self.own.clone()
    }
}

/// A keyring that is a file; what is no file may have no end, or make nobody wait for ever.
fn read(path: &Path) -> Result<Option<Vec<u8>>, Error> {
    let failed = |source| Error::Io { path: PathBuf::from(path), source };
    let refused = |why| Err(failed(io::Error::new(io::ErrorKind::InvalidInput, why)));
    match fs::metadata(path) {
        Ok(found) if !found.is_file() => return refused("it is no file"),
        Ok(found) if found.len() > LARGEST => return refused("it is larger than 256 MiB"),
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error)),
    }
    fs::read(path).map(Some).map_err(failed)
}

/// Whether it is a keybox without certificates of OpenPGP.
fn has_no_openpgp(encoded: &[u8]) -> bool {
    let is_openpgp = |blob: &mailseal_core::KeyboxBlob<'_>| blob.kind == mailseal_core::KeyboxKind::OpenPgp;
    matches!(mailseal_core::keybox(encoded), Some(Ok(blobs)) if !blobs.iter().any(is_openpgp))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Attack 23
    #[test]
    fn what_is_no_keyring() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::chosen(folder.path().to_owned());
        let path = folder.path().join("pubring.kbx");
        let why = || match Ring::open(&home) {
            Err(Error::Io { source, .. }) => source.to_string(),
            other => format!("{other:?}"),
        };
        assert!(why().contains("NoKeyring"));
        fs::create_dir(&path).unwrap();
        assert_eq!(why(), "it is no file");
        fs::remove_dir(&path).unwrap();
        fs::File::create(&path).unwrap().set_len(LARGEST + 1).unwrap();
        assert_eq!(why(), "it is larger than 256 MiB");
        #[cfg(unix)]
        {
            fs::remove_file(&path).unwrap();
            std::os::unix::fs::symlink("/dev/zero", &path).unwrap();
            assert_eq!(why(), "it is no file");
        }
    }
}
