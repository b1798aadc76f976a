//! ML-DSA ([FIPS 204](https://doi.org/10.6028/NIST.FIPS.204)), pure and without context, as
//! [RFC 9881](https://www.rfc-editor.org/rfc/rfc9881) and [RFC 9882](https://www.rfc-editor.org/rfc/rfc9882) have it.

use ml_dsa::{EncodedVerifyingKey, MlDsaParams, Signature, VerifyingKey};
use spki::SubjectPublicKeyInfoRef;

use crate::Error;
use crate::algorithm::MlDsa;

/// Calls `$body` with `$P` as the parameters' type.
macro_rules! with_ml_dsa {
    ($set:expr, $P:ident => $body:expr) => {
        match $set {
            $crate::algorithm::MlDsa::Set44 => {
                type $P = ml_dsa::MlDsa44;
                $body
            }
            $crate::algorithm::MlDsa::Set65 => {
                type $P = ml_dsa::MlDsa65;
                $body
            }
            $crate::algorithm::MlDsa::Set87 => {
                type $P = ml_dsa::MlDsa87;
                $body
            }
        }
    };
}
pub(super) use with_ml_dsa;

/// Checks a public key: of this parameter set and its length, without parameters (RFC 9881 §4).
pub(super) fn check_public_key(spki: &SubjectPublicKeyInfoRef<'_>, set: MlDsa) -> Result<(), Error> {
    with_ml_dsa!(set, P => public_key::<P>(spki, set).map(drop))
}

fn public_key<P: MlDsaParams>(spki: &SubjectPublicKeyInfoRef<'_>, set: MlDsa) -> Result<EncodedVerifyingKey<P>, Error> {
    if spki.algorithm.oid != set.oid() {
        return Err(Error::Key { reason: "not a key for this parameter set of ML-DSA" });
    }
    if spki.algorithm.parameters.is_some() {
        return Err(Error::malformed("SubjectPublicKeyInfo"));
    }
    let octets = spki.subject_public_key.as_bytes().ok_or_else(|| Error::malformed("SubjectPublicKeyInfo"))?;
    EncodedVerifyingKey::<P>::try_from(octets).map_err(|_| Error::malformed("ML-DSA public key"))
}

/// Verifies a signature over `message`.
pub(super) fn verify(
    spki: &SubjectPublicKeyInfoRef<'_>,
    set: MlDsa,
    message: &[u8],
    signature: &[u8],
) -> Result<(), Error> {
    with_ml_dsa!(set, P => {
        let key = VerifyingKey::<P>::decode(&public_key::<P>(spki, set)?);
        let signature = Signature::<P>::try_from(signature).map_err(|_| Error::Signature)?;
        if key.verify_with_context(message, &[], &signature) { Ok(()) } else { Err(Error::Signature) }
    })
}
