//! Certificates that a key signs for itself (RFC 5280 §4.1).

use super::extensions;
use super::new_key::KeyPair;
use crate::{oid, random};
use der::Encode;
use mailseal_cms::ber::encode::{self, SEQUENCE, SET, constructed, context, tlv};
use mailseal_core::{Error, NewKey};
use std::time::SystemTime;
use x509_cert::time::Time;

/// A certificate for S/MIME, valid from `new.from` to `new.to` in whole seconds.
///
/// # Errors
/// [`Error::Malformed`] for times that a certificate cannot hold, [`Error::Engine`] without randomness.
pub(super) fn self_signed(key: &KeyPair, new: &NewKey<'_>) -> Result<Vec<u8>, Error> {
    if new.to.is_some_and(|to| to <= new.from) {
        return Err(Error::malformed("validity", "it ends before it begins"));
    }
    let end = match new.to {
        Some(to) => time(to)?,
        // No end (RFC 5280 §4.1.2.5).
        None => tlv(0x18, b"99991231235959Z"),
    };
    let mut serial = random::octets(16)?;
    serial[0] = serial[0] & 0x3f | 0x40; // positive, and never shorter
    let name = name(new)?;
    let algorithm = key.signature_algorithm();
    let extensions = [extensions::of_issuer(key.public())?, extensions::of_mailbox(key, new)].concat().concat();
    let to_be_signed = constructed(
        SEQUENCE,
        &[
            &tlv(context(0), &encode::small_integer(2)),
            &tlv(0x02, &serial),
            &algorithm,
            &name,
            &constructed(SEQUENCE, &[&time(new.from)?, &end]),
            &name,
            key.public(),
            &tlv(context(3), &tlv(SEQUENCE, &extensions)),
        ],
    );
    signed(key, &to_be_signed)
}

/// What was signed, the algorithm and the signature: the form of certificates and requests.
///
/// # Errors
/// [`Error::Key`].
pub(super) fn signed(key: &KeyPair, to_be_signed: &[u8]) -> Result<Vec<u8>, Error> {
    let signature = [&[0], key.sign(to_be_signed)?.as_slice()].concat();
    Ok(constructed(SEQUENCE, &[to_be_signed, &key.signature_algorithm(), &tlv(0x03, &signature)]))
}

/// A Name of one common name: the owner's, else the address. At most 64 characters (RFC 5280 App. A, ub-common-name).
///
/// # Errors
/// [`Error::Malformed`] for a name that is empty or longer.
pub(super) fn name(new: &NewKey<'_>) -> Result<Vec<u8>, Error> {
    const LONGEST: usize = 64;
    let text: String = match new.name {
        Some(name) if name.trim().is_empty() || name.chars().count() > LONGEST => {
            return Err(Error::malformed("name", "a common name has 1 to 64 characters"));
        }
        Some(name) => name.to_owned(),
        None => new.address.as_str().chars().take(LONGEST).collect(),
    };
    let attribute = constructed(SEQUENCE, &[&encode::oid(oid::COMMON_NAME), &tlv(0x0c, text.as_bytes())]);
    Ok(constructed(SEQUENCE, &[&tlv(SET, &attribute)]))
}

/// UTCTime until 2049, GeneralizedTime from 2050 on (RFC 5280 §4.1.2.5).
fn time(at: SystemTime) -> Result<Vec<u8>, Error> {
    let bad = |_| Error::malformed("validity", "a time that a certificate cannot hold");
    Time::try_from(at).and_then(|time| time.to_der()).map_err(bad)
}
