//! The octets that are being looked at: the message itself, or plaintext that came out of a layer.

use mailseal_mime::Source;
use std::fmt;
use std::io;
use std::sync::Arc;

/// The octets of a message or of a decrypted entity. Plaintext is held once, in memory, never in a file.
#[derive(Clone)]
pub(crate) enum Bytes<'m> {
    /// The input.
    Input(&'m dyn Source),
    /// What came out of a layer.
    Plaintext(Arc<Vec<u8>>),
}

impl Source for Bytes<'_> {
    fn len(&self) -> u64 {
        match self {
            Bytes::Input(source) => source.len(),
            Bytes::Plaintext(octets) => Source::len(octets.as_slice()),
        }
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        match self {
            Bytes::Input(source) => source.read_at(offset, buf),
            Bytes::Plaintext(octets) => octets.as_slice().read_at(offset, buf),
        }
    }
}

impl fmt::Debug for Bytes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} octets", self.len())
    }
}
