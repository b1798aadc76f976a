//! A zlib stream ([RFC 1950](https://www.rfc-editor.org/rfc/rfc1950)) that comes in pieces and cannot become a bomb.

use std::io::Write;

use flate2::{Decompress, FlushDecompress, Status};

use super::Limits;
use crate::error::Error;

/// Octets that come out at once.
const CHUNK: usize = 64 * 1024;

pub(super) struct Inflater {
    stream: Decompress,
    chunk: Vec<u8>,
    limits: Limits,
    is_whole: bool,
}

impl Inflater {
    pub(super) fn new(limits: Limits) -> Self {
        Inflater { stream: Decompress::new(true), chunk: vec![0; CHUNK], limits, is_whole: false }
    }

    /// Writes what `piece` gives.
    pub(super) fn inflate(&mut self, mut piece: &[u8], out: &mut dyn Write) -> Result<(), Error> {
        while !self.is_whole {
            let (used, given) = self.step(piece, out)?;
            piece = &piece[used..];
            if used == 0 && given == 0 && !self.is_whole {
                return if piece.is_empty() { Ok(()) } else { Err(Error::malformed("zlib stream")) };
            }
        }
        if piece.is_empty() { Ok(()) } else { Err(Error::malformed("zlib stream, which has octets behind its end")) }
    }

    /// Writes what comes out at once. How many octets went in, and how many came out.
    fn step(&mut self, piece: &[u8], out: &mut dyn Write) -> Result<(usize, usize), Error> {
        let (went_in, came_out) = (self.stream.total_in(), self.stream.total_out());
        let status = self.stream.decompress(piece, &mut self.chunk, FlushDecompress::None);
        let status = status.map_err(|_| Error::malformed("zlib stream"))?;
        self.is_whole = status == Status::StreamEnd;
        let used = (self.stream.total_in() - went_in) as usize;
        let given = (self.stream.total_out() - came_out) as usize;
        self.check_limits()?;
        out.write_all(&self.chunk[..given])?;
        Ok((used, given))
    }

    /// Octets that came out of the whole stream, whose checksum is right.
    pub(super) fn finish(self) -> Result<u64, Error> {
        if !self.is_whole {
            return Err(Error::malformed("zlib stream, which has no end"));
        }
        Ok(self.stream.total_out())
    }

    fn check_limits(&self) -> Result<(), Error> {
        let (went_in, came_out) = (self.stream.total_in(), self.stream.total_out());
        if came_out > self.limits.octets {
            return Err(Error::Limit { what: "octets of decompressed content", limit: self.limits.octets });
        }
        if came_out > self.limits.free && came_out / self.limits.ratio > went_in {
            return Err(Error::Limit { what: "octets out for each one in", limit: self.limits.ratio });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::ZlibEncoder};
    use proptest::prelude::*;

    fn deflated(content: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    }

    fn inflated(pieces: &[&[u8]], limits: Limits) -> Result<Vec<u8>, Error> {
        let (mut inflater, mut out) = (Inflater::new(limits), Vec::new());
        for piece in pieces {
            inflater.inflate(piece, &mut out)?;
        }
        assert_eq!(inflater.finish()?, out.len() as u64);
        Ok(out)
    }

    proptest! {
        #[test]
        fn any_content_in_any_pieces(content: Vec<u8>, repeat in 1..200_usize, size in 1..5000_usize) {
            let content = content.repeat(repeat);
            let stream = deflated(&content);
            let pieces: Vec<&[u8]> = stream.chunks(size).collect();
            prop_assert_eq!(inflated(&pieces, Limits::default()).unwrap(), content);
        }
    }

    #[test]
    fn a_stream_is_whole_or_nothing() {
        let stream = deflated(b"Hello, hello, hello.");
        for cut in 0..stream.len() {
            assert!(matches!(inflated(&[&stream[..cut]], Limits::default()), Err(Error::Malformed { .. })), "{cut}");
        }
        assert!(inflated(&[&stream, b"x"], Limits::default()).is_err());
        assert!(inflated(&[&[&stream[..], b"x"].concat()], Limits::default()).is_err());
        let mut wrong = stream.clone();
        *wrong.last_mut().unwrap() ^= 1; // Adler-32
        assert!(inflated(&[&wrong], Limits::default()).is_err());
    }

    /// R52, attack 23: a bomb ends at the ratio, or at the size.
    #[test]
    fn bombs() {
        let limits = Limits { octets: 1 << 20, ratio: 200, free: 64 << 10 };
        let fine = vec![0; 64 << 10];
        assert_eq!(inflated(&[&deflated(&fine)], limits).unwrap(), fine);
        let bomb = deflated(&vec![0; 512 << 10]);
        assert!(matches!(inflated(&[&bomb], limits), Err(Error::Limit { limit: 200, .. })));
        let large: Vec<u8> = (0..1_u32 << 19).flat_map(u32::to_be_bytes).collect();
        assert!(matches!(inflated(&[&deflated(&large)], limits), Err(Error::Limit { limit: 1_048_576, .. })));
    }
}
