use std::io::Read;

use der::referenced::OwnedToRef;
use spki::AlgorithmIdentifierOwned;

use super::Sink;
use super::trial::{self, Candidate, Trailer};
use crate::algorithm::{ContentCipher, ContentEncryption, Integrity, read_algorithm};
use crate::attributes::{CONTENT_TYPE, parse_attributes};
use crate::ber::{Reader, Tag, canonical_set, encode};
use crate::content_info::{ContentInfo, ContentType, read_oid, read_version};
use crate::engine::DecryptionKey;
use crate::error::Error;
use crate::recipient::{self, Entry, RecipientId, RecipientInfo};

/// Octets of an algorithm identifier.
const SMALL: usize = 1024;
/// Octets of all RecipientInfos, of originatorInfo, or of attributes that nobody looks at.
const LARGE: usize = 4 * 1024 * 1024;
/// RecipientInfos in one message.
const RECIPIENTS: usize = 16 * 1024;
/// Octets of authenticated attributes.
const ATTRIBUTES: usize = 64 * 1024;
/// RecipientInfos for the keys of one reader; each costs a private-key operation and may cost a decryption.
const ATTEMPTS: usize = 8;

/// An EnvelopedData or AuthEnvelopedData whose recipients were read and whose content comes next.
///
/// Whom it is for can be seen before any key is fetched:
///
/// ```
/// use mailseal_cms::ContentInfo;
/// use mailseal_cms::algorithm::Integrity;
/// use mailseal_cms::engine::{DecryptionKey, SoftwareKey};
/// use mailseal_cms::enveloped_data::{Envelope, MemorySink};
/// use mailseal_cms::recipient::RecipientId;
/// # use std::io::Write;
/// # use mailseal_cms::{algorithm::ContentCipher, enveloped_data::EnvelopedDataBuilder, recipient::Recipient};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let read = |name: &str| -> Result<Vec<u8>, Box<dyn std::error::Error>> {
/// #     let path = format!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/smime/{}"), name);
/// #     Ok(der::pem::decode_vec(&std::fs::read(path)?)?.1)
/// # };
/// # let (bob, pkcs8) = (read("bob.crt.pem")?, read("bob.key.pem")?);
/// # let recipient = Recipient::from_certificate(&bob)?;
/// # let mut writer = EnvelopedDataBuilder::new(ContentCipher::Aes128Cbc).recipient(recipient).encrypt(Vec::new())?;
/// # writer.write_all(b"Hello.")?;
/// # let message = writer.finish()?;
/// let envelope = Envelope::open(ContentInfo::open(&message[..])?)?;
/// let bobs = RecipientId::of_certificate(&bob)?;
/// let is_bobs = envelope.recipients().filter_map(|info| info.id.as_ref()).any(|id| bobs.contains(id));
/// assert!(is_bobs);
///
/// let key = SoftwareKey::from_pkcs8_der(&pkcs8)?; // now ask for its passphrase
/// let lookup = |id: &RecipientId| bobs.contains(id).then_some(&key as &dyn DecryptionKey);
/// let mut sink = MemorySink::new();
/// let decrypted = envelope.decrypt(&lookup, &mut sink)?;
/// if decrypted.cipher.integrity() == Integrity::None {
///     println!("anybody may have altered this"); // EFAIL
/// }
/// assert_eq!(sink.into_plaintext().ok_or("not committed")?[..], *b"Hello.");
/// # Ok(())
/// # }
/// ```
pub struct Envelope<R> {
    info: ContentInfo<R>,
    content_type: ContentType,
    entries: Vec<Entry>,
    algorithm: AlgorithmIdentifierOwned,
}

/// What is known of a content that was decrypted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decrypted {
    /// What the content is.
    pub content_type: ContentType,
    /// The content cipher; [`ContentCipher::integrity`] says whether it authenticates.
    pub cipher: ContentCipher,
    /// Everyone whom the message lists.
    pub recipients: Vec<RecipientInfo>,
    /// Whose key opened it: an index into `recipients`.
    pub opened_by: usize,
}

impl<R: Read> Envelope<R> {
    /// Reads the recipients and the content cipher.
    ///
    /// # Errors
    /// [`Error::ContentType`] if `info` is something else; [`Error::Ber`], [`Error::Malformed`], [`Error::Limit`],
    /// [`Error::Io`].
    pub fn open(mut info: ContentInfo<R>) -> Result<Self, Error> {
        let versions: &[u8] = match info.content_type {
            ContentType::EnvelopedData => &[0, 1, 2, 3, 4],
            ContentType::AuthEnvelopedData => &[0],
            other => {
                let expected = "EnvelopedData or AuthEnvelopedData";
                return Err(Error::ContentType { found: other.oid(), expected });
            }
        };
        let reader = &mut info.reader;
        reader.enter(Tag::SEQUENCE)?;
        read_version(reader, versions)?;
        if reader.next_is(Tag::context(0))? {
            reader.element(LARGE)?; // originatorInfo
        }
        let mut entries = Vec::new();
        for encoded in reader.elements(Tag::SET, LARGE, RECIPIENTS)? {
            entries.extend(recipient::parse(&encoded)?);
        }
        reader.enter(Tag::SEQUENCE)?;
        let content_type = read_oid(reader, "contentType")?.into();
        let algorithm = read_algorithm(reader, SMALL)?;
        Ok(Self { info, content_type, entries, algorithm })
    }

    /// Everyone whom the message lists, in its order.
    pub fn recipients(&self) -> impl Iterator<Item = &RecipientInfo> {
        self.entries.iter().map(|entry| &entry.info)
    }

    /// The content cipher.
    ///
    /// # Errors
    /// [`Error::Unsupported`] or [`Error::Malformed`]; the former too for a cipher that authenticates in EnvelopedData
    /// and for one that does not in AuthEnvelopedData.
    pub fn cipher(&self) -> Result<ContentCipher, Error> {
        self.encryption().map(|encryption| encryption.cipher)
    }

    /// Decrypts the content into `sink`, with the keys that `lookup` has for recipients. `sink` is committed if all is
    /// well to the very end of the input, and rolled back otherwise.
    ///
    /// # Errors
    /// [`Error::NoKey`] where `lookup` has none. [`Error::Decrypt`] for everything that may depend on the content or
    /// its key: a wrong key, length of key, padding or tag all look the same. Further what [`cipher`](Self::cipher) and
    /// the keys say, [`Error::Ber`] and the like for the outer structure, [`Error::Limit`] for more than eight
    /// RecipientInfos for which there is a key.
    pub fn decrypt<'k>(
        self,
        lookup: &dyn Fn(&RecipientId) -> Option<&'k dyn DecryptionKey>,
        sink: &mut dyn Sink,
    ) -> Result<Decrypted, Error> {
        let decrypted = self.decrypt_uncommitted(lookup, sink);
        let committed = decrypted.and_then(|decrypted| {
            sink.commit()?;
            Ok(decrypted)
        });
        if committed.is_err() {
            sink.rollback();
        }
        committed
    }

    fn decrypt_uncommitted<'k>(
        mut self,
        lookup: &dyn Fn(&RecipientId) -> Option<&'k dyn DecryptionKey>,
        sink: &mut dyn Sink,
    ) -> Result<Decrypted, Error> {
        let encryption = self.encryption()?;
        let candidates = self.candidates(lookup, encryption.cipher.key_len())?;
        if !self.info.reader.next_is(Tag::context(0))? {
            return Err(Error::malformed("encryptedContent"));
        }
        let ContentInfo { content_type: outer, reader, .. } = self.info;
        let trailer = |reader| read_trailer(reader, outer, self.content_type, encryption.tag_len);
        let opened_by = trial::open(&encryption, &candidates, reader, trailer, sink)?;
        Ok(Decrypted {
            content_type: self.content_type,
            cipher: encryption.cipher,
            recipients: self.entries.into_iter().map(|entry| entry.info).collect(),
            opened_by,
        })
    }

    fn encryption(&self) -> Result<ContentEncryption, Error> {
        let encryption = ContentEncryption::from_algorithm(&self.algorithm.owned_to_ref())?;
        match (self.info.content_type, encryption.cipher.integrity()) {
            (ContentType::AuthEnvelopedData, Integrity::Aead) | (ContentType::EnvelopedData, Integrity::None) => {
                Ok(encryption)
            }
            _ => Err(Error::Unsupported { what: "content encryption in this content type", oid: self.algorithm.oid }),
        }
    }

    /// A content key for every RecipientInfo for which there is a key, good or not, and where that stands.
    fn candidates<'k>(
        &mut self,
        lookup: &dyn Fn(&RecipientId) -> Option<&'k dyn DecryptionKey>,
        len: usize,
    ) -> Result<Vec<Candidate>, Error> {
        let (mut candidates, mut attempts, mut problem) = (Vec::new(), 0, Error::NoKey);
        for (index, entry) in self.entries.iter_mut().enumerate() {
            let Some(key) = entry.info.id.as_ref().and_then(lookup) else { continue };
            attempts += 1;
            if attempts > ATTEMPTS {
                return Err(Error::Limit { what: "recipients with a key", limit: ATTEMPTS as u64 });
            }
            let sealed = std::mem::replace(&mut entry.sealed, Err(Error::NoKey));
            match sealed.and_then(|sealed| recipient::recover(sealed.as_ref(), key, len)) {
                Ok(content_key) => candidates.push(Candidate { recipient: index, content_key }),
                Err(error) => problem = error,
            }
        }
        if candidates.is_empty() { Err(problem) } else { Ok(candidates) }
    }
}

/// Reads what follows the ciphertext, to the end of the input.
fn read_trailer<R: Read>(
    mut reader: Reader<R>,
    outer: ContentType,
    inner: ContentType,
    tag_len: usize,
) -> Result<Trailer, Error> {
    reader.leave()?; // EncryptedContentInfo
    let mut trailer = Trailer { attributes: Vec::new(), mac: Vec::new() };
    let mut unauthenticated = Tag::context(1);
    if outer == ContentType::AuthEnvelopedData {
        if reader.next_is(Tag::context(1))? {
            trailer.attributes = canonical_set(&reader.element(ATTRIBUTES)?)?;
            check_content_type(&trailer.attributes, inner)?;
        } else if inner != ContentType::Data {
            // RFC 5083 §2.1: without them the content type would not be authenticated.
            return Err(Error::malformed("authAttrs"));
        }
        trailer.mac = reader.octet_string(Tag::OCTET_STRING, tag_len)?;
        if trailer.mac.len() != tag_len {
            return Err(Error::malformed("mac"));
        }
        unauthenticated = Tag::context(2);
    }
    if reader.peek()?.is_some() {
        reader.element_of(unauthenticated, LARGE)?;
    }
    reader.leave()?;
    ContentInfo { content_type: outer, reader }.close()?;
    Ok(trailer)
}

/// RFC 5083 §2.1: authenticated attributes include one content-type with one value, that of the content.
fn check_content_type(attributes: &[u8], content_type: ContentType) -> Result<(), Error> {
    let attributes = parse_attributes(attributes)?;
    let mut named = attributes.iter().filter(|attribute| attribute.oid == CONTENT_TYPE);
    match (named.next(), named.next()) {
        (Some(attribute), None) if attribute.values == [encode::oid(content_type.oid())] => Ok(()),
        _ => Err(Error::malformed("content-type attribute")),
    }
}

impl<R> std::fmt::Debug for Envelope<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let recipients: Vec<_> = self.entries.iter().map(|entry| &entry.info).collect();
        f.debug_struct("Envelope").field("recipients", &recipients).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::io;

    use mailseal_testkit::shown::shows;

    use super::*;
    use crate::enveloped_data::{EncryptWriter, EnvelopedDataBuilder, MemorySink};
    use crate::recipient::Recipient;
    use crate::testing::{cert_der, private_key};

    const MESSAGES: usize = 10_000;
    const PLAINTEXT: &[u8] = b"The second key lies under the bridge.";

    /// An ephemeral key on P-256 in its BIT STRING (RFC 5753 §7.1.1).
    fn ephemeral(message: &[u8]) -> &[u8] {
        let at = message.windows(4).position(|window| window == [3, 66, 0, 4]).unwrap();
        &message[at + 4..at + 68]
    }

    fn empty(cipher: ContentCipher, to: &Recipient) -> EncryptWriter<Vec<u8>> {
        EnvelopedDataBuilder::new(cipher).recipient(to.clone()).encrypt(Vec::new()).unwrap()
    }

    /// Attack 25: content keys, nonces, initialisation vectors and ephemeral keys of ten thousand messages.
    #[test]
    fn nothing_random_comes_twice() {
        let (bob, key) = (Recipient::from_certificate(&cert_der("bob")).unwrap(), private_key("bob"));
        let lookup = |_: &RecipientId| Some(&key as &dyn DecryptionKey);
        let (mut content_keys, mut ivs, mut ephemerals) = (HashSet::new(), HashSet::new(), HashSet::new());
        for number in 0..MESSAGES {
            let cipher = [ContentCipher::Aes256Gcm, ContentCipher::Aes128Cbc][number % 2];
            let message = empty(cipher, &bob).finish().unwrap();
            let mut envelope = Envelope::open(ContentInfo::open(&message[..]).unwrap()).unwrap();
            ivs.insert(envelope.encryption().unwrap().iv);
            let candidates = envelope.candidates(&lookup, cipher.key_len()).unwrap();
            let content_key = candidates[0].content_key.to_vec();
            assert!(message.windows(content_key.len()).all(|window| window != content_key), "the key in the clear");
            content_keys.insert(content_key);
            ephemerals.insert(ephemeral(&message).to_vec());
        }
        assert_eq!([content_keys.len(), ivs.len(), ephemerals.len()], [MESSAGES; 3]);
    }
    /// Attack 25: what holds a content key or a plaintext does not show it.
    #[test]
    fn debug_shows_no_secret() {
        let (bob, key) = (Recipient::from_certificate(&cert_der("bob")).unwrap(), private_key("bob"));
        let lookup = |_: &RecipientId| Some(&key as &dyn DecryptionKey);
        for cipher in [ContentCipher::Aes256Gcm, ContentCipher::Aes128Cbc] {
            let mut encrypting = empty(cipher, &bob);
            io::Write::write_all(&mut encrypting, PLAINTEXT).unwrap();
            let writer = format!("{encrypting:?}");
            let message = encrypting.finish().unwrap();
            let open = || Envelope::open(ContentInfo::open(&message[..]).unwrap()).unwrap();
            let mut envelope = open();
            let content_key = envelope.candidates(&lookup, cipher.key_len()).unwrap().remove(0).content_key;
            let mut sink = MemorySink::new();
            let decrypted = open().decrypt(&lookup, &mut sink).unwrap();
            let secrets: [&[u8]; 2] = [&content_key, PLAINTEXT];
            assert!(!shows(&(writer, open(), envelope, decrypted, &sink), &secrets));
            assert_eq!(sink.into_plaintext().unwrap()[..], *PLAINTEXT);
        }
    }
}
