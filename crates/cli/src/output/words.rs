//! A verdict in words, for people: the first line for the eye, then what it rests on.
//!
//! Everything that comes from a message or a certificate goes through [`escape`]. A broken signature reads as none:
//! whoever damaged it must not make the message look more dangerous, or more official, than an unsigned one (R61).

use std::{
    fmt::Write as _,
    io::{self, Write as _},
};

use mailseal::{
    By, Handle, LayerVerdict, Opened, Sender, SenderStatus, SignatureVerdict, Source, SummaryWord, Verdict, smime,
};
use mailseal_core::{Check, Decryption, Layer};
use mailseal_mime::Header;

use super::{colour::Colour, escape::escape};
use crate::exit::Failure;

/// The verdict on the message in `source`, in lines.
pub(crate) fn verdict(opened: &Opened<'_>, source: &dyn Source, colour: Colour) -> String {
    let verdict = &opened.verdict(None);
    let summary = match verdict.summary {
        SummaryWord::Unprotected => verdict.summary.as_str().to_owned(),
        protected => colour.good(protected.as_str()),
    };
    let mut lines = vec![format!("{summary}  {}  {}", who(verdict), how(verdict))];
    lines.extend(missing_signers(opened));
    lines.extend(signer(verdict));
    lines.extend(encryption(verdict));
    lines.extend(recipients(opened));
    lines.extend(protected_fields(verdict, source));
    for errant in &verdict.errant {
        let technology = errant.protocol.map(|protocol| format!(" ({})", technology(protocol))).unwrap_or_default();
        let (part, kind) = (escape(&errant.part), errant.kind);
        if errant.form == "inline" {
            let place = if errant.part.is_empty() { "the text".to_owned() } else { format!("the text of part {part}") };
            lines.push(format!("  in {place} something is {kind}{technology}, which says nothing of this message"));
            continue;
        }
        lines.push(format!("  part {part} is {kind} by itself{technology}, which says nothing of this message"));
    }
    lines.extend(verdict.defects.iter().map(|defect| format!("  note: {}", escape(defect))));
    lines.extend(advice(verdict).map(|advice| format!("  hint: {advice}")));
    lines.join("\n") + "\n"
}

/// Prints lines to standard output; where there are several messages, each under its name.
pub(crate) fn print(name: Option<&String>, lines: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    let written = match name {
        Some(name) => write!(out, "{}:\n{lines}\n", escape(name)),
        None => write!(out, "{lines}"),
    };
    written.and_then(|()| out.flush()).map_err(|e| Failure::writing("standard output", &e))
}

/// What a message calls a certificate by, safe to print.
pub(crate) fn handle(handle: &Handle) -> String {
    escape(&smime::describe(handle)).to_string()
}

/// The technology by the name that people know.
pub(crate) fn technology(protocol: &str) -> &str {
    match protocol {
        "openpgp" => "OpenPGP",
        "smime" => "S/MIME",
        other => other,
    }
}

/// Who vouches, as a phrase.
pub(crate) fn trust(by: &By) -> String {
    match by {
        By::Chain(anchor) => trusted(Some("chain"), Some(anchor)),
        by => trusted(Some(by_word(by)), None),
    }
}

/// Who vouches, in the word of the verdict.
pub(crate) fn by_word(by: &By) -> &'static str {
    match by {
        By::Anchor => "anchor",
        By::Named => "named",
        By::Pinned => "pinned",
        By::FirstUse => "first-use",
        _ => "chain",
    }
}

fn trusted(by: Option<&str>, anchor: Option<&str>) -> String {
    match (by, anchor) {
        (Some("chain"), Some(anchor)) => format!("trusted through {}", escape(anchor)),
        (Some("anchor"), _) => "trusted as an anchor".to_owned(),
        (Some("named"), _) => "trusted as named on the command line".to_owned(),
        (Some("pinned"), _) => "trusted as pinned".to_owned(),
        (Some("first-use"), _) => "known from before".to_owned(),
        _ => "trusted".to_owned(),
    }
}

/// The signature that makes the message its sender's.
fn verifying(verdict: &Verdict) -> Option<&SignatureVerdict> {
    verdict.sender.signature.and_then(|index| verdict.signatures.get(index))
}

/// A verified sender by the name in the certificate, anybody else by what the message says.
fn who(verdict: &Verdict) -> String {
    match (verifying(verdict), &verdict.sender.address) {
        (Some(signature), Some(address)) => {
            let address = escape(address);
            match signature.names.iter().find_map(|name| plain_name(name)) {
                Some(name) => format!("{} <{address}>", escape(name)),
                None => format!("<{address}>"),
            }
        }
        _ => {
            let from = verdict.headers.iter().find(|field| field.name.eq_ignore_ascii_case("From"));
            from.map_or("no From".to_owned(), |from| escape(from.value.trim()).to_string())
        }
    }
}

/// The name in `Alice <alice@example.org>`; none where it could pass for an address.
fn plain_name(name: &str) -> Option<&str> {
    let name = name.split_once('<').map_or(name, |(name, _)| name).trim();
    (!name.is_empty() && !name.contains(['@', '<', '>'])).then_some(name)
}

/// How the message is, or is not, its sender's.
pub(crate) fn how(verdict: &Verdict) -> String {
    if let Some(locked) = undecrypted(verdict) {
        return if locked { "encrypted, and the key is locked" } else { "encrypted, and cannot be decrypted" }
            .to_owned();
    }
    match (verdict.sender.status, verdict.sender.reason) {
        (SenderStatus::Verified, _) => verifying(verdict).map_or_else(String::new, |signature| {
            let certificate = &signature.certificate;
            format!("{}, {}", technology(signature.protocol), trusted(certificate.by, certificate.anchor.as_deref()))
        }),
        (_, Some(reason)) => format!("not signed by its sender: {}", because(reason, verdict)),
        (_, None) => "not signed".to_owned(),
    }
}

/// Whether a layer could not be opened, and whether for a locked key.
fn undecrypted(verdict: &Verdict) -> Option<bool> {
    verdict.layers.iter().find_map(|layer| match layer {
        LayerVerdict::Encrypted { decryption, locked, .. } if *decryption != "done" => Some(*locked),
        _ => None,
    })
}

/// A reason of the verdict as a phrase.
fn because(reason: &str, verdict: &Verdict) -> String {
    let phrase = match reason {
        "address-mismatch" => {
            // Of the others nobody knows whose they are, whatever addresses they claim.
            let known =
                |signature: &&SignatureVerdict| signature.check == "valid" && signature.certificate.status == "trusted";
            let others: Vec<_> =
                verdict.signatures.iter().filter(known).flat_map(|signature| &signature.addresses).collect();
            let others: Vec<_> = others.iter().map(|address| escape(address).to_string()).collect();
            return match others.is_empty() {
                true => "the certificate has no address".to_owned(),
                false => format!("signed by {}", others.join(", ")),
            };
        }
        "untrusted" => match unvouched(verdict).and_then(|signature| signature.certificate.reason) {
            Some("usage") => "the certificate is not for signing mail",
            Some("name-constraints") => "its authority may not vouch for that address",
            Some("policy") => "the policies of its authorities do not allow it",
            Some("revocation-unknown") => "whether the certificate is revoked is not known",
            _ => "nobody vouches for the certificate",
        },
        "unknown-certificate" => "the signer's certificate is not at hand",
        "expired" => "the certificate is not valid at that time",
        "revoked" => "the certificate is revoked",
        "unbound" => "the key that signed is not the certificate's",
        "weak-algorithm" => "the algorithms are too weak",
        "digest-mismatch" => "the content is not what was signed",
        "bad-signature" => {
            let bad = verdict.signatures.iter().find(|signature| signature.check == "bad-signature");
            let detail = bad.and_then(|signature| signature.detail.as_deref());
            let detail = detail.map(|detail| format!(" ({})", escape(detail))).unwrap_or_default();
            return format!("the signature does not count{detail}");
        }
        "malformed" => match (verdict.sender.status, unvouched(verdict)) {
            (SenderStatus::Broken, _) => "the signature is malformed",
            (_, Some(_)) => "the certificate is malformed",
            (_, None) => "what was signed is no mail",
        },
        "unsupported" => "an algorithm is not supported",
        "ambiguous-from" => "the From is not one address",
        "no-signer" => "nobody signed the signed data",
        "date-mismatch" => "its Date is not when it was signed",
        "future-signature" => "it claims to be signed at a time that has not come",
        "other-recipient" => "it was signed for somebody else",
        other => other,
    };
    phrase.to_owned()
}

/// A good signature by a certificate that is not trusted.
fn unvouched(verdict: &Verdict) -> Option<&SignatureVerdict> {
    verdict.signatures.iter().find(|signature| signature.check == "valid" && signature.certificate.status != "trusted")
}

/// What the signatures call their signers by whose certificates are not at hand.
fn missing_signers(opened: &Opened<'_>) -> Vec<String> {
    if opened.summary.sender == Sender::Unsigned(None) {
        // Unobtrusive signatures that do not count are not told (R145).
        return Vec::new();
    }
    let missing = opened.signatures.iter().filter(|signature| signature.fact.check == Check::CertificateMissing);
    let issuers = missing.filter_map(|signature| signature.fact.issuer.first());
    issuers.map(|issuer| format!("  the signer's certificate is {}", handle(issuer))).collect()
}

/// When and how it was signed, and by which certificate.
fn signer(verdict: &Verdict) -> Option<String> {
    let signature = verifying(verdict)?;
    let mut line = "  signed".to_owned();
    let mut add = |word: &str, value: Option<&str>| {
        if let Some(value) = value {
            // Writing to a String does not fail.
            let _ = write!(line, " {word} {}", escape(value));
        }
    };
    add("at", signature.signed_at.as_deref());
    add("with", signature.algorithm.as_deref());
    add("and", signature.hash);
    add("by certificate", signature.fingerprint.as_deref());
    Some(line)
}

/// With what it was encrypted, and what that is worth.
fn encryption(verdict: &Verdict) -> Vec<String> {
    let mut lines = Vec::new();
    for layer in &verdict.layers {
        if let LayerVerdict::Encrypted { cipher, integrity, decryption: "done", .. } = layer {
            let cipher = cipher.as_deref().unwrap_or("a cipher that is not named");
            let weak = match (integrity, verdict.sender.status) {
                (Some("none"), SenderStatus::Verified) => ", and only the signature keeps it from being changed",
                (Some("none"), _) => ", and nothing keeps it from being changed",
                _ => "",
            };
            lines.push(format!("  encrypted with {}{weak}", escape(cipher)));
        }
    }
    lines
}

/// Who could open what was not opened.
fn recipients(opened: &Opened<'_>) -> Vec<String> {
    let encryptions = opened.layers.iter().filter_map(|found| match &found.layer {
        Layer::Encrypted(encryption) if encryption.decryption != Decryption::Done => Some(encryption),
        _ => None,
    });
    let mut lines = Vec::new();
    for encryption in encryptions {
        lines.extend(encryption.recipients.iter().map(|id| format!("  encrypted to {}", handle(id))));
        lines.extend(std::iter::repeat_n("  encrypted to whoever knows a password".to_owned(), encryption.passwords));
    }
    lines
}

/// Which fields are protected, and what the Subject was outside.
fn protected_fields(verdict: &Verdict, source: &dyn Source) -> Option<String> {
    let protected = verdict.headers.iter().filter(|field| field.status != "unprotected");
    let mut names: Vec<_> = protected.clone().map(|field| escape(&field.name).to_string()).collect();
    names.dedup();
    if names.is_empty() {
        return None;
    }
    let mut line = format!("  {} protected", names.join(", "));
    let inside = protected.clone().find(|field| field.name.eq_ignore_ascii_case("Subject"));
    if let (Some(inside), Some(outside)) = (inside, outer_subject(source))
        && inside.value.trim() != outside.trim()
    {
        // Writing to a String does not fail.
        let _ = write!(line, "; outside the Subject was \"{}\"", escape(outside.trim()));
    }
    Some(line)
}

/// The Subject outside of every layer. A header that is longer than 64 KiB has none for this purpose.
fn outer_subject(source: &dyn Source) -> Option<String> {
    let mut head = vec![0; 64 << 10];
    let mut len = 0;
    while len < head.len() {
        match source.read_at(len as u64, &mut head[len..]).ok()? {
            0 => break,
            count => len += count,
        }
    }
    head.truncate(len);
    let end = [&b"\n\n"[..], b"\n\r\n"].iter().filter_map(|end| Some(find(&head, end)? + 1)).min()?;
    Header::from_raw(&head[..end]).text("Subject")
}

fn find(octets: &[u8], what: &[u8]) -> Option<usize> {
    octets.windows(what.len()).position(|window| window == what)
}

/// What a person may do about a sender that is not verified.
pub(crate) fn advice(verdict: &Verdict) -> Option<&'static str> {
    match verdict.sender.reason? {
        "unknown-certificate" => Some("--cert names the signer's certificate and vouches for it"),
        "untrusted" => {
            let signature = unvouched(verdict)?;
            match (signature.certificate.reason?, signature.protocol) {
                ("untrusted" | "no-path", "smime") => Some(
                    "--anchor vouches for an authority, --intermediate helps to get there; --cert vouches for the \
                     certificate alone",
                ),
                ("untrusted", _) => Some("--cert vouches for the certificate"),
                ("revocation-unknown", _) => Some("--crl gives the revocation list of an authority"),
                _ => None,
            }
        }
        "expired" => Some("--at judges at another time"),
        "revoked" => Some("ask the sender for a certificate that is in force"),
        "unbound" => Some("ask the sender for the whole certificate; somebody may have put the key into this one"),
        "weak-algorithm" => Some("ask the sender to sign with a newer key, and with SHA-256 or better"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R138: an address in a display name is no address
    #[test]
    fn names_of_certificates() {
        assert_eq!(plain_name("Alice <alice@example.org>"), Some("Alice"));
        assert_eq!(plain_name("Alice"), Some("Alice"));
        for bad in ["", "<alice@example.org>", "alice@example.org", "bob@example.org <alice@example.org>"] {
            assert_eq!(plain_name(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_subject_outside() {
        let subject = |mail: &[u8]| outer_subject(&mail);
        assert_eq!(subject(b"From: a@b\r\nSubject: [...]\r\n\r\nSubject: no\r\n"), Some("[...]".to_owned()));
        assert_eq!(subject(b"From: a@b\nSubject: hi\n\n"), Some("hi".to_owned()));
        assert_eq!(subject(b"From: a@b\n\nSubject: no\n\n"), None);
        assert_eq!(subject(b""), None);
    }
}
