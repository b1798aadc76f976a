//! What was inside, and the message as it was meant to be read.

use super::bytes::Bytes;
use super::main_body::MainBodyPart;
use crate::Error;
use mailseal_mime::header_protection::{
    Confirmed, Replacement, Scheme, main_body_parts, merged, shown_text, v1_legacy_display, without_legacy_display,
    without_v1_legacy_display,
};
use mailseal_mime::{Header, Part, Section, Source, Tree, copy, decode_charset};
use std::io::{self, Write};
use std::ops::Range;

/// The Cryptographic Payload ([RFC 9787 §4.3](https://www.rfc-editor.org/rfc/rfc9787#section-4.3)): the entity inside every
/// layer. For a message without any layer, the message itself.
#[derive(Debug)]
pub struct Payload<'m> {
    pub(super) bytes: Bytes<'m>,
    pub(super) tree: Tree,
    pub(super) at: usize,
    pub(super) outer: Header,
    pub(super) confirmed: Confirmed,
    /// Whether it came out of an encryption: only then are there Legacy Display Elements.
    pub(super) encrypted: bool,
    /// Whether the From of the outer header is shown in place of the protected one (R101).
    pub(super) from_outside: bool,
}

impl Payload<'_> {
    /// The root of the Payload.
    pub fn root(&self) -> &Part {
        &self.tree.parts()[self.at]
    }

    /// The parts in which the Payload stands, for a client that renders them; read their octets from
    /// [`Payload::source`]. They are as they were signed and encrypted, Legacy Display Elements included (R105).
    pub fn tree(&self) -> (&Tree, usize) {
        (&self.tree, self.at)
    }

    /// Where the octets of [`Payload::tree`] are.
    pub fn source(&self) -> &dyn Source {
        &self.bytes
    }

    /// The outer header, and the protected one.
    pub(crate) fn headers(&self) -> (&Header, &Confirmed) {
        (&self.outer, &self.confirmed)
    }

    /// Writes the exact octets of the Payload: header and body of the entity that was signed or encrypted (R105).
    ///
    /// # Errors
    /// Reading or writing failed.
    pub fn write_to(&self, out: &mut dyn Write) -> io::Result<()> {
        self.write(self.root().entity.clone(), out)
    }

    /// Writes the message as it was meant to be read: the protected fields in place of those outside (R98), what transport
    /// and lists wrote, and the body of the Payload without Legacy Display Elements (R113).
    ///
    /// # Errors
    /// Reading or writing failed, or the header cannot be written.
    pub fn write_message(&self, out: &mut dyn Write) -> Result<(), Error> {
        if self.is_message() {
            return Ok(self.write(0..self.bytes.len(), out)?);
        }
        let body = &self.tree.parts()[self.body()];
        self.header(body)?.write_to(out)?;
        out.write_all(b"\r\n")?;
        let mut at = body.body.start;
        for change in self.changes()? {
            self.write(at..change.range.start, out)?;
            out.write_all(&change.octets)?;
            at = change.range.end;
        }
        Ok(self.write(at..body.body.end, out)?)
    }

    /// The header as it is to be read; of two Froms between which no signature decides, the one outside (R101).
    fn header(&self, body: &Part) -> Result<Header, Error> {
        let mut header = merged(&self.outer, &body.header, &self.confirmed)?;
        if self.from_outside {
            header.remove("From");
            for field in self.outer.get_all("From") {
                header.push(field.clone());
            }
        }
        Ok(header)
    }

    /// The text/* Main Body Parts, in order. An alternative gives one for each of its forms.
    ///
    /// # Errors
    /// Reading failed.
    pub fn main_body(&self) -> io::Result<Vec<MainBodyPart>> {
        let mut texts = Vec::new();
        let root = self.body();
        let start = match self.legacy_part() {
            Some(_) => self.tree.parts()[root].children[1],
            None => root,
        };
        for index in main_body_parts(&self.tree, start) {
            let content_type = &self.tree.parts()[index].content_type;
            if content_type.main_type() == "text" {
                let octets = shown_text(&self.bytes, &self.tree, index, self.encrypted)?;
                let charset = content_type.param("charset").unwrap_or_default();
                texts.push(MainBodyPart::new(content_type.media_type(), decode_charset(charset, &octets)));
            }
        }
        Ok(texts)
    }

    /// What is left out for readers that know header protection.
    fn changes(&self) -> io::Result<Vec<Replacement>> {
        match self.confirmed.scheme() {
            _ if !self.encrypted => Ok(Vec::new()),
            Some(Scheme::ProtectedHeadersV1) => Ok(Vec::from_iter(without_v1_legacy_display(&self.tree, self.body()))),
            _ => without_legacy_display(&self.bytes, &self.tree, self.body()),
        }
    }

    /// The part in which the older scheme repeats hidden fields; only an encryption hides any.
    fn legacy_part(&self) -> Option<usize> {
        let is_v1 = self.encrypted && self.confirmed.scheme() == Some(Scheme::ProtectedHeadersV1);
        v1_legacy_display(&self.tree, self.body()).filter(|_| is_v1)
    }

    /// The part that is read: the root, but for the message that RFC 8551 §3.1 wraps for its header.
    fn body(&self) -> usize {
        match (self.confirmed.scheme(), self.root().children.first()) {
            (Some(Scheme::Rfc8551), Some(child)) => *child,
            _ => self.at,
        }
    }

    /// Whether nothing came off, so that it is the message.
    fn is_message(&self) -> bool {
        self.at == 0 && !matches!(self.bytes, Bytes::Plaintext(_))
    }

    fn write(&self, range: Range<u64>, out: &mut dyn Write) -> io::Result<()> {
        copy(&mut Section::new(&self.bytes, range), out)
    }
}
