//! The cleartext signature framework (RFC 9580 §7), read strictly: what is not covered by the signature is told or refused.

const HEADER: &[u8] = b"-----BEGIN PGP SIGNED MESSAGE-----";
const SIGNATURE: &[u8] = b"-----BEGIN PGP SIGNATURE-----";
const END: &[u8] = b"-----END PGP SIGNATURE-----";

/// A text with its signatures, taken apart.
pub(crate) struct Cleartext<'a> {
    /// What is signed: without dash-escapes, without blanks at line ends, without the last line end.
    pub(crate) text: Vec<u8>,
    /// The armored block of the signatures.
    pub(crate) signatures: &'a [u8],
    /// What stands after that block.
    pub(crate) rest: &'a [u8],
    /// What was wrong with the form without making it doubtful what is signed.
    pub(crate) defects: Vec<String>,
}

/// Whether these octets begin as such a text does.
pub(crate) fn begins(octets: &[u8]) -> bool {
    octets.starts_with(HEADER)
}

/// Takes apart a text that begins with the header line.
///
/// # Errors
/// What breaks the grammar: a header that is not `Hash`, no empty line after the headers, another armor line inside the text,
/// no signature.
pub(crate) fn read(octets: &[u8]) -> Result<Cleartext<'_>, String> {
    let mut lines = Lines(octets);
    if lines.next().map(Line::without_blanks) != Some(HEADER) {
        return Err("the header line is not alone in its line".to_owned());
    }
    headers(&mut lines)?;

    let mut defects = Vec::new();
    let mut text = Vec::new();
    let mut end: &[u8] = b"";
    let signatures = loop {
        let at = lines.0;
        let line = lines.next().ok_or("there is no signature")?;
        if line.without_blanks() == SIGNATURE {
            break at;
        }
        text.extend_from_slice(end);
        text.extend_from_slice(unescaped(line, &mut defects)?);
        end = line.end;
    };
    loop {
        let line = lines.next().ok_or("the signature does not end")?;
        if line.without_blanks() == END {
            break;
        }
    }
    let signatures = &signatures[..signatures.len() - lines.0.len()];
    Ok(Cleartext { text, signatures, rest: lines.0, defects })
}

/// As [`read`], of a text after which nothing stands.
///
/// # Errors
/// As [`read`], and for what stands after it.
pub(crate) fn read_alone(octets: &[u8]) -> Result<Cleartext<'_>, String> {
    let cleartext = read(octets)?;
    match cleartext.rest.trim_ascii().is_empty() {
        true => Ok(cleartext),
        false => Err("something follows the signature".to_owned()),
    }
}

/// Reads the headers up to the empty line. They are not signed, and only `Hash` is one (RFC 9580 §7).
fn headers(lines: &mut Lines<'_>) -> Result<(), String> {
    loop {
        let line = lines.next().ok_or("there is no text")?;
        if line.octets.is_empty() {
            return Ok(());
        }
        let is_name = |octet: &u8| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b',' | b' ');
        match line.octets.strip_prefix(b"Hash: ") {
            Some(names) if names.iter().all(is_name) => {}
            _ => return Err("a header is not Hash".to_owned()),
        }
    }
}

/// A line of the text as it was signed.
fn unescaped<'a>(line: Line<'a>, defects: &mut Vec<String>) -> Result<&'a [u8], String> {
    let octets = line.without_blanks();
    if octets.starts_with(b"-----") {
        return Err("an armor line is inside the text".to_owned());
    }
    // The blank of an escape that nothing follows was a blank at the line's end.
    match line.octets.strip_prefix(b"- ") {
        Some(_) => Ok(octets.get(2..).unwrap_or_default()),
        None => {
            if octets.starts_with(b"-") && defects.is_empty() {
                defects.push("a line begins with a dash that is not escaped".to_owned());
            }
            Ok(octets)
        }
    }
}

/// A line and what ends it: LF, CRLF or nothing.
#[derive(Clone, Copy)]
struct Line<'a> {
    octets: &'a [u8],
    end: &'a [u8],
}

impl<'a> Line<'a> {
    /// Spaces and tabs at the end are not signed (RFC 9580 §7.2).
    fn without_blanks(self) -> &'a [u8] {
        let blanks = self.octets.iter().rev().take_while(|octet| matches!(octet, b' ' | b'\t')).count();
        &self.octets[..self.octets.len() - blanks]
    }
}

/// Lines one after another; what is left.
struct Lines<'a>(&'a [u8]);

impl<'a> Iterator for Lines<'a> {
    type Item = Line<'a>;

    fn next(&mut self) -> Option<Line<'a>> {
        if self.0.is_empty() {
            return None;
        }
        let whole = memchr::memchr(b'\n', self.0).map_or(self.0.len(), |at| at + 1);
        let (line, rest) = self.0.split_at(whole);
        self.0 = rest;
        let octets = line.strip_suffix(b"\n").map_or(line, |line| line.strip_suffix(b"\r").unwrap_or(line));
        Some(Line { octets, end: &line[octets.len()..] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLOCK: &str = "-----BEGIN PGP SIGNATURE-----\n\nwsE=\n-----END PGP SIGNATURE-----\n";

    fn of(headers: &str, text: &str) -> String {
        format!("-----BEGIN PGP SIGNED MESSAGE-----\n{headers}\n{text}\n{BLOCK}")
    }

    #[test]
    fn the_text_is_what_was_signed() {
        for (written, signed) in [
            ("one", "one"),
            ("", ""),
            ("one\n", "one\n"),
            ("one  \ntwo\t \n", "one\ntwo\n"),
            ("one\r\ntwo\r", "one\r\ntwo"),
            ("- - a list\n- -----BEGIN PGP SIGNATURE-----", "- a list\n-----BEGIN PGP SIGNATURE-----"),
            ("- \n- -", "\n-"),
            ("\n\n", "\n\n"),
        ] {
            let whole = of("Hash: SHA256, SHA512\n", written);
            let cleartext = read(whole.as_bytes()).unwrap();
            assert_eq!(String::from_utf8_lossy(&cleartext.text), signed);
            assert_eq!(cleartext.signatures, BLOCK.as_bytes());
            assert!(cleartext.rest.is_empty() && cleartext.defects.is_empty());
        }
    }

    /// What is not signed is not hidden: the rest, and dashes that were not escaped.
    #[test]
    fn the_rest_is_told() {
        let whole = of("", "-- \nsender") + "P.S.\n";
        let cleartext = read(whole.as_bytes()).unwrap();
        assert_eq!((cleartext.text.as_slice(), cleartext.rest), (&b"--\nsender"[..], &b"P.S.\n"[..]));
        assert_eq!(cleartext.defects.len(), 1);
    }

    /// Attack: text in the headers, which gpg of 2012 showed as if it were signed.
    #[test]
    fn what_breaks_the_grammar_is_refused() {
        for whole in [
            of("Comment: hidden\n", "text"),
            of("Hash: SHA256\r \n", "text"),
            of("Hash: SHA256\n \n", "text"),
            of("Hash: SHA256\u{b}text\n", "text"),
            of("", "-----BEGIN PGP SIGNED MESSAGE-----\n\nagain"),
            of("", "-----BEGIN PGP MESSAGE-----"),
            "-----BEGIN PGP SIGNED MESSAGE----- text\n\ntext\n".to_owned() + BLOCK,
            "-----BEGIN PGP SIGNED MESSAGE-----\n".to_owned(),
            "-----BEGIN PGP SIGNED MESSAGE-----\n\ntext\n".to_owned(),
            "-----BEGIN PGP SIGNED MESSAGE-----\n\ntext\n-----BEGIN PGP SIGNATURE-----\n\nwsE=\n".to_owned(),
        ] {
            assert!(begins(whole.as_bytes()));
            assert!(read(whole.as_bytes()).is_err(), "{whole}");
        }
    }
}
