//! Certificates in memory.

use crate::cert::certificate::{self, parse_packets};
use crate::error::engine;
use crate::stateless::Error;
use crate::write::armor::{self, Form};
use mailseal_core::{Address, Cert, CertSource, Handle};
use sequoia_openpgp as openpgp;
use sequoia_openpgp::Profile;
use sequoia_openpgp::armor::Kind;
use sequoia_openpgp::serialize::{Marshal, SerializeInto};
use std::io::Write;

/// Certificates, in the order in which they were given.
#[derive(Debug, Clone, Default)]
pub struct Certs(Vec<Cert>);

impl Certs {
    /// Reads certificates, armored or binary, one or many.
    ///
    /// # Errors
    /// [`Error::BadData`] if there is none, or a secret key among them.
    pub fn read(encoded: &[u8]) -> Result<Certs, Error> {
        let certs = parse_packets(encoded, "OpenPGP certificate")?;
        if certs.iter().any(openpgp::Cert::is_tsk) {
            return Err(Error::BadData("there is a secret key where certificates were expected".to_owned()));
        }
        Certs::of(certs)
    }

    /// Writes them one after another, in one armored block, without what is not for others (RFC 9580 §5.2.3.19).
    ///
    /// # Errors
    /// [`Error::Other`]
    pub fn write(&self, form: Form, out: &mut dyn Write) -> Result<(), Error> {
        let mut packets = Vec::new();
        for cert in &self.0 {
            packets.extend(certificate::parsed(cert)?.export_to_vec().map_err(engine)?);
        }
        Ok(armor::write(&packets, Kind::PublicKey, self.profile()?, form, out)?)
    }

    /// Adds other certificates.
    pub fn extend(&mut self, others: Certs) {
        self.0.extend(others.0);
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether there is one with this fingerprint, in hexadecimal.
    pub fn have(&self, fingerprint: &str) -> bool {
        self.0.iter().any(|cert| cert.fingerprint().to_string().eq_ignore_ascii_case(fingerprint))
    }

    /// The certificates of Sequoia's form, without their secrets.
    pub(crate) fn of(certs: Vec<openpgp::Cert>) -> Result<Certs, Error> {
        Ok(Certs(certs.into_iter().map(certificate::wrap).collect::<Result<_, _>>()?))
    }

    pub(crate) fn as_slice(&self) -> &[Cert] {
        &self.0
    }

    fn profile(&self) -> Result<Profile, Error> {
        let certs = self.0.iter().map(certificate::parsed).collect::<Result<Vec<_>, _>>()?;
        Ok(profile(certs.iter().map(AsRef::as_ref)))
    }
}

/// The armor that readers of these certificates know.
pub(crate) fn profile<'a>(mut certs: impl Iterator<Item = &'a openpgp::Cert>) -> Profile {
    match certs.all(|cert| cert.primary_key().key().version() > 4) {
        true => Profile::RFC9580,
        false => Profile::RFC4880,
    }
}

/// The packets of secret keys and their certificates.
pub(crate) fn secret_packets(keys: &[openpgp::Cert]) -> Result<zeroize::Zeroizing<Vec<u8>>, Error> {
    let mut packets = zeroize::Zeroizing::new(Vec::new());
    for key in keys {
        key.as_tsk().serialize(&mut *packets).map_err(engine)?;
    }
    Ok(packets)
}

impl CertSource for Certs {
    fn by_handle(&self, handle: &Handle) -> Vec<Cert> {
        self.0.as_slice().by_handle(handle)
    }

    fn by_address(&self, address: &Address) -> Vec<Cert> {
        self.0.as_slice().by_address(address)
    }
}
