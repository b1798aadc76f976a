//! Verifying: what CMS says of signatures, in the words of the seam.

use crate::{Certificate, handle, parse};
use mailseal_cms::signed_data::{self, SignedData, SignerId, SignerReport, Verifier};
use mailseal_cms::{ContentInfo, ContentType};
use mailseal_core::{CertSource, Check, Content, Context, Error, Layer, Peeled, ProtocolId, Signature};
use std::io::{Read, Write};

/// Verifies a detached signature over `content`. An embedded eContent makes every signer malformed (R45).
pub(crate) fn detached(content: &dyn Content, signature: &[u8], with: &Context<'_>) -> Result<Peeled, Error> {
    let mut write = |out: &mut dyn Write| content.write_to(out);
    let lookup = |id: &SignerId| certificates(with.certs, id);
    let report = ContentInfo::open(signature)
        .and_then(|info| Verifier::new(&lookup).verify(info, signed_data::Content::Detached(&mut write)));
    match report {
        Ok(report) => Ok(peeled(report)),
        Err(mailseal_cms::Error::Io(error)) => Err(Error::Io(error)),
        Err(error) => Ok(unreadable(&error)),
    }
}

/// Verifies signed-data that holds its content, which is written to `out` before its signatures are known.
pub(crate) fn embedded<R: Read>(
    info: ContentInfo<R>,
    certs: &dyn CertSource,
    out: &mut dyn Write,
) -> Result<SignedData, mailseal_cms::Error> {
    let lookup = |id: &SignerId| certificates(certs, id);
    Verifier::new(&lookup).verify(info, signed_data::Content::Embedded(out))
}

/// One layer of signatures, and what came along. No signers at all are an empty layer (R46).
pub(crate) fn peeled(report: SignedData) -> Peeled {
    let mut peeled = Peeled::default();
    let signatures: Vec<_> = report.signers.iter().map(|signer| signature(signer, report.content_type)).collect();
    for signature in &signatures {
        if signature.check == Check::CertificateMissing {
            peeled.wanted.extend(signature.issuer.iter().cloned());
        }
    }
    peeled.layers.push(Layer::Signed(signatures));
    peeled.certs = parse::offered(&report.certificates);
    peeled.crls = report.crls;
    peeled
}

/// A signature that cannot even be read: one malformed signature, so that nobody takes the message for unsigned only.
pub(crate) fn unreadable(error: &mailseal_cms::Error) -> Peeled {
    let mut signature = Signature::new(ProtocolId::SMIME, Check::Malformed);
    signature.detail = Some(error.to_string());
    let mut peeled = Peeled::default();
    peeled.layers.push(Layer::Signed(vec![signature]));
    peeled
}

/// One SignerInfo by itself (R47).
fn signature(report: &SignerReport, content_type: ContentType) -> Signature {
    let mut signature = Signature::new(ProtocolId::SMIME, check(&report.check));
    if report.check != signed_data::Check::Valid {
        signature.detail = Some(report.check.to_string());
    } else if content_type != ContentType::Data {
        // R48: what S/MIME signs is id-data (RFC 8551 §2.4.2); another type was never meant as a mail.
        signature.check = Check::Malformed;
        signature.detail = Some(format!("signed as content type {}", content_type.oid()));
    }
    let certificate = report.certificate.as_deref().and_then(|der| Certificate::from_der(der).ok());
    signature.signer = certificate.map(Certificate::into_cert);
    signature.issuer = report.sid.iter().map(handle::of_signer).collect();
    signature.signed_at = report.attributes.as_ref().and_then(|attributes| attributes.signing_time);
    signature.hash = report.digest.map(|hash| hash.name());
    signature.algorithm = report.scheme.map(|scheme| scheme.name().to_owned());
    signature
}

fn check(check: &signed_data::Check) -> Check {
    match check {
        signed_data::Check::Valid => Check::Valid,
        signed_data::Check::DigestMismatch => Check::DigestMismatch,
        signed_data::Check::BadSignature => Check::BadSignature,
        signed_data::Check::CertificateMissing => Check::CertificateMissing,
        signed_data::Check::WeakAlgorithm(_) => Check::WeakAlgorithm,
        signed_data::Check::Unsupported(_) | signed_data::Check::ContentTooLong(_) => Check::Unsupported,
        _ => Check::Malformed,
    }
}

fn certificates(certs: &dyn CertSource, id: &SignerId) -> Vec<Vec<u8>> {
    let found = certs.by_handle(&handle::of_signer(id));
    found.iter().filter(|cert| cert.protocol() == ProtocolId::SMIME).map(|cert| cert.encoded().to_vec()).collect()
}
