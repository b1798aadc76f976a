//! Ed25519 ([RFC 8032 §5.1](https://www.rfc-editor.org/rfc/rfc8032#section-5.1)).

use ed25519_dalek::{Signature, VerifyingKey};
use spki::SubjectPublicKeyInfoRef;

use crate::Error;
use crate::algorithm::oid;

/// Reads a public key ([RFC 8410 §4](https://www.rfc-editor.org/rfc/rfc8410#section-4)): 32 octets, no parameters.
pub(super) fn public_key(spki: &SubjectPublicKeyInfoRef<'_>) -> Result<VerifyingKey, Error> {
    if spki.algorithm.oid != oid::ED25519 {
        return Err(Error::Key { reason: "not a key for Ed25519" });
    }
    if spki.algorithm.parameters.is_some() {
        return Err(Error::malformed("SubjectPublicKeyInfo"));
    }
    let octets = spki.subject_public_key.as_bytes().ok_or_else(|| Error::malformed("SubjectPublicKeyInfo"))?;
    VerifyingKey::try_from(octets).map_err(|_| Error::malformed("Ed25519 public key"))
}

/// Verifies a signature over `message`. Strictly: keys and commitments of small order, with which one signature fits
/// many messages, are refused.
pub(super) fn verify(spki: &SubjectPublicKeyInfoRef<'_>, message: &[u8], signature: &[u8]) -> Result<(), Error> {
    let key = public_key(spki)?;
    let signature = Signature::from_slice(signature).map_err(|_| Error::Signature)?;
    key.verify_strict(message, &signature).map_err(|_| Error::Signature)
}

#[cfg(test)]
mod tests {
    use crate::Error;
    use crate::algorithm::SignatureScheme;
    use crate::engine::{KeyType, SigningKey, SoftwareKey, verify};
    use crate::testing::unhex;

    /// RFC 8032 §7.1, TEST 2.
    const SECRET: &str = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb";
    const PUBLIC: &str = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";
    const SIGNATURE: &str = "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c\
                             387b2eaeb4302aeeb00d291612bb0c00";

    fn spki(public: &str) -> Vec<u8> {
        unhex(&format!("302a300506032b6570032100{public}"))
    }

    fn pkcs8() -> Vec<u8> {
        unhex(&format!("302e020100300506032b657004220420{SECRET}"))
    }

    #[test]
    fn the_example_of_the_rfc() {
        let key = SoftwareKey::from_pkcs8_der(&pkcs8()).unwrap();
        assert_eq!(key.key_type(), KeyType::Ed25519);
        assert_eq!(KeyType::from_spki(&spki(PUBLIC)).unwrap(), KeyType::Ed25519);
        let signature = key.sign(&SignatureScheme::Ed25519, &[0x72]).unwrap();
        assert_eq!(signature, unhex(SIGNATURE));
        verify(&spki(PUBLIC), &SignatureScheme::Ed25519, &[0x72], &signature).unwrap();
        for bad in [&signature[1..], &[signature.as_slice(), &[0]].concat(), &[0; 64], &[]] {
            let verdict = verify(&spki(PUBLIC), &SignatureScheme::Ed25519, &[0x72], bad);
            assert!(matches!(verdict, Err(Error::Signature)));
        }
        assert!(matches!(verify(&spki(PUBLIC), &SignatureScheme::Ed25519, &[0x73], &signature), Err(Error::Signature)));
    }

    /// RFC 8032 §8.4 and attack 23: the neutral point as a key, with which anybody signs anything.
    #[test]
    fn a_key_of_small_order_signs_nothing() {
        let neutral = format!("01{}", "00".repeat(31));
        let forged = unhex(&format!("{neutral}{}", "00".repeat(32)));
        let verdict = verify(&spki(&neutral), &SignatureScheme::Ed25519, b"anything", &forged);
        assert!(matches!(verdict, Err(Error::Signature)));
    }

    /// S + L is the same number as S and another signature (RFC 8032 §5.1.7).
    #[test]
    fn a_signature_has_one_form() {
        let order = unhex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
        let mut signature = unhex(SIGNATURE);
        let mut carry = 0;
        for (octet, add) in signature[32..].iter_mut().zip(order) {
            let sum = u16::from(*octet) + u16::from(add) + carry;
            (*octet, carry) = (sum as u8, sum >> 8);
        }
        let verdict = verify(&spki(PUBLIC), &SignatureScheme::Ed25519, &[0x72], &signature);
        assert!(matches!(verdict, Err(Error::Signature)));
    }

    /// RFC 8410 §7: with the public key (version 2), which must be the private key's own.
    #[test]
    fn private_keys_with_their_public_keys() {
        let with = |public: &str| unhex(&format!("3051020101300506032b657004220420{SECRET}812100{public}"));
        assert!(SoftwareKey::from_pkcs8_der(&with(PUBLIC)).is_ok());
        let other = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
        assert!(matches!(SoftwareKey::from_pkcs8_der(&with(other)), Err(Error::Key { .. })));
    }

    /// RFC 8410 §3: parameters must be absent. 31 and 33 octets are no keys.
    #[test]
    fn malformed_keys_are_refused() {
        let null = unhex(&format!("302c300706032b65700500032100{PUBLIC}"));
        let short = unhex(&format!("3029300506032b6570032000{}", &PUBLIC[2..]));
        let long = unhex(&format!("302b300506032b6570032200{PUBLIC}00"));
        for spki in [null, short, long] {
            assert!(matches!(KeyType::from_spki(&spki), Err(Error::Malformed { .. })));
        }
        let null = unhex(&format!("3030020100300706032b6570050004220420{SECRET}"));
        let unwrapped = unhex(&format!("302c020100300506032b65700420{SECRET}"));
        let short = unhex(&format!("302d020100300506032b65700421041f{}", &SECRET[2..]));
        for pkcs8 in [null, unwrapped, short] {
            assert!(SoftwareKey::from_pkcs8_der(&pkcs8).is_err());
        }
    }
}
