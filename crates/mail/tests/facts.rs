//! What a message tells beside its summary: its Message-ID, what is wrong with its form, which encryption stayed closed.

#![allow(clippy::unwrap_used, reason = "a test fails where it must")]

mod common;

use common::{desk, read, ways};
use mailseal::{Encrypt, Mail};
use mailseal_testkit::personas::message;

/// Reads with no key and no certificate.
fn stranger() -> Mail {
    desk().mail()
}

/// R97: where the header is protected, the Message-ID inside counts, whatever stands outside.
#[test]
fn the_message_id_inside_counts() {
    for way in ways() {
        let draft = read(&message("plain"));
        let plan = way.alice.compose(&draft).unwrap().sign().only(way.protocol).plan().unwrap();
        let signed = String::from_utf8(plan.protect().unwrap()[0].to_vec().unwrap()).unwrap();
        let renamed = signed.replacen("<plan-thursday@example.org>", "<another@example.org>", 1).into_bytes();
        assert_ne!(renamed, signed.as_bytes());
        let opened = way.bob.open(&renamed).unwrap();
        assert!(opened.summary.is_signed(), "{}", way.protocol);
        assert_eq!(opened.message_id.as_deref(), Some("<plan-thursday@example.org>"), "{}", way.protocol);
    }
}

/// Without protection it is the one outside, without the white space around it, or none.
#[test]
fn the_message_id_outside() {
    for (fields, expected) in
        [("Message-ID:  <a@example.org> \r\n", Some("<a@example.org>")), ("Subject: none\r\n", None)]
    {
        let message = format!("From: alice@example.org\r\n{fields}\r\nx\r\n").into_bytes();
        assert_eq!(stranger().open(&message).unwrap().message_id.as_deref(), expected, "{fields}");
    }
}

/// What is wrong with the MIME is said with the part where it is; of the root without a number.
#[test]
fn defects_name_their_part() {
    let message = "From: alice@example.org\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
                   --b\r\n\r\nx\r\n--b\r\nContent-Type: nonsense\r\n\r\ny\r\n"
        .as_bytes()
        .to_vec();
    let defects = stranger().open(&message).unwrap().defects;
    assert_eq!(defects, ["multipart without close delimiter", "malformed content-type in part 2"]);
    let whole = b"From: alice@example.org\r\nSubject: fine\r\n\r\nx\r\n".to_vec();
    assert!(stranger().open(&whole).unwrap().defects.is_empty());
}

/// R103: only an encryption that stayed closed is told of as such, not one that was opened, and not a signature.
#[test]
fn what_was_opened_is_not_undecrypted() {
    for way in ways() {
        let draft = b"From: alice@example.org\r\nTo: bob@example.org\r\n\r\nx\r\n".to_vec();
        for encrypt in [Encrypt::Always, Encrypt::Never] {
            let plan = way.alice.compose(&draft).unwrap().sign().only(way.protocol).encrypt(encrypt).plan().unwrap();
            let message = plan.protect().unwrap()[0].to_vec().unwrap();
            let opened = way.bob.open(&message).unwrap();
            assert_eq!(opened.undecrypted(), None, "{}", way.protocol);
            assert_eq!(opened.summary.is_encrypted(), encrypt == Encrypt::Always, "{}", way.protocol);
        }
    }
}

/// R121, R122: without a layer no header is protected, and a message inside does not speak for the one around it.
#[test]
fn nothing_is_inferred_without_a_layer() {
    for rest in [
        "Content-Type: message/rfc822\r\n\r\nFrom: eve@example.org\r\n\r\nx\r\n",
        "Content-Type: text/plain; protected-headers=v1\r\n\r\nx\r\n",
    ] {
        let message = format!("From: alice@example.org\r\n{rest}").into_bytes();
        let stranger = stranger();
        let opened = stranger.open(&message).unwrap();
        assert_eq!(opened.scheme, None, "{rest}");
        assert_eq!(opened.summary.from.map(|from| from.to_string()).as_deref(), Some("alice@example.org"), "{rest}");
    }
}
