//! RSA key transport.

use der::asn1::OctetStringRef;
use der::{Any, Tag};
use rsa::pkcs1::{RsaOaepParams, RsaOaepParamsOwned};
use spki::{AlgorithmIdentifierOwned, AlgorithmIdentifierRef};

use super::{absent_or_null, encode, hash_parameter, hash_with_null, mgf1, mgf1_hash, oid};
use crate::Error;
use crate::engine::Hash;

/// How the content key is padded under an RSA key.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RsaPadding {
    /// RSAES-PKCS1-v1_5, [RFC 3370 §4.2.1](https://www.rfc-editor.org/rfc/rfc3370#section-4.2.1): everyone reads it.
    Pkcs1v15,
    /// RSAES-OAEP, [RFC 3560](https://www.rfc-editor.org/rfc/rfc3560) with the parameters of
    /// [RFC 4055 §4.1](https://www.rfc-editor.org/rfc/rfc4055#section-4.1).
    Oaep {
        /// Hash of the label.
        hash: Hash,
        /// Hash of the mask generation function.
        mgf_hash: Hash,
        /// The label, which every known writer leaves empty. It comes with the message and says nothing.
        label: Vec<u8>,
    },
}

impl RsaPadding {
    /// OAEP with one hash for all and an empty label.
    pub const fn oaep(hash: Hash) -> Self {
        Self::Oaep { hash, mgf_hash: hash, label: Vec::new() }
    }

    /// Reads a `keyEncryptionAlgorithm`.
    ///
    /// # Errors
    /// [`Error::Unsupported`] or [`Error::Malformed`]; MD5 is not supported.
    pub fn from_algorithm(algorithm: &AlgorithmIdentifierRef<'_>) -> Result<Self, Error> {
        match algorithm.oid {
            oid::RSA_ENCRYPTION if absent_or_null(algorithm.parameters) => Ok(Self::Pkcs1v15),
            oid::RSA_ENCRYPTION => Err(Error::malformed("rsa")),
            oid::RSAES_OAEP => oaep_from(algorithm),
            oid => Err(Error::Unsupported { what: "key transport", oid }),
        }
    }

    /// The `keyEncryptionAlgorithm`.
    ///
    /// # Errors
    /// [`Error::Malformed`] never happens for the hashes known here.
    pub fn to_algorithm(&self) -> Result<AlgorithmIdentifierOwned, Error> {
        match self {
            Self::Pkcs1v15 => Ok(AlgorithmIdentifierOwned { oid: oid::RSA_ENCRYPTION, parameters: Some(Any::null()) }),
            Self::Oaep { hash, mgf_hash, label } => {
                let label = Any::new(Tag::OctetString, label.as_slice()).map_err(Error::der("label"))?;
                let parameters = RsaOaepParams {
                    hash: hash_with_null(*hash),
                    mask_gen: mgf1(*mgf_hash),
                    p_source: AlgorithmIdentifierOwned { oid: oid::P_SPECIFIED, parameters: Some(label) },
                };
                Ok(AlgorithmIdentifierOwned { oid: oid::RSAES_OAEP, parameters: Some(encode(&parameters)?) })
            }
        }
    }

    /// Its name: `rsa` or `rsa-oaep`.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Pkcs1v15 => "rsa",
            Self::Oaep { .. } => "rsa-oaep",
        }
    }
}

/// RFC 4055 §4.1. A missing pSourceFunc parameter is refused (CVE-2026-28390).
fn oaep_from(algorithm: &AlgorithmIdentifierRef<'_>) -> Result<RsaPadding, Error> {
    const WHAT: &str = "rsa-oaep";
    let parameters = algorithm.parameters.ok_or_else(|| Error::malformed(WHAT))?;
    let parameters: RsaOaepParamsOwned = parameters.decode_as().map_err(|_| Error::malformed(WHAT))?;
    if parameters.p_source.oid != oid::P_SPECIFIED {
        return Err(Error::Unsupported { what: "label source", oid: parameters.p_source.oid });
    }
    let label = parameters.p_source.parameters.as_ref().ok_or_else(|| Error::malformed(WHAT))?;
    let label: &OctetStringRef = label.decode_as().map_err(|_| Error::malformed(WHAT))?;
    let hash = hash_parameter(WHAT, &parameters.hash)?;
    let mgf_hash = mgf1_hash(WHAT, &parameters.mask_gen)?;
    if hash == Hash::Md5 || mgf_hash == Hash::Md5 {
        return Err(Error::malformed(WHAT));
    }
    Ok(RsaPadding::Oaep { hash, mgf_hash, label: label.as_bytes().to_vec() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use der::asn1::AnyRef;
    use der::referenced::OwnedToRef;

    #[test]
    fn what_is_written_is_read_back() {
        let hashes = [Hash::Sha1, Hash::Sha224, Hash::Sha256, Hash::Sha384, Hash::Sha512];
        let mixed = hashes.iter().flat_map(|hash| hashes.iter().map(move |mgf_hash| (*hash, *mgf_hash)));
        let with_label = |label: &[u8]| {
            let label = label.to_vec();
            mixed.clone().map(move |(hash, mgf_hash)| RsaPadding::Oaep { hash, mgf_hash, label: label.clone() })
        };
        for padding in with_label(b"").chain(with_label(b"label")).chain([RsaPadding::Pkcs1v15]) {
            let algorithm = padding.to_algorithm().unwrap();
            assert_eq!(RsaPadding::from_algorithm(&algorithm.owned_to_ref()).unwrap(), padding);
        }
    }

    /// Attack 9, 11: absent or odd parameters are refused, nothing panics.
    #[test]
    fn odd_parameters_are_refused() {
        fn read(parameters: Option<AnyRef<'_>>) -> Result<RsaPadding, Error> {
            RsaPadding::from_algorithm(&AlgorithmIdentifierRef { oid: oid::RSAES_OAEP, parameters })
        }
        assert!(read(None).is_err());
        assert!(read(Some(AnyRef::NULL)).is_err());
        // An empty SEQUENCE is all defaults: SHA-1.
        let empty = AnyRef::new(Tag::Sequence, &[]).unwrap();
        assert_eq!(read(Some(empty)).unwrap(), RsaPadding::oaep(Hash::Sha1));
        // A label that is no OCTET STRING, and a pSourceFunc without parameters.
        for label in [Some(Any::null()), Some(Any::new(Tag::Utf8String, *b"label").unwrap()), None] {
            let parameters = RsaOaepParams {
                hash: hash_with_null(Hash::Sha256),
                mask_gen: mgf1(Hash::Sha256),
                p_source: AlgorithmIdentifierOwned { oid: oid::P_SPECIFIED, parameters: label },
            };
            let parameters = Any::encode_from(&parameters).unwrap();
            assert!(read(Some(AnyRef::from(&parameters))).is_err());
        }
    }
}
