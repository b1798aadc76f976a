//! Lists by another key of an issuer than the one that signed a certificate
//! ([RFC 5280 §6.3.3](https://www.rfc-editor.org/rfc/rfc5280#section-6.3.3) (f)): a key of its own for lists, or the key
//! before or after a rollover.

use super::node::Node;
use super::search::{Search, Step};
use super::validate::Validator;
use mailseal_core::Reason;

/// The revocation of a path of which the lists of its own keys do not say everything; `known` are all certificates at
/// hand. Another key of an issuer counts where a path of the same rules leads from it to the same anchor.
///
/// # Errors
/// [`Reason::Revoked`]; [`Reason::RevocationUnknown`] when a list is required of a certificate and there is none.
pub(super) fn check(
    validator: &Validator,
    known: &[&Node],
    anchor: &Node,
    chain: &[&Node],
    target: &Node,
) -> Result<(), Reason> {
    let issuers = chain.iter().copied().chain([anchor]);
    let certificates = [target].into_iter().chain(chain.iter().copied());
    let mut outcome = Ok(());
    for (certificate, issuer) in certificates.zip(issuers) {
        let status = match validator.status_by(issuer, certificate) {
            Err(Reason::RevocationUnknown) => by_another_key(validator, known, anchor, issuer, certificate),
            status => status,
        };
        match status {
            Err(Reason::Revoked) => return Err(Reason::Revoked),
            Err(_) => outcome = validator.without_list(),
            Ok(()) => {}
        }
    }
    outcome
}

/// What the lists by other keys of `issuer` say.
fn by_another_key(
    validator: &Validator,
    known: &[&Node],
    anchor: &Node,
    issuer: &Node,
    certificate: &Node,
) -> Result<(), Reason> {
    const UNKNOWN: Result<(), Reason> = Err(Reason::RevocationUnknown);
    if !validator.has_list_for(certificate) {
        return UNKNOWN;
    }
    let others = known.iter().copied().chain([anchor]).filter(|other| {
        let signs = other.certificate.key_usage().map(|usage| usage.is_some_and(|usage| usage.crl_sign()));
        certificate.names_as_issuer(other) && !other.is_same_entity(issuer) && signs == Ok(true)
    });
    for other in others {
        if !validator.may_try_another_key() {
            break;
        }
        if other.certificate.der() == anchor.certificate.der() || is_valid(validator, known, anchor, other) {
            match validator.status_by(other, certificate) {
                UNKNOWN => {}
                status => return status,
            }
        }
    }
    UNKNOWN
}

/// Whether there is a path to this anchor, and nothing of it is revoked.
fn is_valid(validator: &Validator, known: &[&Node], anchor: &Node, issuer: &Node) -> bool {
    let mut is_valid = false;
    Search::new(validator, validator.depth(), vec![anchor], known.to_vec()).run(issuer, &mut |anchor, chain| {
        let status = validator.check_path(anchor, chain, issuer).and_then(|path| path.status(validator));
        is_valid = match status {
            // The same question again; each asks for one key more, of which there are not many.
            Err(Reason::RevocationUnknown) => check(validator, known, anchor, chain, issuer).is_ok(),
            status => status.is_ok(),
        };
        if is_valid { Step::Enough } else { Step::Another }
    });
    is_valid
}
