use der::asn1::AnyRef;
use der::{Decode, Encode};
use spki::{AlgorithmIdentifierOwned, AlgorithmIdentifierRef};

use crate::ber::{Reader, Tag};
use crate::error::Error;

/// Whether a `CMSAlgorithmProtection` attribute names these algorithms
/// ([RFC 6211 §2](https://www.rfc-editor.org/rfc/rfc6211#section-2)); absent parameters and NULL are taken as one.
///
/// ```text
/// CMSAlgorithmProtection ::= SEQUENCE {
///     digestAlgorithm DigestAlgorithmIdentifier,
///     signatureAlgorithm [1] SignatureAlgorithmIdentifier OPTIONAL,
///     macAlgorithm [2] MessageAuthenticationCodeAlgorithm OPTIONAL }
/// ```
pub(crate) fn protects(
    value: &[u8],
    digest: &AlgorithmIdentifierOwned,
    signature: &AlgorithmIdentifierOwned,
) -> Result<bool, Error> {
    let mut reader = Reader::over(value);
    reader.enter(Tag::SEQUENCE)?;
    let protected_digest = reader.element_of(Tag::SEQUENCE, value.len())?;
    let mut protected_signature = reader.element_of(Tag::context(1), value.len())?;
    reader.leave()?;
    reader.finish()?;
    protected_signature[0] = crate::ber::encode::SEQUENCE;
    Ok(same(&protected_digest, digest)? && same(&protected_signature, signature)?)
}

fn same(encoded: &[u8], algorithm: &AlgorithmIdentifierOwned) -> Result<bool, Error> {
    let decoded = AlgorithmIdentifierRef::from_der(encoded).map_err(Error::der("CMSAlgorithmProtection"))?;
    let absent_or_null = |parameters: Option<AnyRef<'_>>| parameters.is_none_or(|any| any.is_null());
    let own = algorithm.to_der().map_err(Error::der("AlgorithmIdentifier"))?;
    let own_parameters = algorithm.parameters.as_ref().map(AnyRef::from);
    let both_plain = absent_or_null(decoded.parameters) && absent_or_null(own_parameters);
    Ok(decoded.oid == algorithm.oid && (both_plain || own == encoded))
}

#[cfg(test)]
mod tests {
    use const_oid::ObjectIdentifier;

    use super::*;
    use crate::ber::encode;

    #[test]
    fn both_algorithms_must_be_the_same() {
        let algorithm =
            |oid: &str, parameters| AlgorithmIdentifierOwned { oid: ObjectIdentifier::new_unwrap(oid), parameters };
        let sha256 = algorithm("2.16.840.1.101.3.4.2.1", None);
        let rsa = algorithm("1.2.840.113549.1.1.1", Some(der::Any::null()));
        let mut signature = rsa.to_der().unwrap();
        signature[0] = encode::context(1);
        let value = encode::constructed(encode::SEQUENCE, &[&sha256.to_der().unwrap(), &signature]);
        assert!(protects(&value, &sha256, &rsa).unwrap());
        assert!(protects(&value, &algorithm("2.16.840.1.101.3.4.2.1", Some(der::Any::null())), &rsa).unwrap());
        assert!(!protects(&value, &algorithm("1.3.14.3.2.26", None), &rsa).unwrap());
        assert!(!protects(&value, &sha256, &algorithm("1.2.840.113549.1.1.11", Some(der::Any::null()))).unwrap());
        assert!(protects(&sha256.to_der().unwrap(), &sha256, &rsa).is_err());
    }
}
