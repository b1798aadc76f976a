//! What is judged, and when.

use std::sync::Arc;
use std::time::SystemTime;

/// How the absence of revocation information is taken (X.509 CRLs).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Revocation {
    /// Revocation lists are not looked at.
    None,
    /// A list that is there and current counts; a missing one is no obstacle.
    #[default]
    IfPresent,
    /// Without a current list a certificate is not trusted.
    Require,
}

/// The rules of one run. Pure data: the library reads no clock and no configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Policy {
    /// The time at which everything is judged. A signer's claimed signing time never widens what is accepted.
    pub at: SystemTime,
    /// How missing revocation information is taken.
    pub revocation: Revocation,
    /// The most cryptographic layers that are peeled (R8).
    pub max_layers: usize,
    /// The most octets of plaintext that one layer may give; compression bombs end here.
    pub max_plaintext: u64,
    /// Rules for algorithms that the system has besides ours, as text; they only make stricter. The protocol that knows their
    /// form reads them, OpenPGP the file of sequoia-policy-config.
    pub algorithm_rules: Option<Arc<str>>,
}

impl Policy {
    /// The defaults, judged at `at`: revocation if present, 8 layers, 4 GiB of plaintext a layer, no rules of the system.
    pub fn at(at: SystemTime) -> Policy {
        let revocation = Revocation::default();
        Policy { at, revocation, max_layers: 8, max_plaintext: 4 << 30, algorithm_rules: None }
    }
}
