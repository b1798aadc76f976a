//! The password-based ciphers of PKCS#12 itself: [RFC 7292 App. C](https://www.rfc-editor.org/rfc/rfc7292#appendix-C).
//! They are read, since NSS, Windows and macOS wrote them for decades; never written.

use super::kdf::{Use, derive};
use super::{ITERATIONS, malformed};
use cbc::Decryptor;
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockCipherDecrypt, BlockModeDecrypt, InnerIvInit, KeyInit};
use const_oid::ObjectIdentifier;
use der::Sequence;
use der::asn1::OctetStringRef;
use des::TdesEde3;
use mailseal_cms::engine::Hash;
use mailseal_core::Error;
use rc2::Rc2;
use spki::AlgorithmIdentifierRef;
use zeroize::Zeroizing;

/// pkcs-12PbeIds: all of them derive key and IV with SHA-1.
const PBE_IDS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.1");

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
/// [`Error::Unsupported`] with the identifier (RC4), [`Error::Malformed`], [`Error::Limit`] for absurd work.
pub(in crate::key) fn decrypt(
    algorithm: &AlgorithmIdentifierRef<'_>,
    bmp: &[u8],
    ciphertext: &[u8],
) -> Result<Option<Zeroizing<Vec<u8>>>, Error> {
    let parameters = algorithm.parameters.ok_or_else(|| Error::malformed("PKCS#12", "encryption without salt"))?;
    let parameters: Parameters<'_> = parameters.decode_as().map_err(malformed)?;
    if parameters.iterations > ITERATIONS {
        return Err(Error::Limit { what: "rounds of key derivation", limit: ITERATIONS.into() });
    }
    let salt = parameters.salt.as_bytes();
    let derive = |usage, len| derive(Hash::Sha1, usage, bmp, salt, parameters.iterations, len);
    let iv = derive(Use::Iv, 8);
    match algorithm.oid.arcs().last() {
        Some(3) => Ok(cbc(TdesEde3::new_from_slice(&derive(Use::Key, 24)).ok(), &iv, ciphertext)),
        Some(5) => Ok(cbc(Some(Rc2::new_with_eff_key_len(&derive(Use::Key, 16), 128)), &iv, ciphertext)),
        Some(6) => Ok(cbc(Some(Rc2::new_with_eff_key_len(&derive(Use::Key, 5), 40)), &iv, ciphertext)),
        _ => Err(Error::Unsupported(format!("password-based encryption {}", algorithm.oid))),
    }
}

fn cbc<C: BlockCipherDecrypt>(cipher: Option<C>, iv: &[u8], ciphertext: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let decryptor = Decryptor::inner_iv_slice_init(cipher?, iv).ok()?;
    let mut buffer = Zeroizing::new(ciphertext.to_vec());
    let len = decryptor.decrypt_padded::<Pkcs7>(&mut buffer).ok()?.len();
    buffer.truncate(len);
    Some(buffer)
}
