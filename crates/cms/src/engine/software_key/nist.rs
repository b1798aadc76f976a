//! Private keys on the curves of NIST, for ECDSA and ECDH.

use elliptic_curve::ecdh::diffie_hellman;
use elliptic_curve::{PublicKey, SecretKey};
use getrandom::SysRng;
use rsa::pkcs8::{EncodePublicKey, PrivateKeyInfoRef};
use signature::hazmat::RandomizedPrehashSigner;
use zeroize::Zeroizing;

use super::{PrivateKey, WRONG_KIND};
use crate::Error;
use crate::algorithm::SignatureScheme;
use crate::engine::{Curve, KeyType};

/// A private key on the curve `C`.
pub(super) struct Nist<C: elliptic_curve::Curve>(SecretKey<C>);

/// The same for each curve; generic code would name the bounds of a dozen traits.
macro_rules! private_key {
    ($C:ty, $curve:expr, $bad:literal) => {
        impl Nist<$C> {
            pub(super) fn from_pkcs8(info: PrivateKeyInfoRef<'_>) -> Result<Self, Error> {
                SecretKey::try_from(info).map(Self).map_err(|_| Error::Key { reason: $bad })
            }
        }

        impl PrivateKey for Nist<$C> {
            fn key_type(&self) -> KeyType {
                KeyType::Ec($curve)
            }

            fn public_key_info(&self) -> Result<Vec<u8>, Error> {
                let encoded = self.0.public_key().to_public_key_der();
                encoded.map(|der| der.into_vec()).map_err(|_| Error::malformed("SubjectPublicKeyInfo"))
            }

            /// Hedged: RFC 6979 with random octets mixed in (§3.6).
            fn sign(&self, scheme: &SignatureScheme, digest: &[u8]) -> Result<Vec<u8>, Error> {
                if !matches!(scheme, SignatureScheme::Ecdsa { .. }) {
                    return Err(WRONG_KIND);
                }
                let key = ecdsa::SigningKey::<$C>::from(&self.0);
                let signature: ecdsa::Signature<$C> =
                    key.sign_prehash_with_rng(&mut SysRng, digest).map_err(|e| Error::KeyOperation(Box::new(e)))?;
                Ok(signature.to_der().as_bytes().to_vec())
            }

            fn agree(&self, peer_public: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
                let peer = PublicKey::<$C>::from_sec1_bytes(peer_public).map_err(|_| Error::Decrypt)?;
                let shared = diffie_hellman(self.0.to_nonzero_scalar(), peer.as_affine());
                Ok(Zeroizing::new(shared.raw_secret_bytes().to_vec()))
            }
        }
    };
}

private_key!(p256::NistP256, Curve::P256, "bad P-256 private key");
private_key!(p384::NistP384, Curve::P384, "bad P-384 private key");
private_key!(p521::NistP521, Curve::P521, "bad P-521 private key");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::curve::with_curve;
    use crate::engine::{DecryptionKey, Hash, SigningKey, SoftwareKey, verify};
    use elliptic_curve::Generate;
    use rsa::pkcs8::EncodePrivateKey;

    const CURVES: [Curve; 3] = [Curve::P256, Curve::P384, Curve::P521];

    /// A fresh key: PKCS#8 and SubjectPublicKeyInfo.
    fn generate(curve: Curve) -> (Vec<u8>, Vec<u8>) {
        with_curve!(curve, C => {
            let key = SecretKey::<C>::try_generate_from_rng(&mut SysRng).unwrap();
            let pkcs8 = key.to_pkcs8_der().unwrap().as_bytes().to_vec();
            (pkcs8, key.public_key().to_public_key_der().unwrap().into_vec())
        })
    }

    /// FIPS 186-5 §6.4: any hash with any curve, shorter or longer than the order.
    #[test]
    fn every_hash_on_every_curve() {
        for curve in CURVES {
            let (pkcs8, spki) = generate(curve);
            let key = SoftwareKey::from_pkcs8_der(&pkcs8).unwrap();
            assert_eq!(key.key_type(), KeyType::Ec(curve));
            assert_eq!(KeyType::from_spki(&spki).unwrap(), KeyType::Ec(curve));
            for hash in [Hash::Sha224, Hash::Sha256, Hash::Sha384, Hash::Sha512] {
                let scheme = SignatureScheme::Ecdsa { hash };
                let digest = hash.digest(b"text");
                let mut signature = key.sign(&scheme, &digest).unwrap();
                verify(&spki, &scheme, &digest, &signature).unwrap();
                let other = hash.digest(b"other text");
                assert!(matches!(verify(&spki, &scheme, &other, &signature), Err(Error::Signature)));
                let last = signature.len() - 1;
                signature[last] ^= 1;
                assert!(matches!(verify(&spki, &scheme, &digest, &signature), Err(Error::Signature)));
            }
        }
    }

    /// Attack 23: a signature by a key of one curve, verified with a key of another.
    #[test]
    fn curves_are_not_mixed() {
        let scheme = SignatureScheme::Ecdsa { hash: Hash::Sha256 };
        let digest = Hash::Sha256.digest(b"text");
        for (curve, other) in [(Curve::P256, Curve::P384), (Curve::P384, Curve::P521), (Curve::P521, Curve::P256)] {
            let ((pkcs8, _), (_, foreign)) = (generate(curve), generate(other));
            let key = SoftwareKey::from_pkcs8_der(&pkcs8).unwrap();
            let signature = key.sign(&scheme, &digest).unwrap();
            assert!(matches!(verify(&foreign, &scheme, &digest, &signature), Err(Error::Signature)));
        }
    }

    /// Attack 23: the octets of a P-384 key under the object identifier of P-521, which is as long.
    #[test]
    fn a_key_under_another_name_is_refused() {
        let (pkcs8, spki) = generate(Curve::P384);
        let renamed = |der: &[u8]| {
            let (from, to) = (Curve::P384.oid(), Curve::P521.oid());
            let at = der.windows(from.as_bytes().len()).position(|window| window == from.as_bytes()).unwrap();
            let mut der = der.to_vec();
            der[at..at + to.as_bytes().len()].copy_from_slice(to.as_bytes());
            der
        };
        let scheme = SignatureScheme::Ecdsa { hash: Hash::Sha384 };
        let digest = Hash::Sha384.digest(b"text");
        let signature = SoftwareKey::from_pkcs8_der(&pkcs8).unwrap().sign(&scheme, &digest).unwrap();
        assert!(matches!(verify(&renamed(&spki), &scheme, &digest, &signature), Err(Error::Malformed { .. })));
        assert!(matches!(SoftwareKey::from_pkcs8_der(&renamed(&pkcs8)), Err(Error::Key { .. })));
    }

    /// Attack 23: the point at infinity, a point beside the curve, one of another curve, none.
    #[test]
    fn bad_points_are_refused() {
        for curve in CURVES {
            let key = SoftwareKey::from_pkcs8_der(&generate(curve).0).unwrap();
            let beside = [&[4][..], &vec![1; 2 * curve.field_len()]].concat();
            let zeros = [&[4][..], &vec![0; 2 * curve.field_len()]].concat();
            for bad in [&[][..], &[0], &[4], &beside, &zeros, &beside[..beside.len() - 1]] {
                assert!(matches!(key.agree(bad), Err(Error::Decrypt)), "{curve:?} {bad:?}");
            }
        }
    }
}
