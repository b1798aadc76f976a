//! One signature packet (RFC 9580 §5.2), judged: what the mathematics says of it.

use crate::cert::certificate;
use crate::cert::subkey::is_revoked;
use crate::names;
use crate::policy::{is_weak_hash, key_weakness, reason, with_system};
use mailseal_core::{Check, Context, Handle, Over, ProtocolId, Reason, Signature};
use sequoia_openpgp as openpgp;
use sequoia_openpgp::KeyHandle;
use sequoia_openpgp::cert::amalgamation::key::{ErasedKeyAmalgamation, PrimaryKey};
use sequoia_openpgp::cert::amalgamation::{ValidAmalgamation, ValidateAmalgamation};
use sequoia_openpgp::packet;
use sequoia_openpgp::packet::Key;
use sequoia_openpgp::packet::key::{KeyRole, PublicParts};
use sequoia_openpgp::policy::{HashAlgoSecurity, Policy, StandardPolicy};
use sequoia_openpgp::types::SignatureType;
use std::time::{Duration, SystemTime};

/// How far a signer's clock may run ahead of ours.
const CLOCK_SKEW: Duration = Duration::from_secs(30 * 60);

/// What is known of a signature that was looked at but not checked.
pub(crate) fn describe(signature: &packet::Signature, check: Check) -> Signature {
    let mut fact = Signature::new(ProtocolId::OPENPGP, check);
    fact.issuer = signature.get_issuers().iter().map(names::handle).collect();
    fact.over = if signature.typ() == SignatureType::Text { Over::Lines } else { Over::Octets };
    fact.signed_at = signature.signature_creation_time();
    fact.hash = names::hash(signature.hash_algo());
    fact.algorithm = Some(names::public_key(signature.pk_algo()));
    fact.intended_recipients = signature.intended_recipients().map(names::fingerprint).collect();
    fact
}

/// A signature packet that could not even be read.
pub(crate) fn unknown(why: &str) -> Signature {
    refused(Signature::new(ProtocolId::OPENPGP, Check::Unsupported), Check::Unsupported, why)
}

/// Something in the place of a signature that is none.
pub(crate) fn malformed(why: &str) -> Signature {
    refused(Signature::new(ProtocolId::OPENPGP, Check::Malformed), Check::Malformed, why)
}

/// Judges a signature over a document with this digest (`None`: its hash is not known here).
///
/// `Valid` needs a key that is bound to its certificate and may sign, both alive and not revoked at the claimed time of
/// signing; a subkey also at the time of judgement, since the claim may be backdated. A key that was superseded or retired counts
/// as revoked from that time on, one that was revoked for another reason always. A certificate that is expired or revoked as a whole at the time of
/// judgement is [`Protocol::usable`](mailseal_core::Protocol::usable)'s to tell.
pub(crate) fn judge(signature: &packet::Signature, digest: Option<&[u8]>, with: &Context<'_>) -> Signature {
    let mut fact = describe(signature, Check::CertificateMissing);
    if !matches!(signature.typ(), SignatureType::Binary | SignatureType::Text) {
        return refused(fact, Check::Malformed, "it is not the signature of a document");
    }
    let Some(signed_at) = fact.signed_at else {
        return refused(fact, Check::Malformed, "it has no time of signing");
    };

    let issuers = signature.get_issuers();
    let certs = certificate::find(with.certs, &fact.issuer);
    let case = Case { signature, digest, signed_at, at: with.policy.at, policy: with_system(with.policy) };
    for cert in &certs {
        let Ok(parsed) = certificate::parsed(cert) else { continue };
        for key in keys(&parsed, &issuers) {
            let (check, detail) = match case.against(&parsed, &key) {
                Ok(()) => (Check::Valid, None),
                Err((check, why)) => (check, Some(why)),
            };
            if fact.signer.is_none() || check == Check::Valid {
                fact.check = check;
                fact.detail = detail;
                fact.signer = Some(cert.clone());
                fact.key = Some(names::fingerprint(&key.key().fingerprint()));
            }
            if check == Check::Valid {
                return fact;
            }
        }
    }
    fact
}

/// The handles to fetch for signatures whose certificate is missing.
pub(crate) fn wanted(signatures: &[Signature]) -> impl Iterator<Item = Handle> + '_ {
    signatures.iter().filter(|fact| fact.check == Check::CertificateMissing).flat_map(|fact| fact.issuer.clone())
}

fn refused(mut fact: Signature, check: Check, why: &str) -> Signature {
    fact.check = check;
    fact.detail = Some(why.to_owned());
    fact
}

/// The keys of a certificate that the signature may mean.
fn keys<'a>(
    cert: &'a openpgp::Cert,
    issuers: &[KeyHandle],
) -> impl Iterator<Item = ErasedKeyAmalgamation<'a, PublicParts>> {
    let named: Vec<_> =
        cert.keys().filter(|key| issuers.iter().any(|issuer| issuer.aliases(key.key().key_handle()))).collect();
    named.into_iter()
}

/// Fails for a key whose secret anybody can find: a signature that fits it proves nothing.
fn strong<R: KeyRole>(key: &Key<PublicParts, R>) -> Result<(), Refusal> {
    key_weakness(key).map_or(Ok(()), |weakness| Err((Check::WeakAlgorithm, weakness.to_string())))
}

/// Why a signature is not valid: the word, and more for diagnostics.
type Refusal = (Check, String);

struct Case<'a> {
    signature: &'a packet::Signature,
    digest: Option<&'a [u8]>,
    signed_at: SystemTime,
    at: SystemTime,
    policy: StandardPolicy<'static>,
}

impl Case<'_> {
    fn against(&self, cert: &openpgp::Cert, key: &ErasedKeyAmalgamation<'_, PublicParts>) -> Result<(), Refusal> {
        self.strength()?;
        self.arithmetic(key)?;
        strong(key.key())?;
        if !key.primary() {
            strong(cert.primary_key().key())?;
        }
        self.key(cert, key)?;
        self.age()
    }

    /// Hash and algorithm are known, and a strong hash.
    fn strength(&self) -> Result<(), Refusal> {
        let hash = self.signature.hash_algo();
        if is_weak_hash(hash) {
            return Err((Check::WeakAlgorithm, format!("{hash} proves nothing")));
        }
        if !self.signature.pk_algo().is_supported() {
            return Err((Check::Unsupported, self.signature.pk_algo().to_string()));
        }
        self.policy.signature(self.signature, HashAlgoSecurity::CollisionResistance).map_err(|error| {
            let critical = self.signature.hashed_area().iter().any(|subpacket| subpacket.critical());
            let check = match reason(&error) {
                Reason::WeakAlgorithm if !critical => Check::WeakAlgorithm,
                _ => Check::Unsupported,
            };
            (check, format!("{error:#}"))
        })
    }

    /// The signature is this key's over this digest.
    fn arithmetic(&self, key: &ErasedKeyAmalgamation<'_, PublicParts>) -> Result<(), Refusal> {
        let digest = self.digest.ok_or((Check::Unsupported, "its hash is not known".to_owned()))?;
        self.signature.verify_digest(key.key(), digest).map_err(|error| {
            let check = match digest.starts_with(self.signature.digest_prefix()) {
                true => Check::BadSignature,
                false => Check::DigestMismatch,
            };
            (check, format!("{error:#}"))
        })
    }

    /// The key was bound to the certificate, could sign and was alive; see [`judge`].
    fn key(&self, cert: &openpgp::Cert, key: &ErasedKeyAmalgamation<'_, PublicParts>) -> Result<(), Refusal> {
        let not_bound = |error: openpgp::anyhow::Error| match reason(&error) {
            Reason::WeakAlgorithm => (Check::WeakAlgorithm, format!("{error:#}")),
            Reason::Unsupported => (Check::Unsupported, format!("{error:#}")),
            _ => (Check::Unbound, format!("the key is not bound to the certificate: {error:#}")),
        };
        let refused = |check, why: &str| Err((check, why.to_owned()));

        let then = match key.clone().with_policy(&self.policy, self.signed_at) {
            Ok(then) => then,
            Err(error) => {
                let (check, why) = not_bound(error);
                let is_bound_now = check == Check::Unbound && key.clone().with_policy(&self.policy, self.at).is_ok();
                return Err((if is_bound_now { Check::Expired } else { check }, why));
            }
        };
        if !then.for_signing() {
            return refused(Check::BadSignature, "the key may not sign");
        }
        if !then.primary() {
            let now = key.clone().with_policy(&self.policy, self.at).map_err(not_bound)?;
            if is_revoked(&then.revocation_status()) || is_revoked(&now.revocation_status()) {
                return refused(Check::Revoked, "the signing subkey is revoked");
            }
            if then.alive().is_err() || now.alive().is_err() {
                return refused(Check::Expired, "the signing subkey is expired");
            }
        }
        let told_elsewhere = match cert.with_policy(&self.policy, self.at) {
            Ok(now) => now.alive().is_err() || is_revoked(&now.revocation_status()),
            Err(_) => true,
        };
        if told_elsewhere {
            return Ok(());
        }
        if is_revoked(&then.valid_cert().revocation_status()) {
            return refused(Check::Revoked, "the certificate was revoked at the time of signing");
        }
        if then.valid_cert().alive().is_err() {
            return refused(Check::Expired, "the certificate was not valid at the time of signing");
        }
        Ok(())
    }

    /// The signature itself is neither expired nor made in the future.
    fn age(&self) -> Result<(), Refusal> {
        self.signature.signature_alive(self.at, CLOCK_SKEW).map_err(|error| {
            let check = match error.downcast_ref::<openpgp::Error>() {
                Some(openpgp::Error::Expired(_)) => Check::Expired,
                _ => Check::BadSignature,
            };
            (check, format!("the signature is not alive: {error:#}"))
        })
    }
}
