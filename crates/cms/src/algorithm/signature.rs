//! Signature algorithms.

use std::borrow::Cow;

use const_oid::ObjectIdentifier;
use der::Any;
use spki::{AlgorithmIdentifierOwned, AlgorithmIdentifierRef};

use super::{MlDsa, PssParameters, absent_or_null, oid, pss};
use crate::Error;
use crate::engine::{Hash, KeyType, Strength};

/// How something is signed. The curve of ECDSA belongs to the key, not to the algorithm identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignatureScheme {
    /// RSASSA-PKCS1-v1_5, [RFC 4055 §5](https://www.rfc-editor.org/rfc/rfc4055#section-5).
    RsaPkcs1v15 {
        /// Hash of what is signed.
        hash: Hash,
    },
    /// RSASSA-PSS, [RFC 4056](https://www.rfc-editor.org/rfc/rfc4056).
    RsaPss(PssParameters),
    /// ECDSA, [RFC 5758 §3.2](https://www.rfc-editor.org/rfc/rfc5758#section-3.2).
    Ecdsa {
        /// Hash of what is signed.
        hash: Hash,
    },
    /// Ed25519, which takes the message itself; the digest of the content is SHA-512
    /// ([RFC 8419 §3](https://www.rfc-editor.org/rfc/rfc8419#section-3)).
    Ed25519,
    /// ML-DSA, which takes the message itself ([RFC 9882](https://www.rfc-editor.org/rfc/rfc9882)).
    MlDsa {
        /// The parameter set.
        set: MlDsa,
        /// Hash of the content, in messageDigest; it has no meaning where there are no signed attributes.
        hash: Hash,
    },
}

/// The one-piece identifiers: hash and signature in one.
const COMBINED: [(&str, SignatureScheme); 11] = [
    ("1.2.840.113549.1.1.4", SignatureScheme::RsaPkcs1v15 { hash: Hash::Md5 }),
    ("1.2.840.113549.1.1.5", SignatureScheme::RsaPkcs1v15 { hash: Hash::Sha1 }),
    ("1.2.840.113549.1.1.14", SignatureScheme::RsaPkcs1v15 { hash: Hash::Sha224 }),
    ("1.2.840.113549.1.1.11", SignatureScheme::RsaPkcs1v15 { hash: Hash::Sha256 }),
    ("1.2.840.113549.1.1.12", SignatureScheme::RsaPkcs1v15 { hash: Hash::Sha384 }),
    ("1.2.840.113549.1.1.13", SignatureScheme::RsaPkcs1v15 { hash: Hash::Sha512 }),
    ("1.2.840.10045.4.1", SignatureScheme::Ecdsa { hash: Hash::Sha1 }),
    ("1.2.840.10045.4.3.1", SignatureScheme::Ecdsa { hash: Hash::Sha224 }),
    ("1.2.840.10045.4.3.2", SignatureScheme::Ecdsa { hash: Hash::Sha256 }),
    ("1.2.840.10045.4.3.3", SignatureScheme::Ecdsa { hash: Hash::Sha384 }),
    ("1.2.840.10045.4.3.4", SignatureScheme::Ecdsa { hash: Hash::Sha512 }),
];

impl SignatureScheme {
    /// The usual scheme of a key: PKCS#1 v1.5 for RSA, ECDSA for a curve, both with `hash`; Ed25519 and ML-DSA go with
    /// SHA-512, and an id-RSASSA-PSS key may have a hash of its own.
    ///
    /// # Errors
    /// [`Error::Key`] for a key that cannot sign, or by a weak hash only.
    pub fn for_key(key_type: KeyType, hash: Hash) -> Result<Self, Error> {
        match key_type {
            KeyType::Rsa { .. } => Ok(Self::RsaPkcs1v15 { hash }),
            KeyType::RsaPss { parameters: None, .. } => Ok(Self::pss(hash)),
            KeyType::RsaPss { parameters: Some(parameters), .. } if parameters.hash.strength() == Strength::Weak => {
                Err(Error::Key { reason: "the key's RSASSA-PSS parameters allow a weak hash only" })
            }
            KeyType::RsaPss { parameters: Some(parameters), .. } => Ok(Self::RsaPss(PssParameters {
                salt_len: parameters.salt_len.max(parameters.hash.output_len() as u16),
                ..parameters
            })),
            KeyType::Ec(_) => Ok(Self::Ecdsa { hash }),
            KeyType::Ed25519 => Ok(Self::Ed25519),
            KeyType::MlKem(_) => Err(Error::Key { reason: "this kind of key does not sign" }),
            KeyType::MlDsa(set) => Ok(Self::MlDsa { set, hash: Hash::Sha512 }),
            KeyType::X25519 => Err(Error::Key { reason: "an X25519 key does not sign" }),
        }
    }

    /// RSASSA-PSS as RFC 8551 §2.2 would have it: one hash for all, a salt as long as the hash.
    pub fn pss(hash: Hash) -> Self {
        Self::RsaPss(PssParameters { hash, mgf_hash: hash, salt_len: hash.output_len() as u16 })
    }

    /// Reads the `signatureAlgorithm` of a SignerInfo or a certificate.
    ///
    /// `digest` is the `digestAlgorithm` of the SignerInfo: it names the hash for plain `rsaEncryption`
    /// ([RFC 3370 §3.2](https://www.rfc-editor.org/rfc/rfc3370#section-3.2)) and must equal the hash of every other
    /// algorithm. A certificate has none.
    ///
    /// # Errors
    /// [`Error::Unsupported`], [`Error::Malformed`], or [`Error::DigestMismatch`].
    pub fn from_algorithm(algorithm: &AlgorithmIdentifierRef<'_>, digest: Option<Hash>) -> Result<Self, Error> {
        let unsupported = Error::Unsupported { what: "signature", oid: algorithm.oid };
        let scheme = match (algorithm.oid, digest) {
            (oid::RSA_ENCRYPTION, Some(hash)) => Self::RsaPkcs1v15 { hash },
            (oid::ED25519, _) => Self::Ed25519,
            (oid::RSASSA_PSS, _) => return agree(Self::RsaPss(pss::read(algorithm.parameters)?), digest),
            _ => match MlDsa::from_oid(&algorithm.oid) {
                Some(set) => Self::MlDsa { set, hash: digest.unwrap_or(Hash::Sha512) },
                None => combined(&algorithm.oid).ok_or(unsupported)?,
            },
        };
        let parameters_are_good = match scheme {
            Self::Ecdsa { .. } | Self::Ed25519 | Self::MlDsa { .. } => algorithm.parameters.is_none(),
            _ => absent_or_null(algorithm.parameters),
        };
        if !parameters_are_good {
            return Err(Error::malformed("signature"));
        }
        agree(scheme, digest)
    }

    /// The `signatureAlgorithm` of a SignerInfo: PKCS#1 v1.5 is written as `rsaEncryption`, which every reader must
    /// know ([RFC 5754 §3.2](https://www.rfc-editor.org/rfc/rfc5754#section-3.2)).
    ///
    /// # Errors
    /// [`Error::Malformed`] never happens for a value that [`Self::from_algorithm`] or [`Self::for_key`] made.
    pub fn to_algorithm(&self) -> Result<AlgorithmIdentifierOwned, Error> {
        match *self {
            Self::RsaPkcs1v15 { .. } => {
                Ok(AlgorithmIdentifierOwned { oid: oid::RSA_ENCRYPTION, parameters: Some(Any::null()) })
            }
            Self::RsaPss(parameters) => {
                Ok(AlgorithmIdentifierOwned { oid: oid::RSASSA_PSS, parameters: Some(pss::write(&parameters)?) })
            }
            Self::Ecdsa { hash } => {
                let (dotted, _) = COMBINED
                    .iter()
                    .find(|(_, scheme)| *scheme == Self::Ecdsa { hash })
                    .ok_or(Error::Unsupported { what: "signature", oid: hash.oid() })?;
                Ok(AlgorithmIdentifierOwned { oid: ObjectIdentifier::new_unwrap(dotted), parameters: None })
            }
            Self::Ed25519 => Ok(AlgorithmIdentifierOwned { oid: oid::ED25519, parameters: None }),
            Self::MlDsa { set, .. } => Ok(AlgorithmIdentifierOwned { oid: set.oid(), parameters: None }),
        }
    }

    /// The hash of what is signed.
    pub fn hash(&self) -> Hash {
        match *self {
            Self::RsaPkcs1v15 { hash } | Self::RsaPss(PssParameters { hash, .. }) | Self::Ecdsa { hash } => hash,
            Self::Ed25519 => Hash::Sha512,
            Self::MlDsa { hash, .. } => hash,
        }
    }

    /// Whether the message itself is signed, in place of its digest. Such a message has to be held in memory.
    pub fn signs_message(&self) -> bool {
        matches!(self, Self::Ed25519 | Self::MlDsa { .. })
    }

    /// What [`engine::verify`](crate::engine::verify) and [`SigningKey::sign`](crate::engine::SigningKey::sign) take
    /// for `message`: its digest, or itself.
    pub fn input<'a>(&self, message: &'a [u8]) -> Cow<'a, [u8]> {
        if self.signs_message() { Cow::Borrowed(message) } else { Cow::Owned(self.hash().digest(message)) }
    }

    /// Its name: `rsa`, `rsa-pss`, `ecdsa`, `ed25519`, `ml-dsa-44`, `ml-dsa-65` or `ml-dsa-87`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::RsaPkcs1v15 { .. } => "rsa",
            Self::RsaPss(_) => "rsa-pss",
            Self::Ecdsa { .. } => "ecdsa",
            Self::Ed25519 => "ed25519",
            Self::MlDsa { set, .. } => set.name(),
        }
    }
}

fn combined(oid: &ObjectIdentifier) -> Option<SignatureScheme> {
    let found = COMBINED.iter().find(|(dotted, _)| ObjectIdentifier::new_unwrap(dotted) == *oid);
    found.map(|(_, scheme)| *scheme)
}

fn agree(scheme: SignatureScheme, digest: Option<Hash>) -> Result<SignatureScheme, Error> {
    match digest {
        Some(digest) if digest != scheme.hash() => {
            Err(Error::DigestMismatch { announced: digest, used: scheme.hash() })
        }
        _ => Ok(scheme),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use der::referenced::OwnedToRef;

    #[test]
    fn what_is_written_is_read_back() {
        for hash in [Hash::Sha1, Hash::Sha224, Hash::Sha256, Hash::Sha384, Hash::Sha512] {
            let salted = SignatureScheme::RsaPss(PssParameters { hash, mgf_hash: Hash::Sha1, salt_len: 350 });
            for scheme in [
                SignatureScheme::RsaPkcs1v15 { hash },
                SignatureScheme::pss(hash),
                salted,
                SignatureScheme::Ecdsa { hash },
            ] {
                let algorithm = scheme.to_algorithm().unwrap();
                let read = SignatureScheme::from_algorithm(&algorithm.owned_to_ref(), Some(hash)).unwrap();
                assert_eq!(read, scheme);
            }
        }
    }

    #[test]
    fn ecdsa_takes_no_parameters_and_rsa_takes_null_or_none() {
        let ecdsa = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");
        let rsa = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.11");
        let null = Some(der::asn1::AnyRef::NULL);
        let read = |oid, parameters| {
            SignatureScheme::from_algorithm(&AlgorithmIdentifierRef { oid, parameters }, Some(Hash::Sha256))
        };
        assert!(read(ecdsa, None).is_ok());
        assert!(matches!(read(ecdsa, null), Err(Error::Malformed { .. })));
        assert!(read(rsa, None).is_ok());
        assert!(read(rsa, null).is_ok());
        let octets = der::asn1::AnyRef::new(der::Tag::OctetString, b"x").unwrap();
        assert!(matches!(read(rsa, Some(octets)), Err(Error::Malformed { .. })));
    }

    /// RFC 9881 §3: no parameters; RFC 9882 §3.3: any hash of the content.
    #[test]
    fn ml_dsa_takes_no_parameters() {
        for set in MlDsa::ALL {
            let read = |parameters, digest| {
                SignatureScheme::from_algorithm(&AlgorithmIdentifierRef { oid: set.oid(), parameters }, digest)
            };
            for hash in [Hash::Sha256, Hash::Sha512] {
                let scheme = read(None, Some(hash)).unwrap();
                assert_eq!((scheme, scheme.name()), (SignatureScheme::MlDsa { set, hash }, set.name()));
                assert_eq!(scheme.to_algorithm().unwrap().oid, set.oid());
            }
            assert_eq!(read(None, None).unwrap().hash(), Hash::Sha512);
            assert!(matches!(read(Some(der::asn1::AnyRef::NULL), None), Err(Error::Malformed { .. })));
        }
    }

    /// RFC 8410 §3: no parameters; RFC 8419 §3: SHA-512.
    #[test]
    fn ed25519_takes_no_parameters_and_one_hash() {
        let read = |parameters, digest| {
            SignatureScheme::from_algorithm(&AlgorithmIdentifierRef { oid: oid::ED25519, parameters }, digest)
        };
        assert_eq!(read(None, Some(Hash::Sha512)).unwrap(), SignatureScheme::Ed25519);
        assert_eq!(read(None, None).unwrap(), SignatureScheme::Ed25519);
        let null = Some(der::asn1::AnyRef::NULL);
        assert!(matches!(read(null, Some(Hash::Sha512)), Err(Error::Malformed { .. })));
        assert!(matches!(read(None, Some(Hash::Sha256)), Err(Error::DigestMismatch { .. })));
        let written = SignatureScheme::Ed25519.to_algorithm().unwrap();
        assert_eq!((written.oid, written.parameters), (oid::ED25519, None));
    }

    /// RFC 4056 §3: PSS without parameters, and another digest than announced.
    #[test]
    fn pss_needs_parameters_and_digests_agree() {
        let bare = AlgorithmIdentifierRef { oid: oid::RSASSA_PSS, parameters: None };
        assert!(matches!(SignatureScheme::from_algorithm(&bare, Some(Hash::Sha256)), Err(Error::Malformed { .. })));
        let pss = SignatureScheme::pss(Hash::Sha512).to_algorithm().unwrap();
        assert!(matches!(
            SignatureScheme::from_algorithm(&pss.owned_to_ref(), Some(Hash::Sha256)),
            Err(Error::DigestMismatch { announced: Hash::Sha256, used: Hash::Sha512 })
        ));
    }

    /// RFC 4055 §3.1: what is left out is SHA-1, MGF1 with SHA-1 and 20 octets of salt.
    #[test]
    fn pss_defaults_are_sha1() {
        let defaults = der::asn1::AnyRef::new(der::Tag::Sequence, b"").unwrap();
        let algorithm = AlgorithmIdentifierRef { oid: oid::RSASSA_PSS, parameters: Some(defaults) };
        let sha1 = PssParameters { hash: Hash::Sha1, mgf_hash: Hash::Sha1, salt_len: 20 };
        let scheme = SignatureScheme::from_algorithm(&algorithm, Some(Hash::Sha1)).unwrap();
        assert_eq!((scheme, scheme.name()), (SignatureScheme::RsaPss(sha1), "rsa-pss"));
    }

    /// RFC 4055 §3.3: the salt of a signature is no shorter than the key says, the hashes are the key's.
    #[test]
    fn a_restricted_key_signs_as_it_may() {
        let bits = 3072;
        let for_key = |parameters| SignatureScheme::for_key(KeyType::RsaPss { bits, parameters }, Hash::Sha256);
        assert_eq!(for_key(None).unwrap(), SignatureScheme::pss(Hash::Sha256));
        let key = PssParameters { hash: Hash::Sha384, mgf_hash: Hash::Sha256, salt_len: 100 };
        assert_eq!(for_key(Some(key)).unwrap(), SignatureScheme::RsaPss(key));
        let no_salt = for_key(Some(PssParameters { salt_len: 0, ..key })).unwrap();
        assert_eq!(no_salt, SignatureScheme::RsaPss(PssParameters { salt_len: 48, ..key }));
        assert!(matches!(for_key(Some(PssParameters { hash: Hash::Sha1, ..key })), Err(Error::Key { .. })));
    }

    #[test]
    fn plain_rsa_needs_a_digest_from_elsewhere() {
        let rsa = AlgorithmIdentifierRef { oid: oid::RSA_ENCRYPTION, parameters: None };
        assert!(matches!(SignatureScheme::from_algorithm(&rsa, None), Err(Error::Unsupported { .. })));
        assert_eq!(
            SignatureScheme::from_algorithm(&rsa, Some(Hash::Sha384)).unwrap(),
            SignatureScheme::RsaPkcs1v15 { hash: Hash::Sha384 }
        );
    }
}
