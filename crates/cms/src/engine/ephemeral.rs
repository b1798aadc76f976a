//! Key agreement with a key made for one message.

use getrandom::SysRng;
use p256::ecdh::EphemeralSecret;
use p256::elliptic_curve::Generate;
use spki::SubjectPublicKeyInfoRef;
use zeroize::Zeroizing;

use super::{Curve, key};
use crate::Error;

/// A fresh public key on the curve of `spki` and the secret that it shares with the owner of `spki`.
pub(crate) fn ephemeral_agreement(spki: &SubjectPublicKeyInfoRef<'_>) -> Result<(Vec<u8>, Zeroizing<Vec<u8>>), Error> {
    let point = spki.subject_public_key.as_bytes().ok_or_else(|| Error::malformed("SubjectPublicKeyInfo"))?;
    match key::named_curve(&spki.algorithm)? {
        Curve::P256 => {
            let peer = p256::PublicKey::from_sec1_bytes(point).map_err(|_| Error::malformed("ECPoint"))?;
            let ephemeral = EphemeralSecret::try_generate_from_rng(&mut SysRng).map_err(|_| Error::Random)?;
            let shared = ephemeral.diffie_hellman(&peer);
            let public = ephemeral.public_key().to_sec1_bytes().to_vec();
            Ok((public, Zeroizing::new(shared.raw_secret_bytes().to_vec())))
        }
    }
}
