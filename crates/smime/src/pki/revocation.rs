//! Revocation without a path: a certificate that somebody named has no anchor above it, but whoever issued it may still
//! have taken it back.

use super::node::Node;
use super::validate::Validator;
use mailseal_core::Reason;

/// The most possible issuers that came along with a message whose key is tried.
const OFFERED: usize = 200;

/// Whether an issuer of `target` among `own` or `offered` by a message, or itself, revoked it. An issuer has the name and the key that the
/// certificate is signed by; whether anybody vouches for that issuer makes no difference.
///
/// # Errors
/// [`Reason::Revoked`]; [`Reason::RevocationUnknown`] when a current list is required and no issuer has one.
pub(super) fn check_by_issuers<'a>(
    validator: &Validator,
    own: impl Iterator<Item = &'a Node>,
    offered: impl Iterator<Item = &'a Node>,
    target: &'a Node,
) -> Result<(), Reason> {
    let mut offered: Vec<_> = offered.filter(|issuer| target.names_as_issuer(issuer)).collect();
    offered.sort_by_key(|issuer| target.doubt_of_issuer(issuer));
    // All of our own are tried: a message must not crowd them out.
    let own = own.chain([target]).filter(|issuer| target.names_as_issuer(issuer));
    let issuers = own.chain(offered.into_iter().take(OFFERED));
    let mut outcome = validator.without_list();
    for issuer in issuers.filter(|issuer| validator.is_signed_by(target, issuer)) {
        match validator.check_revocation_by(issuer, target) {
            Err(Reason::Revoked) => return Err(Reason::Revoked),
            Ok(()) => outcome = Ok(()),
            Err(_) => {}
        }
    }
    outcome
}
