//! Which form a key has, and PKCS#1 and SEC1 as PKCS#8.

use crate::oid;
use const_oid::ObjectIdentifier;
use der::asn1::AnyRef;
use der::{Decode, SliceReader, Tag, TagNumber, Tagged};
use mailseal_cms::ber::encode;
use mailseal_core::Error;
use zeroize::Zeroizing;

/// The binary forms of private keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// PrivateKeyInfo (RFC 5958 §2).
    Pkcs8,
    /// EncryptedPrivateKeyInfo (RFC 5958 §3).
    EncryptedPkcs8,
    /// RSAPrivateKey (RFC 8017 App. A.1.2).
    Pkcs1,
    /// ECPrivateKey (RFC 5915 §3).
    Sec1,
}

/// The form, told from the types of the first values.
pub(super) fn form(encoded: &[u8]) -> Option<Form> {
    let values = values(encoded)?;
    match (values.first()?.tag(), values.get(1)?.tag(), values.get(2).map(Tagged::tag)) {
        (Tag::Integer, Tag::Sequence, Some(Tag::OctetString)) => Some(Form::Pkcs8),
        (Tag::Sequence, Tag::OctetString, None) => Some(Form::EncryptedPkcs8),
        (Tag::Integer, Tag::Integer, Some(Tag::Integer)) => Some(Form::Pkcs1),
        (Tag::Integer, Tag::OctetString, _) => Some(Form::Sec1),
        _ => None,
    }
}

/// RSAPrivateKey wrapped as PKCS#8.
pub(super) fn from_pkcs1(key: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
    match form(key) {
        Some(Form::Pkcs1) => Ok(wrap(&[&encode::oid(oid::RSA_ENCRYPTION), &[0x05, 0x00]], key)),
        _ => Err(Error::malformed("RSA private key", "it is no RSAPrivateKey")),
    }
}

/// ECPrivateKey wrapped as PKCS#8; the curve is the one that it names.
pub(super) fn from_sec1(key: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
    let malformed = |why| Error::malformed("EC private key", why);
    let values = values(key).filter(|_| form(key) == Some(Form::Sec1)).ok_or(malformed("it is no ECPrivateKey"))?;
    let parameters = Tag::ContextSpecific { constructed: true, number: TagNumber(0) };
    let curve = values.iter().find(|value| value.tag() == parameters).ok_or(malformed("it names no curve"))?;
    let curve = ObjectIdentifier::from_der(curve.value()).map_err(|_| malformed("its curve has no name"))?;
    Ok(wrap(&[&encode::oid(oid::ID_EC_PUBLIC_KEY), &encode::oid(curve)], key))
}

/// `PrivateKeyInfo { version 0, algorithm, key }`.
fn wrap(algorithm: &[&[u8]], key: &[u8]) -> Zeroizing<Vec<u8>> {
    let algorithm = encode::constructed(encode::SEQUENCE, algorithm);
    let key = Zeroizing::new(encode::tlv(encode::OCTET_STRING, key));
    Zeroizing::new(encode::constructed(encode::SEQUENCE, &[&encode::small_integer(0), &algorithm, &key]))
}

/// The values inside a SEQUENCE that is all of `encoded`.
fn values(encoded: &[u8]) -> Option<Vec<AnyRef<'_>>> {
    let outer = AnyRef::from_der(encoded).ok().filter(|outer| outer.tag() == Tag::Sequence)?;
    let mut reader = SliceReader::new(outer.value()).ok()?;
    let mut values = Vec::new();
    while !der::Reader::is_finished(&reader) {
        values.push(AnyRef::decode(&mut reader).ok()?);
    }
    Some(values)
}
