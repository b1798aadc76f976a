//! Algorithms that are too weak to be computed at all.

use const_oid::ObjectIdentifier;

/// MD2 and MD4, RSA with either, and DSA: RFC 8551 §B and FIPS 186-5 leave them to history.
const WEAK: [&str; 9] = [
    "1.2.840.113549.2.2",
    "1.2.840.113549.2.4",
    "1.2.840.113549.1.1.2",
    "1.2.840.113549.1.1.3",
    "1.2.840.10040.4.1",
    "1.2.840.10040.4.3",
    "1.3.14.3.2.27",
    "2.16.840.1.101.3.4.3.1",
    "2.16.840.1.101.3.4.3.2",
];

/// Whether a digest or signature algorithm is not known to this crate because it is weak: MD2, MD4, DSA.
pub fn is_weak_by_name(oid: &ObjectIdentifier) -> bool {
    WEAK.iter().any(|dotted| ObjectIdentifier::new_unwrap(dotted) == *oid)
}
