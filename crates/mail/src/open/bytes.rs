//! The octets that are being looked at: the message itself, plaintext that came out of a layer, or a range of either.

use mailseal_mime::{Section, Source};
use std::fmt;
use std::io::{self, Read};
use std::ops::Range;
use std::sync::Arc;

/// The octets of a message or of a decrypted entity. Plaintext is held once, in memory, never in a file.
#[derive(Clone)]
pub(crate) enum Bytes<'m> {
    /// The input.
    Input(&'m dyn Source),
    /// What came out of a layer.
    Plaintext(Arc<Vec<u8>>),
    /// A part of a message that is looked at by itself.
    Part(Arc<Bytes<'m>>, Range<u64>),
}

impl<'m> Bytes<'m> {
    /// The octets in `range`.
    pub(crate) fn part(&self, range: Range<u64>) -> Bytes<'m> {
        let end = range.end.min(self.len());
        Bytes::Part(Arc::new(self.clone()), range.start.min(end)..end)
    }
}

impl Source for Bytes<'_> {
    fn len(&self) -> u64 {
        match self {
            Bytes::Input(source) => source.len(),
            Bytes::Plaintext(octets) => Source::len(octets.as_slice()),
            Bytes::Part(_, range) => range.end - range.start,
        }
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        match self {
            Bytes::Input(source) => source.read_at(offset, buf),
            Bytes::Plaintext(octets) => octets.as_slice().read_at(offset, buf),
            Bytes::Part(whole, range) => {
                Section::new(whole.as_ref(), range.start.saturating_add(offset)..range.end).read(buf)
            }
        }
    }
}

impl fmt::Debug for Bytes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} octets", self.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_has_offsets_of_its_own() {
        let whole: &[u8] = b"0123456789";
        let part = Bytes::Input(&whole).part(2..8).part(1..50);
        assert_eq!(Source::len(&part), 5);
        let mut buf = [0; 8];
        assert_eq!((part.read_at(1, &mut buf).unwrap(), &buf[..4]), (4, b"4567".as_slice()));
        assert_eq!(part.read_at(9, &mut buf).unwrap(), 0);
    }
}
