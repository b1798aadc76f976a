//! What a path is judged by, beside the certificates themselves.

use certval::CertificationPathSettings;
use const_oid::ObjectIdentifier;
use mailseal_core::{Policy, Revocation};
use mailseal_weak_keys::LEAST_BITS;
use std::time::SystemTime;

use super::policies::Policies;

/// The most certificates between target and anchor.
const DEPTH: usize = 10;

/// The least that a signature in a path must be made with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Floor {
    /// Bits of an RSA modulus.
    pub(super) rsa_bits: u32,
    /// Whether MD5 and SHA-1 will do. Never outside tests of path logic.
    pub(super) weak_hashes: bool,
}

impl Default for Floor {
    fn default() -> Floor {
        Floor { rsa_bits: LEAST_BITS, weak_hashes: false }
    }
}

/// The rules of one judgement.
#[derive(Debug, Clone)]
pub(super) struct Rules {
    /// The extended key usage that every certificate of the path must allow.
    pub(super) usage: ObjectIdentifier,
    pub(super) policies: Policies,
    pub(super) floor: Floor,
    /// The most certificates between target and anchor.
    pub(super) depth: usize,
    pub(super) revocation: Revocation,
    /// Seconds since 1970.
    pub(super) at: u64,
}

impl Rules {
    /// Those of `policy`; `None` for a time before 1970, at which nothing was valid.
    pub(super) fn new(policy: &Policy, usage: ObjectIdentifier, policies: &Policies) -> Option<Rules> {
        let at = policy.at.duration_since(SystemTime::UNIX_EPOCH).ok()?.as_secs();
        let (policies, floor) = (policies.clone(), Floor::default());
        Some(Rules { usage, policies, floor, depth: DEPTH, revocation: policy.revocation, at })
    }

    /// As the validator wants them.
    pub(super) fn settings(&self) -> Option<CertificationPathSettings> {
        let mut settings = CertificationPathSettings::new();
        settings.set_time_of_interest(super::validate::moment(self.at)?);
        settings.set_enforce_trust_anchor_constraints(true);
        settings.set_require_ta_store(false);
        self.policies.apply(&mut settings);
        Some(settings)
    }
}
