//! X25519 ([RFC 7748 §5](https://www.rfc-editor.org/rfc/rfc7748#section-5)) with keys in the forms of
//! [RFC 8410](https://www.rfc-editor.org/rfc/rfc8410).

use spki::SubjectPublicKeyInfoRef;
use x25519_dalek::{PublicKey, StaticSecret};
use zeroize::Zeroizing;

use super::random_bytes;
use crate::Error;

/// Length of a private key, a public key and a shared secret in octets.
pub(super) const LEN: usize = 32;

/// The public key in `spki`, whose algorithm is `id-X25519`. Parameters must be absent (RFC 8410 §3).
///
/// # Errors
/// [`Error::Malformed`].
pub(super) fn public_key(spki: &SubjectPublicKeyInfoRef<'_>) -> Result<PublicKey, Error> {
    let malformed = || Error::malformed("X25519 public key");
    if spki.algorithm.parameters.is_some() {
        return Err(malformed());
    }
    let octets = spki.subject_public_key.as_bytes().ok_or_else(malformed)?;
    <[u8; LEN]>::try_from(octets).map(PublicKey::from).map_err(|_| malformed())
}

/// The secret that `own` shares with `peer`.
///
/// # Errors
/// [`Error::Decrypt`] where it is zero: `peer` is of low order, and everybody knows the secret
/// ([RFC 7748 §6.1](https://www.rfc-editor.org/rfc/rfc7748#section-6.1), RFC 8418 §7).
pub(super) fn agree(own: &StaticSecret, peer: &PublicKey) -> Result<Zeroizing<Vec<u8>>, Error> {
    let shared = own.diffie_hellman(peer);
    if shared.was_contributory() { Ok(Zeroizing::new(shared.as_bytes().to_vec())) } else { Err(Error::Decrypt) }
}

/// A fresh public key and the secret that it shares with `peer`.
///
/// # Errors
/// [`Error::Key`] for a `peer` of low order, [`Error::Random`].
pub(super) fn ephemeral_agreement(peer: &PublicKey) -> Result<(Vec<u8>, Zeroizing<Vec<u8>>), Error> {
    let mut scalar = Zeroizing::new([0; LEN]);
    scalar.copy_from_slice(&random_bytes(LEN)?);
    let ephemeral = StaticSecret::from(*scalar);
    let shared = agree(&ephemeral, peer).map_err(|_| Error::Key { reason: "an X25519 key of low order" })?;
    Ok((PublicKey::from(&ephemeral).to_bytes().to_vec(), shared))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::unhex;

    fn array(hex: &str) -> [u8; LEN] {
        unhex(hex).try_into().unwrap()
    }

    /// RFC 7748 §6.1.
    #[test]
    fn rfc7748_vectors() {
        let alice = StaticSecret::from(array("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a"));
        let bob = StaticSecret::from(array("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"));
        let bobs = array("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f").into();
        assert_eq!(PublicKey::from(&bob), bobs);
        let shared = unhex("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
        assert_eq!(*agree(&alice, &bobs).unwrap(), shared);
        assert_eq!(*agree(&bob, &PublicKey::from(&alice)).unwrap(), shared);
    }

    /// The u-coordinates of low order (0, 1, the two of order 8, p - 1, p, p + 1), and some with the ignored top bit.
    const LOW_ORDER: [&str; 9] = [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    ];

    /// Attack 23: a secret that everybody knows is refused on both sides.
    #[test]
    fn public_keys_of_low_order_are_refused() {
        let own = StaticSecret::from([7; LEN]);
        for public in LOW_ORDER {
            let peer = array(public).into();
            assert!(matches!(agree(&own, &peer), Err(Error::Decrypt)), "{public}");
            assert!(matches!(ephemeral_agreement(&peer), Err(Error::Key { .. })), "{public}");
        }
    }
}
