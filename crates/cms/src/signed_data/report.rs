use std::time::SystemTime;

use super::Check;
use crate::algorithm::SignatureScheme;
use crate::attributes::SignedAttributes;
use crate::certificate::CertificateView;
use crate::content_info::ContentType;
use crate::engine::Hash;

/// What was found in a SignedData.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SignedData {
    /// eContentType; for S/MIME it should be [`ContentType::Data`].
    pub content_type: ContentType,
    /// Octets of embedded content; `None` where eContent is absent, as in a detached signature.
    pub embedded: Option<u64>,
    /// One report for each SignerInfo, in the order received. None at all is "not signed".
    pub signers: Vec<SignerReport>,
    /// All certificates that came along, in DER as received. Nobody vouches for them.
    pub certificates: Vec<Vec<u8>>,
    /// All revocation lists that came along, in DER as received.
    pub crls: Vec<Vec<u8>>,
}

/// The facts about one SignerInfo, judged by itself.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SignerReport {
    /// What the mathematics say.
    pub check: Check,
    /// Which certificate the signer names; `None` if the SignerInfo cannot be read.
    pub sid: Option<SignerId>,
    /// The certificate that was used, in DER as received: the one with which the signature verified, otherwise the first
    /// that the signer identifier names.
    pub certificate: Option<Vec<u8>>,
    /// The hash over the content, if known.
    pub digest: Option<Hash>,
    /// How the digest is signed, if known.
    pub scheme: Option<SignatureScheme>,
    /// What the signed attributes say; `None` if there are none or they are malformed.
    pub attributes: Option<SignedAttributes>,
}

impl SignerReport {
    /// When the signer says to have signed; `None` unless the signature is valid.
    pub fn signing_time(&self) -> Option<SystemTime> {
        let attributes = self.attributes.as_ref().filter(|_| self.check == Check::Valid);
        attributes.and_then(|attributes| attributes.signing_time)
    }
}

/// How a signer names its certificate.
///
/// ```text
/// SignerIdentifier ::= CHOICE {
///     issuerAndSerialNumber IssuerAndSerialNumber,
///     subjectKeyIdentifier [0] SubjectKeyIdentifier }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum SignerId {
    /// By the issuer and its number for the certificate.
    IssuerAndSerial {
        /// The issuer, a Name in DER.
        issuer: Vec<u8>,
        /// The serial number, an INTEGER in DER, header and all.
        serial: Vec<u8>,
    },
    /// By the subjectKeyIdentifier extension.
    SubjectKeyId(Vec<u8>),
}

impl SignerId {
    pub(crate) fn names(&self, certificate: &CertificateView) -> bool {
        match self {
            SignerId::IssuerAndSerial { issuer, serial } => {
                *issuer == certificate.issuer && *serial == certificate.serial
            }
            SignerId::SubjectKeyId(id) => certificate.subject_key_id.as_ref() == Some(id),
        }
    }
}
