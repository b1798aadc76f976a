//! Certification requests: PKCS#10 ([RFC 2986](https://www.rfc-editor.org/rfc/rfc2986)).

use super::certificate::{name as subject, signed};
use super::extensions;
use super::new_key::KeyPair;
use crate::{name, oid};
use const_oid::ObjectIdentifier;
use der::{Decode, Encode};
use mailseal_cms::ber::encode::{self, SEQUENCE, SET, constructed, context, tlv};
use mailseal_core::{Address, Error, NewKey};
use x509_cert::ext::Extension;
use x509_cert::request::CertReq;

/// `extensionRequest` ([RFC 2985 §5.4.2](https://www.rfc-editor.org/rfc/rfc2985#section-5.4.2)).
const EXTENSION_REQUEST: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.14");

/// A request for a certificate for S/MIME, in DER.
///
/// # Errors
/// [`Error::Malformed`] for a name that a certificate cannot hold.
pub(super) fn request(key: &KeyPair, new: &NewKey<'_>) -> Result<Vec<u8>, Error> {
    let extensions = tlv(SEQUENCE, &extensions::of_mailbox(key, new).concat());
    let attribute = constructed(SEQUENCE, &[&encode::oid(EXTENSION_REQUEST), &tlv(SET, &extensions)]);
    let info =
        constructed(SEQUENCE, &[&encode::small_integer(0), &subject(new)?, key.public(), &tlv(context(0), &attribute)]);
    signed(key, &info)
}

/// The public key of a request, as DER of its SubjectPublicKeyInfo.
pub(super) fn public_key(request: &[u8]) -> Option<Vec<u8>> {
    CertReq::from_der(request).ok()?.info.public_key.to_der().ok()
}

/// The addresses that a request asks to be certified; none where it cannot be read.
pub(super) fn addresses(request: &[u8]) -> Vec<Address> {
    let Ok(request) = CertReq::from_der(request) else { return Vec::new() };
    let wanted = request.info.attributes.iter().filter(|attribute| attribute.oid == EXTENSION_REQUEST);
    let extensions = wanted.flat_map(|attribute| attribute.values.iter());
    let extensions = extensions.filter_map(|value| value.decode_as::<Vec<Extension>>().ok()).flatten();
    let names = extensions.filter(|extension| extension.extn_id == oid::ID_CE_SUBJECT_ALT_NAME);
    let mailboxes = names.filter_map(|extension| name::alt_names(extension.extn_value.as_bytes())).flatten();
    mailboxes.filter_map(|mailbox| mailbox.address()).collect()
}
