//! What the owner of a key says of it anew.

use crate::cert::certificate;
use crate::cert::subkey::is_revoked;
use crate::error::engine;
use crate::key::generate::{user_id, validity};
use crate::key::software::SoftwareKey;
use crate::key::{extend, revoke};
use crate::names;
use crate::policy::{reason, standard};
use mailseal_core::{Address, Error, Purpose, Reason, Revision};
use sequoia_openpgp as openpgp;
use sequoia_openpgp::Packet;
use sequoia_openpgp::cert::amalgamation::ValidAmalgamation;
use sequoia_openpgp::cert::{CipherSuite, KeyBuilder, ValidCert};
use sequoia_openpgp::crypto::mpi::PublicKey;
use sequoia_openpgp::crypto::{KeyPair, Signer};
use sequoia_openpgp::packet::signature::SignatureBuilder;
use sequoia_openpgp::packet::{Signature, UserID};
use sequoia_openpgp::types::{Curve, HashAlgorithm, KeyFlags, PublicKeyAlgorithm, SignatureType};
use std::time::{Duration, SystemTime};

/// The certificate with its secret keys, and with the change. The primary key signs it, at `at`, or a second after what it
/// takes the place of, where that is later.
///
/// # Errors
/// [`Error::CannotSign`] when the secret of the primary key is not here, or the certificate is not valid enough to be changed, or
/// revoked and to be changed in another way than by a revocation more;
/// [`Error::Locked`], [`Error::Unsupported`], [`Error::Malformed`] for what it cannot say.
pub(crate) fn revise(key: &SoftwareKey, revision: &Revision<'_>, at: SystemTime) -> Result<openpgp::Cert, Error> {
    let cert = key.cert();
    let mut primary = primary(key)?;
    // What was said in this very second is known too.
    let known = at.max(certificate::last_statement(cert));
    let rules = standard(known);
    let valid = || {
        let valid = cert.with_policy(&rules, known).map_err(|error| cannot(cert, reason(&error)))?;
        // What is said of it then counts for nothing.
        if is_revoked(&valid.revocation_status()) { Err(cannot(cert, Reason::Revoked)) } else { Ok(valid) }
    };
    let packets = match revision {
        Revision::End(end) => extend::packets(key, &valid()?, &mut primary, *end, at)?,
        Revision::AddAddress { address, name } => {
            add_user_id(&valid()?, &mut primary, user_id(address, *name)?, address, at)?
        }
        Revision::AddKey { purpose, algorithm, to } => {
            add_subkey(key, valid()?, primary, &Wanted { purpose: *purpose, algorithm: *algorithm, to: *to }, at)?
        }
        Revision::Revoke { part, reason, message } => revoke::packets(cert, &mut primary, *part, *reason, message, at)?,
        _ => return Err(Error::Unsupported("a change of another kind".to_owned())),
    };
    let (cert, _) = cert.clone().insert_packets(packets).map_err(engine)?;
    Ok(cert)
}

/// The primary key, unlocked.
pub(crate) fn primary(key: &SoftwareKey) -> Result<KeyPair, Error> {
    let public = key.cert().primary_key().key().clone().role_into_unspecified();
    if !key.has_secret(&public) {
        return Err(cannot(key.cert(), "the secret of its primary key is not here"));
    }
    key.own_pair(&public)
}

/// The refusal to sign for a certificate.
pub(crate) fn cannot(cert: &openpgp::Cert, why: impl ToString) -> Error {
    Error::CannotSign { cert: names::fingerprint(&cert.fingerprint()).to_string(), why: why.to_string() }
}

/// What a signature said, to be signed again with a strong hash at `at`, or a second after it where that is later.
pub(crate) fn renewed(known: &Signature, at: SystemTime) -> openpgp::Result<SignatureBuilder> {
    SignatureBuilder::from(known.clone())
        .set_hash_algo(HashAlgorithm::SHA512)
        .set_signature_creation_time(after(at, known.signature_creation_time()))
}

/// When a signature is made that takes the place of one made at `before`: whoever has both must see which is newer.
pub(crate) fn after(at: SystemTime, before: Option<SystemTime>) -> SystemTime {
    match before {
        Some(before) if before >= at => before + Duration::from_secs(1),
        _ => at,
    }
}

/// A User ID more, which says of the key what the primary one says.
fn add_user_id(
    valid: &ValidCert<'_>,
    primary: &mut dyn Signer,
    user_id: UserID,
    address: &Address,
    at: SystemTime,
) -> Result<Vec<Packet>, Error> {
    let mut known = valid.userids().filter(|known| !is_revoked(&known.revocation_status()));
    if known.any(|known| names::address(known.userid()).as_ref() == Some(address)) {
        return Err(Error::malformed("address", "the certificate names it already"));
    }
    let template = match valid.primary_userid() {
        Ok(primary) => SignatureBuilder::from(primary.binding_signature().clone()),
        Err(_) => SignatureBuilder::from(valid.primary_key().binding_signature().clone()),
    };
    // One that was revoked before comes back by a newer signature.
    let before = valid.cert().userids().find(|known| *known.userid() == user_id).and_then(|known| {
        let signatures = known.self_signatures().chain(known.self_revocations());
        signatures.filter_map(|signature| signature.signature_creation_time()).max()
    });
    let signature = template
        .set_type(SignatureType::PositiveCertification)
        .set_hash_algo(HashAlgorithm::SHA512)
        .set_signature_creation_time(after(at, before))
        .and_then(|builder| builder.set_primary_userid(false))
        .and_then(|builder| user_id.bind(primary, valid.cert(), builder))
        .map_err(engine)?;
    Ok(vec![user_id.into(), signature.into()])
}

/// The subkey that is to be made.
struct Wanted<'a> {
    purpose: Purpose,
    algorithm: Option<&'a str>,
    to: Option<SystemTime>,
}

/// A subkey more, locked with what the primary key is locked with.
fn add_subkey(
    key: &SoftwareKey,
    valid: ValidCert<'_>,
    primary: KeyPair,
    wanted: &Wanted<'_>,
    at: SystemTime,
) -> Result<Vec<Packet>, Error> {
    let flags = match wanted.purpose {
        Purpose::Sign => KeyFlags::empty().set_signing(),
        Purpose::Encrypt => KeyFlags::empty().set_transport_encryption().set_storage_encryption(),
        _ => return Err(Error::Unsupported("an OpenPGP subkey for another use".to_owned())),
    };
    let suite = match wanted.algorithm {
        Some(name) => suite_by_name(&valid, name)?,
        None => suite_like(&valid)?,
    };
    let to = wanted.to.or_else(|| valid.primary_key().key_expiration_time());
    let passphrase = key.passphrase_of(primary.public());
    let mut builder = KeyBuilder::new(flags).set_cipher_suite(suite).set_creation_time(at);
    if let Some(passphrase) = passphrase {
        builder = builder.set_password(passphrase);
    }
    let validity = validity(at, to)?;
    builder
        .subkey(valid)
        .and_then(|builder| builder.set_key_validity_period(validity))
        .and_then(|builder| builder.set_primary_key_signer(primary).attach())
        .map_err(engine)
}

/// A kind of key of the profiles that have the certificate's version.
fn suite_by_name(valid: &ValidCert<'_>, name: &str) -> Result<CipherSuite, Error> {
    use crate::key::generate::Profile;
    match valid.primary_key().key().version() {
        6 if name.starts_with("mldsa") => Profile::Pqc.suite(Some(name)),
        6 => Profile::Rfc9580.suite(Some(name)),
        _ => Profile::Default.suite(Some(name)),
    }
}

/// The kind of the primary key, or what is usual today where that is not made any more.
fn suite_like(valid: &ValidCert<'_>) -> Result<CipherSuite, Error> {
    let key = valid.primary_key().key();
    let suite = match (key.mpis(), key.pk_algo()) {
        (PublicKey::RSA { n, .. }, _) if n.bits() > 3072 => CipherSuite::RSA4k,
        (PublicKey::RSA { .. }, _) => CipherSuite::RSA3k,
        (PublicKey::ECDSA { curve: Curve::NistP256, .. }, _) => CipherSuite::P256,
        (PublicKey::ECDSA { curve: Curve::NistP384, .. }, _) => CipherSuite::P384,
        (PublicKey::ECDSA { curve: Curve::NistP521, .. }, _) => CipherSuite::P521,
        (PublicKey::Ed448 { .. }, _) => CipherSuite::Cv448,
        (_, PublicKeyAlgorithm::MLDSA65_Ed25519) => CipherSuite::MLDSA65_Ed25519,
        (_, PublicKeyAlgorithm::MLDSA87_Ed448) => CipherSuite::MLDSA87_Ed448,
        _ => CipherSuite::Cv25519,
    };
    suite.is_supported().map_err(|error| Error::Unsupported(error.to_string()))?;
    Ok(suite)
}
