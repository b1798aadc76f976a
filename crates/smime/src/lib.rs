//! S/MIME ([RFC 8551](https://www.rfc-editor.org/rfc/rfc8551)) as a protocol of mailseal: keys, certificate paths,
//! messages.
//!
//! [`Smime`] is the [`Protocol`](mailseal_core::Protocol), [`Pkix`] the [`Trust`](mailseal_core::Trust) of X.509 chains.
//! The Cryptographic Message Syntax itself is `mailseal-cms`; this crate says what S/MIME does with it.
//!
//! ```no_run
//! use mailseal_core::{
//!     Context, Layer, NoCerts, NoKeys, NoPrompt, Policy, Protocol, Purpose, Question, Trust,
//! };
//! use mailseal_smime::{Pkix, Smime};
//! use std::{fs, sync::Arc, time::SystemTime};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let policy = Policy::at(SystemTime::now());
//! let keys = Smime.parse_keys(&fs::read("alice.p12")?, "alice.p12", &[], Arc::new(NoPrompt))?;
//! let content = b"Content-Type: text/plain\r\n\r\nHello\r\n".to_vec();
//! let mut signature = Vec::new();
//! Smime.sign(&content, &keys, &policy, &mut signature)?;
//!
//! // What the mathematics says, and what the certificate is worth, are two questions.
//! let with = Context { policy: &policy, certs: &NoCerts, keys: &NoKeys };
//! let peeled = Smime.verify(&content, &signature, &with)?;
//! let pkix = Pkix::with_anchors(&fs::read("anchors.pem")?)?;
//! for layer in &peeled.layers {
//!     let Layer::Signed(signatures) = layer else { continue };
//!     for signature in signatures {
//!         let Some(cert) = &signature.signer else { continue };
//!         let (helpers, crls) = (&peeled.certs, &peeled.crls);
//!         let question =
//!             Question { cert, address: None, purpose: Purpose::Sign, policy: &policy, helpers, crls };
//!         println!("{:?} {:?}", signature.check, pkix.judge(&question));
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! This crate is *not* a MIME library, keeps nothing, fetches nothing (no AIA, no OCSP, no LDAP) and reads no clock.

mod bounded;
mod capabilities;
mod certificate;
mod certs_only;
mod encrypt;
mod files;
mod handle;
mod inspect;
mod key;
mod name;
mod oid;
mod open;
mod parse;
mod pem;
mod pki;
mod profile;
mod protocol;
mod random;
mod roots;
mod sign;
mod trust_settings;
mod usable;
mod verify;

pub use certificate::Certificate;
pub use handle::describe;
pub use key::SoftwareKey;
pub use parse::{parse_anchors, parse_crls};
pub use pki::{Pkix, Policies, issuers_not_at_hand};
pub use protocol::Smime;
pub use roots::MailRoots;
