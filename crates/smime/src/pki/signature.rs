//! Signatures of certificates and revocation lists, computed by the engine of `mailseal-cms`.

use super::rules::Floor;
use certval::{Error, PathValidationStatus, PkiEnvironment, Result, VerifySignatureMessage};
use der::Encode;
use der::asn1::BitString;
use der::referenced::OwnedToRef;
use mailseal_cms::algorithm::{SignatureScheme, is_weak_by_name};
use mailseal_cms::engine::{self, KeyType, Strength, key_weakness};
use mailseal_weak_keys::{LEAST_BITS, Weakness};
use spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};

impl Floor {
    /// Whether a certificate's signature algorithm is known to be too weak (MD2, MD4, MD5, SHA-1, DSA).
    pub(super) fn refuses_algorithm(self, algorithm: &AlgorithmIdentifierOwned) -> bool {
        match SignatureScheme::from_algorithm(&algorithm.owned_to_ref(), None) {
            Ok(scheme) => self.refuses(&scheme),
            Err(_) => is_weak_by_name(&algorithm.oid),
        }
    }

    /// Whether an issuer's key is known to be too weak (RSA under 2048 bits, or whose secret anybody finds).
    pub(super) fn refuses_key(self, key_info: &[u8]) -> bool {
        let is_short = |key: KeyType| key.rsa_bits().is_some_and(|bits| bits < self.rsa_bits);
        KeyType::from_spki(key_info).is_ok_and(is_short)
            || key_weakness(key_info).is_some_and(|weakness| weakness != Weakness::Short)
    }

    fn refuses(self, scheme: &SignatureScheme) -> bool {
        scheme.hash().strength() == Strength::Weak && !self.weak_hashes
    }
}

/// The engine as the validator's only callback. Weak hashes never verify, nor does what the engine does not know
/// (`Unrecognized`).
impl VerifySignatureMessage for Floor {
    fn verify_signature_message(
        &self,
        _: &PkiEnvironment,
        message: &[u8],
        signature: &BitString,
        algorithm: &AlgorithmIdentifierOwned,
        key: &SubjectPublicKeyInfoOwned,
    ) -> Result<()> {
        const FAILED: Error = Error::PathValidation(PathValidationStatus::SignatureVerificationFailure);
        let scheme = match SignatureScheme::from_algorithm(&algorithm.owned_to_ref(), None) {
            Ok(scheme) => scheme,
            Err(mailseal_cms::Error::Unsupported { .. }) => return Err(Error::Unrecognized),
            Err(_) => return Err(FAILED),
        };
        if self.refuses(&scheme) {
            return Err(FAILED);
        }
        let key = key.to_der().map_err(Error::Asn1Error)?;
        match engine::verify(&key, &scheme, &scheme.input(message), signature.raw_bytes()) {
            Ok(()) => Ok(()),
            Err(mailseal_cms::Error::WeakKey { .. }) if self.rsa_bits < LEAST_BITS => Ok(()),
            Err(mailseal_cms::Error::Unsupported { .. } | mailseal_cms::Error::Key { .. }) => Err(Error::Unrecognized),
            Err(_) => Err(FAILED),
        }
    }
}
