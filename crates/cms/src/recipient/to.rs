use der::Decode;
use spki::SubjectPublicKeyInfoRef;
use zeroize::Zeroizing;

use super::{RecipientId, key_agreement, key_encapsulation, key_encryption_key, key_transport, password};
use crate::algorithm::{KeyAgreement, KeyDerivation, KeyWrap, RsaPadding};
use crate::certificate::CertificateView;
use crate::engine::{Hash, KeyEncryptionKey, KeyType};
use crate::error::Error;

/// Rounds of PBKDF2 with HMAC-SHA-256, as OWASP asks (2023).
const ROUNDS: u32 = 600_000;

/// Someone to encrypt to.
///
/// Nothing about a certificate is judged here, not its validity, key usage or owner.
#[derive(Clone)]
pub struct Recipient(Means);

/// How the recipient gets the content key.
#[derive(Clone)]
enum Means {
    PublicKey(PublicKey),
    KeyEncryptionKey { key_id: Vec<u8>, key: Zeroizing<Vec<u8>> },
    Password { password: Zeroizing<Vec<u8>>, rounds: u32 },
}

#[derive(Clone)]
struct PublicKey {
    id: RecipientId,
    spki: Vec<u8>,
    key_type: KeyType,
    rsa_padding: RsaPadding,
    key_derivation: Hash,
}

/// For a key that nothing is encrypted to.
const SIGNS_ONLY: Error = Error::Key { reason: "this kind of key only signs" };

impl Recipient {
    /// The owner of an X.509 certificate, named by its issuer and serial number.
    ///
    /// # Errors
    /// [`Error::Ber`] or [`Error::Malformed`] if it is none, [`Error::Unsupported`] for a key of another kind than
    /// those of [`KeyType`].
    pub fn from_certificate(cert_der: &[u8]) -> Result<Self, Error> {
        let CertificateView { issuer, serial, spki, .. } = CertificateView::parse(cert_der)?;
        Self::new(RecipientId::IssuerAndSerial { issuer, serial }, &spki)
    }

    /// The owner of the public key in the `SubjectPublicKeyInfo` `spki_der`, whose certificate is named as the caller
    /// says.
    ///
    /// # Errors
    /// As [`from_certificate`](Self::from_certificate); [`Error::Misuse`] for an `id` that names no certificate.
    pub fn new(id: RecipientId, spki_der: &[u8]) -> Result<Self, Error> {
        if !matches!(id, RecipientId::IssuerAndSerial { .. } | RecipientId::SubjectKeyId(_)) {
            return Err(Error::Misuse("a public key under the name of a shared key"));
        }
        let key_type = KeyType::from_spki(spki_der)?;
        if matches!(key_type, KeyType::Ed25519 | KeyType::MlDsa(_) | KeyType::RsaPss { .. }) {
            return Err(SIGNS_ONLY);
        }
        Ok(Self(Means::PublicKey(PublicKey {
            id,
            spki: spki_der.to_vec(),
            key_type,
            rsa_padding: RsaPadding::Pkcs1v15,
            key_derivation: Hash::Sha256,
        })))
    }

    /// Whoever shares `key`, under the name `key_id` that both know
    /// ([RFC 5652 §6.2.3](https://www.rfc-editor.org/rfc/rfc5652#section-6.2.3)). AES key wrap is written.
    pub fn key_encryption_key(key_id: &[u8], key: &KeyEncryptionKey) -> Self {
        Self(Means::KeyEncryptionKey { key_id: key_id.to_vec(), key: Zeroizing::new(key.octets().to_vec()) })
    }

    /// Whoever knows `password`, which is UTF-8 unless sender and recipient agree on something else
    /// ([RFC 5652 §6.2.4](https://www.rfc-editor.org/rfc/rfc5652#section-6.2.4)). The key is derived by PBKDF2 with
    /// HMAC-SHA-256 in 600 000 rounds; whoever has the message can try passwords at that price, so it has to be a good one.
    pub fn password(password: &[u8]) -> Self {
        Self(Means::Password { password: Zeroizing::new(password.to_vec()), rounds: ROUNDS })
    }

    /// Pads this way if the key is RSA. PKCS#1 v1.5 unless said otherwise: it is what every reader must know
    /// ([RFC 8551 §2.3](https://www.rfc-editor.org/rfc/rfc8551#section-2.3)).
    pub fn rsa_padding(mut self, padding: RsaPadding) -> Self {
        if let Means::PublicKey(public) = &mut self.0 {
            public.rsa_padding = padding;
        }
        self
    }

    /// Derives keys with this hash if the key is on an elliptic curve, by X9.63 for the NIST curves and by HKDF for X25519;
    /// SHA-256 unless said otherwise ([RFC 8551 §2.3](https://www.rfc-editor.org/rfc/rfc8551#section-2.3)).
    pub fn key_derivation(mut self, hash: Hash) -> Self {
        if let Means::PublicKey(public) = &mut self.0 {
            public.key_derivation = hash;
        }
        self
    }

    /// Derives the key from the password, if it is one, in this many rounds; two million are read back at most.
    pub fn password_rounds(mut self, count: u32) -> Self {
        if let Means::Password { rounds, .. } = &mut self.0 {
            *rounds = count;
        }
        self
    }

    /// The kind of this recipient's public key; `None` for a shared key or a password.
    pub fn key_type(&self) -> Option<KeyType> {
        match &self.0 {
            Means::PublicKey(public) => Some(public.key_type),
            _ => None,
        }
    }

    /// Whether its RecipientInfo is for a password or another kind (OtherRecipientInfo), which makes another version of the
    /// whole (RFC 5652 §6.1).
    pub(crate) fn makes_version_3(&self) -> bool {
        match &self.0 {
            Means::PublicKey(public) => matches!(public.key_type, KeyType::MlKem(_)),
            Means::KeyEncryptionKey { .. } => false,
            Means::Password { .. } => true,
        }
    }

    /// The CMSVersion of the RecipientInfo.
    pub(crate) fn version(&self) -> u8 {
        match &self.0 {
            Means::PublicKey(public) => match public.key_type {
                KeyType::Rsa { .. } | KeyType::RsaPss { .. } => key_transport::version(&public.id),
                KeyType::MlKem(_) => key_encapsulation::VERSION,
                _ => key_agreement::VERSION,
            },
            Means::KeyEncryptionKey { .. } => key_encryption_key::VERSION,
            Means::Password { .. } => password::VERSION,
        }
    }

    /// The RecipientInfo in DER.
    ///
    /// # Errors
    /// [`Error::WeakKey`], [`Error::Unsupported`] for a hash that is only read, [`Error::Limit`] for too many rounds,
    /// [`Error::Random`].
    pub(crate) fn seal(&self, content_key: &[u8]) -> Result<Vec<u8>, Error> {
        match &self.0 {
            Means::PublicKey(public) => public.seal(content_key),
            Means::KeyEncryptionKey { key_id, key } => key_encryption_key::seal(key_id, key, content_key),
            Means::Password { password, rounds } => password::seal(password, *rounds, content_key),
        }
    }
}

impl PublicKey {
    fn seal(&self, content_key: &[u8]) -> Result<Vec<u8>, Error> {
        let spki = SubjectPublicKeyInfoRef::from_der(&self.spki).map_err(Error::der("SubjectPublicKeyInfo"))?;
        let derivation = match self.key_type {
            KeyType::Rsa { .. } => return key_transport::seal(&self.id, &spki, &self.rsa_padding, content_key),
            KeyType::Ec(_) => KeyDerivation::X963(self.key_derivation),
            KeyType::X25519 => KeyDerivation::Hkdf(self.key_derivation),
            KeyType::MlKem(set) => return key_encapsulation::seal(&self.id, &spki, set, content_key),
            KeyType::Ed25519 | KeyType::MlDsa(_) | KeyType::RsaPss { .. } => return Err(SIGNS_ONLY),
        };
        let wrap = KeyWrap::for_content_key(content_key.len());
        key_agreement::seal(&self.id, &spki, &KeyAgreement::new(derivation, wrap)?, content_key)
    }
}

impl std::fmt::Debug for Recipient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.0 {
            Means::PublicKey(public) => {
                f.debug_struct("Recipient").field("id", &public.id).field("key_type", &public.key_type).finish()
            }
            Means::KeyEncryptionKey { key_id, .. } => {
                f.debug_struct("Recipient").field("key_id", key_id).finish_non_exhaustive()
            }
            Means::Password { rounds, .. } => {
                f.debug_struct("Recipient").field("rounds", rounds).finish_non_exhaustive()
            }
        }
    }
}
