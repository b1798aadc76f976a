//! Certificate policies ([RFC 5280 §4.2.1.4](https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.4)). The validator
//! follows them in a graph ([RFC 9618](https://www.rfc-editor.org/rfc/rfc9618)), whose size grows with the product of the
//! policies of two neighbours in a path; here their number is bounded (attack 22).

use certval::{CertificationPathSettings, ObjectIdentifierSet};
use const_oid::ObjectIdentifier;
use mailseal_core::Reason;
use x509_cert::ext::pkix::{CertificatePolicies, PolicyMappings};

use crate::certificate::Certificate;
use crate::oid;

/// The most policies, and the most mappings, of one certificate.
const COUNT: usize = 256;

/// Certificate policies as whoever relies on a path wants them, the inputs (c) to (f) of
/// [RFC 5280 §6.1.1](https://www.rfc-editor.org/rfc/rfc5280#section-6.1.1). The default wants nothing: policies are
/// followed, and count where an authority of the path requires them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policies {
    /// The user-initial-policy-set; an empty one is any-policy.
    pub acceptable: Vec<ObjectIdentifier>,
    /// initial-explicit-policy: the path must be valid for one of the acceptable policies.
    pub explicit: bool,
    /// initial-policy-mapping-inhibit: no authority may map one policy to another.
    pub without_mapping: bool,
    /// initial-any-policy-inhibit: anyPolicy in a certificate stands for none.
    pub without_any: bool,
}

impl Policies {
    /// Hands them to the validator.
    pub(super) fn apply(&self, settings: &mut CertificationPathSettings) {
        if !self.acceptable.is_empty() {
            settings
                .set_initial_policy_set_from_oid_set(self.acceptable.iter().copied().collect::<ObjectIdentifierSet>());
        }
        settings.set_initial_explicit_policy_indicator(self.explicit);
        settings.set_initial_policy_mapping_inhibit_indicator(self.without_mapping);
        settings.set_initial_inhibit_any_policy_indicator(self.without_any);
    }
}

/// Whether the policies of each certificate can be followed: not more than [`COUNT`], and each once, as RFC 5280
/// §4.2.1.4 demands.
///
/// # Errors
/// [`Reason::Policy`]; [`Reason::Malformed`] where they cannot be read.
pub(super) fn check<'a>(mut certificates: impl Iterator<Item = &'a Certificate>) -> Result<(), Reason> {
    certificates.try_for_each(|certificate| {
        let policies: Option<CertificatePolicies> = certificate.extension_as(oid::ID_CE_CERTIFICATE_POLICIES)?;
        let policies = policies.map(|policies| policies.0).unwrap_or_default();
        let mappings: Option<PolicyMappings> = certificate.extension_as(oid::ID_CE_POLICY_MAPPINGS)?;
        let mappings = mappings.map_or(0, |mappings| mappings.0.len());
        if policies.len() > COUNT || mappings > COUNT {
            return Err(Reason::Policy);
        }
        let distinct: ObjectIdentifierSet = policies.iter().map(|policy| policy.policy_identifier).collect();
        if distinct.len() == policies.len() { Ok(()) } else { Err(Reason::Policy) }
    })
}
