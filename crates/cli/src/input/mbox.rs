//! Messages out of an mbox file, one at a time ([RFC 4155](https://www.rfc-editor.org/rfc/rfc4155), read as `mboxrd`).

use std::io::{self, BufRead};

/// Reads the messages of an mbox.
///
/// A message begins after a line `From …` that is the first line or follows an empty one. Lines `>From `,
/// `>>From `… lose one `>`; everything else keeps its bytes. What stands before the first `From ` line is not a
/// message: a file that does not begin with one is not an mbox, which is an error of kind `InvalidData`.
/// Holds one message in memory.
pub(crate) struct Mbox<R> {
    lines: R,
    line: Vec<u8>,
    started: bool,
    done: bool,
}

impl<R: BufRead> Mbox<R> {
    pub(crate) fn new(lines: R) -> Self {
        Mbox { lines, line: Vec::new(), started: false, done: false }
    }

    /// Reads the next line into `self.line`; `false` at the end.
    fn advance(&mut self) -> io::Result<bool> {
        self.line.clear();
        Ok(self.lines.read_until(b'\n', &mut self.line)? > 0)
    }

    fn start(&mut self) -> io::Result<()> {
        self.started = true;
        if !self.advance()? {
            self.done = true;
            return Ok(());
        }
        match self.line.starts_with(b"From ") {
            true => Ok(()),
            false => Err(io::Error::new(io::ErrorKind::InvalidData, "no line \"From \" at its beginning")),
        }
    }

    /// The lines up to the next `From ` line, without the empty line before it.
    fn message(&mut self) -> io::Result<Vec<u8>> {
        let mut message = Vec::new();
        let mut blank = 0; // octets of the empty line just read, 0 where it was not empty
        loop {
            if !self.advance()? {
                self.done = true;
                break;
            }
            if blank > 0 && self.line.starts_with(b"From ") {
                break;
            }
            message.extend_from_slice(unquoted(&self.line));
            blank = if matches!(self.line.as_slice(), b"\n" | b"\r\n") { self.line.len() } else { 0 };
        }
        message.truncate(message.len() - blank);
        Ok(message)
    }
}

impl<R: BufRead> Iterator for Mbox<R> {
    type Item = io::Result<Vec<u8>>;

    fn next(&mut self) -> Option<Self::Item> {
        let started = if self.started { Ok(()) } else { self.start() };
        if let Err(error) = started {
            self.done = true;
            return Some(Err(error));
        }
        if self.done {
            return None;
        }
        let message = self.message();
        self.done |= message.is_err();
        Some(message)
    }
}

/// A line as it was before it was put into the mbox.
fn unquoted(line: &[u8]) -> &[u8] {
    let text = line.iter().position(|&octet| octet != b'>').unwrap_or(line.len());
    if text > 0 && line[text..].starts_with(b"From ") { &line[1..] } else { line }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(mbox: &[u8]) -> Vec<String> {
        Mbox::new(mbox).map(|message| String::from_utf8(message.unwrap()).unwrap()).collect()
    }

    #[test]
    fn one_at_a_time() {
        let mbox = b"From a@b Mon\nSubject: 1\n\nbody\n\nFrom a@b Tue\nSubject: 2\n\nmore\nFrom here on\n\n";
        assert_eq!(messages(mbox), ["Subject: 1\n\nbody\n", "Subject: 2\n\nmore\nFrom here on\n"]);
    }

    #[test]
    fn crlf_is_kept() {
        let mbox = b"From a@b\r\nSubject: 1\r\n\r\nbody\r\n\r\nFrom a@b\r\nSubject: 2\r\n\r\n";
        assert_eq!(messages(mbox), ["Subject: 1\r\n\r\nbody\r\n", "Subject: 2\r\n"]);
    }

    #[test]
    fn one_quote_is_taken_off() {
        let mbox = b"From a@b\n\n>From x\n>>From y\n>Fromage\n> From z\n>>\n";
        assert_eq!(messages(mbox), ["\nFrom x\n>From y\n>Fromage\n> From z\n>>\n"]);
    }

    #[test]
    fn odd_ends() {
        assert_eq!(messages(b"From a@b\nSubject: 1\n\nno newline"), ["Subject: 1\n\nno newline"]);
        assert_eq!(messages(b"From a@b"), [""]);
        assert!(messages(b"").is_empty());
    }

    #[test]
    fn another_file_is_not_an_mbox() {
        let mut mbox = Mbox::new(&b"Subject: 1\n\nbody\n\nFrom a@b\n\n"[..]);
        assert_eq!(mbox.next().unwrap().unwrap_err().kind(), io::ErrorKind::InvalidData);
        assert!(mbox.next().is_none());
    }
}
