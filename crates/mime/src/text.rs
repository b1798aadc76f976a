//! Text of header fields: encoded words of [RFC 2047](https://www.rfc-editor.org/rfc/rfc2047), and charsets.

use encodify::{Fold, rfc2047};
use mail_parser::decoders::charsets::map::charset_decoder;

/// Octets in `charset` as text. Unknown charsets are read as UTF-8; what is invalid becomes U+FFFD.
pub fn decode_charset(charset: &str, octets: &[u8]) -> String {
    match charset_decoder(charset.as_bytes()) {
        Some(decode) if !charset.is_empty() => decode(octets),
        _ => String::from_utf8_lossy(octets).into_owned(),
    }
}

/// An unfolded unstructured value as text.
pub(crate) fn decode_unstructured(value: &[u8]) -> String {
    let convert = |charset: &[u8], octets: &[u8], out: &mut String| {
        out.push_str(&decode_charset(&String::from_utf8_lossy(charset), octets));
    };
    rfc2047::decode_text(value, convert).into_owned()
}

/// `name: text` as a whole field: 7-bit, folded, ending in CRLF. `text` must hold no line ends.
pub(crate) fn encode_unstructured(name: &str, text: &str) -> Vec<u8> {
    let text = text.trim_matches([' ', '\t']);
    let mut field = format!("{name}: ");
    let mut column = field.len();
    let mut at = 0;
    while at < text.len() {
        let start = at;
        at += first_word(&text[at..]);
        let plain = is_plain(&text[start..at]);
        // White space between encoded words is lost, so words that need encoding are encoded together.
        while !plain && at < text.len() && !is_plain(&text[at..at + first_word(&text[at..])]) {
            at += first_word(&text[at..]);
        }
        let run = &text[start..at];
        let words = run.trim_start_matches([' ', '\t']);
        let space = &run[..run.len() - words.len()];
        let width = if plain { words.len() } else { 20 };
        if column + space.len() + width > 76 && !space.is_empty() {
            field.push_str("\r\n");
            column = 0;
        }
        field.push_str(space);
        column += space.len();
        if plain {
            field.push_str(words);
            column += words.len();
        } else {
            rfc2047::B.encode_words("utf-8", words, &mut column, Fold::HEADER, &mut field);
        }
    }
    field.push_str("\r\n");
    field.into_bytes()
}

/// Length of the first word with the white space before it.
fn first_word(text: &str) -> usize {
    let word = text.find(|c| c != ' ' && c != '\t').unwrap_or(text.len());
    text[word..].find([' ', '\t']).map_or(text.len(), |end| word + end)
}

/// Whether a word may be written as it is: printable ASCII, no look-alike of an encoded word, short enough for a line.
fn is_plain(word: &str) -> bool {
    word.bytes().all(|b| matches!(b, b'\t' | b' '..=b'~')) && !word.contains("=?") && word.len() < 900
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// R27: what is written is 7-bit, in short lines, and reads as it was meant.
        #[test]
        fn encoded_text_reads_the_same(text in "([a-z=?_ ]|\\PC){0,200}") {
            let text = text.trim_matches([' ', '\t']);
            let raw = encode_unstructured("Subject", text);
            prop_assert!(raw.is_ascii());
            let field = crate::Field::from_raw(raw).unwrap();
            prop_assert!(field.raw().split(|&b| b == b'\n').all(|line| line.len() < 998));
            prop_assert_eq!(field.text(), text);
        }
    }

    #[test]
    fn charsets() {
        assert_eq!(decode_charset("iso-8859-1", b"K\xe4se"), "Käse");
        assert_eq!(decode_charset("no-such", "Käse".as_bytes()), "Käse");
        assert_eq!(decode_charset("", b"\xff"), "\u{fffd}");
        assert_eq!(decode_unstructured(b"=?iso-2022-jp?B?GyRCJTMbKEI=?= x"), "\u{30b3} x");
    }
}
