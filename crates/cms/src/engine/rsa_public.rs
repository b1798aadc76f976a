//! RSA public keys.

use der::Decode;
use mailseal_weak_keys::{Weakness, weakness};
use rsa::BoxedUint;
use rsa::hazmat::rsa_encrypt;
use rsa::pkcs1::RsaPublicKeyRef;
use rsa::traits::PublicKeyParts;
use spki::SubjectPublicKeyInfoRef;

use crate::Error;
use crate::algorithm::oid;

/// Sizes that are computed with; which of them are good is for the caller to say.
const MODULUS_BITS: std::ops::RangeInclusive<usize> = 512..=8192;

/// Reads an RSA key; parameters of `id-RSASSA-PSS` keys are not looked at here.
pub(crate) fn public_key(spki: &SubjectPublicKeyInfoRef<'_>) -> Result<rsa::PublicKey, Error> {
    let key = parse(spki)?;
    let uint = |bytes: &[u8]| {
        let bits = u32::try_from(bytes.len() * 8).map_err(|_| Error::malformed("RSAPublicKey"))?;
        BoxedUint::from_be_slice(bytes, bits).map_err(|_| Error::malformed("RSAPublicKey"))
    };
    let (n, e) = (uint(key.modulus.as_bytes())?, uint(key.public_exponent.as_bytes())?);
    rsa::PublicKey::new_with_size_limits(n, e, MODULUS_BITS)
        .map_err(|_| Error::Key { reason: "RSA modulus or exponent out of range" })
}

/// Length of the modulus in bits.
pub(crate) fn modulus_bits(spki: &SubjectPublicKeyInfoRef<'_>) -> Result<u32, Error> {
    let key = parse(spki)?;
    let modulus = key.modulus.as_bytes();
    let leading = modulus.first().map_or(0, |first| first.leading_zeros());
    let bits = u32::try_from(modulus.len() * 8).map_err(|_| Error::malformed("RSAPublicKey"))?;
    Ok(bits.saturating_sub(leading))
}

/// Fails where the key proves and hides nothing.
///
/// # Errors
/// [`Error::WeakKey`].
pub(crate) fn check_strength(key: &impl PublicKeyParts) -> Result<(), Error> {
    match weakness(&key.n().as_ref().to_be_bytes(), &key.e().to_be_bytes()) {
        Some(weakness) => Err(Error::WeakKey { weakness }),
        None => Ok(()),
    }
}

/// What is wrong with an RSA key of either kind; `None` for one that is good, and for every other kind of key.
pub fn key_weakness(spki_der: &[u8]) -> Option<Weakness> {
    let spki = SubjectPublicKeyInfoRef::from_der(spki_der).ok()?;
    if ![oid::RSA_ENCRYPTION, oid::RSASSA_PSS].contains(&spki.algorithm.oid) {
        return None;
    }
    let key = parse(&spki).ok()?;
    weakness(key.modulus.as_bytes(), key.public_exponent.as_bytes())
}

/// Length in bits of an encoded message of PSS ([RFC 8017 §8.1.1](https://www.rfc-editor.org/rfc/rfc8017#section-8.1.1)).
pub(super) fn em_bits(key: &impl PublicKeyParts) -> usize {
    key.n().bit_width() as usize - 1
}

/// RSAVP1 and I2OSP ([RFC 8017 §8.1.2](https://www.rfc-editor.org/rfc/rfc8017#section-8.1.2)): what a PSS signature
/// holds; `None` where it is no signature for a modulus like that.
pub(super) fn encoded_message(key: &rsa::PublicKey, signature: &[u8]) -> Option<Vec<u8>> {
    let modulus = key.n().as_ref();
    let number = BoxedUint::from_be_slice(signature, modulus.bits_precision()).ok()?;
    if signature.len() != key.size() || number >= *modulus {
        return None;
    }
    let message = rsa_encrypt(key, &number).ok()?;
    to_octets(&message, em_bits(key).div_ceil(8))
}

/// I2OSP ([RFC 8017 §4.1](https://www.rfc-editor.org/rfc/rfc8017#section-4.1)); `None` for too large a number.
pub(super) fn to_octets(number: &BoxedUint, len: usize) -> Option<Vec<u8>> {
    let octets = number.to_be_bytes();
    let (leading, rest) = octets.split_at(octets.len().saturating_sub(len));
    let padding = vec![0; len - rest.len()];
    leading.iter().all(|octet| *octet == 0).then(|| [&padding[..], rest].concat())
}

fn parse<'a>(spki: &SubjectPublicKeyInfoRef<'a>) -> Result<RsaPublicKeyRef<'a>, Error> {
    if !matches!(spki.algorithm.oid, oid::RSA_ENCRYPTION | oid::RSASSA_PSS) {
        return Err(Error::Key { reason: "not an RSA key" });
    }
    let octets = spki.subject_public_key.as_bytes().ok_or_else(|| Error::malformed("SubjectPublicKeyInfo"))?;
    RsaPublicKeyRef::from_der(octets).map_err(Error::der("RSAPublicKey"))
}
