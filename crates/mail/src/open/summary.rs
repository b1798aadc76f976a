//! The Cryptographic Summary: what a reader is told of the whole message
//! ([RFC 9787 §3](https://www.rfc-editor.org/rfc/rfc9787#section-3)).

use mailseal_core::{Address, By, Check, Judgement, Reason};

/// One summary a message (R60).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Whether the message is the sender's.
    pub sender: Sender,
    /// Whether it came encrypted.
    pub encryption: Encryption,
    /// The address that a signature must stand for: the protected From (RFC 9788 §4.4); `None` when there is not exactly
    /// one.
    pub from: Option<Address>,
}

impl Summary {
    /// Whether the message counts as signed: by its sender, and by nobody else (R62).
    pub fn is_signed(&self) -> bool {
        matches!(self.sender, Sender::Verified { .. })
    }

    /// Whether the message counts as encrypted.
    pub fn is_encrypted(&self) -> bool {
        self.encryption == Encryption::Full
    }
}

/// Whether the message is the sender's.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Sender {
    /// A valid signature, a trusted certificate, and its address is the protected From.
    Verified {
        /// The protected From.
        address: Address,
        /// Who vouches for the certificate.
        by: By,
        /// Which of [`Opened::signatures`](crate::Opened::signatures).
        signature: usize,
    },
    /// A valid signature that says nothing of the sender.
    Unverified(Why),
    /// A signature whose check failed: shown as unsigned (R61).
    Broken(Why),
    /// No signature over the message; a reason when it pretends to have one.
    Unsigned(Option<Why>),
}

/// Why a message is not its sender's. The words of `sender.reason` in the verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Why {
    /// The signer is somebody else than the From.
    AddressMismatch,
    /// Nobody vouches for the certificate.
    Untrusted,
    /// The signer's certificate is not at hand.
    UnknownCertificate,
    /// The certificate is outside its validity, or the key in it.
    Expired,
    /// The certificate is revoked, or the key in it.
    Revoked,
    /// Hash, key or algorithm too weak.
    WeakAlgorithm,
    /// The content is not what was signed.
    DigestMismatch,
    /// The signature does not fit the key.
    BadSignature,
    /// Nobody bound the key to the certificate.
    Unbound,
    /// The signature, the certificate or the signed content breaks the rules of its format.
    Malformed,
    /// An algorithm or form that this build does not know.
    Unsupported,
    /// There is not exactly one From (R138).
    AmbiguousFrom,
    /// Signed data without a signer (R46).
    NoSigner,
    /// Signed for other recipients, or to be encrypted and it was not (RFC 9580 §5.2.3.36).
    OtherRecipient,
    /// The Date is not under the signature and is later than the time that the signature claims.
    DateMismatch,
    /// The signature claims a time after the time of judgement.
    FutureSignature,
}

impl Why {
    /// All of them.
    pub const ALL: [Why; 16] = [
        Why::AddressMismatch,
        Why::Untrusted,
        Why::UnknownCertificate,
        Why::Expired,
        Why::Revoked,
        Why::WeakAlgorithm,
        Why::DigestMismatch,
        Why::BadSignature,
        Why::Unbound,
        Why::Malformed,
        Why::Unsupported,
        Why::AmbiguousFrom,
        Why::NoSigner,
        Why::OtherRecipient,
        Why::DateMismatch,
        Why::FutureSignature,
    ];

    /// The word that the verdict prints.
    pub fn as_str(self) -> &'static str {
        match self {
            Why::AddressMismatch => "address-mismatch",
            Why::Untrusted => "untrusted",
            Why::UnknownCertificate => "unknown-certificate",
            Why::Expired => "expired",
            Why::Revoked => "revoked",
            Why::WeakAlgorithm => "weak-algorithm",
            Why::DigestMismatch => "digest-mismatch",
            Why::BadSignature => "bad-signature",
            Why::Unbound => "unbound",
            Why::Malformed => "malformed",
            Why::Unsupported => "unsupported",
            Why::AmbiguousFrom => "ambiguous-from",
            Why::NoSigner => "no-signer",
            Why::OtherRecipient => "other-recipient",
            Why::DateMismatch => "date-mismatch",
            Why::FutureSignature => "future-signature",
        }
    }

    /// Why a signature whose check is not [`Check::Valid`] counts for nothing.
    pub(crate) fn of_check(check: Check) -> Why {
        match check {
            Check::DigestMismatch => Why::DigestMismatch,
            Check::Expired => Why::Expired,
            Check::Revoked => Why::Revoked,
            Check::Unbound => Why::Unbound,
            Check::CertificateMissing => Why::UnknownCertificate,
            Check::WeakAlgorithm => Why::WeakAlgorithm,
            Check::Malformed => Why::Malformed,
            Check::Unsupported => Why::Unsupported,
            _ => Why::BadSignature,
        }
    }

    /// Why a certificate that is not trusted says nothing of the sender: what can be told apart by a reader is, and all
    /// that concerns the path alone is `untrusted`.
    pub(crate) fn of_judgement(judgement: &Judgement) -> Why {
        match judgement {
            Judgement::Untrusted(Reason::Expired) | Judgement::Unknown(Reason::Expired) => Why::Expired,
            Judgement::Untrusted(Reason::Revoked) => Why::Revoked,
            Judgement::Untrusted(Reason::WeakAlgorithm) | Judgement::Unknown(Reason::WeakAlgorithm) => {
                Why::WeakAlgorithm
            }
            Judgement::Untrusted(Reason::Malformed) => Why::Malformed,
            Judgement::Untrusted(Reason::Unsupported) => Why::Unsupported,
            Judgement::Unknown(Reason::UnknownCertificate) => Why::UnknownCertificate,
            _ => Why::Untrusted,
        }
    }
}

/// Whether the message came encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Encryption {
    /// It did not, or it could not be decrypted: an encryption that was not opened proves nothing (R103).
    None,
    /// An encryption layer around the whole message was opened.
    Full,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary(sender: Sender, encryption: Encryption) -> Summary {
        Summary { sender, encryption, from: None }
    }

    /// R60, R61, R62: signed is verified and nothing less, encrypted is what was opened; neither has a part in the other.
    #[test]
    fn signed_is_verified_and_encrypted_is_opened() {
        let address = Address::parse("alice@example.org").unwrap();
        let verified = Sender::Verified { address, by: By::Named, signature: 0 };
        for (sender, is_signed) in [
            (verified, true),
            (Sender::Unverified(Why::Untrusted), false),
            (Sender::Broken(Why::DigestMismatch), false),
            (Sender::Unsigned(Some(Why::NoSigner)), false),
            (Sender::Unsigned(None), false),
        ] {
            for (encryption, is_encrypted) in [(Encryption::Full, true), (Encryption::None, false)] {
                let summary = summary(sender.clone(), encryption);
                assert_eq!((summary.is_signed(), summary.is_encrypted()), (is_signed, is_encrypted), "{summary:?}");
            }
        }
    }

    /// R61: the reason of a signature that counts for nothing is the one that its check found.
    #[test]
    fn each_check_has_its_reason() {
        for (check, why) in [
            (Check::DigestMismatch, "digest-mismatch"),
            (Check::BadSignature, "bad-signature"),
            (Check::Expired, "expired"),
            (Check::Revoked, "revoked"),
            (Check::Unbound, "unbound"),
            (Check::CertificateMissing, "unknown-certificate"),
            (Check::WeakAlgorithm, "weak-algorithm"),
            (Check::Malformed, "malformed"),
            (Check::Unsupported, "unsupported"),
        ] {
            assert_eq!(Why::of_check(check).as_str(), why, "{check:?}");
        }
    }

    /// R62: of a certificate that is not trusted a reader is told what he can do something about.
    #[test]
    fn each_judgement_has_its_reason() {
        for reason in Reason::ALL {
            let (untrusted, unknown) = match reason {
                Reason::Expired => ("expired", "expired"),
                Reason::Revoked => ("revoked", "untrusted"),
                Reason::WeakAlgorithm => ("weak-algorithm", "weak-algorithm"),
                Reason::Malformed => ("malformed", "untrusted"),
                Reason::Unsupported => ("unsupported", "untrusted"),
                Reason::UnknownCertificate => ("untrusted", "unknown-certificate"),
                _ => ("untrusted", "untrusted"),
            };
            assert_eq!(Why::of_judgement(&Judgement::Untrusted(reason)).as_str(), untrusted, "{reason}");
            assert_eq!(Why::of_judgement(&Judgement::Unknown(reason)).as_str(), unknown, "{reason}");
        }
    }

    /// R137: no two reasons share a word, and a word is that of its variant.
    #[test]
    fn each_reason_has_a_word_of_its_own() {
        for why in Why::ALL {
            let variant = format!("{why:?}").to_ascii_lowercase();
            assert_eq!(why.as_str().replace('-', ""), variant);
        }
    }
}
