//! ML-DSA private keys ([RFC 9881 §6](https://www.rfc-editor.org/rfc/rfc9881#section-6)).

use getrandom::SysRng;
use ml_dsa::{ExpandedSigningKey, ExpandedSigningKeyBytes, MlDsaParams, Seed};
use rsa::pkcs8::PrivateKeyInfoRef;
use zeroize::Zeroizing;

use super::seeded::{Seeded, agree};
use super::{PrivateKey, WRONG_KIND, public_key_info};
use crate::Error;
use crate::algorithm::{MlDsa, SignatureScheme};
use crate::engine::KeyType;
use crate::engine::ml_dsa::with_ml_dsa;

/// A private key of the parameters `P`.
struct Key<P: MlDsaParams> {
    set: MlDsa,
    key: ExpandedSigningKey<P>,
}

/// Reads a key in any of its forms. Seed and expanded key must agree, an expanded key alone must sign what its public
/// key verifies, and where a public key is with it, it must fit.
pub(super) fn from_pkcs8(info: PrivateKeyInfoRef<'_>, set: MlDsa) -> Result<Box<dyn PrivateKey>, Error> {
    if info.algorithm.parameters.is_some() {
        return Err(BAD);
    }
    with_ml_dsa!(set, P => {
        let key = expanded::<P>(Seeded::parse(info.private_key.as_bytes())?, set)?;
        let public = key.verifying_key().encode();
        if info.public_key.is_some_and(|given| given.as_bytes() != Some(&public[..])) {
            return Err(Error::Key { reason: "an ML-DSA private key with another public key" });
        }
        Ok(Box::new(Key::<P> { set, key }))
    })
}

const BAD: Error = Error::Key { reason: "bad ML-DSA private key" };

fn expanded<P: MlDsaParams>(form: Seeded<'_>, set: MlDsa) -> Result<ExpandedSigningKey<P>, Error> {
    let from_seed = |seed: &[u8]| {
        let seed = Zeroizing::new(Seed::try_from(seed).map_err(|_| BAD)?);
        Ok(ExpandedSigningKey::<P>::from_seed(&seed))
    };
    match form {
        Seeded::Seed(seed) => from_seed(seed),
        Seeded::Both { seed, expanded } => {
            let key = from_seed(seed)?;
            agree(Zeroizing::new(to_octets(&key)), expanded)?;
            Ok(key)
        }
        Seeded::Expanded(octets) => {
            let array = ExpandedSigningKeyBytes::<P>::try_from(octets).map_err(|_| BAD)?;
            if !secrets_are_short(octets, set) {
                return Err(BAD);
            }
            let key = from_octets::<P>(&Zeroizing::new(array));
            signs(&key)?;
            Ok(key)
        }
    }
}

#[allow(deprecated, reason = "to compare with it is what RFC 9881 §8.2 asks for")]
fn to_octets<P: MlDsaParams>(key: &ExpandedSigningKey<P>) -> Vec<u8> {
    key.to_expanded().to_vec()
}

#[allow(deprecated, reason = "RFC 9881 §6 has keys without a seed; what would panic was refused before")]
fn from_octets<P: MlDsaParams>(octets: &ExpandedSigningKeyBytes<P>) -> ExpandedSigningKey<P> {
    ExpandedSigningKey::from_expanded(octets)
}

/// Whether every coefficient of `s1` and `s2` is within ±η ([FIPS 204 §7.2](https://doi.org/10.6028/NIST.FIPS.204),
/// skDecode): the field of `bits` bits holds η minus the coefficient.
fn secrets_are_short(octets: &[u8], set: MlDsa) -> bool {
    /// Octets of ρ, K and tr, which come first.
    const HEAD: usize = 32 + 32 + 64;
    let (polynomials, bits, eta) = match set {
        MlDsa::Set44 => (8, 3, 2),
        MlDsa::Set65 => (11, 4, 4),
        MlDsa::Set87 => (15, 3, 2),
    };
    let Some(packed) = octets.get(HEAD..HEAD + polynomials * 32 * bits) else { return false };
    let bit = |at: usize| u16::from(packed[at / 8] >> (at % 8) & 1);
    (0..polynomials * 256).all(|field| {
        let value = (0..bits).map(|at| bit(field * bits + at) << at).sum::<u16>();
        value <= 2 * eta
    })
}

/// An expanded key of which the parts do not belong together makes no good signature.
fn signs<P: MlDsaParams>(key: &ExpandedSigningKey<P>) -> Result<(), Error> {
    const INCONSISTENT: Error = Error::Key { reason: "inconsistent ML-DSA private key" };
    let probe = b"pairwise consistency";
    let signature = key.sign_randomized(probe, &[], &mut SysRng).map_err(|_| INCONSISTENT)?;
    if key.verifying_key().verify_with_context(probe, &[], &signature) { Ok(()) } else { Err(INCONSISTENT) }
}

impl<P: MlDsaParams> PrivateKey for Key<P> {
    fn key_type(&self) -> KeyType {
        KeyType::MlDsa(self.set)
    }

    fn public_key_info(&self) -> Result<Vec<u8>, Error> {
        Ok(public_key_info(self.set.oid(), &self.key.verifying_key().encode()))
    }

    /// Hedged ([FIPS 204 §3.4](https://doi.org/10.6028/NIST.FIPS.204)).
    fn sign(&self, scheme: &SignatureScheme, message: &[u8]) -> Result<Vec<u8>, Error> {
        match scheme {
            SignatureScheme::MlDsa { set, .. } if *set == self.set => {
                let signature = self.key.sign_randomized(message, &[], &mut SysRng);
                signature.map(|signature| signature.encode().to_vec()).map_err(|e| Error::KeyOperation(Box::new(e)))
            }
            _ => Err(WRONG_KIND),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ber::encode::{self, OCTET_STRING, SEQUENCE, constructed, tlv};
    use crate::engine::{Hash, SigningKey, SoftwareKey, verify};

    fn pkcs8(set: MlDsa, key: &[u8]) -> Vec<u8> {
        let algorithm = tlv(SEQUENCE, &encode::oid(set.oid()));
        constructed(SEQUENCE, &[&encode::small_integer(0), &algorithm, &tlv(OCTET_STRING, key)])
    }

    fn expanded_of(set: MlDsa, seed: &[u8; 32]) -> Vec<u8> {
        with_ml_dsa!(set, P => to_octets(&ExpandedSigningKey::<P>::from_seed(&Seed::from(*seed))))
    }

    fn read(set: MlDsa, key: &[u8]) -> Result<SoftwareKey, Error> {
        SoftwareKey::from_pkcs8_der(&pkcs8(set, key))
    }

    /// RFC 9881 §6: seed, expanded key or both, and each makes signatures that its public key verifies.
    #[test]
    fn three_forms_of_one_key() {
        for set in MlDsa::ALL {
            let (seed, expanded) = ([7; 32], expanded_of(set, &[7; 32]));
            let forms = [
                tlv(0x80, &seed),
                tlv(OCTET_STRING, &expanded),
                constructed(SEQUENCE, &[&tlv(OCTET_STRING, &seed), &tlv(OCTET_STRING, &expanded)]),
            ];
            let scheme = SignatureScheme::MlDsa { set, hash: Hash::Sha512 };
            let spki = read(set, &forms[0]).unwrap().public_key_info().unwrap();
            for form in forms {
                let key = read(set, &form).unwrap();
                assert_eq!(key.key_type(), KeyType::MlDsa(set));
                assert_eq!(KeyType::from_spki(&spki).unwrap(), KeyType::MlDsa(set));
                assert_eq!(key.public_key_info().unwrap(), spki);
                let mut signature = key.sign(&scheme, b"text").unwrap();
                assert_ne!(signature, key.sign(&scheme, b"text").unwrap(), "hedged");
                verify(&spki, &scheme, b"text", &signature).unwrap();
                assert!(matches!(verify(&spki, &scheme, b"other", &signature), Err(Error::Signature)));
                assert!(matches!(verify(&spki, &scheme, b"text", &signature[1..]), Err(Error::Signature)));
                signature[9] ^= 1;
                assert!(matches!(verify(&spki, &scheme, b"text", &signature), Err(Error::Signature)));
            }
        }
    }

    /// RFC 9881 §8.2 and attack 23: the parts of a key that do not belong together.
    #[test]
    fn inconsistent_keys_are_refused() {
        for set in MlDsa::ALL {
            let (expanded, other) = (expanded_of(set, &[7; 32]), expanded_of(set, &[8; 32]));
            let both = constructed(SEQUENCE, &[&tlv(OCTET_STRING, &[7; 32]), &tlv(OCTET_STRING, &other)]);
            let mixed = [&other[..32], &expanded[32..]].concat();
            let swapped = [&expanded[..1000], &other[1000..]].concat();
            let out_of_range = [&expanded[..200], &[0xff; 32], &expanded[232..]].concat();
            let all_set = vec![0xff; expanded.len()];
            let zeros = vec![0; expanded.len()];
            for bad in [mixed, swapped, out_of_range, all_set, zeros, expanded[1..].to_vec(), vec![7; 32]] {
                assert!(matches!(read(set, &tlv(OCTET_STRING, &bad)), Err(Error::Key { .. })), "{set:?}");
            }
            for bad in [both, tlv(0x80, &[7; 31]), tlv(0x80, &[7; 33]), tlv(0x81, &[7; 32]), vec![7; 32], vec![]] {
                assert!(matches!(read(set, &bad), Err(Error::Key { .. })), "{set:?}");
            }
        }
    }

    /// Attack 23: a signature of one parameter set under the name of another.
    #[test]
    fn parameter_sets_are_not_mixed() {
        let key = read(MlDsa::Set65, &tlv(0x80, &[7; 32])).unwrap();
        let scheme = |set| SignatureScheme::MlDsa { set, hash: Hash::Sha512 };
        let signature = key.sign(&scheme(MlDsa::Set65), b"text").unwrap();
        let spki = key.public_key_info().unwrap();
        let verdict = verify(&spki, &scheme(MlDsa::Set87), b"text", &signature);
        assert!(matches!(verdict, Err(Error::Key { .. })));
        assert!(matches!(key.sign(&scheme(MlDsa::Set44), b"text"), Err(Error::Key { .. })));
    }
}
