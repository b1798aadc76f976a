//! The keyring as the verbs of `key` see it: which file holds what.

use std::{
    fs,
    io::{self, Write as _},
    path::PathBuf,
    sync::Arc,
};

use jiff::Timestamp;
use mailseal::{Address, Cert, Handle, NoPrompt, Policy, Protocol, ProtocolId, Protocols, Reason};
use mailseal_core::{Digits, Endings, Error as CoreError, KeyFiles, Purpose};
use mailseal_keyring::{Folder, Place, Store};
use serde_json::{Value, json};

use crate::{
    args::key::Ring,
    exit::{Exit, Failure},
    output::{escape::escape, talk::warn, words},
    setup,
};

/// A keyring with its files.
pub(super) struct Files {
    pub(super) protocols: Protocols,
    pub(super) folder: Folder,
    pub(super) root: PathBuf,
}

/// A certificate, and the file that it is in.
#[derive(Clone)]
pub(super) struct Held {
    pub(super) cert: Cert,
    pub(super) path: PathBuf,
    pub(super) place: Place,
    /// How many certificates the file has.
    pub(super) beside: usize,
}

impl Held {
    /// Whether its secret key is in the file.
    pub(super) fn is_secret(&self) -> bool {
        self.place == Place::Keys
    }
}

impl Files {
    /// The keyring of the command line, else the user's.
    ///
    /// # Errors
    /// 61 when nothing says where it is.
    pub(super) fn new(args: &Ring) -> Result<Files, Failure> {
        let root = args.keyring.clone().or_else(setup::default_keyring).ok_or_else(|| {
            Failure::new(Exit::MissingInput, "there is no home directory").hint("--keyring names the keyring")
        })?;
        Ok(Files { protocols: setup::protocols(), folder: Folder::new(&root), root })
    }

    /// Certificates and keys in the order of places and file names. Files that cannot be read without a passphrase, or at
    /// all, are told on standard error.
    pub(super) fn all(&self) -> Result<Vec<Held>, Failure> {
        let mut all = Vec::new();
        let known = self.certs()?;
        for place in [Place::Keys, Place::Certs, Place::Intermediates, Place::Anchors] {
            for (path, octets) in self.folder.files(place)? {
                let mut store = Store::new(self.protocols.as_slice());
                let name = path.display().to_string();
                let certs = match place {
                    Place::Keys => {
                        store.add_certs(known.clone());
                        let added = store.add_keys(&name, &octets, Arc::new(NoPrompt));
                        added.map(|()| store.key_certs()).map_err(|error| error.to_string())
                    }
                    Place::Anchors => setup::x509(&name, &octets).map_err(|failure| failure.message),
                    _ => store.parse_certs(&name, &octets).map_err(|error| error.to_string()),
                };
                let certs = certs.unwrap_or_else(|error| {
                    warn(&error);
                    Vec::new()
                });
                if certs.is_empty() && place == Place::Keys {
                    warn(&format!(
                        "{name} says nothing of its keys without a passphrase; `key import` of it mends that"
                    ));
                }
                let beside = certs.len();
                all.extend(certs.into_iter().map(|cert| Held { cert, path: path.clone(), place, beside }));
            }
        }
        Ok(all)
    }

    /// The certificates of correspondents and of authorities.
    pub(super) fn certs(&self) -> Result<Vec<Cert>, Failure> {
        let store = Store::new(self.protocols.as_slice());
        let mut certs = Vec::new();
        for place in [Place::Certs, Place::Intermediates] {
            for (path, octets) in self.folder.files(place)? {
                certs.extend(store.parse_certs(&path.display().to_string(), &octets).unwrap_or_default());
            }
        }
        Ok(certs)
    }

    /// What answers to an address, a fingerprint or the beginning of one.
    ///
    /// # Errors
    /// 61 when nothing does.
    pub(super) fn find(&self, which: &str) -> Result<Vec<Held>, Failure> {
        let all = self.all()?;
        let found: Vec<_> = match Address::parse(which) {
            Ok(address) => all.into_iter().filter(|held| held.cert.addresses().contains(&address)).collect(),
            Err(_) => {
                let digits = Digits::parse(which);
                all.into_iter().filter(|held| digits.as_ref().is_some_and(|digits| digits.name(&held.cert))).collect()
            }
        };
        if found.is_empty() {
            let message = format!("the keyring has no certificate {which}");
            return Err(Failure::new(Exit::MissingInput, message)
                .hint("`mailseal key list` shows what it has, `mailseal key import FILE` puts more in"));
        }
        Ok(found)
    }

    /// The one certificate of a handle, in every file that has it.
    ///
    /// # Errors
    /// 61 when there is none, 2 when there are several.
    pub(super) fn one(&self, which: &str) -> Result<Vec<Held>, Failure> {
        let found = self.find(which)?;
        only(found.iter().map(|held| &held.cert), which)?;
        Ok(found)
    }

    /// The protocol of a certificate and how it writes files.
    pub(super) fn key_files(&self, id: ProtocolId) -> Result<(&Arc<dyn Protocol>, &dyn KeyFiles), Failure> {
        let protocol = self.protocols.get(id);
        protocol
            .and_then(|protocol| Some((protocol, protocol.key_files()?)))
            .ok_or_else(|| Failure::new(Exit::UnsupportedAsymmetricAlgo, format!("{id} keys cannot be written")))
    }

    /// The text of a file of certificates with one of them changed.
    pub(super) fn with_cert(&self, held: &Held, changed: &Cert) -> Result<Vec<u8>, Failure> {
        let octets = fs::read(&held.path).map_err(|e| Failure::reading(held.path.display(), &e))?;
        let store = Store::new(self.protocols.as_slice());
        let mut text = Vec::new();
        for cert in store.parse_certs(&held.path.display().to_string(), &octets)? {
            let (_, key_files) = self.key_files(cert.protocol())?;
            let cert = if cert.fingerprint() == changed.fingerprint() { key_files.merge(&cert, changed) } else { cert };
            text.extend(key_files.write_cert(&cert).map_err(|error| failure("certificate", error))?);
        }
        Ok(text)
    }

    /// Where a certificate or key lies that the keyring has not yet: under the fingerprint.
    pub(super) fn path(&self, place: Place, cert: &Cert) -> Result<PathBuf, Failure> {
        let (_, files) = self.key_files(cert.protocol())?;
        let Endings { cert: ending, kept, anchor, .. } = files.endings();
        let ending = match place {
            Place::Keys => kept,
            Place::Anchors => anchor.unwrap_or(ending),
            _ => ending,
        };
        Ok(self.folder.path(place, &format!("{}.{ending}", cert.fingerprint())))
    }

    /// Puts a file into the keyring under the fingerprint of its certificate.
    pub(super) fn put(&self, place: Place, cert: &Cert, octets: &[u8]) -> Result<PathBuf, Failure> {
        let path = self.path(place, cert)?;
        self.folder.replace(&[(path.clone(), octets)])?;
        Ok(path)
    }
}

/// The one certificate of several places.
pub(super) fn only<'a>(mut certs: impl Iterator<Item = &'a Cert>, which: &str) -> Result<&'a Cert, Failure> {
    let missing = || Failure::new(Exit::MissingInput, format!("the keyring has no certificate {which}"));
    let first = certs.next().ok_or_else(missing)?;
    match certs.find(|cert| cert.fingerprint() != first.fingerprint()) {
        Some(_) => Err(Failure::new(Exit::Usage, format!("{which} names several certificates"))
            .hint("`mailseal key list` shows their fingerprints")),
        None => Ok(first),
    }
}

/// Fingerprint, technology and addresses: how every verb names a certificate.
pub(super) fn line(cert: &Cert) -> String {
    let addresses: Vec<_> = cert.addresses().iter().map(|address| escape(address.as_str()).to_string()).collect();
    let whose = match (addresses.is_empty(), cert.names().first()) {
        (true, Some(name)) => escape(name).to_string(),
        _ => addresses.join(" "),
    };
    format!("{} {} {whose}", cert.fingerprint(), words::technology(cert.protocol().0))
}

/// The same as JSON, and when it ends.
pub(super) fn object(cert: &Cert) -> Value {
    let until = cert.not_after().and_then(|until| Timestamp::try_from(until).ok());
    let is_subkey = |handle: &&Handle| matches!(handle, Handle::Fingerprint(_)) && *handle != cert.fingerprint();
    let subkeys: Vec<_> = cert.handles().iter().filter(is_subkey).map(Handle::to_string).collect();
    json!({
        "fingerprint": cert.fingerprint().to_string(),
        "subkeys": subkeys,
        "protocol": cert.protocol().0,
        "addresses": cert.addresses().iter().map(|address| address.as_str()).collect::<Vec<_>>(),
        "names": cert.names(),
        "not_after": until.map(|until| until.to_string()),
    })
}

/// Why a certificate serves neither for signatures nor to encrypt to, where it is meant for that.
pub(super) fn problem(protocol: &dyn Protocol, cert: &Cert, policy: &Policy) -> Option<Reason> {
    let refused = |purpose| protocol.usable(cert, purpose, policy).err();
    let (signs, encrypts) = (refused(Purpose::Sign)?, refused(Purpose::Encrypt)?);
    [signs, encrypts].into_iter().find(|reason| *reason != Reason::Usage)
}

/// Prints a line to standard output.
pub(super) fn say(line: &str) -> Result<(), Failure> {
    writeln!(io::stdout(), "{line}").map_err(|e| Failure::writing("standard output", &e))
}

/// What a protocol said of a key, in the words and codes of the command line.
pub(super) fn failure(name: &str, error: CoreError) -> Failure {
    crate::command::failure::core(name, error)
}
