use std::io::Read;

use spki::AlgorithmIdentifierOwned;

use super::SignerId;
use crate::algorithm::read_algorithm;
use crate::ber::{Reader, Tag, canonical};
use crate::error::Error;

/// Octets of the longest signature that is read; those of SLH-DSA have up to 49,856.
const SIGNATURE_LIMIT: usize = 64 * 1024;

/// One signature.
///
/// ```text
/// SignerInfo ::= SEQUENCE {
///     version CMSVersion,
///     sid SignerIdentifier,
///     digestAlgorithm DigestAlgorithmIdentifier,
///     signedAttrs [0] IMPLICIT SignedAttributes OPTIONAL,
///     signatureAlgorithm SignatureAlgorithmIdentifier,
///     signature SignatureValue,
///     unsignedAttrs [1] IMPLICIT UnsignedAttributes OPTIONAL }
/// ```
/// [RFC 5652 §5.3](https://www.rfc-editor.org/rfc/rfc5652#section-5.3)
#[derive(Debug)]
pub(crate) struct SignerInfo {
    pub(crate) sid: SignerId,
    pub(crate) digest_algorithm: AlgorithmIdentifierOwned,
    /// As received, under its tag `[0]`.
    pub(crate) signed_attributes: Option<Vec<u8>>,
    pub(crate) signature_algorithm: AlgorithmIdentifierOwned,
    pub(crate) signature: Vec<u8>,
    /// As received, under its tag `[1]`.
    pub(crate) unsigned_attributes: Option<Vec<u8>>,
}

impl SignerInfo {
    /// Reads a SignerInfo in BER.
    pub(crate) fn parse(encoded: &[u8]) -> Result<Self, Error> {
        let limit = encoded.len();
        let mut reader = Reader::over(encoded);
        reader.enter(Tag::SEQUENCE)?;
        let version = canonical(&reader.element_of(Tag::INTEGER, limit)?)?;
        let sid = read_sid(&mut reader, limit)?;
        let by_key_id = matches!(sid, SignerId::SubjectKeyId(_));
        // RFC 5652 has 1 for issuerAndSerialNumber and 3 for subjectKeyIdentifier; some write 3 for both.
        if !matches!((&version[..], by_key_id), ([2, 1, 3], _) | ([2, 1, 1], false)) {
            return Err(Error::malformed("SignerInfo version"));
        }
        let digest_algorithm = read_algorithm(&mut reader, limit)?;
        let signed = reader.next_is(Tag::context(0))?;
        let signed_attributes = if signed { Some(reader.element(limit)?) } else { None };
        let signature_algorithm = read_algorithm(&mut reader, limit)?;
        let signature = reader.octet_string(Tag::OCTET_STRING, SIGNATURE_LIMIT)?;
        let unsigned = reader.peek()?.is_some();
        let unsigned_attributes = if unsigned { Some(reader.element_of(Tag::context(1), limit)?) } else { None };
        reader.leave()?;
        reader.finish()?;
        Ok(SignerInfo { sid, digest_algorithm, signed_attributes, signature_algorithm, signature, unsigned_attributes })
    }
}

fn read_sid<R: Read>(reader: &mut Reader<R>, limit: usize) -> Result<SignerId, Error> {
    if reader.next_is(Tag::context(0))? {
        return Ok(SignerId::SubjectKeyId(reader.octet_string(Tag::context(0), limit)?));
    }
    reader.enter(Tag::SEQUENCE)?;
    let issuer = canonical(&reader.element_of(Tag::SEQUENCE, limit)?)?;
    let serial = canonical(&reader.element_of(Tag::INTEGER, limit)?)?;
    reader.leave()?;
    Ok(SignerId::IssuerAndSerial { issuer, serial })
}
