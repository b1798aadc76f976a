use zeroize::Zeroizing;

use super::SealedKey;
use crate::engine::{DecryptionKey, Hash, random_bytes, x963_kdf};
use crate::error::Error;

/// The content key of `len` octets that `key` finds in `sealed`, or another key of that length.
///
/// Whoever alters an encrypted key must not learn what became of it
/// ([RFC 3218 §2.3](https://www.rfc-editor.org/rfc/rfc3218#section-2.3)), so no failure is told here: the content does
/// not decrypt, and that is all there is to see. RSA keys that reject implicitly give the same other octets each time;
/// what is put in place of a key of the wrong length is derived from them and is the same each time too. Octets so few
/// that they could be guessed, and no octets at all, are replaced at random.
///
/// # Errors
/// [`Error::Random`]; [`Error::Key`], [`Error::KeyOperation`] and the like as `key` said: it cannot do this at all.
pub(crate) fn recover(
    sealed: &dyn SealedKey,
    key: &dyn DecryptionKey,
    len: usize,
) -> Result<Zeroizing<Vec<u8>>, Error> {
    match sealed.unseal(key) {
        Ok(octets) if octets.len() == len => Ok(octets),
        Ok(octets) if octets.len() >= 16 => x963_kdf(Hash::Sha256, &octets, sealed.encrypted_key(), len),
        Ok(_) | Err(Error::Decrypt) => random_bytes(len),
        Err(other) => Err(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::private_key;

    struct Gives(Result<usize, ()>);

    impl SealedKey for Gives {
        fn unseal(&self, _key: &dyn DecryptionKey) -> Result<Zeroizing<Vec<u8>>, Error> {
            self.0.map(|len| Zeroizing::new(vec![7; len])).map_err(|()| Error::Decrypt)
        }

        fn encrypted_key(&self) -> &[u8] {
            b"encrypted"
        }
    }

    /// Attack 7: wrong padding and a wrong length look the same, a key of the right length.
    #[test]
    fn every_failure_gives_a_key() {
        let key = private_key("bob");
        let recover = |gives| recover(&Gives(gives), &key, 32).unwrap();
        assert_eq!(*recover(Ok(32)), [7; 32]);
        for gives in [Ok(0), Ok(1), Ok(15), Ok(16), Ok(31), Ok(33), Ok(200), Err(())] {
            let other = recover(gives);
            assert_eq!(other.len(), 32, "{gives:?}");
            assert_ne!(*other, [7; 32], "{gives:?}");
        }
        assert_eq!(recover(Ok(24)), recover(Ok(24)), "implicit rejection stays deterministic");
        assert_ne!(recover(Ok(8)), recover(Ok(8)), "what could be guessed is random");
    }
}
