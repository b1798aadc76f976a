//! Any octets as a message whose first part, else the whole, is a Cryptographic Payload: what is said of its fields.
//!
//! The last octet of the input says what the Cryptographic Envelope had: bit 0 encryption, bit 1 a valid signature.
//! Held: no field has a better status than envelope, declaration and scheme allow; the merged header reads back the same;
//! the policy for an answer gives usable answers; what takes the place of Legacy Display Elements is in order.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mailseal_mime::header_protection::{
    Confirmed, FieldStatus, Protection, Scheme, main_body_parts, merged, response_policy, shown_text,
    without_legacy_display, without_v1_legacy_display,
};
use mailseal_mime::secure::recognise;
use mailseal_mime::{Field, Header, Limits, Tree};

/// What the Cryptographic Envelope had.
#[derive(Clone, Copy)]
struct Envelope {
    encrypted: bool,
    signed: bool,
}

fuzz_target!(|input: &[u8]| {
    let Some((bits, data)) = input.split_last() else { return };
    let envelope = Envelope { encrypted: bits & 1 != 0, signed: bits & 2 != 0 };
    let Ok(tree) = Tree::parse(&data, &Limits::default()) else { return };
    let payload = tree.root().children.first().copied().unwrap_or(0);
    let outer = &tree.root().header;
    let inner = &tree.parts()[payload].header;

    check(&Confirmed::read(inner, envelope.encrypted, envelope.signed), outer, inner, envelope);
    if let Some(found) = Confirmed::infer_protected_headers_v1(inner, outer, envelope.encrypted, envelope.signed) {
        assert!(found.is_inferred());
        check(&found, outer, inner, envelope);
    }
    if let Some(&child) = tree.parts()[payload].children.first() {
        let is_layer = recognise(&tree, child).is_some();
        let header = &tree.parts()[child].header;
        let found = Confirmed::infer_rfc8551(inner, header, is_layer, outer, envelope.encrypted, envelope.signed);
        if let Some(found) = found {
            assert!(found.is_inferred() && !is_layer);
            check(&found, outer, header, envelope);
        }
    }
    check_shown(data, &tree, payload, envelope);
});

fn check(confirmed: &Confirmed, outer: &Header, body: &Header, envelope: Envelope) {
    let fields = confirmed.protected().iter().chain(outer).chain(body).chain(confirmed.shown());
    for field in fields {
        check_status(confirmed, field, envelope);
    }
    check_merged(outer, body, confirmed);
    let policy = response_policy(confirmed, answer);
    for field in &answer(confirmed.protected()) {
        policy.apply(field).expect("the policy for an answer is usable");
    }
}

fn check_status(confirmed: &Confirmed, field: &Field, envelope: Envelope) {
    let status = confirmed.status(field);
    if !contains(confirmed.protected(), field) {
        assert_eq!(status, FieldStatus::Unprotected, "not a protected field");
    }
    let confidential = envelope.encrypted
        && confirmed.protection() == Protection::Cipher
        && matches!(confirmed.scheme(), Some(Scheme::Rfc9788 | Scheme::Rfc8551))
        && !contains(confirmed.shown(), field);
    match status {
        FieldStatus::SignedAndEncrypted => assert!(confidential && envelope.signed),
        FieldStatus::EncryptedOnly => assert!(confidential && !envelope.signed),
        FieldStatus::SignedOnly => assert!(envelope.signed && confirmed.scheme().is_some()),
        FieldStatus::Unprotected => {}
    }
}

fn contains(header: &Header, field: &Field) -> bool {
    header.get_all(field.name()).any(|other| other.value() == field.value())
}

/// What is written reads as the same fields.
fn check_merged(outer: &Header, body: &Header, confirmed: &Confirmed) {
    let header = merged(outer, body, confirmed).expect("a Content-Type that was read can be written");
    let mut out = Vec::new();
    header.write_to(&mut out).expect("memory can be written");
    let again = Header::from_raw(&out);
    let pairs = |header: &Header| -> Vec<(String, Vec<u8>)> {
        header.iter().map(|field| (field.name().to_owned(), field.value().into_owned())).collect()
    };
    assert!(pairs(&header) == pairs(&again), "reads as another header:\n{}", String::from_utf8_lossy(&out));
}

/// A simple answer: everything again, the subject with `Re: `.
fn answer(header: &Header) -> Header {
    let mut answer = header.clone();
    if let Some(text) = header.text("Subject")
        && let Ok(subject) = Field::structured("Subject", &format!("Re: {text}"))
    {
        answer.replace(subject);
    }
    answer
}

fn check_shown(data: &[u8], tree: &Tree, root: usize, envelope: Envelope) {
    let mut at = tree.parts()[root].entity.start;
    for change in without_legacy_display(&data, tree, root).expect("memory can be read") {
        assert!(at <= change.range.start && change.range.start <= change.range.end);
        at = change.range.end;
    }
    assert!(at <= tree.parts()[root].entity.end);
    if let Some(change) = without_v1_legacy_display(tree, root) {
        let entity = &tree.parts()[root].entity;
        assert!(entity.start <= change.range.start && change.range.start <= change.range.end);
        assert!(change.range.end <= entity.end && change.octets.is_empty());
    }
    for index in main_body_parts(tree, root) {
        shown_text(&data, tree, index, envelope.encrypted).expect("memory can be read");
    }
}
