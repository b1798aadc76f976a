//! quoted-printable ([RFC 2045 §6.7](https://www.rfc-editor.org/rfc/rfc2045#section-6.7)).

use memchr::{memchr, memrchr};
use std::io::{self, Read, Write};

/// Octets read at once, and the longest white space that is held back until it is known whether a line ends after it.
const CHUNK: usize = 32 << 10;

/// Characters in a line before the last space or first character grows to three and a `=` is put: 71 + 2 + 2 + 1 = 76.
const LINE: usize = 71;

/// Decodes quoted-printable as it is read. Line ends stay as they are, white space before them is removed, and what is no
/// valid escape is taken as it is.
#[derive(Debug)]
pub struct QuotedPrintableDecoder<R> {
    input: R,
    raw: Vec<u8>,
    /// Octets that are not decoded yet.
    held: Vec<u8>,
    out: Vec<u8>,
    out_pos: usize,
    at_end: bool,
}

impl<R: Read> QuotedPrintableDecoder<R> {
    /// Decodes what `input` gives.
    pub fn new(input: R) -> Self {
        Self { input, raw: vec![0; CHUNK], held: Vec::new(), out: Vec::new(), out_pos: 0, at_end: false }
    }

    fn refill(&mut self) -> io::Result<()> {
        let count = self.input.read(&mut self.raw)?;
        self.out.clear();
        self.out_pos = 0;
        self.at_end = count == 0;
        self.held.extend_from_slice(&self.raw[..count]);
        let held = std::mem::take(&mut self.held);
        let whole = memrchr(b'\n', &held).map_or(0, |at| at + 1);
        held[..whole].split_inclusive(|&b| b == b'\n').for_each(|line| decode_line(line, &mut self.out));
        let tail = &held[whole..];
        if self.at_end {
            decode_line(tail, &mut self.out);
        } else {
            let safe = if tail.len() < CHUNK { safe_len(tail) } else { tail.len() - 2 };
            decode_escapes(&tail[..safe], &mut self.out);
            self.held.extend_from_slice(&tail[safe..]);
        }
        Ok(())
    }
}

impl<R: Read> Read for QuotedPrintableDecoder<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        while self.out_pos == self.out.len() && !self.at_end {
            self.refill()?;
        }
        let count = (&self.out[self.out_pos..]).read(buf)?;
        self.out_pos += count;
        Ok(count)
    }
}

/// How much of an unfinished line can be decoded whatever follows: not the white space at its end, nor a `=` near it.
fn safe_len(text: &[u8]) -> usize {
    let end = text.len() - text.iter().rev().take_while(|b| matches!(b, b' ' | b'\t' | b'\r')).count();
    memrchr(b'=', &text[end.saturating_sub(3)..end]).map_or(end, |at| end.saturating_sub(3) + at)
}

/// Decodes a line, its line end included if it has one.
fn decode_line(line: &[u8], out: &mut Vec<u8>) {
    let text = line.strip_suffix(b"\n").map_or(line, |text| text.strip_suffix(b"\r").unwrap_or(text));
    let line_end = &line[text.len()..];
    let text = &text[..text.len() - text.iter().rev().take_while(|b| matches!(b, b' ' | b'\t')).count()];
    match text.strip_suffix(b"=") {
        Some(text) => decode_escapes(text, out),
        None => {
            decode_escapes(text, out);
            out.extend_from_slice(line_end);
        }
    }
}

fn decode_escapes(text: &[u8], out: &mut Vec<u8>) {
    let hex = |b: u8| char::from(b).to_digit(16);
    let mut rest = text;
    while let Some(at) = memchr(b'=', rest) {
        out.extend_from_slice(&rest[..at]);
        rest = &rest[at..];
        let octet = match rest {
            [_, high, low, ..] => hex(*high).zip(hex(*low)).map(|(high, low)| (high * 16 + low) as u8),
            _ => None,
        };
        out.push(octet.unwrap_or(b'='));
        rest = &rest[if octet.is_some() { 3 } else { 1 }..];
    }
    out.extend_from_slice(rest);
}

/// Encodes text with CRLF line ends so that it survives signing (RFC 3156 §3, RFC 8551 §3.1.3): no line ends in white
/// space, begins with `From `, with a dot alone or with `--`, or is longer than 76; a CR or LF alone is escaped.
#[derive(Debug)]
pub struct QuotedPrintableEncoder<W: Write> {
    out: W,
    /// The encoded line so far.
    line: Vec<u8>,
    after_cr: bool,
}

impl<W: Write> QuotedPrintableEncoder<W> {
    /// Encoded text goes to `out`.
    pub fn new(out: W) -> Self {
        Self { out, line: Vec::with_capacity(80), after_cr: false }
    }

    /// Writes the last line and gives `out` back. Without this the end is lost. No line end is added.
    pub fn finish(mut self) -> io::Result<W> {
        if self.after_cr {
            self.escape(b'\r')?;
        }
        self.end_line(b"")?;
        Ok(self.out)
    }

    fn octet(&mut self, b: u8) -> io::Result<()> {
        if std::mem::take(&mut self.after_cr) {
            if b == b'\n' {
                return self.end_line(b"\r\n");
            }
            self.escape(b'\r')?;
        }
        match b {
            b'\r' => {
                self.after_cr = true;
                Ok(())
            }
            b if is_plain(b) => {
                self.make_room(1)?;
                self.line.push(b);
                Ok(())
            }
            _ => self.escape(b),
        }
    }

    fn escape(&mut self, b: u8) -> io::Result<()> {
        self.make_room(3)?;
        self.line.extend_from_slice(&escaped(b));
        Ok(())
    }

    fn make_room(&mut self, len: usize) -> io::Result<()> {
        if self.line.len() + len <= LINE {
            return Ok(());
        }
        self.write_line(b"=\r\n")
    }

    /// Ends a line of text: white space at its end is escaped.
    fn end_line(&mut self, line_end: &[u8]) -> io::Result<()> {
        if let Some(&space @ (b' ' | b'\t')) = self.line.last() {
            self.line.pop();
            self.line.extend_from_slice(&escaped(space));
        }
        self.write_line(line_end)
    }

    fn write_line(&mut self, line_end: &[u8]) -> io::Result<()> {
        let line = self.line.as_slice();
        if line.starts_with(b"From ") || line.starts_with(b"--") || line == b"." {
            self.out.write_all(&escaped(line[0]))?;
            self.out.write_all(&line[1..])?;
        } else {
            self.out.write_all(line)?;
        }
        self.line.clear();
        self.out.write_all(line_end)
    }
}

impl<W: Write> Write for QuotedPrintableEncoder<W> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        let mut rest = buf;
        while let Some((&first, tail)) = rest.split_first() {
            let room = LINE - self.line.len();
            let run = if self.after_cr { 0 } else { rest.iter().take(room).take_while(|b| is_plain(**b)).count() };
            if run > 0 {
                self.line.extend_from_slice(&rest[..run]);
                rest = &rest[run..];
            } else {
                self.octet(first)?;
                rest = tail;
            }
        }
        Ok(buf.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Whether an octet stands for itself, if no line ends after it.
fn is_plain(b: u8) -> bool {
    matches!(b, b'\t' | b' '..=b'<' | b'>'..=b'~')
}

fn escaped(b: u8) -> [u8; 3] {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    [b'=', HEX[usize::from(b >> 4)], HEX[usize::from(b & 15)]]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transfer::chunked::Chunked;
    use proptest::prelude::*;

    fn encode(octets: &[u8], chunk: usize) -> Vec<u8> {
        let mut encoder = QuotedPrintableEncoder::new(Vec::new());
        octets.chunks(chunk).for_each(|c| encoder.write_all(c).unwrap());
        encoder.finish().unwrap()
    }

    fn decode(text: &[u8], chunk: usize) -> Vec<u8> {
        let mut out = Vec::new();
        QuotedPrintableDecoder::new(Chunked::new(text, chunk)).read_to_end(&mut out).unwrap();
        out
    }

    /// RFC 2045 §6.7
    #[test]
    fn decodes_the_rules() {
        for (text, plain) in [
            (
                &b"Now's the time =\r\nfor all folk to come=\r\n to the aid of their country."[..],
                &b"Now's the time for all folk to come to the aid of their country."[..],
            ),
            (b"a=3Db=3d \t\r\nc  \n", b"a=b=\r\nc\n"),
            (b"soft=  \t\r\nbreak", b"softbreak"),
            (b"bad =zz =4 =", b"bad =zz =4 "),
            (b"bare\rcr=0D=0A", b"bare\rcr\r\n"),
            (b"trailing \t ", b"trailing"),
        ] {
            for chunk in 1..9 {
                assert_eq!(String::from_utf8_lossy(&decode(text, chunk)), String::from_utf8_lossy(plain), "{chunk}");
            }
        }
    }

    /// R18-R21
    #[test]
    fn encodes_what_would_not_survive() {
        for (plain, text) in [
            ("From me\r\nfrom me", "=46rom me\r\nfrom me"),
            ("-- \r\nsig \r\n\t\r\n", "=2D-=20\r\nsig=20\r\n=09\r\n"),
            (".\r\n.x", "=2E\r\n.x"),
            ("a\rb\nc\0=", "a=0Db=0Ac=00=3D"),
            ("K\u{e4}se", "K=C3=A4se"),
            ("--boundary\r\n", "=2D-boundary\r\n"),
        ] {
            assert_eq!(String::from_utf8_lossy(&encode(plain.as_bytes(), 1)), text);
        }
    }

    proptest! {
        #[test]
        fn round_trip(octets in "([ -~\t\r\n]|From |\r\n|\\PC){0,300}", chunk in 1usize..50) {
            let text = encode(octets.as_bytes(), chunk);
            prop_assert!(text.is_ascii());
            for line in text.split(|&b| b == b'\n') {
                let line = line.strip_suffix(b"\r").unwrap_or(line);
                prop_assert!(line.len() <= 76 && !line.contains(&b'\r') && !line.starts_with(b"From ") && !line.starts_with(b"--"));
                prop_assert!(!matches!(line.last(), Some(b' ' | b'\t')));
            }
            prop_assert_eq!(&decode(&text, chunk), octets.as_bytes());
        }

        /// Against mail-parser's decoder, which is independent of this one.
        #[test]
        fn agrees_with_another_decoder(octets in proptest::collection::vec(any::<u8>(), 0..300)) {
            let text = encode(&octets, 64);
            let other = mail_parser::decoders::quoted_printable::quoted_printable_decode(&text);
            prop_assert_eq!(other.unwrap(), octets);
        }

        #[test]
        fn chunk_borders_do_not_matter(text in "(=[0-9A-F]{2}|=\r\n|[= \t\r\na-c]){0,200}", chunk in 1usize..20) {
            prop_assert_eq!(decode(text.as_bytes(), chunk), decode(text.as_bytes(), 1 << 20));
        }
    }
}
