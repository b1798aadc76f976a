//! Content encryption of any kind as a stream.

use super::cbc::{CbcDecryptor, CbcEncryptor};
use super::chacha20_poly1305::ChaCha20Poly1305;
use super::gcm::Gcm;
use crate::Error;
use crate::algorithm::{ContentCipher, ContentEncryption, Integrity};

/// Encrypts one content.
pub struct ContentEncryptor(Encryptor);

/// Decrypts one content. What it gives is worth nothing before [`Self::finish`] has returned.
pub struct ContentDecryptor(Decryptor);

enum Encryptor {
    Cbc(CbcEncryptor),
    Gcm(Box<Gcm>),
    ChaCha20Poly1305(Box<ChaCha20Poly1305>),
}

enum Decryptor {
    Cbc(CbcDecryptor),
    Gcm(Box<Gcm>),
    ChaCha20Poly1305(Box<ChaCha20Poly1305>),
}

impl ContentEncryptor {
    /// Starts with a content key of [`ContentCipher::key_len`] octets.
    ///
    /// # Errors
    /// [`Error::Misuse`] for another length, [`Error::Unsupported`] for a cipher that is only read.
    pub fn new(encryption: &ContentEncryption, key: &[u8]) -> Result<Self, Error> {
        check_key(encryption, key)?;
        if encryption.cipher == ContentCipher::TripleDesCbc {
            return Err(Error::Unsupported { what: "content encryption", oid: encryption.cipher.oid() });
        }
        Ok(Self(match encryption.cipher.integrity() {
            Integrity::Aead if encryption.cipher == ContentCipher::ChaCha20Poly1305 => {
                Encryptor::ChaCha20Poly1305(Box::new(ChaCha20Poly1305::new(key, &encryption.iv)?))
            }
            Integrity::Aead => Encryptor::Gcm(Box::new(gcm(encryption, key)?)),
            Integrity::None => Encryptor::Cbc(CbcEncryptor::new(key, &encryption.iv)?),
        }))
    }

    /// Appends to `out` the ciphertext that is ready.
    ///
    /// # Errors
    /// [`Error::Limit`] beyond what the cipher may encrypt.
    pub fn update(&mut self, plaintext: &[u8], out: &mut Vec<u8>) -> Result<(), Error> {
        match &mut self.0 {
            Encryptor::Cbc(cbc) => {
                cbc.update(plaintext, out);
                Ok(())
            }
            Encryptor::Gcm(gcm) => {
                let start = out.len();
                out.extend_from_slice(plaintext);
                gcm.encrypt(&mut out[start..])
            }
            Encryptor::ChaCha20Poly1305(chacha) => {
                let start = out.len();
                out.extend_from_slice(plaintext);
                chacha.encrypt(&mut out[start..])
            }
        }
    }

    /// Appends the last of the ciphertext; gives the tag, 16 octets or none, over it and `aad`.
    pub fn finish(self, aad: &[u8], out: &mut Vec<u8>) -> Vec<u8> {
        match self.0 {
            Encryptor::Cbc(cbc) => {
                cbc.finish(out);
                Vec::new()
            }
            Encryptor::Gcm(gcm) => gcm.tag(aad).to_vec(),
            Encryptor::ChaCha20Poly1305(chacha) => chacha.tag(aad).to_vec(),
        }
    }
}

impl ContentDecryptor {
    /// Starts with a content key of [`ContentCipher::key_len`] octets.
    ///
    /// # Errors
    /// [`Error::Misuse`] for another length.
    pub fn new(encryption: &ContentEncryption, key: &[u8]) -> Result<Self, Error> {
        check_key(encryption, key)?;
        Ok(Self(match (encryption.cipher, encryption.cipher.integrity()) {
            (ContentCipher::ChaCha20Poly1305, _) => {
                Decryptor::ChaCha20Poly1305(Box::new(ChaCha20Poly1305::new(key, &encryption.iv)?))
            }
            (_, Integrity::Aead) => Decryptor::Gcm(Box::new(gcm(encryption, key)?)),
            (ContentCipher::TripleDesCbc, _) => Decryptor::Cbc(CbcDecryptor::triple_des(key, &encryption.iv)?),
            (_, Integrity::None) => Decryptor::Cbc(CbcDecryptor::aes(key, &encryption.iv)?),
        }))
    }

    /// Appends to `out` the plaintext that is ready.
    ///
    /// # Errors
    /// [`Error::Limit`] beyond what the cipher may encrypt.
    pub fn update(&mut self, ciphertext: &[u8], out: &mut Vec<u8>) -> Result<(), Error> {
        match &mut self.0 {
            Decryptor::Cbc(cbc) => {
                cbc.update(ciphertext, out);
                Ok(())
            }
            Decryptor::Gcm(gcm) => {
                let start = out.len();
                out.extend_from_slice(ciphertext);
                gcm.decrypt(&mut out[start..])
            }
            Decryptor::ChaCha20Poly1305(chacha) => {
                let start = out.len();
                out.extend_from_slice(ciphertext);
                chacha.decrypt(&mut out[start..])
            }
        }
    }

    /// Appends the last of the plaintext and checks the padding, or the tag `mac` over everything and `aad`.
    ///
    /// # Errors
    /// [`Error::Decrypt`] where either is wrong: all plaintext so far is to be thrown away.
    pub fn finish(self, aad: &[u8], mac: &[u8], out: &mut Vec<u8>) -> Result<(), Error> {
        match self.0 {
            Decryptor::Cbc(cbc) => cbc.finish(out),
            Decryptor::Gcm(gcm) => gcm.verify(aad, mac),
            Decryptor::ChaCha20Poly1305(chacha) => chacha.verify(aad, mac),
        }
    }
}

fn check_key(encryption: &ContentEncryption, key: &[u8]) -> Result<(), Error> {
    if key.len() == encryption.cipher.key_len() {
        Ok(())
    } else {
        Err(Error::Misuse("the content key is not as long as the cipher's"))
    }
}

fn gcm(encryption: &ContentEncryption, key: &[u8]) -> Result<Gcm, Error> {
    let nonce = encryption.iv.as_slice().try_into().map_err(|_| Error::malformed("GCMParameters"))?;
    Gcm::new(key, nonce)
}
