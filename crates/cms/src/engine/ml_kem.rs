//! ML-KEM ([FIPS 203](https://doi.org/10.6028/NIST.FIPS.203)).

use ml_kem::TryKeyInit;
use spki::SubjectPublicKeyInfoRef;
use zeroize::Zeroizing;

use super::random_bytes;
use crate::Error;
use crate::algorithm::MlKem;

/// Calls `$body` with `$K` as the parameters' type.
macro_rules! with_ml_kem {
    ($set:expr, $K:ident => $body:expr) => {
        match $set {
            $crate::algorithm::MlKem::Set512 => {
                type $K = ml_kem::MlKem512;
                $body
            }
            $crate::algorithm::MlKem::Set768 => {
                type $K = ml_kem::MlKem768;
                $body
            }
            $crate::algorithm::MlKem::Set1024 => {
                type $K = ml_kem::MlKem1024;
                $body
            }
        }
    };
}
pub(super) use with_ml_kem;

/// Checks a public key: of its length, with coefficients in range ([FIPS 203 §7.2](https://doi.org/10.6028/NIST.FIPS.203)),
/// without parameters ([RFC 9935 §4](https://www.rfc-editor.org/rfc/rfc9935#section-4)).
pub(super) fn check_public_key(spki: &SubjectPublicKeyInfoRef<'_>, set: MlKem) -> Result<(), Error> {
    let octets = octets(spki)?;
    with_ml_kem!(set, K => ml_kem::EncapsulationKey::<K>::new_from_slice(octets).map(drop))
        .map_err(|_| Error::malformed("ML-KEM public key"))
}

/// A secret for the owner of a public key, new each time, and the ciphertext that tells it.
pub(crate) fn encapsulate(
    spki: &SubjectPublicKeyInfoRef<'_>,
    set: MlKem,
) -> Result<(Vec<u8>, Zeroizing<Vec<u8>>), Error> {
    let octets = octets(spki)?;
    let random = random_bytes(32)?;
    let random = Zeroizing::new(ml_kem::B32::try_from(&random[..]).map_err(|_| Error::Random)?);
    with_ml_kem!(set, K => {
        let key = ml_kem::EncapsulationKey::<K>::new_from_slice(octets);
        let key = key.map_err(|_| Error::malformed("ML-KEM public key"))?;
        let (ciphertext, shared) = key.encapsulate_deterministic(&random);
        let shared = Zeroizing::new(shared);
        Ok((ciphertext.to_vec(), Zeroizing::new(shared.to_vec())))
    })
}

fn octets<'a>(spki: &SubjectPublicKeyInfoRef<'a>) -> Result<&'a [u8], Error> {
    match (spki.algorithm.parameters, spki.subject_public_key.as_bytes()) {
        (None, Some(octets)) => Ok(octets),
        _ => Err(Error::malformed("SubjectPublicKeyInfo")),
    }
}
