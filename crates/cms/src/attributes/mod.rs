//! Signed attributes ([RFC 5652 §11](https://www.rfc-editor.org/rfc/rfc5652#section-11),
//! [RFC 8551 §2.5](https://www.rfc-editor.org/rfc/rfc8551#section-2.5)): reading them strictly, writing them sorted.

mod algorithm_protection;
mod capabilities;
mod set;
mod signed;
mod signing_certificate;
mod signing_time;

pub use capabilities::Capability;
pub(crate) use set::{Attribute, encode_attribute, parse_attributes};
pub use signed::SignedAttributes;
pub(crate) use signing_certificate::{CertificateId, signing_certificate_v2};
pub(crate) use signing_time::encode_signing_time;

use const_oid::ObjectIdentifier;
use const_oid::db::{rfc5911, rfc6268};

pub(crate) const CONTENT_TYPE: ObjectIdentifier = rfc6268::ID_CONTENT_TYPE;
pub(crate) const MESSAGE_DIGEST: ObjectIdentifier = rfc6268::ID_MESSAGE_DIGEST;
pub(crate) const SIGNING_TIME: ObjectIdentifier = rfc6268::ID_SIGNING_TIME;
pub(crate) const SMIME_CAPABILITIES: ObjectIdentifier = rfc5911::SMIME_CAPABILITIES;
pub(crate) const SIGNING_CERTIFICATE: ObjectIdentifier = rfc5911::ID_AA_SIGNING_CERTIFICATE;
pub(crate) const SIGNING_CERTIFICATE_V2: ObjectIdentifier = rfc5911::ID_AA_SIGNING_CERTIFICATE_V_2;
pub(crate) const ALGORITHM_PROTECTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.52");

/// The attributes known here; each of them must be a signed one.
pub(crate) const MUST_BE_SIGNED: [ObjectIdentifier; 7] = [
    CONTENT_TYPE,
    MESSAGE_DIGEST,
    SIGNING_TIME,
    SMIME_CAPABILITIES,
    SIGNING_CERTIFICATE,
    SIGNING_CERTIFICATE_V2,
    ALGORITHM_PROTECTION,
];
