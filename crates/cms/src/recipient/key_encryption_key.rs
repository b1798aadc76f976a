use der::referenced::OwnedToRef;
use zeroize::Zeroizing;

use super::{Entry, RecipientId, RecipientInfo, RecipientKind, SealedKey};
use crate::algorithm::{KeyWrap, read_algorithm};
use crate::ber::{Reader, Tag, encode};
use crate::content_info::read_version;
use crate::engine::{DecryptionKey, wrap_key};
use crate::error::Error;

/// The version of every KEKRecipientInfo.
pub(super) const VERSION: u8 = 4;

/// Reads a recipient who shares a key encryption key with the sender. Date and other attributes of that key are not
/// looked at.
///
/// ```text
/// KEKRecipientInfo ::= SEQUENCE {
///     version CMSVersion,
///     kekid KEKIdentifier,
///     keyEncryptionAlgorithm KeyEncryptionAlgorithmIdentifier,
///     encryptedKey EncryptedKey }
/// KEKIdentifier ::= SEQUENCE {
///     keyIdentifier OCTET STRING,
///     date GeneralizedTime OPTIONAL,
///     other OtherKeyAttribute OPTIONAL }
/// ```
/// [RFC 5652 §6.2.3](https://www.rfc-editor.org/rfc/rfc5652#section-6.2.3)
pub(super) fn parse(encoded: &[u8]) -> Result<Entry, Error> {
    let limit = encoded.len();
    let mut reader = Reader::over(encoded);
    reader.enter(Tag::context(2))?;
    read_version(&mut reader, &[VERSION])?;
    reader.enter(Tag::SEQUENCE)?;
    let id = RecipientId::KeyEncryptionKey(reader.octet_string(Tag::OCTET_STRING, limit)?);
    while reader.peek()?.is_some() {
        reader.element(limit)?;
    }
    reader.leave()?;
    let algorithm = read_algorithm(&mut reader, limit)?;
    let encrypted_key = reader.octet_string(Tag::OCTET_STRING, limit)?;
    reader.leave()?;
    reader.finish()?;
    let sealed = KeyWrap::from_algorithm(&algorithm.owned_to_ref())
        .map(|wrap| Box::new(Wrapped { wrap, encrypted_key }) as Box<dyn SealedKey>);
    let info = RecipientInfo { kind: RecipientKind::KeyEncryptionKey, id: Some(id), algorithm: Some(algorithm.oid) };
    Ok(Entry { info, sealed })
}

struct Wrapped {
    wrap: KeyWrap,
    encrypted_key: Vec<u8>,
}

impl SealedKey for Wrapped {
    fn unseal(&self, key: &dyn DecryptionKey) -> Result<Zeroizing<Vec<u8>>, Error> {
        key.unwrap(self.wrap, &self.encrypted_key)
    }

    fn encrypted_key(&self) -> &[u8] {
        &self.encrypted_key
    }
}

/// Writes a recipient who has the AES key `kek` under the name `key_id`.
pub(super) fn seal(key_id: &[u8], kek: &[u8], content_key: &[u8]) -> Result<Vec<u8>, Error> {
    let wrap = KeyWrap::for_content_key(kek.len()).oid();
    let kek_id = encode::constructed(encode::SEQUENCE, &[&encode::tlv(encode::OCTET_STRING, key_id)]);
    let algorithm = encode::constructed(encode::SEQUENCE, &[&encode::oid(wrap)]);
    let encrypted_key = encode::tlv(encode::OCTET_STRING, &wrap_key(kek, content_key)?);
    let version = encode::small_integer(VERSION);
    Ok(encode::constructed(encode::context(2), &[&version, &kek_id, &algorithm, &encrypted_key]))
}
