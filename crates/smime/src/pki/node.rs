//! A certificate as a node of the graph in which paths are searched.

use crate::certificate::Certificate;
use crate::oid;
use certval::PDVCertificate;
use x509_cert::ext::pkix::AuthorityKeyIdentifier;

/// A certificate with what the search and the validation want to know of it.
pub(super) struct Node {
    /// Our form.
    pub(super) certificate: Certificate,
    /// The validator's form.
    pub(super) parsed: PDVCertificate,
    /// Its subjectKeyIdentifier.
    key_id: Option<Vec<u8>>,
    /// The subjectKeyIdentifier of its issuer, as it says.
    issuer_key_id: Option<Vec<u8>>,
}

impl Node {
    /// `None` when the validator cannot read it.
    pub(super) fn new(certificate: Certificate) -> Option<Node> {
        let parsed = PDVCertificate::try_from(certificate.der()).ok()?;
        let authority: Option<AuthorityKeyIdentifier> =
            certificate.extension_as(oid::ID_CE_AUTHORITY_KEY_IDENTIFIER).unwrap_or_default();
        let issuer_key_id = authority.and_then(|id| id.key_identifier).map(|id| id.into_bytes().into());
        Some(Node { parsed, key_id: certificate.key_identifier(), issuer_key_id, certificate })
    }

    /// Whether names say that `issuer` issued this one (RFC 5280 §7.1).
    pub(super) fn names_as_issuer(&self, issuer: &Node) -> bool {
        self.certificate.issuer() == issuer.certificate.subject()
            || certval::compare_names(
                self.certificate.inner().tbs_certificate().issuer(),
                issuer.certificate.inner().tbs_certificate().subject(),
            )
    }

    /// What key identifiers say of `issuer` as the issuer of this one: 0 yes, 1 nothing, 2 no. A hint, never a proof.
    pub(super) fn doubt_of_issuer(&self, issuer: &Node) -> u8 {
        match (&self.issuer_key_id, &issuer.key_id) {
            (Some(named), Some(key_id)) if named == key_id => 0,
            (Some(_), Some(_)) => 2,
            _ => 1,
        }
    }

    /// Whether it may issue as an anchor.
    pub(super) fn may_issue_as_anchor(&self) -> bool {
        self.certificate.may_issue_as_anchor()
    }

    /// Whether both have the same name and key: a path that goes through both goes in a circle.
    pub(super) fn is_same_entity(&self, other: &Node) -> bool {
        self.certificate.is_same_entity(&other.certificate)
    }
}
