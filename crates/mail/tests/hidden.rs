//! Recipients whom the message does not name (R124, R125).

#![allow(clippy::unwrap_used, reason = "a test fails where it must")]

mod common;

use common::desk;
use mailseal::{Address, Copy, Encrypt, Layer, Mail, Opened, ProtocolId, SummaryWord};
use mailseal_testkit::personas::{ALICE, BOB, CAROL, DAVE, Persona};

fn alice() -> Mail {
    let desk = desk().keys_of(&ALICE).cert(&BOB.openpgp_cert()).cert(&CAROL.openpgp_cert());
    desk.known(&DAVE.smime_cert()).mail()
}

fn addresses(people: &[&Persona]) -> Vec<Address> {
    people.iter().map(|one| Address::parse(one.address).unwrap()).collect()
}

const DRAFT: &[u8] = b"From: Alice <alice@example.org>\nTo: bob@example.org\nSubject: x\n\ntext\n";

/// Each copy, its recipients and the message.
fn sent(given: &[&Persona], hidden: &[&Persona]) -> Vec<(Copy, Vec<String>, ProtocolId, Vec<u8>)> {
    let alice = alice();
    let mut compose = alice.compose(&DRAFT).unwrap().sign().encrypt(Encrypt::Always).hidden(addresses(hidden));
    if !given.is_empty() {
        compose = compose.recipients(addresses(given));
    }
    let plan = compose.plan().unwrap();
    let outgoing = plan.protect().unwrap();
    outgoing
        .iter()
        .map(|out| {
            let to = out.rcpt_to.iter().map(ToString::to_string).collect();
            (out.copy.clone(), to, out.protocol(), out.to_vec().unwrap())
        })
        .collect()
}

/// Whom the encryption names: hidden ones by the wildcard.
fn named(opened: &Opened<'_>) -> (usize, usize) {
    let encryption = opened.layers.iter().find_map(|found| match &found.layer {
        Layer::Encrypted(encryption) => Some(encryption.recipients.clone()),
        _ => None,
    });
    let recipients = encryption.unwrap();
    let hidden = recipients.iter().filter(|one| one.is_wildcard()).count();
    (recipients.len() - hidden, hidden)
}

/// R125: a hidden recipient gets the message that everybody gets, and the message does not say so.
#[test]
fn in_the_same_message_and_not_named() {
    let copies = sent(&[], &[&CAROL]);
    let [(copy, to, _, message)] = copies.as_slice() else { unreachable!("one message: {}", copies.len()) };
    assert_eq!((copy, to.as_slice()), (&Copy::Everybody, &[BOB.address.to_owned(), CAROL.address.to_owned()][..]));
    for reader in [&BOB, &CAROL] {
        let mail = desk().openpgp_key_of(reader).cert(&ALICE.openpgp_cert()).mail();
        let opened = mail.open(message).unwrap();
        assert_eq!(opened.verdict(None).summary, SummaryWord::SignedAndEncrypted, "{}", reader.name);
        assert_eq!(named(&opened), (2, 1));
        let mut written = Vec::new();
        opened.payload.write_message(&mut written).unwrap();
        assert!(!String::from_utf8_lossy(&written).contains(CAROL.address));
    }
}

/// S/MIME names everybody, so that a hidden recipient gets a copy of his own.
#[test]
fn where_nobody_can_be_hidden_there_is_a_copy() {
    let copies = sent(&[], &[&DAVE]);
    let shape: Vec<_> =
        copies.iter().map(|(copy, to, protocol, _)| (copy.clone(), to.as_slice(), protocol.0)).collect();
    let dave = Address::parse(DAVE.address).unwrap();
    let (bobs, daves) = ([BOB.address.to_owned()], [DAVE.address.to_owned()]);
    assert_eq!(shape, [(Copy::Everybody, &bobs[..], "openpgp"), (Copy::Bcc(dave), &daves[..], "smime")]);
}

/// R124: who stands in no field gets a copy of his own, as a Bcc does.
#[test]
fn who_stands_in_no_field_gets_a_copy() {
    let copies = sent(&[&BOB, &CAROL], &[]);
    let carol = Address::parse(CAROL.address).unwrap();
    let kinds: Vec<_> = copies.iter().map(|(copy, ..)| copy.clone()).collect();
    assert_eq!(kinds, [Copy::Everybody, Copy::Bcc(carol.clone())]);
    let bob = desk().openpgp_key_of(&BOB).cert(&ALICE.openpgp_cert()).mail();
    assert_eq!(named(&bob.open(&copies[0].3).unwrap()), (2, 0), "Bob and Alice");

    // Hidden, there is one message, and nobody has to be in a field.
    let copies = sent(&[&BOB], &[&CAROL]);
    assert_eq!((copies.len(), copies[0].1.len()), (1, 2));
    let copies = sent(&[&CAROL], &[]);
    assert!(copies.len() == 1 && copies[0].0 == Copy::Bcc(carol));
}
