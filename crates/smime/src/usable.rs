//! Whether a certificate by itself serves a purpose: [RFC 8550 §4](https://www.rfc-editor.org/rfc/rfc8550#section-4).

use crate::certificate::{BadExtension, Certificate};
use crate::oid;
use const_oid::ObjectIdentifier;
use mailseal_cms::engine::{KeyType, key_weakness};
use mailseal_core::{Purpose, Reason};
use std::time::SystemTime;

/// The extensions that are looked at here or in the path; any other one that is critical forbids use (RFC 5280 §4.2).
const KNOWN: [ObjectIdentifier; 15] = [
    oid::ID_CE_AUTHORITY_KEY_IDENTIFIER,
    oid::ID_CE_BASIC_CONSTRAINTS,
    oid::ID_CE_CERTIFICATE_POLICIES,
    oid::ID_CE_CRL_DISTRIBUTION_POINTS,
    oid::ID_CE_EXT_KEY_USAGE,
    oid::ID_CE_FRESHEST_CRL,
    oid::ID_CE_INHIBIT_ANY_POLICY,
    oid::ID_CE_ISSUER_ALT_NAME,
    oid::ID_CE_KEY_USAGE,
    oid::ID_CE_NAME_CONSTRAINTS,
    oid::ID_CE_POLICY_CONSTRAINTS,
    oid::ID_CE_POLICY_MAPPINGS,
    oid::ID_CE_SUBJECT_ALT_NAME,
    oid::ID_CE_SUBJECT_KEY_IDENTIFIER,
    oid::SMIME_CAPABILITIES,
];

/// Whether `certificate` by itself serves `purpose` at `at`: valid then, of a key that is known and strong, allowed by
/// key usage and extended key usage, and not an authority's.
///
/// # Errors
/// The first reason why it does not: `Malformed`, `Unsupported`, `Expired`, `WeakAlgorithm`, `Usage`.
pub(crate) fn usable(certificate: &Certificate, purpose: Purpose, at: SystemTime) -> Result<(), Reason> {
    check_extensions(certificate)?;
    check_validity(certificate, at)?;
    check_usage(certificate, purpose, &check_key(certificate)?)
}

/// Whether its key is of a known kind and strong.
pub(crate) fn check_key(certificate: &Certificate) -> Result<KeyType, Reason> {
    let key = KeyType::from_spki(certificate.public_key_info()).map_err(|_| Reason::Unsupported)?;
    match key_weakness(certificate.public_key_info()) {
        Some(_) => Err(Reason::WeakAlgorithm),
        None => Ok(key),
    }
}

/// Whether `at` is within the validity, both ends included (RFC 5280 §4.1.2.5).
pub(crate) fn check_validity(certificate: &Certificate, at: SystemTime) -> Result<(), Reason> {
    let (from, to) = certificate.validity();
    let at = at.duration_since(SystemTime::UNIX_EPOCH).map_err(|_| Reason::Expired)?.as_secs();
    if (from..=to).contains(&at) { Ok(()) } else { Err(Reason::Expired) }
}

fn check_extensions(certificate: &Certificate) -> Result<(), Reason> {
    for extension in certificate.extensions() {
        certificate.extension(extension.extn_id)?;
        if extension.critical && !KNOWN.contains(&extension.extn_id) {
            return Err(Reason::Unsupported);
        }
    }
    Ok(())
}

fn check_usage(certificate: &Certificate, purpose: Purpose, key: &KeyType) -> Result<(), Reason> {
    // RFC 8410 §5: X25519 is for key agreement alone, Ed25519 for signatures.
    let never = matches!((purpose, key), (Purpose::Sign, KeyType::X25519) | (Purpose::Encrypt, KeyType::Ed25519));
    if certificate.is_ca()? || never {
        return Err(Reason::Usage);
    }
    let only_signs = matches!(key, KeyType::Ed25519 | KeyType::MlDsa(_) | KeyType::RsaPss { .. });
    if only_signs && purpose == Purpose::Encrypt {
        return Err(Reason::Usage);
    }
    let only_decrypts = matches!(key, KeyType::MlKem(_));
    if only_decrypts && purpose == Purpose::Sign {
        return Err(Reason::Usage);
    }
    if let Some(usage) = certificate.key_usage()? {
        let allowed = match (purpose, key) {
            (Purpose::Sign, _) => usage.digital_signature() || usage.non_repudiation(),
            (Purpose::Encrypt, KeyType::Rsa { .. } | KeyType::MlKem(_)) => usage.key_encipherment(),
            (Purpose::Encrypt, _) => usage.key_agreement(),
            _ => false,
        };
        if !allowed {
            return Err(Reason::Usage);
        }
    }
    match certificate.extended_key_usage()? {
        Some(usage) if !usage.0.iter().any(|usage| EMAIL.contains(usage)) => Err(Reason::Usage),
        _ => Ok(()),
    }
}

/// The extended key usages that allow S/MIME (RFC 8550 §4.4.4).
const EMAIL: [ObjectIdentifier; 2] = [oid::ID_KP_EMAIL_PROTECTION, oid::ANY_EXTENDED_KEY_USAGE];

impl From<BadExtension> for Reason {
    fn from(_: BadExtension) -> Reason {
        Reason::Malformed
    }
}
