//! Signature verification.

use der::Decode;
use rsa::pkcs1v15::Pkcs1v15Sign;
use signature::hazmat::PrehashVerifier;
use spki::SubjectPublicKeyInfoRef;

use super::curve::{named_curve, with_curve};
use super::hash::with_hash;
use super::{Hash, ed25519, emsa_pss, ml_dsa, rsa_public};
use crate::Error;
use crate::algorithm::{PssParameters, SignatureScheme, oid};

/// Verifies `signature` over `input`, which is what [`SignatureScheme::input`] makes of the message, with the public key
/// in the `SubjectPublicKeyInfo` `spki_der`.
///
/// Says what the mathematics says: whether the hash is strong enough is [`Hash::strength`].
///
/// # Errors
/// [`Error::Signature`] where it does not verify, then [`Error::WeakKey`] where it does but the RSA key proves
/// nothing; [`Error::Unsupported`], [`Error::Key`] or [`Error::Malformed`] where it cannot be computed.
pub fn verify(spki_der: &[u8], scheme: &SignatureScheme, input: &[u8], signature: &[u8]) -> Result<(), Error> {
    let spki = SubjectPublicKeyInfoRef::from_der(spki_der).map_err(Error::der("SubjectPublicKeyInfo"))?;
    if !scheme.signs_message() && input.len() != scheme.hash().output_len() {
        return Err(Error::Misuse("the digest is not as long as the hash of the scheme"));
    }
    match *scheme {
        SignatureScheme::RsaPkcs1v15 { hash } => verify_rsa_pkcs1v15(&spki, hash, input, signature),
        SignatureScheme::RsaPss(parameters) => verify_rsa_pss(&spki, &parameters, input, signature),
        SignatureScheme::Ecdsa { .. } => verify_ecdsa(&spki, input, signature),
        SignatureScheme::Ed25519 => ed25519::verify(&spki, input, signature),
        SignatureScheme::MlDsa { set, .. } => ml_dsa::verify(&spki, set, input, signature),
    }
}

fn verify_rsa_pkcs1v15(
    spki: &SubjectPublicKeyInfoRef<'_>,
    hash: Hash,
    digest: &[u8],
    signature: &[u8],
) -> Result<(), Error> {
    // RFC 4055 §1.2: a key marked for PSS signs by PSS only.
    if spki.algorithm.oid != oid::RSA_ENCRYPTION {
        return Err(Error::Key { reason: "not a key for RSA PKCS#1 v1.5" });
    }
    let public = rsa_public::public_key(spki)?;
    let scheme = with_hash!(hash, D => Pkcs1v15Sign::new::<D>());
    public.verify(scheme, digest, signature).map_err(|_| Error::Signature)?;
    rsa_public::check_strength(&public)
}

fn verify_rsa_pss(
    spki: &SubjectPublicKeyInfoRef<'_>,
    parameters: &PssParameters,
    digest: &[u8],
    signature: &[u8],
) -> Result<(), Error> {
    pss_key_allows(spki, parameters)?;
    let public = rsa_public::public_key(spki)?;
    let encoded = rsa_public::encoded_message(&public, signature).ok_or(Error::Signature)?;
    if !emsa_pss::verify(parameters, digest, &encoded, rsa_public::em_bits(&public)) {
        return Err(Error::Signature);
    }
    rsa_public::check_strength(&public)
}

/// RFC 4055 §3.3: where the key carries PSS parameters, the signature uses the same hashes and no shorter salt.
fn pss_key_allows(spki: &SubjectPublicKeyInfoRef<'_>, used: &PssParameters) -> Result<(), Error> {
    if spki.algorithm.oid != oid::RSASSA_PSS {
        return Ok(());
    }
    match PssParameters::of_key(spki.algorithm.parameters)? {
        Some(key) if !key.allow(used) => {
            Err(Error::Key { reason: "the key's RSASSA-PSS parameters forbid this signature" })
        }
        _ => Ok(()),
    }
}

fn verify_ecdsa(spki: &SubjectPublicKeyInfoRef<'_>, digest: &[u8], signature: &[u8]) -> Result<(), Error> {
    if spki.algorithm.oid != oid::EC_PUBLIC_KEY {
        return Err(Error::Key { reason: "not a key for ECDSA" });
    }
    let point = spki.subject_public_key.as_bytes().ok_or_else(|| Error::malformed("SubjectPublicKeyInfo"))?;
    with_curve!(named_curve(&spki.algorithm)?, C => {
        let public = ecdsa::VerifyingKey::<C>::from_sec1_bytes(point).map_err(|_| Error::malformed("ECPoint"))?;
        let signature = ecdsa::Signature::<C>::from_der(signature).map_err(|_| Error::Signature)?;
        public.verify_prehash(digest, &signature).map_err(|_| Error::Signature)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ber::encode;
    use crate::engine::{SigningKey, SoftwareKey};
    use crate::testing::{private_key, spki_der, unhex};
    use der::Encode;
    use mailseal_testkit::weak::CLOSE_PRIMES;
    use mailseal_weak_keys::Weakness;
    use num_bigint::BigUint;
    use rsa::Pss;
    use rsa::pkcs8::{EncodePrivateKey, EncodePublicKey};

    const HASHES: [Hash; 4] = [Hash::Sha1, Hash::Sha256, Hash::Sha384, Hash::Sha512];

    fn pss(hash: Hash, mgf_hash: Hash, salt_len: u16) -> SignatureScheme {
        SignatureScheme::RsaPss(PssParameters { hash, mgf_hash, salt_len })
    }

    /// The `rsa` crate agrees, where it can.
    #[test]
    fn pss_is_that_of_the_rsa_crate() {
        let theirs = rsa::PrivateKey::new(&mut getrandom::SysRng, 2049).unwrap();
        let key = SoftwareKey::from_pkcs8_der(theirs.to_pkcs8_der().unwrap().as_bytes()).unwrap();
        let spki = theirs.to_public_key().to_public_key_der().unwrap();
        let digest = Hash::Sha256.digest(b"text");
        for salt_len in [0, 32, 77] {
            let scheme = pss(Hash::Sha256, Hash::Sha256, salt_len);
            let padding = || Pss::<sha2::Sha256>::new_with_salt(salt_len.into());
            let signature = theirs.sign_with_rng(&mut getrandom::SysRng, padding(), &digest).unwrap();
            verify(spki.as_bytes(), &scheme, &digest, &signature).unwrap();
            let ours = key.sign(&scheme, &digest).unwrap();
            theirs.to_public_key().verify(padding(), &digest, &ours).unwrap();
        }
    }

    /// RFC 8017 §8.1.2, §5.2.2: as long as the modulus, and a number below it.
    #[test]
    fn a_pss_signature_has_one_form() {
        let (spki, digest) = (spki_der("alice"), Hash::Sha256.digest(b"text"));
        let scheme = SignatureScheme::pss(Hash::Sha256);
        let signature = private_key("alice").sign(&scheme, &digest).unwrap();
        for bad in [&[&[0], &signature[..]].concat()[..], &signature[1..], &[0xff; 384], &[0; 384]] {
            assert!(matches!(verify(&spki, &scheme, &digest, bad), Err(Error::Signature)));
        }
    }

    #[test]
    fn what_is_signed_verifies_and_nothing_else() {
        for hash in HASHES {
            let schemes = [
                ("alice", SignatureScheme::RsaPkcs1v15 { hash }),
                ("alice", SignatureScheme::pss(hash)),
                ("alice", pss(hash, hash, 0)),
                ("alice", pss(hash, Hash::Sha1, 200)),
                ("alice", pss(hash, Hash::Sha512, 5)),
                ("bob", SignatureScheme::Ecdsa { hash }),
            ];
            for (name, scheme) in schemes {
                let (key, spki) = (private_key(name), spki_der(name));
                let digest = hash.digest(b"text");
                let mut signature = key.sign(&scheme, &digest).unwrap();
                verify(&spki, &scheme, &digest, &signature).unwrap();

                let other = hash.digest(b"other text");
                assert!(matches!(verify(&spki, &scheme, &other, &signature), Err(Error::Signature)));
                assert!(matches!(verify(&spki, &scheme, &digest, &[]), Err(Error::Signature)));
                let last = signature.len() - 1;
                signature[last] ^= 1;
                assert!(matches!(verify(&spki, &scheme, &digest, &signature), Err(Error::Signature)));
            }
        }
    }

    #[test]
    fn pss_with_another_salt_or_mask_is_refused() {
        let digest = Hash::Sha256.digest(b"text");
        let signature = private_key("alice").sign(&SignatureScheme::pss(Hash::Sha256), &digest).unwrap();
        for other in [pss(Hash::Sha256, Hash::Sha256, 20), pss(Hash::Sha256, Hash::Sha1, 32)] {
            assert!(matches!(verify(&spki_der("alice"), &other, &digest, &signature), Err(Error::Signature)));
        }
    }

    #[test]
    fn a_key_of_another_kind_is_refused() {
        let digest = Hash::Sha256.digest(b"text");
        let rsa = SignatureScheme::RsaPkcs1v15 { hash: Hash::Sha256 };
        let ecdsa = SignatureScheme::Ecdsa { hash: Hash::Sha256 };
        assert!(matches!(verify(&spki_der("bob"), &rsa, &digest, b"x"), Err(Error::Key { .. })));
        assert!(matches!(verify(&spki_der("alice"), &ecdsa, &digest, b"x"), Err(Error::Key { .. })));
        assert!(matches!(private_key("bob").sign(&rsa, &digest), Err(Error::Key { .. })));
        assert!(matches!(private_key("alice").sign(&ecdsa, &digest), Err(Error::Key { .. })));
    }

    /// RFC 4055 §3.3: the parameters of an id-RSASSA-PSS key restrict what verifies with it; §1.2: PKCS#1 v1.5 does not.
    #[test]
    fn restricted_keys_verify_what_they_allow() {
        let (key, digest) = (private_key("alice"), Hash::Sha384.digest(b"text"));
        let plain = spki_der("alice");
        let plain = SubjectPublicKeyInfoRef::from_der(&plain).unwrap();
        let bits = plain.subject_public_key.to_der().unwrap();
        let marked = |algorithm: Vec<u8>| encode::constructed(encode::SEQUENCE, &[&algorithm, &bits]);
        let restriction = pss(Hash::Sha384, Hash::Sha256, 40).to_algorithm().unwrap();
        let restricted = marked(restriction.to_der().unwrap());
        let free = marked(encode::constructed(encode::SEQUENCE, &[&encode::oid(oid::RSASSA_PSS)]));
        for (scheme, allowed) in [
            (pss(Hash::Sha384, Hash::Sha256, 40), true),
            (pss(Hash::Sha384, Hash::Sha256, 41), true),
            (pss(Hash::Sha384, Hash::Sha256, 39), false),
            (pss(Hash::Sha384, Hash::Sha384, 40), false),
        ] {
            let signature = key.sign(&scheme, &digest).unwrap();
            verify(&free, &scheme, &digest, &signature).unwrap();
            match verify(&restricted, &scheme, &digest, &signature) {
                Ok(()) => assert!(allowed, "{scheme:?}"),
                Err(error) => assert!(!allowed && matches!(error, Error::Key { .. }), "{scheme:?} {error}"),
            }
        }
        let pkcs1 = SignatureScheme::RsaPkcs1v15 { hash: Hash::Sha384 };
        let signature = key.sign(&pkcs1, &digest).unwrap();
        assert!(matches!(verify(&free, &pkcs1, &digest, &signature), Err(Error::Key { .. })));
        let empty = marked(encode::constructed(encode::SEQUENCE, &[&encode::oid(oid::RSASSA_PSS), &[0x05, 0]]));
        let scheme = pss(Hash::Sha384, Hash::Sha384, 48);
        assert!(matches!(verify(&empty, &scheme, &digest, &signature), Err(Error::Malformed { .. })), "NULL");
    }

    /// Attack 21: an RSA key under 2048 bits is never good, and a bad signature by it is a bad signature.
    #[test]
    fn short_rsa_keys_are_weak() {
        let short = rsa::PrivateKey::new(&mut getrandom::SysRng, 1024).unwrap();
        let key = SoftwareKey::from_pkcs8_der(short.to_pkcs8_der().unwrap().as_bytes()).unwrap();
        let spki = short.to_public_key().to_public_key_der().unwrap();
        for scheme in [SignatureScheme::RsaPkcs1v15 { hash: Hash::Sha256 }, SignatureScheme::pss(Hash::Sha256)] {
            let digest = Hash::Sha256.digest(b"text");
            let signature = key.sign(&scheme, &digest).unwrap();
            let verdict = verify(spki.as_bytes(), &scheme, &digest, &signature);
            assert!(matches!(verdict, Err(Error::WeakKey { weakness: Weakness::Short })));
            let other = Hash::Sha256.digest(b"other");
            assert!(matches!(verify(spki.as_bytes(), &scheme, &other, &signature), Err(Error::Signature)));
        }
    }

    /// Attack 21: so is one whose two primes are close together.
    #[test]
    fn close_primes_are_weak() {
        let [p, q] = CLOSE_PRIMES.map(|hex| BigUint::from_bytes_be(&unhex(hex)));
        let d = BigUint::from(65537u32).modinv(&((&p - 1u8) * (&q - 1u8))).unwrap();
        let uint = |number: &BigUint| rsa::BoxedUint::from_be_slice_vartime(&number.to_bytes_be());
        let (n, e) = (uint(&(&p * &q)), rsa::BoxedUint::from(65537u64));
        let weak = rsa::PrivateKey::from_components(n, e, uint(&d), vec![uint(&p), uint(&q)]).unwrap();
        let key = SoftwareKey::from_pkcs8_der(weak.to_pkcs8_der().unwrap().as_bytes()).unwrap();
        let spki = weak.to_public_key().to_public_key_der().unwrap();
        let scheme = SignatureScheme::RsaPkcs1v15 { hash: Hash::Sha256 };
        let digest = Hash::Sha256.digest(b"text");
        let signature = key.sign(&scheme, &digest).unwrap();
        let verdict = verify(spki.as_bytes(), &scheme, &digest, &signature);
        assert!(matches!(verdict, Err(Error::WeakKey { weakness: Weakness::CloseFactors })), "{verdict:?}");
    }

    /// Hedged ECDSA: the same digest signed twice gives two signatures, both good.
    #[test]
    fn ecdsa_is_hedged() {
        let (key, scheme) = (private_key("bob"), SignatureScheme::Ecdsa { hash: Hash::Sha256 });
        let digest = Hash::Sha256.digest(b"text");
        assert_ne!(key.sign(&scheme, &digest).unwrap(), key.sign(&scheme, &digest).unwrap());
    }
}
