use const_oid::ObjectIdentifier;
use der::asn1::AnyRef;
use der::referenced::OwnedToRef;

use super::confusion::starts_like_attributes;
use super::digesting::Digests;
use super::{Check, Flaw, SignerId, SignerInfo, SignerReport};
use crate::algorithm::{MlDsa, SignatureScheme, is_weak_by_name};
use crate::attributes::{MUST_BE_SIGNED, SignedAttributes, parse_attributes};
use crate::ber::{canonical_set, retag_set};
use crate::certificate::CertificateView;
use crate::content_info::ContentType;
use crate::engine::{self, Hash, Strength};
use crate::error::Error;

/// Certificates tried for one signer: many may claim the same name, but a message must not buy endless arithmetic.
const CANDIDATES: usize = 8;

/// What all signers of one SignedData are judged by.
pub(crate) struct Judge<'a> {
    pub(crate) content_type: ContentType,
    /// Set where the content is not where it should be.
    pub(crate) content_flaw: Option<Flaw>,
    pub(crate) digests: Digests,
    pub(crate) certificates: Vec<CertificateView>,
    pub(crate) lookup: &'a dyn Fn(&SignerId) -> Vec<Vec<u8>>,
}

impl Judge<'_> {
    /// Judges one SignerInfo, in BER as received.
    pub(crate) fn report(&self, encoded: &[u8]) -> SignerReport {
        let mut report = SignerReport {
            check: Check::Malformed(Flaw::Encoding),
            sid: None,
            certificate: None,
            digest: None,
            scheme: None,
            attributes: None,
        };
        if let Ok(signer) = SignerInfo::parse(encoded) {
            report.check = self.check(&signer, &mut report).unwrap_or_else(|failed| failed);
            report.sid = Some(signer.sid);
        }
        report
    }

    /// Goes from fact to fact, entering each in the report; the first that fails is the verdict.
    fn check(&self, signer: &SignerInfo, report: &mut SignerReport) -> Result<Check, Check> {
        let candidates = self.candidates(&signer.sid);
        report.certificate = candidates.first().map(|candidate| candidate.encoded.clone());
        let hash = match ignores_digest_algorithm(signer) {
            true => Hash::Sha512,
            false => digest_algorithm(signer)?,
        };
        report.digest = Some(hash);
        let scheme = signature_algorithm(signer, hash)?;
        report.scheme = Some(scheme);
        let attributes = match &signer.signed_attributes {
            Some(encoded) => Some(parse_signed_attributes(encoded, signer)?),
            None => None,
        };
        report.attributes = attributes.clone();
        check_unsigned_attributes(signer)?;
        if let Some(flaw) = &self.content_flaw {
            return Err(Check::Malformed(flaw.clone()));
        }
        let digest = || self.digests.get(hash).ok_or(Check::Malformed(Flaw::DigestNotAnnounced));
        let signed = match (&attributes, &signer.signed_attributes) {
            (Some(attributes), Some(encoded)) => {
                self.check_attributes(attributes, digest()?)?;
                signed_octets(encoded)?.iter().map(|octets| scheme.input(octets).into_owned()).collect()
            }
            _ => {
                self.check_without_attributes()?;
                let too_long = Check::ContentTooLong(signer.signature_algorithm.oid);
                match scheme.signs_message() {
                    true => vec![self.digests.whole.clone().ok_or(too_long)?],
                    false => vec![digest()?.to_vec()],
                }
            }
        };
        let (check, certificate) = check_signature(signer, &scheme, attributes.as_ref(), &signed, &candidates)?;
        report.certificate = Some(certificate);
        if hash.strength() == Strength::Weak {
            return Err(Check::WeakAlgorithm(hash.oid()));
        }
        Ok(check)
    }

    /// RFC 5652 §5.6, §11.1, §11.2.
    fn check_attributes(&self, attributes: &SignedAttributes, digest: &[u8]) -> Result<(), Check> {
        if attributes.content_type != self.content_type.oid() {
            return Err(Check::Malformed(Flaw::ContentTypeMismatch));
        }
        if attributes.message_digest != digest {
            return Err(Check::DigestMismatch);
        }
        Ok(())
    }

    /// RFC 5652 §5.3, and the confusion of content with attributes.
    fn check_without_attributes(&self) -> Result<(), Check> {
        if self.content_type != ContentType::Data {
            return Err(Check::Malformed(Flaw::AttributesRequired));
        }
        if starts_like_attributes(&self.digests.head) {
            return Err(Check::Malformed(Flaw::ContentIsAttributes));
        }
        Ok(())
    }

    /// The certificates that `sid` names: the caller's before those that came along, each once.
    fn candidates(&self, sid: &SignerId) -> Vec<CertificateView> {
        let callers = (self.lookup)(sid);
        let callers: Vec<_> = callers.iter().filter_map(|encoded| CertificateView::parse(encoded).ok()).collect();
        let mut candidates: Vec<CertificateView> = Vec::new();
        for certificate in callers.iter().chain(&self.certificates).filter(|certificate| sid.names(certificate)) {
            let new = candidates.iter().all(|candidate| candidate.encoded != certificate.encoded);
            if new && candidates.len() < CANDIDATES {
                candidates.push(certificate.clone());
            }
        }
        candidates
    }
}

/// RFC 9882 §3.3: without signed attributes nothing is digested, whatever the digestAlgorithm of ML-DSA says.
fn ignores_digest_algorithm(signer: &SignerInfo) -> bool {
    signer.signed_attributes.is_none() && MlDsa::from_oid(&signer.signature_algorithm.oid).is_some()
}

fn digest_algorithm(signer: &SignerInfo) -> Result<Hash, Check> {
    let algorithm = &signer.digest_algorithm;
    let hash = Hash::from_oid(&algorithm.oid).ok_or_else(|| unknown(algorithm.oid))?;
    match algorithm.parameters.as_ref().map(AnyRef::from) {
        Some(parameters) if !parameters.is_null() => Err(Check::Malformed(Flaw::AlgorithmParameters)),
        _ => Ok(hash),
    }
}

fn signature_algorithm(signer: &SignerInfo, hash: Hash) -> Result<SignatureScheme, Check> {
    let algorithm = &signer.signature_algorithm;
    SignatureScheme::from_algorithm(&algorithm.owned_to_ref(), Some(hash)).map_err(|error| match error {
        Error::Unsupported { oid, .. } => unknown(oid),
        Error::DigestMismatch { .. } => Check::Malformed(Flaw::AlgorithmsDisagree),
        _ => Check::Malformed(Flaw::AlgorithmParameters),
    })
}

/// An algorithm that is not computed here.
fn unknown(oid: ObjectIdentifier) -> Check {
    if is_weak_by_name(&oid) { Check::WeakAlgorithm(oid) } else { Check::Unsupported(oid) }
}

fn parse_signed_attributes(encoded: &[u8], signer: &SignerInfo) -> Result<SignedAttributes, Check> {
    let encoding = |_| Check::Malformed(Flaw::Encoding);
    let attributes = parse_attributes(&canonical_set(encoded).map_err(encoding)?).map_err(encoding)?;
    SignedAttributes::read(&attributes, signer).map_err(Check::Malformed)
}

/// Attributes that must be signed must not be among the unsigned ones (RFC 5652 §11, RFC 8551 §2.5, RFC 5035 §3).
fn check_unsigned_attributes(signer: &SignerInfo) -> Result<(), Check> {
    let encoding = |_| Check::Malformed(Flaw::Encoding);
    let Some(encoded) = &signer.unsigned_attributes else { return Ok(()) };
    let attributes = parse_attributes(&canonical_set(encoded).map_err(encoding)?).map_err(encoding)?;
    match attributes.iter().find(|attribute| MUST_BE_SIGNED.contains(&attribute.oid)) {
        Some(attribute) => Err(Check::Malformed(Flaw::AttributeUnsigned(attribute.oid))),
        None => Ok(()),
    }
}

/// The octets that may have been signed: the DER of the attributes, which is what RFC 5652 §5.4 has signed, and, where
/// the signer did not send DER, those received. Both say the same attributes.
fn signed_octets(encoded: &[u8]) -> Result<Vec<Vec<u8>>, Check> {
    let encoding = |_| Check::Malformed(Flaw::Encoding);
    let mut octets = vec![canonical_set(encoded).map_err(encoding)?, retag_set(encoded).map_err(encoding)?];
    octets.dedup();
    Ok(octets)
}

/// The verdict of the first candidate whose key made the signature, and that candidate; otherwise why the first failed.
fn check_signature(
    signer: &SignerInfo,
    scheme: &SignatureScheme,
    attributes: Option<&SignedAttributes>,
    inputs: &[Vec<u8>],
    candidates: &[CertificateView],
) -> Result<(Check, Vec<u8>), Check> {
    let mut failed = Vec::new();
    for candidate in candidates {
        let named = attributes.map_or(Ok(()), |attributes| check_signing_certificate(attributes, candidate));
        match named.and_then(|()| check_key(signer, scheme, inputs, candidate)) {
            Ok(()) => return Ok((Check::Valid, candidate.encoded.clone())),
            Err(check) => failed.push(check),
        }
    }
    Err(failed.into_iter().next().unwrap_or(Check::CertificateMissing))
}

/// RFC 5035 §4: the certificate must be the one that the signer meant.
fn check_signing_certificate(attributes: &SignedAttributes, candidate: &CertificateView) -> Result<(), Check> {
    for id in &attributes.signing_certificates {
        match id.names(candidate) {
            Ok(true) => {}
            Err(Error::Unsupported { oid, .. }) => return Err(Check::Unsupported(oid)),
            _ => return Err(Check::Malformed(Flaw::WrongCertificate)),
        }
    }
    Ok(())
}

fn check_key(
    signer: &SignerInfo,
    scheme: &SignatureScheme,
    inputs: &[Vec<u8>],
    candidate: &CertificateView,
) -> Result<(), Check> {
    for input in inputs {
        match engine::verify(&candidate.spki, scheme, input, &signer.signature) {
            Ok(()) => return Ok(()),
            Err(Error::Signature) => {}
            Err(Error::WeakKey { .. }) => return Err(Check::WeakAlgorithm(signer.signature_algorithm.oid)),
            Err(Error::Unsupported { oid, .. }) => return Err(Check::Unsupported(oid)),
            Err(_) => return Err(Check::Malformed(Flaw::Key)),
        }
    }
    Err(Check::BadSignature)
}
