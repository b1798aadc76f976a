use der::referenced::OwnedToRef;
use zeroize::Zeroizing;

use super::{Entry, RecipientId, RecipientInfo, RecipientKind, SealedKey};
use crate::algorithm::{PasswordEncryption, read_algorithm, to_der};
use crate::ber::{Reader, Tag, canonical, encode};
use crate::content_info::read_version;
use crate::engine::DecryptionKey;
use crate::error::Error;

/// The version of every PasswordRecipientInfo.
pub(super) const VERSION: u8 = 0;

/// Reads a recipient who knows a password.
///
/// ```text
/// PasswordRecipientInfo ::= SEQUENCE {
///     version CMSVersion,
///     keyDerivationAlgorithm [0] KeyDerivationAlgorithmIdentifier OPTIONAL,
///     keyEncryptionAlgorithm KeyEncryptionAlgorithmIdentifier,
///     encryptedKey EncryptedKey }
/// ```
/// Without a keyDerivationAlgorithm there is no password but a key from somewhere else; such a one is listed.
///
/// [RFC 5652 §6.2.4](https://www.rfc-editor.org/rfc/rfc5652#section-6.2.4)
pub(super) fn parse(encoded: &[u8]) -> Result<Entry, Error> {
    let limit = encoded.len();
    let mut reader = Reader::over(encoded);
    reader.enter(Tag::context(3))?;
    read_version(&mut reader, &[VERSION])?;
    let mut derivation = None;
    if reader.next_is(Tag::context(0))? {
        let element = canonical(&reader.element(limit)?)?;
        // IMPLICIT: an AlgorithmIdentifier under another tag.
        let [_, rest @ ..] = element.as_slice() else { return Err(Error::malformed("keyDerivationAlgorithm")) };
        let sequence = [&[encode::SEQUENCE], rest].concat();
        derivation = Some(read_algorithm(&mut Reader::over(&sequence), sequence.len())?);
    }
    let algorithm = read_algorithm(&mut reader, limit)?;
    let encrypted_key = reader.octet_string(Tag::OCTET_STRING, limit)?;
    reader.leave()?;
    reader.finish()?;
    let encryption = match derivation {
        Some(derivation) => PasswordEncryption::from_algorithms(&derivation.owned_to_ref(), &algorithm.owned_to_ref()),
        None => Err(Error::Unsupported { what: "password-based key encryption", oid: algorithm.oid }),
    };
    let sealed = encryption.map(|encryption| Box::new(Encrypted { encryption, encrypted_key }) as Box<dyn SealedKey>);
    let id = Some(RecipientId::Password);
    Ok(Entry { info: RecipientInfo { kind: RecipientKind::Password, id, algorithm: Some(algorithm.oid) }, sealed })
}

struct Encrypted {
    encryption: PasswordEncryption,
    encrypted_key: Vec<u8>,
}

impl SealedKey for Encrypted {
    fn unseal(&self, key: &dyn DecryptionKey) -> Result<Zeroizing<Vec<u8>>, Error> {
        key.unwrap_by_password(&self.encryption, &self.encrypted_key)
    }

    fn encrypted_key(&self) -> &[u8] {
        &self.encrypted_key
    }
}

/// Writes a recipient who knows `password`.
pub(super) fn seal(password: &[u8], rounds: u32, content_key: &[u8]) -> Result<Vec<u8>, Error> {
    let encryption = PasswordEncryption::generate(rounds)?;
    let (derivation, algorithm) = encryption.to_algorithms()?;
    let derivation = to_der(&derivation)?;
    let [_, derivation @ ..] = derivation.as_slice() else { return Err(Error::malformed("keyDerivationAlgorithm")) };
    let encrypted_key = encode::tlv(encode::OCTET_STRING, &encryption.wrap(password, content_key)?);
    Ok(encode::constructed(
        encode::context(3),
        &[
            &encode::small_integer(VERSION),
            &[&[encode::context(0)], derivation].concat(),
            &to_der(&algorithm)?,
            &encrypted_key,
        ],
    ))
}
