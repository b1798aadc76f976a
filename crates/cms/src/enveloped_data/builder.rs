use std::io::{self, Write};

use zeroize::Zeroizing;

use crate::algorithm::{ContentCipher, ContentEncryption, Integrity, to_der};
use crate::attributes::{CONTENT_TYPE, encode_attribute};
use crate::ber::{Writer, encode};
use crate::content_info::ContentType;
use crate::engine::{ContentEncryptor, random_bytes};
use crate::error::Error;
use crate::recipient::Recipient;

/// Plaintext encrypted at a time, in octets.
const CHUNK: usize = 16 * 1024;

/// Writes EnvelopedData or AuthEnvelopedData for any number of recipients of any kinds.
///
/// Content key, initialisation vector and nonce come from the operating system, new for each message.
///
/// ```
/// use std::io;
///
/// use mailseal_cms::algorithm::{ContentCipher, RsaPadding};
/// use mailseal_cms::engine::Hash;
/// use mailseal_cms::enveloped_data::EnvelopedDataBuilder;
/// use mailseal_cms::recipient::Recipient;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let read = |name: &str| -> Result<Vec<u8>, Box<dyn std::error::Error>> {
/// #     let path = format!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/smime/{}"), name);
/// #     Ok(der::pem::decode_vec(&std::fs::read(path)?)?.1)
/// # };
/// # let (alice, bob) = (read("alice.crt.pem")?, read("bob.crt.pem")?);
/// # let (mut content, message) = (&b"Content-Type: text/plain\r\n\r\nHello.\r\n"[..], Vec::new());
/// // Alice's key is RSA and her programs can do OAEP; Bob's is on P-256. One of them cannot do GCM.
/// let mut encrypting = EnvelopedDataBuilder::new(ContentCipher::Aes256Cbc)
///     .recipient(Recipient::from_certificate(&alice)?.rsa_padding(RsaPadding::oaep(Hash::Sha256)))
///     .recipient(Recipient::from_certificate(&bob)?)
///     .encrypt(message)?;
/// io::copy(&mut content, &mut encrypting)?;
/// let message = encrypting.finish()?;
/// # assert!(message.len() > 600);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct EnvelopedDataBuilder {
    cipher: ContentCipher,
    content_type: ContentType,
    recipients: Vec<Recipient>,
}

impl EnvelopedDataBuilder {
    /// Begins with the content cipher: any AES-GCM or ChaCha20-Poly1305 for AuthEnvelopedData, any AES-CBC for
    /// EnvelopedData.
    pub fn new(cipher: ContentCipher) -> Self {
        Self { cipher, content_type: ContentType::Data, recipients: Vec::new() }
    }

    /// Adds a recipient.
    pub fn recipient(mut self, recipient: Recipient) -> Self {
        self.recipients.push(recipient);
        self
    }

    /// The type of the content, if it is another than `id-data`. AuthEnvelopedData then says so once more in
    /// authenticated attributes ([RFC 5083 §2.1](https://www.rfc-editor.org/rfc/rfc5083#section-2.1)).
    pub fn content_type(mut self, content_type: ContentType) -> Self {
        self.content_type = content_type;
        self
    }

    /// Writes all that comes before the content, with indefinite lengths, and returns a writer for the content.
    ///
    /// # Errors
    /// [`Error::Misuse`] without recipients; [`Error::Unsupported`] for what is only read; [`Error::WeakKey`] for a
    /// recipient with a short RSA key; [`Error::Random`], [`Error::Io`].
    pub fn encrypt<W: Write>(self, out: W) -> Result<EncryptWriter<W>, Error> {
        if self.recipients.is_empty() {
            return Err(Error::Misuse("a message without recipients"));
        }
        let encryption = ContentEncryption::generate(self.cipher)?;
        let content_key = random_bytes(self.cipher.key_len())?;
        let infos = self.recipients.iter().map(|recipient| recipient.seal(&content_key));
        let infos = encode::set_of(encode::SET, infos.collect::<Result<_, _>>()?);

        let mut writer = Writer::new(out);
        writer.begin(encode::SEQUENCE)?;
        writer.encoded(&encode::oid(self.outer_type().oid()))?;
        writer.begin(encode::context(0))?;
        writer.begin(encode::SEQUENCE)?;
        writer.encoded(&encode::small_integer(self.version()))?;
        writer.encoded(&infos)?;
        writer.begin(encode::SEQUENCE)?;
        writer.encoded(&encode::oid(self.content_type.oid()))?;
        writer.encoded(&to_der(&encryption.to_algorithm()?)?)?;
        writer.begin(encode::context(0))?;
        Ok(EncryptWriter {
            writer,
            encryptor: ContentEncryptor::new(&encryption, &content_key)?,
            integrity: self.cipher.integrity(),
            attributes: self.attributes(),
            ciphertext: Zeroizing::new(Vec::with_capacity(CHUNK + 32)),
        })
    }

    fn outer_type(&self) -> ContentType {
        match self.cipher.integrity() {
            Integrity::Aead => ContentType::AuthEnvelopedData,
            Integrity::None => ContentType::EnvelopedData,
        }
    }

    /// RFC 5652 §6.1, with neither originatorInfo nor unprotectedAttrs; RFC 5083 §2.1.
    fn version(&self) -> u8 {
        let plain = self.recipients.iter().all(|recipient| recipient.version() == 0);
        match self.cipher.integrity() {
            Integrity::Aead => 0,
            Integrity::None if self.recipients.iter().any(Recipient::makes_version_3) => 3,
            Integrity::None if plain => 0,
            Integrity::None => 2,
        }
    }

    /// `authAttrs` as the SET that is authenticated, or nothing.
    fn attributes(&self) -> Vec<u8> {
        if self.content_type == ContentType::Data || self.cipher.integrity() == Integrity::None {
            return Vec::new();
        }
        encode::set_of(encode::SET, vec![encode_attribute(CONTENT_TYPE, &encode::oid(self.content_type.oid()))])
    }
}

/// Encrypts what is written to it, in constant memory. The message is complete only after [`finish`](Self::finish).
pub struct EncryptWriter<W> {
    writer: Writer<W>,
    encryptor: ContentEncryptor,
    integrity: Integrity,
    attributes: Vec<u8>,
    /// Holds plaintext for a moment.
    ciphertext: Zeroizing<Vec<u8>>,
}

impl<W: Write> EncryptWriter<W> {
    /// Ends the message, flushes and returns the output.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn finish(mut self) -> Result<W, Error> {
        self.ciphertext.clear();
        let mac = self.encryptor.finish(&self.attributes, &mut self.ciphertext);
        self.writer.octets(&self.ciphertext)?;
        self.writer.end()?; // encryptedContent
        self.writer.end()?; // EncryptedContentInfo
        if self.integrity == Integrity::Aead {
            if let [_set, rest @ ..] = self.attributes.as_slice() {
                self.writer.encoded(&[&[encode::context(1)], rest].concat())?;
            }
            self.writer.encoded(&encode::tlv(encode::OCTET_STRING, &mac))?;
        }
        Ok(self.writer.finish()?)
    }
}

impl<W: Write> Write for EncryptWriter<W> {
    fn write(&mut self, plaintext: &[u8]) -> io::Result<usize> {
        let now = &plaintext[..plaintext.len().min(CHUNK)];
        self.ciphertext.clear();
        self.encryptor.update(now, &mut self.ciphertext).map_err(io::Error::other)?;
        self.writer.octets(&self.ciphertext)?;
        Ok(now.len())
    }

    /// Does nothing: a ciphertext cannot end anywhere.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<W> std::fmt::Debug for EncryptWriter<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EncryptWriter").field("integrity", &self.integrity).finish_non_exhaustive()
    }
}
