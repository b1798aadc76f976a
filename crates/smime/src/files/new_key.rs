//! New key pairs.

use crate::{key, oid, random};
use const_oid::ObjectIdentifier;
use getrandom::SysRng;
use mailseal_cms::algorithm::SignatureScheme;
use mailseal_cms::ber::encode::{self, SEQUENCE, constructed};
use mailseal_cms::engine::{Hash, KeyType, SigningKey, SoftwareKey};
use mailseal_core::Error;
use p256::elliptic_curve::Generate;
use pkcs8::EncodePrivateKey;
use zeroize::Zeroizing;

/// A secret key with what is needed to sign certificates and requests.
pub(super) struct KeyPair {
    pkcs8: Zeroizing<Vec<u8>>,
    /// DER of the SubjectPublicKeyInfo.
    public: Vec<u8>,
    engine: SoftwareKey,
}

impl KeyPair {
    /// A new key of the kind `name`; P-256 where none is named.
    ///
    /// # Errors
    /// [`Error::UnknownName`] for another kind, [`Error::Engine`] without randomness.
    pub(super) fn generate(name: Option<&str>) -> Result<KeyPair, Error> {
        let pkcs8 = match name.unwrap_or("p256") {
            "p256" => p256::SecretKey::try_generate_from_rng(&mut SysRng).map_err(random::none)?.to_pkcs8_der(),
            "p384" => p384::SecretKey::try_generate_from_rng(&mut SysRng).map_err(random::none)?.to_pkcs8_der(),
            "p521" => p521::SecretKey::try_generate_from_rng(&mut SysRng).map_err(random::none)?.to_pkcs8_der(),
            "rsa3072" => rsa(3072)?.to_pkcs8_der(),
            "rsa4096" => rsa(4096)?.to_pkcs8_der(),
            "ed25519" => ed25519()?.to_pkcs8_der(),
            other => {
                let known = "p256, p384, p521, rsa3072, rsa4096, ed25519".to_owned();
                return Err(Error::UnknownName { what: "kind of S/MIME key", name: other.to_owned(), known });
            }
        };
        let pkcs8 = pkcs8.map_err(|error| Error::malformed("new key", error))?.to_bytes();
        let public = key::public_key(&pkcs8)?.ok_or(Error::Misuse("a new key of an unknown kind"))?;
        let engine = SoftwareKey::from_pkcs8_der(&pkcs8).map_err(key::seam_error)?;
        Ok(KeyPair { pkcs8, public, engine })
    }

    /// PKCS#8 in DER.
    pub(super) fn pkcs8(&self) -> &[u8] {
        &self.pkcs8
    }

    /// DER of the SubjectPublicKeyInfo.
    pub(super) fn public(&self) -> &[u8] {
        &self.public
    }

    /// What kind of key it is.
    pub(super) fn key_type(&self) -> KeyType {
        self.engine.key_type()
    }

    /// The AlgorithmIdentifier of what [`KeyPair::sign`] makes, in DER
    /// ([RFC 4055 §5](https://www.rfc-editor.org/rfc/rfc4055#section-5), [RFC 5758](https://www.rfc-editor.org/rfc/rfc5758),
    /// [RFC 8410](https://www.rfc-editor.org/rfc/rfc8410)).
    pub(super) fn signature_algorithm(&self) -> Vec<u8> {
        let (oid, null): (ObjectIdentifier, &[u8]) = match (self.key_type(), self.hash()) {
            (KeyType::Rsa { .. }, _) => (oid::SHA_256_WITH_RSA, &[5, 0]),
            (KeyType::Ed25519, _) => (oid::ID_ED_25519, &[]),
            (_, Hash::Sha384) => (oid::ECDSA_WITH_SHA_384, &[]),
            (_, Hash::Sha512) => (oid::ECDSA_WITH_SHA_512, &[]),
            _ => (oid::ECDSA_WITH_SHA_256, &[]),
        };
        constructed(SEQUENCE, &[&encode::oid(oid), null])
    }

    /// Signs a TBSCertificate or CertificationRequestInfo.
    pub(super) fn sign(&self, to_be_signed: &[u8]) -> Result<Vec<u8>, Error> {
        let scheme = SignatureScheme::for_key(self.key_type(), self.hash()).map_err(key::seam_error)?;
        self.engine.sign(&scheme, &scheme.input(to_be_signed)).map_err(key::seam_error)
    }

    /// A hash as strong as the key.
    fn hash(&self) -> Hash {
        match self.key_type() {
            KeyType::Ec(curve) if curve.field_len() > 48 => Hash::Sha512,
            KeyType::Ec(curve) if curve.field_len() > 32 => Hash::Sha384,
            _ => Hash::Sha256,
        }
    }
}

fn rsa(bits: usize) -> Result<rsa::PrivateKey, Error> {
    rsa::PrivateKey::new(&mut SysRng, bits).map_err(random::none)
}

fn ed25519() -> Result<ed25519_dalek::SigningKey, Error> {
    let seed = Zeroizing::new(<[u8; 32]>::try_from(&random::octets(32)?[..]).map_err(random::none)?);
    Ok(ed25519_dalek::SigningKey::from_bytes(&seed))
}
