//! ML-KEM private keys ([RFC 9935 §6](https://www.rfc-editor.org/rfc/rfc9935#section-6)).

use ml_kem::{Decapsulate, Kem, KeyExport, kem};
use rsa::pkcs8::PrivateKeyInfoRef;
use zeroize::Zeroizing;

use super::seeded::{Seeded, agree};
use super::{PrivateKey, WRONG_KIND, public_key_info};
use crate::Error;
use crate::algorithm::MlKem;
use crate::engine::ml_kem::with_ml_kem;
use crate::engine::{KeyType, random_bytes};

/// A private key of the parameters `K`.
struct Key<K: Kem> {
    set: MlKem,
    key: kem::DecapsulationKey<K>,
}

const BAD: Error = Error::Key { reason: "bad ML-KEM private key" };

/// The key in a form. A macro, for the bounds of the crate's types cannot be named.
macro_rules! read_key {
    ($K:ident, $form:expr) => {{
        let from_seed = |seed: &[u8]| {
            let seed = Zeroizing::new(ml_kem::Seed::try_from(seed).map_err(|_| BAD)?);
            Ok::<_, Error>(ml_kem::DecapsulationKey::<$K>::from_seed(*seed))
        };
        match $form {
            Seeded::Seed(seed) => from_seed(seed)?,
            Seeded::Both { seed, expanded } => {
                let key = from_seed(seed)?;
                #[allow(deprecated, reason = "to compare with it is what RFC 9935 §8 asks for")]
                let made = ml_kem::ExpandedKeyEncoding::to_expanded_bytes(&key).to_vec();
                agree(Zeroizing::new(made), expanded)?;
                key
            }
            Seeded::Expanded(octets) => {
                let array = ml_kem::ExpandedDecapsulationKey::<$K>::try_from(octets).map_err(|_| BAD)?;
                let array = Zeroizing::new(array);
                #[allow(deprecated, reason = "RFC 9935 §6 has keys without a seed")]
                let key = ml_kem::DecapsulationKey::<$K>::from_expanded(&array).map_err(|_| BAD)?;
                let random = random_bytes(32)?;
                let random = ml_kem::B32::try_from(&random[..]).map_err(|_| Error::Random)?;
                let (ciphertext, shared) = key.encapsulation_key().encapsulate_deterministic(&random);
                if key.decapsulate(&ciphertext) != shared {
                    return Err(Error::Key { reason: "inconsistent ML-KEM private key" });
                }
                key
            }
        }
    }};
}

/// Reads a key in any of its forms. Seed and expanded key must agree, an expanded key alone must open what is
/// encapsulated to its public key, and where a public key is with it, it must fit.
pub(super) fn from_pkcs8(info: PrivateKeyInfoRef<'_>, set: MlKem) -> Result<Box<dyn PrivateKey>, Error> {
    if info.algorithm.parameters.is_some() {
        return Err(BAD);
    }
    let form = Seeded::parse(info.private_key.as_bytes())?;
    with_ml_kem!(set, K => {
        let key = read_key!(K, form);
        let public = key.encapsulation_key().to_bytes();
        if info.public_key.is_some_and(|given| given.as_bytes() != Some(&public[..])) {
            return Err(Error::Key { reason: "an ML-KEM private key with another public key" });
        }
        Ok(Box::new(Key::<K> { set, key }))
    })
}

impl<K: Kem> PrivateKey for Key<K>
where
    kem::DecapsulationKey<K>: Decapsulate<Kem = K> + Send + Sync,
    kem::EncapsulationKey<K>: KeyExport,
{
    fn key_type(&self) -> KeyType {
        KeyType::MlKem(self.set)
    }

    fn public_key_info(&self) -> Result<Vec<u8>, Error> {
        Ok(public_key_info(self.set.oid(), &kem::Decapsulator::encapsulation_key(&self.key).to_bytes()))
    }

    /// Rejects implicitly: a ciphertext that is no good gives another secret, the same each time (FIPS 203 §7.3).
    fn decapsulate(&self, set: MlKem, ciphertext: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
        if set != self.set {
            return Err(WRONG_KIND);
        }
        let shared = self.key.decapsulate_slice(ciphertext).map_err(|_| Error::Decrypt)?;
        Ok(Zeroizing::new(shared.to_vec()))
    }
}
