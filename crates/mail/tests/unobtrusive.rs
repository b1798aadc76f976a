//! Unobtrusive signatures: written, read, and silent when they do not count.

#![allow(clippy::unwrap_used, reason = "a test fails where it must")]

mod common;

use common::{desk, read};
use mailseal::{
    By, Encrypt, Encryption, Error, Mail, Opened, Policy, Protection, Protocol, ProtocolId, Sender, SenderStatus,
    SignedForm, SummaryWord, openpgp::OpenPgp, smime::Smime,
};
use mailseal_mime::header_protection::FieldStatus;
use mailseal_mime::{Limits, Tree, secure::Unobtrusive};
use mailseal_testkit::personas::{ALICE, BOB, EVE, Persona, message};
use std::io::Write;
use std::time::Duration;

const BOTH: [ProtocolId; 2] = [ProtocolId::OPENPGP, ProtocolId::SMIME];

fn sender(who: &Persona, protocol: ProtocolId) -> Mail {
    match protocol {
        ProtocolId::OPENPGP => desk().openpgp_key_of(who).mail(),
        _ => desk().smime_key_of(who).mail(),
    }
}

fn signed(who: &Persona, protocol: ProtocolId, draft: &[u8]) -> String {
    let sender = sender(who, protocol);
    let user = mailseal::User::Handle(sender.keys().all()[0].cert.fingerprint().clone());
    let compose = sender.compose(&draft).unwrap().sign().form(SignedForm::Unobtrusive).user(user).only(protocol);
    let plan = compose.plan().unwrap();
    String::from_utf8(plan.protect().unwrap()[0].to_vec().unwrap()).unwrap()
}

fn plain(protocol: ProtocolId) -> String {
    signed(&ALICE, protocol, &read(&message("plain")))
}

/// Has Alice's certificates: OpenPGP named, S/MIME by chain.
fn reader() -> Mail {
    desk().cert(&ALICE.openpgp_cert()).known(&EVE.openpgp_cert()).mail()
}

fn shown(opened: &Opened<'_>) -> String {
    let mut out = Vec::new();
    opened.payload.write_message(&mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[track_caller]
fn assert_signed(message: &str, what: &str) {
    let (reader, message) = (reader(), message.as_bytes());
    let opened = reader.open(&message).unwrap();
    assert_eq!(opened.verdict(None).summary, SummaryWord::Signed, "{what}: {}", opened.to_json());
}

/// What a reader hears is what it hears of an unsigned message.
#[track_caller]
fn assert_unsigned(message: &str, what: &str) {
    let (reader, message) = (reader(), message.as_bytes());
    let opened = reader.open(&message).unwrap();
    let verdict = opened.verdict(None);
    assert_eq!(verdict.summary, SummaryWord::Unprotected, "{what}: {}", verdict.to_json());
    assert_eq!((verdict.sender.status, verdict.sender.reason), (SenderStatus::None, None), "{what}");
    assert!(verdict.headers.iter().all(|field| field.status == "unprotected"), "{what}: {}", verdict.to_json());
}

/// R144, R62, R76, R95: both protocols, and nothing of the signature is shown.
#[test]
fn round_trip() {
    for protocol in BOTH {
        for name in ["plain", "utf8-8bit", "format-flowed", "html-attachment"] {
            let draft = read(&message(name));
            let (reader, message) = (reader(), signed(&ALICE, protocol, &draft));
            let octets = message.as_bytes();
            let opened = reader.open(&octets).unwrap();
            assert_eq!(opened.verdict(None).summary, SummaryWord::Signed, "{name}: {}", opened.to_json());
            assert_eq!(opened.protection, Protection::Clear);
            let subject = opened.headers.iter().find(|field| field.name == "Subject").unwrap();
            assert_eq!(subject.status, FieldStatus::SignedOnly);
            assert!(opened.layers[0].part.is_empty() && opened.layers[0].protocol == protocol);
            match &opened.summary.sender {
                Sender::Verified { by: By::Named, .. } => assert_eq!(protocol, ProtocolId::OPENPGP),
                Sender::Verified { by: By::Chain(_), .. } => assert_eq!(protocol, ProtocolId::SMIME),
                other => panic!("{other:?}"),
            }
            let mut payload = Vec::new();
            opened.payload.write_to(&mut payload).unwrap();
            assert!(!String::from_utf8(payload).unwrap().contains("Sig:"));
            assert!(!shown(&opened).contains("Sig:") && !shown(&opened).contains("hp="), "{}", shown(&opened));
            assert!(opened.defects.is_empty(), "{:?}", opened.defects);
        }
    }
}

/// R3, R144: line ends and empty lines at the end may change on the way.
#[test]
fn what_transport_may_change() {
    for protocol in BOTH {
        let message = plain(protocol);
        assert_signed(&message.replace("\r\n", "\n"), "LF");
        let (text, end) = message.rsplit_once("\r\n--=_").unwrap();
        assert_signed(&format!("{text}\r\n\r\n\r\n--=_{end}"), "two lines more");
        assert_signed(&format!("{}\r\n--=_{end}", text.trim_end()), "one line less");
        assert_signed(
            &message.replace("Received", "X").replacen("From:", "Received: by x\r\nFrom:", 1),
            "a trace field",
        );
    }
}

/// R145: whatever is wrong, it is unsigned and nobody hears of it. The facts stay facts.
#[test]
fn a_broken_one_is_silent() {
    let draft = read(&message("plain"));
    for protocol in BOTH {
        let message = plain(protocol);
        let text = message.replacen("Carol", "Karol", 9);
        assert_ne!(text, message);
        assert_unsigned(&text, "another text");
        let sig = message.find("b=").unwrap() + 2;
        assert_unsigned(&format!("{}*{}", &message[..sig], &message[sig..]), "no base64");
        assert_unsigned(&format!("{}AAAA{}", &message[..sig], &message[sig..]), "no signature");
        let (own, other) = if protocol == ProtocolId::OPENPGP { ("t=p", "t=c") } else { ("t=c", "t=p") };
        assert_unsigned(&message.replacen(own, "t=x", 1), "an unknown kind");
        assert_unsigned(&message.replacen(own, other, 1), "of the other protocol");
        for (who, what) in [(&EVE, "an untrusted signer"), (&BOB, "a signer with another address")] {
            assert_unsigned(&signed(who, protocol, &draft), what);
        }
    }
    let stranger = desk().mail();
    let message = plain(ProtocolId::OPENPGP).into_bytes();
    let opened = stranger.open(&message).unwrap();
    assert_eq!(opened.summary.sender, Sender::Unsigned(None), "the certificate is not at hand");
    assert_eq!((opened.layers.len(), opened.signatures.len()), (1, 1));
    assert!(!opened.wanted.is_empty());
}

/// R144, R57, R139, attacks 2 and 3: a signature that is not at the top of the one part of the message counts for nothing.
#[test]
fn only_at_its_place() {
    for protocol in BOTH {
        let message = plain(protocol);
        let (head, body) = message.split_once("MIME-Version: 1.0\r\n").unwrap();
        let boundary = body.split_once("boundary=\"").unwrap().1.split_once('"').unwrap().0;
        let inside = format!("\r\n--{boundary}\r\nSig:");
        let wrapped = |content_type: &str, part: &str| {
            format!("{head}MIME-Version: 1.0\r\nContent-Type: {content_type}\r\n\r\n--w\r\n{part}\r\n--w--\r\n")
        };
        for (changed, what) in [
            (
                message.replace(&inside, &format!("\r\n--{boundary}\r\nTo: eve@example.org\r\nSig:")),
                "a field before it",
            ),
            (message.replace("\r\nFrom: Alice", "\r\nFrom: eve@example.org\r\nFrom: Alice"), "fields in between"),
            (message.replace("hp=\"clear\"", "x=\"clear\""), "no header protection"),
            (message.replace("multipart/mixed", "multipart/related"), "another multipart"),
            (
                message.replace(
                    &format!("\r\n--{boundary}--"),
                    &format!("\r\n--{boundary}\r\n\r\nthe list\r\n--{boundary}--"),
                ),
                "the footer of a list",
            ),
            (
                message.replace(&inside, &format!("\r\n--{boundary}\r\n\r\nsend money\r\n--{boundary}\r\nSig:")),
                "a part before it",
            ),
            (wrapped("multipart/mixed; boundary=w", body), "not the root"),
            (
                wrapped("multipart/mixed; boundary=w", &format!("Content-Type: message/rfc822\r\n\r\n{message}")),
                "forwarded",
            ),
            (
                message.replacen("MIME-Version", "Content-Type: text/plain\r\nMIME-Version", 1),
                "two readings of the root",
            ),
        ] {
            assert_ne!(changed, message, "{what}");
            assert_unsigned(&changed, what);
        }
    }
}

/// R65, R144, attack 14: inside of an encryption or of another signature it is part of what somebody else sent.
#[test]
fn inside_a_layer_it_says_nothing() {
    let message = plain(ProtocolId::OPENPGP).replacen("To: ", "To: alice@example.org\r\nX-To: ", 1);
    let draft = message.as_bytes();
    let alice = desk().keys_of(&ALICE).cert(&ALICE.openpgp_cert()).mail();
    let compose = alice.compose(&draft).unwrap().encrypt(Encrypt::Always).only(ProtocolId::OPENPGP);
    let encrypted = compose.plan().unwrap().protect().unwrap()[0].to_vec().unwrap();
    let opened = alice.open(&encrypted).unwrap();
    assert_eq!(opened.summary.encryption, Encryption::Full);
    assert_eq!(opened.summary.sender, Sender::Unsigned(None), "{}", opened.to_json());
    assert!(shown(&opened).contains("Sig: t=p"), "it is a message like any other");

    let bob = sender(&BOB, ProtocolId::SMIME);
    let user = mailseal::User::Handle(bob.keys().all()[0].cert.fingerprint().clone());
    let plan = bob.compose(&draft).unwrap().sign().user(user).plan().unwrap();
    let signed = plan.protect().unwrap()[0].to_vec().unwrap();
    let reader = reader();
    let opened = reader.open(&signed).unwrap();
    assert_eq!(opened.verdict(None).summary, SummaryWord::Unprotected);
    assert_eq!((opened.layers.len(), opened.layers[0].protocol), (1, ProtocolId::SMIME));
}

/// R62, R98, R100, attack 3: the From inside counts and is shown, whatever stands outside; nothing outside is protected.
#[test]
fn another_from_outside() {
    let draft = read(&message("plain"));
    for protocol in BOTH {
        let message = plain(protocol).replacen("From: ", "From: Eve <eve@example.org>\r\nX-From: ", 1);
        let (reader, octets) = (reader(), message.as_bytes());
        let opened = reader.open(&octets).unwrap();
        assert!(opened.summary.is_signed(), "{}", opened.to_json());
        assert_eq!(opened.summary.from.as_ref().unwrap().to_string(), ALICE.address);
        assert!(!shown(&opened).contains("eve@example.org"), "{}", shown(&opened));
        // Eve signs for herself what looks like Alice's from outside.
        let eve = String::from_utf8(draft.clone()).unwrap();
        let eve = signed(&EVE, protocol, eve.replacen("From: ", "From: Eve <eve@example.org>\r\nX: ", 1).as_bytes());
        let eve = eve.replacen("From: Eve <eve@example.org>", "From: Alice <alice@example.org>", 1);
        assert_unsigned(&eve, "Eve's");
    }
}

/// R38, R47, R144: several Sig fields, each judged by itself; those of unknown kinds are nothing.
#[test]
fn several() {
    let message = plain(ProtocolId::OPENPGP);
    let (content, mut octets) = (signed_octets(&message), Vec::new());
    let smime = sender(&ALICE, ProtocolId::SMIME);
    Smime.sign_binary(&content, &smime.keys().all(), smime.policy(), &mut octets).unwrap();
    let more = format!("Sig: t=x; b=AAAA\r\nSig: t=c; b={}\r\nSig: t=p", base64(&octets));
    let both = message.replacen("Sig: t=p", &more, 1);
    let (reader, octets) = (reader(), both.as_bytes());
    let opened = reader.open(&octets).unwrap();
    assert!(opened.summary.is_signed(), "{}", opened.to_json());
    let layers: Vec<_> = opened.layers.iter().map(|layer| (layer.part.as_str(), layer.protocol)).collect();
    assert_eq!(layers, [("", ProtocolId::SMIME), ("", ProtocolId::OPENPGP)]);
    assert!(opened.signatures.iter().all(|signature| signature.fact.check == mailseal::Check::Valid));
    assert_signed(&message.replacen("Sig: t=p", "Sig: t=x; b=AAAA\r\nSig: nothing\r\nSig: t=p", 1), "unknown ones");
    // One that is provably false breaks the message (ADR 0003), in silence.
    assert_unsigned(&message.replacen("Sig: t=p", "Sig: t=p; b=AAAA\r\nSig: t=p", 1), "a false one");
}

/// R47, R62: people and programs are told of the signature that counts, and not of one before it that does not, though its check,
/// certificate and address are as good.
#[test]
fn the_one_that_counts_is_told() {
    let message = plain(ProtocolId::OPENPGP);
    let (content, mut octets) = (signed_octets(&message), Vec::new());
    let later = Policy::at(mailseal_testkit::personas::now() + Duration::from_secs(48 * 3600));
    Smime.sign_binary(&content, &sender(&ALICE, ProtocolId::SMIME).keys().all(), &later, &mut octets).unwrap();
    let both = message.replacen("Sig: t=p", &format!("Sig: t=c; b={}\r\nSig: t=p", base64(&octets)), 1);
    let (reader, octets) = (reader(), both.as_bytes());
    let verdict = reader.open(&octets).unwrap().verdict(None);
    let first = &verdict.signatures[0];
    assert_eq!((first.check, first.address_match, first.certificate.status), ("valid", true, "trusted"));
    assert_eq!((verdict.summary, verdict.sender.signature), (SummaryWord::Signed, Some(1)), "{}", verdict.to_json());
}

/// Attack 23: the content is not hashed for each of many.
#[test]
fn many_are_not_looked_at() {
    let message = plain(ProtocolId::OPENPGP);
    let many = message.replacen("Sig: t=p", &format!("{}Sig: t=p", "Sig: t=p; b=AAAA\r\n".repeat(5000)), 1);
    let (reader, octets) = (reader(), many.as_bytes());
    let opened = reader.open(&octets).unwrap();
    assert_eq!(opened.signatures.len(), 8);
    assert!(!opened.summary.is_signed());
}

/// R63: there is no such signature inside of an encryption.
#[test]
fn never_with_encryption() {
    let (alice, draft) = (desk().keys_of(&ALICE).cert(&BOB.openpgp_cert()).mail(), read(&message("plain")));
    let compose = alice.compose(&draft).unwrap().sign().form(SignedForm::Unobtrusive).encrypt(Encrypt::Always);
    assert!(matches!(compose.plan(), Err(Error::Misuse(_))));
    assert_eq!(OpenPgp.profile().unobtrusive, Some("p"));
    assert_eq!(Smime.profile().unobtrusive, Some("c"));
}

/// What the signatures of a message are over.
fn signed_octets(message: &str) -> Vec<u8> {
    let source = message.as_bytes();
    let found = Unobtrusive::of(&Tree::parse(&source, &Limits::default()).unwrap()).unwrap();
    let mut content = Vec::new();
    found.write_content(&source, &mut content).unwrap();
    content
}

fn base64(octets: &[u8]) -> String {
    let mut encoder = mailseal_mime::transfer::Base64Encoder::new(Vec::new());
    encoder.write_all(octets).unwrap();
    String::from_utf8(encoder.finish().unwrap()).unwrap().trim_end().replace("\r\n", "\r\n ")
}
