use std::io::{ErrorKind, Read};

use super::tag::{Header, Tag};
use crate::error::{BerProblem, Error};

/// The most that is held of the input at a time, in octets.
const WINDOW: usize = 64 * 1024;

/// Bounds for untrusted input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How deep values may nest; 32 unless said otherwise.
    pub depth: usize,
    /// Octets held of the input at a time; 64 KiB unless said otherwise, never under [`Header::MAX`].
    pub window: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { depth: 32, window: WINDOW }
    }
}

/// Walks a BER structure from front to back in constant memory.
///
/// The reader stands before a value, or at the end of the innermost value that was entered. Values are entered and
/// left explicitly, so a caller's code has the shape of the ASN.1 type. After an error the reader is of no more use.
#[derive(Debug)]
pub struct Reader<R> {
    input: R,
    limits: Limits,
    window: Vec<u8>,
    /// What of the window is filled and unread: `start..end`.
    start: usize,
    end: usize,
    /// Offset of `window[start]` in the input.
    offset: u64,
    frames: Vec<Frame>,
}

/// A value that was entered.
#[derive(Debug, Clone, Copy)]
struct Frame {
    /// No octet of this value lies at or after this offset: its own end, or the next known one around it.
    bound: u64,
    /// Whether the value ends with end-of-contents octets and not at `bound`.
    indefinite: bool,
}

impl<'a> Reader<&'a [u8]> {
    /// A reader over octets in memory, with a window no larger than they are.
    pub fn over(octets: &'a [u8]) -> Self {
        let limits = Limits::default();
        Reader::with_limits(octets, Limits { window: octets.len().min(limits.window), ..limits })
    }
}

impl<R: Read> Reader<R> {
    /// A reader with the default [`Limits`].
    pub fn new(input: R) -> Self {
        Reader::with_limits(input, Limits::default())
    }

    /// A reader with limits of the caller's choice.
    pub fn with_limits(input: R, mut limits: Limits) -> Self {
        limits.window = limits.window.max(Header::MAX);
        Reader { input, limits, window: Vec::new(), start: 0, end: 0, offset: 0, frames: Vec::new() }
    }

    /// Where the reader stands, in octets from the start of the input.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// The header of the next value, which stays unread; `None` at the end of the value that was entered last, or of
    /// the input if none is open.
    ///
    /// # Errors
    /// [`Error::Ber`] for a bad header or a value that overruns the one around it, [`Error::Io`].
    pub fn peek(&mut self) -> Result<Option<Header>, Error> {
        let bound = match self.frames.last() {
            Some(frame) if !frame.indefinite && self.offset == frame.bound => return Ok(None),
            Some(frame) => frame.bound,
            None => u64::MAX,
        };
        let top = self.frames.is_empty();
        let seen = self.fill(Header::MAX)?;
        if seen.is_empty() && top {
            return Ok(None);
        }
        let header = match Header::parse(seen) {
            Ok(Some(header)) => header,
            Ok(None) => return Err(self.bad(BerProblem::Truncated)),
            Err(problem) => return Err(self.bad(problem)),
        };
        let end = self.offset.checked_add(header.size as u64 + header.length.unwrap_or(0));
        if end.is_none_or(|end| end > bound) {
            return Err(self.bad(BerProblem::Overrun));
        }
        if header.length.is_none() && !header.constructed {
            return Err(self.bad(BerProblem::IndefinitePrimitive));
        }
        if header.tag == Tag::END_OF_CONTENTS {
            let due = header.is_end_of_contents() && self.frames.last().is_some_and(|frame| frame.indefinite);
            return if due { Ok(None) } else { Err(self.bad(BerProblem::EndOfContents)) };
        }
        Ok(Some(header))
    }

    /// Whether the next value has this tag.
    ///
    /// # Errors
    /// As [`peek`](Self::peek).
    pub fn next_is(&mut self, tag: Tag) -> Result<bool, Error> {
        Ok(self.peek()?.is_some_and(|header| header.tag == tag))
    }

    /// Enters the next value, which must be constructed and have this tag.
    ///
    /// # Errors
    /// As [`peek`](Self::peek), and [`BerProblem::Unexpected`] or [`BerProblem::Depth`].
    pub fn enter(&mut self, tag: Tag) -> Result<(), Error> {
        let header = self.expect(tag)?;
        if !header.constructed {
            return Err(self.bad(BerProblem::Unexpected));
        }
        self.push(header)
    }

    /// Leaves the value that was entered last.
    ///
    /// # Errors
    /// [`BerProblem::Trailing`] if something of it is unread; [`Error::Misuse`] if none is open.
    pub fn leave(&mut self) -> Result<(), Error> {
        if self.frames.is_empty() {
            return Err(Error::Misuse("no value is open"));
        }
        if self.peek()?.is_some() {
            return Err(self.bad(BerProblem::Trailing));
        }
        if self.frames.pop().is_some_and(|frame| frame.indefinite) {
            self.advance(2);
        }
        Ok(())
    }

    /// The whole next value, header and all, octet for octet as received.
    ///
    /// # Errors
    /// As [`peek`](Self::peek); [`BerProblem::TooLong`] if it has more than `limit` octets, [`BerProblem::Unexpected`]
    /// if there is none.
    pub fn element(&mut self, limit: usize) -> Result<Vec<u8>, Error> {
        let outer = self.frames.len();
        let mut element = Vec::new();
        loop {
            match self.peek()? {
                Some(header) => {
                    let size = header.size as u64 + header.length.unwrap_or(0);
                    if size > limit.saturating_sub(element.len()) as u64 {
                        return Err(self.bad(BerProblem::TooLong));
                    }
                    if header.length.is_none() {
                        element.extend_from_slice(&self.window[self.start..][..header.size]);
                        self.push(header)?;
                    } else {
                        self.stream(size, &mut |piece| {
                            element.extend_from_slice(piece);
                            Ok(())
                        })?;
                    }
                }
                None if self.frames.len() > outer => {
                    element.extend_from_slice(&[0, 0]);
                    self.leave()?;
                }
                None => return Err(self.bad(BerProblem::Unexpected)),
            }
            if self.frames.len() == outer {
                return Ok(element);
            }
        }
    }

    /// [`element`](Self::element), where the value must have this tag.
    ///
    /// # Errors
    /// As [`element`](Self::element).
    pub fn element_of(&mut self, tag: Tag, limit: usize) -> Result<Vec<u8>, Error> {
        self.expect(tag)?;
        self.element(limit)
    }

    /// The values inside the next one, which is a SET OF or SEQUENCE OF under this tag, each as received: at most `count`
    /// of them, `limit` octets all together.
    ///
    /// # Errors
    /// As [`enter`](Self::enter) and [`element`](Self::element), and [`Error::Limit`] for their number.
    pub fn elements(&mut self, tag: Tag, limit: usize, count: usize) -> Result<Vec<Vec<u8>>, Error> {
        self.enter(tag)?;
        let mut elements: Vec<Vec<u8>> = Vec::new();
        let mut left = limit;
        while self.peek()?.is_some() {
            if elements.len() == count {
                return Err(Error::Limit { what: "values in a set", limit: count as u64 });
            }
            let element = self.element(left)?;
            left = left.saturating_sub(element.len());
            elements.push(element);
        }
        self.leave()?;
        Ok(elements)
    }

    /// Hands the octets of the next value, an OCTET STRING under this tag, to `sink` piece by piece: primitive or
    /// segmented, segments of segments included. Returns how many there were.
    ///
    /// # Errors
    /// As [`peek`](Self::peek), [`BerProblem::Unexpected`], [`BerProblem::Segment`], and what `sink` says.
    pub fn octets(&mut self, tag: Tag, sink: &mut dyn FnMut(&[u8]) -> Result<(), Error>) -> Result<u64, Error> {
        let outer = self.frames.len();
        let mut next = Some(self.expect(tag)?);
        let mut total = 0;
        loop {
            match next {
                Some(header) if header.constructed => self.push(header)?,
                Some(header) => {
                    let length = header.length.unwrap_or(0);
                    self.advance(header.size);
                    self.stream(length, sink)?;
                    total += length;
                }
                None => self.leave()?,
            }
            if self.frames.len() == outer {
                return Ok(total);
            }
            next = self.peek()?;
            if next.is_some_and(|header| header.tag != Tag::OCTET_STRING) {
                return Err(self.bad(BerProblem::Segment));
            }
        }
    }

    /// [`octets`](Self::octets) into memory, at most `limit` of them.
    ///
    /// # Errors
    /// As [`octets`](Self::octets), and [`Error::Limit`].
    pub fn octet_string(&mut self, tag: Tag, limit: usize) -> Result<Vec<u8>, Error> {
        let mut octets = Vec::new();
        self.octets(tag, &mut |piece| {
            if piece.len() > limit - octets.len() {
                return Err(Error::Limit { what: "octets of an OCTET STRING", limit: limit as u64 });
            }
            octets.extend_from_slice(piece);
            Ok(())
        })?;
        Ok(octets)
    }

    /// Declares the input read: every value left, and nothing after the last one.
    ///
    /// # Errors
    /// [`BerProblem::Trailing`], [`Error::Io`]; [`Error::Misuse`] if a value is still open.
    pub fn finish(mut self) -> Result<(), Error> {
        if !self.frames.is_empty() {
            return Err(Error::Misuse("a value is still open"));
        }
        if !self.fill(1)?.is_empty() {
            return Err(self.bad(BerProblem::Trailing));
        }
        Ok(())
    }

    /// An error about the value at which the reader stands.
    pub(crate) fn bad(&self, problem: BerProblem) -> Error {
        Error::Ber { offset: self.offset, problem }
    }

    fn expect(&mut self, tag: Tag) -> Result<Header, Error> {
        match self.peek()? {
            Some(header) if header.tag == tag => Ok(header),
            _ => Err(self.bad(BerProblem::Unexpected)),
        }
    }

    fn push(&mut self, header: Header) -> Result<(), Error> {
        if self.frames.len() >= self.limits.depth {
            return Err(self.bad(BerProblem::Depth));
        }
        self.advance(header.size);
        let around = self.frames.last().map_or(u64::MAX, |frame| frame.bound);
        self.frames.push(match header.length {
            Some(length) => Frame { bound: self.offset + length, indefinite: false },
            None => Frame { bound: around, indefinite: true },
        });
        Ok(())
    }

    /// Hands on the next `left` octets of the input.
    fn stream(&mut self, mut left: u64, sink: &mut dyn FnMut(&[u8]) -> Result<(), Error>) -> Result<(), Error> {
        while left > 0 {
            let seen = self.fill(1)?;
            if seen.is_empty() {
                return Err(self.bad(BerProblem::Truncated));
            }
            let count = seen.len().min(usize::try_from(left).unwrap_or(usize::MAX));
            sink(&seen[..count])?;
            self.advance(count);
            left -= count as u64;
        }
        Ok(())
    }

    /// The unread part of the window, with at least `want` octets in it unless the input ends before.
    fn fill(&mut self, want: usize) -> Result<&[u8], Error> {
        if self.end - self.start < want {
            self.window.resize(self.limits.window, 0);
            self.window.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
            while self.end < want {
                match self.input.read(&mut self.window[self.end..]) {
                    Ok(0) => break,
                    Ok(count) => self.end += count,
                    Err(e) if e.kind() == ErrorKind::Interrupted => {}
                    Err(e) => return Err(Error::Io(e)),
                }
            }
        }
        Ok(&self.window[self.start..self.end])
    }

    fn advance(&mut self, count: usize) {
        self.start += count;
        self.offset += count as u64;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Gives its octets one to three at a time.
    struct Drip<'a>(&'a [u8]);

    impl Read for Drip<'_> {
        fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
            let count = out.len().min(1 + self.0.len() % 3).min(self.0.len());
            out[..count].copy_from_slice(&self.0[..count]);
            self.0 = &self.0[count..];
            Ok(count)
        }
    }

    fn problem(error: Error) -> (u64, BerProblem) {
        match error {
            Error::Ber { offset, problem } => (offset, problem),
            other => panic!("{other}"),
        }
    }

    #[test]
    fn walks_definite_and_indefinite() {
        let mut reader = Reader::new(&[0x30, 0x80, 0x02, 0x01, 0x05, 0x30, 0x02, 0x05, 0x00, 0x00, 0x00][..]);
        reader.enter(Tag::SEQUENCE).unwrap();
        assert_eq!(reader.element_of(Tag::INTEGER, 3).unwrap(), [2, 1, 5]);
        assert_eq!(reader.element(4).unwrap(), [0x30, 2, 5, 0]);
        assert_eq!(reader.peek().unwrap(), None);
        reader.leave().unwrap();
        reader.finish().unwrap();
    }

    #[test]
    fn segments_of_segments() {
        let input = [0xa0, 0x80, 4, 2, 1, 2, 0x24, 0x80, 4, 1, 3, 0x24, 0, 4, 0, 0, 0, 4, 1, 4, 0, 0];
        for tag in [Tag::context(0), Tag::OCTET_STRING] {
            let mut input = input;
            if tag == Tag::OCTET_STRING {
                input[0] = 0x24;
            }
            let mut reader = Reader::new(Drip(&input));
            assert_eq!(reader.octet_string(tag, 4).unwrap(), [1, 2, 3, 4]);
            reader.finish().unwrap();
            assert!(matches!(Reader::new(&input[..]).octet_string(tag, 3), Err(Error::Limit { .. })));
        }
    }

    #[test]
    fn refuses_what_is_no_ber() {
        let enter = |input: &[u8]| {
            let mut reader = Reader::new(input);
            reader.enter(Tag::SEQUENCE)?;
            reader.element(100)?;
            reader.leave()
        };
        let bad = |input: &[u8]| problem(enter(input).unwrap_err());
        assert_eq!(bad(&[0x30, 3, 4, 2, 0]), (2, BerProblem::Overrun));
        assert_eq!(bad(&[0x30, 3, 0x30, 0x80, 0, 0]), (4, BerProblem::Overrun), "end-of-contents half outside");
        assert_eq!(bad(&[0x30, 2, 0, 0]), (2, BerProblem::EndOfContents));
        assert_eq!(bad(&[0x30, 0x80, 0, 0x81, 0]), (2, BerProblem::EndOfContents));
        assert_eq!(bad(&[0x30, 0x80, 4, 0x80, 0, 0]), (2, BerProblem::IndefinitePrimitive));
        assert_eq!(bad(&[0x30, 0x80, 4, 1, 1]), (5, BerProblem::Truncated));
        assert_eq!(bad(&[0x30, 0x80, 4, 2, 1]), (5, BerProblem::Truncated));
        assert_eq!(bad(&[0x30, 4, 5, 0, 5, 0]), (4, BerProblem::Trailing));
        assert_eq!(bad(&[0x30, 0]), (2, BerProblem::Unexpected));
        assert_eq!(bad(&[0x31, 0]), (0, BerProblem::Unexpected));
        let mut reader = Reader::new(&[0x24, 4, 0x04, 0, 0x0c, 0][..]);
        assert_eq!(problem(reader.octet_string(Tag::OCTET_STRING, 9).unwrap_err()), (4, BerProblem::Segment));
        let mut reader = Reader::new(&[5, 0, 0][..]);
        reader.element(2).unwrap();
        assert_eq!(problem(reader.finish().unwrap_err()), (2, BerProblem::Trailing));
    }

    #[test]
    fn depth_is_limited() {
        let deep = [0x24, 0x80].repeat(1_000_000);
        let (offset, problem) = problem(Reader::new(&deep[..]).octet_string(Tag::OCTET_STRING, 9).unwrap_err());
        assert_eq!((offset, problem), (64, BerProblem::Depth));
        assert!(Reader::new(&deep[..]).element(usize::MAX).is_err());
    }

    #[test]
    fn a_claimed_length_allocates_nothing() {
        let mut reader = Reader::new(&[4, 0x87, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 2][..]);
        assert_eq!(problem(reader.element(usize::MAX).unwrap_err()), (11, BerProblem::Truncated));
    }

    proptest! {
        /// Whatever the window and however the input drips in, the same is read.
        #[test]
        fn windows_do_not_matter(octets in prop::collection::vec(any::<u8>(), 0..300), window in 0usize..64) {
            let whole = Reader::new(&octets[..]).element(200).map_err(|e| e.to_string());
            let limits = Limits { window, ..Limits::default() };
            let dripped = Reader::with_limits(Drip(&octets), limits).element(200).map_err(|e| e.to_string());
            prop_assert_eq!(whole, dripped);
        }
    }
}
