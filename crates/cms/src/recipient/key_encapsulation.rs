use der::referenced::OwnedToRef;
use spki::SubjectPublicKeyInfoRef;
use zeroize::Zeroizing;

use super::{Entry, RecipientId, RecipientInfo, RecipientKind, SealedKey};
use crate::algorithm::{KeyEncapsulation, KeyWrap, MlKem, oid, read_algorithm, to_der, wrap_algorithm};
use crate::ber::{Reader, Tag, canonical, encode};
use crate::content_info::{read_oid, read_version};
use crate::engine::{DecryptionKey, encapsulate, wrap_key};
use crate::error::Error;

/// The version of every KEMRecipientInfo.
pub(super) const VERSION: u8 = 0;

/// Reads a recipient of a key encapsulation; another kind of OtherRecipientInfo is not read.
///
/// ```text
/// OtherRecipientInfo ::= SEQUENCE {
///     oriType OBJECT IDENTIFIER, -- id-ori-kem
///     oriValue KEMRecipientInfo }
/// KEMRecipientInfo ::= SEQUENCE {
///     version CMSVersion,
///     rid RecipientIdentifier,
///     kem KEMAlgorithmIdentifier,
///     kemct OCTET STRING,
///     kdf KeyDerivationAlgorithmIdentifier,
///     kekLength INTEGER (1..65535),
///     ukm [0] EXPLICIT UserKeyingMaterial OPTIONAL,
///     wrap KeyEncryptionAlgorithmIdentifier,
///     encryptedKey EncryptedKey }
/// ```
/// [RFC 9629 §3](https://www.rfc-editor.org/rfc/rfc9629#section-3)
pub(super) fn parse(encoded: &[u8]) -> Result<Option<Entry>, Error> {
    let limit = encoded.len();
    let mut reader = Reader::over(encoded);
    reader.enter(Tag::context(4))?;
    if read_oid(&mut reader, "oriType")? != oid::ORI_KEM {
        return Ok(None);
    }
    reader.enter(Tag::SEQUENCE)?;
    read_version(&mut reader, &[VERSION])?;
    let id = RecipientId::read(&mut reader, limit)?;
    let kem = read_algorithm(&mut reader, limit)?;
    let ciphertext = reader.octet_string(Tag::OCTET_STRING, limit)?;
    let kdf = read_algorithm(&mut reader, limit)?;
    let kek_len = read_kek_len(&canonical(&reader.element_of(Tag::INTEGER, limit)?)?)?;
    let mut ukm = None;
    if reader.next_is(Tag::context(0))? {
        reader.enter(Tag::context(0))?;
        ukm = Some(reader.octet_string(Tag::OCTET_STRING, limit)?);
        reader.leave()?;
    }
    let wrap = read_algorithm(&mut reader, limit)?;
    let encrypted_key = reader.octet_string(Tag::OCTET_STRING, limit)?;
    reader.leave()?;
    reader.leave()?;
    reader.finish()?;

    let sealed = || {
        let set = MlKem::from_oid(&kem.oid).ok_or(Error::Unsupported { what: "key encapsulation", oid: kem.oid })?;
        if kem.parameters.is_some() {
            return Err(Error::malformed("kem"));
        }
        let wrap_der = to_der(&wrap)?;
        let wrap = (&wrap.owned_to_ref(), &wrap_der[..]);
        let scheme = KeyEncapsulation::read(&kdf.owned_to_ref(), wrap, kek_len, ukm.as_deref())?;
        Ok(Box::new(Encapsulated { set, ciphertext: ciphertext.clone(), scheme, encrypted_key: encrypted_key.clone() })
            as Box<dyn SealedKey>)
    };
    let info = RecipientInfo { kind: RecipientKind::KeyEncapsulation, id: Some(id), algorithm: Some(kem.oid) };
    Ok(Some(Entry { info, sealed: sealed() }))
}

/// `kekLength`, an INTEGER in DER.
fn read_kek_len(encoded: &[u8]) -> Result<u16, Error> {
    der::Decode::from_der(encoded).map_err(Error::der("kekLength"))
}

struct Encapsulated {
    set: MlKem,
    ciphertext: Vec<u8>,
    scheme: KeyEncapsulation,
    encrypted_key: Vec<u8>,
}

impl SealedKey for Encapsulated {
    fn unseal(&self, key: &dyn DecryptionKey) -> Result<Zeroizing<Vec<u8>>, Error> {
        let shared_secret = key.decapsulate(self.set, &self.ciphertext)?;
        self.scheme.wrap.unwrap(&self.scheme.derive(&shared_secret)?, &self.encrypted_key)
    }

    fn encrypted_key(&self) -> &[u8] {
        &self.encrypted_key
    }
}

/// Writes a recipient with a public key of this parameter set. The wrap is no weaker than the set
/// ([RFC 9936 §2.2](https://www.rfc-editor.org/rfc/rfc9936)) nor than the content key.
pub(super) fn seal(
    id: &RecipientId,
    spki: &SubjectPublicKeyInfoRef<'_>,
    set: MlKem,
    content_key: &[u8],
) -> Result<Vec<u8>, Error> {
    let wrap = match set {
        MlKem::Set512 => KeyWrap::for_content_key(content_key.len()),
        MlKem::Set768 | MlKem::Set1024 => KeyWrap::Aes256,
    };
    let (ciphertext, shared_secret) = encapsulate(spki, set)?;
    let scheme = KeyEncapsulation::new(wrap);
    let wrapped = wrap_key(&scheme.derive(&shared_secret)?, content_key)?;
    let kem = encode::constructed(encode::SEQUENCE, &[&encode::oid(set.oid())]);
    let value = encode::constructed(
        encode::SEQUENCE,
        &[
            &encode::small_integer(VERSION),
            &id.encode(|key_id| encode::tlv(0x80, key_id)),
            &kem,
            &encode::tlv(encode::OCTET_STRING, &ciphertext),
            &scheme.kdf(),
            &encode::small_integer(wrap.key_len() as u8),
            &wrap_algorithm(wrap),
            &encode::tlv(encode::OCTET_STRING, &wrapped),
        ],
    );
    Ok(encode::constructed(encode::context(4), &[&encode::oid(oid::ORI_KEM), &value]))
}
