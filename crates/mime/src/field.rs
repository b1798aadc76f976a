//! One header field ([RFC 5322 §2.2](https://www.rfc-editor.org/rfc/rfc5322#section-2.2)), its octets kept as they came.

use crate::Error;
use crate::text::{decode_unstructured, encode_unstructured};
use std::borrow::Cow;

/// A header field with its raw octets, line ends included.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Field {
    raw: Vec<u8>,
    name: usize,
    value: usize,
}

impl Field {
    /// An unstructured field of any text: 7-bit, folded, `\r\n` at its end. Text outside printable ASCII is written as
    /// encoded words ([RFC 2047](https://www.rfc-editor.org/rfc/rfc2047)).
    ///
    /// Fails where `name` is no field name or `text` holds control characters other than tab.
    pub fn new(name: &str, text: &str) -> Result<Self, Error> {
        let fail = |why| Error::Field { name: name.to_owned(), why };
        if text.chars().any(|c| c.is_control() && c != '\t') {
            return Err(fail("control character in the value"));
        }
        Self::from_raw(encode_unstructured(name, text)).ok_or(fail("not a field name"))
    }

    /// A structured field whose value is 7-bit already; folded at its white space where it is longer than 76 octets.
    ///
    /// Fails where `name` is no field name or `value` is not printable ASCII, space and tab.
    pub fn structured(name: &str, value: &str) -> Result<Self, Error> {
        let fail = |why| Error::Field { name: name.to_owned(), why };
        if value.bytes().any(|b| !matches!(b, b'\t' | b' '..=b'~')) {
            return Err(fail("octet outside printable ASCII"));
        }
        Self::from_raw(fold(name, value)).ok_or(fail("not a field name"))
    }

    /// The field in `raw`: `name: value` and the lines that continue it, line ends included. `None` where the first line
    /// is no field or a later one no continuation.
    pub fn from_raw(raw: Vec<u8>) -> Option<Self> {
        let (name, value) = split(&raw)?;
        let mut lines = raw.split_inclusive(|&b| b == b'\n').skip(1);
        lines.all(|line| matches!(line.first(), Some(b' ' | b'\t'))).then_some(Self { raw, name, value })
    }

    /// The name as written.
    pub fn name(&self) -> &str {
        std::str::from_utf8(&self.raw[..self.name]).unwrap_or_default()
    }

    /// Whether the field has this name; names compare without regard to case.
    pub fn is(&self, name: &str) -> bool {
        self.name().eq_ignore_ascii_case(name)
    }

    /// Whether it belongs to the structure and not to the message: MIME-Version and Content-* (RFC 9788 §1.9).
    pub fn is_structural(&self) -> bool {
        let name = self.name();
        self.is("MIME-Version") || name.get(..8).is_some_and(|start| start.eq_ignore_ascii_case("Content-"))
    }

    /// All octets of the field, line ends included.
    pub fn raw(&self) -> &[u8] {
        &self.raw
    }

    /// The unfolded value: line ends before white space are gone, and so is white space at both ends.
    pub fn value(&self) -> Cow<'_, [u8]> {
        let value = self.raw[self.value..].trim_ascii();
        if memchr::memchr(b'\n', value).is_none() {
            return Cow::Borrowed(value);
        }
        let mut unfolded = Vec::with_capacity(value.len());
        for line in value.split_inclusive(|&b| b == b'\n') {
            let line = line.strip_suffix(b"\n").map_or(line, |l| l.strip_suffix(b"\r").unwrap_or(l));
            unfolded.extend_from_slice(line);
        }
        Cow::Owned(unfolded)
    }

    /// The value as text for people: encoded words decoded, invalid octets replaced.
    pub fn text(&self) -> String {
        decode_unstructured(&self.value())
    }
}

impl std::fmt::Debug for Field {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Field({:?})", String::from_utf8_lossy(&self.raw))
    }
}

/// Gives the length of the name and the offset of the value where `line` begins a field. White space before the colon is
/// the obsolete form of RFC 5322 §4.5.
pub(crate) fn split(line: &[u8]) -> Option<(usize, usize)> {
    let name = line.iter().position(|b| !matches!(b, b'!'..=b'9' | b';'..=b'~'))?;
    let space = line[name..].iter().position(|b| !matches!(b, b' ' | b'\t'))?;
    let colon = name + space;
    (name > 0 && line[colon] == b':').then_some((name, colon + 1))
}

/// `name: value` with line breaks put before white space so that lines stay within 76 octets where they can.
fn fold(name: &str, value: &str) -> Vec<u8> {
    let mut out = format!("{name}:").into_bytes();
    let mut column = out.len();
    let mut rest = value.trim_matches([' ', '\t']);
    let mut first = true;
    while !rest.is_empty() {
        let word_start = rest.find(|c| c != ' ' && c != '\t').unwrap_or(rest.len());
        let word_end = rest[word_start..].find([' ', '\t']).map_or(rest.len(), |end| word_start + end);
        let (word, tail) = rest.split_at(word_end);
        if first {
            out.push(b' ');
            column += 1;
        } else if column + word.len() > 76 {
            out.extend_from_slice(b"\r\n");
            column = 0;
        }
        out.extend_from_slice(word.as_bytes());
        column += word.len();
        first = false;
        rest = tail;
    }
    out.extend_from_slice(b"\r\n");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn raw_octets_are_kept_and_the_value_is_unfolded() {
        let field = Field::from_raw(b"Subject :  a\r\n\tb \n c\r\n".to_vec()).unwrap();
        assert_eq!(field.name(), "Subject");
        assert!(field.is("subject"));
        assert_eq!(&*field.value(), b"a\tb  c");
        assert_eq!(field.raw(), b"Subject :  a\r\n\tb \n c\r\n");
    }

    #[test]
    fn what_is_no_field_is_none() {
        for raw in
            ["no colon\r\n", ": empty\r\n", "\u{fc}: x\r\n", "", "a: b\r\nc: d\r\n", " a: b\r\n", "From x: y\r\n"]
        {
            assert_eq!(Field::from_raw(raw.as_bytes().to_vec()), None, "{raw:?}");
        }
    }

    /// R27
    #[test]
    fn written_7bit_and_folded() {
        let long = "word ".repeat(40) + "Käse " + &"word ".repeat(40);
        let field = Field::new("Subject", &long).unwrap();
        assert!(field.raw().is_ascii());
        assert!(field.raw().split(|&b| b == b'\n').all(|line| line.len() <= 78), "{field:?}");
        assert_eq!(field.text(), long.trim());
        assert!(Field::new("Subject", "a\r\nBcc: x").is_err());
        assert!(Field::new("Sub ject", "a").is_err());
        assert!(Field::structured("X", "a\nb").is_err());
        let folded = Field::structured("References", &"<id@example.org> ".repeat(10)).unwrap();
        assert!(folded.raw().split(|&b| b == b'\n').all(|line| line.len() <= 77));
        assert_eq!(&*folded.value(), "<id@example.org> ".repeat(10).trim().as_bytes());
    }

    #[test]
    fn structural_names() {
        for (raw, expect) in
            [("content-TYPE: x", true), ("MIME-Version: 1.0", true), ("Contents: x", false), ("é", false)]
        {
            assert_eq!(Field::from_raw(raw.as_bytes().to_vec()).is_some_and(|f| f.is_structural()), expect, "{raw}");
        }
    }
}
