//! What [`Opened`] says, in the words of the verdict.

use super::{
    CertificateVerdict, ErrantVerdict, HeaderVerdict, LayerVerdict, SCHEMA, SenderStatus, SenderVerdict,
    SignatureVerdict, SummaryWord, Verdict,
};
use crate::open::{Encryption, JudgedSignature, Opened, PeeledLayer, Sender};
use jiff::Timestamp;
use mailseal_core::{By, Check, Decryption, Integrity, Judgement, Layer};
use mailseal_mime::header_protection::FieldStatus;
use std::time::SystemTime;

impl Verdict {
    /// Writes down what `opened` says. `path` names the message for people and programs.
    pub fn of(opened: &Opened<'_>, path: Option<&str>) -> Verdict {
        let (status, reason, verified_by) = match &opened.summary.sender {
            Sender::Verified { signature, .. } => (SenderStatus::Verified, None, Some(*signature)),
            Sender::Unverified(why) => (SenderStatus::Unverified, Some(why.as_str()), None),
            Sender::Broken(why) => (SenderStatus::Broken, Some(why.as_str()), None),
            Sender::Unsigned(why) => (SenderStatus::None, why.map(|why| why.as_str()), None),
        };
        Verdict {
            schema: SCHEMA,
            path: path.map(str::to_owned),
            message_id: opened.message_id.clone(),
            summary: SummaryWord::of(opened),
            sender: SenderVerdict {
                status,
                address: opened.summary.from.as_ref().map(ToString::to_string),
                reason,
                signature: verified_by,
            },
            layers: opened.layers.iter().map(layer).collect(),
            signatures: opened.signatures.iter().map(signature).collect(),
            headers: opened
                .headers
                .iter()
                .map(|field| HeaderVerdict {
                    name: field.name.clone(),
                    value: field.value.clone(),
                    status: field_status(field.status),
                })
                .collect(),
            errant: opened
                .errant
                .iter()
                .map(|errant| ErrantVerdict {
                    part: errant.part.clone(),
                    protocol: errant.protocol.map(|id| id.0),
                    kind: errant.kind,
                    form: errant.form.as_str(),
                })
                .collect(),
            defects: opened.defects.clone(),
        }
    }
}

impl SummaryWord {
    fn of(opened: &Opened<'_>) -> SummaryWord {
        match (opened.summary.is_signed(), opened.summary.encryption) {
            (false, Encryption::None) => SummaryWord::Unprotected,
            (true, Encryption::None) => SummaryWord::Signed,
            (false, Encryption::Full) => SummaryWord::Encrypted,
            (true, Encryption::Full) => SummaryWord::SignedAndEncrypted,
        }
    }
}

fn layer(found: &PeeledLayer) -> LayerVerdict {
    let (part, protocol) = (found.part.clone(), found.protocol.0);
    match &found.layer {
        Layer::Signed(signatures) => LayerVerdict::Signed {
            part,
            protocol,
            signatures: (found.first_signature..found.first_signature + signatures.len()).collect(),
        },
        Layer::Encrypted(encryption) => LayerVerdict::Encrypted {
            part,
            protocol,
            cipher: encryption.cipher.clone(),
            integrity: encryption.integrity.map(Integrity::as_str),
            recipients: recipients(encryption),
            decryption: decryption(encryption.decryption),
            locked: encryption.decryption == Decryption::Locked,
        },
        Layer::Compressed(compression) => {
            LayerVerdict::Compressed { part, protocol, algorithm: compression.algorithm.clone() }
        }
        _ => LayerVerdict::Compressed { part, protocol, algorithm: "unknown".to_owned() },
    }
}

/// Whom it is encrypted to; of a password there is only to say that it is one.
fn recipients(encryption: &mailseal_core::Encryption) -> Vec<String> {
    let passwords = std::iter::repeat_n("password".to_owned(), encryption.passwords);
    encryption.recipients.iter().map(ToString::to_string).chain(passwords).collect()
}

fn signature(judged: &JudgedSignature) -> SignatureVerdict {
    let fact = &judged.fact;
    let signer = fact.signer.as_ref();
    SignatureVerdict {
        check: check(fact.check),
        detail: fact.detail.clone(),
        protocol: fact.protocol.0,
        fingerprint: signer.map(|cert| cert.fingerprint().to_string()),
        issuer: fact.issuer.iter().map(ToString::to_string).collect(),
        addresses: fact.addresses().iter().map(ToString::to_string).collect(),
        names: signer.map_or(Vec::new(), |cert| cert.names().to_vec()),
        address_match: judged.address_match,
        certificate: certificate(&judged.judgement),
        signed_at: fact.signed_at.and_then(rfc3339),
        hash: fact.hash,
        algorithm: fact.algorithm.clone(),
    }
}

fn certificate(judgement: &Judgement) -> CertificateVerdict {
    let (status, reason) = match judgement {
        Judgement::Trusted(_) => ("trusted", None),
        Judgement::Untrusted(reason) => ("untrusted", Some(reason.as_str())),
        Judgement::Unknown(reason) => ("unknown", Some(reason.as_str())),
    };
    let (by, anchor) = match judgement {
        Judgement::Trusted(by) => match by {
            By::Anchor => (Some("anchor"), None),
            By::Named => (Some("named"), None),
            By::Pinned => (Some("pinned"), None),
            By::FirstUse => (Some("first-use"), None),
            By::Chain(anchor) => (Some("chain"), Some(anchor.clone())),
            _ => (None, None),
        },
        _ => (None, None),
    };
    CertificateVerdict { status, reason, by, anchor }
}

fn check(check: Check) -> &'static str {
    match check {
        Check::Valid => "valid",
        Check::DigestMismatch => "digest-mismatch",
        Check::Expired => "expired",
        Check::Revoked => "revoked",
        Check::Unbound => "unbound",
        Check::CertificateMissing => "certificate-missing",
        Check::WeakAlgorithm => "weak-algorithm",
        Check::Malformed => "malformed",
        Check::Unsupported => "unsupported",
        _ => "bad-signature",
    }
}

/// A key that is locked is, for programs, a key that is not there: the flag beside it tells the difference.
fn decryption(decryption: Decryption) -> &'static str {
    match decryption {
        Decryption::Done => "done",
        Decryption::NoKey | Decryption::Locked => "no-key",
        Decryption::NotTried => "not-tried",
        _ => "failed",
    }
}

fn field_status(status: FieldStatus) -> &'static str {
    match status {
        FieldStatus::SignedAndEncrypted => "signed-and-encrypted",
        FieldStatus::EncryptedOnly => "encrypted-only",
        FieldStatus::SignedOnly => "signed-only",
        FieldStatus::Unprotected => "unprotected",
    }
}

fn rfc3339(at: SystemTime) -> Option<String> {
    Timestamp::try_from(at).ok().map(|at| at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
}
