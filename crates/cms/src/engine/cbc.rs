//! Cipher block chaining as a stream, padded as [RFC 5652 §6.3](https://www.rfc-editor.org/rfc/rfc5652#section-6.3).

use aes::cipher::array::Array;
use aes::cipher::{BlockModeDecrypt, BlockModeEncrypt, BlockSizeUser, KeyIvInit};
use aes::{Aes128, Aes192, Aes256};
use des::TdesEde3;
use subtle::{Choice, ConstantTimeEq, ConstantTimeLess};
use zeroize::Zeroizing;

use crate::Error;

const BAD_KEY: Error = Error::Misuse("a key or initialisation vector of this length");

/// Encrypts one message.
pub(crate) struct CbcEncryptor {
    blocks: Box<dyn Blocks>,
    /// Plaintext that does not fill a block yet.
    pending: Zeroizing<Vec<u8>>,
}

/// Decrypts one message. There is no integrity in it whatsoever.
pub(crate) struct CbcDecryptor {
    blocks: Box<dyn Blocks>,
    /// Ciphertext held back: the last block is padding.
    pending: Vec<u8>,
}

impl CbcEncryptor {
    /// AES with a key of 16, 24 or 32 octets.
    ///
    /// # Errors
    /// [`Error::Misuse`] for other lengths.
    pub(crate) fn new(key: &[u8], iv: &[u8]) -> Result<Self, Error> {
        let blocks = match key.len() {
            16 => encrypting::<Aes128>(key, iv)?,
            24 => encrypting::<Aes192>(key, iv)?,
            _ => encrypting::<Aes256>(key, iv)?,
        };
        Ok(Self { blocks, pending: Zeroizing::new(Vec::with_capacity(16)) })
    }

    /// Appends to `out` what can be encrypted so far.
    pub(crate) fn update(&mut self, plaintext: &[u8], out: &mut Vec<u8>) {
        let start = out.len();
        out.extend_from_slice(&self.pending);
        out.extend_from_slice(plaintext);
        let whole = (out.len() - start) / 16 * 16;
        self.pending.clear();
        self.pending.extend_from_slice(&out[start + whole..]);
        out.truncate(start + whole);
        self.blocks.run(&mut out[start..]);
    }

    /// Appends the padded last block.
    pub(crate) fn finish(mut self, out: &mut Vec<u8>) {
        let padding = 16 - self.pending.len();
        self.update(&vec![padding as u8; padding], out);
    }
}

impl CbcDecryptor {
    /// AES with a key of 16, 24 or 32 octets.
    ///
    /// # Errors
    /// [`Error::Misuse`] for other lengths.
    pub(crate) fn aes(key: &[u8], iv: &[u8]) -> Result<Self, Error> {
        let blocks = match key.len() {
            16 => decrypting::<Aes128>(key, iv)?,
            24 => decrypting::<Aes192>(key, iv)?,
            _ => decrypting::<Aes256>(key, iv)?,
        };
        Ok(Self { blocks, pending: Vec::new() })
    }

    /// Triple DES with a key of 24 octets.
    ///
    /// # Errors
    /// [`Error::Misuse`] for other lengths.
    pub(crate) fn triple_des(key: &[u8], iv: &[u8]) -> Result<Self, Error> {
        Ok(Self { blocks: decrypting::<TdesEde3>(key, iv)?, pending: Vec::new() })
    }

    /// Appends to `out` what can be decrypted so far.
    pub(crate) fn update(&mut self, ciphertext: &[u8], out: &mut Vec<u8>) {
        let len = self.blocks.block_len();
        let start = out.len();
        out.extend_from_slice(&self.pending);
        out.extend_from_slice(ciphertext);
        let ready = (out.len() - start).saturating_sub(1) / len * len;
        self.pending.clear();
        self.pending.extend_from_slice(&out[start + ready..]);
        out.truncate(start + ready);
        self.blocks.run(&mut out[start..]);
    }

    /// Appends what the last block holds beside its padding.
    ///
    /// # Errors
    /// [`Error::Decrypt`] where the ciphertext is not whole blocks or the padding is wrong.
    pub(crate) fn finish(mut self, out: &mut Vec<u8>) -> Result<(), Error> {
        let len = self.blocks.block_len();
        if self.pending.len() != len {
            return Err(Error::Decrypt);
        }
        let mut last = Zeroizing::new(std::mem::take(&mut self.pending));
        self.blocks.run(&mut last);
        let text = unpad(&last).ok_or(Error::Decrypt)?;
        out.extend_from_slice(text);
        Ok(())
    }
}

/// `block` without its padding; looks at every octet whatever it finds.
fn unpad(block: &[u8]) -> Option<&[u8]> {
    let padding = *block.last()?;
    let mut good = !padding.ct_eq(&0) & !(block.len() as u8).ct_lt(&padding);
    for (i, octet) in block.iter().rev().enumerate() {
        let is_text: Choice = !(i as u8).ct_lt(&padding);
        good &= is_text | octet.ct_eq(&padding);
    }
    if good.into() { block.get(..block.len() - usize::from(padding)) } else { None }
}

/// Whole blocks in place, whatever the cipher.
trait Blocks: Send {
    fn run(&mut self, data: &mut [u8]);
    fn block_len(&self) -> usize;
}

struct Encrypt<M>(M);
struct Decrypt<M>(M);

impl<M: BlockModeEncrypt + Send> Blocks for Encrypt<M> {
    fn run(&mut self, data: &mut [u8]) {
        self.0.encrypt_blocks(Array::slice_as_chunks_mut(data).0);
    }

    fn block_len(&self) -> usize {
        M::block_size()
    }
}

impl<M: BlockModeDecrypt + Send> Blocks for Decrypt<M> {
    fn run(&mut self, data: &mut [u8]) {
        self.0.decrypt_blocks(Array::slice_as_chunks_mut(data).0);
    }

    fn block_len(&self) -> usize {
        M::block_size()
    }
}

fn encrypting<C>(key: &[u8], iv: &[u8]) -> Result<Box<dyn Blocks>, Error>
where
    C: aes::cipher::BlockCipherEncrypt + aes::cipher::KeyInit + BlockSizeUser + Send + 'static,
{
    Ok(Box::new(Encrypt(cbc::Encryptor::<C>::new_from_slices(key, iv).map_err(|_| BAD_KEY)?)))
}

fn decrypting<C>(key: &[u8], iv: &[u8]) -> Result<Box<dyn Blocks>, Error>
where
    C: aes::cipher::BlockCipherDecrypt + aes::cipher::KeyInit + BlockSizeUser + Send + 'static,
{
    Ok(Box::new(Decrypt(cbc::Decryptor::<C>::new_from_slices(key, iv).map_err(|_| BAD_KEY)?)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::unhex;

    /// NIST SP 800-38A §F.2: CBC-AES128, 192 and 256, the four blocks before our padding.
    #[test]
    fn sp800_38a_vectors() {
        let iv = unhex("000102030405060708090a0b0c0d0e0f");
        let plain = unhex(
            "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710",
        );
        let cases = [
            (
                "2b7e151628aed2a6abf7158809cf4f3c",
                "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b273bed6b8e3c1743b7116e69e222295163ff1caa1681fac09120eca307586e1a7",
            ),
            (
                "8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b",
                "4f021db243bc633d7178183a9fa071e8b4d9ada9ad7dedf4e5e738763f69145a571b242012fb7ae07fa9baac3df102e008b0e27988598881d920a9e64f5615cd",
            ),
            (
                "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
                "f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d39f23369a9d9bacfa530e26304231461b2eb05e2c39be9fcda6c19078c6a9d1b",
            ),
        ];
        for (key, expected) in cases {
            for piece in [1, 16, 23, 64] {
                let mut out = Vec::new();
                let mut encrypt = CbcEncryptor::new(&unhex(key), &iv).unwrap();
                plain.chunks(piece).for_each(|chunk| encrypt.update(chunk, &mut out));
                encrypt.finish(&mut out);
                assert_eq!(out[..64], unhex(expected));
                assert_eq!(out.len(), 80);

                let mut back = Vec::new();
                let mut decrypt = CbcDecryptor::aes(&unhex(key), &iv).unwrap();
                out.chunks(piece).for_each(|chunk| decrypt.update(chunk, &mut back));
                decrypt.finish(&mut back).unwrap();
                assert_eq!(back, plain);
            }
        }
    }

    #[test]
    fn every_size_round_trips() {
        for size in 0..50 {
            let plain = vec![9; size];
            let (mut out, mut back) = (Vec::new(), Vec::new());
            let mut encrypt = CbcEncryptor::new(&[1; 16], &[2; 16]).unwrap();
            encrypt.update(&plain, &mut out);
            encrypt.finish(&mut out);
            let mut decrypt = CbcDecryptor::aes(&[1; 16], &[2; 16]).unwrap();
            decrypt.update(&out, &mut back);
            decrypt.finish(&mut back).unwrap();
            assert_eq!(back, plain);
        }
    }

    /// RFC 5652 §6.3: 1 to k octets of their number, nothing else.
    #[test]
    fn only_right_padding_is_taken() {
        let mut block = [7u8; 16];
        for padding in 0..=255u8 {
            block[15] = padding;
            for (i, octet) in block.iter_mut().rev().enumerate() {
                *octet = if i < usize::from(padding) || i == 0 { padding } else { 77 };
            }
            let text = unpad(&block);
            assert_eq!(text.is_some(), (1..=16).contains(&padding), "{padding}");
        }
        assert_eq!(unpad(b"fourteen bytes\x02\x02"), Some(b"fourteen bytes".as_slice()));
        assert_eq!(unpad(b"fourteen bytes\x01\x02"), None);
        assert_eq!(unpad(&[16; 16]), Some([].as_slice()));
        assert_eq!(unpad(&[17; 16]), None);
    }

    #[test]
    fn not_whole_blocks_is_an_error() {
        for len in [0, 1, 15, 17, 31] {
            let mut decrypt = CbcDecryptor::aes(&[1; 16], &[2; 16]).unwrap();
            let mut out = Vec::new();
            decrypt.update(&vec![0; len], &mut out);
            assert!(decrypt.finish(&mut out).is_err());
        }
    }
}
