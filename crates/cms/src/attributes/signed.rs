use std::time::SystemTime;

use const_oid::ObjectIdentifier;
use der::Decode;

use super::algorithm_protection::protects;
use super::signing_time::parse_signing_time;
use super::{
    ALGORITHM_PROTECTION, Attribute, CONTENT_TYPE, Capability, CertificateId, MESSAGE_DIGEST, SIGNING_CERTIFICATE,
    SIGNING_CERTIFICATE_V2, SIGNING_TIME, SMIME_CAPABILITIES,
};
use crate::ber::{Reader, Tag};
use crate::signed_data::{Flaw, SignerInfo};

/// Octets of the longest messageDigest that is read.
const DIGEST_LIMIT: usize = 64;

/// What the signed attributes of one SignerInfo say. It is the signer's word only where the signature is valid.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SignedAttributes {
    /// The type of the signed content.
    pub content_type: ObjectIdentifier,
    /// The digest of the signed content.
    pub message_digest: Vec<u8>,
    /// When the signer says to have signed, in whole seconds. Nobody vouches for it.
    pub signing_time: Option<SystemTime>,
    /// What the signer's program can decrypt, most wanted first; empty if it does not say so or not intelligibly.
    pub capabilities: Vec<Capability>,
    /// The types of all attributes, in the order of DER.
    pub types: Vec<ObjectIdentifier>,
    /// The certificates that the signer names as its own.
    pub(crate) signing_certificates: Vec<CertificateId>,
}

impl SignedAttributes {
    /// Reads the attributes that matter.
    ///
    /// contentType and messageDigest must be there; they and the other known ones at most once and with one value
    /// (RFC 5652 §5.3, §11). An unintelligible smimeCapabilities is passed over: nothing rests on it.
    pub(crate) fn read(attributes: &[Attribute], signer: &SignerInfo) -> Result<Self, Flaw> {
        let content_type = only(attributes, CONTENT_TYPE)?.ok_or(Flaw::AttributeMissing(CONTENT_TYPE))?;
        let message_digest = only(attributes, MESSAGE_DIGEST)?.ok_or(Flaw::AttributeMissing(MESSAGE_DIGEST))?;
        let signing_time = only(attributes, SIGNING_TIME)?;
        let certificate_v1 = only(attributes, SIGNING_CERTIFICATE)?;
        let certificate_v2 = only(attributes, SIGNING_CERTIFICATE_V2)?;
        if let Some(value) = only(attributes, ALGORITHM_PROTECTION)? {
            let protected = protects(value, &signer.digest_algorithm, &signer.signature_algorithm);
            if !protected.map_err(|_| Flaw::AttributeValue(ALGORITHM_PROTECTION))? {
                return Err(Flaw::AlgorithmsDisagree);
            }
        }
        let v1 = certificate_v1.map(CertificateId::parse_v1).transpose();
        let v2 = certificate_v2.map(CertificateId::parse_v2).transpose();
        let v1 = v1.map_err(|_| Flaw::AttributeValue(SIGNING_CERTIFICATE))?;
        let v2 = v2.map_err(|_| Flaw::AttributeValue(SIGNING_CERTIFICATE_V2))?;
        Ok(SignedAttributes {
            content_type: ObjectIdentifier::from_der(content_type).map_err(|_| Flaw::AttributeValue(CONTENT_TYPE))?,
            message_digest: read_digest(message_digest).ok_or(Flaw::AttributeValue(MESSAGE_DIGEST))?,
            signing_time: signing_time
                .map(parse_signing_time)
                .transpose()
                .map_err(|_| Flaw::AttributeValue(SIGNING_TIME))?,
            capabilities: match only(attributes, SMIME_CAPABILITIES) {
                Ok(Some(value)) => Capability::parse_all(value).unwrap_or_default(),
                _ => Vec::new(),
            },
            types: attributes.iter().map(|attribute| attribute.oid).collect(),
            signing_certificates: v1.into_iter().chain(v2).collect(),
        })
    }
}

/// The value of the only attribute of this type, if there is one.
fn only(attributes: &[Attribute], oid: ObjectIdentifier) -> Result<Option<&[u8]>, Flaw> {
    let mut found = attributes.iter().filter(|attribute| attribute.oid == oid);
    match (found.next().map(|attribute| &attribute.values[..]), found.next()) {
        (None, _) => Ok(None),
        (Some([value]), None) => Ok(Some(value)),
        (Some(_), None) => Err(Flaw::AttributeValue(oid)),
        (Some(_), Some(_)) => Err(Flaw::AttributeRepeated(oid)),
    }
}

fn read_digest(value: &[u8]) -> Option<Vec<u8>> {
    let mut reader = Reader::over(value);
    let digest = reader.octet_string(Tag::OCTET_STRING, DIGEST_LIMIT).ok()?;
    reader.finish().ok()?;
    Some(digest)
}
