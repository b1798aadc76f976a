//! One toolkit for PGP/MIME and S/MIME: whole mail messages in, whole mail messages out, one honest verdict for both.
//!
//! [`Mail`] is put together once from protocols, sources of certificates and keys, trust and rules. [`Mail::compose`] makes
//! protected messages of a draft, [`Mail::open`] takes the layers off a message and says whose it is.
//!
//! This crate is *not* a mail client: it sends, fetches and renders nothing, reads no clock and no configuration, and asks
//! nobody but the [`Prompt`] that it is given. It blocks; give it a worker.

#![forbid(unsafe_code)]

mod error;
mod mail;
mod open;
mod protocols;
mod reply;
mod send;
mod verdict;

pub use error::Error;
pub use mail::Mail;
pub use open::{
    Autocrypt, AutocryptKey, Encryption, Errant, Form, HeaderField, Inline, InlineSignature, JudgedSignature,
    MainBodyPart, Opened, Payload, PeeledLayer, Sender, Summary, Timing, Why,
};
pub use protocols::Protocols;
pub use reply::{Answer, Recipients, Reply, Unquoted};
pub use send::{Compose, Copy, Encrypt, Group, Missing, Obstacle, Outgoing, Plan, Reachable, SignedForm, User};
pub use verdict::{
    CertificateVerdict, ErrantVerdict, HeaderVerdict, LayerVerdict, SCHEMA, SenderStatus, SenderVerdict,
    SignatureVerdict, SummaryWord, Verdict, schema,
};

pub use mailseal_core::{
    Address, By, Cert, CertSource, Check, Credential, Decryption, Handle, Judgement, KeySource, Layer, Named, NoPrompt,
    Passphrase, Policy, Prompt, Protocol, ProtocolId, Reason, Revocation, SecretKey, Trust, TrustExt,
};
pub use mailseal_mime::Source;
pub use mailseal_mime::autocrypt::PreferEncrypt;
pub use mailseal_mime::header_protection::{Confidential, HeaderPolicy, Protection, Scheme};

/// OpenPGP, the protocol of PGP/MIME.
#[cfg(feature = "openpgp")]
pub use mailseal_openpgp as openpgp;
/// S/MIME: protocol, keys and X.509 trust.
#[cfg(feature = "smime")]
pub use mailseal_smime as smime;
