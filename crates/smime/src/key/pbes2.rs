//! Password-based encryption: PBES2 ([RFC 8018 §6.2](https://www.rfc-editor.org/rfc/rfc8018#section-6.2)) with AES or
//! 3DES, keys by PBKDF2 or scrypt; the older ciphers of PKCS#12 are handed on.

use super::pkcs12;
use mailseal_core::Error;
use pkcs5::pbes2::{Kdf, PBES2_OID};
use pkcs5::{AlgorithmIdentifierRef, EncryptionScheme};
use zeroize::Zeroizing;

/// A passphrase in the two forms that ciphers take.
pub(super) struct Password<'a> {
    /// UTF-8, for PBES2.
    pub(super) utf8: &'a str,
    /// UTF-16 with its NUL (or nothing at all), for the ciphers of PKCS#12.
    pub(super) bmp: &'a [u8],
}

/// The most rounds of PBKDF2, and the most octets that scrypt may take.
const ITERATIONS: u32 = 10_000_000;
const SCRYPT_MEMORY: u64 = 512 << 20;

/// Decrypts by whatever `algorithm` says, or says `None` when the passphrase does not fit.
///
/// # Errors
/// [`Error::Unsupported`] with the identifier of a scheme that is not known, [`Error::Limit`] for absurd work.
pub(super) fn decrypt(
    algorithm: &AlgorithmIdentifierRef<'_>,
    password: &Password<'_>,
    ciphertext: &[u8],
) -> Result<Option<Zeroizing<Vec<u8>>>, Error> {
    if pkcs12::pbe::is_of_this_family(&algorithm.oid) {
        return pkcs12::pbe::decrypt(algorithm, password.bmp, ciphertext);
    }
    if algorithm.oid != PBES2_OID {
        return Err(Error::Unsupported(format!("password-based encryption {}", algorithm.oid)));
    }
    let scheme = EncryptionScheme::try_from(*algorithm)
        .map_err(|error| Error::Unsupported(format!("password-based encryption PBES2: {error}")))?;
    check_work(&scheme)?;
    match scheme.decrypt(password.utf8.as_bytes(), ciphertext) {
        Ok(plaintext) => Ok(Some(Zeroizing::new(plaintext))),
        Err(pkcs5::Error::DecryptFailed | pkcs5::Error::EncryptFailed) => Ok(None),
        Err(error) => Err(Error::Unsupported(format!("password-based encryption PBES2: {error}"))),
    }
}

fn check_work(scheme: &EncryptionScheme) -> Result<(), Error> {
    match scheme.pbes2().map(|parameters| &parameters.kdf) {
        Some(Kdf::Pbkdf2(kdf)) if kdf.iteration_count > ITERATIONS => {
            Err(Error::Limit { what: "rounds of key derivation", limit: ITERATIONS.into() })
        }
        Some(Kdf::Scrypt(kdf))
            if (kdf.cost_parameter).saturating_mul(u64::from(kdf.block_size)).saturating_mul(128) > SCRYPT_MEMORY
                || kdf.parallelization > 16 =>
        {
            Err(Error::Limit { what: "octets of memory for key derivation", limit: SCRYPT_MEMORY })
        }
        _ => Ok(()),
    }
}
