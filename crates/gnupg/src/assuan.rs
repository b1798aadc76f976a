//! The client's side of an Assuan conversation.

use crate::error::Error;
use crate::escape;
use std::io::{self, Read, Write};
use std::time::{Duration, Instant};
use zeroize::Zeroizing;

/// The most octets of a line with its end.
const LINE: usize = 1000;

/// The most octets of data in one answer; a key of 16384 bits needs 4 KiB.
const DATA: usize = 64 << 10;

/// The most lines of one answer.
const LINES: usize = 10_000;

/// A connection whose reading can be limited in time.
pub(crate) trait Stream: Read + Write + Send {
    /// Reading fails after this time.
    fn set_patience(&self, patience: Duration) -> io::Result<()>;
}

/// One answer.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    /// The octets of its D lines.
    pub(crate) data: Zeroizing<Vec<u8>>,
    /// Its S lines.
    pub(crate) status: Vec<String>,
}

/// What the client says to a question of the agent; `None` cancels the command.
pub(crate) type Reply = Option<Zeroizing<Vec<u8>>>;

/// Whoever answers the agent's questions, each told by its keyword.
pub(crate) type Replies<'a> = &'a mut dyn FnMut(&str) -> Reply;

/// A conversation.
pub(crate) struct Conversation {
    stream: Box<dyn Stream>,
    buffer: Zeroizing<Vec<u8>>,
    patience: Duration,
}

impl Conversation {
    /// Waits for the greeting. The agent may take no longer than `patience` for an answer, what it asks meanwhile included.
    pub(crate) fn begin(stream: Box<dyn Stream>, patience: Duration) -> Result<Conversation, Error> {
        let buffer = Zeroizing::new(Vec::with_capacity(LINE));
        let mut conversation = Conversation { stream, buffer, patience };
        conversation.answer(&mut |_| None)?;
        Ok(conversation)
    }

    /// A command without questions.
    pub(crate) fn say(&mut self, command: &str) -> Result<Answer, Error> {
        self.ask(command, &mut |_| None)
    }

    /// A command; `reply` answers the agent's questions, each told by its keyword.
    pub(crate) fn ask(&mut self, command: &str, reply: &mut dyn FnMut(&str) -> Reply) -> Result<Answer, Error> {
        if command.len() >= LINE || command.contains(['\r', '\n']) {
            return Err(Error::Protocol("a command is too long"));
        }
        self.send(format!("{command}\n").as_bytes())?;
        self.answer(reply)
    }

    fn send(&mut self, octets: &[u8]) -> Result<(), Error> {
        self.stream.write_all(octets).and_then(|()| self.stream.flush()).map_err(Error::Lost)
    }

    /// Reads lines up to OK or ERR.
    fn answer(&mut self, reply: &mut dyn FnMut(&str) -> Reply) -> Result<Answer, Error> {
        let mut answer = Answer::default();
        let mut until = Instant::now() + self.patience;
        for _ in 0..LINES {
            let line = self.line(until)?;
            let (word, rest) = match line.iter().position(|octet| *octet == b' ') {
                Some(at) => (&line[..at], &line[at + 1..]),
                None => (line.as_slice(), &[][..]),
            };
            match word {
                b"OK" => return Ok(answer),
                b"ERR" => return Err(refusal(rest)),
                b"D" => {
                    let octets = escape::undata(rest).ok_or(Error::Protocol("a broken escape"))?;
                    if answer.data.len() + octets.len() > DATA {
                        return Err(Error::Protocol("too much data"));
                    }
                    // No half of a secret is left behind by growing.
                    let mut longer = Zeroizing::new(Vec::with_capacity(answer.data.len() + octets.len()));
                    longer.extend_from_slice(&answer.data);
                    longer.extend_from_slice(&octets);
                    answer.data = longer;
                }
                b"S" => answer.status.push(String::from_utf8_lossy(rest).into_owned()),
                b"INQUIRE" => {
                    let asked = Instant::now();
                    self.reply(rest, reply)?;
                    until += asked.elapsed(); // who replied may have been typing; questions alone gain no time
                }
                _ if word.starts_with(b"#") => {}
                _ => return Err(Error::Protocol("an unknown line")),
            }
        }
        Err(Error::Protocol("too many lines"))
    }

    fn reply(&mut self, question: &[u8], reply: &mut dyn FnMut(&str) -> Reply) -> Result<(), Error> {
        let question = String::from_utf8_lossy(question);
        let keyword = question.split(' ').next().unwrap_or_default();
        let Some(octets) = reply(keyword) else { return self.send(b"CAN\n") };
        // An octet takes three at most.
        for part in octets.chunks((LINE - 3) / 3) {
            let mut line = Zeroizing::new(Vec::with_capacity(LINE));
            line.extend_from_slice(b"D ");
            escape::data(part, &mut line);
            line.push(b'\n');
            self.send(&line)?;
        }
        self.send(b"END\n")
    }

    /// One line without its end.
    fn line(&mut self, until: Instant) -> Result<Zeroizing<Vec<u8>>, Error> {
        loop {
            if let Some(end) = self.buffer.iter().position(|octet| *octet == b'\n') {
                let line = Zeroizing::new(self.buffer[..end].to_vec());
                let rest = Zeroizing::new(self.buffer[end + 1..].to_vec());
                self.buffer = rest;
                return Ok(line);
            }
            if self.buffer.len() >= LINE {
                return Err(Error::Protocol("a line is too long"));
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(Error::Lost(io::ErrorKind::TimedOut.into()));
            }
            self.stream.set_patience(left).map_err(Error::Lost)?;
            let mut part = Zeroizing::new([0; LINE]);
            match self.stream.read(part.as_mut_slice()) {
                Ok(0) => return Err(Error::Lost(io::ErrorKind::UnexpectedEof.into())),
                Ok(length) => {
                    let mut longer = Zeroizing::new(Vec::with_capacity(self.buffer.len() + length));
                    longer.extend_from_slice(&self.buffer);
                    longer.extend_from_slice(&part[..length]);
                    self.buffer = longer;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    return Err(Error::Lost(io::ErrorKind::TimedOut.into()));
                }
                Err(error) => return Err(Error::Lost(error)),
            }
        }
    }
}

/// A pinentry as the source of an error (libgpg-error, `err-sources.h`), and the code that there is none (`err-codes.h`).
const PINENTRY: u32 = 5;
const NO_PINENTRY: u32 = 86;

/// `CODE WORDS`; the upper octet of the code says which program it comes from.
fn refusal(rest: &[u8]) -> Error {
    let text = String::from_utf8_lossy(rest);
    let (code, words) = text.split_once(' ').unwrap_or((&text, ""));
    match code.parse::<u32>() {
        // Whatever a pinentry could not do, nobody was asked.
        Ok(code) if code >> 24 == PINENTRY => Error::Refused { code: NO_PINENTRY, words: words.to_owned() },
        Ok(code) => Error::Refused { code: code & 0xffff, words: words.to_owned() },
        Err(_) => Error::Protocol("an error without a code"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whatever a pinentry cannot do, for want of a terminal or because somebody said no, the key stays locked.
    #[test]
    fn a_pinentry_that_cannot_ask() {
        for words in ["83918950 Inappropriate ioctl for device <Pinentry>", "83886179 Operation cancelled <Pinentry>"] {
            assert!(refusal(words.as_bytes()).is_locked(), "{words}");
        }
        for words in ["67108881 No secret key <GPG Agent>", "67141713 Inappropriate ioctl for device <GPG Agent>"] {
            assert!(!refusal(words.as_bytes()).is_locked(), "{words}");
        }
        assert!(matches!(refusal(b"no"), Error::Protocol(_)));
    }
}
