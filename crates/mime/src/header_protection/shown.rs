//! What of a payload is shown: the Main Body Parts without what is there for older readers only
//! ([RFC 9788 §4.5.3](https://www.rfc-editor.org/rfc/rfc9788#section-4.5.3)).

use super::legacy_display::without;
use super::{Confirmed, LegacyDisplay, main_body_parts};
use crate::transfer::{Base64Encoder, QuotedPrintableEncoder};
use crate::{LineEnd, Part, Source, TransferEncoding, Tree};
use std::io::{self, Read, Write};
use std::ops::Range;

/// Octets that stand in the place of a range of the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replacement {
    /// What goes.
    pub range: Range<u64>,
    /// What comes.
    pub octets: Vec<u8>,
}

/// What changes in the entity at `root` so that its body has no Legacy Display Elements: the bodies of the marked Main Body
/// Parts, and below the root their headers, which lose the mark. All other octets stay. In the order of the source.
///
/// To be asked only about the payload of an encryption (R111).
pub fn without_legacy_display(source: &dyn Source, tree: &Tree, root: usize) -> io::Result<Vec<Replacement>> {
    let mut changes = Vec::new();
    for index in main_body_parts(tree, root) {
        let Some(part) = tree.get(index) else { continue };
        let Some(kind) = LegacyDisplay::marked(&part.content_type, true) else { continue };
        let mut octets = Vec::new();
        if index != root {
            octets = header_without_mark(part, tree.line_end());
        }
        octets.extend(body_without(kind, source, tree, index, part)?);
        let start = if index == root { part.body.start } else { part.entity.start };
        changes.push(Replacement { range: start..part.body.end, octets });
    }
    Ok(changes)
}

/// What changes in a payload of the older `protected-headers="v1"` scheme so that the part that repeats hidden fields is
/// gone (R122): the first child of the root, when another one follows it.
pub fn without_v1_legacy_display(tree: &Tree, root: usize) -> Option<Replacement> {
    let first = v1_legacy_display(tree, root)?;
    let second = *tree.get(root)?.children.get(1)?;
    // From the first one up to the second, and so with one of the two delimiters between.
    Some(Replacement { range: tree.get(first)?.entity.start..tree.get(second)?.entity.start, octets: Vec::new() })
}

/// The part in which the older scheme repeats hidden fields.
pub fn v1_legacy_display(tree: &Tree, root: usize) -> Option<usize> {
    let part = tree.get(root)?;
    let first = *part.children.first()?;
    let is_first_of_several = part.content_type.is("multipart/mixed") && part.children.len() > 1;
    (is_first_of_several && Confirmed::is_v1_legacy_display(&tree.get(first)?.content_type)).then_some(first)
}

/// The decoded octets of a text part, without its Legacy Display Elements when `encrypted` says that it came out of an
/// encryption and it is marked.
pub fn shown_text(source: &dyn Source, tree: &Tree, index: usize, encrypted: bool) -> io::Result<Vec<u8>> {
    let mut octets = Vec::new();
    tree.decoded(source, index).read_to_end(&mut octets)?;
    match tree.get(index).and_then(|part| LegacyDisplay::marked(&part.content_type, encrypted)) {
        Some(kind) => Ok(cut(&octets, &kind.elements(&octets))),
        None => Ok(octets),
    }
}

/// The body without elements, encoded as it was. One without any element keeps its octets.
fn body_without(
    kind: LegacyDisplay,
    source: &dyn Source,
    tree: &Tree,
    index: usize,
    part: &Part,
) -> io::Result<Vec<u8>> {
    let mut decoded = Vec::new();
    tree.decoded(source, index).read_to_end(&mut decoded)?;
    let elements = kind.elements(&decoded);
    if elements.is_empty() {
        let mut raw = Vec::new();
        tree.body(source, index).read_to_end(&mut raw)?;
        return Ok(raw);
    }
    let shown = cut(&decoded, &elements);
    let mut encoded = match part.encoding {
        TransferEncoding::Base64 => {
            let mut encoder = Base64Encoder::new(Vec::new());
            encoder.write_all(&shown)?;
            let mut text = encoder.finish()?;
            text.extend_from_slice(b"\r\n");
            text
        }
        TransferEncoding::QuotedPrintable => {
            let mut encoder = QuotedPrintableEncoder::new(Vec::new());
            crate::copy_canonical(&mut shown.as_slice(), &mut encoder)?;
            encoder.finish()?
        }
        _ => return Ok(shown),
    };
    if tree.line_end() == LineEnd::Lf {
        encoded.retain(|&octet| octet != b'\r');
    }
    Ok(encoded)
}

/// The header of a part with its blank line. What stands is kept but for the Content-Type, which is written anew.
fn header_without_mark(part: &Part, line_end: LineEnd) -> Vec<u8> {
    let mut content_type = part.content_type.clone();
    content_type.params_mut().remove("hp-legacy-display");
    let unmarked = content_type.to_field();
    let mut octets = Vec::new();
    for field in &part.header {
        match &unmarked {
            Ok(unmarked) if field.is("Content-Type") => match line_end {
                LineEnd::CrLf => octets.extend_from_slice(unmarked.raw()),
                LineEnd::Lf => octets.extend(unmarked.raw().iter().filter(|&&octet| octet != b'\r')),
            },
            _ => octets.extend_from_slice(field.raw()),
        }
    }
    octets.extend_from_slice(if line_end == LineEnd::Lf { b"\n" } else { b"\r\n" });
    octets
}

fn cut(octets: &[u8], ranges: &[Range<usize>]) -> Vec<u8> {
    without(octets.len(), ranges).flat_map(|kept| &octets[kept]).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Limits;

    fn shown(entity: &str) -> String {
        let octets = entity.as_bytes();
        let tree = Tree::parse_entity(&octets, 0..octets.len() as u64, &Limits::default()).unwrap();
        let changes = without_legacy_display(&octets, &tree, 0).unwrap();
        let changes: Vec<_> = changes.into_iter().chain(without_v1_legacy_display(&tree, 0)).collect();
        let mut out = Vec::new();
        let mut at = 0;
        for change in &changes {
            out.extend_from_slice(&octets[at..change.range.start as usize]);
            out.extend_from_slice(&change.octets);
            at = change.range.end as usize;
        }
        out.extend_from_slice(&octets[at..]);
        String::from_utf8(out).unwrap()
    }

    const MARKED: &str = "Content-Type: text/plain; hp-legacy-display=1\r\n";

    /// R112: in 7bit the octets that stay are the same; the root's header is not touched here.
    #[test]
    fn a_root_that_is_text() {
        let entity = format!("{MARKED}\r\nSubject: x\r\n\r\nDear all \r\n\r\nbye\r\n");
        assert_eq!(shown(&entity), format!("{MARKED}\r\nDear all \r\n\r\nbye\r\n"));
        let unmarked = "Content-Type: text/plain\r\n\r\nSubject: x\r\n\r\nDear all\r\n";
        assert_eq!(shown(unmarked), unmarked);
    }

    /// R110, R111, R112: each marked Main Body Part in its own encoding; attachments, signed parts and all else stay.
    #[test]
    fn only_marked_main_body_parts_change() {
        let entity = |marks: [&str; 2], bodies: [&str; 2]| {
            format!(
                "Content-Type: multipart/mixed; boundary=m\r\n\r\npreamble\r\n--m\r\n\
                 Content-Type: multipart/alternative; boundary=a\r\n\r\n--a\r\n\
                 {}X: y\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n{}\r\n--a\r\n\
                 {}Content-Transfer-Encoding: base64\r\n\r\n{}\r\n--a--\r\n--m\r\n\
                 Content-Disposition: attachment\r\n{MARKED}\r\nKeep: me\r\n\r\nx\r\n--m--\r\n",
                marks[0], bodies[0], marks[1], bodies[1]
            )
        };
        let html = "Content-Type: text/html; hp-legacy-display=\"1\"; charset=utf-8\r\n";
        // <p>a</p><div class="header-protection-legacy-display"><pre>Subject: x</pre></div>b
        let with = "PHA+YTwvcD48ZGl2IGNsYXNzPSJoZWFkZXItcHJvdGVjdGlvbi1sZWdhY3ktZGlzcGxheSI+PHByZT5T\r\n\
                    dWJqZWN0OiB4PC9wcmU+PC9kaXY+Yg==\r\n";
        let before = entity([MARKED, html], ["Subject: K=C3=A4se\r\n\r\nn=C3=A4mlich", with]);
        let after = entity(
            ["Content-Type: text/plain\r\n", "Content-Type: text/html;\r\n\tcharset=\"utf-8\"\r\n"],
            ["n=C3=A4mlich", "PHA+YTwvcD5i\r\n"],
        );
        assert_eq!(shown(&before), after);

        let signed =
            format!("Content-Type: multipart/signed; boundary=s\r\n\r\n--s\r\n{MARKED}\r\nA: b\r\n\r\nx\r\n--s--\r\n");
        assert_eq!(shown(&signed), signed);
    }

    /// Line ends are those of the message, in what is written anew as well.
    #[test]
    fn lines_end_as_they_did() {
        let entity = "Content-Type: multipart/mixed; boundary=m\n\n--m\n\
                      Content-Type: text/plain; hp-legacy-display=1; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n\
                      Subject: x\n\nK=C3=A4se\nx\n--m--\n";
        assert!(
            !shown(entity).contains('\r') && shown(entity).contains("\n\nK=C3=A4se\nx\n--m--\n"),
            "{}",
            shown(entity)
        );
    }

    /// R122: the part for readers that did not know the older scheme goes, and only that.
    #[test]
    fn the_part_of_the_older_scheme() {
        let parts = ["Content-Type: text/plain; protected-headers=v1\r\n\r\nSubject: x", "\r\nDear all"];
        let with = format!(
            "Content-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\n{}\r\n--m\r\n{}\r\n--m--\r\n",
            parts[0], parts[1]
        );
        assert_eq!(
            shown(&with),
            format!("Content-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\n{}\r\n--m--\r\n", parts[1])
        );
        let alone = format!("Content-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\n{}\r\n--m--\r\n", parts[0]);
        assert_eq!(shown(&alone), alone);
    }
}
