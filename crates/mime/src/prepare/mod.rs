//! The entity that is signed: an existing message or part in a form that every relay leaves alone
//! ([RFC 3156 §3](https://www.rfc-editor.org/rfc/rfc3156#section-3),
//! [RFC 8551 §3.1](https://www.rfc-editor.org/rfc/rfc8551#section-3.1)).
//!
//! - All lines end in CRLF, have at most 998 octets of ASCII, and end in no white space; none begins with `From `; there is
//!   no NUL and no CR or LF alone.
//! - Leaves that are so already keep their encoded octets. Others become quoted-printable or base64; what they decode to
//!   stays the same, except that line ends of text become CRLF.
//! - A multipart/signed inside is never changed, only refused where it breaks these rules.
//! - Header fields keep their octets and order; white space at the end of their lines goes, octets beyond ASCII are encoded.
//! - Preamble and epilogue of multiparts are left out; a missing close delimiter is written, and its line always ended.
//!
//! Nothing is held in memory but header fields: what is written is read from the source again each time.

mod fields;
mod leaf;
mod plan;
mod rules;

pub use fields::prepare_field;
pub use rules::Scan;

use crate::canonical::{CanonicalReader, copy};
use crate::transfer::{Base64Encoder, QuotedPrintableEncoder, decoder};
use crate::{Error, Header, Section, Source, TransferEncoding, Tree};
use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::ops::Range;

/// What may be done while preparing.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Header fields that are UTF-8 stay so ([RFC 6532](https://www.rfc-editor.org/rfc/rfc6532)); else they are encoded.
    pub allow_utf8_fields: bool,
    /// Octets to put into leaves, by index of the part.
    pub inserts: BTreeMap<usize, Insert>,
}

/// Octets that are put into the decoded body of a text leaf, such as the legacy display element of RFC 9788 §5.2.
#[derive(Debug, Clone)]
pub struct Insert {
    /// Where in the octets that [`text`] gives; beyond the end counts as the end.
    pub at: u64,
    /// In the charset of the leaf, with CRLF line ends.
    pub octets: Vec<u8>,
    /// Parameters that the leaf's Content-Type is given, each a name and its value.
    pub parameters: Vec<(String, String)>,
}

/// A prepared entity: its header, and a plan by which its body is written, the same octets each time.
pub struct Prepared<'a> {
    source: &'a dyn Source,
    header: Header,
    segments: Vec<Segment>,
}

/// Prepares part `index` of a tree of `source`, with all that is in it.
///
/// Fails with [`Error::Unpreparable`] naming the part where the rules cannot be held, with [`Error::Field`] where a header
/// field cannot be written.
pub fn prepare<'a>(
    source: &'a dyn Source,
    tree: &Tree,
    index: usize,
    options: &Options,
) -> Result<Prepared<'a>, Error> {
    plan::Plan::new(source, tree, options).make(index)
}

/// The decoded octets of a leaf in canonical form, into which [`Insert::at`] points.
pub fn text<'a>(source: &'a dyn Source, tree: &Tree, index: usize) -> Box<dyn Read + 'a> {
    Box::new(CanonicalReader::new(tree.decoded(source, index)))
}

impl Prepared<'_> {
    /// The header of the entity: Content-* fields of the original, as they must be for the prepared body, each once and
    /// always a Content-Type.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The header, to put message fields into it or parameters to its Content-Type. Fields from elsewhere go through
    /// [`prepare_field`] first; Content-Transfer-Encoding and a multipart's boundary must stay.
    pub fn header_mut(&mut self) -> &mut Header {
        &mut self.header
    }

    /// Writes the entity: header, blank line, body.
    pub fn write_to(&self, out: &mut dyn Write) -> io::Result<()> {
        self.header.write_canonical(out)?;
        out.write_all(b"\r\n")?;
        self.write_body(out)
    }

    /// Writes the body alone.
    pub fn write_body(&self, out: &mut dyn Write) -> io::Result<()> {
        self.segments.iter().try_for_each(|segment| segment.write(self.source, out))
    }
}

impl std::fmt::Debug for Prepared<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Prepared")
            .field("header", &self.header)
            .field("segments", &self.segments)
            .finish_non_exhaustive()
    }
}

/// A piece of a prepared body.
#[derive(Debug, Clone)]
enum Segment {
    /// Header fields and delimiters.
    Octets(Vec<u8>),
    /// Octets of the source as they are.
    Copy(Stored),
    /// Octets of the source, decoded and encoded again.
    Recode { stored: Stored, to: TransferEncoding, text: bool, insert: Option<Insert> },
}

/// An encoded body in the source.
#[derive(Debug, Clone)]
struct Stored {
    range: Range<u64>,
    encoding: TransferEncoding,
    /// Whether each LF in it is a line end.
    lines: bool,
}

impl Stored {
    fn raw<'a>(&self, source: &'a dyn Source) -> Box<dyn Read + 'a> {
        let section = Section::new(source, self.range.clone());
        if self.lines { Box::new(CanonicalReader::new(section)) } else { Box::new(section) }
    }

    fn decoded<'a>(&self, source: &'a dyn Source) -> Box<dyn Read + 'a> {
        decoder(&self.encoding, self.raw(source))
    }

    /// The decoded octets, text with CRLF line ends, with what is put into them.
    fn content<'a>(&self, source: &'a dyn Source, text: bool, insert: Option<&'a Insert>) -> Box<dyn Read + 'a> {
        let decoded = || {
            let octets = self.decoded(source);
            if text { Box::new(CanonicalReader::new(octets)) as Box<dyn Read + 'a> } else { octets }
        };
        match insert {
            None => decoded(),
            Some(insert) => {
                let before = decoded().take(insert.at);
                let after = Skip { input: decoded(), count: insert.at };
                Box::new(before.chain(insert.octets.as_slice()).chain(after))
            }
        }
    }
}

/// Leaves out the first octets of what it reads.
struct Skip<R> {
    input: R,
    count: u64,
}

impl<R: Read> Read for Skip<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.count > 0 {
            io::copy(&mut self.input.by_ref().take(self.count), &mut io::sink())?;
            self.count = 0;
        }
        self.input.read(buf)
    }
}

impl Segment {
    fn write(&self, source: &dyn Source, out: &mut dyn Write) -> io::Result<()> {
        match self {
            Self::Octets(octets) => out.write_all(octets),
            Self::Copy(stored) => copy(&mut stored.raw(source), out),
            Self::Recode { stored, to, text, insert } => {
                let mut content = stored.content(source, *text, insert.as_ref());
                match to {
                    TransferEncoding::Base64 => {
                        let mut encoder = Base64Encoder::new(out);
                        copy(&mut content, &mut encoder)?;
                        encoder.finish().map(drop)
                    }
                    TransferEncoding::QuotedPrintable => {
                        let mut encoder = QuotedPrintableEncoder::new(out);
                        copy(&mut content, &mut encoder)?;
                        encoder.finish().map(drop)
                    }
                    _ => copy(&mut content, out),
                }
            }
        }
    }
}
