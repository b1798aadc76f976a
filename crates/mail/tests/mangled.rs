//! Mail that Exchange, mailing lists and gateways mangled: named, opened where that is safe, never signed.

#![allow(clippy::unwrap_used, reason = "a test fails where it must")]

mod common;

use common::{desk, read};
use mailseal::{Encrypt, Mail, Opened, ProtocolId, Sender, SummaryWord};
use mailseal_testkit::personas::{ALICE, CAROL, DAVE, message};

fn alice() -> Mail {
    desk().keys_of(&ALICE).cert(&CAROL.openpgp_cert()).known(&DAVE.smime_cert()).mail()
}

/// Carol and Dave in one hand, who know Alice.
fn reader() -> Mail {
    desk().openpgp_key_of(&CAROL).smime_key_of(&DAVE).cert(&ALICE.openpgp_cert()).mail()
}

/// What Alice signs, or signs and encrypts, in one technology.
fn protected(protocol: ProtocolId, encrypt: bool) -> String {
    let (alice, draft) = (alice(), read(&message("plain")));
    let compose = alice.compose(&draft).unwrap().sign().only(protocol).missing(mailseal::Missing::Skip);
    let compose = if encrypt { compose.encrypt(Encrypt::Always) } else { compose };
    String::from_utf8(compose.plan().unwrap().protect().unwrap()[0].to_vec().unwrap()).unwrap()
}

fn judged(message: &str, check: impl Fn(&Opened<'_>)) {
    let (reader, octets) = (reader(), message.as_bytes().to_vec());
    check(&reader.open(&octets).unwrap());
}

fn named(opened: &Opened<'_>, words: &str) -> bool {
    opened.defects.iter().any(|defect| defect.contains(words))
}

/// The header without its Content-Type, that field with the blank line, and the body.
fn split(message: &str) -> (&str, &str) {
    message.split_once("Content-Type: ").unwrap()
}

/// Puts an empty text in front of the two parts and calls the multipart mixed, as Exchange does.
fn mixed_up(sealed: &str, before: &str, after: &str) -> String {
    let (head, rest) = split(sealed);
    let (_, body) = rest.split_once("\r\n\r\n").unwrap();
    let boundary = body.lines().next().unwrap();
    let close = format!("{boundary}--");
    format!(
        "{head}Content-Type: multipart/mixed; boundary=\"{}\"\r\n\r\n{boundary}\r\nContent-Type: text/plain\r\n\r\n{before}\r\n{}",
        &boundary[2..],
        body.replace(&close, &format!("{after}{close}"))
    )
}

/// R59, R132, attack 5: the mixed-up form is opened when it holds the ciphertext alone, and the defect says so; with a text
/// of anybody beside it, it stays closed. The control is the message before.
#[test]
fn the_mixed_up_form_is_opened_and_named() {
    let sealed = protected(ProtocolId::OPENPGP, true);
    judged(&sealed, |opened| {
        assert_eq!(opened.verdict(None).summary, SummaryWord::SignedAndEncrypted);
        assert!(opened.defects.is_empty(), "{:?}", opened.defects);
    });
    judged(&mixed_up(&sealed, "", ""), |opened| {
        assert_eq!(opened.verdict(None).summary, SummaryWord::SignedAndEncrypted, "{}", opened.to_json());
        assert!(named(opened, "made multipart/mixed"), "{:?}", opened.defects);
    });
    let boundary = split(&sealed).1.split_once("\r\n\r\n").unwrap().1.lines().next().unwrap();
    let footer = format!("{boundary}\r\nContent-Type: text/plain\r\n\r\nfooter\r\n");
    for hostile in [mixed_up(&sealed, "<img src='http://eve/", ""), mixed_up(&sealed, "", &footer)] {
        judged(&hostile, |opened| {
            assert_eq!(opened.verdict(None).summary, SummaryWord::Unprotected, "{}", opened.to_json());
            assert!(opened.layers.is_empty());
        });
    }
}

/// R12: the second part must be a control part that says its version.
#[test]
fn mixed_up_without_version_stays_closed() {
    let mangled = mixed_up(&protected(ProtocolId::OPENPGP, true), "", "");
    for (from, to) in [("Version: 1", "Version: 2"), ("application/pgp-encrypted", "application/x-unknown")] {
        let mangled = mangled.replace(from, to);
        judged(&mangled, |opened| assert_eq!(opened.verdict(None).summary, SummaryWord::Unprotected, "{to}"));
    }
}

/// R58, R61, R139, attack 2: a list footer, a wrapping and another type are named, and make a signed message unsigned.
#[test]
fn what_lists_do_is_named_and_never_signed() {
    for protocol in [ProtocolId::OPENPGP, ProtocolId::SMIME] {
        let signed = protected(protocol, false);
        judged(&signed, |opened| assert_eq!(opened.verdict(None).summary, SummaryWord::Signed));
        let (head, rest) = split(&signed);
        let around = |after: &str| {
            format!(
                "{head}Content-Type: multipart/mixed; boundary=list\r\n\r\n--list\r\nContent-Type: {rest}\r\n{after}--list--\r\n"
            )
        };
        let footer = "--list\r\nContent-Type: text/plain\r\n\r\n-- \r\nthe list\r\n";
        for (mangled, words) in [
            (around(footer), "text was put beside it"),
            (around(""), "a multipart was put around it"),
            (signed.replacen("multipart/signed", "multipart/mixed", 1), "its signature does not count"),
        ] {
            judged(&mangled, |opened| {
                assert_eq!(opened.summary.sender, Sender::Unsigned(None), "{protocol}: {words}");
                assert_eq!(opened.verdict(None).summary, SummaryWord::Unprotected);
                assert!(named(opened, words), "{protocol}: {words}: {:?}", opened.defects);
            });
        }
    }
}

/// R42: the name of a file decides nothing: an S/MIME message whose type was lost is named and stays closed.
#[test]
fn a_lost_media_type_is_named() {
    let sealed = protected(ProtocolId::SMIME, true);
    judged(&sealed, |opened| assert_eq!(opened.verdict(None).summary, SummaryWord::SignedAndEncrypted));
    judged(&sealed.replacen("application/pkcs7-mime", "application/octet-stream", 1), |opened| {
        assert_eq!(opened.verdict(None).summary, SummaryWord::Unprotected);
        assert!(named(opened, "its media type is not"), "{:?}", opened.defects);
    });
}
