//! Which algorithms are strong at the time of judgement, and the reasons for a refusal.

use crate::system_rules;
use mailseal_core::{Policy, Reason};
use mailseal_weak_keys::{Weakness, weakness};
use sequoia_openpgp::crypto::mpi::PublicKey;
use sequoia_openpgp::packet::key::{KeyRole, PublicParts};
use sequoia_openpgp::packet::{Key, Tag};
use sequoia_openpgp::policy::{AsymmetricAlgorithm, StandardPolicy};
use sequoia_openpgp::types::{HashAlgorithm, SymmetricAlgorithm};
use sequoia_openpgp::{Error, anyhow};
use std::time::SystemTime;

/// The rules for keys and signatures, as strict as they are at `at`; keys that are weak today are refused at any time, since
/// the time of what they signed is only claimed.
pub(crate) fn standard(at: SystemTime) -> StandardPolicy<'static> {
    let mut policy = StandardPolicy::at(at);
    WEAK_KEYS.iter().for_each(|key| policy.reject_asymmetric_algo(*key));
    policy
}

/// As [`standard`], and as strict as the rules of the system are besides.
pub(crate) fn with_system(policy: &Policy) -> StandardPolicy<'static> {
    let mut rules = standard(policy.at);
    if let Some(text) = &policy.algorithm_rules {
        system_rules::tighten(&mut rules, text);
    }
    rules
}

/// The rules for reading what a certificate says of itself: as [`standard`], but weak keys speak too, so that they can be
/// called weak.
pub(crate) fn describing(at: SystemTime) -> StandardPolicy<'static> {
    let mut policy = StandardPolicy::at(at);
    WEAK_KEYS.iter().for_each(|key| policy.accept_asymmetric_algo(*key));
    policy
}

/// RSA under 2048 bits, DSA and ElGamal (RFC 9580 §12.4 to §12.6).
const WEAK_KEYS: [AsymmetricAlgorithm; 9] = [
    AsymmetricAlgorithm::RSA1024,
    AsymmetricAlgorithm::DSA1024,
    AsymmetricAlgorithm::DSA2048,
    AsymmetricAlgorithm::DSA3072,
    AsymmetricAlgorithm::DSA4096,
    AsymmetricAlgorithm::ElGamal1024,
    AsymmetricAlgorithm::ElGamal2048,
    AsymmetricAlgorithm::ElGamal3072,
    AsymmetricAlgorithm::ElGamal4096,
];

/// The rules for reading a message: as [`standard`], but old ciphers are read (and named, R67), and old signatures don't
/// stop the reading; each is judged under [`standard`] afterwards. Data without integrity protection stays refused.
pub(crate) fn reading(at: SystemTime) -> StandardPolicy<'static> {
    let mut policy = StandardPolicy::at(at);
    policy.accept_packet_tag(Tag::Signature);
    policy.accept_packet_tag_version(Tag::Signature, 3);
    WEAK_CIPHERS.iter().for_each(|cipher| policy.accept_symmetric_algo(*cipher));
    policy
}

/// Ciphers with blocks of 64 bits or worse (RFC 9580 §9.3 deprecates them).
#[allow(deprecated, reason = "old mail is read")]
const WEAK_CIPHERS: [SymmetricAlgorithm; 4] =
    [SymmetricAlgorithm::IDEA, SymmetricAlgorithm::TripleDES, SymmetricAlgorithm::CAST5, SymmetricAlgorithm::Blowfish];

/// Whether a content cipher is named as weak (R67).
pub(crate) fn is_weak_cipher(cipher: SymmetricAlgorithm) -> bool {
    WEAK_CIPHERS.contains(&cipher)
}

/// Whether a hash proves nothing about a document, whenever it was signed: its collisions can be made today, and the
/// signing time is only claimed.
pub(crate) fn is_weak_hash(hash: HashAlgorithm) -> bool {
    matches!(hash, HashAlgorithm::MD5 | HashAlgorithm::SHA1 | HashAlgorithm::RipeMD)
}

/// What is wrong with a key that anybody can find the secret of.
pub(crate) fn key_weakness<R: KeyRole>(key: &Key<PublicParts, R>) -> Option<Weakness> {
    match key.mpis() {
        PublicKey::RSA { e, n } => weakness(n.value(), e.value()),
        _ => None,
    }
}

/// Why Sequoia refuses a key or a signature.
pub(crate) fn reason(error: &anyhow::Error) -> Reason {
    match error.downcast_ref::<Error>() {
        Some(Error::PolicyViolation(..)) => Reason::WeakAlgorithm,
        Some(Error::Expired(_) | Error::NotYetLive(_)) => Reason::Expired,
        Some(
            Error::UnsupportedHashAlgorithm(_)
            | Error::UnsupportedPublicKeyAlgorithm(_)
            | Error::UnsupportedEllipticCurve(_),
        ) => Reason::Unsupported,
        _ => Reason::Malformed,
    }
}
