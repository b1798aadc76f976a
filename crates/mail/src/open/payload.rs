//! What was inside, and the message as it was meant to be read.

use super::bytes::Bytes;
use crate::Error;
use mailseal_mime::header_protection::{Confirmed, Scheme, merged};
use mailseal_mime::{Header, Part, Section, Source, Tree, copy};
use std::io::{self, Write};

/// The Cryptographic Payload ([RFC 9787 §4.3](https://www.rfc-editor.org/rfc/rfc9787#section-4.3)): the entity inside every
/// layer. For a message without any layer, the message itself.
#[derive(Debug)]
pub struct Payload<'m> {
    message: Input<'m>,
    bytes: Bytes<'m>,
    tree: Tree,
    at: usize,
    outer: Header,
    confirmed: Confirmed,
}

/// The message as it came.
struct Input<'m>(&'m dyn Source);

impl std::fmt::Debug for Input<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} octets", self.0.len())
    }
}

impl<'m> Payload<'m> {
    pub(super) fn new(
        message: &'m dyn Source,
        bytes: Bytes<'m>,
        tree: Tree,
        at: usize,
        outer: Header,
        confirmed: Confirmed,
    ) -> Payload<'m> {
        Payload { message: Input(message), bytes, tree, at, outer, confirmed }
    }

    /// The root of the Payload.
    pub fn root(&self) -> &Part {
        &self.tree.parts()[self.at]
    }

    /// The parts in which the Payload stands, for a client that renders them; read their octets from
    /// [`Payload::source`].
    pub fn tree(&self) -> (&Tree, usize) {
        (&self.tree, self.at)
    }

    /// Where the octets of [`Payload::tree`] are.
    pub fn source(&self) -> &dyn Source {
        &self.bytes
    }

    /// Writes the exact octets of the Payload: header and body of the entity that was signed or encrypted.
    ///
    /// # Errors
    /// Reading or writing failed.
    pub fn write_to(&self, out: &mut dyn Write) -> io::Result<()> {
        copy(&mut Section::new(&self.bytes, self.root().entity.clone()), out)
    }

    /// Writes the message as it was meant to be read: the protected fields in place of those outside (R98), what transport
    /// and lists wrote, and the body of the Payload.
    ///
    /// # Errors
    /// Reading or writing failed, or the header cannot be written.
    pub fn write_message(&self, out: &mut dyn Write) -> Result<(), Error> {
        if self.is_the_message() {
            return Ok(copy(&mut Section::new(self.message.0, 0..self.message.0.len()), out)?);
        }
        let body = self.body();
        merged(&self.outer, &body.header, &self.confirmed)?.write_to(out)?;
        out.write_all(b"\r\n")?;
        Ok(copy(&mut Section::new(&self.bytes, body.body.clone()), out)?)
    }

    /// The part that is read: the root, but for the message that RFC 8551 §3.1 wraps for its header.
    fn body(&self) -> &Part {
        let root = self.root();
        match (self.confirmed.scheme(), root.children.first()) {
            (Some(Scheme::Rfc8551), Some(child)) => &self.tree.parts()[*child],
            _ => root,
        }
    }

    /// Whether no layer was removed.
    fn is_the_message(&self) -> bool {
        matches!(self.bytes, Bytes::Input(_)) && self.at == 0
    }
}
