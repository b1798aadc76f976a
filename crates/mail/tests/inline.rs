//! Inline PGP: told, never counted (R39), opened only by itself and because somebody asked for it.

#![allow(clippy::unwrap_used, reason = "a test fails where it must")]

mod common;

use common::{desk, read};
use mailseal::openpgp::{OpenPgp, stateless};
use mailseal::{Check, Decryption, Encryption, Form, Inline, Judgement, Mail, Policy, Protocol, Sender, SummaryWord};
use mailseal_testkit::personas::{self, ALICE, BOB, CAROL};

const SECRET: &str = "the second key lies under the bridge";

fn reader() -> Mail {
    desk().openpgp_key_of(&CAROL).cert(&ALICE.openpgp_cert()).mail()
}

/// An armored block to Carol, signed by Alice.
fn encrypted(text: &str) -> String {
    let policy = Policy::at(personas::now());
    let certs = OpenPgp.parse_certs(&read(&CAROL.openpgp_cert())).unwrap();
    let keys = OpenPgp.parse_keys(&read(&ALICE.openpgp_key()), "alice", &[], std::sync::Arc::new(mailseal::NoPrompt));
    let mut out = Vec::new();
    OpenPgp.encrypt(&text.as_bytes().to_vec(), &certs, &keys.unwrap(), &policy, &mut out).unwrap();
    String::from_utf8(out).unwrap().replace("\r\n", "\n")
}

/// A text with Alice's signature, in the cleartext framework.
fn signed(text: &str) -> String {
    let mut signer = stateless::Signer::new(personas::now());
    signer.keys = stateless::Keys::read(&read(&ALICE.openpgp_key())).unwrap();
    signer.over = stateless::Over::Lines;
    let mut out = Vec::new();
    signer.cleartext(&text.as_bytes().to_vec(), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn message(body: &str) -> Vec<u8> {
    let head = "From: Alice <alice@example.org>\nTo: carol@example.org\nSubject: x\nMIME-Version: 1.0\n";
    format!("{head}Content-Type: text/plain; charset=utf-8\n\n{body}").replace('\n', "\r\n").into_bytes()
}

fn text(inline: &Inline) -> Option<String> {
    inline.text.as_ref().map(|text| String::from_utf8_lossy(text).replace("\r\n", "\n"))
}

fn checks(inline: &Inline) -> Vec<Check> {
    inline.signatures.iter().map(|signature| signature.fact.check).collect()
}

/// R39, attacks 2 and 19: a good inline signature and inline encryption change nothing of what is said of the message.
#[test]
fn it_never_counts() {
    let reader = reader();
    for (body, kinds) in [
        (signed("pay him\n"), vec!["signed"]),
        (encrypted(SECRET), vec!["encrypted"]),
        (format!("{}\n{}", signed("one\n"), encrypted("two")), vec!["signed", "encrypted"]),
    ] {
        let mail = message(&body);
        for opened in [reader.open(&mail).unwrap(), reader.inspect(&mail).unwrap()] {
            assert_eq!(opened.verdict(None).summary, SummaryWord::Unprotected);
            assert!(matches!(opened.summary.sender, Sender::Unsigned(None)), "{:?}", opened.summary);
            assert_eq!(opened.summary.encryption, Encryption::None);
            assert!(opened.layers.is_empty() && opened.signatures.is_empty());
            let told: Vec<_> = opened.errant.iter().map(|one| (one.part.as_str(), one.kind, one.form)).collect();
            assert_eq!(told, kinds.iter().map(|kind| ("", *kind, Form::Inline)).collect::<Vec<_>>());
            assert_eq!(opened.verdict(None).errant[0].form, "inline");
            let mut written = Vec::new();
            opened.payload.write_message(&mut written).unwrap();
            let written = String::from_utf8(written).unwrap();
            assert!(written.contains("-----BEGIN PGP") && !written.contains(SECRET), "it stays as it came");
        }
    }
}

/// R59, R132, attacks 4 and 5: each block comes out by itself, with nothing of the text around it.
#[test]
fn each_block_is_opened_by_itself() {
    let reader = reader();
    let body = format!("before\n{}between\n{}after\n", signed("- a list\n-- \nAlice\n"), encrypted(SECRET));
    let mail = message(&body);
    let opened = reader.open(&mail).unwrap();
    let blocks = reader.open_inline(&opened).unwrap();
    assert_eq!(
        blocks.iter().map(text).collect::<Vec<_>>(),
        [Some("- a list\n--\nAlice\n".into()), Some(SECRET.into())]
    );
    assert_eq!(blocks.iter().map(|one| one.decryption).collect::<Vec<_>>(), [None, Some(Decryption::Done)]);
    for block in &blocks {
        assert_eq!(checks(block), [Check::Valid]);
        assert!(matches!(block.signatures[0].judgement, Judgement::Trusted(_)));
    }
    let stranger = desk().openpgp_key_of(&BOB).mail();
    let opened = stranger.open(&mail).unwrap();
    let blocks = stranger.open_inline(&opened).unwrap();
    assert_eq!((checks(&blocks[0]), text(&blocks[1])), (vec![Check::CertificateMissing], None));
    assert_eq!(blocks[1].decryption, Some(Decryption::NoKey));
}

/// In base64 and beside other parts it is found; in an errant layer, in HTML and in a quotation it is not.
#[test]
fn where_it_is_looked_for() {
    let reader = reader();
    let block = encrypted(SECRET);
    let quoted: String = block.lines().map(|line| format!("> {line}\n")).collect();
    let mail = message("")
        .strip_suffix(b"\r\n\r\n")
        .map(|head| String::from_utf8_lossy(head).replace("text/plain; charset=utf-8", "multipart/mixed; boundary=b"))
        .unwrap();
    let encoded = encodify(&block);
    let part = |head: &str, body: &str| format!("--b\r\nContent-Type: {head}\r\n\r\n{body}\r\n");
    let body = [
        part("text/html", &block),
        part("text/plain", &quoted),
        part("text/plain\r\nContent-Transfer-Encoding: base64", &encoded),
        part("message/rfc822", &format!("From: x@example.org\r\n\r\n{block}")),
    ];
    let mail = format!("{mail}\r\n\r\n{}--b--\r\n", body.concat()).into_bytes();
    let opened = reader.open(&mail).unwrap();
    let told: Vec<_> = opened.errant.iter().map(|one| (one.part.as_str(), one.kind)).collect();
    assert_eq!(told, [("3", "encrypted"), ("4.1", "encrypted")]);
    let blocks = reader.open_inline(&opened).unwrap();
    assert_eq!(blocks.iter().map(text).collect::<Vec<_>>(), [Some(SECRET.into()), Some(SECRET.into())]);
}

fn encodify(text: &str) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for three in text.as_bytes().chunks(3) {
        let bits = three.iter().fold(0u32, |bits, octet| bits << 8 | u32::from(*octet)) << (8 * (3 - three.len()));
        let letters = (0..4).map(|n| char::from(ALPHABET[(bits >> (18 - 6 * n) & 63) as usize]));
        out.extend(letters.take(three.len() + 1).chain(std::iter::repeat_n('=', 3 - three.len())));
        if out.len() % 77 == 76 {
            out.push('\n');
        }
    }
    out
}

/// Attack 19: whatever makes it doubtful what is signed is refused, and a changed text is not the signed one.
#[test]
fn tricks_with_the_cleartext_framework() {
    let reader = reader();
    let good = signed("line one\nline two\n");
    let look = |body: &str| {
        let mail = message(body);
        let opened = reader.open(&mail).unwrap();
        assert_eq!(opened.verdict(None).summary, SummaryWord::Unprotected);
        reader.open_inline(&opened).unwrap()
    };
    assert_eq!(checks(&look(&good)[0]), [Check::Valid]);

    let header = "-----BEGIN PGP SIGNED MESSAGE-----";
    for (what, trick) in [
        ("a comment that looks signed", good.replacen(header, &format!("{header}\nComment: pay Eve"), 1)),
        ("text before the empty line", good.replacen("\n\n", "\npay Eve\n\n", 1)),
        ("a blank line that is none", good.replacen("\n\n", "\n \nHash: SHA256\n\n", 1)),
        ("a form feed in a header", good.replacen("\n\n", "\nHash: SHA256\u{c}\n\n", 1)),
        ("a message inside", good.replacen("line one", &format!("{header}\n\nline one"), 1)),
        ("armor inside", good.replacen("line one", "-----BEGIN PGP MESSAGE-----", 1)),
        ("no signature", good.split("-----BEGIN PGP SIGNATURE").next().unwrap().to_owned()),
        ("a signature without end", good.replace("-----END PGP SIGNATURE-----", "")),
    ] {
        let blocks = look(&trick);
        assert!(blocks.iter().all(|one| one.text.is_none() && one.signatures.is_empty()), "{what}: {blocks:?}");
        assert!(blocks.iter().all(|one| !one.defects.is_empty()), "{what}");
    }
    for (what, trick) in [
        ("a form feed at a line's end", good.replacen("line one", "line one\u{c}", 1)),
        ("a vertical tab", good.replacen("line one", "line one\u{b}", 1)),
        ("NUL", good.replacen("line one", "line one\0", 1)),
        ("a line end of Unicode", good.replacen("line one\n", "line one\u{2028}", 1)),
        ("the line end NEL", good.replacen("line one\n", "line one\u{85}", 1)),
        ("a text more", good.replacen("line one", "line one\nline more", 1)),
        ("a dash escape too many", good.replacen("line one", "- - line one", 1)),
        ("a blank before", good.replacen("line one", " line one", 1)),
    ] {
        let blocks = look(&trick);
        assert!(blocks.iter().all(|one| !checks(one).contains(&Check::Valid)), "{what}: {blocks:?}");
    }
    // A CR alone may be a line end or not: it is never in what is said to be signed.
    let mail = String::from_utf8(message(&good)).unwrap().replacen("line one\r\n", "line one\r", 1).into_bytes();
    let opened = reader.open(&mail).unwrap();
    assert!(reader.open_inline(&opened).unwrap().iter().all(|one| !checks(one).contains(&Check::Valid)));

    // What is not signed is another block or none.
    for trick in [format!("{header} \u{a0}\n\npay Eve\n{good}"), format!("pay Eve\n{good}pay Eve\n{good}")] {
        for block in look(&trick).iter().filter(|one| checks(one).contains(&Check::Valid)) {
            assert_eq!(text(block).as_deref(), Some("line one\nline two\n"));
        }
    }
}

/// R66, R135, attack 4: a changed block gives nothing, and one word.
#[test]
fn a_changed_block_gives_nothing() {
    let reader = reader();
    let block = encrypted(&SECRET.repeat(20));
    let lines: Vec<&str> = block.lines().collect();
    for number in 3..lines.len() - 3 {
        let mut changed: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
        let other = if changed[number].starts_with('A') { "B" } else { "A" };
        changed[number].replace_range(..1, other);
        let mail = message(&(changed.join("\n") + "\n"));
        let opened = reader.open(&mail).unwrap();
        for inline in reader.open_inline(&opened).unwrap() {
            assert_eq!(inline.text, None, "line {number}");
            assert!(inline.signatures.is_empty());
        }
    }
}
