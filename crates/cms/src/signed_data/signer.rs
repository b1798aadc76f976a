use std::time::SystemTime;

use const_oid::ObjectIdentifier;
use der::Encode;

use super::SignerId;
use crate::algorithm::SignatureScheme;
use crate::attributes::{
    CONTENT_TYPE, Capability, MESSAGE_DIGEST, SIGNING_CERTIFICATE_V2, SIGNING_TIME, SMIME_CAPABILITIES,
    encode_attribute, encode_signing_time, signing_certificate_v2,
};
use crate::ber::encode;
use crate::certificate::CertificateView;
use crate::engine::{self, Hash, SigningKey, Strength};
use crate::error::Error;

/// One who signs: a certificate, its key, and how.
///
/// What is signed are always signed attributes: contentType, messageDigest, signingCertificateV2, and signingTime and
/// smimeCapabilities where given ([RFC 8551 §2.5](https://www.rfc-editor.org/rfc/rfc8551#section-2.5)).
pub struct Signer<'a> {
    pub(crate) certificate: CertificateView,
    key: &'a dyn SigningKey,
    scheme: SignatureScheme,
    sid: SignerId,
    signing_time: Option<SystemTime>,
    capabilities: Vec<Capability>,
}

impl<'a> Signer<'a> {
    /// Signs with `key`, to which `certificate` (DER) belongs: SHA-256 with RSA PKCS#1 v1.5 or ECDSA, SHA-512
    /// with Ed25519, named by issuer and serial number, without signing time or capabilities.
    ///
    /// # Errors
    /// [`Error::Ber`] or [`Error::Malformed`] if `certificate` is none.
    pub fn new(certificate: &[u8], key: &'a dyn SigningKey) -> Result<Self, Error> {
        let certificate = CertificateView::parse(certificate)?;
        let scheme = SignatureScheme::for_key(key.key_type(), Hash::Sha256)?;
        let sid = SignerId::IssuerAndSerial { issuer: certificate.issuer.clone(), serial: certificate.serial.clone() };
        Ok(Signer { certificate, key, scheme, sid, signing_time: None, capabilities: Vec::new() })
    }

    /// Another signature scheme, such as [`SignatureScheme::pss`].
    ///
    /// # Errors
    /// [`Error::Unsupported`] for MD5 and SHA-1.
    pub fn scheme(mut self, scheme: SignatureScheme) -> Result<Self, Error> {
        if scheme.hash().strength() == Strength::Weak {
            return Err(Error::Unsupported { what: "digest algorithm for signing", oid: scheme.hash().oid() });
        }
        self.scheme = scheme;
        Ok(self)
    }

    /// States when it was signed, in whole seconds.
    pub fn signing_time(mut self, time: SystemTime) -> Self {
        self.signing_time = Some(time);
        self
    }

    /// States what the signer's program can decrypt, most wanted first.
    pub fn capabilities(mut self, capabilities: Vec<Capability>) -> Self {
        self.capabilities = capabilities;
        self
    }

    /// Names the certificate by its subjectKeyIdentifier.
    ///
    /// # Errors
    /// [`Error::Key`] if the certificate has none.
    pub fn by_subject_key_id(mut self) -> Result<Self, Error> {
        let id = self.certificate.subject_key_id.clone();
        self.sid = SignerId::SubjectKeyId(id.ok_or(Error::Key { reason: "a certificate without key identifier" })?);
        Ok(self)
    }

    /// The hash over the content.
    pub fn hash(&self) -> Hash {
        self.scheme.hash()
    }

    /// Whether the SignerInfo will have version 3, and with it the SignedData.
    pub(crate) fn is_version_3(&self) -> bool {
        matches!(self.sid, SignerId::SubjectKeyId(_))
    }

    /// The SignerInfo, in DER, for content of this type and digest.
    pub(crate) fn sign(&self, content_type: ObjectIdentifier, digest: &[u8]) -> Result<Vec<u8>, Error> {
        let attributes = self.attributes(content_type, digest)?;
        let input = self.scheme.input(&attributes).into_owned();
        let signature = self.key.sign(&self.scheme, &input)?;
        self.prove(&input, &signature)?;
        let version = encode::small_integer(if self.is_version_3() { 3 } else { 1 });
        let sid = match &self.sid {
            SignerId::IssuerAndSerial { issuer, serial } => encode::constructed(encode::SEQUENCE, &[issuer, serial]),
            SignerId::SubjectKeyId(id) => encode::tlv(0x80, id),
        };
        let mut signed_attributes = attributes;
        signed_attributes[0] = encode::context(0);
        let algorithm = self.scheme.to_algorithm()?.to_der().map_err(Error::der("signatureAlgorithm"))?;
        let signature = encode::tlv(encode::OCTET_STRING, &signature);
        Ok(encode::constructed(
            encode::SEQUENCE,
            &[&version, &sid, &digest_algorithm(self.hash()), &signed_attributes, &algorithm, &signature],
        ))
    }

    /// The signed attributes as they are signed: DER, under the tag of a SET.
    fn attributes(&self, content_type: ObjectIdentifier, digest: &[u8]) -> Result<Vec<u8>, Error> {
        let mut attributes = vec![
            encode_attribute(CONTENT_TYPE, &encode::oid(content_type)),
            encode_attribute(MESSAGE_DIGEST, &encode::tlv(encode::OCTET_STRING, digest)),
            encode_attribute(SIGNING_CERTIFICATE_V2, &signing_certificate_v2(&self.certificate)),
        ];
        if let Some(time) = self.signing_time {
            attributes.push(encode_attribute(SIGNING_TIME, &encode_signing_time(time)?));
        }
        if !self.capabilities.is_empty() {
            attributes.push(encode_attribute(SMIME_CAPABILITIES, &Capability::encode_all(&self.capabilities)));
        }
        Ok(encode::set_of(encode::SET, attributes))
    }

    /// A key that is not the certificate's, or one that miscalculates, must not send: a faulty RSA signature gives the
    /// key away.
    fn prove(&self, input: &[u8], signature: &[u8]) -> Result<(), Error> {
        engine::verify(&self.certificate.spki, &self.scheme, input, signature).map_err(|error| match error {
            Error::Signature => Error::Key { reason: "not the key of the certificate" },
            other => other,
        })
    }
}

/// An AlgorithmIdentifier without parameters ([RFC 5754 §2](https://www.rfc-editor.org/rfc/rfc5754#section-2)).
pub(crate) fn digest_algorithm(hash: Hash) -> Vec<u8> {
    encode::tlv(encode::SEQUENCE, &encode::oid(hash.oid()))
}
