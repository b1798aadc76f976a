//! The texts of RFC 9788 composed and opened through the library, in both protocols, and what is written of its messages with
//! Legacy Display Elements.

#![allow(clippy::unwrap_used, reason = "a test fails where it must")]

mod common;

use common::{Way, desk, read, ways};
use mailseal::{Address, Answer, Encrypt, HeaderPolicy, Mail, Opened, SummaryWord};
use mailseal_mime::{Field, Header};
use mailseal_testkit::corpus;
use std::path::PathBuf;

fn file(name: &str) -> Option<PathBuf> {
    Some(corpus::vectors()?.join("rfc9788").join(name))
}

/// A text of the appendices with the addresses of our personas, CRLF.
fn text(name: &str) -> Option<String> {
    let text = String::from_utf8(read(&file(name)?)).unwrap();
    Some(text.replace("\r\n", "\n").replace('\n', "\r\n").replace("@example.net", "@example.org"))
}

/// The fields of a message, unfolded and in order, those of MIME last; without Content-Transfer-Encoding, which the RFC
/// leaves to whoever writes.
fn fields(message: &[u8]) -> Vec<(String, String)> {
    let header = Header::from_raw(message);
    let kept = header.iter().filter(|field| !field.is("Content-Transfer-Encoding"));
    let value = |field: &Field| String::from_utf8(field.value().into_owned()).unwrap().replace('\t', " ");
    let mut fields: Vec<_> = kept.map(|field| (field.name().to_owned(), value(field))).collect();
    fields.sort_by_key(|(name, _)| (name == "MIME-Version", name == "Content-Type"));
    fields
}

fn outside(message: &[u8]) -> Vec<(String, String)> {
    let header: Header = Header::from_raw(message)
        .iter()
        .filter(|field| !Field::is_structural(field))
        .cloned()
        .collect::<Vec<_>>()
        .into();
    let mut out = Vec::new();
    header.write_canonical(&mut out).unwrap();
    fields(&out)
}

fn body(message: &str) -> &str {
    message.split_once("\r\n\r\n").unwrap().1
}

fn sent(from: &Mail, way: &Way, draft: &str, policy: HeaderPolicy, legacy_display: bool) -> Vec<u8> {
    let draft = draft.as_bytes();
    let compose = from.compose(&draft).unwrap().sign().encrypt(Encrypt::Always).only(way.protocol);
    let plan = compose.headers(policy).legacy_display(legacy_display).plan().unwrap();
    plan.protect().unwrap()[0].to_vec().unwrap()
}

fn payload(opened: &Opened<'_>) -> String {
    let mut out = Vec::new();
    opened.payload.write_to(&mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn written(opened: &Opened<'_>) -> String {
    let mut out = Vec::new();
    opened.payload.write_message(&mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// The draft that became this payload: neither HP-Outer nor what declares header protection, nor the element.
fn draft_of(payload: &str, body: &str) -> String {
    let mut fields = Vec::new();
    for (name, value) in self::fields(payload.as_bytes()) {
        if name != "HP-Outer" {
            fields.push(format!(
                "{name}: {}\r\n",
                value.replace("; hp-legacy-display=\"1\"", "").replace("; hp=\"cipher\"", "")
            ));
        }
    }
    format!("{}\r\n{body}", fields.concat())
}

/// R72-R77, R82, R106, R107: Appendix D.1. The header outside, the header and the body of the payload; opened, it is the draft.
#[test]
fn appendix_d_baseline() {
    let Some(draft) = text("appendix-D.1.1-unprotected.txt") else { return };
    let expect = text("appendix-D.1.2.1-payload-baseline-legacy.txt").unwrap();
    let outer = text("appendix-D.1.2.2-outer-headers.txt").unwrap();
    for way in ways() {
        let message = sent(&way.bob, &way, &draft, HeaderPolicy::default(), true);
        assert_eq!(outside(&message), outside(outer.as_bytes()));
        let opened = way.alice.open(&message).unwrap();
        assert_eq!(opened.verdict(None).summary, SummaryWord::SignedAndEncrypted, "{}", opened.to_json());
        assert_eq!(fields(payload(&opened).as_bytes()), fields(expect.as_bytes()));
        // The space at the end of the line before the signature makes it quoted-printable (R37).
        assert_eq!(body(&payload(&opened)).replace("=2D-=20", "-- "), body(&expect));
        assert_eq!(outside(written(&opened).as_bytes()), outside(draft.as_bytes()));
        assert_eq!(opened.payload.main_body().unwrap()[0].raw(), body(&draft));
    }
}

/// R83, R84: the other two policies over the same message (RFC 9788 §3.2.2, §3.2.3).
#[test]
fn appendix_d_with_the_other_policies() {
    let Some(draft) = text("appendix-D.1.1-unprotected.txt") else { return };
    let shy = [
        ("Date", "Wed, 11 Jan 2023 21:08:43 +0000"),
        ("From", "bob@example.org"),
        ("To", "alice@example.org"),
        ("Subject", "[...]"),
        ("Message-ID", "<20230111T210843Z.1234@lhp.example>"),
    ];
    for way in ways() {
        let clear = sent(&way.bob, &way, &draft, HeaderPolicy::no_confidentiality(), false);
        assert_eq!(outside(&clear), outside(draft.as_bytes()));
        let message = sent(&way.bob, &way, &draft, HeaderPolicy::shy(), false);
        assert_eq!(outside(&message), shy.map(|(name, value)| (name.to_owned(), value.to_owned())));
        for message in [clear, message] {
            let opened = way.alice.open(&message).unwrap();
            assert_eq!(outside(written(&opened).as_bytes()), outside(draft.as_bytes()));
            let told: Vec<_> =
                fields(payload(&opened).as_bytes()).into_iter().filter(|(name, _)| name == "HP-Outer").collect();
            let said: Vec<_> = outside(&message)
                .into_iter()
                .map(|(name, value)| ("HP-Outer".to_owned(), format!("{name}: {value}")))
                .collect();
            assert_eq!(told, said);
        }
    }
}

/// R115-R117: Appendix D.2. Alice answers without any policy of her own, and what Bob hid stays inside.
#[test]
fn appendix_d_reply() {
    let Some(draft) = text("appendix-D.1.1-unprotected.txt") else { return };
    let expect = text("appendix-D.2.2.1-payload-reply-no-confidentiality.txt").unwrap();
    for way in ways() {
        let message = sent(&way.bob, &way, &draft, HeaderPolicy::default(), true);
        let opened = way.alice.open(&message).unwrap();
        let reply = opened.reply(Answer::Author, &[Address::parse("alice@example.org").unwrap()]).unwrap();
        assert_eq!(reply.quote(Encrypt::Always).unwrap(), body(&draft));
        let element = "Subject: Re: Handling the Jones contract\r\n\r\n";
        let mut answer = String::from_utf8({
            let mut fields = Vec::new();
            reply.header.write_canonical(&mut fields).unwrap();
            fields
        })
        .unwrap();
        for (name, value) in fields(expect.as_bytes()) {
            if ["Date", "From", "Message-ID", "MIME-Version"].contains(&name.as_str()) {
                answer += &format!("{name}: {value}\r\n");
            }
        }
        answer +=
            &format!("Content-Type: text/plain; charset=us-ascii\r\n\r\n{}", body(&expect).replacen(element, "", 1));
        let answer = answer.as_bytes();
        let compose = way.alice.compose(&answer).unwrap().sign().encrypt(Encrypt::Always).only(way.protocol);
        let compose = compose.headers(HeaderPolicy::no_confidentiality()).answering(&reply).legacy_display(true);
        let plan = compose.plan().unwrap();
        let answered = plan.protect().unwrap()[0].to_vec().unwrap();

        let opened = way.bob.open(&answered).unwrap();
        assert_eq!(sorted(fields(payload(&opened).as_bytes())), sorted(fields(expect.as_bytes())));
        assert_eq!(body(&payload(&opened)).replace("=2D-=20", "-- "), body(&expect));
        assert!(outside(&answered).contains(&("Subject".to_owned(), "Re: [...]".to_owned())));
    }
}

/// The order of fields is the client's; names may be quoted or not.
fn sorted(mut fields: Vec<(String, String)>) -> Vec<(String, String)> {
    fields.iter_mut().for_each(|(_, value)| *value = value.replace("\"Bob\"", "Bob"));
    fields.sort();
    fields
}

/// R107, R108: Appendix E, a text and an HTML text.
#[test]
fn appendix_e() {
    for (name, element) in [
        ("appendix-E.1-text-plain-legacy-display.txt", "Subject: Dinner plans\r\n\r\n"),
        (
            "appendix-E.2-text-html-legacy-display.txt",
            "<div class=\"header-protection-legacy-display\">\r\n<pre>Subject: Dinner plans</pre>\r\n</div>\r\n",
        ),
    ] {
        let Some(expect) = text(name) else { return };
        assert!(body(&expect).contains(element), "{expect}");
        let plain = body(&expect).replace(element, "");
        for way in ways() {
            let message = sent(&way.alice, &way, &draft_of(&expect, &plain), HeaderPolicy::default(), true);
            let opened = way.bob.open(&message).unwrap();
            assert_eq!(fields(payload(&opened).as_bytes()), fields(expect.as_bytes()), "{name}");
            assert_eq!(body(&payload(&opened)), body(&expect), "{name}");
            // The line end after the element is not the element's.
            assert_eq!(body(&written(&opened)).replace("<body>\r\n\r\n", "<body>\r\n"), plain, "{name}");
        }
    }
}

/// R104, R105, R111-R113: the eight messages of Appendix C with Legacy Display Elements. The payload stays as it was
/// encrypted; the message that is written has neither an element nor a mark, and all the rest.
#[test]
fn appendix_c_legacy_display() {
    let Some(cases) = corpus::cases("rfc9788") else { return };
    let keys = corpus::vectors().unwrap().join("rfc9216-keys");
    let bob = desk().known(&keys.join("bob.encrypt.crt")).key(&keys.join("bob.encrypt.key")).mail();
    let legacy: Vec<_> = cases.iter().filter(|case| case.id.contains("-legacy")).collect();
    assert_eq!(legacy.len(), 8);
    for case in legacy {
        let message = read(&case.file);
        let opened = bob.open(&message).unwrap();
        assert!(opened.summary.is_encrypted(), "{}: {}", case.id, opened.to_json());
        let whole = payload(&opened);
        assert_eq!(whole.as_bytes(), read(&case.file.with_extension("payload")), "{}", case.id);
        let shown = written(&opened);
        assert!(!shown.contains("legacy-display\"") && !shown.contains("hp-legacy-display="), "{}: {shown}", case.id);
        // Only where a rewritten field is folded is the writer's own matter.
        assert_eq!(body(&shown).replace(";\r\n\tcharset", "; charset"), by_hand(&whole), "{}", case.id);
    }
}

/// The body of a payload of Appendix C without its elements, cut out as its author wrote them.
fn by_hand(payload: &str) -> String {
    let mark = ";\r\n hp-legacy-display=\"1\"";
    let (header, body) = payload.split_once("\r\n\r\n").unwrap();
    let mut out = String::new();
    let mut rest = body;
    if header.contains("hp-legacy-display=\"1\"") {
        rest = rest.split_once("\r\n\r\n").unwrap().1;
    }
    while let Some((before, after)) = rest.split_once(mark) {
        out.push_str(before);
        let (header, text) = after.split_once("\r\n\r\n").unwrap();
        out.push_str(header);
        out.push_str("\r\n\r\n");
        let is_html = before.rfind("text/html") > before.rfind("text/plain");
        if is_html {
            let (start, rest_of_it) = text.split_once("<div class=\"header-protection-legacy-display\">").unwrap();
            out.push_str(start);
            rest = rest_of_it.split_once("</div>").unwrap().1;
        } else {
            rest = text.split_once("\r\n\r\n").unwrap().1;
        }
    }
    out + rest
}
