//! The password-based ciphers of PKCS#12 itself: [RFC 7292 App. C](https://www.rfc-editor.org/rfc/rfc7292#appendix-C).
//! NSS, Windows and macOS wrote them for decades.

use super::kdf::{Use, derive};
use super::malformed;
use crate::key::lock::integer;
use crate::key::pbes2::{cbc_decrypt, unsupported};
use crate::key::work::Work;
use cbc::cipher::KeyInit;
use const_oid::ObjectIdentifier;
use der::Sequence;
use der::asn1::OctetStringRef;
use des::{TdesEde2, TdesEde3};
use mailseal_cms::ber::encode;
use mailseal_cms::engine::Hash;
use mailseal_core::Error;
use rc2::Rc2;
use spki::AlgorithmIdentifierRef;
use zeroize::Zeroizing;

/// pkcs-12PbeIds: all of them derive key and IV with SHA-1.
const PBE_IDS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.1");

/// `pbeWithSHAAnd3-KeyTripleDES-CBC`.
const TRIPLE_DES: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.1.3");

/// `pkcs-12PbeParams`.
#[derive(Sequence)]
struct Parameters<'a> {
    salt: &'a OctetStringRef,
    iterations: u32,
}

/// Whether an algorithm is one of this family, known or not.
pub(in crate::key) fn is_of_this_family(oid: &ObjectIdentifier) -> bool {
    oid.parent() == Some(PBE_IDS)
}

/// Decrypts, or says `None` when the passphrase does not fit.
///
/// # Errors
/// [`Error::Unsupported`] with the name (RC4), [`Error::Malformed`], [`Error::Limit`] for absurd work.
pub(in crate::key) fn decrypt(
    algorithm: &AlgorithmIdentifierRef<'_>,
    bmp: &[u8],
    ciphertext: &[u8],
    work: &mut Work,
) -> Result<Option<Zeroizing<Vec<u8>>>, Error> {
    let key_len = match algorithm.oid.arcs().last() {
        Some(3) => 24,
        Some(4 | 5) => 16,
        Some(6) => 5,
        _ => return Err(unsupported(algorithm.oid)),
    };
    let parameters = algorithm.parameters.ok_or_else(|| Error::malformed("PKCS#12", "encryption without salt"))?;
    let parameters: Parameters<'_> = parameters.decode_as().map_err(malformed)?;
    work.spend(2 * u64::from(parameters.iterations))?;
    let (key, iv) = key_and_iv(key_len, bmp, parameters.salt.as_bytes(), parameters.iterations);
    Ok(match algorithm.oid.arcs().last() {
        Some(3) => cbc_decrypt(TdesEde3::new_from_slice(&key).ok(), &iv, ciphertext),
        Some(4) => cbc_decrypt(TdesEde2::new_from_slice(&key).ok(), &iv, ciphertext),
        Some(5) => cbc_decrypt(Some(Rc2::new_with_eff_key_len(&key, 128)), &iv, ciphertext),
        _ => cbc_decrypt(Some(Rc2::new_with_eff_key_len(&key, 40)), &iv, ciphertext),
    })
}

/// Key and initialisation vector, by RFC 7292 App. B.2 with SHA-1.
pub(in crate::key) fn key_and_iv(
    key_len: usize,
    bmp: &[u8],
    salt: &[u8],
    iterations: u32,
) -> (Zeroizing<Vec<u8>>, Zeroizing<Vec<u8>>) {
    let derive = |usage, len| derive(Hash::Sha1, usage, bmp, salt, iterations, len);
    (derive(Use::Key, key_len), derive(Use::Iv, 8))
}

/// `pbeWithSHAAnd3-KeyTripleDES-CBC` with its parameters, in DER.
pub(in crate::key) fn triple_des_algorithm(salt: &[u8], iterations: u32) -> Vec<u8> {
    let parameters = [encode::tlv(encode::OCTET_STRING, salt), integer(iterations)].concat();
    encode::constructed(encode::SEQUENCE, &[&encode::oid(TRIPLE_DES), &encode::tlv(encode::SEQUENCE, &parameters)])
}
