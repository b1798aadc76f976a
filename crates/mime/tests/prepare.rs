//! Entities prepared for signing: the rules hold, and what is said stays said (R16-R24, R26, R28).

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use mailseal_mime::prepare::{Insert, Options, Prepared, Scan, prepare};
use mailseal_mime::transfer::decoder;
use mailseal_mime::{CanonicalReader, Error, Limits, LineEnd, Tree};
use proptest::prelude::*;
use std::io::{Read, Write};

mod vectors;

fn written(prepared: &Prepared<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    prepared.write_to(&mut out).unwrap();
    out
}

fn prepared(message: &[u8]) -> Result<Vec<u8>, Error> {
    let tree = Tree::parse(&message, &Limits::default()).unwrap();
    Ok(written(&prepare(&message, &tree, 0, &Options::default())?))
}

fn text(message: &str) -> String {
    String::from_utf8(prepared(message.as_bytes()).unwrap()).unwrap()
}

/// The decoded octets of a leaf as they must be before and after: text with CRLF line ends.
fn content(source: &[u8], tree: &Tree, index: usize) -> Vec<u8> {
    let part = &tree.parts()[index];
    let lines = matches!(part.content_type.main_type(), "text" | "message");
    let lines =
        lines && !part.content_type.param("charset").unwrap_or_default().to_ascii_lowercase().starts_with("utf-16");
    let mut out = Vec::new();
    // Stored with LF, all line ends of the encoded form are CRLF in truth.
    // So they are inside a multipart/signed, for whoever verifies it (R3).
    let signed = (0..index).any(|i| tree.parts()[i].content_type.is("multipart/signed") && tree.is_within(index, i));
    let stored = tree.line_end() == LineEnd::Lf || !part.encoding.is_identity() || signed;
    let body = tree.body(&source, index);
    let mut decoded =
        if stored { decoder(&part.encoding, CanonicalReader::new(body)) } else { decoder(&part.encoding, body) };
    if lines {
        CanonicalReader::new(decoded).read_to_end(&mut out).unwrap();
    } else {
        decoded.read_to_end(&mut out).unwrap();
    }
    out
}

/// Leaves in order, with media types; what a multipart/signed holds is in it.
fn leaves(source: &[u8], tree: &Tree) -> Vec<(String, Vec<u8>)> {
    let parts = tree.parts().iter().enumerate().filter(|(_, part)| part.children.is_empty());
    parts.map(|(index, part)| (part.content_type.media_type().to_owned(), content(source, tree, index))).collect()
}

/// Prepares a message and holds all rules against it; `false` where it was refused.
fn holds(message: &[u8], name: &str) -> bool {
    let tree = Tree::parse(&message, &Limits::default()).unwrap();
    let prepared = match prepare(&message, &tree, 0, &Options::default()) {
        Ok(prepared) => prepared,
        Err(Error::Unpreparable { .. } | Error::Field { .. }) => return false,
        Err(e) => panic!("{name}: {e}"),
    };
    let out = written(&prepared);
    assert_eq!(out, written(&prepared), "{name}: not the same octets again");
    let mut scan = Scan::new();
    scan.write_all(&out).unwrap();
    assert_eq!(scan.finish().why(), None, "{name}");
    let after = Tree::parse_entity(&out, 0..out.len() as u64, &Limits::default()).unwrap();
    let (before, after) = (leaves(message, &tree), leaves(&out, &after));
    assert_eq!(before.len(), after.len(), "{name}");
    for (before, after) in before.iter().zip(&after) {
        assert_eq!(before.0, after.0, "{name}");
        assert!(
            before.1 == after.1,
            "{name}: {} differs\n{:?}\n{:?}",
            before.0,
            String::from_utf8_lossy(&before.1),
            String::from_utf8_lossy(&after.1)
        );
    }
    true
}

/// R24, R17-R20 on messages that nobody here wrote.
#[test]
fn corpora_prepare() {
    let files = vectors::files();
    if files.is_empty() {
        return;
    }
    let (mut done, mut refused) = (0, Vec::new());
    for path in files {
        let bytes = std::fs::read(&path).unwrap();
        if Tree::parse(&bytes, &Limits::default()).is_err() {
            continue;
        }
        match holds(&bytes, &path.display().to_string()) {
            true => done += 1,
            false => refused.push(path),
        }
    }
    eprintln!("{done} prepared, {} refused", refused.len());
    assert!(done > 400 && refused.len() * 10 < done, "{done} prepared, refused: {refused:#?}");
}

/// R28, R11: what is clean stays octet for octet.
#[test]
fn a_clean_message_keeps_its_octets() {
    let message = "From: a@b\r\nMIME-Version: 1.0\r\nContent-Type: text/plain;\r\n  charset=us-ascii\r\nContent-Transfer-Encoding: 7bit\r\nSubject: x\r\n\r\nclean\r\n";
    assert_eq!(
        text(message),
        "Content-Type: text/plain;\r\n  charset=us-ascii\r\nContent-Transfer-Encoding: 7bit\r\n\r\nclean\r\n"
    );
    let plain = "Content-Type: text/plain;\r\n\tcharset=\"us-ascii\"\r\n\r\ntext\r\n";
    assert_eq!(text("Subject: x\n\ntext\n"), plain);
    let base64 = "Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAA\r\nBB\r\nBB==\r\n";
    assert_eq!(text(base64), base64);
}

/// R16, R17
#[test]
fn eight_bit_text_is_encoded() {
    let latin =
        [&b"Content-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: 8bit\n\nK\xe4se with more text\n"
            [..]]
        .concat();
    let out = String::from_utf8(prepared(&latin).unwrap()).unwrap();
    assert_eq!(
        out,
        "Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nK=E4se with more text\r\n"
    );
    assert!(text("Content-Type: text/plain; charset=utf-8\n\n用户用户用户\n").contains("base64"));
    assert!(text("Content-Type: text/plain; charset=x-unknown\n\nK\u{e4}se\n").contains("K=C3=A4se"));
}

/// A message without Content-Type has ASCII text; with other octets it says which.
#[test]
fn a_charset_is_added_where_none_was() {
    let out = text("Subject: x\n\nKäse\n");
    assert_eq!(
        out,
        "Content-Type: text/plain;\r\n\tcharset=\"utf-8\"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nK=C3=A4se\r\n"
    );
    let out = String::from_utf8(prepared(b"Subject: x\n\nK\xe4se\n").unwrap()).unwrap();
    assert!(out.contains("unknown-8bit") && out.contains("K=E4se"));
}

/// R18, R19, R20, R21
#[test]
fn text_that_would_not_survive_is_encoded() {
    let flowed = "Content-Type: text/plain; charset=us-ascii; format=flowed\r\n\r\nsoft \r\n-- \r\nFrom me\r\n";
    let out = text(flowed);
    assert!(out.contains("format=flowed") && out.contains("soft=20\r\n=2D-=20\r\n=46rom me\r\n"), "{out}");
    for body in ["trailing \n", "From x\n", &"x".repeat(999), "a\rb\n", "a\0b\n"] {
        let out = text(&format!("Subject: x\r\n\r\n{body}"));
        assert!(out.contains("\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"), "{out}");
    }
    // Text in an encoding whose decoded line ends are no CRLF (R16).
    let out = text("Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\nYQpiCg==\r\n");
    assert!(out.ends_with("\r\n\r\nYQ0KYg0K\r\n"), "{out}");
    // UTF-16 has no octet for a line end: it is left alone.
    let utf16 = "Content-Type: text/plain; charset=utf-16le\r\nContent-Transfer-Encoding: base64\r\n\r\nYQAKAA==\r\n";
    assert_eq!(text(utf16), utf16);
}

/// R20: in a binary part LF is an octet, not a line end.
#[test]
fn binary_parts_keep_every_octet() {
    let message = b"Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary\r\n\r\na\nb\r\n";
    let out = String::from_utf8(prepared(message).unwrap()).unwrap();
    assert!(out.ends_with("base64\r\n\r\nYQpiDQo=\r\n"), "{out}");
}

/// GMime, which puts a multipart together anew to verify it, wants the line end that makes an empty epilogue.
#[test]
fn a_multipart_inside_ends_with_an_empty_line() {
    let inner = "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nhi\n--b--";
    let out = text(&format!("Content-Type: multipart/mixed; boundary=a\n\n--a\n{inner}\n--a\n{inner}\n\n\n--a--\n"));
    assert_eq!(out.matches("\r\n--b--\r\n\r\n--a").count(), 2, "{out}");
    assert!(out.ends_with("\r\n--a--\r\n"), "{out}");
}

/// R26, R23
#[test]
fn composites_are_labelled_7bit_and_their_leaves_encoded() {
    let message = "Content-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: 8bit\n\nlost\n--b\nContent-Type: message/rfc822\nContent-Transfer-Encoding: binary\n\nSubject: Käse \n\nKäse with bread\n--b--\nlost too\n";
    let out = text(message);
    assert_eq!(
        out,
        "Content-Type: multipart/mixed; boundary=b\r\nContent-Transfer-Encoding: 7bit\r\n\r\n--b\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: 7bit\r\n\r\nSubject: =?utf-8?B?S8Okc2U=?=\r\nContent-Type: text/plain;\r\n\tcharset=\"utf-8\"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nK=C3=A4se with bread\r\n--b--\r\n"
    );
}

/// R22
#[test]
fn a_signed_part_is_kept_or_refused() {
    let signed = |body: &str| {
        format!(
            "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/signed; boundary=s\n\n--s\n\n{body}\n--s\nContent-Type: application/pgp-signature\n\nx\n--s--\n\n--b--\n"
        )
    };
    assert!(text(&signed("clean")).contains("--s\r\n\r\nclean\r\n--s\r\n"));
    for body in ["Käse", "space ", "From x", "a\rb"] {
        match prepared(signed(body).as_bytes()) {
            Err(Error::Unpreparable { part, .. }) => assert_eq!(part, "1"),
            other => panic!("{body}: {other:?}"),
        }
    }
}

#[test]
fn what_cannot_be_encoded_is_refused() {
    for header in ["multipart/mixed", "message/partial; id=a", "text/plain\nContent-Transfer-Encoding: x-uuencode"] {
        let message = format!("Content-Type: {header}\n\nKäse\n");
        assert!(matches!(prepared(message.as_bytes()), Err(Error::Unpreparable { .. })), "{header}");
    }
}

/// R10, R13: the root is said once, as it was read.
#[test]
fn a_root_said_twice_is_said_once() {
    let message = "Content-Type: text/html; charset=utf-8; charset=x\nContent-Type: text/plain\nContent-Transfer-Encoding: 7bit\nContent-Transfer-Encoding: base64\n\nx\n";
    assert_eq!(
        text(message),
        "Content-Type: text/html;\r\n\tcharset=\"utf-8\"\r\nContent-Transfer-Encoding: 7bit\r\n\r\nx\r\n"
    );
    assert!(text("Content-Type: nonsense\n\nx\n").starts_with("Content-Type: text/plain;\r\n"));
}

/// A composite root that only a transfer encoding would open is no signed entity.
#[test]
fn an_encoded_composite_root_is_refused() {
    for media_type in ["multipart/mixed; boundary=b", "message/rfc822"] {
        let message = format!("Content-Type: {media_type}\nContent-Transfer-Encoding: base64\n\nAAAA\n");
        assert!(matches!(prepared(message.as_bytes()), Err(Error::Unpreparable { .. })), "{media_type}");
    }
}

/// What two readers read as two messages is not signed.
#[test]
fn an_ambiguous_boundary_is_refused() {
    let message =
        "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/mixed; boundary=b\n\nx\n--b--\n";
    assert!(matches!(prepared(message.as_bytes()), Err(Error::Unpreparable { part, .. }) if part == "1"));
}

/// Octets of a leaf cannot become a delimiter by being encoded again.
#[test]
fn encoding_again_makes_no_delimiter() {
    let message = "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\nContent-Transfer-Encoding: quoted-printable\n\n=2D-b\n \n=2D-b--\n--b--\n";
    assert!(holds(message.as_bytes(), "delimiter"));
    let out = text(message);
    assert_eq!(out.matches("\r\n--b").count(), 2, "{out}");
}

/// R107: what is put in is written in the leaf's encoding.
#[test]
fn inserts() {
    let message = "Content-Type: text/plain; charset=utf-8\n\nKäse\n".as_bytes();
    let tree = Tree::parse(&message, &Limits::default()).unwrap();
    let parameters = vec![("hp-legacy-display".to_owned(), "1".to_owned())];
    let insert = Insert { at: 0, octets: "Subject: Größe\r\n\r\n".into(), parameters };
    let options = Options { inserts: [(0, insert)].into(), ..Options::default() };
    let out = String::from_utf8(written(&prepare(&message, &tree, 0, &options).unwrap())).unwrap();
    assert!(
        out.contains("hp-legacy-display=\"1\"")
            && out.ends_with("\r\n\r\nSubject: Gr=C3=B6=C3=9Fe\r\n\r\nK=C3=A4se\r\n"),
        "{out}"
    );
    let insert = Insert { at: 3, octets: b"X".to_vec(), parameters: Vec::new() };
    let options = Options { inserts: [(0, insert)].into(), ..Options::default() };
    let out = String::from_utf8(written(&prepare(&message, &tree, 0, &options).unwrap())).unwrap();
    assert!(out.ends_with("\r\n\r\nK=C3=A4Xse\r\n"), "{out}");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 500, ..ProptestConfig::default() })]

    /// R24, R17-R20
    #[test]
    fn any_message(
        lf in any::<bool>(),
        leaves in proptest::collection::vec((
            "(text/(plain|html)(; charset=(utf-8|utf-16|x))?(; format=flowed)?|image/png)",
            "(|Content-Transfer-Encoding: (7bit|8bit|binary|base64|quoted-printable)\n)",
            "(From |--b?(--)?|[a-cA-Z=0-9 \t\r\n\0]|=[0-9A-F]{2}|=\n|é|x{990,1000}){0,30}",
        ), 1..4),
    ) {
        let mut message = "From: a@b\nContent-Type: multipart/mixed; boundary=outer\n\n".to_owned();
        for (media_type, encoding, body) in leaves {
            message += &format!("--outer\nContent-Type: {media_type}\n{encoding}\n{body}\n");
        }
        message += "--outer--\n";
        if !lf {
            message = message.replace("\r\n", "\n").replace('\n', "\r\n");
        }
        prop_assert!(holds(message.as_bytes(), "generated"));
    }

    #[test]
    fn any_leaf(lf in any::<bool>(), encoding in "(7bit|8bit|binary|base64|quoted-printable)", media_type in "(text/plain|image/png|message/delivery-status)", body in proptest::collection::vec(any::<u8>(), 0..200)) {
        let end = if lf { "\n" } else { "\r\n" };
        let mut message = format!("Content-Type: {media_type}{end}Content-Transfer-Encoding: {encoding}{end}{end}").into_bytes();
        message.extend(body);
        prop_assert!(holds(&message, "generated"));
    }
}

/// R12, R24: what has no parts is no signed layer, so a LF alone in it is no line end. Found by fuzzing.
#[test]
fn a_multipart_signed_without_parts_keeps_its_octets() {
    let message = |body: &str| {
        format!("Content-Type: multipart/signed; boundary=s; protocol=\"x/y\"\r\n\r\n{body}\r\n--s--\r\n").into_bytes()
    };
    assert!(holds(&message("a\r\nb"), "CRLF"));
    assert!(!holds(&message("a\nb"), "a LF alone"));
}
