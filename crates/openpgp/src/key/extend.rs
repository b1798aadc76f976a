//! When a certificate and its keys end.

use crate::cert::subkey::is_revoked;
use crate::error::engine;
use crate::key::generate::validity;
use crate::key::revise::{after, renewed};
use crate::key::software::SoftwareKey;
use mailseal_core::Error;
use sequoia_openpgp::Packet;
use sequoia_openpgp::cert::ValidCert;
use sequoia_openpgp::cert::amalgamation::key::{PrimaryKey, ValidErasedKeyAmalgamation};
use sequoia_openpgp::cert::amalgamation::{ValidAmalgamation, ValidateAmalgamation};
use sequoia_openpgp::crypto::Signer;
use sequoia_openpgp::packet::Signature;
use sequoia_openpgp::packet::key::PublicParts;
use sequoia_openpgp::packet::signature::SignatureBuilder;
use sequoia_openpgp::packet::signature::subpacket::SubpacketTag;
use sequoia_openpgp::types::{HashAlgorithm, SignatureType};
use std::time::{Duration, SystemTime};

type ValidKey<'a> = ValidErasedKeyAmalgamation<'a, PublicParts>;

/// New signatures that say when the certificate ends: over the primary key, each User ID and each subkey that is in use. Not in
/// use is what was revoked, and what ended while a newer subkey for the same use is there.
///
/// # Errors
/// [`Error::Malformed`] for an end before `at`, [`Error::Locked`], [`Error::Engine`].
pub(crate) fn packets(
    key: &SoftwareKey,
    valid: &ValidCert<'_>,
    primary: &mut dyn Signer,
    end: Option<SystemTime>,
    at: SystemTime,
) -> Result<Vec<Packet>, Error> {
    if end.is_some_and(|end| end <= at) {
        return Err(Error::malformed("validity", "it ends before it is said"));
    }
    let lasts = |created: SystemTime| validity(created, end);
    let created = valid.primary_key().key().creation_time();
    let mut packets = of_primary(valid, primary, lasts(created)?, at)?;
    for subkey in in_use(valid) {
        let lasts = lasts(subkey.key().creation_time())?;
        packets.push(of_subkey(key, &subkey, primary, lasts, at)?.into());
    }
    Ok(packets)
}

/// Over the primary key, and over each User ID that was not revoked.
fn of_primary(
    valid: &ValidCert<'_>,
    primary: &mut dyn Signer,
    lasts: Option<Duration>,
    at: SystemTime,
) -> Result<Vec<Packet>, Error> {
    let mut packets = Vec::new();
    let mut direct = template(valid.primary_key().binding_signature(), lasts, at)?;
    if let Ok(known) = valid.primary_key().direct_key_signature() {
        direct = template(known, lasts, at)?;
    }
    // What a signature over a User ID says of that alone.
    for tag in [SubpacketTag::PrimaryUserID, SubpacketTag::SignersUserID, SubpacketTag::ExportableCertification] {
        direct.hashed_area_mut().remove_all(tag);
    }
    let direct = direct.set_type(SignatureType::DirectKey).sign_direct_key(primary, None).map_err(engine)?;
    packets.push(direct.into());

    let first = valid.primary_userid().ok().map(|user_id| user_id.userid().clone());
    for user_id in valid.userids().filter(|user_id| !is_revoked(&user_id.revocation_status())) {
        let signature = template(user_id.binding_signature(), lasts, at)?
            .set_primary_userid(first.as_ref() == Some(user_id.userid()))
            .and_then(|builder| {
                builder.sign_userid_binding(primary, valid.cert().primary_key().key(), user_id.userid())
            })
            .map_err(engine)?;
        packets.push(signature.into());
    }
    Ok(packets)
}

/// Over a subkey. One that signs agrees again when its secret is here; else it agreed before.
fn of_subkey(
    key: &SoftwareKey,
    subkey: &ValidKey<'_>,
    primary: &mut dyn Signer,
    lasts: Option<Duration>,
    at: SystemTime,
) -> Result<Signature, Error> {
    let mut builder = template(subkey.binding_signature(), lasts, at)?;
    let main = subkey.cert().primary_key().key();
    let agrees = subkey.for_signing() || subkey.for_certification() || subkey.for_authentication();
    let public = subkey.key().clone().role_into_unspecified();
    if agrees && key.has_secret(&public) {
        let mut pair = key.pair(&public)?;
        let agreed = SignatureBuilder::new(SignatureType::PrimaryKeyBinding)
            .set_hash_algo(HashAlgorithm::SHA512)
            .set_signature_creation_time(after(at, subkey.binding_signature().signature_creation_time()))
            .and_then(|builder| builder.sign_primary_key_binding(&mut pair, main, subkey.key().role_as_subordinate()))
            .map_err(engine)?;
        builder = builder.set_embedded_signature(agreed).map_err(engine)?;
    }
    builder.sign_subkey_binding(primary, main, subkey.key().role_as_subordinate()).map_err(engine)
}

/// What a signature said, with another end, a strong hash and the time `at`.
fn template(known: &Signature, lasts: Option<Duration>, at: SystemTime) -> Result<SignatureBuilder, Error> {
    renewed(known, at).and_then(|builder| builder.set_key_validity_period(lasts)).map_err(engine)
}

/// The subkeys that end with the certificate.
fn in_use<'a>(valid: &ValidCert<'a>) -> Vec<ValidKey<'a>> {
    let subkeys: Vec<ValidKey<'a>> = valid
        .cert()
        .keys()
        .subkeys()
        .filter_map(|subkey| subkey.with_policy(valid.policy(), valid.time()).ok())
        .map(ValidKey::from)
        .filter(|subkey| !is_revoked(&subkey.revocation_status()))
        .collect();
    let replaced = |one: &ValidKey<'_>| {
        one.alive().is_err()
            && subkeys.iter().any(|other| {
                other.key_flags() == one.key_flags()
                    && (other.alive().is_ok() || other.key().creation_time() > one.key().creation_time())
            })
    };
    subkeys.iter().filter(|subkey| !subkey.primary() && !replaced(subkey)).cloned().collect()
}
