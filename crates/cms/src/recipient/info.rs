use const_oid::ObjectIdentifier;
use zeroize::Zeroizing;

use super::{RecipientId, key_agreement, key_encapsulation, key_encryption_key, key_transport, password};
use crate::ber::{Reader, Tag};
use crate::engine::DecryptionKey;
use crate::error::Error;

/// One recipient as a message lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecipientInfo {
    /// The kind of its RecipientInfo.
    pub kind: RecipientKind,
    /// Its certificate or key; `None` where the kind is not read here.
    pub id: Option<RecipientId>,
    /// The `keyEncryptionAlgorithm`; `None` where the kind is not read here.
    pub algorithm: Option<ObjectIdentifier>,
}

/// The kinds of [RFC 5652 §6.2](https://www.rfc-editor.org/rfc/rfc5652#section-6.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum RecipientKind {
    /// The content key encrypted to a public key (RSA).
    KeyTransport,
    /// The content key wrapped under an agreed key (ECDH).
    KeyAgreement,
    /// The content key wrapped under a key known to both.
    KeyEncryptionKey,
    /// The content key wrapped under a key from a password.
    Password,
    /// The content key wrapped under an encapsulated key (ML-KEM,
    /// [RFC 9629](https://www.rfc-editor.org/rfc/rfc9629)).
    KeyEncapsulation,
    /// Something else. Listed only.
    Other,
}

/// An encrypted content key.
pub(crate) trait SealedKey: Send {
    /// Gives what `key` makes of it: the content key, or other octets where implicit rejection says so.
    fn unseal(&self, key: &dyn DecryptionKey) -> Result<Zeroizing<Vec<u8>>, Error>;

    /// `encryptedKey`.
    fn encrypted_key(&self) -> &[u8];
}

/// A recipient and its encrypted content key, or why that cannot be opened by anyone.
pub(crate) struct Entry {
    pub(crate) info: RecipientInfo,
    pub(crate) sealed: Result<Box<dyn SealedKey>, Error>,
}

/// Reads one RecipientInfo in BER; one that nobody can read is listed as what its tag says.
///
/// ```text
/// RecipientInfo ::= CHOICE {
///     ktri KeyTransRecipientInfo,
///     kari [1] KeyAgreeRecipientInfo,
///     kekri [2] KEKRecipientInfo,
///     pwri [3] PasswordRecipientinfo,
///     ori [4] OtherRecipientInfo }
/// ```
pub(crate) fn parse(encoded: &[u8]) -> Result<Vec<Entry>, Error> {
    let header = Reader::over(encoded).peek()?.ok_or_else(|| Error::malformed("RecipientInfo"))?;
    let (kind, read) = match header.tag {
        Tag::SEQUENCE => (RecipientKind::KeyTransport, key_transport::parse(encoded).map(|entry| vec![entry])),
        tag if tag == Tag::context(1) => (RecipientKind::KeyAgreement, key_agreement::parse(encoded)),
        tag if tag == Tag::context(2) => {
            (RecipientKind::KeyEncryptionKey, key_encryption_key::parse(encoded).map(|entry| vec![entry]))
        }
        tag if tag == Tag::context(3) => (RecipientKind::Password, password::parse(encoded).map(|entry| vec![entry])),
        tag if tag == Tag::context(4) => {
            (RecipientKind::Other, key_encapsulation::parse(encoded).map(|entry| entry.into_iter().collect()))
        }
        _ => (RecipientKind::Other, Ok(Vec::new())),
    };
    let unread =
        |problem| vec![Entry { info: RecipientInfo { kind, id: None, algorithm: None }, sealed: Err(problem) }];
    Ok(match read {
        Ok(entries) if !entries.is_empty() => entries,
        Ok(_) => unread(Error::NoKey),
        Err(problem) => unread(problem),
    })
}
