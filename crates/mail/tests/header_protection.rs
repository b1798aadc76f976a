//! What the author decides of the header, through [`mailseal::Compose`] and back through [`mailseal::Mail::open`].

#![allow(clippy::unwrap_used, reason = "a test fails where it must")]

mod common;

use common::{Way, ways};
use mailseal::{Compose, Confidential, Encrypt, HeaderPolicy, Opened, SummaryWord};
use mailseal_mime::header_protection::FieldStatus::{self, SignedAndEncrypted, SignedOnly};
use mailseal_mime::{Header, Tree};
use mailseal_testkit::personas::ALICE;

const DRAFT: &str = "From: Alice <alice@example.org>\nTo: Bob <bob@example.org>\n\
     Subject: =?utf-8?q?K=C3=A4se?=\nKeywords: cheese\nX-Ticket: 4711\nDate: Mon, 01 Jun 2026 10:00:00 +0200\n\
     Message-ID: <cheese@example.org>\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=m\n\n\
     --m\nContent-Type: multipart/alternative; boundary=a\n\n--a\nContent-Type: text/plain\n\nplain\n\ntext\n\
     --a\nContent-Type: text/html\n\n<html><body><p>html</p></body></html>\n--a--\n\
     --m\nContent-Type: text/plain\nContent-Disposition: attachment\n\nattached\n--m--\n";

/// Signs the draft and, where `encrypt` says so, encrypts it; both as `with` wants it.
fn sent(way: &Way, encrypt: Encrypt, with: impl FnOnce(Compose<'_>) -> Compose<'_>) -> Vec<u8> {
    let draft = DRAFT.as_bytes();
    let compose = with(way.alice.compose(&draft).unwrap().sign().encrypt(encrypt).only(way.protocol));
    let plan = compose.plan().unwrap();
    let outgoing = plan.protect().unwrap();
    assert_eq!(outgoing.len(), 1);
    outgoing[0].to_vec().unwrap()
}

fn payload(opened: &Opened<'_>) -> String {
    let mut octets = Vec::new();
    opened.payload.write_to(&mut octets).unwrap();
    String::from_utf8(octets).unwrap()
}

fn status(opened: &Opened<'_>, name: &str) -> FieldStatus {
    opened.headers.iter().find(|field| field.name == name).unwrap().status
}

/// The parameter of the Content-Type of each part of the payload that has it, by part number.
fn parameters(payload: &str, name: &str) -> Vec<(String, String)> {
    let octets = payload.as_bytes();
    let tree = Tree::parse_entity(&octets, 0..octets.len() as u64, &Default::default()).unwrap();
    let parts = tree.parts().iter().enumerate();
    parts.filter_map(|(at, part)| Some((tree.number(at), part.content_type.param(name)?.to_owned()))).collect()
}

/// R106-R110: on request, in the text parts of the body and in no attachment; the message stays its sender's.
#[test]
fn legacy_display_is_written_on_request() {
    for way in ways() {
        let sealed = sent(&way, Encrypt::Always, |compose| compose.legacy_display(true));
        let opened = way.bob.open(&sealed).unwrap();
        assert_eq!(opened.verdict(None).summary, SummaryWord::SignedAndEncrypted);
        let text = payload(&opened);
        assert!(text.contains("\r\n\r\nSubject: K=C3=A4se\r\nKeywords: cheese\r\n\r\nplain\r\n"), "{text}");
        let html = "<body>\r\n<div class=\"header-protection-legacy-display\">\r\n<pre>Subject: K&#228;se\r\nKeywords: cheese</pre>";
        assert!(text.contains(html), "{text}");
        let marked: Vec<_> = parameters(&text, "hp-legacy-display");
        assert_eq!(marked, [("1.1".to_owned(), "1".to_owned()), ("1.2".to_owned(), "1".to_owned())]);
        assert!(text.contains("\r\n\r\nattached\r\n"), "{text}");
        assert_eq!(status(&opened, "Subject"), SignedAndEncrypted);
    }
}

/// R106: not by itself, not where nothing is hidden, not where nothing is encrypted.
#[test]
fn legacy_display_is_not_written_otherwise() {
    for way in ways() {
        let clear = HeaderPolicy::no_confidentiality();
        for message in [
            sent(&way, Encrypt::Always, |compose| compose),
            sent(&way, Encrypt::Always, |compose| compose.legacy_display(true).headers(clear)),
            sent(&way, Encrypt::Never, |compose| compose.legacy_display(true)),
        ] {
            let opened = way.bob.open(&message).unwrap();
            let text = payload(&opened);
            assert!(!text.contains("legacy-display") && text.contains("\r\n\r\nplain\r\n\r\ntext"), "{text}");
        }
    }
}

/// R72, R79: on request, on the root alone, beside `hp`, which decides.
#[test]
fn protected_headers_v1_is_written_on_request() {
    let root = |value: &str| vec![(String::new(), value.to_owned())];
    for way in ways() {
        for (encrypt, hp) in [(Encrypt::Never, "clear"), (Encrypt::Always, "cipher")] {
            let message = sent(&way, encrypt, |compose| compose.protected_headers_v1(true));
            let opened = way.bob.open(&message).unwrap();
            let text = payload(&opened);
            assert_eq!((parameters(&text, "protected-headers"), parameters(&text, "hp")), (root("v1"), root(hp)));
            assert_eq!(opened.scheme, Some(mailseal::Scheme::Rfc9788));
            let expect = if encrypt == Encrypt::Always { SignedAndEncrypted } else { SignedOnly };
            assert_eq!(status(&opened, "Subject"), expect);

            let message = sent(&way, encrypt, |compose| compose);
            assert!(parameters(&payload(&way.bob.open(&message).unwrap()), "protected-headers").is_empty());
        }
    }
}

/// R77, R82, R86: a policy of the caller's own decides of every field, the default ones included.
#[test]
fn a_policy_of_ones_own() {
    let own = || {
        HeaderPolicy::new(|name, value| match name.to_ascii_lowercase().as_str() {
            "subject" => Confidential::Replace(format!("about {} characters", value.len())),
            "x-ticket" | "message-id" => Confidential::Remove,
            _ => Confidential::Keep,
        })
    };
    for way in ways() {
        let sealed = sent(&way, Encrypt::Always, |compose| compose.headers(own()));
        let outer = Header::from_raw(&sealed);
        assert_eq!(outer.text("Subject").as_deref(), Some("about 21 characters"));
        assert_eq!(outer.text("Keywords").as_deref(), Some("cheese"));
        assert_eq!((outer.count("X-Ticket"), outer.count("Message-ID")), (0, 0));
        let opened = way.bob.open(&sealed).unwrap();
        let seen = ["Subject", "X-Ticket", "Message-ID", "Keywords", "From"].map(|name| status(&opened, name));
        assert_eq!(seen, [SignedAndEncrypted, SignedAndEncrypted, SignedAndEncrypted, SignedOnly, SignedOnly]);
        assert_eq!(opened.message_id.as_deref(), Some("<cheese@example.org>"));
    }
}

/// R86, R87: what a policy may not answer is refused before anything is written.
#[test]
fn a_policy_that_forges_is_refused() {
    for way in ways() {
        for answer in ["mallory@example.org", "K\u{e4}se", "a\r\nBcc: mallory@example.org"] {
            let policy = HeaderPolicy::new(move |name, _| match name {
                "From" => Confidential::Replace(answer.to_owned()),
                _ => Confidential::Keep,
            });
            let draft = DRAFT.as_bytes();
            let compose = way.alice.compose(&draft).unwrap().sign().encrypt(Encrypt::Always).only(way.protocol);
            assert!(compose.headers(policy).plan().unwrap().protect().is_err(), "{answer}");
        }
    }
}

/// R140, attack 14: the author's own copy, which is to others alone, brings no warning.
#[test]
fn ones_own_mail_is_not_passed_on() {
    for way in ways() {
        let sealed = sent(&way, Encrypt::Always, |compose| compose);
        let alice = common::desk().keys_of(&ALICE).cert(&ALICE.openpgp_cert()).mail();
        for reader in [&alice, &way.bob] {
            let opened = reader.open(&sealed).unwrap();
            assert_eq!(
                (opened.verdict(None).summary, opened.defects.as_slice()),
                (SummaryWord::SignedAndEncrypted, &[][..])
            );
        }
    }
}
