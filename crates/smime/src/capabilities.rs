//! What a recipient's program is known to read: the smimeCapabilities extension of a certificate
//! ([RFC 4262](https://www.rfc-editor.org/rfc/rfc4262)).

use crate::certificate::Certificate;
use crate::oid;
use const_oid::ObjectIdentifier;
use der::Sequence;
use der::asn1::AnyRef;
use mailseal_cms::algorithm::{ContentCipher, RsaPadding};
use spki::AlgorithmIdentifierRef;

/// `SMIMECapability` ([RFC 8551 §2.5.2](https://www.rfc-editor.org/rfc/rfc8551#section-2.5.2)).
#[derive(Sequence)]
struct SmimeCapability<'a> {
    id: ObjectIdentifier,
    parameters: Option<AnyRef<'a>>,
}

/// Whether the certificate says that its owner reads `cipher`.
pub(crate) fn reads(certificate: &Certificate, cipher: ContentCipher) -> bool {
    capabilities(certificate).iter().any(|capability| capability.id == cipher.oid())
}

/// How the certificate's RSA key is best encrypted to: OAEP as its owner announced it, else PKCS#1 v1.5, which every
/// reader must know (RFC 8551 §2.3).
pub(crate) fn rsa_padding(certificate: &Certificate) -> RsaPadding {
    let announced = capabilities(certificate).into_iter().filter(|capability| capability.id == oid::RSAES_OAEP);
    let algorithms =
        announced.map(|capability| AlgorithmIdentifierRef { oid: capability.id, parameters: capability.parameters });
    let mut paddings = algorithms.filter_map(|algorithm| RsaPadding::from_algorithm(&algorithm).ok());
    paddings.next().unwrap_or(RsaPadding::Pkcs1v15)
}

/// The capabilities, none where the extension is absent or unreadable: they only ever widen what is sent.
fn capabilities(certificate: &Certificate) -> Vec<SmimeCapability<'_>> {
    certificate.extension_as(oid::SMIME_CAPABILITIES).ok().flatten().unwrap_or_default()
}
