//! Mail of a hostile author: forms that must not lend somebody else's good signature, each beside an honest mail of the
//! same shape.

#![allow(clippy::unwrap_used, reason = "a test fails where it must")]

mod common;

use common::{desk, read};
use mailseal::openpgp::OpenPgp;
use mailseal::smime::Smime;
use mailseal::{Mail, Policy, Sender, Why};
use mailseal_core::{Cert, Credential, NoPrompt, Protocol};
use mailseal_testkit::gnupg::Home;
use mailseal_testkit::personas::{self, ALICE, CAROL, EVE, Persona};
use std::sync::Arc;

const ENTITY: &str = "Content-Type: text/plain\r\n\r\nPay Eve 1 euro.\r\n";
const FROM_ALICE: &str = "From: Alice <alice@example.org>\r\n";

fn openpgp(who: &Persona) -> Vec<Credential> {
    OpenPgp.parse_keys(&read(&who.openpgp_key()), who.name, &[], Arc::new(NoPrompt)).unwrap()
}

fn smime(who: &Persona) -> Vec<Credential> {
    let certs = Smime.parse_certs(&read(&who.smime_cert())).unwrap();
    Smime.parse_keys(&read(&who.smime_key()), who.name, &certs, Arc::new(NoPrompt)).unwrap()
}

fn certs(who: &Persona) -> Vec<Cert> {
    OpenPgp.parse_certs(&read(&who.openpgp_cert())).unwrap()
}

fn policy() -> Policy {
    Policy::at(personas::now())
}

/// multipart/signed by somebody's OpenPGP key over exactly these octets.
fn detached(outer: &str, entity: &str, by: &Persona) -> String {
    let mut signature = Vec::new();
    let _ = OpenPgp.sign(&entity.as_bytes().to_vec(), &openpgp(by), &policy(), &mut signature).unwrap();
    let signature = String::from_utf8(signature).unwrap();
    format!(
        "{outer}MIME-Version: 1.0\r\nContent-Type: multipart/signed; boundary=b; protocol=\"application/pgp-signature\"\r\n\
         \r\n--b\r\n{entity}\r\n--b\r\nContent-Type: application/pgp-signature\r\n\r\n{signature}\r\n--b--\r\n"
    )
}

/// application/pkcs7-mime with these octets in it, signed by Alice.
fn opaque(entity: &str) -> Vec<u8> {
    let mut message =
        format!("{FROM_ALICE}Content-Type: application/pkcs7-mime\r\nContent-Transfer-Encoding: binary\r\n\r\n")
            .into_bytes();
    let _ = Smime.sign_opaque(&entity.as_bytes().to_vec(), &smime(&ALICE), &policy(), &mut message).unwrap();
    message
}

/// multipart/encrypted with this control part.
fn controlled(control: &str, data: &str) -> String {
    format!(
        "{FROM_ALICE}MIME-Version: 1.0\r\nContent-Type: multipart/encrypted; boundary=b; \
         protocol=\"application/pgp-encrypted\"\r\n\r\n--b\r\nContent-Type: application/pgp-encrypted\r\n\r\n{control}\r\n\
         --b\r\nContent-Type: application/octet-stream\r\n\r\n{data}\r\n--b--\r\n"
    )
}

/// Carol, who knows Alice and Eve.
fn carol() -> Mail {
    desk().openpgp_key_of(&CAROL).cert(&ALICE.openpgp_cert()).cert(&EVE.openpgp_cert()).mail()
}

fn sender(message: impl AsRef<[u8]>) -> Sender {
    carol().open(&message.as_ref().to_vec()).unwrap().summary.sender
}

fn verified(message: impl AsRef<[u8]>) -> Option<String> {
    match sender(message) {
        Sender::Verified { address, .. } => Some(address.key().to_owned()),
        _ => None,
    }
}

const ALICE_ADDRESS: Option<&str> = Some("alice@example.org");
const EVE_ADDRESS: Option<&str> = Some("eve@example.org");

/// Attack 18, R37: the signature of a commit, a text or a file makes no signed mail.
#[test]
fn what_was_signed_must_be_an_entity() {
    assert_eq!(verified(detached(FROM_ALICE, ENTITY, &ALICE)).as_deref(), ALICE_ADDRESS);
    assert_eq!(verified(detached(FROM_ALICE, "\r\nA part without fields.\r\n", &ALICE)).as_deref(), ALICE_ADDRESS);
    assert_eq!(verified(opaque(ENTITY)).as_deref(), ALICE_ADDRESS);
    let mime = "MIME-Version: 1.0\r\n\r\nx\r\n";
    assert_eq!(verified(detached(FROM_ALICE, mime, &ALICE)).as_deref(), ALICE_ADDRESS);
    let changes = "Format: 1.8\r\nDate: Mon, 1 Jun 2026 00:00:00 +0000\r\nSource: mailseal\r\n\r\nFiles\r\n";
    let patch = "From: Alice <alice@example.org>\r\nSubject: [PATCH] mend it\r\n\r\n---\r\n";
    for file in [changes, patch, "tree 0123\r\nparent 4567\r\n\r\nI agree\r\n", "I agree.\r\n", "%PDF-1.4\r\n"] {
        assert_eq!(sender(detached(FROM_ALICE, file, &ALICE)), Sender::Unverified(Why::Malformed), "{file}");
        assert_eq!(sender(opaque(file)), Sender::Unverified(Why::Malformed), "{file}");
    }
}

/// R12: without `Version: 1` in its control part it is no layer.
#[test]
fn the_control_part_says_its_version() {
    let mut data = Vec::new();
    OpenPgp.encrypt(&ENTITY.as_bytes().to_vec(), &certs(&CAROL), &openpgp(&ALICE), &policy(), &mut data).unwrap();
    let data = String::from_utf8(data).unwrap();
    assert_eq!(verified(controlled("Version: 1\r\n", &data)).as_deref(), ALICE_ADDRESS);
    for control in ["", "Version: 2\r\n", "Version: 1\r\nVersion: 1\r\n", "1\r\n"] {
        let message = controlled(control, &data).into_bytes();
        let carol = carol();
        let opened = carol.open(&message).unwrap();
        assert!(opened.layers.is_empty() && !opened.summary.is_encrypted(), "{control}");
    }
}

/// R140, attack 14: what Alice signed and encrypted for Carol is not shown as signed once the encryption is off.
#[test]
fn a_signature_for_others_is_not_passed_on() {
    let Some(home) = Home::new() else { return };
    let mut data = Vec::new();
    OpenPgp.encrypt(&ENTITY.as_bytes().to_vec(), &certs(&CAROL), &openpgp(&ALICE), &policy(), &mut data).unwrap();
    assert_eq!(verified(controlled("Version: 1\r\n", std::str::from_utf8(&data).unwrap())).as_deref(), ALICE_ADDRESS);
    drop(home.gpg().arg("--import").arg(CAROL.openpgp_key()).succeed());
    let unwrapped = home.gpg().args(["--armor", "--unwrap", "--decrypt"]).stdin(data).succeed();
    let passed_on = controlled("Version: 1\r\n", &String::from_utf8(unwrapped).unwrap());
    assert_eq!(sender(passed_on), Sender::Unverified(Why::OtherRecipient));
}

/// R10, R62, R102, R138, attack 3: whatever Eve writes into her From, her signature is nobody's but hers.
#[test]
fn from_tricks() {
    for (from, expected) in [
        ("From: eve@example.org\r\n", EVE_ADDRESS),
        ("From: eve@EXAMPLE.org\r\n", EVE_ADDRESS),
        ("From: \"alice@example.org\" <eve@example.org>\r\n", EVE_ADDRESS),
        ("From: eve@example.org (alice@example.org)\r\n", EVE_ADDRESS),
        ("From: alice@example.org\r\nFrom: eve@example.org\r\n", None),
        ("From: eve@example.org\r\nFrom : alice@example.org\r\n", None),
        ("From: alice@example.org <eve@example.org>\r\n", None),
        ("From: alice@example.org, eve@example.org\r\n", None),
        ("From: alice: eve@example.org;\r\n", None),
        ("From: <eve@example.org>\0<alice@example.org>\r\n", None),
        ("From: eve@example.org\r From: alice@example.org\r\n", None),
        ("From: \"eve@example.org\"@example.net\r\n", None),
        ("From: eve@xn--example-.org\r\n", None),
        ("From: ev\u{435}@example.org\r\n", None),
        ("From: eve@ex\u{430}mple.org\r\n", None),
        ("From: \u{202e}alice@example.org\u{202c} <eve@example.org>\r\n", None),
        ("Sender: eve@example.org\r\n", None),
    ] {
        assert_eq!(verified(detached(from, ENTITY, &EVE)).as_deref(), expected, "{from:?}");
    }
}

/// R62, R90, R100, R121, R122: a From inside is Alice's only if Alice signed, in whichever scheme it stands.
#[test]
fn from_inside() {
    let alice = "From: alice@example.org\r\n";
    let eve = "From: eve@example.org\r\n";
    for (outer, inner, expected) in [
        (alice, format!("{eve}Content-Type: text/plain; hp=clear\r\n\r\nx\r\n"), EVE_ADDRESS),
        (alice, format!("Content-Type: message/rfc822\r\n\r\n{eve}\r\nx\r\n"), EVE_ADDRESS),
        (alice, format!("{eve}Content-Type: message/rfc822; hp=clear\r\n\r\n{alice}\r\nx\r\n"), EVE_ADDRESS),
        (alice, format!("{eve}Content-Type: text/plain; protected-headers=v1\r\n\r\nx\r\n"), EVE_ADDRESS),
        (eve, "Content-Type: text/plain; protected-headers=v1\r\nSubject: x\r\n\r\nx\r\n".to_owned(), EVE_ADDRESS),
        (eve, format!("{alice}Content-Type: text/plain; hp=clear\r\n\r\nx\r\n"), None),
        (eve, format!("{eve}{alice}Content-Type: text/plain; hp=clear\r\n\r\nx\r\n"), None),
        (eve, "Content-Type: text/plain; hp=clear\r\n\r\nx\r\n".to_owned(), None),
        (eve, format!("Content-Type: message/rfc822\r\n\r\n{alice}\r\nx\r\n"), None),
        (eve, format!("{alice}Content-Type: text/plain; protected-headers=v1\r\n\r\nx\r\n"), None),
        (alice, "Content-Type: text/plain; protected-headers=v1\r\nSubject: x\r\n\r\nx\r\n".to_owned(), None),
        (
            alice,
            format!(
                "Content-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n{eve}Content-Type: text/plain; hp=clear\r\n\r\nx\r\n--c--\r\n"
            ),
            None,
        ),
    ] {
        assert_eq!(verified(detached(outer, &inner, &EVE)).as_deref(), expected, "{outer}{inner}");
    }
}

/// R101, attack 3: of two Froms the one outside is shown while no signature of the one inside says otherwise; both are listed,
/// and a person is warned.
#[test]
fn a_disputed_from_is_not_shown() {
    let inner = "From: alice@example.org\r\nContent-Type: text/plain; hp=clear\r\n\r\nx\r\n";
    let outer = "From: eve@example.org\r\n";
    for (by, shown, hidden) in [(&EVE, "eve", Some("alice")), (&ALICE, "alice", None)] {
        let message = detached(outer, inner, by).into_bytes();
        let carol = carol();
        let opened = carol.open(&message).unwrap();
        let froms: Vec<_> =
            opened.headers.iter().filter(|field| field.name == "From").map(|f| f.value.trim()).collect();
        let expected: Vec<_> =
            [Some(shown), hidden].into_iter().flatten().map(|name| format!("{name}@example.org")).collect();
        assert_eq!(froms, expected);
        assert_eq!(opened.defects.iter().any(|defect| defect.contains("alice@example.org")), hidden.is_some());
        let mut written = Vec::new();
        opened.payload.write_message(&mut written).unwrap();
        let written = String::from_utf8(written).unwrap();
        assert!(written.contains(&format!("From: {shown}@example.org\r\n")), "{written}");
        assert_eq!(written.matches("From: ").count(), 1, "{written}");
    }
}

/// R101, attack 3: two Froms outside and two others inside are a dispute as well; the same two are none.
#[test]
fn a_dispute_between_froms_that_are_not_one_address() {
    let entity = |from: &str| format!("From: {from}\r\nContent-Type: text/plain; hp=clear\r\n\r\nx\r\n");
    let (eves, alices) = ("eve@example.org, mallory@example.org", "alice@example.org, ceo@example.org");
    for (inside, is_disputed) in [(alices, true), (eves, false)] {
        let message = detached(&format!("From: {eves}\r\n"), &entity(inside), &EVE).into_bytes();
        let carol = carol();
        let opened = carol.open(&message).unwrap();
        assert_eq!(opened.headers[0].value.trim(), eves, "{inside}");
        assert_eq!(opened.defects.iter().any(|defect| defect.starts_with("the From inside")), is_disputed, "{inside}");
        let mut written = Vec::new();
        opened.payload.write_message(&mut written).unwrap();
        let written = String::from_utf8(written).unwrap();
        assert!(written.contains(&format!("From: {eves}\r\n")) && !written.contains("alice"), "{written}");
    }
}

/// R137, attack 17: the verdict is one line of printable ASCII, whatever a message says, and says the same.
#[test]
fn the_verdict_does_nothing_to_a_terminal() {
    let subject = "\u{9b}2J\u{202e}\u{2028}\u{85}\u{2800}\u{e0041}\u{7f} Grüße";
    let message = format!("{FROM_ALICE}Subject: {subject}\r\nMessage-ID: <\u{1b}[31m>\r\n\r\nx\r\n").into_bytes();
    let json = carol().open(&message).unwrap().to_json();
    assert!(json.bytes().all(|octet| matches!(octet, b' '..=b'~')), "{json}");
    let read: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(read["headers"][1]["value"], subject);
}

/// Attack 15, R140: a signed message under a later Date is a replay, unless the Date is under the signature too; a signature
/// that claims a time to come is none. The controls have the Date of the signature, an earlier one, or none.
#[test]
fn a_later_date_and_a_time_to_come() {
    let (same, later, early) =
        ("Mon, 1 Jun 2026 00:00:00 +0000", "Mon, 1 Jun 2026 06:00:00 +0000", "Sun, 1 Jun 2025 00:00:00 +0000");
    let dated = |date: &str| format!("{FROM_ALICE}Date: {date}\r\n");
    for outer in [dated(same), dated(early), FROM_ALICE.to_owned()] {
        assert_eq!(verified(detached(&outer, ENTITY, &ALICE)).as_deref(), ALICE_ADDRESS, "{outer}");
    }
    for outer in [dated(later), format!("{}Date: {later}\r\n", dated(same))] {
        assert_eq!(sender(detached(&outer, ENTITY, &ALICE)), Sender::Unverified(Why::DateMismatch), "{outer}");
    }
    let protected = format!("{}Content-Type: text/plain; hp=clear\r\n\r\nx\r\n", dated(later));
    assert_eq!(verified(detached(&dated(later), &protected, &ALICE)).as_deref(), ALICE_ADDRESS);
    let undated = format!("{FROM_ALICE}Content-Type: text/plain; hp=clear\r\n\r\nx\r\n");
    assert_eq!(verified(detached(&dated(same), &undated, &ALICE)).as_deref(), ALICE_ADDRESS);
    assert_eq!(sender(detached(&dated(later), &undated, &ALICE)), Sender::Unverified(Why::DateMismatch));

    let signed_at = |when: std::time::SystemTime| {
        let mut message =
            format!("{FROM_ALICE}Content-Type: application/pkcs7-mime\r\nContent-Transfer-Encoding: binary\r\n\r\n")
                .into_bytes();
        let _ =
            Smime.sign_opaque(&ENTITY.as_bytes().to_vec(), &smime(&ALICE), &Policy::at(when), &mut message).unwrap();
        message
    };
    let minutes = |count: u64| personas::now() + std::time::Duration::from_secs(60 * count);
    assert_eq!(verified(signed_at(minutes(5))).as_deref(), ALICE_ADDRESS);
    assert_eq!(sender(signed_at(minutes(24 * 60))), Sender::Unverified(Why::FutureSignature));
}
