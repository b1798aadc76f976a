//! What a certificate is worth.

use crate::{Address, Cert, Handle, Policy, Purpose};
use std::fmt;

/// Why a certificate or a sender is not good. The words of the verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Reason {
    /// The signer is somebody else than the From.
    AddressMismatch,
    /// Nobody vouches for the certificate.
    Untrusted,
    /// The signer's certificate is not at hand.
    UnknownCertificate,
    /// Outside its validity at the time of judgement.
    Expired,
    /// Revoked by its owner or issuer.
    Revoked,
    /// Hash, key or signature algorithm too weak.
    WeakAlgorithm,
    /// No path to a trust anchor (RFC 5280 §6).
    NoPath,
    /// Key usage or extended key usage do not allow it (RFC 8550 §4.4).
    Usage,
    /// A name constraint of an issuer forbids it (RFC 5280 §4.2.1.10).
    NameConstraints,
    /// Certificate policies do not allow it.
    Policy,
    /// Revocation information is required and not at hand.
    RevocationUnknown,
    /// It breaks the rules of its own format.
    Malformed,
    /// An algorithm or version that this build does not know.
    Unsupported,
}

impl Reason {
    /// All of them.
    pub const ALL: [Reason; 13] = [
        Reason::AddressMismatch,
        Reason::Untrusted,
        Reason::UnknownCertificate,
        Reason::Expired,
        Reason::Revoked,
        Reason::WeakAlgorithm,
        Reason::NoPath,
        Reason::Usage,
        Reason::NameConstraints,
        Reason::Policy,
        Reason::RevocationUnknown,
        Reason::Malformed,
        Reason::Unsupported,
    ];

    /// The word that the verdict prints.
    pub fn as_str(self) -> &'static str {
        match self {
            Reason::AddressMismatch => "address-mismatch",
            Reason::Untrusted => "untrusted",
            Reason::UnknownCertificate => "unknown-certificate",
            Reason::Expired => "expired",
            Reason::Revoked => "revoked",
            Reason::WeakAlgorithm => "weak-algorithm",
            Reason::NoPath => "no-path",
            Reason::Usage => "usage",
            Reason::NameConstraints => "name-constraints",
            Reason::Policy => "policy",
            Reason::RevocationUnknown => "revocation-unknown",
            Reason::Malformed => "malformed",
            Reason::Unsupported => "unsupported",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Who vouches for a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum By {
    /// It is a trust anchor itself.
    Anchor,
    /// Whoever runs the program named it.
    Named,
    /// It was pinned to the address.
    Pinned,
    /// It was the first to be seen for the address.
    FirstUse,
    /// A path of certificates; the anchor's name for people (escape it).
    Chain(String),
}

/// What a certificate is worth for an address: yes, no, nobody knows. There is no fourth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Judgement {
    /// It is vouched for.
    Trusted(By),
    /// Somebody who knows says no.
    Untrusted(Reason),
    /// Nobody knows.
    Unknown(Reason),
}

impl Judgement {
    /// Whether it is vouched for.
    pub fn is_trusted(&self) -> bool {
        matches!(self, Judgement::Trusted(_))
    }

    /// Of two judgements the one that counts: a revocation, or a revocation list that is required and missing, before
    /// trust, trust before any other refusal, a refusal before not knowing, and a reason before none; the first of two
    /// alike.
    fn weigh(self, other: Judgement) -> Judgement {
        let rank = |judgement: &Judgement| match judgement {
            Judgement::Untrusted(Reason::Revoked) => 0,
            Judgement::Untrusted(Reason::RevocationUnknown) => 1,
            Judgement::Trusted(_) => 2,
            Judgement::Untrusted(_) => 3,
            Judgement::Unknown(Reason::Untrusted) => 5,
            Judgement::Unknown(_) => 4,
        };
        if rank(&other) < rank(&self) { other } else { self }
    }
}

/// What is asked of a [`Trust`].
#[derive(Clone, Copy)]
pub struct Question<'a> {
    /// The certificate.
    pub cert: &'a Cert,
    /// The address it is to stand for. A certificate that does not claim it is never trusted for it by a pin; a chain
    /// judges the certificate, and the caller compares addresses.
    pub address: Option<&'a Address>,
    /// What it is used for.
    pub purpose: Purpose,
    /// The rules and the time.
    pub policy: &'a Policy,
    /// Certificates that came along and may help to build a path; they vouch for nothing.
    pub helpers: &'a [Cert],
    /// Revocation lists that came along, as DER.
    pub crls: &'a [Vec<u8>],
}

/// Says what a certificate is worth. Its own validity at `policy.at` is
/// [`Protocol::usable`](crate::Protocol::usable)'s to say; a trust that knows better (a chain, a revocation list) may
/// refuse for that too.
pub trait Trust: Send + Sync {
    /// The judgement.
    fn judge(&self, question: &Question<'_>) -> Judgement;
}

/// Combination of trusts.
pub trait TrustExt: Trust + Sized {
    /// Both are asked: a revocation, or a required revocation list that is missing, counts before trust, trust before any
    /// other refusal.
    fn or<T: Trust>(self, other: T) -> Or<Self, T> {
        Or(self, other)
    }
}

impl<T: Trust> TrustExt for T {}

impl<T: Trust + ?Sized> Trust for std::sync::Arc<T> {
    fn judge(&self, question: &Question<'_>) -> Judgement {
        (**self).judge(question)
    }
}

/// Two trusts, both asked; see [`TrustExt::or`].
pub struct Or<A, B>(A, B);

impl<A: Trust, B: Trust> Trust for Or<A, B> {
    fn judge(&self, question: &Question<'_>) -> Judgement {
        self.0.judge(question).weigh(self.1.judge(question))
    }
}

/// Trust in the certificates that somebody named for this run (`--cert`).
#[derive(Debug, Clone, Default)]
pub struct Named {
    fingerprints: Vec<Handle>,
}

impl Named {
    /// Trust in these certificates.
    pub fn new(certs: &[Cert]) -> Named {
        Named { fingerprints: certs.iter().map(|cert| cert.fingerprint().clone()).collect() }
    }
}

impl Trust for Named {
    fn judge(&self, question: &Question<'_>) -> Judgement {
        if self.fingerprints.contains(question.cert.fingerprint()) {
            Judgement::Trusted(By::Named)
        } else {
            Judgement::Unknown(Reason::Untrusted)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn revocation_outweighs_trust_and_trust_outweighs_refusal() {
        let trusted = || Judgement::Trusted(By::Named);
        let revoked = || Judgement::Untrusted(Reason::Revoked);
        let unlisted = || Judgement::Untrusted(Reason::RevocationUnknown);
        let refused = || Judgement::Untrusted(Reason::NameConstraints);
        let unknown = || Judgement::Unknown(Reason::NoPath);
        assert_eq!(trusted().weigh(revoked()), revoked());
        assert_eq!(revoked().weigh(trusted()), revoked());
        assert_eq!(trusted().weigh(unlisted()), unlisted());
        assert_eq!(unlisted().weigh(trusted()), unlisted());
        assert_eq!(unlisted().weigh(revoked()), revoked());
        assert_eq!(refused().weigh(trusted()), trusted());
        assert_eq!(unknown().weigh(refused()), refused());
        assert_eq!(Judgement::Unknown(Reason::Untrusted).weigh(unknown()), unknown());
        assert_eq!(trusted().weigh(Judgement::Trusted(By::Pinned)), trusted());
    }
}
