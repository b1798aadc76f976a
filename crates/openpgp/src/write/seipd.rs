//! The encryption container (RFC 9580 §5.13), written as it comes.
//!
//! Sequoia 2.4.2 writes it too, but hashes for the MDC with a SHA-1 that looks for collisions, of which an MDC has nothing to
//! fear, and cuts version 2 into chunks of 4 KiB.

use sequoia_openpgp::Result;
use sequoia_openpgp::crypto::SessionKey;
use sequoia_openpgp::crypto::aead::{self, SEIPv2Schedule};
use sequoia_openpgp::crypto::random;
use sequoia_openpgp::crypto::symmetric::{self, BlockCipherMode, PaddingMode};
use sequoia_openpgp::types::{AEADAlgorithm, SymmetricAlgorithm};
use sha1::{Digest, Sha1};
use std::io::{self, Write};

/// The tag of the packet, as its header begins (§4.2).
const HEADER: u8 = 0xC0 | 18;
/// The header of the MDC packet, which is hashed too (§5.13.1).
const MDC_HEADER: [u8; 2] = [0xC0 | 19, 20];
/// Octets of a piece of the packet, and of a chunk of version 2: one RFC 9580 has every reader take (§5.13.2).
const PIECE: usize = 1 << PIECE_EXPONENT;
const PIECE_EXPONENT: u8 = 16;
/// Chunks of no octets in the exponent have 64 octets.
const LEAST_CHUNK_EXPONENT: u8 = 6;

/// A container whose plaintext is written to it.
pub(crate) enum Seipd<W: Write> {
    /// Version 1: what was encrypted is hashed too.
    Mdc { body: symmetric::Encryptor<Pieces<W>>, hash: Sha1 },
    /// Version 2.
    Aead(aead::Encryptor<'static, Pieces<W>>),
}

impl<W: Write> Seipd<W> {
    /// Version 2 with this mode, else version 1.
    pub(crate) fn new(
        cipher: SymmetricAlgorithm,
        mode: Option<AEADAlgorithm>,
        key: &SessionKey,
        out: W,
    ) -> Result<Seipd<W>> {
        let mut pieces = Pieces::new(out)?;
        match mode {
            Some(mode) => {
                let mut salt = [0; 32];
                random(&mut salt)?;
                pieces.write_all(&[2, cipher.into(), mode.into(), PIECE_EXPONENT - LEAST_CHUNK_EXPONENT])?;
                pieces.write_all(&salt)?;
                let schedule = SEIPv2Schedule::new(key, cipher, mode, PIECE, &salt)?;
                Ok(Seipd::Aead(aead::Encryptor::new(cipher, mode, PIECE, schedule, pieces)?))
            }
            None => {
                pieces.write_all(&[1])?;
                let body =
                    symmetric::Encryptor::new(cipher, BlockCipherMode::CFB, PaddingMode::None, key, None, pieces)?;
                let mut container = Seipd::Mdc { body, hash: Sha1::new() };
                let mut prefix = vec![0; cipher.block_size()?];
                random(&mut prefix)?;
                prefix.extend_from_within(prefix.len() - 2..);
                container.write_all(&prefix)?;
                Ok(container)
            }
        }
    }

    /// Ends the container.
    pub(crate) fn finish(self) -> Result<W> {
        let pieces = match self {
            Seipd::Mdc { mut body, mut hash } => {
                hash.update(MDC_HEADER);
                body.write_all(&MDC_HEADER)?;
                body.write_all(&hash.finalize())?;
                body.finalize()?
            }
            Seipd::Aead(body) => body.finalize()?,
        };
        Ok(pieces.finish()?)
    }
}

impl<W: Write> Write for Seipd<W> {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        match self {
            Seipd::Mdc { body, hash } => {
                let written = body.write(octets)?;
                hash.update(&octets[..written]);
                Ok(written)
            }
            Seipd::Aead(body) => body.write(octets),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The body of a packet in partial lengths (§4.2.1.4).
pub(crate) struct Pieces<W: Write> {
    out: W,
    piece: Vec<u8>,
}

impl<W: Write> Pieces<W> {
    fn new(mut out: W) -> io::Result<Pieces<W>> {
        out.write_all(&[HEADER])?;
        Ok(Pieces { out, piece: Vec::with_capacity(PIECE) })
    }

    /// Writes the rest, with its own length (§4.2.1).
    fn finish(mut self) -> io::Result<W> {
        let length = self.piece.len() as u32;
        match length {
            0..192 => self.out.write_all(&[length as u8])?,
            192..8384 => {
                let [high, low] = (length as u16 - 192).to_be_bytes();
                self.out.write_all(&[high + 192, low])?;
            }
            _ => {
                self.out.write_all(&[0xFF])?;
                self.out.write_all(&length.to_be_bytes())?;
            }
        }
        self.out.write_all(&self.piece)?;
        Ok(self.out)
    }
}

impl<W: Write> Write for Pieces<W> {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        if self.piece.len() == PIECE && !octets.is_empty() {
            self.out.write_all(&[0xE0 | PIECE_EXPONENT])?;
            self.out.write_all(&self.piece)?;
            self.piece.clear();
        }
        let taken = octets.len().min(PIECE - self.piece.len());
        self.piece.extend_from_slice(&octets[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sequoia_openpgp::Packet;
    use sequoia_openpgp::packet::Literal;
    use sequoia_openpgp::parse::{PacketParser, PacketParserResult, Parse};
    use sequoia_openpgp::serialize::SerializeInto;
    use sequoia_openpgp::types::DataFormat;

    const CIPHER: SymmetricAlgorithm = SymmetricAlgorithm::AES128;

    /// What Sequoia finds in a container around a literal packet of so many octets.
    #[allow(deprecated, reason = "only SEIPD version 1 has the MDC packet, and that is deprecated")]
    fn read_back(mode: Option<AEADAlgorithm>, octets: usize) -> (Vec<u8>, bool) {
        let key = SessionKey::new(16).expect("random");
        let mut literal = Literal::new(DataFormat::Binary);
        literal.set_body(vec![b'x'; octets]);
        let mut container = Seipd::new(CIPHER, mode, &key, Vec::new()).expect("a container");
        container.write_all(&Packet::from(literal).to_vec().expect("a packet")).expect("encrypts");
        let sealed = container.finish().expect("ends");

        let (mut body, mut has_mdc) = (Vec::new(), false);
        let mut next = PacketParser::from_bytes(&sealed).expect("a packet");
        while let PacketParserResult::Some(mut packet) = next {
            match &packet.packet {
                Packet::SEIP(_) => packet.decrypt(CIPHER, &key).expect("decrypts"),
                Packet::Literal(_) => io::copy(&mut packet, &mut body).map(|_| ()).expect("reads"),
                _ => {}
            }
            let (done, rest) = packet.recurse().expect("goes on");
            has_mdc |= matches!(&done, Packet::MDC(mdc) if mdc.valid());
            next = rest;
        }
        (body, has_mdc)
    }

    /// Lengths around those where another form of length, a piece and a chunk begin.
    #[test]
    fn every_length_comes_back() {
        let near = |octets: usize| octets.saturating_sub(100)..octets + 8;
        let lengths =
            near(0).chain(near(192)).chain((8250..8400).step_by(7)).chain((PIECE - 100..PIECE + 8).step_by(3));
        for octets in lengths.chain([2 * PIECE - 57, 2 * PIECE, 300_000]) {
            let expected = vec![b'x'; octets];
            assert_eq!(read_back(None, octets), (expected.clone(), true), "{octets}");
            assert_eq!(read_back(Some(AEADAlgorithm::OCB), octets), (expected, false), "{octets}");
        }
    }

    #[test]
    fn lengths_have_their_forms() {
        let header = |octets: usize| {
            let mut pieces = Pieces::new(Vec::new()).expect("no error");
            pieces.write_all(&vec![7; octets]).expect("no error");
            let out = pieces.finish().expect("no error");
            out[..out.len().min(7)].to_vec()
        };
        assert_eq!(header(0), [0xD2, 0]);
        assert_eq!(header(191), [0xD2, 191, 7, 7, 7, 7, 7]);
        assert_eq!(header(192), [0xD2, 192, 0, 7, 7, 7, 7]);
        assert_eq!(header(8383), [0xD2, 223, 255, 7, 7, 7, 7]);
        assert_eq!(header(8384), [0xD2, 255, 0, 0, 0x20, 0xC0, 7]);
        assert_eq!(header(PIECE), [0xD2, 255, 0, 1, 0, 0, 7]);
        assert_eq!(header(PIECE + 1), [0xD2, 0xF0, 7, 7, 7, 7, 7]);
    }
}
