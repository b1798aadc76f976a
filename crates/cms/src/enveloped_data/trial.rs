use std::io::{self, Read};

use zeroize::Zeroizing;

use super::Sink;
use crate::algorithm::ContentEncryption;
use crate::ber::{Reader, Tag};
use crate::engine::ContentDecryptor;
use crate::error::Error;

/// Ciphertext handled at a time, in octets.
const CHUNK: usize = 64 * 1024;

/// Ciphertext that is held where more than one content key has to be tried, in octets.
const HELD: usize = 1 << 30;

/// What follows the ciphertext and is checked at its end.
pub(super) struct Trailer {
    /// `authAttrs` as the SET in DER, or nothing.
    pub(super) attributes: Vec<u8>,
    /// `mac`, or nothing.
    pub(super) mac: Vec<u8>,
}

/// A content key that may be the right one.
pub(super) struct Candidate {
    /// Index of its RecipientInfo.
    pub(super) recipient: usize,
    pub(super) content_key: Zeroizing<Vec<u8>>,
}

/// Finds the content key among `candidates` and writes what it decrypts to `sink`. Returns whose it was.
///
/// One key is tried as the ciphertext passes by. More than one happens where a message names several keys of one
/// reader, and where an attacker adds RecipientInfos. Then the ciphertext is held and every key is tried on all of it,
/// whatever comes of the others: which key was good must not show (CVE-2019-1563).
///
/// # Errors
/// [`Error::Decrypt`] if none fits, and what `reader`, `trailer` and `sink` say.
pub(super) fn open<R: Read>(
    encryption: &ContentEncryption,
    candidates: &[Candidate],
    mut reader: Reader<R>,
    trailer: impl FnOnce(Reader<R>) -> Result<Trailer, Error>,
    sink: &mut dyn Sink,
) -> Result<usize, Error> {
    if let [only] = candidates {
        let mut pass = Pass::new(encryption, only)?;
        reader.octets(Tag::context(0), &mut |piece| pass.update(piece, sink))?;
        pass.finish(&trailer(reader)?, sink)?;
        return Ok(only.recipient);
    }
    let ciphertext = reader.octet_string(Tag::context(0), HELD)?;
    let trailer = trailer(reader)?;
    let run = |candidate: &Candidate, sink: &mut dyn Sink| {
        let mut pass = Pass::new(encryption, candidate)?;
        ciphertext.chunks(CHUNK).try_for_each(|piece| pass.update(piece, sink))?;
        pass.finish(&trailer, sink)
    };
    let verdicts: Vec<_> = candidates.iter().map(|candidate| run(candidate, &mut Nowhere)).collect();
    let good = verdicts.iter().position(Result::is_ok).ok_or(Error::Decrypt)?;
    run(&candidates[good], sink)?;
    Ok(candidates[good].recipient)
}

/// One decryption of the whole ciphertext.
struct Pass {
    decryptor: ContentDecryptor,
    plaintext: Zeroizing<Vec<u8>>,
}

impl Pass {
    fn new(encryption: &ContentEncryption, candidate: &Candidate) -> Result<Self, Error> {
        let plaintext = Zeroizing::new(Vec::with_capacity(CHUNK + 32));
        Ok(Self { decryptor: ContentDecryptor::new(encryption, &candidate.content_key)?, plaintext })
    }

    fn update(&mut self, ciphertext: &[u8], sink: &mut dyn Sink) -> Result<(), Error> {
        self.plaintext.clear();
        self.decryptor.update(ciphertext, &mut self.plaintext)?;
        Ok(sink.write(&self.plaintext)?)
    }

    fn finish(mut self, trailer: &Trailer, sink: &mut dyn Sink) -> Result<(), Error> {
        self.plaintext.clear();
        self.decryptor.finish(&trailer.attributes, &trailer.mac, &mut self.plaintext)?;
        Ok(sink.write(&self.plaintext)?)
    }
}

/// Forgets what it is given.
struct Nowhere;

impl Sink for Nowhere {
    fn write(&mut self, _plaintext: &[u8]) -> io::Result<()> {
        Ok(())
    }

    fn commit(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn rollback(&mut self) {}
}
