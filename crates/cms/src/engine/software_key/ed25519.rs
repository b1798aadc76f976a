//! Ed25519 private keys.

use der::Decode;
use der::asn1::OctetStringRef;
use ed25519_dalek::{Signer, SigningKey};
use rsa::pkcs8::PrivateKeyInfoRef;

use super::{PrivateKey, WRONG_KIND, public_key_info};
use crate::Error;
use crate::algorithm::{SignatureScheme, oid};
use crate::engine::KeyType;

pub(super) struct Ed25519(SigningKey);

impl Ed25519 {
    /// Reads `CurvePrivateKey`, an OCTET STRING of 32 octets inside that of PKCS#8
    /// ([RFC 8410 §7](https://www.rfc-editor.org/rfc/rfc8410#section-7)). Where the public key is with it, it must fit.
    pub(super) fn from_pkcs8(info: PrivateKeyInfoRef<'_>) -> Result<Self, Error> {
        const BAD: Error = Error::Key { reason: "bad Ed25519 private key" };
        if info.algorithm.parameters.is_some() {
            return Err(BAD);
        }
        let seed = <&OctetStringRef>::from_der(info.private_key.as_bytes()).map_err(|_| BAD)?;
        let key = SigningKey::try_from(seed.as_bytes()).map_err(|_| BAD)?;
        if info.public_key.is_some_and(|public| public.as_bytes() != Some(key.verifying_key().as_bytes())) {
            return Err(Error::Key { reason: "an Ed25519 private key with another public key" });
        }
        Ok(Self(key))
    }
}

impl PrivateKey for Ed25519 {
    fn key_type(&self) -> KeyType {
        KeyType::Ed25519
    }

    fn public_key_info(&self) -> Result<Vec<u8>, Error> {
        Ok(public_key_info(oid::ED25519, self.0.verifying_key().as_bytes()))
    }

    fn sign(&self, scheme: &SignatureScheme, message: &[u8]) -> Result<Vec<u8>, Error> {
        match scheme {
            SignatureScheme::Ed25519 => Ok(self.0.sign(message).to_vec()),
            _ => Err(WRONG_KIND),
        }
    }
}
