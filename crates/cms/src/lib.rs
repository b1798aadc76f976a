//! Cryptographic Message Syntax ([RFC 5652](https://www.rfc-editor.org/rfc/rfc5652)), streaming: what is inside an
//! S/MIME message.
//!
//! - [`signed_data`]: signatures by any number of signers, with the content inside or elsewhere.
//! - [`enveloped_data`]: encryption to any number of recipients, with AES-GCM ([RFC 5083](https://www.rfc-editor.org/rfc/rfc5083))
//!   or AES-CBC.
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
//! # Sign and verify
//!
//! ```
//! use std::io::Write;
//! use std::time::{Duration, UNIX_EPOCH};
//!
//! use mailseal_cms::ContentInfo;
//! use mailseal_cms::engine::SoftwareKey;
//! use mailseal_cms::signed_data::{Check, Content, SignedDataBuilder, Signer, SignerId, Verifier};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let read = |name: &str| -> Result<Vec<u8>, Box<dyn std::error::Error>> {
//! #     let path = format!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/smime/{}"), name);
//! #     Ok(der::pem::decode_vec(&std::fs::read(path)?)?.1)
//! # };
//! # let (certificate, pkcs8) = (read("alice.crt.pem")?, read("alice.key.pem")?);
//! let content = b"Content-Type: text/plain\r\n\r\nHello Bob.\r\n";
//!
//! // Alice signs; `certificate` and `pkcs8` are in DER.
//! let key = SoftwareKey::from_pkcs8_der(&pkcs8)?;
//! let signer = Signer::new(&certificate, &key)?.signing_time(UNIX_EPOCH + Duration::from_secs(1_780_272_000));
//! let mut signing = SignedDataBuilder::new().signer(signer).detached()?;
//! signing.write_all(content)?;
//! let signature = signing.finish()?;
//!
//! // Bob verifies; he has no certificates besides those that came along.
//! let lookup = |_: &SignerId| Vec::new();
//! let mut signed = |out: &mut dyn Write| out.write_all(content);
//! let info = ContentInfo::open(&signature[..])?;
//! let found = Verifier::new(&lookup).verify(info, Content::Detached(&mut signed))?;
//! let [signer] = &found.signers[..] else { return Err("not signed once".into()) };
//! assert_eq!(signer.check, Check::Valid);
//! assert_eq!(signer.certificate.as_ref(), Some(&certificate)); // Whose is it, and is it good? That comes next.
//! # Ok(())
//! # }
//! ```
//!
//! # Encrypt and decrypt
//!
//! ```
//! use std::io::Write;
//!
//! use mailseal_cms::ContentInfo;
//! use mailseal_cms::algorithm::{ContentCipher, Integrity};
//! use mailseal_cms::engine::{DecryptionKey, SoftwareKey};
//! use mailseal_cms::enveloped_data::{Envelope, EnvelopedDataBuilder, MemorySink};
//! use mailseal_cms::recipient::{Recipient, RecipientId};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let read = |name: &str| -> Result<Vec<u8>, Box<dyn std::error::Error>> {
//! #     let path = format!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/smime/{}"), name);
//! #     Ok(der::pem::decode_vec(&std::fs::read(path)?)?.1)
//! # };
//! # let (alice, bob, bobs_pkcs8) = (read("alice.crt.pem")?, read("bob.crt.pem")?, read("bob.key.pem")?);
//! let content = b"Content-Type: text/plain\r\n\r\nHello Bob.\r\n";
//!
//! // Alice encrypts to Bob, and to herself so that she can read it again.
//! let builder = EnvelopedDataBuilder::new(ContentCipher::Aes256Gcm)
//!     .recipient(Recipient::from_certificate(&bob)?)
//!     .recipient(Recipient::from_certificate(&alice)?);
//! let mut encrypting = builder.encrypt(Vec::new())?;
//! encrypting.write_all(content)?;
//! let message = encrypting.finish()?;
//!
//! // Bob decrypts.
//! let key = SoftwareKey::from_pkcs8_der(&bobs_pkcs8)?;
//! let his = RecipientId::of_certificate(&bob)?;
//! let lookup = |id: &RecipientId| his.contains(id).then_some(&key as &dyn DecryptionKey);
//! let mut sink = MemorySink::new();
//! let decrypted = Envelope::open(ContentInfo::open(&message[..])?)?.decrypt(&lookup, &mut sink)?;
//! assert_eq!(decrypted.cipher.integrity(), Integrity::Aead);
//! assert_eq!(sink.into_plaintext().ok_or("not committed")?[..], content[..]);
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
