//! The parts of a message as one flat list.

use crate::parse::{Parser, Root};
use crate::transfer::decoder;
use crate::{Error, Limits, LineEnd, Part, Section, Source};
use std::io::Read;
use std::ops::Range;

/// All parts of one message or entity. Part 0 is the root; a part comes before its children, in the order of the octets.
#[derive(Debug, Clone)]
pub struct Tree {
    parts: Vec<Part>,
    line_end: LineEnd,
}

impl Tree {
    /// Parses a whole message ([RFC 5322](https://www.rfc-editor.org/rfc/rfc5322)) in one pass. Lines end in CRLF or LF,
    /// also mixed; a CR alone is content.
    ///
    /// Fails with [`Error::Malformed`] where it does not begin with a header field, with [`Error::Limit`] beyond `limits`.
    pub fn parse(source: &dyn Source, limits: &Limits) -> Result<Self, Error> {
        Self::parse_with(source, 0..source.len(), limits, Root::Message)
    }

    /// Parses a MIME entity, as found inside a cryptographic layer. Without any header field it is text/plain, with
    /// [`Defect::NoHeader`](crate::Defect::NoHeader). `range` is cut to the length of the source.
    pub fn parse_entity(source: &dyn Source, range: Range<u64>, limits: &Limits) -> Result<Self, Error> {
        Self::parse_with(source, range, limits, Root::Entity)
    }

    fn parse_with(source: &dyn Source, range: Range<u64>, limits: &Limits, root: Root) -> Result<Self, Error> {
        let (parts, line_end) = Parser::new(source, range, limits, root)?.run()?;
        Ok(Self { parts, line_end })
    }

    /// All parts, the root first.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// The part of that index; `None` beyond the last.
    pub fn get(&self, index: usize) -> Option<&Part> {
        self.parts.get(index)
    }

    /// The root.
    pub fn root(&self) -> &Part {
        &self.parts[0]
    }

    /// How the lines of the input end, by its first one.
    pub fn line_end(&self) -> LineEnd {
        self.line_end
    }

    /// The part number: "" for the root, then the ordinals from the root down: "1", "1.2". As in IMAP
    /// ([RFC 3501 §6.4.5](https://www.rfc-editor.org/rfc/rfc3501#section-6.4.5)), except that an embedded message has a
    /// number of its own: "2" is the message/rfc822 part, "2.1" the message in it, "2.1.1" that message's first part.
    pub fn number(&self, index: usize) -> String {
        let mut ordinals = Vec::new();
        let mut part = self.parts.get(index);
        while let Some(Part { parent: Some(parent), ordinal, .. }) = part {
            ordinals.push(ordinal.to_string());
            part = self.parts.get(*parent);
        }
        ordinals.reverse();
        ordinals.join(".")
    }

    /// The index of the part with that number.
    pub fn by_number(&self, number: &str) -> Option<usize> {
        let ordinals = number.split('.').filter(|_| !number.is_empty());
        ordinals.into_iter().try_fold(0, |index, ordinal| {
            let ordinal: usize = ordinal.parse().ok()?;
            self.parts[index].children.get(ordinal.checked_sub(1)?).copied()
        })
    }

    /// The raw octets of a part's body.
    pub fn body<'a>(&self, source: &'a dyn Source, index: usize) -> Section<'a> {
        Section::new(source, self.parts.get(index).map_or(0..0, |part| part.body.clone()))
    }

    /// The decoded octets of a part's body. What is no base64 or quoted-printable is skipped or taken as it is.
    pub fn decoded<'a>(&self, source: &'a dyn Source, index: usize) -> Box<dyn Read + 'a> {
        match self.parts.get(index) {
            Some(part) if part.is_leaf() => decoder(&part.encoding, self.body(source, index)),
            _ => Box::new(self.body(source, index)),
        }
    }

    /// Takes the first `count` fields of a part's header out of it, as if the part began after them.
    pub fn leave_out_fields(&mut self, index: usize, count: usize) {
        let Some(part) = self.parts.get_mut(index) else { return };
        let mut left = count;
        let mut octets = 0;
        part.header.retain(|field| {
            let out = left > 0;
            if out {
                left -= 1;
                octets += field.raw().len() as u64;
            }
            !out
        });
        part.entity.start = (part.entity.start + octets).min(part.body.start);
    }

    /// Whether `index` is `ancestor` or lies in it.
    pub fn is_within(&self, index: usize, ancestor: usize) -> bool {
        let mut at = Some(index);
        while let Some(i) = at {
            if i == ancestor {
                return true;
            }
            at = self.parts.get(i).and_then(|part| part.parent);
        }
        false
    }
}
