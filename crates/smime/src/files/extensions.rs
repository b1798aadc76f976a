//! What a certificate for S/MIME says of itself (RFC 8550 §4.4), as `Extension`s in DER.

use super::new_key::KeyPair;
use crate::oid;
use const_oid::ObjectIdentifier;
use der::Decode;
use mailseal_cms::ber::encode::{self, OCTET_STRING, SEQUENCE, constructed, context, tlv};
use mailseal_cms::engine::{Hash, KeyType};
use mailseal_core::{Address, Error, NewKey};
use spki::SubjectPublicKeyInfoRef;

/// Key usage, extended key usage and the addresses: what an authority is asked for as well.
pub(super) fn of_mailbox(key: &KeyPair, new: &NewKey<'_>) -> Vec<Vec<u8>> {
    let mailboxes: Vec<u8> = std::iter::once(new.address).chain(new.also).flat_map(mailbox).collect();
    // digitalSignature, and what decrypts: keyEncipherment, keyAgreement, nothing (RFC 5280 §4.2.1.3).
    let usage: &[u8] = match key.key_type() {
        KeyType::Rsa { .. } => &[3, 2, 5, 0xa0],
        KeyType::Ed25519 => &[3, 2, 7, 0x80],
        _ => &[3, 2, 3, 0x88],
    };
    vec![
        extension(oid::ID_CE_KEY_USAGE, true, usage),
        extension(
            oid::ID_CE_EXT_KEY_USAGE,
            false,
            &constructed(SEQUENCE, &[&encode::oid(oid::ID_KP_EMAIL_PROTECTION)]),
        ),
        extension(oid::ID_CE_SUBJECT_ALT_NAME, false, &tlv(SEQUENCE, &mailboxes)),
    ]
}

/// What only the issuer says: no authority, and the key's identifier.
///
/// # Errors
/// [`Error::Misuse`] for a public key that is none.
pub(super) fn of_issuer(public: &[u8]) -> Result<Vec<Vec<u8>>, Error> {
    let id = key_identifier(public)?;
    Ok(vec![
        extension(oid::ID_CE_BASIC_CONSTRAINTS, true, &constructed(SEQUENCE, &[])),
        extension(oid::ID_CE_SUBJECT_KEY_IDENTIFIER, false, &tlv(OCTET_STRING, &id)),
    ])
}

/// The identifier of a public key by RFC 5280 §4.2.1.2, method 1.
///
/// # Errors
/// [`Error::Misuse`] for a public key that is none.
pub(super) fn key_identifier(public: &[u8]) -> Result<Vec<u8>, Error> {
    let info = SubjectPublicKeyInfoRef::from_der(public).map_err(|_| Error::Misuse("a public key is malformed"))?;
    Ok(Hash::Sha1.digest(info.subject_public_key.raw_bytes()))
}

/// rfc822Name, or SmtpUTF8Mailbox where the local part needs UTF-8
/// ([RFC 9598 §3](https://www.rfc-editor.org/rfc/rfc9598#section-3)). Domains are written as A-labels.
fn mailbox(address: &Address) -> Vec<u8> {
    let local = address.as_str().rsplit_once('@').map_or("", |(local, _)| local);
    let text = format!("{local}@{}", address.domain());
    if address.is_ascii() {
        return tlv(0x81, text.as_bytes());
    }
    let value = tlv(context(0), &tlv(0x0c, text.as_bytes()));
    constructed(context(0), &[&encode::oid(oid::ID_ON_SMTP_UTF8_MAILBOX), &value])
}

/// `Extension` (RFC 5280 §4.1).
fn extension(id: ObjectIdentifier, critical: bool, value: &[u8]) -> Vec<u8> {
    let critical: &[u8] = if critical { &[1, 1, 0xff] } else { &[] };
    constructed(SEQUENCE, &[&encode::oid(id), critical, &tlv(OCTET_STRING, value)])
}
