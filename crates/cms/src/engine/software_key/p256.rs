//! P-256 private keys, for ECDSA and ECDH.

use getrandom::SysRng;
use p256::ecdh::diffie_hellman;
use p256::ecdsa;
use p256::elliptic_curve::SecretKey;
use rsa::pkcs8::PrivateKeyInfoRef;
use signature::hazmat::RandomizedPrehashSigner;
use zeroize::Zeroizing;

use super::{PrivateKey, WRONG_KIND};
use crate::Error;
use crate::algorithm::SignatureScheme;
use crate::engine::{Curve, KeyType};

pub(super) struct P256(SecretKey<p256::NistP256>);

impl P256 {
    pub(super) fn from_pkcs8(info: PrivateKeyInfoRef<'_>) -> Result<Self, Error> {
        let key = SecretKey::try_from(info).map_err(|_| Error::Key { reason: "bad P-256 private key" })?;
        Ok(Self(key))
    }
}

impl PrivateKey for P256 {
    fn key_type(&self) -> KeyType {
        KeyType::Ec(Curve::P256)
    }

    /// Hedged: RFC 6979 with random octets mixed in (§3.6).
    fn sign(&self, scheme: &SignatureScheme, digest: &[u8]) -> Result<Vec<u8>, Error> {
        if !matches!(scheme, SignatureScheme::Ecdsa { .. }) {
            return Err(WRONG_KIND);
        }
        let key = ecdsa::SigningKey::from(&self.0);
        let signature: ecdsa::Signature =
            key.sign_prehash_with_rng(&mut SysRng, digest).map_err(|e| Error::KeyOperation(Box::new(e)))?;
        Ok(signature.to_der().as_bytes().to_vec())
    }

    fn agree(&self, peer_public: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
        let peer = p256::PublicKey::from_sec1_bytes(peer_public).map_err(|_| Error::Decrypt)?;
        let shared = diffie_hellman(self.0.to_nonzero_scalar(), peer.as_affine());
        Ok(Zeroizing::new(shared.raw_secret_bytes().to_vec()))
    }
}
