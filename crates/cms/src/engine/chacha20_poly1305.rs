//! ChaCha20-Poly1305 as a stream, [RFC 8439 §2.8](https://www.rfc-editor.org/rfc/rfc8439#section-2.8).
//!
//! As with AES-GCM the authenticated attributes follow the ciphertext but are authenticated first, and as GHASH Poly1305
//! is a polynomial, so that it can be computed in parts (see [`Polynomial`]).

use aes::cipher::{KeyIvInit, StreamCipher};
use chacha20::ChaCha20;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::poly1305::Polynomial;
use super::whole_blocks::WholeBlocks;
use crate::Error;

/// Most octets under one nonce: 2³² - 1 blocks of 64 (RFC 8439 §2.8).
const MAX_LEN: u64 = ((1 << 32) - 1) * 64;

/// One message being encrypted or decrypted.
pub(crate) struct ChaCha20Poly1305 {
    keystream: ChaCha20,
    polynomial: Polynomial,
    /// The second half of the one-time key.
    mask: Zeroizing<[u8; 16]>,
    ciphertext: WholeBlocks,
}

impl ChaCha20Poly1305 {
    /// Starts with a key of 32 octets and a nonce of 12.
    ///
    /// # Errors
    /// [`Error::Misuse`] for other lengths.
    pub(crate) fn new(key: &[u8], nonce: &[u8]) -> Result<Self, Error> {
        let keystream = ChaCha20::new_from_slices(key, nonce);
        let mut keystream = keystream.map_err(|_| Error::Misuse("a ChaCha20 key or nonce of this length"))?;
        // Block 0 is the one-time key of Poly1305, its second half unused (RFC 8439 §2.6).
        let mut block = Zeroizing::new([0; 64]);
        keystream.apply_keystream(&mut *block);
        let (mut r, mut mask) = (Zeroizing::new([0; 16]), Zeroizing::new([0; 16]));
        r.copy_from_slice(&block[..16]);
        mask.copy_from_slice(&block[16..32]);
        Ok(Self { keystream, polynomial: Polynomial::new(&r), mask, ciphertext: WholeBlocks::new() })
    }

    /// Encrypts `data` in place.
    ///
    /// # Errors
    /// [`Error::Limit`] after 256 GiB.
    pub(crate) fn encrypt(&mut self, data: &mut [u8]) -> Result<(), Error> {
        self.apply_keystream(data)?;
        self.ciphertext.push(data, |blocks| self.polynomial.update_padded(blocks));
        Ok(())
    }

    /// Decrypts `data` in place. The result is worth nothing until [`Self::verify`] has said so.
    ///
    /// # Errors
    /// [`Error::Limit`] after 256 GiB.
    pub(crate) fn decrypt(&mut self, data: &mut [u8]) -> Result<(), Error> {
        self.ciphertext.push(data, |blocks| self.polynomial.update_padded(blocks));
        self.apply_keystream(data)
    }

    /// The tag over the ciphertext so far and the additional authenticated data `aad`.
    pub(crate) fn tag(mut self, aad: &[u8]) -> [u8; 16] {
        self.polynomial.update_padded(self.ciphertext.partial());
        let len = self.ciphertext.len();
        let lengths = [(aad.len() as u64).to_le_bytes(), len.to_le_bytes()].concat();
        self.polynomial.update_padded(&lengths);
        self.polynomial.prepend_padded(aad, len.div_ceil(16) + 1);
        self.polynomial.finish(&self.mask)
    }

    /// Whether `tag`, of 16 octets, is right; takes the same time wherever it differs.
    ///
    /// # Errors
    /// [`Error::Decrypt`] where it is not.
    pub(crate) fn verify(self, aad: &[u8], tag: &[u8]) -> Result<(), Error> {
        let computed = Zeroizing::new(self.tag(aad));
        if computed.as_slice().ct_eq(tag).into() { Ok(()) } else { Err(Error::Decrypt) }
    }

    fn apply_keystream(&mut self, data: &mut [u8]) -> Result<(), Error> {
        self.keystream
            .try_apply_keystream(data)
            .map_err(|_| Error::Limit { what: "octets under one ChaCha20 nonce", limit: MAX_LEN })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::unhex;

    /// RFC 8439 §2.8.2, in pieces of every length.
    #[test]
    fn rfc8439_vector() {
        let key: Vec<u8> = (0x80..0xa0).collect();
        let nonce = unhex("070000004041424344454647");
        let aad = unhex("50515253c0c1c2c3c4c5c6c7");
        let text =
            b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen \
                     would be it.";
        for piece in 1..=text.len() {
            let mut sealed = text.to_vec();
            let mut cipher = ChaCha20Poly1305::new(&key, &nonce).unwrap();
            sealed.chunks_mut(piece).for_each(|piece| cipher.encrypt(piece).unwrap());
            let tag = cipher.tag(&aad);
            assert_eq!(tag.to_vec(), unhex("1ae10b594f09e26a7e902ecbd0600691"), "{piece}");
            assert!(sealed.starts_with(&unhex("d31a8d34648e60db7b86afbc53ef7ec2")));
            assert!(sealed.ends_with(&unhex("3ff4def08e4b7a9de576d26586cec64b6116")));

            let mut cipher = ChaCha20Poly1305::new(&key, &nonce).unwrap();
            sealed.chunks_mut(piece).for_each(|piece| cipher.decrypt(piece).unwrap());
            cipher.verify(&aad, &tag).unwrap();
            assert_eq!(sealed, text);
        }
    }

    /// Attack 9: a tag or additional data that is altered, cut or lengthened.
    #[test]
    fn nothing_else_verifies() {
        let cipher = || {
            let mut cipher = ChaCha20Poly1305::new(&[7; 32], &[1; 12]).unwrap();
            cipher.decrypt(&mut [9; 100]).unwrap();
            cipher
        };
        let tag = cipher().tag(b"attributes");
        cipher().verify(b"attributes", &tag).unwrap();
        for at in 0..16 {
            let mut altered = tag;
            altered[at] ^= 1;
            assert!(cipher().verify(b"attributes", &altered).is_err(), "{at}");
            assert!(cipher().verify(b"attributes", &tag[..at]).is_err(), "{at}");
        }
        assert!(cipher().verify(b"attributes", &[&tag[..], &[0]].concat()).is_err());
        for aad in [&b""[..], b"attribute", b"attributes\0", b"Attributes"] {
            assert!(cipher().verify(aad, &tag).is_err());
        }
    }

    #[test]
    fn other_lengths_are_refused() {
        for (key, nonce) in [(16, 12), (31, 12), (33, 12), (32, 8), (32, 11), (32, 24)] {
            assert!(ChaCha20Poly1305::new(&vec![0; key], &vec![0; nonce]).is_err(), "{key} {nonce}");
        }
    }
}
