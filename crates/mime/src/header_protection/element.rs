//! Legacy Display Elements for the parts of a message: octets to be put into each Main Body Part
//! ([RFC 9788 §5.2.1](https://www.rfc-editor.org/rfc/rfc9788#section-5.2.1), step 2).

use super::legacy_display::{LegacyDisplay, line, octet_for_octet};
use super::{legacy_display_html, main_body_parts};
use crate::prepare::{Insert, text};
use crate::{ContentType, Field, Source, Tree, decode_charset};
use std::collections::BTreeMap;
use std::io::{self, Read};

/// How much of a part is searched for the start of its body.
const SEARCHED: u64 = 1 << 20;

const BOM: &[u8] = b"\xef\xbb\xbf";

/// The elements that show `hidden` ([`Composed::hidden`](super::Composed::hidden)) in the Main Body Parts of the entity at
/// `root`, by index of part: what [`prepare`](crate::prepare::prepare) is told to put in
/// ([`Options::inserts`](crate::prepare::Options::inserts)). They mark the part with `hp-legacy-display`, and make US-ASCII
/// text UTF-8 where they must.
///
/// None where nothing is hidden, and none for a part whose charset is not ASCII with something beyond it.
pub fn legacy_display_elements(
    source: &dyn Source,
    tree: &Tree,
    root: usize,
    hidden: &[Field],
) -> io::Result<BTreeMap<usize, Insert>> {
    let mut elements = BTreeMap::new();
    if hidden.is_empty() {
        return Ok(elements);
    }
    let lines: Vec<String> = hidden.iter().map(line).collect();
    for index in main_body_parts(tree, root) {
        let Some(part) = tree.get(index) else { continue };
        let (Some(kind), Some(charset)) = (LegacyDisplay::of(&part.content_type), Charset::of(&part.content_type))
        else {
            continue;
        };
        let mut start = Vec::new();
        text(source, tree, index).take(SEARCHED).read_to_end(&mut start)?;
        elements.insert(index, insert(kind, &charset, &start, &lines));
    }
    Ok(elements)
}

fn insert(kind: LegacyDisplay, charset: &Charset, start: &[u8], lines: &[String]) -> Insert {
    let bom = if start.starts_with(BOM) { BOM.len() } else { 0 };
    let mut parameters = vec![("hp-legacy-display".to_owned(), "1".to_owned())];
    let (at, octets) = match kind {
        LegacyDisplay::Plain => {
            let text = format!("{}\r\n\r\n", lines.join("\r\n"));
            if matches!(charset, Charset::Ascii) && !text.is_ascii() {
                parameters.push(("charset".to_owned(), "utf-8".to_owned()));
                (bom, text.into_bytes())
            } else {
                (bom, charset.encode(&text, |_| "?".to_owned()))
            }
        }
        LegacyDisplay::Html => {
            let html = octet_for_octet(start);
            let at = bom + legacy_display_html::start_of_body(&html[bom..]);
            let text = legacy_display_html::element(lines, "\r\n");
            (at, charset.encode(&text, |c| format!("&#{};", u32::from(c))))
        }
    };
    Insert { at: at as u64, octets, parameters }
}

/// A charset whose first half is ASCII.
enum Charset {
    Ascii,
    Utf8,
    /// The characters of octets 0x80 to 0xff.
    SingleByte(Vec<char>),
}

impl Charset {
    fn of(content_type: &ContentType) -> Option<Self> {
        let name = content_type.param("charset").unwrap_or("us-ascii").to_ascii_lowercase();
        match name.as_str() {
            "us-ascii" | "ascii" => Some(Self::Ascii),
            "utf-8" | "utf8" => Some(Self::Utf8),
            _ if ["iso-8859-", "windows-125", "koi8-"].iter().any(|family| name.starts_with(family)) => {
                // What is read for the control characters of ISO 8859 is not written.
                let unused = if name.starts_with("iso") { 0x80..0xa0 } else { 0..0 };
                let character = |b: u8| match decode_charset(&name, &[b]).chars().next() {
                    Some(c) if !unused.contains(&b) => c,
                    _ => '\u{fffd}',
                };
                Some(Self::SingleByte((0x80..=0xff).map(character).collect()))
            }
            _ => None,
        }
    }

    fn encode(&self, text: &str, instead: impl Fn(char) -> String) -> Vec<u8> {
        let mut octets = Vec::with_capacity(text.len());
        for c in text.chars() {
            let octet = match self {
                _ if c.is_ascii() => Some(c as u8),
                Self::SingleByte(table) if c != '\u{fffd}' => {
                    table.iter().position(|&other| other == c).and_then(|at| u8::try_from(0x80 + at).ok())
                }
                _ => None,
            };
            match octet {
                Some(octet) => octets.push(octet),
                None if matches!(self, Self::Utf8) => octets.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
                None => octets.extend_from_slice(instead(c).as_bytes()),
            }
        }
        octets
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Limits;

    fn elements(message: &[u8], hidden: &[Field]) -> BTreeMap<usize, Insert> {
        let tree = Tree::parse(&message.to_vec(), &Limits::default()).unwrap();
        legacy_display_elements(&message.to_vec(), &tree, 0, hidden).unwrap()
    }

    fn subject() -> Vec<Field> {
        vec![Field::new("Subject", "Käse €").unwrap()]
    }

    /// R106, R110: in Main Body Parts of the two types, and only where something is hidden.
    #[test]
    fn where_elements_go() {
        let message = b"Content-Type: multipart/mixed; boundary=m\n\n--m\n\
                        Content-Type: multipart/alternative; boundary=a\n\n--a\n\
                        Content-Type: text/plain\n\na\n--a\nContent-Type: text/markdown\n\na\n--a\n\
                        Content-Type: text/html\n\n<html>\n<body>a\n--a--\n--m\nContent-Type: text/plain\n\na\n--m--\n";
        let found = elements(message, &subject());
        let tree = Tree::parse(&message.to_vec(), &Limits::default()).unwrap();
        let numbers: Vec<_> = found.keys().map(|&index| tree.number(index)).collect();
        assert_eq!(numbers, ["1.1", "1.3"]);
        assert_eq!(found.values().map(|element| element.at).collect::<Vec<_>>(), [0, "<html>\r\n<body>".len() as u64]);
        assert!(elements(message, &[]).is_empty());
    }

    /// R109
    #[test]
    fn in_the_charset_of_the_part() {
        let html = |text: &str| {
            let pre = format!("<pre>Subject: {text}</pre>");
            format!("\r\n<div class=\"header-protection-legacy-display\">\r\n{pre}\r\n</div>").into_bytes()
        };
        for (content_type, octets) in [
            ("text/plain; charset=utf-8", Some("Subject: Käse €\r\n\r\n".as_bytes().to_vec())),
            ("text/plain; charset=ISO-8859-1", Some(b"Subject: K\xe4se ?\r\n\r\n".to_vec())),
            ("text/plain; charset=windows-1252", Some(b"Subject: K\xe4se \x80\r\n\r\n".to_vec())),
            ("text/plain; charset=us-ascii", Some("Subject: Käse €\r\n\r\n".as_bytes().to_vec())),
            ("text/plain; charset=utf-16", None),
            ("text/html; charset=us-ascii", Some(html("K&#228;se &#8364;"))),
            ("text/html; charset=utf-8", Some(html("Käse €"))),
        ] {
            let found = elements(format!("Content-Type: {content_type}\n\n").as_bytes(), &subject());
            assert_eq!(found.get(&0).map(|element| &element.octets), octets.as_ref(), "{content_type}");
            let widened =
                found.get(&0).is_some_and(|element| element.parameters.iter().any(|(name, _)| name == "charset"));
            assert_eq!(widened, content_type == "text/plain; charset=us-ascii", "{content_type}");
        }
    }

    /// R109: the replacement character is no octet that the charset leaves out.
    #[test]
    fn what_a_charset_leaves_out() {
        let hidden = [Field::new("Subject", "K\u{fffd}se").unwrap()];
        let found = elements(b"Content-Type: text/plain; charset=iso-8859-1\n\n", &hidden);
        assert_eq!(found[&0].octets, b"Subject: K?se\r\n\r\n");
    }

    /// R107: behind a byte order mark, and in decoded octets.
    #[test]
    fn places_are_in_the_decoded_octets() {
        let at = |message: &[u8]| elements(message, &subject())[&0].at;
        assert_eq!(at(b"Content-Type: text/plain; charset=utf-8\n\n\xef\xbb\xbfa"), 3);
        assert_eq!(at("Content-Type: text/html; charset=utf-8\n\n<title>ä</title><body>a".as_bytes()), 23);
        assert_eq!(at(b"Content-Type: text/html\nContent-Transfer-Encoding: base64\n\nPGJvZHk+YQ==\n"), 6);
    }
}
