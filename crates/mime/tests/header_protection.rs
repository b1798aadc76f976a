//! The messages and texts of RFC 9788 App. C, D and E, and of the draft before it, read and composed.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use mailseal_mime::header_protection::{
    Compose, Confirmed, FieldStatus, HeaderPolicy, LegacyDisplay, Protection, Scheme, legacy_display_elements, merged,
    response_policy,
};
use mailseal_mime::prepare::{Options, prepare};
use mailseal_mime::{Field, Header, Limits, Part, Tree, decode_charset};
use proptest::prelude::*;
use std::io::Read;
use std::path::{Path, PathBuf};

/// A folder of vectors; `None`, said plainly, where there is none.
fn folder(name: &str) -> Option<PathBuf> {
    let default = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors");
    let path = std::env::var_os("MAILSEAL_VECTORS").map_or_else(default, PathBuf::from).join(name);
    if !path.is_dir() {
        eprintln!("skipped: no test vectors at {}", path.display());
        return None;
    }
    Some(path)
}

fn canonical(header: &Header) -> String {
    let mut out = Vec::new();
    header.write_canonical(&mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn filtered(header: &Header, keep: impl Fn(&Field) -> bool) -> Header {
    header.iter().filter(|field| keep(field)).cloned().collect::<Vec<_>>().into()
}

fn pairs(header: &Header) -> Vec<(String, String)> {
    header.iter().map(|f| (f.name().to_owned(), String::from_utf8_lossy(&f.value()).into_owned())).collect()
}

/// The draft that was composed to this payload: without HP-Outer and the `hp` parameter, octets kept.
fn draft_of(payload: &Header) -> Header {
    let undeclared = |field: &Field| {
        let raw = String::from_utf8(field.raw().to_vec()).unwrap();
        let raw = [";\r\n hp=\"cipher\"", "; hp=\"cipher\"", "; hp=\"clear\""]
            .iter()
            .fold(raw, |raw, hp| raw.replace(hp, ""));
        Field::from_raw(raw.into_bytes()).unwrap()
    };
    let fields = payload.iter().filter(|field| !field.is("HP-Outer"));
    fields
        .map(|field| if field.is("Content-Type") { undeclared(field) } else { field.clone() })
        .collect::<Vec<_>>()
        .into()
}

/// One message of RFC 9788 App. C that was protected by the RFC's own scheme.
struct Sample {
    name: String,
    encrypted: bool,
    outer: Header,
    octets: Vec<u8>,
    payload: Tree,
}

fn samples() -> Vec<Sample> {
    let Some(folder) = folder("rfc9788") else { return Vec::new() };
    let mut names: Vec<String> = std::fs::read_dir(&folder)
        .unwrap()
        .filter_map(|entry| {
            entry.unwrap().file_name().into_string().unwrap().strip_suffix(".payload").map(str::to_owned)
        })
        .collect();
    names.sort();
    assert_eq!(names.len(), 29);
    let sample = |name: String| {
        let octets = std::fs::read(folder.join(format!("{name}.payload"))).unwrap();
        let outer = Header::from_raw(&std::fs::read(folder.join(format!("{name}.eml"))).unwrap());
        let payload = Tree::parse_entity(&octets, 0..octets.len() as u64, &Limits::default()).unwrap();
        Sample { encrypted: name.contains("-enc-"), name, outer, octets, payload }
    };
    names.into_iter().map(sample).collect()
}

fn has_hp(sample: &Sample) -> bool {
    sample.name.contains("-hp") && !sample.name.contains("rfc8551hp")
}

fn policy(sample: &Sample) -> HeaderPolicy {
    if sample.name.contains("-shy") { HeaderPolicy::shy() } else { HeaderPolicy::baseline() }
}

/// R28, R71, R73-R77, R82-R84: composing each sample gives its inner header, its HP-Outer fields and, octet for octet, its
/// outer header.
#[test]
fn appendix_c_composed() {
    let samples = samples();
    assert!(samples.is_empty() || samples.iter().filter(|sample| has_hp(sample)).count() == 20);
    for sample in samples.iter().filter(|sample| has_hp(sample)) {
        let policy = policy(sample);
        let compose = if sample.encrypted { Compose::encrypted(&policy) } else { Compose::signed() };
        let payload = &sample.payload.root().header;
        let composed = compose.header(&draft_of(payload)).unwrap();

        let outer = filtered(&sample.outer, |field| !field.is_structural());
        assert_eq!(canonical(&composed.outer), canonical(&outer), "{}", sample.name);
        let inner = |header: &Header| filtered(header, |f| !f.is("HP-Outer") && !f.is("Content-Type"));
        assert_eq!(canonical(&inner(&composed.payload)), canonical(&inner(payload)), "{}", sample.name);
        assert_eq!(composed.payload.content_type(), payload.content_type(), "{}", sample.name);
        // Where HP-Outer is folded is the composer's choice.
        let hp_outer = |header: &Header| pairs(&filtered(header, |field| field.is("HP-Outer")));
        assert_eq!(hp_outer(&composed.payload), hp_outer(payload), "{}", sample.name);
    }
}

/// R90, R95: the status that follows from the policy each message was made with.
#[test]
fn appendix_c_read() {
    for sample in &samples() {
        let confirmed = Confirmed::read(&sample.payload.root().header, sample.encrypted, true);
        let expect = match (has_hp(sample), sample.encrypted) {
            (false, _) => Protection::None,
            (true, false) => Protection::Clear,
            (true, true) => Protection::Cipher,
        };
        assert_eq!(confirmed.protection(), expect, "{}", sample.name);
        let hidden: &[&str] = match &sample.name {
            name if name.contains("-hp-baseline") => &["Subject"],
            name if name.contains("-hp-shy") => &["Subject", "From", "To", "Date"],
            _ => &[],
        };
        for (field, status) in confirmed.statuses() {
            let expect =
                if hidden.contains(&field.name()) { FieldStatus::SignedAndEncrypted } else { FieldStatus::SignedOnly };
            assert_eq!(status, expect, "{} {}", sample.name, field.name());
        }
        let least = if has_hp(sample) { 6 } else { 0 };
        assert!(confirmed.statuses().count() >= least, "{}", sample.name);
        assert_eq!(confirmed.shown().fields().is_empty(), !(has_hp(sample) && sample.encrypted), "{}", sample.name);
    }
}

/// R121, R123
#[test]
fn appendix_c_rfc8551hp() {
    let samples = samples();
    let mut inferred = 0;
    for sample in &samples {
        let root = sample.payload.root();
        let child =
            root.children.first().map_or_else(Header::new, |&child| sample.payload.parts()[child].header.clone());
        let found = Confirmed::infer_rfc8551(&root.header, &child, false, &sample.outer, sample.encrypted, true);
        assert_eq!(found.is_some(), sample.name.contains("rfc8551hp"), "{}", sample.name);
        let Some(confirmed) = found else { continue };
        inferred += 1;
        assert_eq!((confirmed.scheme(), confirmed.is_inferred()), (Some(Scheme::Rfc8551), true));
        for (field, status) in confirmed.statuses() {
            let hidden = sample.encrypted && field.is("Subject");
            assert_eq!(status == FieldStatus::SignedAndEncrypted, hidden, "{} {}", sample.name, field.name());
            assert_ne!(status, FieldStatus::Unprotected);
        }
        let header = merged(&sample.outer, &child, &confirmed).unwrap();
        assert_eq!(header.text("Subject").as_deref(), Some(sample.name.as_str()));
    }
    assert_eq!(inferred, if samples.is_empty() { 0 } else { 3 });
}

/// R98, R99: the merged header has the subject that was meant, and no trace of header protection.
#[test]
fn appendix_c_merged() {
    for sample in samples().iter().filter(|sample| has_hp(sample)) {
        let payload = &sample.payload.root().header;
        let confirmed = Confirmed::read(payload, sample.encrypted, true);
        let header = merged(&sample.outer, payload, &confirmed).unwrap();
        assert_eq!(header.text("Subject").as_deref(), Some(sample.name.as_str()));
        assert_eq!(header.count("HP-Outer"), 0);
        assert_eq!(header.content_type().unwrap().param("hp"), None);
        let fields = |header: &Header| canonical(&filtered(header, |f| !f.is("HP-Outer") && !f.is("Content-Type")));
        assert_eq!(fields(&header), fields(payload), "{}", sample.name);
    }
}

/// R111-R113: what is left of a marked part is the text that was written.
#[test]
fn appendix_c_legacy_display_elements() {
    let samples = samples();
    let mut removed = 0;
    for sample in &samples {
        for (index, part) in sample.payload.parts().iter().enumerate() {
            let Some(kind) = LegacyDisplay::marked(&part.content_type, sample.encrypted) else { continue };
            let mut octets = Vec::new();
            sample.payload.decoded(&sample.octets, index).read_to_end(&mut octets).unwrap();
            let text = decode_charset(part.content_type.param("charset").unwrap(), &octets);
            assert!(text.contains("Subject: "), "{}", sample.name);
            let left = kind.remove(&text);
            assert!(!left.contains("Subject: ") && !left.contains("header-protection"), "{}: {left}", sample.name);
            let start = match kind {
                LegacyDisplay::Plain => "This is the\r\n",
                LegacyDisplay::Html => "<html><head><title></title></head><body>\r\n<p>This is the\r\n",
            };
            assert!(left.starts_with(start), "{}: {left}", sample.name);
            assert!(left.contains("\r\nalice@smime.example") || left.contains("<br>alice@smime.example</tt>"));
            removed += 1;
        }
    }
    assert_eq!(removed, if samples.is_empty() { 0 } else { 4 + 8 });
}

/// A text of App. D or E: header and body, both with CRLF.
fn text(name: &str) -> Option<(Header, String)> {
    let path = folder("rfc9788")?.join(name);
    let text = std::fs::read_to_string(path).unwrap().replace('\n', "\r\n");
    let (header, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    Some((Header::from_raw(header.as_bytes()), body.to_owned()))
}

/// The draft with its root marked, as a composer does that adds an element to it.
fn marked(draft: &Header) -> Header {
    let mut draft = draft.clone();
    draft.replace(LegacyDisplay::mark(draft.get("Content-Type").unwrap()).unwrap());
    draft
}

/// R73-R77, R83, R106-R109: App. D.1, octet for octet.
#[test]
fn appendix_d_message() {
    let Some((draft, body)) = text("appendix-D.1.1-unprotected.txt") else { return };
    let (payload, payload_body) = text("appendix-D.1.2.1-payload-baseline-legacy.txt").unwrap();
    let (outer, _) = text("appendix-D.1.2.2-outer-headers.txt").unwrap();
    let policy = HeaderPolicy::default();
    let composed = Compose::encrypted(&policy).header(&marked(&draft)).unwrap();
    assert_eq!(canonical(&composed.payload), canonical(&payload));
    assert_eq!(canonical(&composed.outer), canonical(&filtered(&outer, |field| !field.is_structural())));
    assert_eq!(LegacyDisplay::Plain.insert(&body, &composed.hidden), payload_body);
    assert_eq!(LegacyDisplay::Plain.remove(&payload_body), body);
}

/// R85, R116, R117: App. D.2. The answer is composed without any policy of its own, and still hides what was hidden.
#[test]
fn appendix_d_reply() {
    let Some((referenced, _)) = text("appendix-D.1.2.1-payload-baseline-legacy.txt") else { return };
    let (expect, expect_body) = text("appendix-D.2.2.1-payload-reply-no-confidentiality.txt").unwrap();
    let respond = |message: &Header| {
        let answer =
            [("Subject", "Subject", "Re: "), ("From", "To", ""), ("To", "From", ""), ("Message-ID", "In-Reply-To", "")];
        let field = |(from, to, prefix)| {
            let value = message.get(from)?.value();
            Field::from_raw(format!("{to}: {prefix}{}\r\n", String::from_utf8_lossy(&value)).into_bytes())
        };
        answer.into_iter().filter_map(field).collect::<Vec<_>>().into()
    };
    let response = response_policy(&Confirmed::read(&referenced, true, true), respond);
    let own = HeaderPolicy::no_confidentiality();
    let composed = Compose::encrypted(&own).responding(&response).header(&draft_of(&expect)).unwrap();
    assert_eq!(canonical(&composed.payload), canonical(&expect));
    assert_eq!(composed.outer.text("Subject").as_deref(), Some("Re: [...]"));
    let body = LegacyDisplay::Plain.remove(&expect_body);
    assert_eq!(LegacyDisplay::Plain.insert(&body, &composed.hidden), expect_body);
}

/// R107, R108: App. E, octet for octet.
#[test]
fn appendix_e() {
    for (name, kind, start) in [
        ("appendix-E.1-text-plain-legacy-display.txt", LegacyDisplay::Plain, "Let's meet"),
        ("appendix-E.2-text-html-legacy-display.txt", LegacyDisplay::Html, "<html><head><title></title></head><body>"),
    ] {
        let Some((payload, with)) = text(name) else { return };
        let policy = HeaderPolicy::default();
        let composed = Compose::encrypted(&policy).header(&draft_of(&payload)).unwrap();
        assert_eq!(canonical(&composed.payload), canonical(&payload), "{name}");
        assert_eq!(LegacyDisplay::marked(&payload.content_type().unwrap(), true), Some(kind));
        let body = kind.remove(&with);
        assert!(body.starts_with(start), "{name}: {body}");
        // The element stood on lines of its own.
        let body = body.replace("<body>\r\n\r\n", "<body>\r\n");
        assert_eq!(kind.insert(&body, &composed.hidden), with, "{name}");
    }
}

/// R72, R106-R113: a whole payload, composed, prepared, written and read again.
#[test]
fn composed_and_read_again() {
    let draft = "From: Alice <alice@example.org>\nSubject: =?utf-8?q?K=C3=A4se?=\nMIME-Version: 1.0\n\
                 Content-Type: multipart/mixed; boundary=m\n\n--m\nContent-Type: multipart/alternative; boundary=a\n\n\
                 --a\n\nplain text\n\nmore\n--a\nContent-Type: text/html; charset=utf-8\n\n<body>\n<p>html \u{20ac}\n--a--\n\
                 --m\nContent-Type: text/plain\nContent-Disposition: attachment\n\nan attachment\n--m--\n"
        .as_bytes();
    let tree = Tree::parse(&draft, &Limits::default()).unwrap();
    let policy = HeaderPolicy::shy();
    let compose = Compose::encrypted(&policy);
    let hidden = compose.header(&tree.root().header).unwrap().hidden;
    let inserts = legacy_display_elements(&draft, &tree, 0, &hidden).unwrap();
    assert_eq!(inserts.len(), 2);
    let mut prepared = prepare(&draft, &tree, 0, &Options { inserts, ..Options::default() }).unwrap();
    let mut header = filtered(&tree.root().header, |field| !field.is_structural());
    prepared.header().iter().for_each(|field| header.push(field.clone()));
    *prepared.header_mut() = compose.header(&header).unwrap().payload;
    let mut payload = Vec::new();
    prepared.write_to(&mut payload).unwrap();
    assert!(payload.is_ascii());

    let read = Tree::parse_entity(&payload, 0..payload.len() as u64, &Limits::default()).unwrap();
    let confirmed = Confirmed::read(&read.root().header, true, true);
    let statuses: Vec<_> = confirmed.statuses().map(|(_, status)| status).collect();
    assert_eq!(statuses, [FieldStatus::SignedAndEncrypted; 2]);
    let texts = |tree: &Tree, source: &[u8], opened: bool| -> Vec<String> {
        let leaves = tree.parts().iter().enumerate().filter(|(_, part)| part.is_leaf());
        let text = |(index, part): (usize, &Part)| {
            let mut octets = Vec::new();
            mailseal_mime::prepare::text(&source, tree, index).read_to_end(&mut octets).unwrap();
            let text = decode_charset(part.content_type.param("charset").unwrap_or_default(), &octets);
            match LegacyDisplay::marked(&part.content_type, opened) {
                Some(kind) => kind.remove(&text).replace("<body>\r\n\r\n", "<body>\r\n"),
                None => text,
            }
        };
        leaves.map(text).collect()
    };
    assert_eq!(texts(&read, &payload, true), texts(&tree, draft, false));
    // Only what is encrypted has elements: outside of encryption they would be text.
    let shown = texts(&read, &payload, false);
    assert!(shown[0].starts_with("From: Alice <alice@example.org>\r\nSubject: Käse\r\n"));
    assert!(shown[1].contains("<pre>From: Alice &lt;alice@example.org&gt;\r\nSubject: Käse</pre>"), "{}", shown[1]);
    assert_eq!(shown[2], "an attachment");
}

/// R122, R123: the signed messages of the draft before RFC 9788.
#[test]
fn protected_headers_draft() {
    let Some(folder) = folder("protected-headers") else { return };
    for name in ["pgpmime-signed", "smime-multipart-signed"] {
        let octets = std::fs::read(folder.join(format!("{name}.eml"))).unwrap();
        let tree = Tree::parse(&octets, &Limits::default()).unwrap();
        let payload = &tree.parts()[tree.root().children[0]].header;
        assert_eq!(Confirmed::read(payload, false, true).protection(), Protection::None);
        let confirmed = Confirmed::infer_protected_headers_v1(payload, &tree.root().header, false, true).unwrap();
        assert!(confirmed.is_inferred());
        assert_eq!(confirmed.protected().text("Subject").as_deref(), Some("The FooCorp contract"));
        assert!(confirmed.statuses().all(|(_, status)| status == FieldStatus::SignedOnly));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 300, ..ProptestConfig::default() })]

    /// R74, R75, R94-R96: what is composed is read as it was meant, whatever the names, folds and white space.
    #[test]
    fn what_is_composed_is_read_the_same(
        fields in proptest::collection::vec((
            "(Subject|Keywords|From|To|Date|Message-ID|X-[a-z]{1,3})",
            "[ \t]{0,2}([!-~]{0,30}(\r?\n)?[ \t]){0,6}[!-~]{0,100}",
        ), 0..8),
        which in 0..3_usize,
    ) {
        let raw: String = fields.iter().map(|(name, value)| format!("{name}:{value}\r\n")).collect();
        let draft = Header::from_raw(raw.as_bytes());
        let policy = [HeaderPolicy::baseline(), HeaderPolicy::shy(), HeaderPolicy::no_confidentiality()][which].clone();
        let composed = Compose::encrypted(&policy).header(&draft).unwrap();
        let mut payload = Vec::new();
        composed.payload.write_canonical(&mut payload).unwrap();
        let read = Confirmed::read(&Header::from_raw(&payload), true, true);
        prop_assert_eq!(pairs(read.shown()), pairs(&composed.outer));
        let lines = |header: &Header| filtered(header, |field| !field.is_structural() && !field.is("HP-Outer"));
        prop_assert_eq!(canonical(read.protected()), canonical(&lines(&composed.payload)));
        for (field, status) in read.statuses() {
            let visible = pairs(&composed.outer).contains(&pairs(&vec![field.clone()].into())[0]);
            prop_assert_eq!(status == FieldStatus::SignedOnly, visible, "{:?}", field);
        }
    }

    #[test]
    fn any_octets_are_read(raw in proptest::collection::vec(any::<u8>(), 0..200)) {
        let start = b"Content-Type: text/plain; hp=cipher\r\nHP-Outer: ";
        let header = Header::from_raw(&[start, raw.as_slice()].concat());
        let confirmed = Confirmed::read(&header, true, false);
        merged(&header, &header, &confirmed).unwrap();
        response_policy(&confirmed, Header::clone);
    }
}
