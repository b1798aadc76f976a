//! Content encryption.

use const_oid::ObjectIdentifier;
use der::Sequence;
use der::asn1::{OctetString, OctetStringRef};
use spki::{AlgorithmIdentifierOwned, AlgorithmIdentifierRef};

use super::encode;
use crate::Error;
use crate::engine::random_bytes;

/// A content-encryption cipher with its key length and mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ContentCipher {
    /// AES-128 in CBC mode, [RFC 3565](https://www.rfc-editor.org/rfc/rfc3565).
    Aes128Cbc,
    /// AES-192 in CBC mode.
    Aes192Cbc,
    /// AES-256 in CBC mode.
    Aes256Cbc,
    /// AES-128 in Galois/counter mode, [RFC 5084](https://www.rfc-editor.org/rfc/rfc5084).
    Aes128Gcm,
    /// AES-192 in Galois/counter mode.
    Aes192Gcm,
    /// AES-256 in Galois/counter mode.
    Aes256Gcm,
    /// ChaCha20 with Poly1305, [RFC 8103](https://www.rfc-editor.org/rfc/rfc8103).
    ChaCha20Poly1305,
    /// Triple DES in CBC mode, [RFC 3370 §5.1](https://www.rfc-editor.org/rfc/rfc3370#section-5.1): read, never written.
    TripleDesCbc,
}

/// What a cipher says about the plaintext that it gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Integrity {
    /// Authenticated: it is what whoever knew the key encrypted.
    Aead,
    /// None at all: anybody may have altered the ciphertext (EFAIL).
    None,
}

impl ContentCipher {
    const ALL: [Self; 8] = [
        Self::Aes128Cbc,
        Self::Aes192Cbc,
        Self::Aes256Cbc,
        Self::Aes128Gcm,
        Self::Aes192Gcm,
        Self::Aes256Gcm,
        Self::ChaCha20Poly1305,
        Self::TripleDesCbc,
    ];

    /// Its name in lower case: `aes-256-gcm`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Aes128Cbc => "aes-128-cbc",
            Self::Aes192Cbc => "aes-192-cbc",
            Self::Aes256Cbc => "aes-256-cbc",
            Self::Aes128Gcm => "aes-128-gcm",
            Self::Aes192Gcm => "aes-192-gcm",
            Self::Aes256Gcm => "aes-256-gcm",
            Self::ChaCha20Poly1305 => "chacha20-poly1305",
            Self::TripleDesCbc => "3des-cbc",
        }
    }

    /// The object identifier.
    pub const fn oid(self) -> ObjectIdentifier {
        ObjectIdentifier::new_unwrap(match self {
            Self::Aes128Cbc => "2.16.840.1.101.3.4.1.2",
            Self::Aes192Cbc => "2.16.840.1.101.3.4.1.22",
            Self::Aes256Cbc => "2.16.840.1.101.3.4.1.42",
            Self::Aes128Gcm => "2.16.840.1.101.3.4.1.6",
            Self::Aes192Gcm => "2.16.840.1.101.3.4.1.26",
            Self::Aes256Gcm => "2.16.840.1.101.3.4.1.46",
            Self::ChaCha20Poly1305 => "1.2.840.113549.1.9.16.3.18",
            Self::TripleDesCbc => "1.2.840.113549.3.7",
        })
    }

    /// Length of the content key in octets.
    pub const fn key_len(self) -> usize {
        match self {
            Self::Aes128Cbc | Self::Aes128Gcm => 16,
            Self::Aes192Cbc | Self::Aes192Gcm | Self::TripleDesCbc => 24,
            Self::Aes256Cbc | Self::Aes256Gcm | Self::ChaCha20Poly1305 => 32,
        }
    }

    /// Whether it authenticates; such a cipher belongs into AuthEnvelopedData, any other into EnvelopedData.
    pub const fn integrity(self) -> Integrity {
        match self {
            Self::Aes128Gcm | Self::Aes192Gcm | Self::Aes256Gcm | Self::ChaCha20Poly1305 => Integrity::Aead,
            _ => Integrity::None,
        }
    }

    /// Length of the initialisation vector or nonce in octets.
    pub const fn iv_len(self) -> usize {
        match self {
            Self::Aes128Gcm | Self::Aes192Gcm | Self::Aes256Gcm | Self::ChaCha20Poly1305 => 12,
            Self::TripleDesCbc => 8,
            _ => 16,
        }
    }
}

/// A content cipher with its parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContentEncryption {
    /// The cipher.
    pub cipher: ContentCipher,
    /// Initialisation vector or nonce, [`ContentCipher::iv_len`] octets.
    pub iv: Vec<u8>,
    /// Length of the authentication tag in octets: 12 to 16 for GCM, 16 for ChaCha20-Poly1305, 0 for CBC.
    pub tag_len: usize,
}

/// `GCMParameters`, [RFC 5084 §3.2](https://www.rfc-editor.org/rfc/rfc5084#section-3.2).
#[derive(Sequence)]
struct GcmParameters {
    nonce: OctetString,
    #[asn1(default = "default_icv_len")]
    icv_len: u8,
}

fn default_icv_len() -> u8 {
    12
}

impl ContentEncryption {
    /// `cipher` with a fresh random initialisation vector or nonce and, if it authenticates, a tag of 16 octets.
    ///
    /// # Errors
    /// [`Error::Unsupported`] for a cipher that is only read; [`Error::Random`].
    pub fn generate(cipher: ContentCipher) -> Result<Self, Error> {
        if cipher == ContentCipher::TripleDesCbc {
            return Err(Error::Unsupported { what: "content encryption", oid: cipher.oid() });
        }
        let tag_len = if cipher.integrity() == Integrity::Aead { 16 } else { 0 };
        Ok(Self { cipher, iv: random_bytes(cipher.iv_len())?.to_vec(), tag_len })
    }

    /// Reads a `contentEncryptionAlgorithm`. Nonces of other than 12 octets and tags outside 12 to 16 are refused.
    ///
    /// # Errors
    /// [`Error::Unsupported`] or [`Error::Malformed`].
    pub fn from_algorithm(algorithm: &AlgorithmIdentifierRef<'_>) -> Result<Self, Error> {
        const WHAT: &str = "content encryption";
        let found = ContentCipher::ALL.into_iter().find(|cipher| cipher.oid() == algorithm.oid);
        let cipher = found.ok_or(Error::Unsupported { what: WHAT, oid: algorithm.oid })?;
        let parameters = algorithm.parameters.ok_or_else(|| Error::malformed(WHAT))?;
        let malformed = |_| Error::malformed(WHAT);
        let octets = || parameters.decode_as::<&OctetStringRef>().map(|iv| iv.as_bytes().to_vec()).map_err(malformed);
        let (iv, tag_len) = match cipher.integrity() {
            Integrity::None => (octets()?, 0),
            // RFC 8103 §3: AEADChaCha20Poly1305Nonce.
            Integrity::Aead if cipher == ContentCipher::ChaCha20Poly1305 => (octets()?, 16),
            Integrity::Aead => {
                let gcm: GcmParameters = parameters.decode_as().map_err(malformed)?;
                (gcm.nonce.into_bytes().to_vec(), usize::from(gcm.icv_len))
            }
        };
        let tag_is_good = match cipher.integrity() {
            Integrity::None => true,
            Integrity::Aead => (12..=16).contains(&tag_len),
        };
        if iv.len() != cipher.iv_len() || !tag_is_good {
            return Err(Error::malformed(WHAT));
        }
        Ok(Self { cipher, iv, tag_len })
    }

    /// The `contentEncryptionAlgorithm`.
    ///
    /// # Errors
    /// [`Error::Malformed`] never happens for a value made here.
    pub fn to_algorithm(&self) -> Result<AlgorithmIdentifierOwned, Error> {
        let iv = OctetString::new(self.iv.as_slice()).map_err(Error::der("initialisation vector"))?;
        let parameters = match self.cipher.integrity() {
            Integrity::Aead if self.cipher == ContentCipher::ChaCha20Poly1305 => encode(&iv)?,
            Integrity::None => encode(&iv)?,
            Integrity::Aead => encode(&GcmParameters { nonce: iv, icv_len: self.tag_len as u8 })?,
        };
        Ok(AlgorithmIdentifierOwned { oid: self.cipher.oid(), parameters: Some(parameters) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use der::Any;
    use der::referenced::OwnedToRef;

    #[test]
    fn what_is_written_is_read_back() {
        for cipher in ContentCipher::ALL {
            let Ok(encryption) = ContentEncryption::generate(cipher) else {
                assert_eq!(cipher, ContentCipher::TripleDesCbc);
                continue;
            };
            let algorithm = encryption.to_algorithm().unwrap();
            assert_eq!(ContentEncryption::from_algorithm(&algorithm.owned_to_ref()).unwrap(), encryption);
        }
    }

    /// Attack 9: tags under 12 octets, nonces of other lengths, oversize and missing parameters.
    #[test]
    fn odd_gcm_parameters_are_refused() {
        let read = |nonce_len: usize, icv_len: u8| {
            let nonce = OctetString::new(vec![0; nonce_len]).unwrap();
            let parameters = Any::encode_from(&GcmParameters { nonce, icv_len }).unwrap();
            let oid = ContentCipher::Aes256Gcm.oid();
            let algorithm = AlgorithmIdentifierOwned { oid, parameters: Some(parameters) };
            ContentEncryption::from_algorithm(&algorithm.owned_to_ref())
        };
        for tag_len in 0..=255 {
            assert_eq!(read(12, tag_len).is_ok(), (12..=16).contains(&tag_len), "{tag_len}");
        }
        for nonce_len in [0, 1, 8, 11, 13, 16, 60_000] {
            assert!(read(nonce_len, 16).is_err(), "{nonce_len}");
        }
        for nonce_len in [0, 8, 11, 13, 24] {
            let nonce = Any::encode_from(&OctetString::new(vec![0; nonce_len]).unwrap()).unwrap();
            let oid = ContentCipher::ChaCha20Poly1305.oid();
            let algorithm = AlgorithmIdentifierOwned { oid, parameters: Some(nonce) };
            assert!(ContentEncryption::from_algorithm(&algorithm.owned_to_ref()).is_err(), "{nonce_len}");
        }
        // aes-ICVlen DEFAULT 12
        assert_eq!(read(12, 12).unwrap().tag_len, 12);
        let bare = AlgorithmIdentifierRef { oid: ContentCipher::Aes256Gcm.oid(), parameters: None };
        assert!(ContentEncryption::from_algorithm(&bare).is_err());
    }
}
