//! Secret keys in memory, and what may unlock them.

use crate::cert::certificate::{self, parse_packets};
use crate::key::software::SoftwareKey;
use crate::stateless::Error;
use crate::stateless::certs::{self, Certs};
use crate::write::armor::{self, Form};
use mailseal_core::{Address, Credential, Handle, KeySource, Locked, NoPrompt, Passphrase};
use sequoia_openpgp as openpgp;
use sequoia_openpgp::armor::Kind;
use sequoia_openpgp::crypto::Password;
use std::fmt;
use std::io::Write;
use std::sync::Arc;

/// Secret keys with their certificates, in the order in which they were given; locked as they were read.
#[derive(Clone, Default)]
pub struct Keys(Vec<openpgp::Cert>);

/// Says how many there are, and no more.
impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keys({})", self.0.len())
    }
}

impl Keys {
    /// Reads secret keys, armored or binary, one or many.
    ///
    /// # Errors
    /// [`Error::BadData`] if there is none, or a certificate without one among them.
    pub fn read(encoded: &[u8]) -> Result<Keys, Error> {
        let keys = parse_packets(encoded, "OpenPGP secret key")?;
        match keys.iter().all(openpgp::Cert::is_tsk) {
            true => Ok(Keys(keys)),
            false => Err(Error::BadData("there is a certificate where secret keys were expected".to_owned())),
        }
    }

    /// Writes them one after another, in one armored block, locked as they are.
    ///
    /// # Errors
    /// [`Error::Other`]
    pub fn write(&self, form: Form, out: &mut dyn Write) -> Result<(), Error> {
        let packets = certs::secret_packets(&self.0)?;
        Ok(armor::write(&packets, Kind::SecretKey, certs::profile(self.0.iter()), form, out)?)
    }

    /// Adds other keys.
    pub fn extend(&mut self, others: Keys) {
        self.0.extend(others.0);
    }

    /// These, which have secrets.
    pub(crate) fn of(keys: Vec<openpgp::Cert>) -> Keys {
        Keys(keys)
    }

    pub(crate) fn as_slice(&self) -> &[openpgp::Cert] {
        &self.0
    }

    /// Their certificates.
    ///
    /// # Errors
    /// [`Error::BadData`]
    pub fn certs(&self) -> Result<Certs, Error> {
        Certs::of(self.0.clone())
    }

    /// The keys, to be unlocked with these passwords when they are needed.
    pub(crate) fn software(&self, passwords: &Passwords) -> Vec<SoftwareKey> {
        self.0.iter().map(|key| software(key.clone(), passwords)).collect()
    }

    /// As [`Keys::software`], for the readers and writers of mail.
    pub(crate) fn with(&self, passwords: &Passwords) -> Result<Credentials, Error> {
        let credential = |key: &openpgp::Cert| -> Result<Credential, Error> {
            Ok(Credential { cert: certificate::wrap(key.clone())?, key: Arc::new(software(key.clone(), passwords)) })
        };
        Ok(Credentials(self.0.iter().map(credential).collect::<Result<_, _>>()?, Vec::new()))
    }
}

/// One key, to be unlocked with these passwords when it is needed.
pub(crate) fn software(key: openpgp::Cert, passwords: &Passwords) -> SoftwareKey {
    let name = key.fingerprint().to_string();
    SoftwareKey::with(key, &name, Arc::new(NoPrompt), passwords.0.clone())
}

/// Passwords, each of any octets.
#[derive(Clone, Default)]
pub struct Passwords(pub(crate) Vec<Password>);

impl Passwords {
    /// Adds one.
    pub fn add(&mut self, octets: &[u8]) {
        self.0.push(Password::from(octets));
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Passwords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Passwords({})", self.0.len())
    }
}

/// Keys, and passwords of messages, as the readers and writers of mail take them.
pub(crate) struct Credentials(pub(crate) Vec<Credential>, pub(crate) Vec<Passphrase>);

impl KeySource for Credentials {
    fn by_handle(&self, handle: &Handle) -> Vec<Credential> {
        self.0.as_slice().by_handle(handle)
    }

    fn by_address(&self, address: &Address) -> Vec<Credential> {
        self.0.as_slice().by_address(address)
    }

    fn all(&self) -> Vec<Credential> {
        self.0.clone()
    }

    fn passphrase(&self, _: &Locked, attempt: usize) -> Option<Passphrase> {
        self.1.get(attempt).cloned()
    }
}
