//! The MAC of a PKCS#12 file: of RFC 7292 itself, and PBMAC1 of
//! [RFC 9579](https://www.rfc-editor.org/rfc/rfc9579).

use super::kdf::{self, Use};
use super::malformed;
use super::types::MacData;
use crate::key::kdf as password_kdf;
use crate::key::pbes2::Password;
use crate::key::work::Work;
use const_oid::ObjectIdentifier;
use der::Sequence;
use hmac::{Hmac, KeyInit, Mac};
use mailseal_cms::engine::Hash;
use mailseal_core::Error;
use spki::AlgorithmIdentifierRef;

/// `id-PBMAC1` (RFC 8018 App. A.5).
const PBMAC1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.14");

/// The least octets of a PBMAC1 key: 160 bits, the shortest hash that is known here.
const LEAST_KEY: u16 = 20;

/// `PBMAC1-params` (RFC 8018 App. A.5).
#[derive(Sequence)]
struct Pbmac1Params<'a> {
    kdf: AlgorithmIdentifierRef<'a>,
    mac: AlgorithmIdentifierRef<'a>,
}

/// Whether `data` is the MAC of `content` under the passphrase.
///
/// # Errors
/// [`Error::Unsupported`] with the identifier of what is not known, [`Error::Malformed`], [`Error::Limit`] for absurd work.
pub(super) fn verify(
    data: &MacData<'_>,
    password: &Password<'_>,
    content: &[u8],
    work: &mut Work,
) -> Result<bool, Error> {
    let mac = data.mac.digest.as_bytes();
    let algorithm = &data.mac.algorithm;
    if algorithm.oid == PBMAC1 {
        return pbmac1(algorithm, password, content, mac, work);
    }
    let found = Hash::from_oid(&algorithm.oid).and_then(|hash| Some((hash, password_kdf::Hmac::of_hash(hash)?)));
    let (hash, hmac) = found.ok_or_else(|| Error::Unsupported(format!("PKCS#12 MAC {}", algorithm.oid)))?;
    work.spend(data.iterations.into())?;
    let (salt, len) = (data.salt.as_bytes(), hash.output_len());
    let key = kdf::derive(hash, Use::Mac, password.bmp, salt, data.iterations, len);
    Ok(is_mac(hmac, &key, content, mac))
}

/// The salt and the iterations outside the parameters mean nothing here (RFC 9579 §4).
fn pbmac1(
    algorithm: &AlgorithmIdentifierRef<'_>,
    password: &Password<'_>,
    content: &[u8],
    mac: &[u8],
    work: &mut Work,
) -> Result<bool, Error> {
    let missing = |why| Error::malformed("PBMAC1", why);
    let parameters = algorithm.parameters.ok_or_else(|| missing("no parameters"))?;
    let parameters: Pbmac1Params<'_> = parameters.decode_as().map_err(malformed)?;
    if parameters.kdf.oid != password_kdf::PBKDF2 {
        return Err(Error::Unsupported(format!("PBMAC1 with key derivation {}", parameters.kdf.oid)));
    }
    let len =
        password_kdf::pbkdf2_params(&parameters.kdf)?.key_length.ok_or_else(|| missing("no length of its key"))?;
    if !(LEAST_KEY..=1024).contains(&len) {
        return Err(missing("a key of an absurd length"));
    }
    let hmac = password_kdf::Hmac::from_oid(parameters.mac.oid)?;
    let key = password_kdf::derive(&parameters.kdf, password.pbes2, len.into(), work)?;
    Ok(is_mac(hmac, &key, content, mac))
}

/// Whether `mac` is this HMAC of `content`.
fn is_mac(hmac: password_kdf::Hmac, key: &[u8], content: &[u8], mac: &[u8]) -> bool {
    match hmac {
        password_kdf::Hmac::Sha1 => verify_with::<Hmac<sha1::Sha1>>(key, content, mac),
        password_kdf::Hmac::Sha224 => verify_with::<Hmac<sha2::Sha224>>(key, content, mac),
        password_kdf::Hmac::Sha256 => verify_with::<Hmac<sha2::Sha256>>(key, content, mac),
        password_kdf::Hmac::Sha384 => verify_with::<Hmac<sha2::Sha384>>(key, content, mac),
        password_kdf::Hmac::Sha512 => verify_with::<Hmac<sha2::Sha512>>(key, content, mac),
        password_kdf::Hmac::Sha512_224 => verify_with::<Hmac<sha2::Sha512_224>>(key, content, mac),
        password_kdf::Hmac::Sha512_256 => verify_with::<Hmac<sha2::Sha512_256>>(key, content, mac),
    }
}

/// The same for one kind, in constant time.
fn verify_with<M: Mac + KeyInit>(key: &[u8], content: &[u8], mac: &[u8]) -> bool {
    let Ok(mut context) = <M as KeyInit>::new_from_slice(key) else { return false };
    context.update(content);
    context.verify_slice(mac).is_ok()
}
