//! What others say of certificates: merged in, certified, looked for.

use crate::cert::certificate;
use crate::cert::subkey::{good, is_revoked};
use crate::error::engine;
use crate::key::revise::primary;
use crate::key::software::SoftwareKey;
use crate::names;
use crate::policy::standard;
use crate::stateless::{Certs, Error, Keys, Passwords};
use mailseal_core::{self as core, Address, Reason};
use sequoia_openpgp as openpgp;
use sequoia_openpgp::Packet;
use sequoia_openpgp::cert::amalgamation::{UserIDAmalgamation, ValidAmalgamation};
use sequoia_openpgp::packet::UserID;
use sequoia_openpgp::packet::signature::SignatureBuilder;
use sequoia_openpgp::types::{HashAlgorithm, SignatureType};
use std::time::SystemTime;

impl Certs {
    /// The certificates, each once, with what `others` have of them besides. Other certificates are left aside.
    ///
    /// # Errors
    /// [`Error::Other`]
    pub fn merged(&self, others: &Certs) -> Result<Certs, Error> {
        let mut merged: Vec<openpgp::Cert> = Vec::new();
        for cert in self.as_slice() {
            add(&mut merged, certificate::parsed(cert)?.into_owned(), Unknown::Kept)?;
        }
        for cert in others.as_slice() {
            add(&mut merged, certificate::parsed(cert)?.into_owned(), Unknown::LeftAside)?;
        }
        Certs::of(merged)
    }
}

/// What becomes of a certificate that is not known yet.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unknown {
    Kept,
    LeftAside,
}

fn add(certs: &mut Vec<openpgp::Cert>, cert: openpgp::Cert, unknown: Unknown) -> Result<(), Error> {
    match certs.iter_mut().find(|known| known.fingerprint() == cert.fingerprint()) {
        Some(known) => *known = known.clone().merge_public(cert).map_err(engine)?,
        None if unknown == Unknown::Kept => certs.push(cert),
        None => {}
    }
    Ok(())
}

/// Who certifies which user IDs.
#[derive(Debug, Clone)]
pub struct Certifier {
    /// Every key of these certifies.
    pub keys: Keys,
    /// Any of these may unlock any of the keys.
    pub passwords: Passwords,
    /// The user IDs, exactly.
    pub user_ids: Vec<String>,
    /// Whether a user ID may be certified that the owner does not sign.
    pub others: OthersUserIds,
    /// The time of the certifications.
    pub at: SystemTime,
}

/// Whether a user ID may be certified that the owner of the certificate does not sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OthersUserIds {
    /// Not.
    #[default]
    Refused,
    /// It is added.
    Added,
}

impl Certifier {
    /// Nobody yet, of nothing.
    pub fn new(at: SystemTime) -> Certifier {
        Certifier {
            keys: Keys::default(),
            passwords: Passwords::default(),
            user_ids: Vec::new(),
            others: OthersUserIds::default(),
            at,
        }
    }

    /// The certificates with the certifications.
    ///
    /// # Errors
    /// [`Error::UserId`] for a certificate that has not each of the user IDs; [`Error::PrimaryKey`] for a key that is revoked,
    /// expired or too weak; [`Error::CannotSign`], [`Error::Locked`], [`Error::Other`], also when nobody certifies.
    pub fn certify(&self, certs: &Certs) -> Result<Certs, Error> {
        if self.keys.as_slice().is_empty() {
            return Err(Error::Other(core::Error::Misuse("nobody to certify was given")));
        }
        let keys = self.keys.software(&self.passwords);
        let mut certified = Vec::new();
        for cert in certs.as_slice() {
            let mut cert = certificate::parsed(cert)?.into_owned();
            for user_id in self.user_ids.iter().map(|text| UserID::from(text.as_str())) {
                self.is_owners(&cert, &user_id)?;
                for key in &keys {
                    cert = self.certified(cert, &user_id, key)?;
                }
            }
            certified.push(cert);
        }
        Certs::of(certified)
    }

    /// Holds that the owner of the certificate signs the user ID, unless that is not asked for.
    fn is_owners(&self, cert: &openpgp::Cert, user_id: &UserID) -> Result<(), Error> {
        if self.others == OthersUserIds::Added {
            return Ok(());
        }
        let lacks = |why: String| Error::UserId { cert: cert.fingerprint().to_string(), why };
        let rules = standard(self.at);
        let valid = good(cert, &rules, self.at).map_err(|reason| lacks(reason.to_string()))?;
        let mut user_ids = valid.userids().filter(|known| !is_revoked(&known.revocation_status()));
        match user_ids.any(|known| known.userid() == user_id) {
            true => Ok(()),
            false => Err(lacks("the owner does not sign it".to_owned())),
        }
    }

    fn certified(&self, cert: openpgp::Cert, user_id: &UserID, key: &SoftwareKey) -> Result<openpgp::Cert, Error> {
        let rules = standard(self.at);
        let bad = |why| Error::PrimaryKey { key: key.cert().fingerprint().to_string(), why };
        let valid = good(key.cert(), &rules, self.at).map_err(bad)?;
        if !valid.primary_key().for_certification() {
            return Err(Error::CannotSign {
                cert: key.cert().fingerprint().to_string(),
                why: Reason::Usage.to_string(),
            });
        }
        let certification = SignatureBuilder::new(SignatureType::GenericCertification)
            .set_hash_algo(HashAlgorithm::SHA512)
            .set_signature_creation_time(self.at)
            .and_then(|builder| user_id.bind(&mut primary(key)?, &cert, builder))
            .map_err(engine)?;
        let packets = [Packet::from(user_id.clone()), Packet::from(certification)];
        let (cert, _) = cert.insert_packets(packets).map_err(engine)?;
        Ok(cert)
    }
}

/// Who is asked about user IDs, and when.
#[derive(Debug, Clone)]
pub struct Authorities {
    /// What these certify holds.
    pub certs: Certs,
    /// The time at which it is to hold.
    pub at: SystemTime,
}

/// What is looked for in a certificate.
#[derive(Debug, Clone, Copy)]
pub enum Wanted<'a> {
    /// This user ID, exactly.
    UserId(&'a str),
    /// A user ID with this address.
    Address(&'a str),
}

impl Authorities {
    /// Holds that each certificate has, by its owner's signature and that of one of the authorities, what is wanted.
    ///
    /// # Errors
    /// [`Error::UserId`] for the first that has not; [`Error::Other`].
    pub fn validate(&self, certs: &Certs, wanted: Wanted<'_>) -> Result<(), Error> {
        let rules = standard(self.at);
        let authorities = self.certs.as_slice().iter().map(certificate::parsed).collect::<Result<Vec<_>, _>>()?;
        for cert in certs.as_slice() {
            let cert = certificate::parsed(cert)?;
            let lacks = |why: String| Error::UserId { cert: cert.fingerprint().to_string(), why };
            let valid = good(&cert, &rules, self.at).map_err(|reason| lacks(reason.to_string()))?;
            let found = valid
                .userids()
                .filter(|user_id| !is_revoked(&user_id.revocation_status()) && matches(user_id.userid(), wanted))
                .any(|user_id| {
                    authorities.iter().any(|authority| self.bound(user_id.amalgamation(), &cert, authority))
                });
            if !found {
                return Err(lacks("no authority binds it".to_owned()));
            }
        }
        Ok(())
    }

    /// Whether the authority, good itself, certifies the user ID, and did not take that back.
    fn bound(&self, user_id: &UserIDAmalgamation<'_>, cert: &openpgp::Cert, authority: &openpgp::Cert) -> bool {
        let rules = standard(self.at);
        let Ok(valid) = good(authority, &rules, self.at) else { return false };
        if authority.fingerprint() == cert.fingerprint() {
            return true;
        }
        let key = authority.primary_key().key().role_as_unspecified();
        valid.primary_key().for_certification()
            && user_id.active_certifications_by_key(&rules, self.at, key).next().is_some()
            && user_id.valid_third_party_revocations_by_key(&rules, self.at, key).next().is_none()
    }
}

fn matches(user_id: &UserID, wanted: Wanted<'_>) -> bool {
    match wanted {
        Wanted::UserId(text) => user_id.value() == text.as_bytes(),
        Wanted::Address(text) => {
            let found = names::address(user_id);
            found.is_some() && found == Address::parse(text).ok()
        }
    }
}
