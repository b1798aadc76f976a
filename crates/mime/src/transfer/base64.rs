//! base64 ([RFC 2045 §6.8](https://www.rfc-editor.org/rfc/rfc2045#section-6.8)).

use encodify::base64::{MIME, STANDARD};
use std::io::{self, Read, Write};

/// Encoded octets read at once.
const CHUNK: usize = 48 << 10;

/// Octets that make one line of 76 characters.
const LINE: usize = 57;

/// Decodes base64 as it is read. White space is skipped everywhere.
#[derive(Debug)]
pub struct Base64Decoder<R> {
    input: R,
    strict: bool,
    raw: Vec<u8>,
    /// Characters, white space left out, that are not decoded yet; fewer than four between reads.
    chars: Vec<u8>,
    out: Vec<u8>,
    out_pos: usize,
    /// Strict: the padding has been seen, nothing may follow.
    padded: bool,
    at_end: bool,
}

impl<R: Read> Base64Decoder<R> {
    /// Skips octets outside the alphabet, goes on after padding, and does without padding.
    pub fn lenient(input: R) -> Self {
        Self::new(input, false)
    }

    /// Takes all of these as errors of kind [`io::ErrorKind::InvalidData`].
    pub fn strict(input: R) -> Self {
        Self::new(input, true)
    }

    fn new(input: R, strict: bool) -> Self {
        let (raw, chars, out) = (vec![0; CHUNK], Vec::with_capacity(CHUNK + 4), Vec::with_capacity(CHUNK));
        Self { input, strict, raw, chars, out, out_pos: 0, padded: false, at_end: false }
    }

    fn refill(&mut self) -> io::Result<()> {
        let count = self.input.read(&mut self.raw)?;
        self.out.clear();
        self.out_pos = 0;
        self.at_end = count == 0;
        gather(&self.raw[..count], &mut self.chars);
        let whole = self.chars.len() / 4 * 4;
        if self.padded && !self.chars.is_empty() {
            return Err(invalid("data after the base64 padding"));
        }
        match STANDARD.decode_append(&self.chars[..whole], &mut self.out) {
            Ok(_) => {
                self.padded = self.strict && self.chars[..whole].ends_with(b"=");
                self.chars.drain(..whole);
            }
            Err(_) if self.strict => return Err(invalid("not base64")),
            Err(_) => self.decode_slowly(),
        }
        if self.at_end && !self.chars.is_empty() {
            if self.strict {
                return Err(invalid("base64 ends within a group of four"));
            }
            self.decode_slowly();
            push_group(&mut self.chars, &mut self.out);
        }
        Ok(())
    }

    /// Decodes what can be where padding or foreign octets stand between.
    fn decode_slowly(&mut self) {
        let mut group = Vec::with_capacity(4);
        for &c in &self.chars {
            match c {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' => group.push(c),
                b'=' => push_group(&mut group, &mut self.out),
                _ => {}
            }
            if group.len() == 4 {
                push_group(&mut group, &mut self.out);
            }
        }
        self.chars = group;
    }
}

impl<R: Read> Read for Base64Decoder<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        while self.out_pos == self.out.len() && !self.at_end {
            self.refill()?;
        }
        let count = (&self.out[self.out_pos..]).read(buf)?;
        self.out_pos += count;
        Ok(count)
    }
}

/// Appends `raw` without its white space.
fn gather(raw: &[u8], chars: &mut Vec<u8>) {
    for line in raw.split(|&b| b == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.iter().any(u8::is_ascii_whitespace) {
            chars.extend(line.iter().filter(|b| !b.is_ascii_whitespace()));
        } else {
            chars.extend_from_slice(line);
        }
    }
}

/// Decodes a group of up to four characters of the alphabet and empties it; a single one carries no octet.
fn push_group(group: &mut Vec<u8>, out: &mut Vec<u8>) {
    let mut bits = 0_u32;
    for &c in group.iter() {
        let value = match c {
            b'A'..=b'Z' => c - b'A',
            b'a'..=b'z' => c - b'a' + 26,
            b'0'..=b'9' => c - b'0' + 52,
            b'+' => 62,
            _ => 63,
        };
        bits = bits << 6 | u32::from(value);
    }
    let len = group.len().saturating_sub(1).min(3);
    bits <<= 6 * 4_u32.saturating_sub(group.len() as u32);
    out.extend_from_slice(&bits.to_be_bytes()[1..1 + len]);
    group.clear();
}

fn invalid(why: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

/// Encodes what is written to it: lines of 76 characters with CRLF between them, none after the last.
#[derive(Debug)]
pub struct Base64Encoder<W: Write> {
    out: W,
    /// Octets that are not written yet.
    pending: Vec<u8>,
    text: Vec<u8>,
    begun: bool,
}

impl<W: Write> Base64Encoder<W> {
    /// Encoded text goes to `out`.
    pub fn new(out: W) -> Self {
        Self { out, pending: Vec::new(), text: Vec::new(), begun: false }
    }

    /// Writes the last line and gives `out` back. Without this the end is lost.
    pub fn finish(mut self) -> io::Result<W> {
        let pending = std::mem::take(&mut self.pending);
        self.lines(&pending)?;
        Ok(self.out)
    }

    fn lines(&mut self, octets: &[u8]) -> io::Result<()> {
        for chunk in octets.chunks(LINE * 512) {
            self.text.clear();
            MIME.encode_append(chunk, &mut self.text);
            let text = self.text.strip_suffix(b"\r\n").unwrap_or(&self.text);
            if self.begun {
                self.out.write_all(b"\r\n")?;
            }
            self.out.write_all(text)?;
            self.begun = true;
        }
        Ok(())
    }
}

impl<W: Write> Write for Base64Encoder<W> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        let mut rest = buf;
        if !self.pending.is_empty() {
            let missing = (LINE - self.pending.len()).min(rest.len());
            self.pending.extend_from_slice(&rest[..missing]);
            rest = &rest[missing..];
            if self.pending.len() < LINE {
                return Ok(buf.len());
            }
            let line = std::mem::take(&mut self.pending);
            self.lines(&line)?;
        }
        let (lines, tail) = rest.split_at(rest.len() / LINE * LINE);
        self.lines(lines)?;
        self.pending.extend_from_slice(tail);
        Ok(buf.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transfer::chunked::Chunked;
    use proptest::prelude::*;

    fn encode(octets: &[u8], chunk: usize) -> Vec<u8> {
        let mut encoder = Base64Encoder::new(Vec::new());
        octets.chunks(chunk).for_each(|c| encoder.write_all(c).unwrap());
        encoder.finish().unwrap()
    }

    fn decode(text: &[u8], strict: bool) -> io::Result<Vec<u8>> {
        let mut out = Vec::new();
        Base64Decoder::new(Chunked::new(text, 7), strict).read_to_end(&mut out).map(|_| out)
    }

    /// The test vectors of RFC 4648 §10.
    #[test]
    fn vectors() {
        for (plain, text) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(encode(plain.as_bytes(), 1), text.as_bytes());
            assert_eq!(decode(text.as_bytes(), true).unwrap(), plain.as_bytes());
            assert_eq!(decode(text.as_bytes(), false).unwrap(), plain.as_bytes());
        }
    }

    /// R14
    #[test]
    fn strict_takes_white_space_and_nothing_else() {
        assert_eq!(decode(b" Zm\r\n9v \tYg\n==\r\n\r\n", true).unwrap(), b"foob");
        for text in ["Zm9v!", "Zm9vYg", "Zm9vYg=", "Zm9vYg==Zm9v", "Zg=a", "====", "Zm9vY", "Zm9v-_-_", "Zg==\nx"] {
            let error = decode(text.as_bytes(), true).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidData, "{text}");
        }
    }

    #[test]
    fn lenient_skips_and_goes_on() {
        for (text, plain) in [
            ("Zm9v!Yg", "foob"),
            ("Zg==Zm9v", "ffoo"),
            ("Z-m9v", "foo"),
            ("Zm9vY", "foo"),
            ("=", ""),
            ("Zg=Zm8", "ffo"),
        ] {
            assert_eq!(decode(text.as_bytes(), false).unwrap(), plain.as_bytes(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn round_trip(octets in proptest::collection::vec(any::<u8>(), 0..400), chunk in 1usize..90) {
            let text = encode(&octets, chunk);
            prop_assert!(text.split(|&b| b == b'\n').all(|line| line.len() <= 77));
            prop_assert!(!text.ends_with(b"\n"));
            prop_assert_eq!(&decode(&text, true).unwrap(), &octets);
            prop_assert_eq!(&decode(&text, false).unwrap(), &octets);
        }

        /// Against mail-parser's decoder, which is independent of the one used here.
        #[test]
        fn agrees_with_another_decoder(octets in proptest::collection::vec(any::<u8>(), 0..400)) {
            let text = encode(&octets, 57);
            prop_assert_eq!(mail_parser::decoders::base64::base64_decode(&text).unwrap(), octets);
        }

        #[test]
        fn any_text(text in proptest::collection::vec(any::<u8>(), 0..400)) {
            decode(&text, false).unwrap();
            let _ = decode(&text, true);
        }
    }
}
