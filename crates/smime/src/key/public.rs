//! The public half of a private key, to find its certificate by.

use crate::oid;
use der::asn1::OctetStringRef;
use der::{Decode, Encode};
use mailseal_cms::engine::SoftwareKey;
use mailseal_core::Error;
use p256::pkcs8::DecodePrivateKey as _;
use pkcs8::PrivateKeyInfoRef;
use rsa::pkcs1::RsaPrivateKeyRef;
use spki::{EncodePublicKey, SubjectPublicKeyInfoRef};

/// DER of the SubjectPublicKeyInfo of a PKCS#8 key; `None` when its algorithm is not known here.
///
/// # Errors
/// [`Error::Malformed`] when it is no such key.
pub(crate) fn public_key(pkcs8: &[u8]) -> Result<Option<Vec<u8>>, Error> {
    let malformed = || Error::malformed("private key", "it cannot be read");
    let info = PrivateKeyInfoRef::from_der(pkcs8).map_err(|_| malformed())?;
    let public = match info.algorithm.oid {
        oid::RSA_ENCRYPTION | oid::RSASSA_PSS => {
            let key = RsaPrivateKeyRef::try_from(info.private_key.as_bytes()).map_err(|_| malformed())?;
            let key = rsa::PrivateKey::try_from(key).map_err(|_| malformed())?;
            rsa::PublicKey::from(&key).to_public_key_der()
        }
        oid::ID_EC_PUBLIC_KEY => {
            let p256 = p256::SecretKey::from_pkcs8_der(pkcs8).map(|key| key.public_key().to_public_key_der());
            let p384 = || p384::SecretKey::from_pkcs8_der(pkcs8).map(|key| key.public_key().to_public_key_der());
            let p521 = || p521::SecretKey::from_pkcs8_der(pkcs8).map(|key| key.public_key().to_public_key_der());
            match p256.or_else(|_| p384()).or_else(|_| p521()) {
                Ok(document) => document,
                Err(_) => return Ok(None), // another curve
            }
        }
        oid::ID_ED_25519 => {
            let seed = <&OctetStringRef>::from_der(info.private_key.as_bytes()).map_err(|_| malformed())?;
            let key = ed25519_dalek::SigningKey::try_from(seed.as_bytes()).map_err(|_| malformed())?;
            key.verifying_key().to_public_key_der()
        }
        _ => return Ok(SoftwareKey::from_pkcs8_der(pkcs8).and_then(|key| key.public_key_info()).ok()),
    };
    public.map(|document| Some(document.into_vec())).map_err(|_| malformed())
}

/// Whether two SubjectPublicKeyInfos hold the same key: the key's octets and, for elliptic curves, the curve.
///
/// RSA keys are the same whatever their identifier (rsaEncryption or id-RSASSA-PSS, RFC 4055) and parameters.
pub(crate) fn same_key(a: &[u8], b: &[u8]) -> bool {
    let (Ok(a), Ok(b)) = (SubjectPublicKeyInfoRef::from_der(a), SubjectPublicKeyInfoRef::from_der(b)) else {
        return false;
    };
    let curve = |info: &SubjectPublicKeyInfoRef<'_>| match info.algorithm.oid {
        oid::ID_EC_PUBLIC_KEY => info.algorithm.parameters.and_then(|parameters| parameters.to_der().ok()),
        _ => None,
    };
    a.subject_public_key == b.subject_public_key && curve(&a) == curve(&b)
}
