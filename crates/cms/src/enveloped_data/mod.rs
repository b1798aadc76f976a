//! EnvelopedData ([RFC 5652 §6](https://www.rfc-editor.org/rfc/rfc5652#section-6)) and AuthEnvelopedData
//! ([RFC 5083](https://www.rfc-editor.org/rfc/rfc5083)): [`EnvelopedDataBuilder`] writes them, [`Envelope`] reads them.
//!
//! The cipher decides which of the two it is: AES-GCM and ChaCha20-Poly1305 authenticate and make AuthEnvelopedData, AES-CBC does not and
//! makes EnvelopedData. What a CBC content decrypts to may have been altered by anyone
//! ([`Integrity::None`](crate::algorithm::Integrity)).
//!
//! ```text
//! EnvelopedData ::= SEQUENCE {                    AuthEnvelopedData ::= SEQUENCE {
//!     version CMSVersion,                             version CMSVersion,
//!     originatorInfo [0] OriginatorInfo OPTIONAL,     originatorInfo [0] OriginatorInfo OPTIONAL,
//!     recipientInfos SET OF RecipientInfo,            recipientInfos SET OF RecipientInfo,
//!     encryptedContentInfo EncryptedContentInfo,      authEncryptedContentInfo EncryptedContentInfo,
//!     unprotectedAttrs [1] Attributes OPTIONAL }      authAttrs [1] Attributes OPTIONAL,
//!                                                     mac OCTET STRING,
//! EncryptedContentInfo ::= SEQUENCE {                 unauthAttrs [2] Attributes OPTIONAL }
//!     contentType ContentType,
//!     contentEncryptionAlgorithm AlgorithmIdentifier,
//!     encryptedContent [0] IMPLICIT OCTET STRING OPTIONAL }
//! ```

mod builder;
mod envelope;
mod sink;
mod trial;

pub use builder::{EncryptWriter, EnvelopedDataBuilder};
pub use envelope::{Decrypted, Envelope};
pub use sink::{MemorySink, Sink};
