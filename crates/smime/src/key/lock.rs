//! Locking with a passphrase: PBES2 with AES-256 and PBKDF2, and for old readers the 3DES of PKCS#12.

use super::kdf::PBKDF2;
use super::pbes2::{AES_256_CBC, PBES2};
use super::pkcs12::{bmp_string, pbe};
use crate::random;
use aes::Aes256;
use cbc::Encryptor;
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockCipherEncrypt, BlockModeEncrypt, InnerIvInit, KeyInit};
use const_oid::ObjectIdentifier;
use mailseal_cms::ber::encode;
use mailseal_core::{Error, Readers};
use sha2::Sha256;
use zeroize::Zeroizing;

/// Rounds of PBKDF2 with SHA-256, and of the MAC: what OWASP recommends since 2023 (docs/defaults.md).
pub(super) const ROUNDS: u32 = 600_000;
/// Rounds for old readers, of which some wait long for each.
pub(super) const OLD_ROUNDS: u32 = 100_000;

/// `hmacWithSHA256` (RFC 8018 App. B.1.2).
const HMAC_SHA_256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.2.9");

/// Encrypts; gives the AlgorithmIdentifier in DER, and the ciphertext.
///
/// # Errors
/// [`Error::Engine`] without randomness.
pub(super) fn lock(plaintext: &[u8], passphrase: &str, readers: Readers) -> Result<(Vec<u8>, Vec<u8>), Error> {
    let salt = random::octets(16)?;
    if readers == Readers::Old {
        let (key, iv) = pbe::key_and_iv(24, &bmp_string(passphrase), &salt, OLD_ROUNDS);
        let ciphertext = encrypt(des::TdesEde3::new_from_slice(&key).ok(), &iv, plaintext);
        return Ok((pbe::triple_des_algorithm(&salt, OLD_ROUNDS), ciphertext?));
    }
    let iv = random::octets(16)?;
    let mut key = Zeroizing::new([0; 32]);
    pbkdf2::pbkdf2_hmac::<Sha256>(passphrase.as_bytes(), &salt, ROUNDS, &mut *key);
    let ciphertext = encrypt(Aes256::new_from_slice(&*key).ok(), &iv, plaintext)?;
    let sequence = |parts: &[&[u8]]| encode::constructed(encode::SEQUENCE, parts);
    let prf = sequence(&[&encode::oid(HMAC_SHA_256), &[5, 0]]);
    let pbkdf2 = sequence(&[&encode::tlv(encode::OCTET_STRING, &salt), &integer(ROUNDS), &prf]);
    let kdf = sequence(&[&encode::oid(PBKDF2), &pbkdf2]);
    let cipher = sequence(&[&encode::oid(AES_256_CBC), &encode::tlv(encode::OCTET_STRING, &iv)]);
    Ok((sequence(&[&encode::oid(PBES2), &sequence(&[&kdf, &cipher])]), ciphertext))
}

/// `EncryptedPrivateKeyInfo` (RFC 5958 §3) of a PKCS#8 key.
///
/// # Errors
/// As [`lock`].
pub(super) fn locked_key(pkcs8: &[u8], passphrase: &str, readers: Readers) -> Result<Vec<u8>, Error> {
    let (algorithm, ciphertext) = lock(pkcs8, passphrase, readers)?;
    Ok(encode::constructed(encode::SEQUENCE, &[&algorithm, &encode::tlv(encode::OCTET_STRING, &ciphertext)]))
}

/// A positive INTEGER.
pub(super) fn integer(value: u32) -> Vec<u8> {
    let octets = value.to_be_bytes();
    let zeros = octets.iter().take_while(|octet| **octet == 0).count().min(3);
    let significant = &octets[zeros..];
    match significant[0] & 0x80 {
        0 => encode::tlv(0x02, significant),
        _ => encode::tlv(0x02, &[&[0], significant].concat()),
    }
}

/// CBC with the padding of RFC 8018 §6.1.1.
fn encrypt<C: BlockCipherEncrypt>(cipher: Option<C>, iv: &[u8], plaintext: &[u8]) -> Result<Vec<u8>, Error> {
    let failed = || Error::Misuse("a key or initialisation vector of another length than the cipher's");
    let encryptor = Encryptor::inner_iv_slice_init(cipher.ok_or_else(failed)?, iv).map_err(|_| failed())?;
    let mut buffer = Zeroizing::new(plaintext.to_vec());
    buffer.resize(plaintext.len() + 16, 0);
    let ciphertext = encryptor.encrypt_padded::<Pkcs7>(&mut buffer, plaintext.len()).map_err(|_| failed())?;
    Ok(ciphertext.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers() {
        assert_eq!(integer(0), [2, 1, 0]);
        assert_eq!(integer(127), [2, 1, 127]);
        assert_eq!(integer(128), [2, 2, 0, 128]);
        assert_eq!(integer(600_000), [2, 3, 9, 39, 192]);
        assert_eq!(integer(u32::MAX), [2, 5, 0, 255, 255, 255, 255]);
    }
}
