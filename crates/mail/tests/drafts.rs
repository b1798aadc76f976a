//! Drafts that their author keeps.

#![allow(clippy::unwrap_used, reason = "a test fails where it must")]

mod common;

use common::{Way, desk, ways};
use mailseal::{Address, Copy, Decryption, Error, Mail, SignedForm, SummaryWord, User};
use mailseal_mime::Header;
use mailseal_mime::header_protection::FieldStatus;
use mailseal_testkit::personas::{ALICE, BOB};

const DRAFT: &str = "From: Alice <alice@example.org>\nTo: Bob <bob@example.org>\nBcc: carol@example.org,\n dave@example.org\n\
     Subject: Half a plan\nX-Draft-State: 2\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\nUnfini";

fn kept(mail: &Mail, way: &Way, draft: &str) -> Result<Vec<u8>, Error> {
    let draft = draft.as_bytes();
    let plan = mail.compose(&draft).unwrap().only(way.protocol).for_oneself().plan()?;
    let outgoing = plan.protect()?;
    let [one] = outgoing.as_slice() else { unreachable!("a draft is one message") };
    assert_eq!((&one.copy, one.rcpt_to.as_slice(), one.protocol()), (&Copy::Oneself, &[][..], way.protocol));
    assert!(plan.groups[0].signers.is_empty() && plan.groups[0].certs.len() == 1);
    one.to_vec()
}

/// R126, R124, R73: encrypted to its author alone, unsigned, with a protected header; Bcc is inside and never outside.
#[test]
fn a_draft_is_encrypted_to_its_author() {
    for way in ways() {
        let sealed = kept(&way.alice, &way, DRAFT).unwrap();
        let outer = Header::from_raw(&sealed);
        assert_eq!((outer.count("Bcc"), outer.text("Subject").as_deref()), (0, Some("[...]")));
        let seen = String::from_utf8(sealed.clone()).unwrap();
        assert!(!seen.contains("carol@") && !seen.contains("plan"), "{seen}");

        let opened = way.alice.open(&sealed).unwrap();
        assert_eq!(opened.verdict(None).summary, SummaryWord::Encrypted);
        assert!(opened.signatures.is_empty());
        let status = |name: &str| opened.headers.iter().find(|field| field.name == name).unwrap().status;
        assert_eq!([status("Bcc"), status("Subject")], [FieldStatus::EncryptedOnly; 2]);

        let other = way.bob.open(&sealed).unwrap();
        assert_eq!(other.undecrypted(), Some(Decryption::NoKey), "whom it is to cannot read it yet");
    }
}

/// R126: what is opened is what was written, nothing added, and can be sent then, without Bcc (R124).
#[test]
fn a_draft_is_opened_and_sent() {
    for way in ways() {
        let sealed = kept(&way.alice, &way, DRAFT).unwrap();
        let mut again = Vec::new();
        way.alice.open(&sealed).unwrap().payload.write_message(&mut again).unwrap();
        let written = String::from_utf8(again.clone()).unwrap();
        let (fields, text) = written.split_once("\r\n\r\n").unwrap();
        let header = Header::from_raw(fields.as_bytes());
        for name in ["From", "To", "Bcc", "Subject", "X-Draft-State"] {
            assert_eq!(header.text(name), Header::from_raw(DRAFT.as_bytes()).text(name), "{name}");
        }
        assert_eq!((header.count("Date"), header.count("Message-ID"), text.trim_end()), (0, 0, "Unfini"));

        let to = vec![Address::parse("bob@example.org").unwrap()];
        let plan = way.alice.compose(&again).unwrap().sign().only(way.protocol).recipients(to).plan().unwrap();
        let sent = String::from_utf8(plan.protect().unwrap()[0].to_vec().unwrap()).unwrap();
        assert!(!sent.contains("carol@") && sent.contains("Message-ID") && sent.contains("Unfini"), "{sent}");
    }
}

/// R126: a draft need not say yet who writes it, nor to whom.
#[test]
fn an_unfinished_header() {
    for way in ways() {
        let draft = "To: \nBcc:\nSubject:\n\n";
        assert!(matches!(kept(&way.alice, &way, draft), Err(Error::NoAuthor)));
        let user = User::Address(Address::parse("alice@example.org").unwrap());
        let octets = draft.as_bytes();
        let plan = way.alice.compose(&octets).unwrap().only(way.protocol).user(user).for_oneself().plan().unwrap();
        let sealed = plan.protect().unwrap()[0].to_vec().unwrap();
        assert!(way.alice.open(&sealed).unwrap().summary.is_encrypted());
    }
}

/// R126: never signed, never in the clear, and to nobody else.
#[test]
fn what_is_no_draft() {
    for way in ways() {
        let octets = DRAFT.as_bytes();
        let draft = || way.alice.compose(&octets).unwrap().only(way.protocol).for_oneself();
        let to = vec![Address::parse("bob@example.org").unwrap()];
        for misuse in [draft().sign(), draft().form(SignedForm::Opaque), draft().recipients(to)] {
            assert!(matches!(misuse.plan(), Err(Error::Misuse(_))));
        }
        // Who has no certificate of one's own has no draft: Bob's alone will not do.
        let stranger = desk().cert(&BOB.openpgp_cert()).known(&BOB.smime_cert()).mail();
        assert!(matches!(kept(&stranger, &way, DRAFT), Err(Error::Unreachable(_))));
        // A key that is elsewhere: the certificate that somebody vouches for.
        let without_key = desk().cert(&ALICE.openpgp_cert()).known(&ALICE.smime_cert()).mail();
        let sealed = kept(&without_key, &way, DRAFT).unwrap();
        assert!(way.alice.open(&sealed).unwrap().summary.is_encrypted());
    }
}
