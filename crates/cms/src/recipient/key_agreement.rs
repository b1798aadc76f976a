use std::io::Read;
use std::sync::Arc;

use der::Decode;
use der::asn1::BitStringRef;
use der::referenced::OwnedToRef;
use spki::SubjectPublicKeyInfoRef;
use zeroize::Zeroizing;

use super::{Entry, RecipientId, RecipientInfo, RecipientKind, SealedKey};
use crate::algorithm::{KeyAgreement, oid, read_algorithm, to_der};
use crate::ber::{Reader, Tag, canonical, encode};
use crate::content_info::read_version;
use crate::engine::{DecryptionKey, ephemeral_agreement, wrap_key};
use crate::error::Error;

/// The version of every KeyAgreeRecipientInfo.
pub(super) const VERSION: u8 = 3;

/// Recipients that one RecipientInfo may hold.
const RECIPIENTS: usize = 4096;

/// What the recipients of one KeyAgreeRecipientInfo have in common.
struct Agreement {
    algorithm: KeyAgreement,
    originator: Vec<u8>,
    ukm: Option<Vec<u8>>,
}

/// Reads the recipients of one key agreement.
///
/// ```text
/// KeyAgreeRecipientInfo ::= SEQUENCE {
///     version CMSVersion,
///     originator [0] EXPLICIT OriginatorIdentifierOrKey,
///     ukm [1] EXPLICIT UserKeyingMaterial OPTIONAL,
///     keyEncryptionAlgorithm KeyEncryptionAlgorithmIdentifier,
///     recipientEncryptedKeys SEQUENCE OF RecipientEncryptedKey }
/// RecipientEncryptedKey ::= SEQUENCE {
///     rid KeyAgreeRecipientIdentifier,
///     encryptedKey EncryptedKey }
/// ```
/// [RFC 5652 §6.2.2](https://www.rfc-editor.org/rfc/rfc5652#section-6.2.2)
pub(super) fn parse(encoded: &[u8]) -> Result<Vec<Entry>, Error> {
    let limit = encoded.len();
    let mut reader = Reader::over(encoded);
    reader.enter(Tag::context(1))?;
    read_version(&mut reader, &[VERSION])?;
    reader.enter(Tag::context(0))?;
    let originator = reader.element(limit)?;
    reader.leave()?;
    let mut ukm = None;
    if reader.next_is(Tag::context(1))? {
        reader.enter(Tag::context(1))?;
        ukm = Some(reader.octet_string(Tag::OCTET_STRING, limit)?);
        reader.leave()?;
    }
    let algorithm = read_algorithm(&mut reader, limit)?;
    let keys = reader.elements(Tag::SEQUENCE, limit, RECIPIENTS)?;
    reader.leave()?;
    reader.finish()?;

    let shared = KeyAgreement::from_algorithm(&algorithm.owned_to_ref())
        .and_then(|algorithm| Ok(Arc::new(Agreement { algorithm, originator: public_key(&originator)?, ukm })));
    let mut problem = None;
    let shared = shared.map_err(|e| problem = Some(e)).ok();
    keys.iter()
        .map(|key| {
            let (id, encrypted_key) = read_recipient(key)?;
            let info =
                RecipientInfo { kind: RecipientKind::KeyAgreement, id: Some(id), algorithm: Some(algorithm.oid) };
            let sealed = match &shared {
                Some(agreement) => {
                    let agreement = Arc::clone(agreement);
                    Ok(Box::new(Agreed { agreement, encrypted_key }) as Box<dyn SealedKey>)
                }
                // Everyone in here has the same problem; the first is told.
                None => Err(problem.take().unwrap_or(Error::malformed("KeyAgreeRecipientInfo"))),
            };
            Ok(Entry { info, sealed })
        })
        .collect()
}

fn read_recipient(encoded: &[u8]) -> Result<(RecipientId, Vec<u8>), Error> {
    let limit = encoded.len();
    let mut reader = Reader::over(encoded);
    reader.enter(Tag::SEQUENCE)?;
    let id = if reader.next_is(Tag::context(0))? {
        read_recipient_key_id(&mut reader, limit)?
    } else {
        RecipientId::read_issuer_and_serial(&mut reader, limit)?
    };
    let encrypted_key = reader.octet_string(Tag::OCTET_STRING, limit)?;
    reader.leave()?;
    reader.finish()?;
    Ok((id, encrypted_key))
}

/// ```text
/// RecipientKeyIdentifier ::= SEQUENCE {
///     subjectKeyIdentifier SubjectKeyIdentifier,
///     date GeneralizedTime OPTIONAL,
///     other OtherKeyAttribute OPTIONAL }
/// ```
fn read_recipient_key_id<R: Read>(reader: &mut Reader<R>, limit: usize) -> Result<RecipientId, Error> {
    reader.enter(Tag::context(0))?;
    let key_id = reader.octet_string(Tag::OCTET_STRING, limit)?;
    while reader.peek()?.is_some() {
        reader.element(limit)?;
    }
    reader.leave()?;
    Ok(RecipientId::SubjectKeyId(key_id))
}

/// The public key in an `OriginatorPublicKey`. Parameters of `id-ecPublicKey` are not looked at: absent, NULL or a curve,
/// the point must lie on the curve of the recipient's key ([RFC 5753 §3.1.1]). A key of another kind than the recipient's
/// is of another length, and refused like any bad point.
///
/// Originators named by certificate (static-static) are not supported.
///
/// [RFC 5753 §3.1.1]: https://www.rfc-editor.org/rfc/rfc5753#section-3.1.1
fn public_key(originator: &[u8]) -> Result<Vec<u8>, Error> {
    const WHAT: &str = "OriginatorPublicKey";
    let limit = originator.len();
    let mut reader = Reader::over(originator);
    reader.enter(Tag::context(1))?;
    let algorithm = read_algorithm(&mut reader, limit)?;
    if !matches!(algorithm.oid, oid::EC_PUBLIC_KEY | oid::X25519) {
        return Err(Error::Unsupported { what: "originator key", oid: algorithm.oid });
    }
    let bits = canonical(&reader.element_of(Tag::BIT_STRING, limit)?)?;
    reader.leave()?;
    reader.finish()?;
    let bits = BitStringRef::from_der(&bits).map_err(Error::der(WHAT))?;
    bits.as_bytes().map(<[u8]>::to_vec).ok_or_else(|| Error::malformed(WHAT))
}

struct Agreed {
    agreement: Arc<Agreement>,
    encrypted_key: Vec<u8>,
}

impl SealedKey for Agreed {
    fn unseal(&self, key: &dyn DecryptionKey) -> Result<Zeroizing<Vec<u8>>, Error> {
        let shared_secret = key.agree(&self.agreement.originator)?;
        let kek = self.agreement.algorithm.derive(&shared_secret, self.agreement.ukm.as_deref())?;
        self.agreement.algorithm.wrap.unwrap(&kek, &self.encrypted_key)
    }

    fn encrypted_key(&self) -> &[u8] {
        &self.encrypted_key
    }
}

/// Writes a recipient of ephemeral-static Diffie-Hellman, with a key of its own for this message.
pub(super) fn seal(
    id: &RecipientId,
    spki: &SubjectPublicKeyInfoRef<'_>,
    agreement: &KeyAgreement,
    content_key: &[u8],
) -> Result<Vec<u8>, Error> {
    let (ephemeral, shared_secret) = ephemeral_agreement(spki)?;
    let kek = agreement.derive(&shared_secret, None)?;
    let wrapped = wrap_key(&kek, content_key)?;

    // Without parameters, whatever the curve: RFC 5753 §3.1.1, RFC 8418 §3.1.
    let algorithm = encode::constructed(encode::SEQUENCE, &[&encode::oid(spki.algorithm.oid)]);
    let point = encode::tlv(0x03, &[&[0], ephemeral.as_slice()].concat());
    let originator_key = encode::constructed(encode::context(1), &[&algorithm, &point]);
    let rid = id.encode(|key_id| encode::tlv(encode::context(0), &encode::tlv(encode::OCTET_STRING, key_id)));
    let recipient = encode::constructed(encode::SEQUENCE, &[&rid, &encode::tlv(encode::OCTET_STRING, &wrapped)]);
    Ok(encode::constructed(
        encode::context(1),
        &[
            &encode::small_integer(VERSION),
            &encode::tlv(encode::context(0), &originator_key),
            &to_der(&agreement.to_algorithm()?)?,
            &encode::tlv(encode::SEQUENCE, &recipient),
        ],
    ))
}
