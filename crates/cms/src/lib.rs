//! Cryptographic Message Syntax ([RFC 5652](https://www.rfc-editor.org/rfc/rfc5652)), streaming: what is inside an
//! S/MIME message.
//!
//! - [`signed_data`]: signatures by any number of signers, with the content inside or elsewhere.
//! - [`enveloped_data`]: encryption to any number of recipients, with AES-GCM or ChaCha20-Poly1305
//!   ([RFC 5083](https://www.rfc-editor.org/rfc/rfc5083)), or with AES-CBC.
//! - [`compressed_data`]: content that is smaller ([RFC 3274](https://www.rfc-editor.org/rfc/rfc3274)), read and never written.
//! - [`ContentInfo`]: what it is that was received. Look there first, no label tells it.
//! - [`ber`]: the encoding. Mail programs write indefinite lengths, so decoders of DER do not read their messages.
//! - [`engine`], [`algorithm`]: the arithmetic, and the traits by which a token can do it in place of a key in memory.
//!
//! Content is never held: signing, verifying, encrypting and decrypting take a constant amount of memory, whatever the
//! size of the message, apart from where the caller writes it.
//!
//! # What this crate is not
//!
//! - **It knows no trust.** Chains, revocation, validity, key usage, names: none of them is looked at. A signature is
//!   [`Valid`](signed_data::Check::Valid) if the key in a certificate made it; anybody can make that certificate.
//! - **It knows no mail.** Octets are signed and encrypted as they are; MIME, line endings and header fields belong to
//!   other crates.
//! - **It has no policy,** but for what is forgeable for everyone: MD5, SHA-1 and RSA under 2048 bits are never valid.
//! - It reads no clock, no file and no network; randomness comes from the operating system.
//!
//! What a correspondent or an attacker can do to a signature is no [`Error`] but a fact in the report of that signer.
//!
//! # Sign
//!
//! Detached as here, or with the content inside: [`opaque`](signed_data::SignedDataBuilder::opaque). Several signers are
//! several calls of [`signer`](signed_data::SignedDataBuilder::signer).
//!
//! ```
//! use std::io::Write;
//! use std::time::{Duration, UNIX_EPOCH};
//!
//! use mailseal_cms::engine::SoftwareKey;
//! use mailseal_cms::signed_data::{SignedDataBuilder, Signer};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let read = |name: &str| -> Result<Vec<u8>, Box<dyn std::error::Error>> {
//! #     let path = format!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/smime/{}"), name);
//! #     Ok(der::pem::decode_vec(&std::fs::read(path)?)?.1)
//! # };
//! # let (certificate, pkcs8) = (read("alice.crt.pem")?, read("alice.key.pem")?);
//! // `certificate` and `pkcs8` are in DER.
//! let key = SoftwareKey::from_pkcs8_der(&pkcs8)?;
//! let signer = Signer::new(&certificate, &key)?.signing_time(UNIX_EPOCH + Duration::from_secs(1_780_272_000));
//! let mut signing = SignedDataBuilder::new().signer(signer).detached()?;
//! signing.write_all(b"Content-Type: text/plain\r\n\r\nHello Bob.\r\n")?; // in pieces, as they come
//! let signature = signing.finish()?;
//! assert_eq!(signature[0], 0x30); // a ContentInfo in DER
//! # Ok(())
//! # }
//! ```
//!
//! # Verify
//!
//! What is found of each signer is a fact in the report, never an error.
//!
//! ```
//! use std::io::Write;
//!
//! use mailseal_cms::ContentInfo;
//! use mailseal_cms::signed_data::{Check, Content, SignerId, Verifier};
//! # use mailseal_cms::engine::SoftwareKey;
//! # use mailseal_cms::signed_data::{SignedDataBuilder, Signer};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let read = |name: &str| -> Result<Vec<u8>, Box<dyn std::error::Error>> {
//! #     let path = format!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/smime/{}"), name);
//! #     Ok(der::pem::decode_vec(&std::fs::read(path)?)?.1)
//! # };
//! # let (certificate, key) = (read("alice.crt.pem")?, SoftwareKey::from_pkcs8_der(&read("alice.key.pem")?)?);
//! # let content = b"Content-Type: text/plain\r\n\r\nHello Bob.\r\n";
//! # let mut signing = SignedDataBuilder::new().signer(Signer::new(&certificate, &key)?).detached()?;
//! # signing.write_all(content)?;
//! # let signature = signing.finish()?;
//! // `content` was signed, `signature` came with it; there are no certificates besides those that came along.
//! let lookup = |_: &SignerId| Vec::new();
//! let mut signed = |out: &mut dyn Write| out.write_all(content);
//! let report = Verifier::new(&lookup).verify(ContentInfo::open(&signature[..])?, Content::Detached(&mut signed))?;
//! for signer in &report.signers {
//!     match &signer.check {
//!         Check::Valid => println!("by {:?}", signer.certificate), // whose is it, and is it good? That comes next
//!         other => println!("not valid: {other:?}"),
//!     }
//! }
//! # assert_eq!(report.signers.len(), 1);
//! # assert_eq!(report.signers[0].check, Check::Valid);
//! # assert_eq!(report.signers[0].certificate.as_ref(), Some(&certificate));
//! # Ok(())
//! # }
//! ```
//!
//! # Encrypt
//!
//! Recipients of all kinds go together: RSA, P-256, P-384, P-521 and X25519 keys in certificates, shared keys and
//! passwords.
//!
//! ```
//! use std::io::Write;
//!
//! use mailseal_cms::algorithm::ContentCipher;
//! use mailseal_cms::enveloped_data::EnvelopedDataBuilder;
//! use mailseal_cms::recipient::Recipient;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let read = |name: &str| -> Result<Vec<u8>, Box<dyn std::error::Error>> {
//! #     let path = format!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/smime/{}"), name);
//! #     Ok(der::pem::decode_vec(&std::fs::read(path)?)?.1)
//! # };
//! # let (alice, bob) = (read("alice.crt.pem")?, read("bob.crt.pem")?);
//! // To Bob, and to Alice herself so that she can read it again. The certificates are in DER.
//! let mut encrypting = EnvelopedDataBuilder::new(ContentCipher::Aes256Gcm)
//!     .recipient(Recipient::from_certificate(&bob)?)
//!     .recipient(Recipient::from_certificate(&alice)?)
//!     .encrypt(Vec::new())?; // or a file: the message is written as the content comes
//! encrypting.write_all(b"Content-Type: text/plain\r\n\r\nHello Bob.\r\n")?;
//! let message = encrypting.finish()?;
//! assert_eq!(message[..2], [0x30, 0x80]); // a ContentInfo in BER of indefinite length
//! # Ok(())
//! # }
//! ```
//!
//! # Decrypt
//!
//! Plaintext goes to a [`Sink`](enveloped_data::Sink), which keeps it to itself until it is authentic.
//!
//! ```
//! use mailseal_cms::algorithm::Integrity;
//! use mailseal_cms::engine::{DecryptionKey, SoftwareKey};
//! use mailseal_cms::enveloped_data::{Envelope, MemorySink};
//! use mailseal_cms::recipient::RecipientId;
//! use mailseal_cms::{ContentInfo, Error};
//! # use std::io::Write;
//! # use mailseal_cms::{algorithm::ContentCipher, enveloped_data::EnvelopedDataBuilder, recipient::Recipient};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let read = |name: &str| -> Result<Vec<u8>, Box<dyn std::error::Error>> {
//! #     let path = format!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/smime/{}"), name);
//! #     Ok(der::pem::decode_vec(&std::fs::read(path)?)?.1)
//! # };
//! # let (bob, pkcs8) = (read("bob.crt.pem")?, read("bob.key.pem")?);
//! # let to = Recipient::from_certificate(&bob)?;
//! # let mut encrypting = EnvelopedDataBuilder::new(ContentCipher::Aes256Gcm).recipient(to).encrypt(Vec::new())?;
//! # encrypting.write_all(b"Hello Bob.")?;
//! # let message = encrypting.finish()?;
//! let key = SoftwareKey::from_pkcs8_der(&pkcs8)?;
//! let his = RecipientId::of_certificate(&bob)?;
//! let lookup = |id: &RecipientId| his.contains(id).then_some(&key as &dyn DecryptionKey);
//! let mut sink = MemorySink::new();
//! match Envelope::open(ContentInfo::open(&message[..])?)?.decrypt(&lookup, &mut sink) {
//!     Ok(decrypted) if decrypted.cipher.integrity() == Integrity::None => println!("anybody may have altered it"),
//!     Ok(_) => println!("as its author encrypted it"),
//!     Err(Error::NoKey) => println!("it is for others"),
//!     Err(error) => return Err(error.into()), // a wrong key, padding or tag: one error for all
//! }
//! assert_eq!(sink.into_plaintext().ok_or("not committed")?[..], *b"Hello Bob.");
//! # Ok(())
//! # }
//! ```

pub mod algorithm;
pub mod attributes;
pub mod ber;
mod certificate;
pub mod compressed_data;
mod content_info;
pub mod engine;
pub mod enveloped_data;
mod error;
pub mod recipient;
pub mod signed_data;
#[cfg(test)]
mod testing;

pub use content_info::{ContentInfo, ContentType};
pub use error::{BerProblem, Error};
