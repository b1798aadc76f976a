//! Unobtrusive signatures
//! ([draft-ietf-mailmaint-unobtrusive-signatures-02](https://datatracker.ietf.org/doc/draft-ietf-mailmaint-unobtrusive-signatures/)):
//! a message of one part in a multipart/mixed, whose header begins with the signatures over all that follows.

use super::recognise::unambiguous;
use super::{Body, check_boundary, check_outer, recognise, write_outer};
use crate::canonical::{Canonical, copy, copy_canonical};
use crate::header_protection::{Confirmed, Protection};
use crate::{ContentType, Defect, Error, Field, Kind, Part, Section, Source, Tree};
use encodify::base64::STANDARD;
use std::io::{self, Write};
use std::ops::Range;

/// The field with a signature.
const SIG: &str = "Sig";

/// Characters of base64 on a line of a Sig field.
const LINE: usize = 64;

/// A message with unobtrusive signatures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unobtrusive {
    /// Index of the signed part, the one child of the root.
    pub content: usize,
    /// How many Sig fields its header begins with; they are not signed. See [`Tree::leave_out_fields`].
    pub fields: usize,
    /// What those fields say, in their order; fields that say nothing to a reader are left out.
    pub signatures: Vec<Sig>,
    /// The fields that are signed.
    header: Range<u64>,
    body: Range<u64>,
}

/// One Sig field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sig {
    /// The tag `t`: which protocol it is of.
    pub kind: String,
    /// The tag `b`: the detached signature, binary; `None` where that is no base64.
    pub octets: Option<Vec<u8>>,
}

impl Unobtrusive {
    /// What the signatures of a whole message are; `None` where one of these does not hold (R144), and then it is a message
    /// like any other:
    ///
    /// - The root is a multipart/mixed of exactly one part, its structure unambiguous.
    /// - The header of that part begins with one or more Sig fields.
    /// - Its Content-Type has `hp="clear"`.
    /// - It is no secured part itself, and does not say that it is.
    ///
    /// That nothing is around the root is for the caller to know: it is a message, not what came out of a layer.
    pub fn of(tree: &Tree) -> Option<Unobtrusive> {
        let root = tree.root();
        let &[content] = root.children.as_slice() else { return None };
        let part = &tree.parts()[content];
        let fields = part.header.iter().take_while(|field| field.is(SIG)).count();
        let holds = root.content_type.is("multipart/mixed")
            && matches!(root.kind, Kind::Multipart { closed: true, .. })
            && is_plain(root)
            && is_plain(part)
            && fields > 0
            && Confirmed::read(&part.header, false, false).protection() == Protection::Clear
            && recognise(tree, content).is_none();
        if !holds {
            return None;
        }
        let (sigs, signed) = part.header.fields().split_at(fields);
        let start = part.entity.start + octets(sigs);
        Some(Unobtrusive {
            content,
            fields,
            signatures: sigs.iter().filter_map(Sig::parse).collect(),
            header: start..start + octets(signed),
            body: part.body.clone(),
        })
    }

    /// Writes the signed octets: the part without its Sig fields, in canonical form, and without empty lines at its end
    /// ([`without_empty_end`]).
    pub fn write_content(&self, source: &dyn Source, out: &mut dyn Write) -> io::Result<()> {
        copy_canonical(&mut Section::new(source, self.header.clone()), out)?;
        out.write_all(b"\r\n")?;
        without_empty_end(&|out| copy(&mut Section::new(source, self.body.clone()), out), out)
    }
}

/// Whether a part's structure has one meaning only, and every line of its header is one of a field.
fn is_plain(part: &Part) -> bool {
    unambiguous(part).is_ok()
        && !part.defects.iter().any(|defect| {
            matches!(defect, Defect::MboxFromLine | Defect::MalformedHeaderLine | Defect::MalformedParameter)
        })
}

fn octets(fields: &[Field]) -> u64 {
    fields.iter().map(|field| field.raw().len() as u64).sum()
}

impl Sig {
    /// Reads `t=p; b=...`, a tag list as DKIM has it ([RFC 6376 §3.2](https://www.rfc-editor.org/rfc/rfc6376#section-3.2)).
    /// `None` where it is no such list, a tag stands twice, or `t` or `b` is missing. Other tags say nothing.
    fn parse(field: &Field) -> Option<Sig> {
        let value = field.value();
        let value = std::str::from_utf8(&value).ok()?;
        let mut tags: Vec<(&str, &str)> = Vec::new();
        for tag in value.split(';').map(str::trim).filter(|tag| !tag.is_empty()) {
            let (name, value) = tag.split_once('=')?;
            let name = name.trim_end();
            if name.is_empty() || tags.iter().any(|(known, _)| *known == name) {
                return None;
            }
            tags.push((name, value.trim()));
        }
        let tag = |name| tags.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
        let base64: Vec<u8> = tag("b")?.bytes().filter(|octet| !octet.is_ascii_whitespace()).collect();
        let mut octets = Vec::new();
        let decoded = STANDARD.decode_append(&base64, &mut octets).is_ok() && !octets.is_empty();
        Some(Sig { kind: tag("t")?.to_owned(), octets: decoded.then_some(octets) })
    }

    /// Writes the field.
    fn write(&self, out: &mut dyn Write) -> Result<(), Error> {
        let kind = !self.kind.is_empty() && self.kind.bytes().all(|octet| octet.is_ascii_alphanumeric());
        let octets = self.octets.as_deref().filter(|_| kind).ok_or(Error::Misuse("not a signature of a Sig field"))?;
        let base64 = STANDARD.encode(octets);
        write!(out, "{SIG}: t={}; b=", self.kind)?;
        for (number, line) in base64.as_bytes().chunks(LINE).enumerate() {
            out.write_all(if number == 0 { b"" } else { b"\r\n " })?;
            out.write_all(line)?;
        }
        out.write_all(b"\r\n")?;
        Ok(())
    }
}

/// Writes the body that `body` writes as it is signed: in canonical form, without empty lines at its end, its last line
/// ended. An empty body stays empty. Relays add and drop empty lines at the end of a part, so they are not signed.
pub fn without_empty_end(body: &Body<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut canonical = Canonical::new(Trimmed { out, held: 0, after_cr: false, empty: true });
    body(&mut canonical)?;
    canonical.into_inner().finish()
}

/// Writes an unobtrusively signed message: `outer_header` (whole fields, no Content-* ones), and its one part. `entity`
/// writes the octets that were signed.
pub fn write_unobtrusive(
    out: &mut dyn Write,
    outer_header: &[u8],
    signatures: &[Sig],
    entity: &Body<'_>,
    boundary: &str,
) -> Result<(), Error> {
    check_outer(outer_header)?;
    check_boundary(boundary)?;
    write_outer(out, outer_header)?;
    out.write_all(ContentType::new("multipart/mixed").with("boundary", boundary).to_field()?.raw())?;
    write!(out, "\r\n--{boundary}\r\n")?;
    signatures.iter().try_for_each(|signature| signature.write(out))?;
    entity(out)?;
    write!(out, "\r\n--{boundary}--\r\n")?;
    Ok(())
}

/// Holds back line ends until something follows them. What is written to it is in canonical form.
struct Trimmed<'a> {
    out: &'a mut dyn Write,
    /// CRLFs that are held back.
    held: u64,
    /// The last octet was CR, and is held back too.
    after_cr: bool,
    /// Nothing but line ends was there.
    empty: bool,
}

impl Trimmed<'_> {
    fn finish(mut self) -> io::Result<()> {
        if self.after_cr {
            self.content(b"")?;
        }
        if self.empty { Ok(()) } else { self.out.write_all(b"\r\n") }
    }

    /// Writes what was held back, then `octets`.
    fn content(&mut self, octets: &[u8]) -> io::Result<()> {
        for _ in 0..std::mem::take(&mut self.held) {
            self.out.write_all(b"\r\n")?;
        }
        if std::mem::take(&mut self.after_cr) {
            self.out.write_all(b"\r")?;
        }
        self.empty = false;
        self.out.write_all(octets)
    }

    fn line_end(&mut self, octet: u8) -> io::Result<()> {
        if octet == b'\n' {
            self.after_cr = false;
            self.held += 1;
            return Ok(());
        }
        if self.after_cr {
            // The CR before was one alone, and is content.
            self.content(b"")?;
        }
        self.after_cr = true;
        Ok(())
    }
}

impl Write for Trimmed<'_> {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        let mut rest = octets;
        while let Some((&first, tail)) = rest.split_first().filter(|(first, _)| matches!(first, b'\r' | b'\n')) {
            self.line_end(first)?;
            rest = tail;
        }
        if !rest.is_empty() {
            let end = rest.iter().rposition(|octet| !matches!(octet, b'\r' | b'\n')).map_or(0, |last| last + 1);
            let (content, line_ends) = rest.split_at(end);
            self.content(content)?;
            line_ends.iter().try_for_each(|octet| self.line_end(*octet))?;
        }
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Limits;
    use proptest::prelude::*;

    const OUTER: &[u8] = b"From: alice@example.org\r\nSubject: x\r\n";
    const ENTITY: &str = "From: alice@example.org\r\nContent-Type: text/plain; hp=\"clear\"\r\n\r\ntext\r\n";

    fn sig(kind: &str, octets: &[u8]) -> Sig {
        Sig { kind: kind.to_owned(), octets: Some(octets.to_vec()) }
    }

    fn message() -> String {
        let mut out = Vec::new();
        let signatures = [sig("p", &[7; 100]), sig("c", &[8; 500])];
        write_unobtrusive(&mut out, OUTER, &signatures, &|out| out.write_all(ENTITY.as_bytes()), "b").unwrap();
        String::from_utf8(out).unwrap()
    }

    fn found(message: &str) -> Option<Unobtrusive> {
        Unobtrusive::of(&Tree::parse(&message.as_bytes(), &Limits::default()).unwrap())
    }

    fn content(message: &str) -> String {
        let mut out = Vec::new();
        found(message).unwrap().write_content(&message.as_bytes(), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    /// R144: what is written is found, octet for octet; a copy with LF line ends too (R3).
    #[test]
    fn signed_octets_come_back() {
        let message = message();
        let seen = found(&message).unwrap();
        assert_eq!(seen.signatures, [sig("p", &[7; 100]), sig("c", &[8; 500])]);
        assert_eq!((seen.content, seen.fields), (1, 2));
        assert!(message.lines().all(|line| line.len() <= 78), "{message}");
        assert_eq!(content(&message), ENTITY);
        assert_eq!(content(&message.replace("\r\n", "\n")), ENTITY);
        // A preamble and an epilogue belong to no part, and are never shown.
        assert_eq!(content(&message.replacen("\r\n\r\n--b", "\r\n\r\nshown by nobody\r\n--b", 1)), ENTITY);
        assert_eq!(content(&(message + "shown by nobody\r\n")), ENTITY);
    }

    /// R144: empty lines at the end come and go in transport and are not signed; other changes are.
    #[test]
    fn the_end_of_the_body() {
        let message = message();
        for end in ["text\r\n", "text\r\n\r\n", "text\r\n\r\n\r\n\r\n", "text\r\n\n\r\n"] {
            let other = message.replace("text\r\n\r\n", end);
            assert_eq!(content(&other), ENTITY, "{end:?}");
        }
        let other = message.replace("text\r\n\r\n", "text\r\n \r\n\r\n");
        assert_eq!(content(&other), ENTITY.replace("text\r\n", "text\r\n \r\n"));
        let header = ENTITY.strip_suffix("text\r\n").unwrap();
        for empty in ["", "\r\n", "\r\n\r\n"] {
            assert_eq!(content(&message.replace("text\r\n\r\n", empty)), header, "{empty:?}");
        }
    }

    /// R144: each detection rule, broken alone, makes it a message like any other.
    #[test]
    fn each_rule_is_needed() {
        let message = message();
        for (from, to) in [
            ("multipart/mixed", "multipart/alternative"),
            ("multipart/mixed", "multipart/signed"),
            ("\r\n--b--", "\r\n--b\r\n\r\nfooter of a list\r\n--b--"),
            ("\r\n--b--\r\n", "\r\n"),
            ("\r\nSig: t=p", "\r\nX: first\r\nSig: t=p"),
            ("\r\nSig: t=p", "\r\nno field\r\nSig: t=p"),
            ("\r\nSig: t=p", "\r\nFrom mbox\r\nSig: t=p"),
            ("Sig: t=", "X-Sig: t="),
            ("hp=\"clear\"", "hp=\"cipher\""),
            ("; hp=\"clear\"", ""),
            ("hp=\"clear\"", "hp=\"clear\"; hp=\"cipher\""),
            ("\r\nContent-Type: text/plain;", "\r\nContent-Type: text/html\r\nContent-Type: text/plain;"),
            ("text/plain; hp", "application/pkcs7-mime; hp"),
            ("text/plain; hp", "multipart/signed; hp"),
            ("MIME-Version: 1.0\r\n", "MIME-Version: 1.0\r\nContent-Transfer-Encoding: base64\r\n"),
            ("boundary=\"b\"", "boundary=\"b\"; boundary=\"c\""),
        ] {
            let bad = message.replace(from, to);
            assert_ne!(bad, message, "{from}");
            assert_eq!(found(&bad), None, "{to}");
        }
    }

    /// R144: only the leading Sig fields are left out; whatever comes in between is signed with the rest.
    #[test]
    fn only_leading_fields_are_left_out() {
        let message = message().replacen("\r\nSig: t=c", "\r\nTo: eve@example.org\r\nSig: t=c", 1);
        let seen = found(&message).unwrap();
        assert_eq!((seen.fields, seen.signatures.len()), (1, 1));
        let octets = content(&message);
        assert!(octets.starts_with("To: eve@example.org\r\nSig: t=c; b="), "{octets}");
    }

    #[test]
    fn sig_fields() {
        let parse = |value: &str| Sig::parse(&Field::from_raw(format!("Sig: {value}\r\n").into_bytes()).unwrap());
        for good in ["t=p; b=AQID", "b=AQ\r\n ID ;t = p;", "t=p;x=1; b = A Q I\r\n\tD", " t=p ;; b=AQID ;"] {
            assert_eq!(parse(good), Some(sig("p", &[1, 2, 3])), "{good}");
        }
        assert_eq!(parse("t=new thing; b=AQID"), Some(sig("new thing", &[1, 2, 3])));
        for broken in ["t=p; b=AQI", "t=p; b=", "t=p; b=A*ID", "t=p; b==AQID"] {
            assert_eq!(parse(broken), Some(Sig { kind: "p".to_owned(), octets: None }), "{broken}");
        }
        for none in ["", "t=p", "b=AQID", "p; b=AQID", "t=p; t=c; b=AQID", "t=p; b=AQID; b=AQID", "=p; t=p; b=AQID"] {
            assert_eq!(parse(none), None, "{none}");
        }
    }

    #[test]
    fn misuse_is_an_error() {
        let write = |outer: &[u8], signature: Sig, boundary: &str| {
            write_unobtrusive(&mut Vec::new(), outer, &[signature], &|_| Ok(()), boundary)
        };
        assert!(write(OUTER, sig("p", b"x"), "b").is_ok());
        assert!(write(b"Content-Type: text/plain\r\n", sig("p", b"x"), "b").is_err());
        assert!(write(OUTER, sig("p", b"x"), "b ").is_err());
        assert!(write(OUTER, sig("p; b=x", b"x"), "b").is_err());
        assert!(write(OUTER, sig("", b"x"), "b").is_err());
        assert!(write(OUTER, Sig { kind: "p".to_owned(), octets: None }, "b").is_err());
    }

    proptest! {
        /// R3: the end is the same wherever the octets are cut.
        #[test]
        fn cuts_do_not_matter(text in "[a\r\n]{0,40}", cut in 1usize..8) {
            let mut out = Vec::new();
            let write = |out: &mut dyn Write| text.as_bytes().chunks(cut).try_for_each(|chunk| out.write_all(chunk));
            without_empty_end(&write, &mut out).unwrap();
            let canonical = text.replace("\r\n", "\n").replace('\n', "\r\n");
            let mut body = canonical.as_str();
            while let Some(shorter) = body.strip_suffix("\r\n") {
                body = shorter;
            }
            let expect = if body.is_empty() { String::new() } else { format!("{body}\r\n") };
            prop_assert_eq!(String::from_utf8(out).unwrap(), expect);
        }
    }
}
