//! What the owner of a certificate may say anew.

use crate::{Address, Handle, Purpose};
use std::time::SystemTime;

/// A change of a certificate, signed by its own key.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Revision<'a> {
    /// The certificate and the keys in it that are in use end then, or never.
    End(Option<SystemTime>),
    /// It stands for one address more.
    AddAddress {
        /// The address.
        address: &'a Address,
        /// The owner's name, for people.
        name: Option<&'a str>,
    },
    /// It has one key more, locked as the key that signs the change is.
    AddKey {
        /// What the key is for.
        purpose: Purpose,
        /// The kind of key by its name in lower case; that of the certificate's other keys where there is none.
        algorithm: Option<&'a str>,
        /// End of its validity; that of the certificate where there is none.
        to: Option<SystemTime>,
    },
    /// Something is taken back.
    Revoke {
        /// What.
        part: Part<'a>,
        /// Why.
        reason: RevocationReason,
        /// For people; mostly empty.
        message: &'a str,
    },
}

/// What of a certificate is taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part<'a> {
    /// The certificate.
    Whole,
    /// Every name in it with this address.
    Address(&'a Address),
    /// One of its keys.
    Key(&'a Handle),
}

/// Why something is taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum RevocationReason {
    /// Nothing is said: whatever was signed counts no more.
    #[default]
    Unspecified,
    /// Somebody else may have the secret key: whatever was signed counts no more.
    Compromised,
    /// Another one took its place: as of a time before that, what it signed counts.
    Superseded,
    /// It is not used any more: as of a time before that, what it signed counts.
    Retired,
}
