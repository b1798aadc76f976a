use der::Decode;
use spki::SubjectPublicKeyInfoRef;

use super::{RecipientId, key_agreement, key_encapsulation, key_transport};
use crate::algorithm::{KeyAgreement, KeyDerivation, KeyWrap, RsaPadding};
use crate::certificate::CertificateView;
use crate::engine::{Hash, KeyType};
use crate::error::Error;

/// Someone to encrypt to.
///
/// Nothing about the certificate is judged here, not its validity, key usage or owner.
#[derive(Debug, Clone)]
pub struct Recipient {
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

    /// The owner of the public key in the `SubjectPublicKeyInfo` `spki_der`, named as the caller says.
    ///
    /// # Errors
    /// As [`from_certificate`](Self::from_certificate).
    pub fn new(id: RecipientId, spki_der: &[u8]) -> Result<Self, Error> {
        let key_type = KeyType::from_spki(spki_der)?;
        if matches!(key_type, KeyType::Ed25519 | KeyType::MlDsa(_) | KeyType::RsaPss { .. }) {
            return Err(SIGNS_ONLY);
        }
        Ok(Self {
            id,
            spki: spki_der.to_vec(),
            key_type,
            rsa_padding: RsaPadding::Pkcs1v15,
            key_derivation: Hash::Sha256,
        })
    }

    /// Pads this way if the key is RSA. PKCS#1 v1.5 unless said otherwise: it is what every reader must know
    /// ([RFC 8551 §2.3](https://www.rfc-editor.org/rfc/rfc8551#section-2.3)).
    pub fn rsa_padding(mut self, padding: RsaPadding) -> Self {
        self.rsa_padding = padding;
        self
    }

    /// Derives keys with this hash if the key is on an elliptic curve, by X9.63 for the NIST curves and by HKDF for X25519;
    /// SHA-256 unless said otherwise ([RFC 8551 §2.3](https://www.rfc-editor.org/rfc/rfc8551#section-2.3)).
    pub fn key_derivation(mut self, hash: Hash) -> Self {
        self.key_derivation = hash;
        self
    }

    /// The kind of this recipient's key.
    pub fn key_type(&self) -> KeyType {
        self.key_type
    }

    /// The CMSVersion of the RecipientInfo.
    pub(crate) fn version(&self) -> u8 {
        match self.key_type {
            KeyType::Rsa { .. } | KeyType::RsaPss { .. } => key_transport::version(&self.id),
            KeyType::MlKem(_) => key_encapsulation::VERSION,
            _ => key_agreement::VERSION,
        }
    }

    /// Whether its RecipientInfo is an OtherRecipientInfo, which makes another version of the whole (RFC 5652 §6.1).
    pub(crate) fn is_key_encapsulation(&self) -> bool {
        matches!(self.key_type, KeyType::MlKem(_))
    }

    /// The RecipientInfo in DER.
    ///
    /// # Errors
    /// [`Error::WeakKey`], [`Error::Unsupported`] for a hash that is only read, [`Error::Random`].
    pub(crate) fn seal(&self, content_key: &[u8]) -> Result<Vec<u8>, Error> {
        let spki = SubjectPublicKeyInfoRef::from_der(&self.spki).map_err(Error::der("SubjectPublicKeyInfo"))?;
        match self.key_type {
            KeyType::Rsa { .. } => key_transport::seal(&self.id, &spki, &self.rsa_padding, content_key),
            KeyType::Ec(_) => self.agree(&spki, KeyDerivation::X963(self.key_derivation), content_key),
            KeyType::X25519 => self.agree(&spki, KeyDerivation::Hkdf(self.key_derivation), content_key),
            KeyType::MlKem(set) => key_encapsulation::seal(&self.id, &spki, set, content_key),
            KeyType::Ed25519 | KeyType::MlDsa(_) | KeyType::RsaPss { .. } => Err(SIGNS_ONLY),
        }
    }

    fn agree(
        &self,
        spki: &SubjectPublicKeyInfoRef<'_>,
        derivation: KeyDerivation,
        content_key: &[u8],
    ) -> Result<Vec<u8>, Error> {
        let wrap = KeyWrap::for_content_key(content_key.len());
        key_agreement::seal(&self.id, spki, &KeyAgreement::new(derivation, wrap)?, content_key)
    }
}
