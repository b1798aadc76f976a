//! Legacy Display Elements: what is there for readers without header protection is not shown to a reader with it.

#![allow(clippy::unwrap_used, reason = "a test fails where it must")]

mod common;

use common::{desk, read};
use mailseal::openpgp::OpenPgp;
use mailseal::smime::Smime;
use mailseal::{Mail, Opened, Policy, Protocol};
use mailseal_testkit::personas::{self, CAROL, DAVE};

/// Carol's OpenPGP key and Dave's S/MIME key in one hand.
fn reader() -> Mail {
    desk().openpgp_key_of(&CAROL).smime_key_of(&DAVE).mail()
}

fn encrypted(protocol: &dyn Protocol, entity: &str) -> Vec<u8> {
    let (policy, mut data) = (Policy::at(personas::now()), Vec::new());
    let cert = if protocol.profile().combined { CAROL.openpgp_cert() } else { DAVE.smime_cert() };
    let certs = protocol.parse_certs(&read(&cert)).unwrap();
    protocol.encrypt(&entity.as_bytes().to_vec(), &certs, &[], &policy, &mut data).unwrap();
    let outer = "From: Alice <alice@example.org>\r\nMIME-Version: 1.0\r\n";
    if protocol.profile().combined {
        let data = String::from_utf8(data).unwrap();
        return format!(
            "{outer}Content-Type: multipart/encrypted; boundary=e; protocol=\"application/pgp-encrypted\"\r\n\r\n--e\r\n\
             Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n\r\n--e\r\n\
             Content-Type: application/octet-stream\r\n\r\n{data}\r\n--e--\r\n"
        )
        .into_bytes();
    }
    let head = "Content-Type: application/pkcs7-mime\r\nContent-Transfer-Encoding: binary\r\n\r\n";
    [outer.as_bytes(), head.as_bytes(), &data].concat()
}

fn written(opened: &Opened<'_>) -> String {
    let mut out = Vec::new();
    opened.payload.write_message(&mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn payload(opened: &Opened<'_>) -> String {
    let mut out = Vec::new();
    opened.payload.write_to(&mut out).unwrap();
    String::from_utf8(out).unwrap()
}

const HEADER: &str = "From: Alice <alice@example.org>\r\nSubject: the plan\r\nHP-Outer: Subject: [...]\r\n\
                      HP-Outer: From: Alice <alice@example.org>\r\n";

fn text(mark: &str) -> String {
    format!(
        "{HEADER}Content-Type: text/plain; hp=\"cipher\"{mark}\r\n\r\nSubject: the plan\r\n\r\nSee you at eight.\r\n"
    )
}

/// R104, R105, R111, R112, R113: a marked text comes without the element, in the message that is written and in the texts
/// that are quoted; the payload keeps it. The control is not marked and keeps its first lines.
#[test]
fn a_marked_text_is_shown_without_the_element() {
    for protocol in [&OpenPgp as &dyn Protocol, &Smime] {
        let (reader, entity) = (reader(), text("; hp-legacy-display=1"));
        let message = encrypted(protocol, &entity);
        let opened = reader.open(&message).unwrap();
        assert!(opened.summary.is_encrypted());
        let shown = written(&opened);
        assert!(shown.ends_with("\r\n\r\nSee you at eight.\r\n") && !shown.contains("hp-legacy-display"), "{shown}");
        assert_eq!(opened.payload.main_body().unwrap()[0].raw(), "See you at eight.\r\n");
        assert_eq!(payload(&opened), entity);

        let honest = encrypted(protocol, &text(""));
        let opened = reader.open(&honest).unwrap();
        assert!(written(&opened).contains("\r\n\r\nSubject: the plan\r\n\r\nSee you"));
        assert!(opened.payload.main_body().unwrap()[0].raw().starts_with("Subject: the plan"));
    }
}

/// R111: outside of an encryption a mark means nothing: whoever sends it could hide the first lines from the reader.
#[test]
fn a_mark_counts_only_inside_an_encryption() {
    let message = text("; hp-legacy-display=1").into_bytes();
    let reader = reader();
    let opened = reader.open(&message).unwrap();
    assert_eq!(written(&opened).as_bytes(), message);
    assert!(opened.payload.main_body().unwrap()[0].raw().starts_with("Subject: the plan"));
}

/// R110, R113: nested parts change where they are marked; attachments, and the octets of all other parts, stay.
#[test]
fn all_other_octets_stay() {
    let mark = "; hp-legacy-display=\"1\"";
    let entity = |mark: &str, lines: &str, div: &str| {
        format!(
            "{HEADER}Content-Type: multipart/mixed; hp=\"cipher\"; boundary=\"m m\"\r\n\r\n--m m\r\n\
             Content-Type: multipart/alternative; boundary=a\r\n\r\n--a  \r\nContent-Type: text/plain{mark}\r\n\r\n\
             {lines}Hello, \r\n\r\n--a\r\nX-Odd:  kept\r\nContent-Type: text/html{mark}\r\n\r\n<p>{div}hi</p>\r\n--a--\r\n\
             --m m\r\nContent-Type: text/plain; hp-legacy-display=1\r\nContent-Disposition: attachment\r\n\r\n\
             Subject: of the file\r\n\r\nfile\r\n--m m--\r\nepilogue"
        )
    };
    let with = entity(mark, "Subject: the plan\r\n\r\n", "<div class='header-protection-legacy-display'>x</div>");
    let without = entity("", "", "");
    for protocol in [&OpenPgp as &dyn Protocol, &Smime] {
        let reader = reader();
        let message = encrypted(protocol, &with);
        let opened = reader.open(&message).unwrap();
        let body = |text: &str| text.split_once("\r\n\r\n").unwrap().1.to_owned();
        assert_eq!(body(&written(&opened)), body(&without));
        assert_eq!(payload(&opened), with);
        let texts: Vec<_> = opened.payload.main_body().unwrap().into_iter().map(|part| part.raw().to_owned()).collect();
        assert_eq!(texts, ["Hello, \r\n", "<p>hi</p>"]);
    }
}

/// R122: the part that the older scheme repeats the Subject in is not shown, and is no text of the message.
/// The From, which that scheme need not repeat, is the one outside.
#[test]
fn the_part_of_the_older_scheme_is_hidden() {
    let entity = "Subject: the plan\r\nContent-Type: multipart/mixed; protected-headers=v1; boundary=m\r\n\r\n--m\r\n\
                  Content-Type: text/rfc822-headers; protected-headers=v1\r\nContent-Disposition: inline\r\n\r\n\
                  Subject: the plan\r\n\r\n--m\r\nContent-Type: text/plain\r\n\r\nSee you.\r\n--m--\r\n";
    for protocol in [&OpenPgp as &dyn Protocol, &Smime] {
        let reader = reader();
        let message = encrypted(protocol, entity);
        let opened = reader.open(&message).unwrap();
        let shown = written(&opened);
        assert!(
            !shown.contains("rfc822-headers") && shown.contains("--m\r\nContent-Type: text/plain\r\n\r\nSee"),
            "{shown}"
        );
        assert!(shown.starts_with("From: Alice <alice@example.org>\r\nSubject: the plan\r\n"), "{shown}");
        let texts = opened.payload.main_body().unwrap();
        assert_eq!((texts.len(), texts[0].raw()), (1, "See you."));
    }
}
