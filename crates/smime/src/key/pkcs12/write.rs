//! Writes PKCS#12 ([RFC 7292 §5.1](https://www.rfc-editor.org/rfc/rfc7292#section-5.1)): the certificates encrypted, the key
//! encrypted, a MAC over both.

use super::kdf::{self, Use, bmp_string};
use super::types::{CERT_BAG, ID_DATA, ID_ENCRYPTED_DATA, LOCAL_KEY_ID, SHROUDED_KEY_BAG, X509_CERTIFICATE};
use crate::key::lock::{self, OLD_ROUNDS, ROUNDS, integer};
use crate::random;
use const_oid::ObjectIdentifier;
use hmac::{Hmac, KeyInit, Mac};
use mailseal_cms::ber::encode::{self, OCTET_STRING, SEQUENCE, SET, constructed, tlv};
use mailseal_cms::engine::Hash;
use mailseal_core::{Error, Readers};
use zeroize::Zeroizing;

/// `friendlyName` ([RFC 2985 §5.5.1](https://www.rfc-editor.org/rfc/rfc2985#section-5.5.1)).
const FRIENDLY_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.20");

/// What goes into a file.
pub(in crate::key) struct Contents<'a> {
    /// PKCS#8 in DER.
    pub(in crate::key) pkcs8: &'a [u8],
    /// The key's certificate in DER.
    pub(in crate::key) cert: &'a [u8],
    /// Certificates that lead up from it, in DER.
    pub(in crate::key) chain: Vec<&'a [u8]>,
    /// What programs show.
    pub(in crate::key) name: &'a str,
}

/// A whole file.
///
/// # Errors
/// [`Error::Engine`] without randomness.
pub(in crate::key) fn write(contents: &Contents<'_>, passphrase: &str, readers: Readers) -> Result<Vec<u8>, Error> {
    let id = Hash::Sha1.digest(contents.cert);
    let mut certs = vec![bag(CERT_BAG, &cert_bag(contents.cert), &attributes(contents.name, &id))];
    certs.extend(contents.chain.iter().map(|cert| bag(CERT_BAG, &cert_bag(cert), &[])));
    let shrouded = lock::locked_key(contents.pkcs8, passphrase, readers)?;
    let keys = constructed(SEQUENCE, &[&bag(SHROUDED_KEY_BAG, &shrouded, &attributes(contents.name, &id))]);

    let (algorithm, ciphertext) = lock::lock(&tlv(SEQUENCE, &certs.concat()), passphrase, readers)?;
    let info = constructed(SEQUENCE, &[&encode::oid(ID_DATA), &algorithm, &tlv(0x80, &ciphertext)]);
    let encrypted = constructed(SEQUENCE, &[&encode::small_integer(0), &info]);
    let safe = constructed(SEQUENCE, &[&content_info(ID_ENCRYPTED_DATA, &encrypted), &data(&keys)]);
    let mac = mac_data(&safe, passphrase, readers)?;
    Ok(constructed(SEQUENCE, &[&encode::small_integer(3), &data(&safe), &mac]))
}

/// `SafeBag` (RFC 7292 §4.2).
fn bag(id: ObjectIdentifier, value: &[u8], attributes: &[u8]) -> Vec<u8> {
    constructed(SEQUENCE, &[&encode::oid(id), &tlv(encode::context(0), value), attributes])
}

/// `CertBag` (RFC 7292 §4.2.3).
fn cert_bag(cert: &[u8]) -> Vec<u8> {
    let value = tlv(encode::context(0), &tlv(OCTET_STRING, cert));
    constructed(SEQUENCE, &[&encode::oid(X509_CERTIFICATE), &value])
}

/// `SET OF PKCS12Attribute` with the name and what pairs key and certificate.
fn attributes(name: &str, id: &[u8]) -> Vec<u8> {
    let attribute = |kind, value: &[u8]| constructed(SEQUENCE, &[&encode::oid(kind), &tlv(SET, value)]);
    // A BMPString has no surrogates, and no NUL at its end.
    let units = name.encode_utf16().filter(|unit| !(0xd800..0xe000).contains(unit));
    let bmp: Vec<u8> = units.flat_map(u16::to_be_bytes).collect();
    let named = attribute(FRIENDLY_NAME, &tlv(0x1e, &bmp));
    encode::set_of(SET, vec![named, attribute(LOCAL_KEY_ID, &tlv(OCTET_STRING, id))])
}

/// A ContentInfo of `id-data`.
fn data(octets: &[u8]) -> Vec<u8> {
    content_info(ID_DATA, &tlv(OCTET_STRING, octets))
}

fn content_info(kind: ObjectIdentifier, content: &[u8]) -> Vec<u8> {
    constructed(SEQUENCE, &[&encode::oid(kind), &tlv(encode::context(0), content)])
}

/// `MacData` (RFC 7292 §4) with HMAC-SHA-256, for old readers HMAC-SHA-1.
fn mac_data(safe: &[u8], passphrase: &str, readers: Readers) -> Result<Vec<u8>, Error> {
    let (hash, rounds) = match readers {
        Readers::Old => (Hash::Sha1, OLD_ROUNDS),
        _ => (Hash::Sha256, ROUNDS),
    };
    let salt = random::octets(16)?;
    let key = kdf::derive(hash, Use::Mac, &bmp_string(passphrase), &salt, rounds, hash.output_len());
    let mac = match hash {
        Hash::Sha1 => hmac::<Hmac<sha1::Sha1>>(&key, safe)?,
        _ => hmac::<Hmac<sha2::Sha256>>(&key, safe)?,
    };
    let algorithm = constructed(SEQUENCE, &[&encode::oid(hash.oid()), &[5, 0]]);
    let digest = constructed(SEQUENCE, &[&algorithm, &tlv(OCTET_STRING, &mac)]);
    Ok(constructed(SEQUENCE, &[&digest, &tlv(OCTET_STRING, &salt), &integer(rounds)]))
}

fn hmac<M: Mac + KeyInit>(key: &Zeroizing<Vec<u8>>, content: &[u8]) -> Result<Vec<u8>, Error> {
    let mut mac = <M as KeyInit>::new_from_slice(key).map_err(|_| Error::Misuse("HMAC takes keys of any length"))?;
    mac.update(content);
    Ok(mac.finalize().into_bytes().to_vec())
}
