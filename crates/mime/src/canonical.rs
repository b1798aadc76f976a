//! Canonical line ends: CRLF ([RFC 3156 §5](https://www.rfc-editor.org/rfc/rfc3156#section-5),
//! [RFC 8551 §3.1.1](https://www.rfc-editor.org/rfc/rfc8551#section-3.1.1)).

use memchr::memchr;
use std::io::{self, Read, Write};

/// Writes on what is written to it, a LF that follows no CR as CRLF. Nothing else changes: CRLF stays, and so does a CR
/// that no LF follows. The borders between writes do not matter.
#[derive(Debug)]
pub struct Canonical<W> {
    out: W,
    after_cr: bool,
}

impl<W: Write> Canonical<W> {
    /// Canonical form of what is written, to `out`.
    pub fn new(out: W) -> Self {
        Self { out, after_cr: false }
    }

    /// Gives `out` back.
    pub fn into_inner(self) -> W {
        self.out
    }
}

impl<W: Write> Write for Canonical<W> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        let mut rest = buf;
        while let Some(at) = memchr(b'\n', rest) {
            let (line, tail) = rest.split_at(at);
            let after_cr = line.last().map_or(self.after_cr, |&b| b == b'\r');
            if after_cr {
                self.out.write_all(&rest[..=at])?;
            } else {
                self.out.write_all(line)?;
                self.out.write_all(b"\r\n")?;
            }
            self.after_cr = false;
            rest = &tail[1..];
        }
        if let Some(&last) = rest.last() {
            self.out.write_all(rest)?;
            self.after_cr = last == b'\r';
        }
        Ok(buf.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Reads what `input` gives in canonical form; see [`Canonical`].
#[derive(Debug)]
pub struct CanonicalReader<R> {
    input: R,
    raw: Vec<u8>,
    canonical: Canonical<Vec<u8>>,
    pos: usize,
}

impl<R: Read> CanonicalReader<R> {
    /// Canonical form of what `input` gives.
    pub fn new(input: R) -> Self {
        Self { input, raw: vec![0; 32 << 10], canonical: Canonical::new(Vec::new()), pos: 0 }
    }
}

impl<R: Read> Read for CanonicalReader<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.pos == self.canonical.out.len() {
            self.pos = 0;
            self.canonical.out.clear();
            let count = self.input.read(&mut self.raw)?;
            self.canonical.write_all(&self.raw[..count])?;
        }
        let count = (&self.canonical.out[self.pos..]).read(buf)?;
        self.pos += count;
        Ok(count)
    }
}

/// Copies all of `input` to `out` in canonical form.
pub fn copy_canonical(input: &mut dyn Read, out: &mut dyn Write) -> io::Result<()> {
    let mut canonical = Canonical::new(out);
    copy(input, &mut canonical)
}

/// Copies all of `input` to `out` through a buffer of 64 KiB.
pub fn copy(input: &mut dyn Read, out: &mut dyn Write) -> io::Result<()> {
    let mut buf = vec![0; 64 << 10];
    loop {
        match input.read(&mut buf) {
            Ok(0) => return Ok(()),
            Ok(count) => out.write_all(&buf[..count])?,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn canonical(chunks: &[&[u8]]) -> Vec<u8> {
        let mut out = Canonical::new(Vec::new());
        chunks.iter().for_each(|chunk| out.write_all(chunk).unwrap());
        out.into_inner()
    }

    /// R3
    #[test]
    fn only_bare_lf_changes() {
        assert_eq!(canonical(&[b"a\nb\r\nc\rd\n\n\r\n\r\r\n"]), b"a\r\nb\r\nc\rd\r\n\r\n\r\n\r\r\n");
        assert_eq!(canonical(&[b"a\r", b"\nb", b"\n", b"\r", b"", b"\n"]), b"a\r\nb\r\n\r\n");
    }

    proptest! {
        /// R3
        #[test]
        fn chunk_borders_do_not_matter(text in "[a\r\n]{0,40}", cut in 0usize..40) {
            let cut = cut.min(text.len());
            let (a, b) = text.as_bytes().split_at(cut);
            let whole = canonical(&[text.as_bytes()]);
            prop_assert_eq!(canonical(&[a, b]), whole.clone());
            prop_assert_eq!(canonical(&[&whole]), whole.clone());
            let mut read = Vec::new();
            CanonicalReader::new(crate::transfer::Chunked::new(text.as_bytes(), cut + 1)).read_to_end(&mut read).unwrap();
            prop_assert_eq!(&read, &whole);
            prop_assert_eq!(String::from_utf8(whole).unwrap(), text.replace("\r\n", "\n").replace('\n', "\r\n"));
        }
    }
}
