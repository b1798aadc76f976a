//! The key wrap of password recipients: [RFC 3211 §2.3](https://www.rfc-editor.org/rfc/rfc3211#section-2.3), which
//! encrypts twice in CBC mode, so that every block of the result depends on every octet of the key.

use aes::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use aes::{Aes128, Aes192, Aes256};
use des::TdesEde3;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::random_bytes;
use crate::Error;
use crate::algorithm::ContentCipher;

/// The longest content key that is wrapped, in octets; its length is one octet (§2.3.1).
const MAX_KEY: usize = 255;

/// The length and the three check octets before the key.
const HEADER: usize = 4;

const BAD_LENGTH: Error = Error::Misuse("a key or initialisation vector of this length");

/// Wraps `key`, of 3 to 255 octets, under `kek` with the block cipher of `cipher` in CBC mode.
///
/// # Errors
/// [`Error::Misuse`] for other lengths and for a cipher that is none or is only read; [`Error::Random`].
pub(crate) fn wrap(cipher: ContentCipher, kek: &[u8], iv: &[u8], key: &[u8]) -> Result<Vec<u8>, Error> {
    let [first, second, third, ..] = *key else { return Err(BAD_LENGTH) };
    let len = u8::try_from(key.len()).map_err(|_| BAD_LENGTH)?;
    let block = iv.len();
    let padded = (HEADER + key.len()).next_multiple_of(block.max(1)).max(2 * block);
    let mut wrapped = Zeroizing::new(random_bytes(padded)?.to_vec());
    wrapped[..HEADER].copy_from_slice(&[len, !first, !second, !third]);
    wrapped[HEADER..HEADER + key.len()].copy_from_slice(key);
    encrypt(cipher, kek, iv, &mut wrapped)?;
    let again = wrapped[padded - block..].to_vec();
    encrypt(cipher, kek, &again, &mut wrapped)?;
    Ok(wrapped.to_vec())
}

/// Undoes [`wrap`].
///
/// # Errors
/// [`Error::Decrypt`] where the lengths are wrong (CVE-2025-9230) or the check octets are.
pub(crate) fn unwrap(
    cipher: ContentCipher,
    kek: &[u8],
    iv: &[u8],
    wrapped: &[u8],
) -> Result<Zeroizing<Vec<u8>>, Error> {
    let block = iv.len();
    if wrapped.len() < 2 * block || !wrapped.len().is_multiple_of(block.max(1)) || wrapped.len() > MAX_KEY + 2 * block {
        return Err(Error::Decrypt);
    }
    let mut octets = Zeroizing::new(wrapped.to_vec());
    // The initialisation vector of the second encryption was the last block of the first.
    let (before, last) = wrapped.split_at(wrapped.len() - block);
    let mut again = Zeroizing::new(last.to_vec());
    decrypt(cipher, kek, &before[before.len() - block..], &mut again)?;
    decrypt(cipher, kek, &again, &mut octets)?;
    decrypt(cipher, kek, iv, &mut octets)?;

    let len = usize::from(octets[0]);
    let complement: Vec<u8> = octets[HEADER..HEADER + 3].iter().map(|octet| !octet).collect();
    let checked: bool = octets[1..HEADER].ct_eq(&complement).into();
    match octets.get(HEADER..HEADER + len) {
        Some(key) if checked => Ok(Zeroizing::new(key.to_vec())),
        _ => Err(Error::Decrypt),
    }
}

fn encrypt(cipher: ContentCipher, kek: &[u8], iv: &[u8], data: &mut [u8]) -> Result<(), Error> {
    fn with<C>(kek: &[u8], iv: &[u8], data: &mut [u8]) -> Result<(), Error>
    where
        C: aes::cipher::BlockCipherEncrypt + aes::cipher::KeyInit,
    {
        let mut cbc = cbc::Encryptor::<C>::new_from_slices(kek, iv).map_err(|_| BAD_LENGTH)?;
        cbc.encrypt_blocks(aes::cipher::array::Array::slice_as_chunks_mut(data).0);
        Ok(())
    }
    match cipher {
        ContentCipher::Aes128Cbc => with::<Aes128>(kek, iv, data),
        ContentCipher::Aes192Cbc => with::<Aes192>(kek, iv, data),
        ContentCipher::Aes256Cbc => with::<Aes256>(kek, iv, data),
        _ => Err(Error::Misuse("no block cipher to wrap with")),
    }
}

fn decrypt(cipher: ContentCipher, kek: &[u8], iv: &[u8], data: &mut [u8]) -> Result<(), Error> {
    fn with<C>(kek: &[u8], iv: &[u8], data: &mut [u8]) -> Result<(), Error>
    where
        C: aes::cipher::BlockCipherDecrypt + aes::cipher::KeyInit,
    {
        let mut cbc = cbc::Decryptor::<C>::new_from_slices(kek, iv).map_err(|_| BAD_LENGTH)?;
        cbc.decrypt_blocks(aes::cipher::array::Array::slice_as_chunks_mut(data).0);
        Ok(())
    }
    match cipher {
        ContentCipher::Aes128Cbc => with::<Aes128>(kek, iv, data),
        ContentCipher::Aes192Cbc => with::<Aes192>(kek, iv, data),
        ContentCipher::Aes256Cbc => with::<Aes256>(kek, iv, data),
        ContentCipher::TripleDesCbc => with::<TdesEde3>(kek, iv, data),
        _ => Err(Error::Misuse("no block cipher to unwrap with")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::unhex;

    /// RFC 3211 §3.2: triple DES and a content key of 32 octets.
    #[test]
    fn rfc3211_vector() {
        let kek = unhex("6a8970bf68c92caea84a8df28510858607126380cc47ab2d");
        let iv = unhex("baf1ca7931213c4e");
        let wrapped = unhex("c03c514abdb9e2c5aac038572b5e24553876b377aafb82eca5a9d73f8ab143d9ec74e6cad7db260c");
        let key = unwrap(ContentCipher::TripleDesCbc, &kek, &iv, &wrapped).unwrap();
        assert_eq!(*key, unhex("8c637d887223a2f965b566eb014b0fa5d52300a3f7ea40fffc577203c71baf3b"));
    }

    const CIPHERS: [(ContentCipher, usize); 3] =
        [(ContentCipher::Aes128Cbc, 16), (ContentCipher::Aes192Cbc, 24), (ContentCipher::Aes256Cbc, 32)];

    #[test]
    fn what_is_wrapped_is_unwrapped() {
        for (cipher, len) in CIPHERS {
            let (kek, iv) = (vec![3; len], [4; 16]);
            for size in [3, 12, 13, 16, 24, 28, 29, 32, 64, 255] {
                let key: Vec<u8> = (0..size).collect();
                let wrapped = wrap(cipher, &kek, &iv, &key).unwrap();
                assert!(wrapped.len() >= 32 && wrapped.len().is_multiple_of(16));
                assert_eq!(*unwrap(cipher, &kek, &iv, &wrapped).unwrap(), key);
            }
            for size in [0, 2, 256] {
                assert!(wrap(cipher, &kek, &iv, &vec![1; size]).is_err(), "{size}");
            }
        }
        assert!(wrap(ContentCipher::TripleDesCbc, &[1; 24], &[2; 8], &[3; 16]).is_err());
        assert!(wrap(ContentCipher::Aes256Gcm, &[1; 32], &[2; 12], &[3; 16]).is_err());
    }

    /// Attack 10: short and uneven lengths, lengths inside that do not fit, another key: one error, no panic.
    #[test]
    fn everything_else_is_one_error() {
        let (cipher, kek, iv) = (ContentCipher::Aes256Cbc, [3; 32], [4; 16]);
        for len in (0..100).filter(|len| len % 16 != 0 || *len < 32).chain([288, 304]) {
            assert!(matches!(unwrap(cipher, &kek, &iv, &vec![5; len]), Err(Error::Decrypt)), "{len}");
        }
        let wrapped = wrap(cipher, &kek, &iv, &[9; 32]).unwrap();
        for other in (0..=255).filter(|other| *other != 3) {
            assert!(matches!(unwrap(cipher, &[other; 32], &iv, &wrapped), Err(Error::Decrypt)), "{other}");
        }
        // A length octet beyond the end.
        let mut plain = [0xff; 32];
        plain[1..4].copy_from_slice(&[0; 3]);
        let mut sealed = plain;
        encrypt(cipher, &kek, &iv, &mut sealed).unwrap();
        let again = sealed[16..].to_vec();
        encrypt(cipher, &kek, &again, &mut sealed).unwrap();
        assert!(matches!(unwrap(cipher, &kek, &iv, &sealed), Err(Error::Decrypt)));
    }
}
