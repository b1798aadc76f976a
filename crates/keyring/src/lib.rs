//! Certificates, secret keys and pins: what a run or a person has at hand.
//!
//! [`Store`] holds them in memory, of every protocol side by side; [`Keyring`] fills one from a directory. Both are
//! sources ([`CertSource`](mailseal_core::CertSource), [`KeySource`](mailseal_core::KeySource)) and only ever compare:
//! they know no cryptography and no file format, and ask every [`Protocol`](mailseal_core::Protocol) in turn what a file is.
//!
//! [`Shared`] finds certificates in the directory that OpenPGP programs share.
//!
//! [`Folder`] writes into the keyring's directory, when a person says so.
//!
//! This crate is *not* a key manager: it makes no keys, fetches nothing, and finding a certificate here does not make it
//! trusted. [`Pins`] do that, and they are made by a person.

mod directory;
mod error;
mod folder;
mod keys;
mod pins;
mod shared;
mod store;

pub use directory::Keyring;
pub use error::Error;
pub use folder::{Folder, Place};
pub use pins::Pins;
pub use shared::Shared;
pub use store::{All, Store};
