//! S/MIME ([RFC 8551](https://www.rfc-editor.org/rfc/rfc8551)) as a protocol of mailseal: keys, certificate paths,
//! messages.
//!
//! [`Smime`] is the [`Protocol`](mailseal_core::Protocol), [`Pkix`] the [`Trust`](mailseal_core::Trust) of X.509 chains.
//! The Cryptographic Message Syntax itself is `mailseal-cms`; this crate says what S/MIME does with it.
//!
//! This crate is *not* a MIME library, keeps nothing, fetches nothing (no AIA, no OCSP, no LDAP) and reads no clock.

mod bounded;
mod capabilities;
mod certificate;
mod certs_only;
mod encrypt;
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
mod sign;
mod usable;
mod verify;

pub use certificate::Certificate;
pub use key::SoftwareKey;
pub use parse::parse_crls;
pub use pki::Pkix;
pub use protocol::Smime;
