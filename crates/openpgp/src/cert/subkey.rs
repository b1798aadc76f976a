//! Which keys of a certificate serve a purpose, or why none does.

use crate::policy::{key_weakness, reason};
use mailseal_core::{Purpose, Reason};
use sequoia_openpgp::Cert;
use sequoia_openpgp::cert::ValidCert;
use sequoia_openpgp::cert::amalgamation::key::ValidErasedKeyAmalgamation;
use sequoia_openpgp::cert::amalgamation::{ValidAmalgamation, ValidateAmalgamation};
use sequoia_openpgp::packet::key::PublicParts;
use sequoia_openpgp::policy::Policy;
use sequoia_openpgp::types::{PublicKeyAlgorithm, RevocationStatus};
use std::time::SystemTime;

/// A key of a certificate, bound to it and valid at a time.
pub(crate) type ValidKey<'a> = ValidErasedKeyAmalgamation<'a, PublicParts>;

/// The keys that serve `purpose` at `at`, newest first; never empty.
///
/// # Errors
/// Why there is none: the certificate's own reason, else the most telling one among its keys.
pub(crate) fn fit<'a>(
    cert: &'a Cert,
    purpose: Purpose,
    policy: &'a dyn Policy,
    at: SystemTime,
) -> Result<Vec<ValidKey<'a>>, Reason> {
    if at < cert.primary_key().key().creation_time() {
        return Err(Reason::Expired);
    }
    good(cert, policy, at)?;
    if key_weakness(cert.primary_key().key()).is_some() {
        return Err(Reason::WeakAlgorithm);
    }

    let mut keys = Vec::new();
    let mut why = Reason::Usage;
    for key in cert.keys() {
        let algorithm = key.key().pk_algo();
        let refused = |error| match algorithm {
            // The rules refuse it too, but nobody knows whether it is weak.
            PublicKeyAlgorithm::Private(_) | PublicKeyAlgorithm::Unknown(_) => Reason::Unsupported,
            _ => reason(&error),
        };
        match key.with_policy(policy, at).map_err(refused).and_then(|key| serves(key, purpose)) {
            Ok(key) => keys.push(key),
            Err(reason) => why = more_telling(why, reason),
        }
    }
    keys.sort_by_key(|key| std::cmp::Reverse(key.key().creation_time()));
    if keys.is_empty() { Err(why) } else { Ok(keys) }
}

/// The certificate, if it is valid, alive and not revoked then.
pub(crate) fn good<'a>(cert: &'a Cert, policy: &'a dyn Policy, at: SystemTime) -> Result<ValidCert<'a>, Reason> {
    let valid = cert.with_policy(policy, at).map_err(|error| reason(&error))?;
    if is_revoked(&valid.revocation_status()) {
        return Err(Reason::Revoked);
    }
    valid.alive().map_err(|_| Reason::Expired)?;
    Ok(valid)
}

/// Whether a revocation stands.
pub(crate) fn is_revoked(status: &RevocationStatus<'_>) -> bool {
    matches!(status, RevocationStatus::Revoked(_))
}

/// The key, if it is meant for `purpose`, not revoked, alive and of a known algorithm.
fn serves(key: ValidKey<'_>, purpose: Purpose) -> Result<ValidKey<'_>, Reason> {
    let meant = match purpose {
        Purpose::Sign => key.for_signing(),
        Purpose::Encrypt => key.for_transport_encryption() || key.for_storage_encryption(),
        _ => false,
    };
    if !meant {
        return Err(Reason::Usage);
    }
    if is_revoked(&key.revocation_status()) {
        return Err(Reason::Revoked);
    }
    key.alive().map_err(|_| Reason::Expired)?;
    if !key.key().pk_algo().is_supported() {
        return Err(Reason::Unsupported);
    }
    if key_weakness(key.key()).is_some() {
        return Err(Reason::WeakAlgorithm);
    }
    Ok(key)
}

/// Of two reasons the one that tells the owner more.
fn more_telling(one: Reason, other: Reason) -> Reason {
    const ORDER: [Reason; 6] = [
        Reason::Revoked,
        Reason::Expired,
        Reason::WeakAlgorithm,
        Reason::Unsupported,
        Reason::Malformed,
        Reason::Usage,
    ];
    ORDER.into_iter().find(|reason| *reason == one || *reason == other).unwrap_or(one)
}
