//! Key wrap: AES, [RFC 3394](https://www.rfc-editor.org/rfc/rfc3394), and for reading triple DES,
//! [RFC 3217](https://www.rfc-editor.org/rfc/rfc3217).

use aes::cipher::array::Array;
use aes::cipher::{BlockModeDecrypt, KeyIvInit};
use aes::{Aes128, Aes192, Aes256};
use aes_kw::{AesKw, KeyInit};
use des::TdesEde3;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::Hash;
use crate::Error;

const BAD_LENGTH: Error = Error::Misuse("a key of this length cannot be wrapped");

/// Wraps `key`, at least two 64-bit blocks, under the AES key `kek` of 16, 24 or 32 octets.
///
/// # Errors
/// [`Error::Misuse`] for any other length.
pub fn wrap_key(kek: &[u8], key: &[u8]) -> Result<Vec<u8>, Error> {
    if !is_wrappable(key.len()) {
        return Err(BAD_LENGTH);
    }
    let mut wrapped = vec![0; key.len() + 8];
    let done = match kek.len() {
        16 => cipher::<Aes128>(kek)?.wrap_key(key, &mut wrapped).is_ok(),
        24 => cipher::<Aes192>(kek)?.wrap_key(key, &mut wrapped).is_ok(),
        32 => cipher::<Aes256>(kek)?.wrap_key(key, &mut wrapped).is_ok(),
        _ => false,
    };
    if done { Ok(wrapped) } else { Err(BAD_LENGTH) }
}

/// Undoes [`wrap_key`].
///
/// # Errors
/// [`Error::Decrypt`] where the lengths are wrong or the integrity check fails.
pub fn unwrap_key(kek: &[u8], wrapped: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
    let len = wrapped.len().checked_sub(8).filter(|len| is_wrappable(*len)).ok_or(Error::Decrypt)?;
    let mut key = Zeroizing::new(vec![0; len]);
    let done = match kek.len() {
        16 => cipher::<Aes128>(kek)?.unwrap_key(wrapped, &mut key).is_ok(),
        24 => cipher::<Aes192>(kek)?.unwrap_key(wrapped, &mut key).is_ok(),
        32 => cipher::<Aes256>(kek)?.unwrap_key(wrapped, &mut key).is_ok(),
        _ => false,
    };
    if done { Ok(key) } else { Err(Error::Decrypt) }
}

/// Undoes the triple DES wrap of [RFC 3217 §3.2](https://www.rfc-editor.org/rfc/rfc3217#section-3.2); `kek` has 24
/// octets.
///
/// # Errors
/// [`Error::Decrypt`] where the lengths are wrong or the integrity check fails.
pub fn unwrap_key_triple_des(kek: &[u8], wrapped: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
    const IV: [u8; 8] = [0x4a, 0xdd, 0xa2, 0x2c, 0x79, 0xe8, 0x21, 0x05];
    let len = wrapped.len().checked_sub(16).filter(|len| is_wrappable(*len)).ok_or(Error::Decrypt)?;
    let mut reversed = cbc_decrypt(kek, &IV, wrapped)?;
    reversed.reverse();
    let (iv, inner) = reversed.split_at(8);
    let mut key = cbc_decrypt(kek, iv, inner)?;
    let checksum = Hash::Sha1.digest(&key[..len]);
    let good: bool = key[len..].ct_eq(&checksum[..8]).into();
    key.truncate(len);
    if good { Ok(key) } else { Err(Error::Decrypt) }
}

/// Triple DES in CBC mode without padding.
fn cbc_decrypt(key: &[u8], iv: &[u8], data: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
    let mut cbc = cbc::Decryptor::<TdesEde3>::new_from_slices(key, iv).map_err(|_| BAD_LENGTH)?;
    let mut data = Zeroizing::new(data.to_vec());
    cbc.decrypt_blocks(Array::slice_as_chunks_mut(&mut data).0);
    Ok(data)
}

/// RFC 3394 §2: n blocks of 64 bits, n at least two. 512 octets are more than any content key has.
fn is_wrappable(len: usize) -> bool {
    (16..=512).contains(&len) && len.is_multiple_of(8)
}

fn cipher<C>(kek: &[u8]) -> Result<AesKw<C>, Error>
where
    AesKw<C>: KeyInit,
{
    AesKw::new_from_slice(kek).map_err(|_| BAD_LENGTH)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::unhex;

    /// RFC 3394 §4.1 to §4.6.
    #[test]
    fn rfc3394_vectors() {
        let kek = unhex("000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F");
        let data = unhex("00112233445566778899AABBCCDDEEFF000102030405060708090A0B0C0D0E0F");
        let cases = [
            (16, 16, "1FA68B0A8112B447AEF34BD8FB5A7B829D3E862371D2CFE5"),
            (24, 16, "96778B25AE6CA435F92B5B97C050AED2468AB8A17AD84E5D"),
            (32, 16, "64E8C3F9CE0F5BA263E9777905818A2A93C8191E7D6E8AE7"),
            (24, 24, "031D33264E15D33268F24EC260743EDCE1C6C7DDEE725A936BA814915C6762D2"),
            (32, 24, "A8F9BC1612C68B3FF6E6F4FBE30E71E4769C8B80A32CB8958CD5D17D6B254DA1"),
            (32, 32, "28C9F404C4B810F4CBCCB35CFB87F8263F5786E2D80ED326CBC7F0E71A99F43BFB988B9B7A02DD21"),
        ];
        for (kek_len, key_len, expected) in cases {
            let wrapped = wrap_key(&kek[..kek_len], &data[..key_len]).unwrap();
            assert_eq!(wrapped, unhex(expected));
            assert_eq!(unwrap_key(&kek[..kek_len], &wrapped).unwrap()[..], data[..key_len]);
        }
    }

    /// RFC 3217 §3.3.
    #[test]
    fn rfc3217_vector() {
        let kek = unhex("255e0d1c07b646dfb3134cc843ba8aa71f025b7c0838251f");
        let mut wrapped = unhex("690107618ef092b3b48ca1796b234ae9fa33ebb4159604037db5d6a84eb3aac2768c632775a467d4");
        let key = unwrap_key_triple_des(&kek, &wrapped).unwrap();
        assert_eq!(*key, unhex("2923bf85e06dd6ae529149f1f1bae9eab3a7da3d860d3e98"));
        for i in 0..wrapped.len() {
            wrapped[i] ^= 1;
            assert!(unwrap_key_triple_des(&kek, &wrapped).is_err());
            wrapped[i] ^= 1;
        }
        for len in 0..wrapped.len() {
            assert!(unwrap_key_triple_des(&kek, &wrapped[..len]).is_err());
        }
    }

    /// Attack 23: short input.
    #[test]
    fn wrong_lengths_and_altered_keys_are_refused() {
        let kek = [7; 16];
        for len in [0, 1, 7, 8, 9, 15, 16, 17, 23, 25] {
            assert!(unwrap_key(&kek, &vec![0; len]).is_err(), "{len}");
        }
        assert!(unwrap_key(&[7; 15], &[0; 24]).is_err());
        let mut wrapped = wrap_key(&kek, &[1; 16]).unwrap();
        for i in 0..wrapped.len() {
            wrapped[i] ^= 1;
            assert!(unwrap_key(&kek, &wrapped).is_err());
            wrapped[i] ^= 1;
        }
    }
}
