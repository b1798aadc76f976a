//! Password-based encryption: PBES2 ([RFC 8018 §6.2](https://www.rfc-editor.org/rfc/rfc8018#section-6.2)) with AES or
//! 3DES, keys by PBKDF2 or scrypt; the older ciphers of PKCS#12 are handed on.

use super::work::Work;
use super::{kdf, pkcs12};
use aes::{Aes128, Aes192, Aes256};
use cbc::Decryptor;
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockCipherDecrypt, BlockModeDecrypt, InnerIvInit, KeyInit};
use const_oid::ObjectIdentifier;
use der::Sequence;
use der::asn1::OctetStringRef;
use des::TdesEde3;
use mailseal_core::Error;
use spki::AlgorithmIdentifierRef;
use zeroize::Zeroizing;

/// `id-PBES2` (RFC 8018 App. A.4).
pub(super) const PBES2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.13");
/// `aes256-CBC-PAD` (RFC 8018 App. B.2.5).
pub(super) const AES_256_CBC: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.1.42");
const AES_192_CBC: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.1.22");
const AES_128_CBC: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.1.2");
/// `des-EDE3-CBC-Pad` (RFC 8018 App. B.2.2).
const DES_EDE3_CBC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.3.7");

/// A passphrase in the two forms that ciphers take.
#[derive(Clone, Copy)]
pub(super) struct Password<'a> {
    /// For PBES2 and PBMAC1: UTF-8.
    pub(super) pbes2: &'a [u8],
    /// For the ciphers and the MAC of PKCS#12: UTF-16 with its NUL (or nothing at all).
    pub(super) bmp: &'a [u8],
}

/// `PBES2-params` (RFC 8018 App. A.4).
#[derive(Sequence)]
struct Parameters<'a> {
    kdf: AlgorithmIdentifierRef<'a>,
    cipher: AlgorithmIdentifierRef<'a>,
}

/// Decrypts by whatever `algorithm` says, or says `None` when the passphrase does not fit.
///
/// # Errors
/// [`Error::Unsupported`] with the name of a scheme that is not known or not done, [`Error::Malformed`],
/// [`Error::Limit`] for absurd work.
pub(super) fn decrypt(
    algorithm: &AlgorithmIdentifierRef<'_>,
    password: &Password<'_>,
    ciphertext: &[u8],
    work: &mut Work,
) -> Result<Option<Zeroizing<Vec<u8>>>, Error> {
    if pkcs12::pbe::is_of_this_family(&algorithm.oid) {
        return pkcs12::pbe::decrypt(algorithm, password.bmp, ciphertext, work);
    }
    if algorithm.oid != PBES2 {
        return Err(unsupported(algorithm.oid));
    }
    let malformed = |why| Error::malformed("PBES2", why);
    let parameters = algorithm.parameters.ok_or_else(|| malformed("no parameters"))?;
    let Parameters { kdf, cipher } = parameters.decode_as().map_err(|_| malformed("bad parameters"))?;
    let key_len = match cipher.oid {
        AES_128_CBC => 16,
        AES_192_CBC | DES_EDE3_CBC => 24,
        AES_256_CBC => 32,
        oid => return Err(Error::Unsupported(format!("password-based encryption PBES2 with {oid}"))),
    };
    let iv: &OctetStringRef =
        cipher.parameters.and_then(|iv| iv.decode_as().ok()).ok_or_else(|| malformed("no initialisation vector"))?;
    let iv = iv.as_bytes();
    if iv.len() != if cipher.oid == DES_EDE3_CBC { 8 } else { 16 } {
        return Err(malformed("an initialisation vector of another length"));
    }
    let key = kdf::derive(&kdf, password.pbes2, key_len, work)?;
    Ok(match cipher.oid {
        AES_128_CBC => cbc_decrypt(Aes128::new_from_slice(&key).ok(), iv, ciphertext),
        AES_192_CBC => cbc_decrypt(Aes192::new_from_slice(&key).ok(), iv, ciphertext),
        AES_256_CBC => cbc_decrypt(Aes256::new_from_slice(&key).ok(), iv, ciphertext),
        _ => cbc_decrypt(TdesEde3::new_from_slice(&key).ok(), iv, ciphertext),
    })
}

/// CBC with the padding of RFC 8018 §6.1.1 undone; `None` when the padding is none.
pub(super) fn cbc_decrypt<C: BlockCipherDecrypt>(
    cipher: Option<C>,
    iv: &[u8],
    ciphertext: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    let decryptor = Decryptor::inner_iv_slice_init(cipher?, iv).ok()?;
    let mut buffer = Zeroizing::new(ciphertext.to_vec());
    let len = decryptor.decrypt_padded::<Pkcs7>(&mut buffer).ok()?.len();
    buffer.truncate(len);
    Some(buffer)
}

/// A scheme that is not done, by its name where it has one.
pub(super) fn unsupported(oid: ObjectIdentifier) -> Error {
    // pkcs-5 and pkcs-12PbeIds (RFC 8018 App. A.3, RFC 7292 App. C).
    let name = match oid.to_string().as_str() {
        "1.2.840.113549.1.5.1" => "pbeWithMD2AndDES-CBC ",
        "1.2.840.113549.1.5.3" => "pbeWithMD5AndDES-CBC ",
        "1.2.840.113549.1.5.4" => "pbeWithMD2AndRC2-CBC ",
        "1.2.840.113549.1.5.6" => "pbeWithMD5AndRC2-CBC ",
        "1.2.840.113549.1.5.10" => "pbeWithSHA1AndDES-CBC ",
        "1.2.840.113549.1.5.11" => "pbeWithSHA1AndRC2-CBC ",
        "1.2.840.113549.1.12.1.1" => "pbeWithSHAAnd128BitRC4 ",
        "1.2.840.113549.1.12.1.2" => "pbeWithSHAAnd40BitRC4 ",
        _ => "",
    };
    Error::Unsupported(format!("password-based encryption {name}{oid}"))
}
