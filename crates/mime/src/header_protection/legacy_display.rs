//! Legacy Display Elements: hidden fields repeated in the body for readers that know no header protection
//! ([RFC 9788 §5.2.2](https://www.rfc-editor.org/rfc/rfc9788#section-5.2.2),
//! [§4.5.3](https://www.rfc-editor.org/rfc/rfc9788#section-4.5.3)).

use super::{fields, legacy_display_html};
use crate::{ContentType, Error, Field};
use std::borrow::Cow;
use std::ops::Range;

/// The kind of text that can hold a Legacy Display Element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LegacyDisplay {
    /// text/plain: lines before the first blank one.
    Plain,
    /// text/html: a `div` of class `header-protection-legacy-display`.
    Html,
}

impl LegacyDisplay {
    /// The kind that a part of this type can hold; `None` for any other type.
    pub fn of(content_type: &ContentType) -> Option<Self> {
        match content_type.media_type() {
            "text/plain" => Some(Self::Plain),
            "text/html" => Some(Self::Html),
            _ => None,
        }
    }

    /// Whether a part of the Cryptographic Payload is marked as holding one. That counts only inside an encrypting layer:
    /// `encrypted` says whether the Cryptographic Envelope has one.
    pub fn marked(content_type: &ContentType, encrypted: bool) -> Option<Self> {
        let marked = encrypted && content_type.param("hp-legacy-display") == Some("1");
        Self::of(content_type).filter(|_| marked)
    }

    /// A Content-Type field with the mark: `hp-legacy-display="1"`. The octets that stand are kept.
    pub fn mark(content_type: &Field) -> Result<Field, Error> {
        fields::with_parameter(content_type, "hp-legacy-display", "1")
    }

    /// The decoded text of a Main Body Part, with an element that shows `hidden`
    /// ([`Composed::hidden`](super::Composed::hidden)). The part must then be [marked](Self::mark).
    pub fn insert(self, text: &str, hidden: &[Field]) -> String {
        let line_end = line_end(text);
        let lines: Vec<String> = hidden.iter().map(line).collect();
        match self {
            Self::Plain => {
                let lines = lines.iter().map(|line| format!("{line}{line_end}"));
                format!("{}{line_end}{text}", lines.collect::<String>())
            }
            Self::Html => legacy_display_html::insert(text, &lines, line_end),
        }
    }

    /// The decoded text of a [marked](Self::marked) part without its elements. Text in which none has an end is left as it
    /// is.
    pub fn remove(self, text: &str) -> Cow<'_, str> {
        match self {
            Self::Plain => Cow::Borrowed(&text[end_of_first_lines(text)..]),
            Self::Html => match legacy_display_html::elements(text) {
                found if found.is_empty() => Cow::Borrowed(text),
                found => Cow::Owned(without(text.len(), &found).map(|kept| &text[kept]).collect()),
            },
        }
    }

    /// Where the elements stand in the decoded octets of a [marked](Self::marked) part whose charset has ASCII in its first
    /// half; in their order, apart from each other.
    pub fn elements(self, octets: &[u8]) -> Vec<Range<usize>> {
        let text = octet_for_octet(octets);
        match self {
            Self::Plain => Vec::from_iter(Some(0..end_of_first_lines(&text)).filter(|lines| !lines.is_empty())),
            Self::Html => legacy_display_html::elements(&text),
        }
    }
}

/// ASCII as it is and `?` for every other octet, so that places in the text are places in the octets.
pub(super) fn octet_for_octet(octets: &[u8]) -> String {
    octets.iter().map(|&b| if b.is_ascii() { char::from(b) } else { '?' }).collect()
}

/// What is left of `0..len` without these ranges, which are in their order and apart from each other.
pub(super) fn without(len: usize, ranges: &[Range<usize>]) -> impl Iterator<Item = Range<usize>> {
    let starts = std::iter::once(0).chain(ranges.iter().map(|range| range.end));
    let ends = ranges.iter().map(|range| range.start).chain([len]);
    starts.zip(ends).map(|(start, end)| start..end)
}

/// `Name: value` on one line: unfolded, encoded words decoded, without control characters
/// ([RFC 9788 §10.3](https://www.rfc-editor.org/rfc/rfc9788#section-10.3)).
pub(super) fn line(field: &Field) -> String {
    let is_space = |c: char| c == ' ' || c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    let text = field.text();
    let words: Vec<&str> = text.split(is_space).filter(|word| !word.is_empty()).collect();
    format!("{}: {}", field.name(), words.join(" "))
}

fn line_end(text: &str) -> &'static str {
    match text.find('\n') {
        Some(at) if !text[..at].ends_with('\r') => "\n",
        _ => "\r\n",
    }
}

/// Where the text begins after the first blank line; 0 where there is none.
fn end_of_first_lines(text: &str) -> usize {
    let mut at = 0;
    while let Some((line, tail)) = text[at..].split_once('\n') {
        at = text.len() - tail.len();
        if matches!(line, "" | "\r") {
            return at;
        }
    }
    0
}

#[cfg(test)]
mod tests {
    use super::*;
    use LegacyDisplay::{Html, Plain};

    fn hidden(fields: &[(&str, &str)]) -> Vec<Field> {
        fields.iter().map(|(name, text)| Field::new(name, text).unwrap()).collect()
    }

    /// R106, R110, R111, R114
    #[test]
    fn what_is_marked() {
        let of =
            |value: &str, encrypted| LegacyDisplay::marked(&ContentType::parse(value.as_bytes()).unwrap(), encrypted);
        assert_eq!(of("text/plain; hp-legacy-display=1", true), Some(Plain));
        assert_eq!(of("TEXT/HTML; HP-Legacy-Display=\"1\"", true), Some(Html));
        assert_eq!(of("text/plain; hp-legacy-display=1", false), None);
        assert_eq!(of("text/plain; hp-legacy-display=2", true), None);
        assert_eq!(of("text/plain", true), None);
        assert_eq!(of("text/markdown; hp-legacy-display=1", true), None);
        assert_eq!(of("multipart/mixed; hp-legacy-display=1", true), None);
    }

    /// R107: the example of RFC 9788 §5.2.2.
    #[test]
    fn plain_text() {
        let hidden = hidden(&[("Subject", "Thursday's meeting"), ("Cc", "alice@example.net")]);
        let text = "I think we should skip the meeting.\r\n";
        let with = Plain.insert(text, &hidden);
        assert_eq!(with, format!("Subject: Thursday's meeting\r\nCc: alice@example.net\r\n\r\n{text}"));
        assert_eq!(Plain.remove(&with), text);
        let field = Field::from_raw(b"Content-Type: text/plain; charset=UTF-8\r\n".to_vec()).unwrap();
        let marked = LegacyDisplay::mark(&field).unwrap();
        assert_eq!(marked.raw(), b"Content-Type: text/plain; charset=UTF-8; hp-legacy-display=\"1\"\r\n");
    }

    /// R109: a value that decodes to a blank line does not end the element early.
    #[test]
    fn values_are_one_line() {
        let raw = b"Subject: =?utf-8?q?K=C3=A4se=0D=0A=0D=0Abody?=\r\n =?utf-8?q?=E2=80=A8x?=   y\r\n".to_vec();
        let hidden = [Field::from_raw(raw).unwrap()];
        assert_eq!(Plain.insert("text\n", &hidden), "Subject: Käse body x y\n\ntext\n");
        assert_eq!(Plain.remove(&Plain.insert("text\n", &hidden)), "text\n");
    }

    /// R112
    #[test]
    fn plain_text_is_dropped_up_to_the_first_blank_line() {
        for (text, expect) in [
            ("a\n \nb\n\nc\n\nd", "c\n\nd"),
            ("\r\na", "a"),
            ("no blank line\n", "no blank line\n"),
            ("", ""),
            ("a\n\n", ""),
        ] {
            assert_eq!(Plain.remove(text), expect, "{text:?}");
        }
    }
}
