//! Key agreement with a key made for one message.

use elliptic_curve::Generate;
use elliptic_curve::ecdh::EphemeralSecret;
use elliptic_curve::sec1::ToSec1Point;
use getrandom::SysRng;
use spki::SubjectPublicKeyInfoRef;
use zeroize::Zeroizing;

use super::curve::{named_curve, with_curve};
use super::x25519;
use crate::Error;
use crate::algorithm::oid;

/// A fresh public key on the curve of `spki` and the secret that it shares with the owner of `spki`.
pub(crate) fn ephemeral_agreement(spki: &SubjectPublicKeyInfoRef<'_>) -> Result<(Vec<u8>, Zeroizing<Vec<u8>>), Error> {
    if spki.algorithm.oid == oid::X25519 {
        return x25519::ephemeral_agreement(&x25519::public_key(spki)?);
    }
    let point = spki.subject_public_key.as_bytes().ok_or_else(|| Error::malformed("SubjectPublicKeyInfo"))?;
    with_curve!(named_curve(&spki.algorithm)?, C => {
        let peer = elliptic_curve::PublicKey::<C>::from_sec1_bytes(point).map_err(|_| Error::malformed("ECPoint"))?;
        let ephemeral = EphemeralSecret::<C>::try_generate_from_rng(&mut SysRng).map_err(|_| Error::Random)?;
        let shared = ephemeral.diffie_hellman(&peer);
        let public = ephemeral.public_key().to_sec1_point(false).as_bytes().to_vec();
        Ok((public, Zeroizing::new(shared.raw_secret_bytes().to_vec())))
    })
}
