//! A bounded window that moves over a source once, from start to end.

use crate::Source;
use memchr::memchr;
use std::io;

const CHUNK: usize = 128 << 10;

/// Octets before the position that stay readable: a line end.
const HISTORY: usize = 2;

/// The octets of a source around a position. It holds 128 KiB, or as much as one line that was asked for.
pub(crate) struct Window<'a> {
    source: &'a dyn Source,
    buf: Vec<u8>,
    /// Offset in the source of the first octet of `buf`.
    base: u64,
    /// Position in `buf`.
    pos: usize,
    filled: usize,
    end: u64,
}

/// A line at the position of a window.
pub(crate) struct Line<'a> {
    /// Its octets with the line end, or as many as were allowed.
    pub(crate) octets: &'a [u8],
    /// Whether `octets` is the whole line.
    pub(crate) whole: bool,
}

impl<'a> Window<'a> {
    pub(crate) fn new(source: &'a dyn Source, start: u64, end: u64) -> Self {
        Self { source, buf: vec![0; CHUNK], base: start, pos: 0, filled: 0, end }
    }

    /// Offset of the position in the source.
    pub(crate) fn offset(&self) -> u64 {
        self.base + self.pos as u64
    }

    /// Octets in the window from the position on.
    pub(crate) fn ahead(&self) -> &[u8] {
        &self.buf[self.pos..self.filled]
    }

    /// Moves forward within what [`Window::ahead`] gave.
    pub(crate) fn advance(&mut self, count: usize) {
        self.pos = (self.pos + count).min(self.filled);
    }

    /// Length of the line end right before the position.
    pub(crate) fn line_end_before(&self) -> u64 {
        match &self.buf[..self.pos] {
            [.., b'\r', b'\n'] => 2,
            [.., b'\n'] => 1,
            _ => 0,
        }
    }

    /// Makes at least `count` octets available from the position on, fewer only at the end. Gives whether there are any.
    pub(crate) fn fill(&mut self, count: usize) -> io::Result<bool> {
        if self.filled - self.pos >= count {
            return Ok(count > 0 || self.filled > self.pos);
        }
        let keep = self.pos.saturating_sub(HISTORY);
        self.buf.copy_within(keep..self.filled, 0);
        self.base += keep as u64;
        self.pos -= keep;
        self.filled -= keep;
        let need = self.pos + count;
        if self.buf.len() < need {
            self.buf.resize(need.next_multiple_of(CHUNK), 0);
        }
        while self.filled < need {
            let at = self.base + self.filled as u64;
            let room = usize::try_from(self.end - at).unwrap_or(usize::MAX).min(self.buf.len() - self.filled);
            if room == 0 {
                break;
            }
            match self.source.read_at(at, &mut self.buf[self.filled..self.filled + room]) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(read) => self.filled += read,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        Ok(self.filled > self.pos)
    }

    /// The line at the position, cut after `max` octets; `None` at the end.
    pub(crate) fn line(&mut self, max: usize) -> io::Result<Option<Line<'_>>> {
        let mut want = 1;
        loop {
            let more = self.fill(want)?;
            let ahead = &self.buf[self.pos..self.filled];
            let seen = ahead.len().min(max);
            if let Some(at) = memchr(b'\n', &ahead[..seen]) {
                return Ok(Some(Line { octets: &self.buf[self.pos..=self.pos + at], whole: true }));
            }
            let at_end = self.base + self.filled as u64 == self.end;
            if !more || at_end || ahead.len() >= max {
                let whole = at_end && ahead.len() <= max;
                let line = Line { octets: &self.buf[self.pos..self.pos + seen], whole };
                return Ok((seen > 0).then_some(line));
            }
            want = (ahead.len() * 2).clamp(1, max);
        }
    }
}
