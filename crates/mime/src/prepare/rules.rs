//! What octets must be like to survive as they are.

use memchr::{memchr, memchr_iter};
use std::io::{self, Write};

/// Longest line without its line end: RFC 5322 §2.1.1.
const LINE: usize = 998;

/// Looks at what is written to it and remembers which rules it breaks. [`Scan::finish`] must be called at the end.
#[derive(Debug, Clone, Default)]
pub struct Scan {
    /// An octet above 127.
    pub eight_bit: bool,
    /// A NUL.
    pub nul: bool,
    /// A CR that no LF follows.
    pub bare_cr: bool,
    /// A LF that follows no CR.
    pub bare_lf: bool,
    /// A line of more than 998 octets.
    pub long_line: bool,
    /// White space at the end of a line.
    pub trailing_space: bool,
    /// A line that begins with `From `.
    pub from_line: bool,
    /// Octets in all.
    pub octets: u64,
    /// Octets that quoted-printable escapes for their value.
    pub escapes: u64,
    head: Vec<u8>,
    /// The last two octets of the line.
    tail: [u8; 2],
    len: usize,
}

impl Scan {
    /// Nothing seen yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Judges the last line, which has no line end.
    pub fn finish(mut self) -> Self {
        self.bare_cr |= self.tail[1] == b'\r';
        self.judge(self.len, self.tail[1]);
        self
    }

    /// Whether all rules hold (R17 to R20).
    pub fn is_clean(&self) -> bool {
        self.why().is_none()
    }

    /// The first rule that is broken, in words.
    pub fn why(&self) -> Option<&'static str> {
        [
            (self.eight_bit, "it has octets beyond ASCII"),
            (self.nul, "it has a NUL"),
            (self.bare_cr, "it has a CR without LF"),
            (self.bare_lf, "it has a LF without CR"),
            (self.long_line, "it has a line of more than 998 octets"),
            (self.trailing_space, "it has white space at the end of a line"),
            (self.from_line, "it has a line that begins with \"From \""),
        ]
        .into_iter()
        .find_map(|(broken, why)| broken.then_some(why))
    }

    /// Takes octets of one line, no LF among them; gives whether the last is a CR.
    fn piece(&mut self, piece: &[u8]) -> bool {
        let Some(&last) = piece.last() else { return false };
        self.bare_cr |= self.tail[1] == b'\r';
        if self.head.len() < 5 {
            let missing = (5 - self.head.len()).min(piece.len());
            self.head.extend_from_slice(&piece[..missing]);
        }
        let before_last = if piece.len() > 1 { piece[piece.len() - 2] } else { self.tail[1] };
        self.tail = [before_last, last];
        self.len = self.len.saturating_add(piece.len());
        last == b'\r'
    }

    fn end_line(&mut self) {
        if self.tail[1] == b'\r' {
            self.judge(self.len - 1, self.tail[0]);
        } else {
            self.bare_lf = true;
            self.judge(self.len, self.tail[1]);
        }
        self.head.clear();
        self.tail = [0; 2];
        self.len = 0;
    }

    fn judge(&mut self, len: usize, last: u8) {
        self.long_line |= len > LINE;
        self.trailing_space |= matches!(last, b' ' | b'\t');
        self.from_line |= self.head == b"From ";
    }
}

impl Write for Scan {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.nul |= memchr(0, buf).is_some();
        if !buf.is_ascii() {
            self.eight_bit = true;
            self.escapes += buf.iter().filter(|b| !b.is_ascii()).count() as u64;
        }
        // Each CR must be the last octet of its line.
        let mut last_crs = 0;
        let mut rest = buf;
        while let Some(at) = memchr(b'\n', rest) {
            last_crs += usize::from(self.piece(&rest[..at]));
            self.end_line();
            rest = &rest[at + 1..];
        }
        last_crs += usize::from(self.piece(rest));
        self.bare_cr |= memchr_iter(b'\r', buf).count() != last_crs;
        self.octets += buf.len() as u64;
        Ok(buf.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn why(text: &[u8], chunk: usize) -> Option<&'static str> {
        let mut scan = Scan::new();
        text.chunks(chunk).for_each(|c| scan.write_all(c).unwrap());
        assert_eq!(scan.octets, text.len() as u64);
        scan.finish().why()
    }

    /// R17, R18, R19, R20
    #[test]
    fn each_rule() {
        let long = [b'x'; 999];
        for (text, expect) in [
            (&b""[..], None),
            (b"a\r\n\r\nfrom b\r\n From c", None),
            (&long[1..], None),
            (b"\xe4\r\n", Some("it has octets beyond ASCII")),
            (b"a\0", Some("it has a NUL")),
            (b"a\rb\r\n", Some("it has a CR without LF")),
            (b"a\r", Some("it has a CR without LF")),
            (b"a\r\r\n", Some("it has a CR without LF")),
            (b"a\nb", Some("it has a LF without CR")),
            (&long, Some("it has a line of more than 998 octets")),
            (b"a \r\n", Some("it has white space at the end of a line")),
            (b"\t\r\n", Some("it has white space at the end of a line")),
            (b"a ", Some("it has white space at the end of a line")),
            (b"x\r\nFrom y", Some("it has a line that begins with \"From \"")),
            (b"From y\r\n", Some("it has a line that begins with \"From \"")),
        ] {
            for chunk in [1, 2, 3, 1000] {
                assert_eq!(why(text, chunk), expect, "{text:?} {chunk}");
            }
        }
    }
}
