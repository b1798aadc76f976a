use der::referenced::OwnedToRef;
use getrandom::SysRng;
use rsa::Oaep;
use rsa::pkcs1v15::Pkcs1v15Encrypt;
use spki::SubjectPublicKeyInfoRef;
use zeroize::Zeroizing;

use super::{Entry, RecipientId, RecipientInfo, RecipientKind, SealedKey};
use crate::algorithm::{RsaPadding, oid, read_algorithm, to_der};
use crate::ber::{Reader, Tag, encode};
use crate::content_info::read_version;
use crate::engine::{DecryptionKey, rsa_public, with_hash};
use crate::error::Error;

/// Reads a recipient of RSA key transport.
///
/// ```text
/// KeyTransRecipientInfo ::= SEQUENCE {
///     version CMSVersion,
///     rid RecipientIdentifier,
///     keyEncryptionAlgorithm KeyEncryptionAlgorithmIdentifier,
///     encryptedKey EncryptedKey }
/// RecipientIdentifier ::= CHOICE {
///     issuerAndSerialNumber IssuerAndSerialNumber,
///     subjectKeyIdentifier [0] SubjectKeyIdentifier }
/// ```
/// [RFC 5652 §6.2.1](https://www.rfc-editor.org/rfc/rfc5652#section-6.2.1)
pub(super) fn parse(encoded: &[u8]) -> Result<Entry, Error> {
    let limit = encoded.len();
    let mut reader = Reader::over(encoded);
    reader.enter(Tag::SEQUENCE)?;
    read_version(&mut reader, &[0, 2])?;
    let id = RecipientId::read(&mut reader, limit)?;
    let algorithm = read_algorithm(&mut reader, limit)?;
    let encrypted_key = reader.octet_string(Tag::OCTET_STRING, limit)?;
    reader.leave()?;
    reader.finish()?;
    let sealed = RsaPadding::from_algorithm(&algorithm.owned_to_ref())
        .map(|padding| Box::new(Transported { padding, encrypted_key }) as Box<dyn SealedKey>);
    let info = RecipientInfo { kind: RecipientKind::KeyTransport, id: Some(id), algorithm: Some(algorithm.oid) };
    Ok(Entry { info, sealed })
}

struct Transported {
    padding: RsaPadding,
    encrypted_key: Vec<u8>,
}

impl SealedKey for Transported {
    fn unseal(&self, key: &dyn DecryptionKey) -> Result<Zeroizing<Vec<u8>>, Error> {
        key.decrypt_rsa(&self.padding, &self.encrypted_key)
    }

    fn encrypted_key(&self) -> &[u8] {
        &self.encrypted_key
    }
}

/// The version of a KeyTransRecipientInfo: 0 for issuer and serial number, 2 for a key identifier.
pub(super) fn version(id: &RecipientId) -> u8 {
    match id {
        RecipientId::IssuerAndSerial { .. } => 0,
        _ => 2,
    }
}

/// Writes a recipient of RSA key transport.
pub(super) fn seal(
    id: &RecipientId,
    spki: &SubjectPublicKeyInfoRef<'_>,
    padding: &RsaPadding,
    content_key: &[u8],
) -> Result<Vec<u8>, Error> {
    let rid = id.encode(|key_id| encode::tlv(0x80, key_id));
    let algorithm = to_der(&padding.to_algorithm()?)?;
    let encrypted_key = encode::tlv(encode::OCTET_STRING, &encrypt(spki, padding, content_key)?);
    Ok(encode::constructed(encode::SEQUENCE, &[&encode::small_integer(version(id)), &rid, &algorithm, &encrypted_key]))
}

/// Encrypts a content key; keys that do not hide it are refused.
fn encrypt(spki: &SubjectPublicKeyInfoRef<'_>, padding: &RsaPadding, key: &[u8]) -> Result<Vec<u8>, Error> {
    // RFC 4055 §1.2: a key marked for PSS is for signatures only.
    if spki.algorithm.oid != oid::RSA_ENCRYPTION {
        return Err(Error::Key { reason: "not an RSA key for encryption" });
    }
    let public = rsa_public::public_key(spki)?;
    rsa_public::check_strength(&public)?;
    let encrypted = match padding {
        RsaPadding::Pkcs1v15 => public.encrypt(&mut SysRng, Pkcs1v15Encrypt, key),
        RsaPadding::Oaep { hash, mgf_hash, label } => with_hash!(*hash, D => with_hash!(*mgf_hash, M => {
            public.encrypt(&mut SysRng, Oaep::<D, M>::new_with_mgf_hash_and_label(label.as_slice()), key)
        })),
    };
    encrypted.map_err(|e| Error::KeyOperation(Box::new(e)))
}
