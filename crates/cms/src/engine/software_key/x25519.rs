//! Private keys for X25519.

use der::Decode;
use der::asn1::{BitStringRef, OctetStringRef};
use rsa::pkcs8::PrivateKeyInfoRef;
use x25519_dalek::{PublicKey, StaticSecret};
use zeroize::Zeroizing;

use super::{PrivateKey, public_key_info};
use crate::Error;
use crate::algorithm::oid;
use crate::engine::{KeyType, x25519};

pub(super) struct X25519(StaticSecret);

impl X25519 {
    /// Reads `CurvePrivateKey ::= OCTET STRING` of 32 octets inside the PKCS#8 key, RFC 8410 §7. Parameters must be absent
    /// (§3); a public key that comes along must be that of the private key (RFC 5958 §2).
    pub(super) fn from_pkcs8(info: &PrivateKeyInfoRef<'_>) -> Result<Self, Error> {
        const BAD: Error = Error::Key { reason: "bad X25519 private key" };
        if info.algorithm.parameters.is_some() {
            return Err(BAD);
        }
        let octets = <&OctetStringRef>::from_der(info.private_key.as_bytes()).map_err(|_| BAD)?.as_bytes();
        let scalar = Zeroizing::new(<[u8; x25519::LEN]>::try_from(octets).map_err(|_| BAD)?);
        let key = StaticSecret::from(*scalar);
        let public = info.public_key.as_ref().map(BitStringRef::raw_bytes);
        match public {
            Some(public) if public != PublicKey::from(&key).as_bytes() => Err(BAD),
            _ => Ok(Self(key)),
        }
    }
}

impl PrivateKey for X25519 {
    fn key_type(&self) -> KeyType {
        KeyType::X25519
    }

    fn public_key_info(&self) -> Result<Vec<u8>, Error> {
        Ok(public_key_info(oid::X25519, PublicKey::from(&self.0).as_bytes()))
    }

    fn agree(&self, peer_public: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
        let peer: [u8; x25519::LEN] = peer_public.try_into().map_err(|_| Error::Decrypt)?;
        x25519::agree(&self.0, &PublicKey::from(peer))
    }
}

#[cfg(test)]
mod tests {
    use crate::algorithm::{RsaPadding, SignatureScheme};
    use crate::engine::{DecryptionKey, Hash, KeyType, SigningKey, SoftwareKey};
    use crate::testing::{private_key, spki_der};
    use crate::{Error, ber::encode};

    fn pkcs8(private: &[u8], after: &[u8]) -> Vec<u8> {
        let algorithm = [0x30, 5, 6, 3, 0x2b, 0x65, 0x6e];
        let version = encode::small_integer(u8::from(!after.is_empty()));
        let key = encode::tlv(encode::OCTET_STRING, &encode::tlv(encode::OCTET_STRING, private));
        encode::constructed(encode::SEQUENCE, &[&version, &algorithm, &key, after])
    }

    /// RFC 5958 §2.
    #[test]
    fn a_public_key_along_must_fit() {
        let key = SoftwareKey::from_pkcs8_der(&pkcs8(&[1; 32], &[])).unwrap();
        let public = key.public_key_info().unwrap().split_off(12);
        assert_eq!(public.len(), 32);
        let along = |public: &[u8]| pkcs8(&[1; 32], &encode::tlv(0x81, &[&[0], public].concat()));
        assert!(SoftwareKey::from_pkcs8_der(&along(&public)).is_ok());
        assert!(matches!(SoftwareKey::from_pkcs8_der(&along(&[1; 32])), Err(Error::Key { .. })));
    }

    #[test]
    fn other_lengths_are_refused() {
        for len in [0, 1, 31, 33, 64] {
            assert!(matches!(SoftwareKey::from_pkcs8_der(&pkcs8(&vec![1; len], &[])), Err(Error::Key { .. })), "{len}");
        }
        let key = SoftwareKey::from_pkcs8_der(&pkcs8(&[1; 32], &[])).unwrap();
        for len in [0, 31, 33, 65] {
            assert!(matches!(key.agree(&vec![9; len]), Err(Error::Decrypt)), "{len}");
        }
    }

    /// RFC 8410 §3: parameters are absent, in the private key and in the public one.
    #[test]
    fn parameters_are_refused() {
        let with_null = |der: &[u8]| {
            let bare = [0x30, 5, 6, 3, 0x2b, 0x65, 0x6e];
            let at = der.windows(bare.len()).position(|window| window == bare).unwrap();
            let null = [&[0x30, 7], &bare[2..], &[5, 0]].concat();
            let mut der = [&der[..at], &null, &der[at + bare.len()..]].concat();
            der[1] += 2;
            der
        };
        assert!(matches!(SoftwareKey::from_pkcs8_der(&with_null(&pkcs8(&[1; 32], &[]))), Err(Error::Key { .. })));
        let spki = spki_der("heidi-reads");
        assert_eq!(KeyType::from_spki(&spki).unwrap(), KeyType::X25519);
        assert!(matches!(KeyType::from_spki(&with_null(&spki)), Err(Error::Malformed { .. })));
    }

    #[test]
    fn it_agrees_and_does_nothing_else() {
        let key = private_key("heidi-reads");
        assert_eq!(key.key_type(), KeyType::X25519);
        assert_eq!(key.public_key_info().unwrap(), spki_der("heidi-reads"));
        assert!(SignatureScheme::for_key(KeyType::X25519, Hash::Sha256).is_err());
        let scheme = SignatureScheme::Ecdsa { hash: Hash::Sha256 };
        assert!(matches!(key.sign(&scheme, &[0; 32]), Err(Error::Key { .. })));
        assert!(matches!(key.decrypt_rsa(&RsaPadding::Pkcs1v15, &[0; 256]), Err(Error::Key { .. })));
    }
}
