//! The trust anchors, and for what each may vouch.

use super::node::Node;
use crate::certificate::Certificate;
use crate::trust_settings::Said;
use const_oid::ObjectIdentifier;
use mailseal_core::Cert;

/// What was given as trust anchors; those among them that are rejected for a use vouch for nothing in it.
#[derive(Default)]
pub(super) struct Anchors(Vec<Node>);

impl Anchors {
    /// These; the settings of each are its own.
    pub(super) fn new(nodes: Vec<Node>) -> Anchors {
        Anchors(nodes)
    }

    /// Those that may vouch for `usage`.
    pub(super) fn vouching(&self, usage: ObjectIdentifier) -> Vec<&Node> {
        self.0.iter().filter(|anchor| !self.reject(&anchor.certificate, usage)).collect()
    }

    /// All of them.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Node> {
        self.0.iter()
    }

    /// Whether one of them has its name and its key, and is rejected for `usage`. So it is not to be had by way of
    /// another certificate of the same authority either.
    pub(super) fn reject(&self, certificate: &Certificate, usage: ObjectIdentifier) -> bool {
        let mut rejected = self.0.iter().filter(|anchor| anchor.certificate.trust().of(usage) == Said::Rejected);
        rejected.any(|anchor| anchor.certificate.is_same_entity(certificate))
    }

    /// Whether it is one of them.
    pub(super) fn contain(&self, cert: &Cert) -> bool {
        self.0.iter().any(|anchor| anchor.certificate.der() == cert.encoded())
    }
}
