//! The life of a key: locked anew, kept up to date, revoked.

use crate::cert::certificate;
use crate::cert::subkey;
use crate::error::engine;
use crate::key::refresh;
use crate::key::revise::{primary, revise};
use crate::key::write::locked_anew;
use crate::names;
use crate::policy::standard;
use crate::stateless::keys::software;
use crate::stateless::{Certs, Error, Keys, Passwords, Uses};
use mailseal_core::{Part, Passphrase, Purpose, Readers, Revision, RevocationReason};
use sequoia_openpgp as openpgp;
use std::time::SystemTime;

impl Keys {
    /// Locks every secret key with `new`, or with nothing.
    ///
    /// # Errors
    /// [`Error::Locked`] when none of the old passwords opens one.
    pub fn locked_anew(&self, old: &Passwords, new: Option<&Passphrase>) -> Result<Keys, Error> {
        let keys = self.software(old);
        Ok(Keys::of(keys.iter().map(|key| locked_anew(key, new, Readers::Current)).collect::<Result<_, _>>()?))
    }

    /// The certificates, revoked by their own keys for no reason, so that nothing signed by them counts.
    ///
    /// # Errors
    /// [`Error::Locked`], [`Error::CannotSign`] where the secret of a primary key is not here.
    pub fn revoked(&self, passwords: &Passwords, at: SystemTime) -> Result<Certs, Error> {
        let revision = Revision::Revoke { part: Part::Whole, reason: RevocationReason::Unspecified, message: "" };
        let keys = self.software(passwords);
        Certs::of(keys.iter().map(|key| revise(key, &revision, at)).collect::<Result<_, _>>()?)
    }
}

/// How keys are kept up to date.
#[derive(Debug, Clone)]
pub struct Update {
    /// What may be new in the certificates, from elsewhere; other certificates are left aside.
    pub merge: Certs,
    /// Any of these may unlock any of the keys.
    pub passwords: Passwords,
    /// What the keys must be able to do afterwards.
    pub uses: Uses,
    /// Whether they may be able to do more than before.
    pub capabilities: Capabilities,
    /// The time.
    pub at: SystemTime,
}

/// Whether a key may be able to do more than before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Capabilities {
    /// A subkey is added for what is missing.
    #[default]
    Added,
    /// Nothing is added.
    AsBefore,
}

impl Update {
    /// For both uses.
    pub fn new(at: SystemTime) -> Update {
        Update {
            merge: Certs::default(),
            passwords: Passwords::default(),
            uses: Uses::default(),
            capabilities: Capabilities::default(),
            at,
        }
    }

    /// The keys with what is new in their certificates, without announcements of weak or unknown algorithms, and with a subkey
    /// for what they could not do.
    ///
    /// # Errors
    /// [`Error::PrimaryKey`] for a primary key that is revoked, expired or too weak; [`Error::Locked`], [`Error::CannotSign`],
    /// [`Error::Other`].
    pub fn update(&self, keys: &Keys) -> Result<Keys, Error> {
        let keys = keys.as_slice().iter().cloned();
        Ok(Keys::of(keys.map(|key| self.updated(key)).collect::<Result<_, _>>()?))
    }

    fn updated(&self, mut cert: openpgp::Cert) -> Result<openpgp::Cert, Error> {
        let fingerprint = names::fingerprint(&cert.fingerprint());
        for new in self.merge.as_slice().iter().filter(|new| *new.fingerprint() == fingerprint) {
            cert = cert.merge_public(certificate::parsed(new)?.into_owned()).map_err(engine)?;
        }
        cert = self.refreshed(cert)?;
        if self.capabilities == Capabilities::Added {
            cert = self.able(cert, Purpose::Sign)?;
            if self.uses == Uses::SigningAndEncryption {
                cert = self.able(cert, Purpose::Encrypt)?;
            }
        }
        Ok(cert)
    }

    /// What was said in this very second is known too.
    fn known(&self, cert: &openpgp::Cert) -> SystemTime {
        self.at.max(certificate::last_statement(cert))
    }

    fn refreshed(&self, cert: openpgp::Cert) -> Result<openpgp::Cert, Error> {
        let known = self.known(&cert);
        let bad = |why| Error::PrimaryKey { key: cert.fingerprint().to_string(), why };
        let rules = standard(known);
        let valid = subkey::good(&cert, &rules, known).map_err(bad)?;
        let key = software(cert.clone(), &self.passwords);
        let packets = refresh::packets(&valid, &mut primary(&key)?, self.at)?;
        let (cert, _) = cert.clone().insert_packets(packets).map_err(engine)?;
        Ok(cert)
    }

    /// The key, able to do this.
    fn able(&self, cert: openpgp::Cert, purpose: Purpose) -> Result<openpgp::Cert, Error> {
        let known = self.known(&cert);
        if subkey::fit(&cert, purpose, &standard(known), known).is_ok() {
            return Ok(cert);
        }
        let key = software(cert, &self.passwords);
        Ok(revise(&key, &Revision::AddKey { purpose, algorithm: None, to: None }, self.at)?)
    }
}
