//! Unobtrusive signatures (draft-ietf-mailmaint-unobtrusive-signatures-02): gpg and openssl verify what is in our Sig fields,
//! and we verify what they sign.

use std::fs;

use mailseal_testkit::personas::{ALICE, BOB, Persona, intermediate, root};
use mailseal_testkit::program::Program;

use crate::gpg::{assert_signed, gpg_before, home, look};
use crate::ours::{DRAFTS, LATER, Ours, Verdict, smime_key};
use crate::table;
use crate::wire::{Entity, base64, base64_decoded, changed, find, mail};

/// What follows From in what other programs sign.
const REST: &str = "To: Bob <bob@example.org>\r\nSubject: Hello\r\n\
                       Date: Mon, 01 Jun 2026 00:00:00 +0000\r\n\
                       Content-Type: text/plain; charset=us-ascii; hp=\"clear\"\r\n\r\nHello Bob,\r\n\r\nbring the key.\r\n";

/// The signed octets of a message (the one part without its Sig field, its last line ended) and the signature.
pub(crate) fn parts(message: &[u8], kind: &str) -> (Vec<u8>, Vec<u8>) {
    let message = Entity::parse(message);
    assert_eq!(message.media_type(), "multipart/mixed");
    let [part] = message.parts()[..] else { panic!("one part") };
    let field = Entity::parse(part).field("Sig").unwrap().to_owned();
    let base64 = field.strip_prefix(&format!("t={kind}; b=")).unwrap_or_else(|| panic!("{field}"));
    let mut at = find(part, b"\r\n").unwrap() + 2;
    while part[at] == b' ' {
        at += find(&part[at..], b"\r\n").unwrap() + 2;
    }
    let text = part[at..].trim_ascii_end();
    ([text, b"\r\n"].concat(), base64_decoded(base64.as_bytes()))
}

/// What other programs sign.
pub(crate) fn content(by: Persona) -> Vec<u8> {
    format!("From: {}\r\n{REST}", by.address).into_bytes()
}

/// A message with this signature over [`content`].
pub(crate) fn message(kind: &str, by: Persona, signature: &[u8]) -> Vec<u8> {
    let sig = base64(signature).trim_end().replace("\r\n", "\r\n ");
    let mixed = "Content-Type: multipart/mixed; boundary=\"=-\"\r\n\r\n--=-\r\n";
    let head = format!("{mixed}Sig: t={kind}; b={sig}\r\n");
    mail(by, &[head.as_bytes(), &content(by), b"\r\n--=---\r\n"].concat())
}

/// R145: what does not count is not heard of.
#[track_caller]
pub(crate) fn assert_silent(verdict: &Verdict) {
    assert_eq!((verdict.summary(), verdict.sender(), verdict.code), ("unprotected", "none", 3), "{verdict:?}");
    assert_eq!(verdict.header("Subject").1, "unprotected", "{verdict:?}");
}

/// R144
#[test]
fn gpg_verifies_ours() {
    let Some(home) = home() else { return };
    let ours = Ours::new();
    let [content_file, signature_file] = ["content", "content.sig"].map(|name| home.path().join(name));
    for from in [ALICE, BOB] {
        for name in DRAFTS {
            let draft = ours.draft(name, from);
            let signed = ours.protect(&format!("sign --unobtrusive --key {}.key.asc", from.name));
            let (content, signature) = parts(&signed, "p");
            fs::write(&content_file, &content).unwrap();
            fs::write(&signature_file, signature).unwrap();
            let files = [signature_file.to_str().unwrap(), content_file.to_str().unwrap()];
            let (_, status) = look(&home, &["--verify", files[0], files[1]], b"");
            assert_signed(&status, &home, from);
            draft.assert_is(&content);
        }
    }
    table::reads("gpg", "unobtrusive signature");
}

/// R144, R145
#[test]
fn we_verify_what_gpg_signs() {
    let Some(home) = home() else { return };
    let ours = Ours::new();
    let signature = gpg_before(&home).args(["--detach-sign", "-u", ALICE.address]).stdin(content(ALICE)).succeed();
    let message = message("p", ALICE, &signature);
    ours.verdict("", &message).assert_good("signed", &["signed valid"]);
    assert_eq!(ours.verdict("", &message).header("Subject"), ("Hello", "signed-only"));
    assert_silent(&ours.verdict("", &changed(&message, find(&message, b"bring").unwrap())));
    table::writes("gpg", "unobtrusive signature");
}

fn cms(folder: &tempfile::TempDir, words: &[&str]) -> Program {
    Program::find("openssl").expect("found before").dir(folder.path()).args(["cms", "-binary"]).args(words)
}

/// R144
#[test]
fn openssl_verifies_ours() {
    let (Some(_), ours) = (Program::find("openssl"), Ours::new()) else { return };
    let folder = tempfile::tempdir().unwrap();
    for from in [ALICE, BOB] {
        for name in DRAFTS {
            let draft = ours.draft(name, from);
            let signed = ours.protect(&format!("sign --unobtrusive --smime {}", smime_key(from)));
            let (content, signature) = parts(&signed, "c");
            fs::write(folder.path().join("content"), &content).unwrap();
            fs::write(folder.path().join("signature"), signature).unwrap();
            let verify = cms(&folder, &["-verify", "-inform", "DER", "-purpose", "smimesign", "-attime=1780272060"]);
            let verify = verify.args(["-in", "signature", "-content", "content", "-CAfile"]).arg(root());
            assert_eq!(verify.succeed(), content, "{name}");
            draft.assert_is(&content);
        }
    }
    table::reads("openssl", "unobtrusive signature");
}

/// R144, R145
#[test]
fn we_verify_what_openssl_signs() {
    let (Some(_), ours) = (Program::find("openssl"), Ours::new()) else { return };
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("content"), content(ALICE)).unwrap();
    let sign = cms(&folder, &["-sign", "-outform", "DER", "-in", "content", "-signer"]).arg(ALICE.smime_cert());
    let signature = sign.arg("-inkey").arg(ALICE.smime_key()).arg("-certfile").arg(intermediate()).succeed();
    let message = message("c", ALICE, &signature);
    ours.verdict(LATER, &message).assert_good("signed", &["signed valid"]);
    assert_silent(&ours.verdict(LATER, &changed(&message, find(&message, b"bring").unwrap())));
    table::writes("openssl", "unobtrusive signature");
}
