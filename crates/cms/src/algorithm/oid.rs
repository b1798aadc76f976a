//! Object identifiers that are used in more than one place.

use const_oid::ObjectIdentifier;

const fn oid(dotted: &str) -> ObjectIdentifier {
    ObjectIdentifier::new_unwrap(dotted)
}

/// `rsaEncryption`, RFC 8017 §A.1.
pub(crate) const RSA_ENCRYPTION: ObjectIdentifier = oid("1.2.840.113549.1.1.1");
/// `id-RSAES-OAEP`, RFC 4055 §4.1.
pub(crate) const RSAES_OAEP: ObjectIdentifier = oid("1.2.840.113549.1.1.7");
/// `id-mgf1`, RFC 4055 §2.2.
pub(crate) const MGF1: ObjectIdentifier = oid("1.2.840.113549.1.1.8");
/// `id-pSpecified`, RFC 4055 §4.1.
pub(crate) const P_SPECIFIED: ObjectIdentifier = oid("1.2.840.113549.1.1.9");
/// `id-RSASSA-PSS`, RFC 4055 §3.1.
pub(crate) const RSASSA_PSS: ObjectIdentifier = oid("1.2.840.113549.1.1.10");
/// `id-Ed25519`, RFC 8410 §3.
pub(crate) const ED25519: ObjectIdentifier = oid("1.3.101.112");
/// `id-ecPublicKey`, RFC 5480 §2.1.1.
pub(crate) const EC_PUBLIC_KEY: ObjectIdentifier = oid("1.2.840.10045.2.1");
/// `id-X25519`, RFC 8410 §3.
pub(crate) const X25519: ObjectIdentifier = oid("1.3.101.110");
/// `secp256r1`, RFC 5480 §2.1.1.1.
pub(crate) const SECP256R1: ObjectIdentifier = oid("1.2.840.10045.3.1.7");
/// `secp384r1`, RFC 5480 §2.1.1.1.
pub(crate) const SECP384R1: ObjectIdentifier = oid("1.3.132.0.34");
/// `secp521r1`, RFC 5480 §2.1.1.1.
pub(crate) const SECP521R1: ObjectIdentifier = oid("1.3.132.0.35");
/// `id-ori-kem`, RFC 9629 §3.
pub(crate) const ORI_KEM: ObjectIdentifier = oid("1.2.840.113549.1.9.16.13.3");
