//! Revocation without a path: a certificate that somebody named has no anchor above it, but whoever issued it may still
//! have taken it back.

use super::node::Node;
use super::validate::Validator;
use mailseal_core::Reason;

/// The most possible issuers whose key is tried.
const ISSUERS: usize = 200;

/// Whether an issuer of `target` among `known`, or itself, revoked it. An issuer has the name and the key that the
/// certificate is signed by; whether anybody vouches for that issuer makes no difference.
///
/// # Errors
/// [`Reason::Revoked`]; [`Reason::RevocationUnknown`] when a current list is required and no issuer has one.
pub(super) fn check_by_issuers<'a>(
    validator: &Validator,
    known: impl Iterator<Item = &'a Node>,
    target: &'a Node,
) -> Result<(), Reason> {
    let mut issuers: Vec<_> = known.chain([target]).filter(|issuer| target.names_as_issuer(issuer)).collect();
    // The sort is stable: what was given to us is tried before what came along.
    issuers.sort_by_key(|issuer| target.doubt_of_issuer(issuer));
    let mut outcome = validator.without_list();
    for issuer in issuers.into_iter().take(ISSUERS).filter(|issuer| validator.is_signed_by(target, issuer)) {
        match validator.check_revocation_by(issuer, target) {
            Err(Reason::Revoked) => return Err(Reason::Revoked),
            Ok(()) => outcome = Ok(()),
            Err(_) => {}
        }
    }
    outcome
}
