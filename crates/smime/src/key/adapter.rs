//! Any [`SecretKey`] (in memory, a token, an agent) as the engine's signing and decryption key, and errors back again.

use super::SoftwareKey;
use crate::Certificate;
use mailseal_cms::Error as CmsError;
use mailseal_cms::algorithm::{MlKem, PssParameters, RsaPadding, SignatureScheme};
use mailseal_cms::engine::{DecryptionKey, Hash, KeyType, SigningKey};
use mailseal_core::{Credential, DigestSignature, Error, Handle, SecretKey, Unlock};
use zeroize::Zeroizing;

/// The key of one credential, as the engine wants it.
pub(crate) struct KeyAdapter<'a> {
    key: &'a dyn SecretKey,
    handle: &'a Handle,
    key_type: KeyType,
}

impl<'a> KeyAdapter<'a> {
    /// The key of a credential of this protocol; `None` when its certificate is none of ours or of an unknown key.
    pub(crate) fn new(credential: &'a Credential) -> Option<KeyAdapter<'a>> {
        let certificate = Certificate::of(&credential.cert)?;
        let key_type = KeyType::from_spki(certificate.public_key_info()).ok()?;
        Some(KeyAdapter { key: credential.key.as_ref(), handle: credential.cert.fingerprint(), key_type })
    }

    /// Whether the key stays locked; asks for its passphrase. A token says so only when it is used.
    pub(crate) fn is_locked(&self) -> bool {
        self.software().is_some_and(|key| matches!(key.engine(), Err(Error::Locked(_))))
    }

    fn software(&self) -> Option<&SoftwareKey> {
        self.key.as_any().downcast_ref()
    }
}

impl SigningKey for KeyAdapter<'_> {
    fn key_type(&self) -> KeyType {
        self.key_type
    }

    fn sign(&self, scheme: &SignatureScheme, input: &[u8]) -> Result<Vec<u8>, CmsError> {
        if let Some(key) = self.software() {
            return key.engine().map_err(engine_error)?.sign(scheme, input);
        }
        let wanted = match *scheme {
            SignatureScheme::RsaPkcs1v15 { hash } => DigestSignature::RsaPkcs1v15 { hash: hash.name() },
            SignatureScheme::RsaPss(PssParameters { hash, mgf_hash, salt_len }) if hash == mgf_hash => {
                DigestSignature::RsaPss { hash: hash.name(), salt: salt_len.into() }
            }
            SignatureScheme::Ecdsa { hash } => DigestSignature::Ecdsa { hash: hash.name() },
            SignatureScheme::Ed25519 => DigestSignature::Ed25519,
            _ => return Err(CmsError::Key { reason: "no such signature through this seam" }),
        };
        let signature = self.key.sign(self.handle, wanted, input).map_err(engine_error)?;
        match scheme {
            SignatureScheme::Ecdsa { .. } => ecdsa::to_der(&signature).map_err(engine_error),
            _ => Ok(signature),
        }
    }
}

impl DecryptionKey for KeyAdapter<'_> {
    fn decrypt_rsa(&self, padding: &RsaPadding, ciphertext: &[u8]) -> Result<Zeroizing<Vec<u8>>, CmsError> {
        if let Some(key) = self.software() {
            return key.engine().map_err(engine_error)?.decrypt_rsa(padding, ciphertext);
        }
        let what = match padding {
            RsaPadding::Pkcs1v15 => Unlock::RsaPkcs1v15 { ciphertext },
            RsaPadding::Oaep { hash, mgf_hash, label } => {
                Unlock::RsaOaep { ciphertext, hash: hash.name(), mgf_hash: mgf_hash.name(), label }
            }
            _ => return Err(CmsError::Key { reason: "no such key transport through this seam" }),
        };
        self.key.unlock(self.handle, what).map_err(engine_error)
    }

    fn decapsulate(&self, set: MlKem, ciphertext: &[u8]) -> Result<Zeroizing<Vec<u8>>, CmsError> {
        match self.software() {
            Some(key) => key.engine().map_err(engine_error)?.decapsulate(set, ciphertext),
            None => Err(CmsError::Key { reason: "no key encapsulation through this seam" }),
        }
    }

    fn agree(&self, peer_public: &[u8]) -> Result<Zeroizing<Vec<u8>>, CmsError> {
        if let Some(key) = self.software() {
            return key.engine().map_err(engine_error)?.agree(peer_public);
        }
        self.key.unlock(self.handle, Unlock::Agree { public: peer_public }).map_err(engine_error)
    }
}

/// The engine's scheme for what the seam asks.
pub(super) fn signature_scheme(scheme: DigestSignature) -> Result<SignatureScheme, Error> {
    match scheme {
        DigestSignature::RsaPkcs1v15 { hash } => Ok(SignatureScheme::RsaPkcs1v15 { hash: hash_named(hash)? }),
        DigestSignature::RsaPss { hash, salt } => {
            let hash = hash_named(hash)?;
            let salt_len = salt.try_into().map_err(|_| Error::Misuse("an absurdly long PSS salt"))?;
            Ok(SignatureScheme::RsaPss(PssParameters { hash, mgf_hash: hash, salt_len }))
        }
        DigestSignature::Ecdsa { hash } => Ok(SignatureScheme::Ecdsa { hash: hash_named(hash)? }),
        DigestSignature::Ed25519 => Ok(SignatureScheme::Ed25519),
        _ => Err(Error::Unsupported("this signature with an X.509 key".into())),
    }
}

/// The engine's words for undoing RSA key transport.
pub(super) fn padding_and_ciphertext(what: Unlock<'_>) -> Result<(RsaPadding, &[u8]), Error> {
    match what {
        Unlock::RsaPkcs1v15 { ciphertext } => Ok((RsaPadding::Pkcs1v15, ciphertext)),
        Unlock::RsaOaep { ciphertext, hash, mgf_hash, label } => {
            let (hash, mgf_hash) = (hash_named(hash)?, hash_named(mgf_hash)?);
            Ok((RsaPadding::Oaep { hash, mgf_hash, label: label.to_vec() }, ciphertext))
        }
        _ => Err(Error::Unsupported("this decryption with an X.509 key".into())),
    }
}

fn hash_named(name: &str) -> Result<Hash, Error> {
    Hash::ALL.into_iter().find(|hash| hash.name() == name).ok_or_else(|| Error::Unsupported(format!("hash {name}")))
}

/// A seam's error carried through the engine.
fn engine_error(error: Error) -> CmsError {
    CmsError::KeyOperation(Box::new(error))
}

/// An engine's error at the seam; one that came from a key comes out as it went in.
pub(crate) fn seam_error(error: CmsError) -> Error {
    match error {
        CmsError::Io(error) => Error::Io(error),
        CmsError::Limit { what, limit } => Error::Limit { what, limit },
        CmsError::KeyOperation(source) => match source.downcast::<Error>() {
            Ok(error) => *error,
            Err(source) => Error::Key(source.to_string()),
        },
        CmsError::Unsupported { what, oid } => Error::Unsupported(format!("{what} {oid}")),
        CmsError::Misuse(what) => Error::Misuse(what),
        error => Error::Key(error.to_string()),
    }
}

/// The two encodings of an ECDSA signature: `r || s` at the seam, ECDSA-Sig-Value (RFC 3279 §2.2.3) in CMS.
pub(super) mod ecdsa {
    use der::asn1::UintRef;
    use der::{Decode, Encode, Sequence};
    use mailseal_cms::engine::KeyType;
    use mailseal_core::Error;

    #[derive(Sequence)]
    struct EcdsaSigValue<'a> {
        r: UintRef<'a>,
        s: UintRef<'a>,
    }

    pub(crate) fn to_der(fixed: &[u8]) -> Result<Vec<u8>, Error> {
        let bad = |_| Error::Key("the ECDSA signature is not r || s".into());
        let (r, s) = fixed.split_at(fixed.len() / 2);
        let value = EcdsaSigValue { r: UintRef::new(r).map_err(bad)?, s: UintRef::new(s).map_err(bad)? };
        value.to_der().map_err(bad)
    }

    pub(crate) fn to_fixed(der: &[u8], key_type: KeyType) -> Result<Vec<u8>, Error> {
        let bad = || Error::Key("the ECDSA signature is malformed".into());
        let len = match key_type {
            KeyType::Ec(curve) => curve.field_len(),
            _ => return Err(bad()),
        };
        let value = EcdsaSigValue::from_der(der).map_err(|_| bad())?;
        let mut fixed = Vec::with_capacity(2 * len);
        for number in [value.r.as_bytes(), value.s.as_bytes()] {
            let padding = len.checked_sub(number.len()).ok_or_else(bad)?;
            fixed.extend(std::iter::repeat_n(0, padding));
            fixed.extend_from_slice(number);
        }
        Ok(fixed)
    }
}
