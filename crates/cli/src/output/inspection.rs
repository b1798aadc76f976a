//! What is seen of a message from outside, in words. All of it is what the message says of itself, so all text of it
//! goes through [`escape`].

use mailseal::{JudgedSignature, Layer, Opened, Protection, Scheme};
use mailseal_core::{Encryption, Integrity};

use super::{
    escape::escape,
    words::{handle, technology},
};

/// Layers, algorithms, recipients and header protection, in lines.
pub(crate) fn lines(seen: &Opened<'_>) -> String {
    let verdict = seen.verdict(None);
    let mut lines = Vec::new();
    for (depth, found) in seen.layers.iter().enumerate() {
        let technology = technology(found.protocol.0);
        let told = match &found.layer {
            Layer::Encrypted(encryption) => encrypted(technology, encryption),
            Layer::Signed(signatures) => {
                let judged = seen.signatures.iter().skip(found.first_signature).take(signatures.len());
                signed(technology, judged)
            }
            Layer::Compressed(compression) => {
                vec![format!("compressed  {technology}, {}", escape(&compression.algorithm))]
            }
            _ => vec![format!("a layer of another kind  {technology}")],
        };
        lines.extend(told.into_iter().map(|line| format!("{}{line}", "  ".repeat(depth))));
    }
    if lines.is_empty() {
        lines.push("no cryptographic layer".to_owned());
    }
    lines.extend(header_protection(seen.protection, seen.scheme).map(|line| format!("header protection: {line}")));
    for errant in &verdict.errant {
        let technology = errant.protocol.map(|protocol| format!(", {}", technology(protocol))).unwrap_or_default();
        let place = match (errant.form, errant.part.is_empty()) {
            ("inline", true) => "in the text".to_owned(),
            ("inline", false) => format!("in the text of part {}", escape(&errant.part)),
            _ => format!("inside, part {}", escape(&errant.part)),
        };
        lines.push(format!("{place}: {}{technology}", errant.kind));
    }
    lines.extend(verdict.defects.iter().map(|defect| format!("note: {}", escape(defect))));
    lines.join("\n") + "\n"
}

/// The encryption, and below it whom it is to.
fn encrypted(technology: &str, encryption: &Encryption) -> Vec<String> {
    let cipher = encryption.cipher.as_ref().map(|cipher| format!(", {}", escape(cipher))).unwrap_or_default();
    let integrity = match encryption.integrity {
        Some(Integrity::Aead) => ", integrity by aead",
        Some(Integrity::Mdc) => ", integrity by mdc",
        Some(_) => ", no integrity",
        None => "",
    };
    let head = format!("encrypted  {technology}{cipher}{integrity}");
    let recipients = encryption.recipients.iter().map(|recipient| match recipient.is_wildcard() {
        true => "  to somebody who is not named".to_owned(),
        false => format!("  to {}", handle(recipient)),
    });
    let passwords = std::iter::repeat_n("  to whoever knows a password".to_owned(), encryption.passwords);
    std::iter::once(head).chain(recipients).chain(passwords).collect()
}

/// The signatures; who made them is what they say, not what was checked.
fn signed<'s>(technology: &str, signatures: impl Iterator<Item = &'s JudgedSignature>) -> Vec<String> {
    let mut lines: Vec<_> = signatures
        .map(|signature| {
            let fact = &signature.fact;
            let at = fact.signed_at.and_then(|at| jiff::Timestamp::try_from(at).ok());
            let at = at.map(|at| at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
            let by = fact.signer.as_ref().map(|cert| cert.fingerprint()).or(fact.issuer.first());
            let by = by.map(|by| format!("by {}", handle(by)));
            let algorithm = fact.algorithm.as_ref().map(|name| escape(name).to_string());
            let words = [algorithm, fact.hash.map(str::to_owned), at, by];
            let words: String = words.iter().flatten().map(|word| format!(", {word}")).collect();
            format!("signed  {technology}{words}")
        })
        .collect();
    if lines.is_empty() {
        lines.push(format!("signed  {technology}, by nobody"));
    }
    lines
}

/// Only RFC 9788 declares anything; what the older schemes mean is inferred, and said to be (R123).
fn header_protection(protection: Protection, scheme: Option<Scheme>) -> Option<String> {
    Some(match (scheme?, protection) {
        (Scheme::Rfc9788, Protection::Clear) => "RFC 9788, hp=\"clear\"".to_owned(),
        (Scheme::Rfc9788, Protection::Cipher) => "RFC 9788, hp=\"cipher\"".to_owned(),
        (Scheme::Rfc9788, Protection::None) => "RFC 9788".to_owned(),
        (Scheme::Rfc8551, _) => "RFC 8551, inferred".to_owned(),
        (Scheme::ProtectedHeadersV1, _) => "protected-headers v1, inferred".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R123
    #[test]
    fn what_is_inferred_is_not_declared() {
        let told = |scheme| header_protection(Protection::Clear, Some(scheme)).unwrap();
        assert_eq!(told(Scheme::Rfc9788), "RFC 9788, hp=\"clear\"");
        for scheme in [Scheme::Rfc8551, Scheme::ProtectedHeadersV1] {
            assert!(told(scheme).ends_with(", inferred"), "{scheme:?}");
        }
        assert_eq!(header_protection(Protection::None, None), None);
    }
}
