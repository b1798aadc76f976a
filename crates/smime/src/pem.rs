//! Textual encodings ([RFC 7468](https://www.rfc-editor.org/rfc/rfc7468)) as they are found in the wild: any number of
//! blocks, text between them, lines of any length.

use base64ct::{Base64, Encoding};
use mailseal_core::Error;
use zeroize::Zeroizing;

/// One block.
pub(crate) struct Block {
    /// Its label, e.g. `CERTIFICATE`.
    pub(crate) label: String,
    /// Its octets.
    pub(crate) octets: Zeroizing<Vec<u8>>,
}

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";
const DASHES: &str = "-----";

/// The blocks of `encoded`, or `None` when it has no block at all (it is binary then).
///
/// # Errors
/// [`Error::Malformed`] for a block without end, without base64, or with the encryption headers of RFC 1421, which
/// OpenSSL wrote before PKCS#8.
pub(crate) fn blocks(encoded: &[u8]) -> Result<Option<Vec<Block>>, Error> {
    if encoded.first() == Some(&0x30) {
        return Ok(None); // a DER or BER SEQUENCE
    }
    let Ok(text) = std::str::from_utf8(encoded) else { return Ok(None) };
    let mut blocks = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        // ASCII armor of OpenPGP (RFC 9580 §6.2) is for others.
        let Some(label) = label(line, BEGIN).filter(|label| !label.starts_with("PGP ")) else { continue };
        let mut base64 = Zeroizing::new(String::new());
        loop {
            let line = lines.next().ok_or_else(|| Error::malformed("PEM", format!("{label} has no end")))?;
            match self::label(line, END) {
                Some(end) if end == label => break,
                Some(end) => return Err(Error::malformed("PEM", format!("{label} ends as {end}"))),
                None if line.contains(':') => {
                    return Err(Error::Unsupported("PEM encryption of RFC 1421; use PKCS#8".into()));
                }
                None => base64.extend(line.chars().filter(|c| !c.is_ascii_whitespace())),
            }
        }
        let octets =
            Base64::decode_vec(&base64).map_err(|_| Error::malformed("PEM", format!("{label} is not base64")))?;
        blocks.push(Block { label: label.to_owned(), octets: Zeroizing::new(octets) });
    }
    Ok((!blocks.is_empty()).then_some(blocks))
}

/// One block as text, with lines of 64 characters (RFC 7468 §2).
pub(crate) fn write(label: &str, octets: &[u8]) -> Zeroizing<String> {
    let base64 = Zeroizing::new(Base64::encode_string(octets));
    let room = base64.len() + base64.len() / 64 + 2 * (label.len() + 20);
    let mut text = Zeroizing::new(String::with_capacity(room));
    text.extend([BEGIN, label, DASHES, "\n"]);
    let mut rest = base64.as_str();
    while !rest.is_empty() {
        let (line, more) = rest.split_at(rest.len().min(64));
        text.extend([line, "\n"]);
        rest = more;
    }
    text.extend([END, label, DASHES, "\n"]);
    text
}

/// The label of an encapsulation boundary (RFC 7468 §2).
fn label<'a>(line: &'a str, start: &str) -> Option<&'a str> {
    line.trim().strip_prefix(start)?.strip_suffix(DASHES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_blocks_with_text_between() {
        let text = "Bag Attributes\n-----BEGIN A B-----\r\nAQI\r\nD\r\n-----END A B-----\nmore: text\n-----BEGIN C-----\n-----END C-----\n";
        let blocks = blocks(text.as_bytes()).unwrap().unwrap();
        assert_eq!(blocks.len(), 2);
        assert_eq!((blocks[0].label.as_str(), &blocks[0].octets[..]), ("A B", &[1, 2, 3][..]));
        assert!(blocks[1].octets.is_empty());
    }

    #[test]
    fn what_is_written_is_read() {
        for len in [0, 1, 47, 48, 49, 1000] {
            let octets: Vec<u8> = (0..len).map(|i| (i % 251) as u8).collect();
            let text = write("A B", &octets);
            assert!(text.lines().all(|line| line.len() <= 64));
            let blocks = blocks(text.as_bytes()).unwrap().unwrap();
            assert_eq!((blocks[0].label.as_str(), &blocks[0].octets[..]), ("A B", &octets[..]));
        }
    }

    #[test]
    fn tells_binary_from_broken_text() {
        assert!(blocks(&[0x30, 0x80, 0, 0]).unwrap().is_none());
        assert!(blocks(b"hello").unwrap().is_none());
        assert!(blocks(b"").unwrap().is_none());
        let armor = "-----BEGIN PGP PUBLIC KEY BLOCK-----\nComment: x\n\nAQID\n-----END PGP PUBLIC KEY BLOCK-----\n";
        assert!(blocks(armor.as_bytes()).unwrap().is_none());
        for bad in [
            "-----BEGIN A-----\nAQID\n",
            "-----BEGIN A-----\nAQID\n-----END B-----",
            "-----BEGIN A-----\n!!!\n-----END A-----",
            "-----BEGIN A-----\nProc-Type: 4,ENCRYPTED\n\nAQID\n-----END A-----",
        ] {
            assert!(blocks(bad.as_bytes()).is_err(), "{bad}");
        }
    }
}
