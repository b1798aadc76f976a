//! The container that gpg 2.3 and later write to keys that announce it: LibrePGP's OCB Encrypted Data packet (tag 20) with
//! version 5 of the packet for passwords ([draft-koch-librepgp](https://datatracker.ietf.org/doc/draft-koch-librepgp/) §5.16,
//! §5.3.2). Read, never written: RFC 9580 has version 2 of its own container for that.

use sequoia_openpgp::Result;
use sequoia_openpgp::crypto::{Password, S2K, SessionKey};
use sequoia_openpgp::types::{AEADAlgorithm, HashAlgorithm, SymmetricAlgorithm};
use std::io::{self, Error, ErrorKind, Read};
use zeroize::Zeroizing;

/// Octets of an authentication tag.
const TAG: usize = 16;
/// The largest chunks, as RFC 9580 §5.13.2 has them: 4 MiB, which is what gpg writes.
const LARGEST: u8 = 16;
/// The new-format headers of both packets, which the tags authenticate.
const CONTAINER: u8 = 0xc0 | 20;
const SESSION_KEY: u8 = 0xc0 | 3;

/// What stands before the chunks: version, cipher, mode, size of a chunk, initialization vector.
#[derive(Clone)]
pub(crate) struct Header {
    pub(crate) cipher: SymmetricAlgorithm,
    pub(crate) aead: AEADAlgorithm,
    size: u8,
    vector: Vec<u8>,
}

impl Header {
    /// Octets before the initialization vector.
    pub(crate) const FIXED: usize = 4;

    /// Reads it from the beginning of the packet's body.
    ///
    /// # Errors
    /// Another version, an unknown mode, chunks that are too large, too few octets.
    pub(crate) fn read(from: &mut dyn Read) -> io::Result<Header> {
        let mut fixed = [0; Header::FIXED];
        from.read_exact(&mut fixed)?;
        let [1, cipher, aead, size @ ..=LARGEST] = fixed else { return Err(malformed()) };
        let aead = mode(aead).ok_or_else(malformed)?;
        let mut vector = vec![0; aead.nonce_size().map_err(|_| malformed())?];
        from.read_exact(&mut vector)?;
        Ok(Header { cipher: SymmetricAlgorithm::from(cipher), aead, size, vector })
    }

    /// Cipher and mode, for which the beginning of the packet's body is enough; `None` where it is no such beginning.
    pub(crate) fn algorithms(start: &[u8]) -> Option<(SymmetricAlgorithm, AEADAlgorithm)> {
        match start {
            [1, cipher, aead, ..] => Some((SymmetricAlgorithm::from(*cipher), mode(*aead)?)),
            _ => None,
        }
    }

    /// Octets of plaintext in a chunk, except the last.
    fn chunk(&self) -> usize {
        1 << (self.size + 6)
    }

    /// Octets with which [`Header::is_opened_by`] can say something.
    pub(crate) fn first(&self) -> usize {
        self.chunk() + 2 * TAG
    }

    /// Whether a session key opens the first chunk of what follows the header; `start` has [`Header::first`] octets of it, or all.
    /// A key of another length takes as long as one that fits.
    pub(crate) fn is_opened_by(&self, key: &SessionKey, start: &[u8]) -> bool {
        let Ok(size) = self.cipher.key_size() else { return false };
        let fits = key.len() == size;
        let key = if fits { key.clone() } else { SessionKey::from(vec![0; size]) };
        let mut first = Chunks::new(self.clone(), key, &start[..start.len().min(self.first())]);
        first.fill().is_ok() & fits
    }
}

/// The plaintext of the chunks. Each is authentic when it comes out; the end is where the last tag says so.
pub(crate) struct Chunks<R> {
    header: Header,
    key: SessionKey,
    inner: R,
    sealed: Vec<u8>,
    plain: Zeroizing<Vec<u8>>,
    read: usize,
    index: u64,
    octets: u64,
    is_whole: bool,
}

impl<R: Read> Chunks<R> {
    /// Of what follows the header.
    pub(crate) fn new(header: Header, key: SessionKey, inner: R) -> Chunks<R> {
        let (sealed, plain) = (Vec::new(), Zeroizing::default());
        Chunks { header, key, inner, sealed, plain, read: 0, index: 0, octets: 0, is_whole: false }
    }

    /// Whether all was read, the last tag too.
    pub(crate) fn is_whole(&self) -> bool {
        self.is_whole && self.read == self.plain.len()
    }

    /// Opens the next chunk. Two tags at the end are the last chunk's and that of the whole.
    fn fill(&mut self) -> io::Result<()> {
        let wanted = self.header.first() - self.sealed.len();
        (&mut self.inner).take(wanted as u64).read_to_end(&mut self.sealed)?;
        let is_last = self.sealed.len() < self.header.first();
        let Some(chunk) = self.sealed.len().checked_sub(TAG) else { return Err(malformed()) };
        self.read = 0;
        self.plain = Zeroizing::default();
        match chunk {
            0 => {}
            1..=TAG => return Err(malformed()),
            _ => {
                self.plain = self.open(&self.sealed[..chunk], &[])?;
                self.index += 1;
                self.octets += self.plain.len() as u64;
            }
        }
        self.sealed.drain(..chunk);
        if is_last {
            // The tag of the whole, over how long it is.
            self.open(&self.sealed, &self.octets.to_be_bytes())?;
            self.is_whole = true;
        }
        Ok(())
    }

    /// What is in a chunk, or before the tag of the whole.
    fn open(&self, sealed: &[u8], octets: &[u8]) -> io::Result<Zeroizing<Vec<u8>>> {
        let (data, nonce) = (self.data(octets), self.nonce());
        let mut plain = Zeroizing::new(vec![0; sealed.len().checked_sub(TAG).ok_or_else(malformed)?]);
        let context = self.header.aead.context(self.header.cipher, &self.key, &data, &nonce);
        let opened = context.and_then(|context| context.for_decryption()?.decrypt_verify(&mut plain, sealed));
        opened.map_err(|_| changed())?;
        Ok(plain)
    }

    fn data(&self, octets: &[u8]) -> Vec<u8> {
        let Header { cipher, aead, size, .. } = self.header;
        [&[CONTAINER, 1, cipher.into(), aead.into(), size], self.index.to_be_bytes().as_slice(), octets].concat()
    }

    fn nonce(&self) -> Vec<u8> {
        let mut nonce = self.header.vector.clone();
        nonce.iter_mut().rev().zip(self.index.to_le_bytes()).for_each(|(octet, index)| *octet ^= index);
        nonce
    }
}

impl<R: Read> Read for Chunks<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.read == self.plain.len() && !self.is_whole {
            self.fill()?;
        }
        let octets = buffer.len().min(self.plain.len() - self.read);
        buffer[..octets].copy_from_slice(&self.plain[self.read..self.read + octets]);
        self.read += octets;
        Ok(octets)
    }
}

/// A session key that a password opens (version 5 of the packet).
pub(crate) struct Wrapped {
    pub(crate) cipher: SymmetricAlgorithm,
    pub(crate) s2k: S2K,
    aead: AEADAlgorithm,
    nonce: Vec<u8>,
    sealed: Vec<u8>,
}

impl Wrapped {
    /// Reads the body of a packet for passwords; `None` where it is none of this version.
    pub(crate) fn read(body: &[u8]) -> Option<Wrapped> {
        let [5, cipher, aead, kind, hash, rest @ ..] = body else { return None };
        let (salt, rest) = rest.split_first_chunk::<8>()?;
        let (hash, salt) = (HashAlgorithm::from(*hash), *salt);
        // RFC 9580 §3.7.1.2 and §3.7.1.3; the others are not for passwords that people choose, or not of LibrePGP.
        let (s2k, rest) = match (kind, rest.split_first()) {
            (1, _) => (salted(hash, salt), rest),
            (3, Some((count, rest))) => {
                let hash_bytes = (16 + u32::from(count & 15)) << ((count >> 4) + 6);
                (S2K::Iterated { hash, salt, hash_bytes }, rest)
            }
            _ => return None,
        };
        let aead = mode(*aead)?;
        let (nonce, sealed) = rest.split_at_checked(aead.nonce_size().ok()?)?;
        let cipher = SymmetricAlgorithm::from(*cipher);
        Some(Wrapped { cipher, s2k, aead, nonce: nonce.to_vec(), sealed: sealed.to_vec() })
    }

    /// The session key, which is for the same cipher.
    pub(crate) fn decrypt(&self, password: &Password) -> Result<SessionKey> {
        let key = self.s2k.derive_key(password, self.cipher.key_size()?)?;
        let data = [SESSION_KEY, 5, self.cipher.into(), self.aead.into()];
        let mut opened = SessionKey::from(vec![0; self.sealed.len().checked_sub(TAG).ok_or_else(malformed)?]);
        let context = self.aead.context(self.cipher, &key, &data, &self.nonce)?;
        context.for_decryption()?.decrypt_verify(&mut opened, &self.sealed)?;
        Ok(opened)
    }
}

/// The modes of LibrePGP.
fn mode(number: u8) -> Option<AEADAlgorithm> {
    Some(AEADAlgorithm::from(number)).filter(|mode| matches!(mode, AEADAlgorithm::EAX | AEADAlgorithm::OCB))
}

#[allow(deprecated, reason = "it is read")]
fn salted(hash: HashAlgorithm, salt: [u8; 8]) -> S2K {
    S2K::Salted { hash, salt }
}

fn malformed() -> Error {
    Error::new(ErrorKind::InvalidData, "this is no such container")
}

fn changed() -> Error {
    Error::new(ErrorKind::InvalidData, "the container was changed")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::open::{Besides, open_besides};
    use mailseal_core::{Context, Decryption, Layer, MemorySink, NoCerts, NoKeys};

    const SMALLEST: usize = 64;

    fn key() -> SessionKey {
        SessionKey::from(vec![7; 16])
    }

    /// A packet's body with chunks of 64 octets, built by the letter of the draft.
    fn container(plain: &[u8]) -> Vec<u8> {
        of_chunks(plain.chunks(SMALLEST))
    }

    fn of_chunks<'a>(chunks: impl Iterator<Item = &'a [u8]>) -> Vec<u8> {
        let seal = |data: &[u8], index: u64, plain: &[u8]| {
            let mut nonce = [9; 15];
            nonce[7..].iter_mut().zip(index.to_be_bytes()).for_each(|(octet, index)| *octet ^= index);
            let mut sealed = vec![0; plain.len() + TAG];
            let key = key();
            let context = AEADAlgorithm::OCB.context(SymmetricAlgorithm::AES128, &key, data, &nonce).unwrap();
            context.for_encryption().unwrap().encrypt_seal(&mut sealed, plain).unwrap();
            sealed
        };
        let fixed = [1, 7, 2, 0];
        let mut body = [&fixed[..], &[9; 15]].concat();
        let (mut index, mut length) = (0_u64, 0);
        for chunk in chunks {
            length += chunk.len() as u64;
            body.extend(seal(&[&[0xd4], &fixed[..], &index.to_be_bytes()].concat(), index, chunk));
            index += 1;
        }
        let length = length.to_be_bytes();
        body.extend(seal(&[&[0xd4], &fixed[..], &index.to_be_bytes(), &length].concat(), index, &[]));
        body
    }

    fn opened(mut body: &[u8], key: SessionKey) -> io::Result<Vec<u8>> {
        let header = Header::read(&mut body)?;
        if !header.is_opened_by(&key, body) {
            return Err(changed());
        }
        let mut plain = Vec::new();
        let mut chunks = Chunks::new(header, key, body);
        chunks.read_to_end(&mut plain)?;
        assert!(chunks.is_whole());
        Ok(plain)
    }

    #[test]
    fn chunks_of_every_length() {
        for length in [0, 1, SMALLEST - 1, SMALLEST, SMALLEST + 1, 3 * SMALLEST, 300 * SMALLEST + 5] {
            let plain: Vec<u8> = (0_u8..=255).cycle().take(length).collect();
            assert_eq!(opened(&container(&plain), key()).unwrap(), plain, "{length}");
        }
    }

    /// Attacks 1 and 9: changed, cut off, longer, with chunks swapped, left out or twice: it is not opened.
    #[test]
    fn what_was_changed_is_not_opened() {
        let plain: Vec<u8> = (0_u8..200).collect();
        let good = container(&plain);
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 1;
            assert!(opened(&bad, key()).is_err(), "octet {at}");
            assert!(opened(&good[..at], key()).is_err(), "{at} octets");
        }
        let (head, chunk) = (Header::FIXED + 15, SMALLEST + TAG);
        let (first, second, rest) =
            (&good[head..head + chunk], &good[head + chunk..head + 2 * chunk], &good[head + 2 * chunk..]);
        let head = &good[..head];
        for bad in [
            [head, second, first, rest].concat(),
            [head, first, rest].concat(),
            [head, first, first, second, rest].concat(),
            [&good[..], b"x"].concat(),
            [&good[..], &good[good.len() - TAG..]].concat(),
        ] {
            assert!(opened(&bad, key()).is_err());
        }
        let whole = &plain[..SMALLEST];
        assert!(opened(&of_chunks([whole].into_iter()), key()).is_ok());
        for empty in [&[&[][..]][..], &[whole, &[]]] {
            assert!(opened(&of_chunks(empty.iter().copied()), key()).is_err(), "a chunk of nothing");
        }
        for other in [vec![8; 16], vec![7; 32], vec![7; 15], vec![]] {
            assert!(opened(&good, SessionKey::from(other)).is_err());
        }
    }

    /// Attack 23: nobody is made to hold a chunk larger than 4 MiB.
    #[test]
    fn headers() {
        let head = |octets: [u8; 4]| Header::read(&mut [&octets[..], &[0; 16]].concat().as_slice()).is_ok();
        assert!(head([1, 9, 2, 0]) && head([1, 9, 2, 16]) && head([1, 9, 1, 10]));
        for bad in [[0, 9, 2, 0], [2, 9, 2, 0], [1, 9, 2, 17], [1, 9, 2, 255], [1, 9, 3, 0], [1, 9, 0, 0]] {
            assert!(!head(bad), "{bad:?}");
        }
    }

    fn packet(tag: u8, body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(body.len()).unwrap().to_be_bytes();
        [&[0xc0 | tag, 0xff], &length[..], body].concat()
    }

    /// What comes of a message, with its session key; its text where it was released.
    fn message(packets: &[u8]) -> (Option<Decryption>, Option<Vec<u8>>) {
        let policy = mailseal_core::Policy::at(std::time::UNIX_EPOCH);
        let with = Context { policy: &policy, certs: &NoCerts, keys: &NoKeys };
        let mut sink = MemorySink::new();
        let session_keys = vec![(SymmetricAlgorithm::AES128, key())];
        let mut besides = Besides { session_keys, ..Besides::default() };
        let peeled = open_besides(&mut &packets[..], &with, &mut besides, &mut sink).unwrap();
        let outcome = peeled.layers.first().and_then(|layer| match layer {
            Layer::Encrypted(encryption) => Some(encryption.decryption),
            _ => None,
        });
        (outcome, sink.into_committed())
    }

    /// R65, attack 19: it is the whole message, alone, and a message is in it.
    #[test]
    fn it_stands_alone() {
        let literal = packet(11, b"b\0\0\0\0\0hello");
        let sealed = |inner: &[u8]| packet(20, &container(inner));
        let compressed = |inner: &[u8]| packet(8, &[&[0], inner].concat());
        let marker = packet(10, b"PGP");
        for good in [sealed(&literal), sealed(&compressed(&literal)), [marker, sealed(&literal)].concat()] {
            assert_eq!(message(&good), (Some(Decryption::Done), Some(b"hello".to_vec())));
        }
        for bad in [
            sealed(&sealed(&literal)),
            sealed(&compressed(&sealed(&literal))),
            sealed(&[literal.clone(), literal.clone()].concat()),
            sealed(b""),
            sealed(b"-----BEGIN PGP MESSAGE-----\n\nyxFiAAAAAABoZWxsbw==\n-----END PGP MESSAGE-----\n"),
            compressed(&sealed(&literal)),
            [sealed(&literal), literal.clone()].concat(),
            [sealed(&literal), sealed(&literal)].concat(),
            [literal.clone(), sealed(&literal)].concat(),
        ] {
            let (outcome, text) = message(&bad);
            assert!(outcome != Some(Decryption::Done) && text.is_none(), "{outcome:?} {text:?}");
        }
    }
}
