//! The signed octets of a message as the protocol hashes them.

use super::bytes::Bytes;
use mailseal_core::Content;
use mailseal_mime::secure::Unobtrusive;
use mailseal_mime::{Section, copy_canonical};
use std::io::{self, Write};
use std::ops::Range;

/// The first part of multipart/signed: a range of the message with bare LF made CRLF and nothing else changed (R2, R3).
pub(crate) struct SignedOctets<'a> {
    pub(crate) bytes: &'a Bytes<'a>,
    pub(crate) range: Range<u64>,
}

impl Content for SignedOctets<'_> {
    fn write_to(&self, out: &mut dyn Write) -> io::Result<()> {
        copy_canonical(&mut Section::new(self.bytes, self.range.clone()), out)?;
        Ok(())
    }
}

/// What unobtrusive signatures are over (R144).
pub(crate) struct UnobtrusiveOctets<'a> {
    pub(crate) bytes: &'a Bytes<'a>,
    pub(crate) found: &'a Unobtrusive,
}

impl Content for UnobtrusiveOctets<'_> {
    fn write_to(&self, out: &mut dyn Write) -> io::Result<()> {
        self.found.write_content(self.bytes, out)
    }
}
