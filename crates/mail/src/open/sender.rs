//! Folding signatures, trust and From into one answer: is the message its sender's?

use super::signature::JudgedSignature;
use super::summary::{Sender, Why};
use super::timing::Timing;
use mailseal_core::{Address, Check, Judgement};

/// What the message says of its author.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Author {
    /// Exactly one address that a signature must stand for.
    One(Address),
    /// None, several, or a field that cannot be read with one meaning only (R10, R138).
    Ambiguous,
}

impl Author {
    pub(crate) fn address(&self) -> Option<&Address> {
        match self {
            Author::One(address) => Some(address),
            Author::Ambiguous => None,
        }
    }
}

/// Folds the signatures that count (those inside every encryption) against the author.
///
/// One valid, trusted signature by the From is enough (R38), unless another one that should hold over the same content is
/// provably false: whoever added that tampered with the message, and it is not shown as signed. A signature that merely
/// cannot be checked here (unknown certificate or algorithm) harms nothing.
pub(crate) fn fold(signatures: &[(usize, &JudgedSignature)], author: &Author, empty_layer: bool) -> Sender {
    if let Some(why) = signatures.iter().find_map(|(_, signature)| proven_false(signature)) {
        return Sender::Broken(why);
    }
    let mut unverified: Option<Why> = None;
    let mut broken: Option<Why> = None;
    for (index, signature) in signatures {
        match signature.fact.check {
            Check::Valid => {}
            // The mathematics is right, as with a certificate that is expired or revoked as a whole.
            check @ (Check::Expired | Check::Revoked) => {
                unverified.get_or_insert(Why::of_check(check));
                continue;
            }
            check => {
                broken.get_or_insert(Why::of_check(check));
                continue;
            }
        }
        let why = match (&signature.judgement, author) {
            (_, Author::Ambiguous) => Why::AmbiguousFrom,
            _ if !signature.is_for_us => Why::OtherRecipient,
            _ if signature.timing == Timing::Future => Why::FutureSignature,
            (Judgement::Trusted(_), Author::One(_))
                if signature.address_match && signature.timing == Timing::NotTheDate =>
            {
                Why::DateMismatch
            }
            (Judgement::Trusted(by), Author::One(address)) if signature.address_match => {
                return Sender::Verified { address: address.clone(), by: by.clone(), signature: *index };
            }
            (Judgement::Trusted(_), Author::One(_)) => Why::AddressMismatch,
            (refused, Author::One(_)) => Why::of_judgement(refused),
        };
        unverified.get_or_insert(why);
    }
    match (unverified, broken) {
        (Some(why), _) => Sender::Unverified(why),
        (None, Some(why)) => Sender::Broken(why),
        (None, None) => Sender::Unsigned(empty_layer.then_some(Why::NoSigner)),
    }
}

/// What is told of a message with unobtrusive signatures: that they are its sender's, or nothing at all (R145).
pub(crate) fn verified_or_unsigned(sender: Sender) -> Sender {
    match sender {
        verified @ Sender::Verified { .. } => verified,
        _ => Sender::Unsigned(None),
    }
}

/// A signature that is certainly not over this content by this key, or not a signature at all.
fn proven_false(signature: &JudgedSignature) -> Option<Why> {
    match signature.fact.check {
        check @ (Check::DigestMismatch | Check::BadSignature | Check::Unbound | Check::Malformed) => {
            Some(Why::of_check(check))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mailseal_core::{By, ProtocolId, Reason, Signature};

    fn author() -> Author {
        Author::One(Address::parse("alice@example.org").unwrap())
    }

    fn judged(check: Check, judgement: Judgement, address_match: bool) -> JudgedSignature {
        JudgedSignature {
            fact: Signature::new(ProtocolId::SMIME, check),
            judgement,
            address_match,
            is_for_us: true,
            timing: Timing::Plausible,
        }
    }

    fn trusted() -> Judgement {
        Judgement::Trusted(By::Named)
    }

    fn folded(signatures: &[JudgedSignature], author: &Author) -> Sender {
        let list: Vec<_> = signatures.iter().enumerate().collect();
        fold(&list, author, false)
    }

    /// R62: signed needs a valid signature, a trusted certificate and the From's address, all three.
    #[test]
    fn verified_needs_all_three() {
        let verified = folded(&[judged(Check::Valid, trusted(), true)], &author());
        assert!(matches!(verified, Sender::Verified { signature: 0, .. }));
        assert_eq!(
            folded(&[judged(Check::Valid, trusted(), false)], &author()),
            Sender::Unverified(Why::AddressMismatch)
        );
        let unknown = Judgement::Unknown(Reason::NoPath);
        assert_eq!(folded(&[judged(Check::Valid, unknown, true)], &author()), Sender::Unverified(Why::Untrusted));
        assert_eq!(
            folded(&[judged(Check::CertificateMissing, trusted(), true)], &author()),
            Sender::Broken(Why::UnknownCertificate)
        );
        assert_eq!(
            folded(&[judged(Check::Valid, trusted(), true)], &Author::Ambiguous),
            Sender::Unverified(Why::AmbiguousFrom)
        );
    }

    /// Attack 15: a time that does not fit makes a good signature say nothing of the sender.
    #[test]
    fn a_time_that_does_not_fit() {
        for (timing, why) in [(Timing::NotTheDate, Why::DateMismatch), (Timing::Future, Why::FutureSignature)] {
            let judged = JudgedSignature { timing, ..judged(Check::Valid, trusted(), true) };
            assert_eq!(folded(&[judged], &author()), Sender::Unverified(why));
        }
    }

    /// R140, attack 14: what was signed for somebody else says nothing here.
    #[test]
    fn signed_for_others() {
        let passed_on = JudgedSignature { is_for_us: false, ..judged(Check::Valid, trusted(), true) };
        assert_eq!(folded(&[passed_on], &author()), Sender::Unverified(Why::OtherRecipient));
    }

    /// R38, R47: one good signature suffices beside one that cannot be checked, not beside one that is false.
    #[test]
    fn several_signatures_are_not_silently_merged() {
        let good = || judged(Check::Valid, trusted(), true);
        let unknown = judged(Check::CertificateMissing, Judgement::Unknown(Reason::UnknownCertificate), false);
        assert!(matches!(folded(&[unknown, good()], &author()), Sender::Verified { signature: 1, .. }));
        let stranger = judged(Check::Valid, trusted(), false);
        assert!(matches!(folded(&[stranger, good()], &author()), Sender::Verified { signature: 1, .. }));
        for (check, why) in [(Check::Expired, Why::Expired), (Check::Revoked, Why::Revoked)] {
            let ended = || judged(check, trusted(), true);
            assert!(matches!(folded(&[ended(), good()], &author()), Sender::Verified { signature: 1, .. }));
            assert_eq!(folded(&[ended()], &author()), Sender::Unverified(why));
        }
        for check in [Check::DigestMismatch, Check::BadSignature, Check::Unbound, Check::Malformed] {
            let bad = judged(check, trusted(), true);
            assert!(matches!(folded(&[good(), bad], &author()), Sender::Broken(_)), "{check:?}");
        }
    }

    /// R46: signed data without a signer is not signed.
    #[test]
    fn no_signer_is_unsigned() {
        assert_eq!(fold(&[], &author(), true), Sender::Unsigned(Some(Why::NoSigner)));
        assert_eq!(fold(&[], &author(), false), Sender::Unsigned(None));
    }
}
