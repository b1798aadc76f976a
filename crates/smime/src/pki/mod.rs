//! Trust by X.509 chains: [RFC 5280 §6](https://www.rfc-editor.org/rfc/rfc5280#section-6) as
//! [RFC 8550](https://www.rfc-editor.org/rfc/rfc8550) profiles it for mail.
//!
//! Paths are searched for here, within firm bounds; the rules of RFC 5280 are `certval`'s, with our own arithmetic.

mod anchors;
mod crl;
mod list_issuer;
mod listed;
mod mailbox;
mod node;
mod ocsp;
#[cfg(test)]
mod openssl_chains;
#[cfg(test)]
mod pkits;
mod policies;
#[cfg(test)]
mod proxies;
mod revocation;
mod rules;
mod search;
mod signature;
mod sound;
mod validate;

use crate::usable::usable;
use crate::{Certificate, oid, parse};
use anchors::Anchors;
use crl::Crls;
pub use crl::issuers_not_at_hand;
use mailseal_core::{By, Cert, Error, Judgement, ProtocolId, Question, Reason, Trust};
use node::Node;
pub use policies::Policies;
use rules::Rules;
use search::{Search, Step};
use validate::Validator;

/// The most helpers and revocation lists of one message that are looked at.
const HELPERS: usize = 1_000;
const MESSAGE_CRLS: usize = 32;

/// Trust in certificates that chain to an anchor. Only anchors vouch; intermediates and helpers never do.
///
/// It also refuses what an issuer revoked, or of which nothing is known where that is required
/// ([`Revocation`](mailseal_core::Revocation)), whether there is a path to an anchor or not: combined with other trusts
/// ([`TrustExt::or`](mailseal_core::TrustExt::or)), that outweighs them.
#[derive(Default)]
pub struct Pkix {
    anchors: Anchors,
    intermediates: Vec<Node>,
    crls: Crls,
    policies: Policies,
}

impl Pkix {
    /// Trust in what chains to `anchors`, by way of `intermediates` or of certificates that come along with a message.
    /// An anchor that somebody trusts or rejects for some uses (OpenSSL's `TRUSTED CERTIFICATE`) vouches for mail only
    /// where that is among them; an authority that is rejected for mail is in no path.
    /// Among the `intermediates` belongs whatever certificate is at hand: each may have issued another one.
    /// `crls` are revocation lists and OCSP responses as DER ([`parse_crls`](crate::parse_crls)). Certificates of other
    /// protocols and broken lists are left out.
    pub fn new(anchors: &[Cert], intermediates: &[Cert], crls: &[Vec<u8>]) -> Pkix {
        Pkix {
            anchors: Anchors::new(nodes(anchors)),
            intermediates: nodes(intermediates),
            crls: Crls::new(crls),
            policies: Policies::default(),
        }
    }

    /// Trust in what chains to the certificates of a file (PEM, DER, PKCS#7).
    ///
    /// # Errors
    /// [`Error::Malformed`] when it is none.
    pub fn with_anchors(encoded: &[u8]) -> Result<Pkix, Error> {
        Ok(Pkix::new(&parse::certs(encoded)?, &[], &[]))
    }

    /// The same, wanting certificate policies of every path. They are not wanted of an anchor that is asked for itself.
    #[must_use]
    pub fn under(self, policies: Policies) -> Pkix {
        Pkix { policies, ..self }
    }

    /// The anchor of the first path that is good, or why there is none.
    fn find(&self, certificate: &Certificate, question: &Question<'_>, rules: Rules) -> Result<String, Reason> {
        let (usage, depth) = (rules.usage, rules.depth);
        if self.anchors.reject(certificate, usage) {
            return Err(Reason::Untrusted);
        }
        let target = Node::new(certificate.clone()).ok_or(Reason::Malformed)?;
        let helpers = nodes(&question.helpers[..question.helpers.len().min(HELPERS)]);
        let crls = self.crls.with(&question.crls[..question.crls.len().min(MESSAGE_CRLS)]);
        let validator = Validator::new(rules, crls).ok_or(Reason::Expired)?;

        let mut outcome = Err(Reason::NoPath);
        let pool: Vec<_> = self.intermediates.iter().chain(&helpers).collect();
        let known: Vec<_> = self.anchors.iter().chain(pool.iter().copied()).collect();
        Search::new(&validator, depth, self.anchors.vouching(usage), pool).run(&target, &mut |anchor, chain| {
            let rejected = chain.iter().any(|node| self.anchors.reject(&node.certificate, usage));
            let verdict =
                if rejected { Err(Reason::Untrusted) } else { validator.check(&known, anchor, chain, &target) };
            match verdict {
                Ok(()) => {
                    outcome = Ok(anchor.certificate.display_name());
                    Step::Enough
                }
                Err(reason) => {
                    // The first path that is whole says why; a revocation says more than anything else.
                    if outcome == Err(Reason::NoPath) || reason == Reason::Revoked {
                        outcome = Err(reason);
                    }
                    Step::Another
                }
            }
        });
        match outcome {
            Ok(_) | Err(Reason::Revoked | Reason::RevocationUnknown) => outcome,
            Err(reason) => {
                let own = self.anchors.iter().chain(&self.intermediates);
                revocation::check_by_issuers(&validator, own, helpers.iter(), &target).and(Err(reason))
            }
        }
    }
}

impl Trust for Pkix {
    fn judge(&self, question: &Question<'_>) -> Judgement {
        if question.cert.protocol() != ProtocolId::SMIME {
            return Judgement::Unknown(Reason::Untrusted);
        }
        let Some(certificate) = Certificate::of(question.cert) else { return Judgement::Unknown(Reason::Unsupported) };
        if let Err(reason) = usable(certificate, question.purpose, question.policy.at) {
            return Judgement::Untrusted(reason);
        }
        let usage = oid::ID_KP_EMAIL_PROTECTION;
        if self.anchors.contain(question.cert) && !self.anchors.reject(certificate, usage) {
            return Judgement::Trusted(By::Anchor);
        }
        let Some(rules) = Rules::new(question.policy, usage, &self.policies) else {
            return Judgement::Untrusted(Reason::Expired);
        };
        match self.find(certificate, question, rules) {
            Ok(anchor) => Judgement::Trusted(By::Chain(anchor)),
            Err(Reason::NoPath) => Judgement::Unknown(Reason::NoPath),
            Err(reason) => Judgement::Untrusted(reason),
        }
    }
}

/// Whether it is an OCSP response that answers something.
pub(crate) fn is_response(der: &[u8]) -> bool {
    ocsp::Response::read(der).is_some()
}

fn nodes(certs: &[Cert]) -> Vec<Node> {
    certs.iter().filter_map(|cert| Node::new(Certificate::of(cert)?.clone())).collect()
}
