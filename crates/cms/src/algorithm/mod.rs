//! `AlgorithmIdentifier`s read strictly into plain values, and written back.
//!
//! An object identifier is never enough: parameters are read here once, by the rules of the RFC that defines the
//! algorithm, and what cannot be used is refused before any key is touched.

mod content_encryption;
mod key_agreement;
mod key_encapsulation;
mod key_transport;
mod ml_dsa;
mod ml_kem;
pub(crate) mod oid;
mod password;
mod pss;
mod signature;
mod weak;

pub use content_encryption::{ContentCipher, ContentEncryption, Integrity};
pub use key_agreement::{KeyAgreement, KeyDerivation, KeyWrap};
pub(crate) use key_encapsulation::{KeyEncapsulation, wrap_algorithm};
pub use key_transport::RsaPadding;
pub use ml_dsa::MlDsa;
pub use ml_kem::MlKem;
pub use password::PasswordEncryption;
pub use pss::PssParameters;
pub use signature::SignatureScheme;
pub use weak::is_weak_by_name;

use der::asn1::AnyRef;
use std::io::Read;

use der::{Any, Decode, Encode, EncodeValue, Tagged};
use spki::{AlgorithmIdentifier, AlgorithmIdentifierOwned};

use crate::Error;
use crate::ber::{Reader, Tag, canonical};
use crate::engine::Hash;

/// Reads an AlgorithmIdentifier in BER.
pub(crate) fn read_algorithm<R: Read>(reader: &mut Reader<R>, limit: usize) -> Result<AlgorithmIdentifierOwned, Error> {
    let encoded = canonical(&reader.element_of(Tag::SEQUENCE, limit)?)?;
    AlgorithmIdentifierOwned::from_der(&encoded).map_err(Error::der("AlgorithmIdentifier"))
}

/// The DER of an algorithm identifier.
pub(crate) fn to_der(algorithm: &AlgorithmIdentifierOwned) -> Result<Vec<u8>, Error> {
    algorithm.to_der().map_err(Error::der("AlgorithmIdentifier"))
}

/// Parameters that may be absent or NULL: hashes and RSA (RFC 4055 §2.1, §5), key wrap as found in the wild.
fn absent_or_null(parameters: Option<AnyRef<'_>>) -> bool {
    parameters.is_none_or(|any| any.is_null())
}

/// A hash as a parameter of another algorithm.
fn hash_parameter(what: &'static str, algorithm: &AlgorithmIdentifierOwned) -> Result<Hash, Error> {
    if !absent_or_null(algorithm.parameters.as_ref().map(AnyRef::from)) {
        return Err(Error::malformed(what));
    }
    Hash::from_oid(&algorithm.oid).ok_or(Error::Unsupported { what: "digest", oid: algorithm.oid })
}

/// The hash of a mask generation function, which must be MGF1 (RFC 4055 §2.2).
fn mgf1_hash(what: &'static str, algorithm: &AlgorithmIdentifier<AlgorithmIdentifierOwned>) -> Result<Hash, Error> {
    if algorithm.oid != oid::MGF1 {
        return Err(Error::Unsupported { what: "mask generation", oid: algorithm.oid });
    }
    hash_parameter(what, algorithm.parameters.as_ref().ok_or_else(|| Error::malformed(what))?)
}

/// A hash as an algorithm identifier with NULL parameters, as RFC 4055 §2.1 has it written inside RSA parameters.
fn hash_with_null(hash: Hash) -> AlgorithmIdentifierOwned {
    AlgorithmIdentifierOwned { oid: hash.oid(), parameters: Some(Any::null()) }
}

/// Parameters as the ASN.1 ANY that they are in an algorithm identifier.
fn encode(parameters: &(impl Tagged + EncodeValue)) -> Result<Any, Error> {
    Any::encode_from(parameters).map_err(Error::der("algorithm parameters"))
}

/// MGF1 over `hash`.
fn mgf1(hash: Hash) -> AlgorithmIdentifier<AlgorithmIdentifierOwned> {
    AlgorithmIdentifier { oid: oid::MGF1, parameters: Some(hash_with_null(hash)) }
}
