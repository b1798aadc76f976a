//! Elliptic-curve key agreement and the key wrap inside it.

use const_oid::ObjectIdentifier;
use der::{Any, Decode, Encode};
use spki::{AlgorithmIdentifierOwned, AlgorithmIdentifierRef};
use zeroize::Zeroizing;

use super::absent_or_null;
use crate::Error;
use crate::ber::encode;
use crate::engine::{Hash, hkdf, unwrap_key, unwrap_key_triple_des, x963_kdf};

/// How a content key is wrapped under a key encryption key:
/// [RFC 3565 §2.3.2](https://www.rfc-editor.org/rfc/rfc3565#section-2.3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyWrap {
    /// `id-aes128-wrap`.
    Aes128,
    /// `id-aes192-wrap`.
    Aes192,
    /// `id-aes256-wrap`.
    Aes256,
    /// `id-alg-CMS3DESwrap`, [RFC 3370 §4.3.1](https://www.rfc-editor.org/rfc/rfc3370#section-4.3.1): read, never written.
    TripleDes,
}

impl KeyWrap {
    const ALL: [Self; 4] = [Self::Aes128, Self::Aes192, Self::Aes256, Self::TripleDes];

    /// Length of the key encryption key in octets.
    pub const fn key_len(self) -> usize {
        match self {
            Self::Aes128 => 16,
            Self::Aes192 | Self::TripleDes => 24,
            Self::Aes256 => 32,
        }
    }

    /// The object identifier.
    pub const fn oid(self) -> ObjectIdentifier {
        match self {
            Self::Aes128 => ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.1.5"),
            Self::Aes192 => ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.1.25"),
            Self::Aes256 => ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.1.45"),
            Self::TripleDes => ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.3.6"),
        }
    }

    /// The content key in `wrapped`.
    ///
    /// # Errors
    /// [`Error::Decrypt`] where the lengths are wrong or the integrity check fails.
    pub fn unwrap(self, kek: &[u8], wrapped: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
        match self {
            Self::TripleDes => unwrap_key_triple_des(kek, wrapped),
            Self::Aes128 | Self::Aes192 | Self::Aes256 => unwrap_key(kek, wrapped),
        }
    }

    /// The wrap that is no weaker than a content key of this length in octets.
    pub(crate) const fn for_content_key(len: usize) -> Self {
        match len {
            ..=16 => Self::Aes128,
            17..=24 => Self::Aes192,
            _ => Self::Aes256,
        }
    }

    /// Reads a `KeyWrapAlgorithm`; parameters are absent, NULL is let pass.
    ///
    /// # Errors
    /// [`Error::Unsupported`] or [`Error::Malformed`].
    pub fn from_algorithm(algorithm: &AlgorithmIdentifierRef<'_>) -> Result<Self, Error> {
        let found = Self::ALL.into_iter().find(|wrap| wrap.oid() == algorithm.oid);
        let wrap = found.ok_or(Error::Unsupported { what: "key wrap", oid: algorithm.oid })?;
        if absent_or_null(algorithm.parameters) { Ok(wrap) } else { Err(Error::malformed("key wrap")) }
    }
}

/// How a key encryption key is derived from the shared secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyDerivation {
    /// That of ANSI X9.63 with this hash ([RFC 5753 §7.1.4](https://www.rfc-editor.org/rfc/rfc5753#section-7.1.4)), for
    /// every curve. SHA-1 is read, never written.
    X963(Hash),
    /// HKDF with this hash ([RFC 8418 §2.2](https://www.rfc-editor.org/rfc/rfc8418#section-2.2)), for X25519; read with
    /// the NIST curves too.
    Hkdf(Hash),
}

impl KeyDerivation {
    /// The hash inside.
    pub const fn hash(self) -> Hash {
        match self {
            Self::X963(hash) | Self::Hkdf(hash) => hash,
        }
    }
}

/// A key agreement scheme with its key derivation and key wrap:
/// [RFC 5753 §7.1.4](https://www.rfc-editor.org/rfc/rfc5753#section-7.1.4),
/// [RFC 8418 §4](https://www.rfc-editor.org/rfc/rfc8418#section-4).
///
/// Standard and cofactor Diffie-Hellman are one on the NIST curves, whose cofactor is 1, and in X25519, whose private
/// keys are multiples of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyAgreement {
    /// Key derivation.
    pub derivation: KeyDerivation,
    /// Key wrap of the content key.
    pub wrap: KeyWrap,
    /// The `KeyWrapAlgorithm` as it stands in the message: its octets go into the key derivation.
    wrap_algorithm: Vec<u8>,
}

/// `dhSinglePass-stdDH-*`, `dhSinglePass-cofactorDH-*` and `dhSinglePass-stdDH-hkdf-*` schemes; of two with one
/// derivation the first is written.
const SCHEMES: [(&str, KeyDerivation); 13] = [
    ("1.3.132.1.11.1", KeyDerivation::X963(Hash::Sha256)),
    ("1.3.132.1.11.2", KeyDerivation::X963(Hash::Sha384)),
    ("1.3.132.1.11.3", KeyDerivation::X963(Hash::Sha512)),
    ("1.3.132.1.11.0", KeyDerivation::X963(Hash::Sha224)),
    ("1.3.133.16.840.63.0.2", KeyDerivation::X963(Hash::Sha1)),
    ("1.3.132.1.14.1", KeyDerivation::X963(Hash::Sha256)),
    ("1.3.132.1.14.2", KeyDerivation::X963(Hash::Sha384)),
    ("1.3.132.1.14.3", KeyDerivation::X963(Hash::Sha512)),
    ("1.3.132.1.14.0", KeyDerivation::X963(Hash::Sha224)),
    ("1.3.133.16.840.63.0.3", KeyDerivation::X963(Hash::Sha1)),
    ("1.2.840.113549.1.9.16.3.19", KeyDerivation::Hkdf(Hash::Sha256)),
    ("1.2.840.113549.1.9.16.3.20", KeyDerivation::Hkdf(Hash::Sha384)),
    ("1.2.840.113549.1.9.16.3.21", KeyDerivation::Hkdf(Hash::Sha512)),
];

impl KeyAgreement {
    /// Standard Diffie-Hellman.
    ///
    /// # Errors
    /// [`Error::Unsupported`] for MD5, SHA-1 and triple DES, which are not written, and for HKDF with SHA-224, which has no
    /// identifier.
    pub fn new(derivation: KeyDerivation, wrap: KeyWrap) -> Result<Self, Error> {
        use KeyDerivation::{Hkdf, X963};
        if matches!(derivation, X963(Hash::Md5 | Hash::Sha1) | Hkdf(Hash::Md5 | Hash::Sha1 | Hash::Sha224)) {
            return Err(Error::Unsupported { what: "key derivation", oid: derivation.hash().oid() });
        }
        if wrap == KeyWrap::TripleDes {
            return Err(Error::Unsupported { what: "key wrap", oid: wrap.oid() });
        }
        let wrap_algorithm = encode::constructed(encode::SEQUENCE, &[&encode::oid(wrap.oid())]);
        Ok(Self { derivation, wrap, wrap_algorithm })
    }

    /// Reads the `keyEncryptionAlgorithm` of a KeyAgreeRecipientInfo.
    ///
    /// # Errors
    /// [`Error::Unsupported`] or [`Error::Malformed`].
    pub fn from_algorithm(algorithm: &AlgorithmIdentifierRef<'_>) -> Result<Self, Error> {
        const WHAT: &str = "key agreement";
        let found = SCHEMES.iter().find(|(dotted, _)| ObjectIdentifier::new_unwrap(dotted) == algorithm.oid);
        let (_, derivation) = found.ok_or(Error::Unsupported { what: WHAT, oid: algorithm.oid })?;
        let parameters = algorithm.parameters.ok_or_else(|| Error::malformed(WHAT))?;
        let wrap_algorithm: AlgorithmIdentifierRef<'_> = parameters.decode_as().map_err(|_| Error::malformed(WHAT))?;
        let wrap = KeyWrap::from_algorithm(&wrap_algorithm)?;
        Ok(Self { derivation: *derivation, wrap, wrap_algorithm: parameters.to_der().map_err(Error::der(WHAT))? })
    }

    /// The `keyEncryptionAlgorithm`.
    ///
    /// # Errors
    /// [`Error::Malformed`] never happens for a value made here.
    pub fn to_algorithm(&self) -> Result<AlgorithmIdentifierOwned, Error> {
        let (dotted, _) = SCHEMES
            .iter()
            .find(|(_, derivation)| *derivation == self.derivation)
            .ok_or(Error::Unsupported { what: "key derivation", oid: self.derivation.hash().oid() })?;
        Ok(AlgorithmIdentifierOwned {
            oid: ObjectIdentifier::new_unwrap(dotted),
            parameters: Some(Any::from_der(&self.wrap_algorithm).map_err(Error::der("KeyWrapAlgorithm"))?),
        })
    }

    /// The key encryption key from the shared secret `z` and the user keying material, which is the salt of HKDF too.
    ///
    /// # Errors
    /// [`Error::Misuse`] never happens: every key wrap has a short key.
    pub fn derive(&self, z: &[u8], ukm: Option<&[u8]>) -> Result<Zeroizing<Vec<u8>>, Error> {
        let key_len = self.wrap.key_len();
        let info = shared_info(&self.wrap_algorithm, ukm, key_len);
        match self.derivation {
            KeyDerivation::X963(hash) => x963_kdf(hash, z, &info, key_len),
            KeyDerivation::Hkdf(hash) => hkdf(hash, ukm, z, &info, key_len),
        }
    }
}

/// The DER of `ECC-CMS-SharedInfo`, [RFC 5753 §7.2](https://www.rfc-editor.org/rfc/rfc5753#section-7.2):
///
/// ```text
/// ECC-CMS-SharedInfo ::= SEQUENCE {
///     keyInfo AlgorithmIdentifier,
///     entityUInfo [0] EXPLICIT OCTET STRING OPTIONAL,
///     suppPubInfo [2] EXPLICIT OCTET STRING }
/// ```
fn shared_info(key_info: &[u8], ukm: Option<&[u8]>, key_len: usize) -> Vec<u8> {
    let explicit = |tag, octets: &[u8]| encode::tlv(encode::context(tag), &encode::tlv(encode::OCTET_STRING, octets));
    let key_bits = (key_len as u32 * 8).to_be_bytes();
    encode::constructed(
        encode::SEQUENCE,
        &[key_info, &ukm.map_or_else(Vec::new, |ukm| explicit(0, ukm)), &explicit(2, &key_bits)],
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use der::referenced::OwnedToRef;

    #[test]
    fn what_is_written_is_read_back() {
        let x963 = [Hash::Sha224, Hash::Sha256, Hash::Sha384, Hash::Sha512].map(KeyDerivation::X963);
        let hkdf = [Hash::Sha256, Hash::Sha384, Hash::Sha512].map(KeyDerivation::Hkdf);
        for derivation in x963.into_iter().chain(hkdf) {
            for wrap in [KeyWrap::Aes128, KeyWrap::Aes192, KeyWrap::Aes256] {
                let agreement = KeyAgreement::new(derivation, wrap).unwrap();
                let algorithm = agreement.to_algorithm().unwrap();
                assert_eq!(KeyAgreement::from_algorithm(&algorithm.owned_to_ref()).unwrap(), agreement);
            }
        }
        assert!(KeyAgreement::new(KeyDerivation::X963(Hash::Sha1), KeyWrap::Aes128).is_err());
        assert!(KeyAgreement::new(KeyDerivation::Hkdf(Hash::Sha224), KeyWrap::Aes128).is_err());
        assert!(KeyAgreement::new(KeyDerivation::X963(Hash::Sha256), KeyWrap::TripleDes).is_err());
    }

    /// CVE-2026-28389: a key agreement without parameters.
    #[test]
    fn missing_parameters_are_refused() {
        let oid = ObjectIdentifier::new_unwrap("1.3.132.1.11.1");
        let bare = AlgorithmIdentifierRef { oid, parameters: None };
        assert!(matches!(KeyAgreement::from_algorithm(&bare), Err(Error::Malformed { .. })));
        let null = AlgorithmIdentifierRef { oid, parameters: Some(der::asn1::AnyRef::NULL) };
        assert!(matches!(KeyAgreement::from_algorithm(&null), Err(Error::Malformed { .. })));
    }

    /// RFC 5753 §7.2: the exact octets of ECC-CMS-SharedInfo.
    #[test]
    fn shared_info_is_as_the_rfc_says() {
        let expected = [
            b"\x30\x1c\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x01\x05".as_slice(),
            b"\xa0\x05\x04\x03ukm",
            b"\xa2\x06\x04\x04\x00\x00\x00\x80",
        ]
        .concat();
        let agreement = KeyAgreement::new(KeyDerivation::X963(Hash::Sha256), KeyWrap::Aes128).unwrap();
        assert_eq!(shared_info(&agreement.wrap_algorithm, Some(b"ukm"), 16), expected);
    }
}
