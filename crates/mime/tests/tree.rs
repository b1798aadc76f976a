//! The part tree: where parts begin and end, and what hostile structure does (R1, R2, R5-R10, R12, R15).

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use mailseal_mime::{ContentType, Defect, Error, Kind, Limits, LineEnd, Source, Tree};
use proptest::prelude::*;
use std::ops::Range;

fn parse(message: &str) -> Tree {
    Tree::parse(&message.as_bytes(), &Limits::default()).unwrap()
}

/// Part numbers with media types, and the text of each entity.
fn outline(message: &str) -> Vec<(String, String)> {
    let tree = parse(message);
    (0..tree.parts().len()).map(|i| (tree.number(i), tree.parts()[i].content_type.media_type().to_owned())).collect()
}

fn slice(message: &str, range: &Range<u64>) -> String {
    message[range.start as usize..range.end as usize].to_owned()
}

fn body(message: &str, number: &str) -> String {
    let tree = parse(message);
    slice(message, &tree.parts()[tree.by_number(number).unwrap()].body)
}

fn defects(message: &str, number: &str) -> Vec<Defect> {
    let tree = parse(message);
    tree.parts()[tree.by_number(number).unwrap()].defects.clone()
}

const NESTED: &str = concat!(
    "From: a@example.org\r\nContent-Type: multipart/mixed; boundary=out\r\n\r\npreamble\r\n",
    "--out\r\n\r\nfirst\r\n",
    "--out \t\r\nContent-Type: multipart/alternative; boundary=in\r\n\r\n",
    "--in\r\nContent-Type: text/html\r\n\r\n<p>\r\n\r\n",
    "--in--\r\ninner epilogue\r\n",
    "--out\r\nContent-Type: message/rfc822\r\n\r\nSubject: embedded\r\n\r\nits text\r\n",
    "--out--\r\nepilogue\r\n"
);

/// R1, R2
#[test]
fn parts_are_ranges_of_the_input() {
    let tree = parse(NESTED);
    let seen: Vec<_> = (0..tree.parts().len())
        .map(|i| (tree.number(i), tree.parts()[i].content_type.media_type(), slice(NESTED, &tree.parts()[i].body)))
        .collect();
    let expect = [
        ("", "multipart/mixed", None),
        ("1", "text/plain", Some("first")),
        ("2", "multipart/alternative", None),
        ("2.1", "text/html", Some("<p>\r\n")),
        ("3", "message/rfc822", Some("Subject: embedded\r\n\r\nits text")),
        ("3.1", "text/plain", Some("its text")),
    ];
    assert_eq!(seen.len(), expect.len());
    for ((number, media_type, body), (n, m, b)) in seen.iter().zip(expect) {
        assert_eq!((number.as_str(), *media_type), (n, m));
        if let Some(b) = b {
            assert_eq!(body, b, "{n}");
        }
    }
    assert_eq!(slice(NESTED, &tree.parts()[1].entity), "\r\nfirst");
    assert_eq!(slice(NESTED, &tree.parts()[3].entity), "Content-Type: text/html\r\n\r\n<p>\r\n");
    let Kind::Multipart { preamble, epilogue, closed, .. } = &tree.root().kind else { panic!("no multipart") };
    assert_eq!((slice(NESTED, preamble), slice(NESTED, epilogue)), ("preamble".to_owned(), "epilogue\r\n".to_owned()));
    assert!(closed);
    let Kind::Multipart { epilogue, .. } = &tree.parts()[2].kind else { panic!("no multipart") };
    assert_eq!(slice(NESTED, epilogue), "inner epilogue");
    assert!(tree.parts().iter().all(|part| part.defects.is_empty()));
    assert_eq!(tree.line_end(), LineEnd::CrLf);
    assert_eq!(tree.by_number("2.2"), None);
    assert_eq!(tree.by_number("x"), None);
    assert!(tree.is_within(3, 2) && !tree.is_within(3, 1));
}

/// R2, R3: the same with LF line ends.
#[test]
fn lf_lines() {
    let lf = NESTED.replace("\r\n", "\n");
    assert_eq!(outline(&lf), outline(NESTED));
    assert_eq!(body(&lf, "1"), "first");
    assert_eq!(body(&lf, "2.1"), "<p>\n");
    assert_eq!(parse(&lf).line_end(), LineEnd::Lf);
}

/// R5
#[test]
fn a_delimiter_is_a_whole_line() {
    for line in ["x--b", " --b", "--bb", "--b-", "--b--x", "--b x", "-- b", "--B", "--b\rx", "---b"] {
        let message =
            format!("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\ntext\r\n{line}\r\nmore\r\n--b--\r\n");
        assert_eq!(body(&message, "1"), format!("text\r\n{line}\r\nmore"), "{line}");
    }
    for line in ["--b", "--b \t ", "--b--", "--b-- "] {
        let message = format!("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\ntext\r\n{line}\r\n\r\n");
        assert_eq!(body(&message, "1"), "text", "{line}");
    }
    // At the very start of the body, and at the very end of the input without a line end.
    assert_eq!(body("Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b--", "1"), "x");
    // A line longer than any delimiter is content.
    let long = format!("--b{}", " ".repeat(2000));
    let message = format!("Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n{long}\ny\n--b--");
    assert_eq!(body(&message, "1"), format!("x\n{long}\ny"));
}

/// R6
#[test]
fn an_outer_delimiter_closes_inner_multiparts() {
    let message = concat!(
        "Content-Type: multipart/mixed; boundary=out\r\n\r\n",
        "--out\r\nContent-Type: multipart/mixed; boundary=in\r\n\r\n--in\r\n\r\ninner\r\n",
        "--out\r\n\r\nouter\r\n--in\r\n\r\nno part\r\n--out--\r\n"
    );
    assert_eq!(outline(message).iter().map(|(n, _)| n.as_str()).collect::<Vec<_>>(), ["", "1", "1.1", "2"]);
    assert_eq!(body(message, "1.1"), "inner");
    assert_eq!(body(message, "2"), "outer\r\n--in\r\n\r\nno part");
    assert_eq!(defects(message, "1"), [Defect::Unterminated]);
    assert_eq!(defects(message, ""), []);
}

/// R6: a delimiter also ends a header section.
#[test]
fn a_delimiter_ends_a_header_section() {
    let message = "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n--b\r\n--b--\r\n";
    let tree = parse(message);
    assert_eq!(tree.parts().len(), 3);
    assert_eq!(slice(message, &tree.parts()[1].entity), "Content-Type: text/html");
    assert_eq!(slice(message, &tree.parts()[1].body), "");
    assert_eq!(slice(message, &tree.parts()[2].entity), "");
}

/// R7
#[test]
fn an_unusable_boundary_makes_a_leaf() {
    let long = "x".repeat(71);
    for parameter in ["", "; boundary=\"\"", "; boundary=\" \"", "; boundary=\"\u{fc}\"", &format!("; boundary={long}")]
    {
        let message = format!("Content-Type: multipart/mixed{parameter}\r\n\r\n--{long}\r\n\r\nx\r\n--{long}--\r\n");
        let tree = parse(&message);
        assert_eq!(tree.parts().len(), 1, "{parameter}");
        assert_eq!((&tree.root().kind, &tree.root().defects[..]), (&Kind::Leaf, &[Defect::UnusableBoundary][..]));
    }
    let ok = "x".repeat(70);
    assert_eq!(
        body(&format!("Content-Type: multipart/mixed; boundary={ok}\r\n\r\n--{ok}\r\n\r\nx\r\n--{ok}--\r\n"), "1"),
        "x"
    );
}

#[test]
fn boundaries_that_can_be_confused_are_a_defect() {
    for (outer, inner) in [("b", "b"), ("b", "b--"), ("b--", "b")] {
        let message = format!(
            "Content-Type: multipart/mixed; boundary=\"{outer}\"\n\n--{outer}\nContent-Type: multipart/mixed; boundary=\"{inner}\"\n\n--{inner}\n\nx\n--{inner}--\n--{outer}--\n"
        );
        assert_eq!(defects(&message, "1"), [Defect::AmbiguousBoundary], "{outer} {inner}");
        assert_eq!(body(&message, "1.1"), "x");
    }
}

/// R8: limits are errors.
#[test]
fn limits() {
    let nested = |levels: usize| {
        let mut message = String::new();
        for level in 0..levels {
            message += &format!("Content-Type: multipart/mixed; boundary=b{level}\n\n--b{level}\n");
        }
        message
    };
    let limits = Limits {
        depth: 10,
        parts: 50,
        header_section: 200,
        field: 100,
        fields_total: 60,
        total: 100_000,
        ..Limits::default()
    };
    let check = |message: &str| match Tree::parse(&message.as_bytes(), &limits) {
        Ok(_) => "ok",
        Err(Error::Limit { what, .. }) => what,
        Err(_) => "other",
    };
    assert_eq!(check(&nested(10)), "ok");
    assert_eq!(check(&nested(11)), "levels of nesting");
    assert_eq!(check(&"Content-Type: message/rfc822\n\n".repeat(11)), "levels of nesting");
    let wide = |parts| format!("Content-Type: multipart/mixed; boundary=b\n\n{}", "--b\n\n".repeat(parts));
    assert_eq!(check(&wide(49)), "ok");
    assert_eq!(check(&wide(50)), "parts");
    assert_eq!(check(&format!("a: {}\n\n", "x".repeat(96))), "ok");
    assert_eq!(check(&format!("a: {}\n\n", "x".repeat(100))), "octets in a header field");
    assert_eq!(check(&format!("a: x\n {}\n\n", "x".repeat(97))), "octets in a header field");
    assert_eq!(check(&"a: xxxxxxxxxxxxxxx\n".repeat(12)), "octets in a header section");
    assert_eq!(check(&"a:\n".repeat(61)), "header fields");
    assert_eq!(check(&format!("a: b\n\n{}", "x".repeat(100_000))), "octets");
    let few = Limits { headers_total: 100, ..Limits::default() };
    let message =
        format!("Content-Type: multipart/mixed; boundary=b\n\n{}", "--b\nContent-Type: text/plain\n\n".repeat(3));
    assert!(matches!(
        Tree::parse(&message.as_bytes(), &few),
        Err(Error::Limit { what: "octets of header sections", .. })
    ));
}

/// R9: deep nesting within the limits neither overflows the stack nor takes quadratic time.
#[test]
fn deep_nesting_is_iterative() {
    let limits = Limits {
        depth: 1_000_000,
        parts: 1_000_000,
        headers_total: 1 << 30,
        fields_total: 1 << 30,
        ..Limits::default()
    };
    let message = "Content-Type: message/rfc822\n\n".repeat(200_000);
    let tree = Tree::parse(&message.as_bytes(), &limits).unwrap();
    assert_eq!(tree.parts().len(), 200_001);
    drop(tree);
}

/// R10
#[test]
fn duplicate_fields_are_defects_and_the_first_counts() {
    let message = "From: a@b\nfrom: c@d\nFrom: e@f\nContent-Type: text/html\nContent-Type: text/plain\nContent-Transfer-Encoding: base64\nContent-Transfer-Encoding: 7bit\nReceived: x\nReceived: y\n\n";
    let tree = parse(message);
    let duplicate = |name: &str| Defect::DuplicateField(name.to_owned());
    assert_eq!(
        tree.root().defects,
        [duplicate("from"), duplicate("content-type"), duplicate("content-transfer-encoding")]
    );
    assert!(tree.root().is_ambiguous());
    assert!(tree.root().content_type.is("text/html"));
    assert_eq!(tree.root().encoding.as_str(), "base64");
}

/// R11, R37
#[test]
fn defaults() {
    let message = "Subject: x\n\ntext";
    assert_eq!(parse(message).root().content_type, ContentType::text_plain());
    assert!(parse(message).root().defects.is_empty());
    let digest = "Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: in\n\ntext\n--b--\n";
    assert_eq!(outline(digest)[1..], [("1".into(), "message/rfc822".into()), ("1.1".into(), "text/plain".to_owned())]);
    let tree = Tree::parse_entity(&&b"only text\n"[..], 0..10, &Limits::default()).unwrap();
    assert_eq!(tree.root().defects, [Defect::NoHeader]);
    assert_eq!(tree.root().body, 0..10);
    let bad = "Content-Type: nonsense; charset=utf-8\n\ntext";
    assert_eq!(parse(bad).root().content_type, ContentType::text_plain());
    assert_eq!(defects(bad, ""), [Defect::MalformedContentType]);
}

/// R15: what lies elsewhere or in pieces is a leaf, and so is an encoded message.
#[test]
fn what_is_not_descended_into() {
    for media_type in [
        "message/partial; id=x; number=1; total=2",
        "message/external-body; access-type=URL",
        "message/delivery-status",
    ] {
        let message = format!("Content-Type: {media_type}\n\nContent-Type: text/plain\n\nx");
        assert_eq!(parse(&message).parts().len(), 1);
    }
    let message = "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nU3ViamVjdDogeAoK\n";
    assert_eq!(parse(message).parts().len(), 1);
    assert_eq!(defects(message, ""), [Defect::EncodedComposite]);
    let message = "Content-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: base64\n\n--b\n\nx\n--b--\n";
    assert_eq!(defects(message, ""), [Defect::EncodedComposite]);
}

#[test]
fn what_is_no_message() {
    for message in [
        "",
        "\n",
        "\r\n\r\nSubject: x\r\n",
        "no field",
        "\0\u{1}\u{2}\nSubject: x\n",
        "From someone\n",
        ": x\n",
        " a: b\n",
    ] {
        assert!(matches!(Tree::parse(&message.as_bytes(), &Limits::default()), Err(Error::Malformed)), "{message:?}");
    }
    let garbage = "x".repeat(10 << 20);
    assert!(matches!(Tree::parse(&garbage.as_bytes(), &Limits::default()), Err(Error::Malformed)));
}

#[test]
fn mailbox_separator_and_junk_are_tolerated() {
    let message = "From a@b Mon Jan  1 00:00:00 2026\nSubject: x\njunk\nTo: y@z\n\ntext";
    let tree = parse(message);
    assert_eq!(tree.root().defects, [Defect::MboxFromLine, Defect::MalformedHeaderLine]);
    assert_eq!(tree.root().header.fields().len(), 2);
    assert_eq!(slice(message, &tree.root().body), "text");
    let part = "Content-Type: multipart/mixed; boundary=b\n\n--b\nno blank line\n--b--\n";
    assert_eq!(body(part, "1"), "no blank line");
    assert_eq!(defects(part, "1"), [Defect::NoHeader]);
    let empty = "Content-Type: multipart/mixed; boundary=b\n\nnothing";
    assert_eq!(defects(empty, ""), [Defect::Unterminated, Defect::NoParts]);
}

/// Gives few octets at a time, so that every border falls everywhere.
struct Dribble<'a>(&'a [u8], usize);

impl Source for Dribble<'_> {
    fn len(&self) -> u64 {
        self.0.len() as u64
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> std::io::Result<usize> {
        let count = buf.len().min(self.1);
        self.0.read_at(offset, &mut buf[..count])
    }
}

/// A window's border within a delimiter does not hide it.
#[test]
fn window_borders() {
    for pad in (128 << 10) - 90..(128 << 10) + 10 {
        let message = format!(
            "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n{}\r\n--b\r\n\r\ny\r\n--b--\r\n",
            "x".repeat(pad)
        );
        let tree = parse(&message);
        assert_eq!(tree.parts().len(), 3, "{pad}");
        assert_eq!(tree.parts()[1].body.end - tree.parts()[1].body.start, pad as u64);
        assert_eq!(slice(&message, &tree.parts()[2].body), "y");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 1000, ..ProptestConfig::default() })]

    /// Ranges lie in the input and in their parents, in order; reading in small pieces gives the same.
    #[test]
    fn any_structure(text in "(Content-Type: (multipart/(mixed|digest); boundary=[ab]|message/rfc822|text/plain)\r?\n|\r?\n|--[ab](--)? ?\r?\n|[a-c:\r ]|From: x\n){0,60}", piece in 1usize..9) {
        let bytes = text.as_bytes();
        let len = bytes.len() as u64;
        let tree = Tree::parse_entity(&bytes, 0..len, &Limits::default()).unwrap();
        let again = Tree::parse_entity(&Dribble(bytes, piece), 0..len, &Limits::default()).unwrap();
        prop_assert_eq!(format!("{tree:?}"), format!("{again:?}"));
        for (index, part) in tree.parts().iter().enumerate() {
            prop_assert!(part.entity.start <= part.body.start && part.body.start <= part.body.end && part.body.end == part.entity.end);
            prop_assert!(part.entity.end <= len);
            prop_assert_eq!(tree.by_number(&tree.number(index)), Some(index));
            let mut at = part.body.start;
            for &child in &part.children {
                let child = &tree.parts()[child];
                prop_assert!(child.parent == Some(index) && child.entity.start >= at && child.entity.end <= part.body.end);
                at = child.entity.end;
            }
        }
    }
}
