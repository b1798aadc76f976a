//! OpenPGP for a program without a memory: what the verbs of the Stateless OpenPGP interface
//! ([draft-dkg-openpgp-stateless-cli](https://datatracker.ietf.org/doc/draft-dkg-openpgp-stateless-cli/)) need beyond
//! [`Protocol`](mailseal_core::Protocol).
//!
//! Everything is in memory and given by the caller, the time included. Reading and judging are those of mail: the same
//! limits, the same policy, and nothing comes out before all of it is authentic.

mod armoring;
mod certification;
mod certs;
mod decryption;
mod encryption;
mod error;
mod generation;
mod inline;
mod keys;
mod lifecycle;
mod session_key;
mod signatures;
mod signing;
mod verification;

pub use crate::write::armor::Form;
pub use crate::write::encrypt::Container;
pub use armoring::{armor, dearmor};
pub use certification::{Authorities, Certifier, OthersUserIds, Wanted};
pub use certs::Certs;
pub use decryption::{Decrypted, Decryptor};
pub use encryption::Encryptor;
pub use error::Error;
pub use generation::{NewKey, Profile, Uses};
pub use inline::detach;
pub use keys::{Keys, Passwords};
pub use lifecycle::{Capabilities, Update};
pub use mailseal_core::{Content, Over, Passphrase};
pub use session_key::SessionKey;
pub use signatures::Signatures;
pub use signing::Signer;
pub use verification::{Verification, Verifier};

/// The version of sequoia-openpgp.
pub fn engine() -> &'static str {
    sequoia_openpgp::VERSION
}

/// The arithmetic back end and its version, for people.
pub fn arithmetic() -> String {
    sequoia_openpgp::crypto::backend()
}
