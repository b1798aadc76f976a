//! Certification requests: PKCS#10 ([RFC 2986](https://www.rfc-editor.org/rfc/rfc2986)).

use super::certificate::{name, signed};
use super::extensions;
use super::new_key::KeyPair;
use const_oid::ObjectIdentifier;
use der::{Decode, Encode};
use mailseal_cms::ber::encode::{self, SEQUENCE, SET, constructed, context, tlv};
use mailseal_core::{Error, NewKey};
use x509_cert::request::CertReq;

/// `extensionRequest` ([RFC 2985 §5.4.2](https://www.rfc-editor.org/rfc/rfc2985#section-5.4.2)).
const EXTENSION_REQUEST: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.14");

/// A request for a certificate for S/MIME, in DER.
///
/// # Errors
/// [`Error::Malformed`] for a name that a certificate cannot hold.
pub(super) fn request(key: &KeyPair, new: &NewKey<'_>) -> Result<Vec<u8>, Error> {
    let extensions = tlv(SEQUENCE, &extensions::of_mailbox(key, new.address).concat());
    let attribute = constructed(SEQUENCE, &[&encode::oid(EXTENSION_REQUEST), &tlv(SET, &extensions)]);
    let info =
        constructed(SEQUENCE, &[&encode::small_integer(0), &name(new)?, key.public(), &tlv(context(0), &attribute)]);
    signed(key, &info)
}

/// The public key of a request, as DER of its SubjectPublicKeyInfo.
pub(super) fn public_key(request: &[u8]) -> Option<Vec<u8>> {
    CertReq::from_der(request).ok()?.info.public_key.to_der().ok()
}
