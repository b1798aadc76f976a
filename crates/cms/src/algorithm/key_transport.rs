//! RSA key transport.

use der::asn1::AnyRef;
use der::{Any, Tag};
use rsa::pkcs1::{RsaOaepParams, RsaOaepParamsOwned};
use spki::{AlgorithmIdentifierOwned, AlgorithmIdentifierRef};

use super::{absent_or_null, encode, hash_parameter, hash_with_null, mgf1, mgf1_hash, oid};
use crate::Error;
use crate::engine::Hash;

/// How the content key is padded under an RSA key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RsaPadding {
    /// RSAES-PKCS1-v1_5, [RFC 3370 §4.2.1](https://www.rfc-editor.org/rfc/rfc3370#section-4.2.1): everyone reads it.
    Pkcs1v15,
    /// RSAES-OAEP with an empty label, [RFC 3560](https://www.rfc-editor.org/rfc/rfc3560).
    Oaep {
        /// Hash of the (empty) label.
        hash: Hash,
        /// Hash of the mask generation function.
        mgf_hash: Hash,
    },
}

impl RsaPadding {
    /// OAEP with one hash for all.
    pub const fn oaep(hash: Hash) -> Self {
        Self::Oaep { hash, mgf_hash: hash }
    }

    /// Reads a `keyEncryptionAlgorithm`.
    ///
    /// # Errors
    /// [`Error::Unsupported`] or [`Error::Malformed`]; a label or MD5 are not supported.
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
        match *self {
            Self::Pkcs1v15 => Ok(AlgorithmIdentifierOwned { oid: oid::RSA_ENCRYPTION, parameters: Some(Any::null()) }),
            Self::Oaep { hash, mgf_hash } => {
                let parameters = RsaOaepParams {
                    hash: hash_with_null(hash),
                    mask_gen: mgf1(mgf_hash),
                    p_source: AlgorithmIdentifierRef { oid: oid::P_SPECIFIED, parameters: Some(empty_label()?) },
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
    if parameters.p_source.oid != oid::P_SPECIFIED
        || parameters.p_source.parameters.as_ref().map(AnyRef::from) != Some(empty_label()?)
    {
        return Err(Error::malformed(WHAT));
    }
    let hash = hash_parameter(WHAT, &parameters.hash)?;
    let mgf_hash = mgf1_hash(WHAT, &parameters.mask_gen)?;
    if hash == Hash::Md5 || mgf_hash == Hash::Md5 {
        return Err(Error::malformed(WHAT));
    }
    Ok(RsaPadding::Oaep { hash, mgf_hash })
}

fn empty_label() -> Result<AnyRef<'static>, Error> {
    AnyRef::new(Tag::OctetString, &[]).map_err(Error::der("label"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use der::referenced::OwnedToRef;

    #[test]
    fn what_is_written_is_read_back() {
        let mixed = RsaPadding::Oaep { hash: Hash::Sha512, mgf_hash: Hash::Sha1 };
        for padding in [RsaPadding::Pkcs1v15, RsaPadding::oaep(Hash::Sha1), RsaPadding::oaep(Hash::Sha256), mixed] {
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
        // A label, and a pSourceFunc without parameters.
        for label in [Some(AnyRef::new(Tag::OctetString, b"label").unwrap()), None] {
            let parameters = RsaOaepParams {
                hash: hash_with_null(Hash::Sha256),
                mask_gen: mgf1(Hash::Sha256),
                p_source: AlgorithmIdentifierRef { oid: oid::P_SPECIFIED, parameters: label },
            };
            let parameters = Any::encode_from(&parameters).unwrap();
            assert!(read(Some(AnyRef::from(&parameters))).is_err());
        }
    }
}
