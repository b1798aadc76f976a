//! The words and the seams of mailseal.
//!
//! A protocol crate (`mailseal-openpgp`, `mailseal-smime`), a store (`mailseal-keyring`, a mail client's address book)
//! and the message layer (`mailseal`) never know each other. They know this crate: what an [`Address`], a [`Cert`],
//! a [`Signature`] or a [`Judgement`] is, and the four seams where another implementation may be put.
//!
//! | seam | trait |
//! | --- | --- |
//! | wire protocol | [`Protocol`] |
//! | private-key operations | [`SecretKey`] |
//! | look-up | [`CertSource`], [`KeySource`] |
//! | trust | [`Trust`] |
//!
//! This crate is *not* a MIME parser, has no cryptography, does no I/O and reads no clock: the time of judgement is
//! [`Policy::at`], given by the caller.
//!
//! Facts and meaning are different types: [`Check`] says what the mathematics says, [`Judgement`] says what a
//! certificate is worth; what a reader is told is folded from both by the message layer.

mod address;
mod cert;
mod content;
mod credential;
mod digits;
mod error;
mod handle;
mod key_files;
mod keybox;
mod layer;
mod lookup;
mod policy;
mod profile;
mod prompt;
mod protocol;
mod recipients;
mod revision;
mod trust;

pub use address::{Address, AddressError};
pub use cert::{Cert, CertBuilder, Purpose};
pub use content::{Content, MemorySink, Sink};
pub use credential::{Credential, DigestSignature, HashName, SecretKey, Unlock};
pub use digits::Digits;
pub use error::Error;
pub use handle::Handle;
pub use key_files::{Endings, Extent, KeyFiles, Lock, MadeKey, NewKey, Readers, Requested, Revised};
pub use keybox::{KeyboxBlob, KeyboxKind, keybox};
pub use layer::{Check, Compression, Decryption, Encryption, Integrity, Layer, Over, Signature};
pub use lookup::{CertSource, KeySource, NoCerts, NoKeys};
pub use policy::{Policy, Revocation};
pub use profile::{EncryptedForm, InlineForm, MimeProfile, OpaqueForm, SignatureForm};
pub use prompt::{Locked, NoPrompt, Passphrase, Prompt};
pub use protocol::{Context, Encrypted, Peeled, Protocol, ProtocolId, Signed};
pub use recipients::Recipients;
pub use revision::{Part, Revision, RevocationReason};
pub use trust::{By, Judgement, Named, Or, Question, Reason, Trust, TrustExt};
