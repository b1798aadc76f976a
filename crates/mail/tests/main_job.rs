//! The main job: one draft to recipients of both worlds, opened again and judged.

#![allow(clippy::unwrap_used, reason = "a test fails where it must")]

mod common;

use common::{desk, read};
use mailseal::{
    By, Copy, Decryption, Encrypt, Encryption, Error, Missing, Protection, ProtocolId, Sender, SenderStatus,
    SignedForm, SummaryWord, Why,
};
use mailseal_testkit::personas::{
    ALICE, BOB, CAROL, DAVE, EVE, EVE_AS_ALICE, EXPIRED, REVOKED, WRONG_ADDRESS, message,
};

/// Alice, with all her keys and the certificates of everybody.
fn alice() -> mailseal::Mail {
    desk().keys_of(&ALICE).cert(&BOB.openpgp_cert()).cert(&CAROL.openpgp_cert()).known(&DAVE.smime_cert()).mail()
}

/// R51, R60-R63, R70, R73-R76, R83, R95: one message a protocol, each signed and encrypted, its Subject hidden outside.
#[test]
fn one_draft_to_both_worlds() {
    let (alice, draft) = (alice(), read(&message("plain")));
    let plan = alice.compose(&draft).unwrap().sign().encrypt(Encrypt::Always).plan().unwrap();
    assert!(plan.unreachable.is_empty(), "{:?}", plan.unreachable);
    let outgoing = plan.protect().unwrap();
    let got: Vec<_> = outgoing.iter().map(|out| (out.protocol(), out.rcpt_to[0].to_string())).collect();
    assert_eq!(got, [(ProtocolId::OPENPGP, CAROL.address.to_owned()), (ProtocolId::SMIME, DAVE.address.to_owned())]);

    let carol = desk().openpgp_key_of(&CAROL).cert(&ALICE.openpgp_cert()).mail();
    let dave = desk().smime_key_of(&DAVE).mail();
    let mut ids = Vec::new();
    for (out, reader) in outgoing.iter().zip([&carol, &dave]) {
        let sealed = out.to_vec().unwrap();
        let outside = String::from_utf8(sealed.clone()).unwrap();
        assert!(outside.contains("\r\nSubject: [...]\r\n"), "{outside}");
        let opened = reader.open(&sealed).unwrap();
        let verdict = opened.verdict(None);
        assert_eq!(verdict.summary, SummaryWord::SignedAndEncrypted, "{}", verdict.to_json());
        assert_eq!(verdict.sender.status, SenderStatus::Verified);
        assert_eq!(opened.protection, Protection::Cipher);
        let subject = verdict.headers.iter().find(|field| field.name == "Subject").unwrap();
        assert_eq!(subject.status, "signed-and-encrypted");
        assert_eq!(verdict.headers.iter().find(|field| field.name == "From").unwrap().status, "signed-only");
        let mut read_again = Vec::new();
        opened.payload.write_message(&mut read_again).unwrap();
        let text = String::from_utf8(read_again).unwrap();
        assert!(text.contains(&format!("Subject: {}\r\n", subject.value)), "{text}");
        assert!(!text.contains("HP-Outer") && !text.contains("hp="), "{text}");
        ids.push(verdict.message_id.unwrap());

        // R51: Alice reads what she sent.
        let own = alice.open(&sealed).unwrap();
        assert_eq!(own.summary.encryption, Encryption::Full);
    }
    assert_eq!(ids[0], ids[1], "the same Message-ID in every copy");
}

/// R16-R24: what the reader gets decodes to what the author wrote, whatever had to be encoded for the way.
#[test]
fn the_text_arrives_as_it_was_written() {
    let alice =
        desk().keys_of(&ALICE).cert(&BOB.openpgp_cert()).cert(&CAROL.openpgp_cert()).known(&BOB.smime_cert()).mail();
    let bob = desk().keys_of(&BOB).cert(&ALICE.openpgp_cert()).mail();
    for name in ["utf8-8bit", "format-flowed", "html-attachment"] {
        for protocol in [ProtocolId::OPENPGP, ProtocolId::SMIME] {
            let draft = read(&message(name));
            let compose =
                alice.compose(&draft).unwrap().sign().only(protocol).encrypt(Encrypt::Always).missing(Missing::Skip);
            let plan = compose.plan().unwrap();
            for out in plan.protect().unwrap() {
                let sealed = out.to_vec().unwrap();
                let opened = bob.open(&sealed).unwrap();
                assert_eq!(opened.verdict(None).summary, SummaryWord::SignedAndEncrypted, "{name} {protocol}");
                let mut message = Vec::new();
                opened.payload.write_message(&mut message).unwrap();
                assert_eq!(leaves(&message), leaves(&draft), "{name} {protocol}");
            }
        }
    }
}

/// The decoded leaves, line ends as LF.
fn leaves(message: &[u8]) -> Vec<Vec<u8>> {
    let tree = mailseal_mime::Tree::parse(&message, &Default::default()).unwrap();
    let leaf = |index| {
        let mut octets = Vec::new();
        std::io::Read::read_to_end(&mut tree.decoded(&message, index), &mut octets).unwrap();
        octets.retain(|octet| *octet != b'\r');
        octets
    };
    (0..tree.parts().len()).filter(|index| tree.parts()[*index].is_leaf()).map(leaf).collect()
}

fn signed_by(who: &mailseal_testkit::personas::Persona, protocol: ProtocolId, opaque: bool) -> Vec<u8> {
    let sender = match protocol {
        ProtocolId::OPENPGP => desk().openpgp_key_of(who),
        _ => desk().smime_key_of(who),
    };
    let (sender, draft) = (sender.mail(), read(&message("plain")));
    let user = mailseal::User::Handle(sender.keys().all()[0].cert.fingerprint().clone());
    let form = if opaque { SignedForm::Opaque } else { SignedForm::Multipart };
    let plan = sender.compose(&draft).unwrap().sign().form(form).user(user).only(protocol).plan().unwrap();
    plan.protect().unwrap()[0].to_vec().unwrap()
}

/// Reads mail with Alice's certificates at hand: OpenPGP named, S/MIME by chain.
fn reader() -> mailseal::Mail {
    desk().cert(&ALICE.openpgp_cert()).known(&EVE.openpgp_cert()).known(&EVE_AS_ALICE.openpgp_cert()).mail()
}

/// R62, R76, R95: signed only: clear, and every field is signed.
#[test]
fn signed_only() {
    for (protocol, opaque) in [(ProtocolId::OPENPGP, false), (ProtocolId::SMIME, false), (ProtocolId::SMIME, true)] {
        let message = signed_by(&ALICE, protocol, opaque);
        let reader = reader();
        let opened = reader.open(&message).unwrap();
        assert_eq!(opened.verdict(None).summary, SummaryWord::Signed, "{}", opened.to_json());
        assert_eq!(opened.protection, Protection::Clear);
        let subject = opened.headers.iter().find(|field| field.name == "Subject").unwrap();
        assert_eq!(subject.status, mailseal_mime::header_protection::FieldStatus::SignedOnly);
        match &opened.summary.sender {
            Sender::Verified { by, .. } if protocol == ProtocolId::OPENPGP => assert_eq!(*by, By::Named),
            Sender::Verified { by: By::Chain(_), .. } => {}
            other => panic!("{other:?}"),
        }
    }
}

/// R61: a changed text is broken and shown as unsigned.
#[test]
fn a_changed_text_is_broken() {
    for protocol in [ProtocolId::OPENPGP, ProtocolId::SMIME] {
        let message = String::from_utf8(signed_by(&ALICE, protocol, false)).unwrap();
        let at = message.find("\r\n\r\n--").unwrap() + 60;
        let (reader, changed) = (reader(), message.replacen("Carol", "Karol", 3).into_bytes());
        assert_ne!(changed, message.as_bytes()[..], "{at}");
        let opened = reader.open(&changed).unwrap();
        assert_eq!(opened.summary.sender, Sender::Broken(Why::DigestMismatch), "{protocol}");
        assert_eq!(opened.verdict(None).summary, SummaryWord::Unprotected);
    }
}

/// R62, attacks 3, 16: valid mathematics, and the wrong person or a worthless certificate.
#[test]
fn a_valid_signature_of_the_wrong_person() {
    for (who, protocol, why) in [
        (&EVE, ProtocolId::OPENPGP, Why::Untrusted),
        (&EVE_AS_ALICE, ProtocolId::OPENPGP, Why::Untrusted),
        (&EVE, ProtocolId::SMIME, Why::Untrusted),
        (&EVE_AS_ALICE, ProtocolId::SMIME, Why::Untrusted),
        (&WRONG_ADDRESS, ProtocolId::SMIME, Why::AddressMismatch),
        (&BOB, ProtocolId::SMIME, Why::AddressMismatch),
        (&REVOKED, ProtocolId::SMIME, Why::Revoked),
    ] {
        let (reader, message) = (reader(), signed_by(who, protocol, false));
        let opened = reader.open(&message).unwrap();
        assert_eq!(opened.summary.sender, Sender::Unverified(why), "{} {protocol}: {}", who.name, opened.to_json());
        assert_eq!(opened.verdict(None).summary, SummaryWord::Unprotected);
    }
}

/// An expired certificate signs nothing more.
#[test]
fn an_expired_certificate_cannot_sign() {
    let sender = desk().smime_key_of(&EXPIRED).mail();
    let draft = read(&message("plain"));
    let refused = sender.compose(&draft).unwrap().sign().plan();
    assert!(matches!(refused, Err(Error::Core(mailseal_core::Error::CannotSign { .. }))));
}

/// R57, R58, attack 2: a signed message inside of something else is errant; the message is not signed.
#[test]
fn a_list_footer_makes_it_errant() {
    for protocol in [ProtocolId::OPENPGP, ProtocolId::SMIME] {
        let signed = String::from_utf8(signed_by(&ALICE, protocol, false)).unwrap();
        let (head, body) = signed.split_once("MIME-Version: 1.0\r\n").unwrap();
        let footer = "Content-Type: text/plain\r\n\r\n-- \r\nthe list\r\n";
        let message = format!(
            "{head}MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=list\r\n\r\n--list\r\n{body}\r\n--list\r\n{footer}\r\n--list--\r\n"
        );
        let (reader, message) = (reader(), message.into_bytes());
        let opened = reader.open(&message).unwrap();
        assert_eq!(opened.summary.sender, Sender::Unsigned(None));
        assert_eq!(opened.verdict(None).summary, SummaryWord::Unprotected);
        assert_eq!(opened.errant.len(), 1);
        assert_eq!((opened.errant[0].part.as_str(), opened.errant[0].kind), ("1", "signed"));
    }
}

/// R103, attack 18: what was not decrypted is nothing.
#[test]
fn undecryptable_is_unprotected() {
    let (alice, draft) = (alice(), read(&message("plain")));
    let plan = alice.compose(&draft).unwrap().sign().encrypt(Encrypt::Always).plan().unwrap();
    let stranger = desk().openpgp_key_of(&EVE).smime_key_of(&BOB).mail();
    for out in plan.protect().unwrap() {
        let sealed = out.to_vec().unwrap();
        let opened = stranger.open(&sealed).unwrap();
        assert_eq!(opened.verdict(None).summary, SummaryWord::Unprotected);
        assert_eq!(opened.undecrypted(), Some(Decryption::NoKey));
        let seen = stranger.inspect(&sealed).unwrap();
        assert_eq!(seen.undecrypted(), Some(Decryption::NotTried));
    }
}

/// R124, R125: nobody sees a Bcc; each has a copy.
#[test]
fn bcc_has_a_copy_of_its_own() {
    let alice = alice();
    let draft = String::from_utf8(read(&message("plain")))
        .unwrap()
        .replacen("To:", "Bcc: bob@example.org\nTo:", 1)
        .into_bytes();
    let plan = alice.compose(&draft).unwrap().sign().encrypt(Encrypt::Always).plan().unwrap();
    let outgoing = plan.protect().unwrap();
    assert_eq!(outgoing.len(), 3);
    let bcc = outgoing.iter().find(|out| matches!(out.copy, Copy::Bcc(_))).unwrap();
    assert_eq!(bcc.rcpt_to.iter().map(ToString::to_string).collect::<Vec<_>>(), [BOB.address]);
    for out in &outgoing {
        let sealed = String::from_utf8(out.to_vec().unwrap()).unwrap();
        assert!(!sealed.to_ascii_lowercase().contains("\r\nbcc:") && !sealed.contains(BOB.address));
    }
    let bob = desk().openpgp_key_of(&BOB).cert(&ALICE.openpgp_cert()).mail();
    let sealed = bcc.to_vec().unwrap();
    assert_eq!(bob.open(&sealed).unwrap().verdict(None).summary, SummaryWord::SignedAndEncrypted);
}

/// Nothing is made when somebody cannot be encrypted to, unless they are to be skipped.
#[test]
fn an_unreachable_recipient_stops_everything() {
    let alice = desk().keys_of(&ALICE).cert(&CAROL.openpgp_cert()).mail();
    let draft = read(&message("plain"));
    let compose = || alice.compose(&draft).unwrap().sign().encrypt(Encrypt::Always);
    let plan = compose().plan().unwrap();
    assert_eq!(plan.unreachable.len(), 1);
    assert_eq!(plan.unreachable[0].0.to_string(), DAVE.address);
    assert!(matches!(plan.protect(), Err(Error::Unreachable(_))));
    let plan = compose().missing(Missing::Skip).plan().unwrap();
    assert_eq!(plan.protect().unwrap().len(), 1);
}

/// R65, attack 14: a signature around a ciphertext says nothing of what is in it.
#[test]
fn a_signature_outside_of_the_encryption_does_not_count() {
    let alice = desk().keys_of(&ALICE).known(&DAVE.smime_cert()).mail();
    let draft = read(&message("plain"));
    let plan = alice
        .compose(&draft)
        .unwrap()
        .only(ProtocolId::SMIME)
        .missing(Missing::Skip)
        .encrypt(Encrypt::Always)
        .plan()
        .unwrap();
    let encrypted = plan.protect().unwrap()[0].to_vec().unwrap();
    let plan = alice.compose(&encrypted).unwrap().sign().only(ProtocolId::SMIME).plan().unwrap();
    let wrapped = plan.protect().unwrap()[0].to_vec().unwrap();
    let dave = desk().smime_key_of(&DAVE).mail();
    let opened = dave.open(&wrapped).unwrap();
    assert_eq!(opened.layers.len(), 2, "{}", opened.to_json());
    assert_eq!(opened.verdict(None).summary, SummaryWord::Encrypted);
    assert_eq!(opened.summary.sender, Sender::Unsigned(None));
}

/// A message that a program builds with mail-builder is a draft like any other; Date and Message-ID are added where missing.
#[test]
fn a_built_message_is_a_draft() {
    let built = mail_builder::MessageBuilder::new()
        .from(("Alice", ALICE.address))
        .to(("Bob Ümlaut", BOB.address))
        .subject("Grüße aus Köln")
        .text_body("Line one ä\r\nFrom the start of a line\r\n")
        .attachment("application/octet-stream", "noise.bin", (0..=255_u8).collect::<Vec<_>>());
    let draft = built.write_to_vec().unwrap();
    let draft = String::from_utf8(draft).unwrap();
    let stripped: String = draft
        .split_inclusive("\r\n")
        .filter(|line| !line.starts_with("Date:") && !line.starts_with("Message-ID:"))
        .collect();
    let draft = stripped.into_bytes();
    let alice = desk().keys_of(&ALICE).cert(&BOB.openpgp_cert()).mail();
    let plan = alice.compose(&draft).unwrap().sign().encrypt(Encrypt::Always).plan().unwrap();
    let sealed = plan.protect().unwrap()[0].to_vec().unwrap();
    let bob = desk().openpgp_key_of(&BOB).cert(&ALICE.openpgp_cert()).mail();
    let opened = bob.open(&sealed).unwrap();
    let header = |name: &str| opened.headers.iter().find(|field| field.name == name).unwrap().value.clone();
    assert_eq!(header("Subject"), "Grüße aus Köln");
    assert_eq!(header("Date"), "Mon, 1 Jun 2026 00:00:00 +0000");
    assert!(header("Message-ID").ends_with("@example.org>"));
    let mut message = Vec::new();
    opened.payload.write_message(&mut message).unwrap();
    assert_eq!(leaves(&message), leaves(&draft));
}
