use std::io::Read;

use crate::ber::{Reader, Tag, canonical, encode};
use crate::certificate::CertificateView;
use crate::error::Error;

/// How a message names a recipient's certificate or key.
///
/// Names are compared octet by octet in DER.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RecipientId {
    /// By the issuer and its number for the certificate.
    IssuerAndSerial {
        /// The issuer, a Name in DER.
        issuer: Vec<u8>,
        /// The serial number, an INTEGER in DER, header and all.
        serial: Vec<u8>,
    },
    /// By the subjectKeyIdentifier extension.
    SubjectKeyId(Vec<u8>),
    /// No certificate but the name of a key that sender and recipient share: the `keyIdentifier` of a `KEKIdentifier`.
    KeyEncryptionKey(Vec<u8>),
    /// No certificate but whoever knows the password. Messages do not name passwords.
    Password,
}

impl RecipientId {
    /// Every name that a message may have for the certificate `cert_der`.
    ///
    /// # Errors
    /// [`Error::Ber`] or [`Error::Malformed`] if it is no X.509 certificate.
    pub fn of_certificate(cert_der: &[u8]) -> Result<Vec<Self>, Error> {
        let CertificateView { issuer, serial, subject_key_id, .. } = CertificateView::parse(cert_der)?;
        let by_serial = Self::IssuerAndSerial { issuer, serial };
        Ok([Some(by_serial), subject_key_id.map(Self::SubjectKeyId)].into_iter().flatten().collect())
    }

    /// Reads a `RecipientIdentifier` ([RFC 5652 §6.2.1](https://www.rfc-editor.org/rfc/rfc5652#section-6.2.1)).
    pub(super) fn read<R: Read>(reader: &mut Reader<R>, limit: usize) -> Result<Self, Error> {
        if reader.next_is(Tag::context(0))? {
            return Ok(Self::SubjectKeyId(reader.octet_string(Tag::context(0), limit)?));
        }
        Self::read_issuer_and_serial(reader, limit)
    }

    /// Reads an `IssuerAndSerialNumber`.
    pub(super) fn read_issuer_and_serial<R: Read>(reader: &mut Reader<R>, limit: usize) -> Result<Self, Error> {
        reader.enter(Tag::SEQUENCE)?;
        let issuer = canonical(&reader.element_of(Tag::SEQUENCE, limit)?)?;
        let serial = canonical(&reader.element_of(Tag::INTEGER, limit)?)?;
        reader.leave()?;
        Ok(Self::IssuerAndSerial { issuer, serial })
    }

    /// The DER where an `IssuerAndSerialNumber` or, by `key_id`, another form may stand.
    pub(super) fn encode(&self, key_id: impl Fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
        match self {
            Self::IssuerAndSerial { issuer, serial } => encode::constructed(encode::SEQUENCE, &[issuer, serial]),
            Self::SubjectKeyId(octets) | Self::KeyEncryptionKey(octets) => key_id(octets),
            Self::Password => key_id(&[]),
        }
    }
}
