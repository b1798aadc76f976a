//! Passphrases, asked for only when a locked key is needed.

use crate::ProtocolId;
use std::fmt;
use zeroize::Zeroizing;

/// A passphrase. Wiped when dropped, never shown.
#[derive(Clone)]
pub struct Passphrase(Zeroizing<String>);

impl Passphrase {
    /// Takes the text; UTF-8, as it was typed.
    pub fn new(text: String) -> Passphrase {
        Passphrase(Zeroizing::new(text))
    }

    /// The text.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase(..)")
    }
}

/// The key that is locked.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Locked {
    /// Its protocol.
    pub protocol: ProtocolId,
    /// What a person knows it by: a file name, a fingerprint, a User ID; text of its author, so escape it.
    pub name: String,
}

impl Locked {
    /// The key of `protocol` that a person knows as `name`.
    pub fn new(protocol: ProtocolId, name: impl Into<String>) -> Locked {
        Locked { protocol, name: name.into() }
    }
}

/// Gives passphrases for locked keys.
///
/// A key asks with `attempt` 0, 1, 2, …, tries each answer and stops at the first that fits; `None` ends it, and the key
/// stays locked ([`Error::Locked`](crate::Error::Locked)). Implementations must end: three wrong answers of a person are
/// enough.
pub trait Prompt: Send + Sync {
    /// The passphrase to try at this attempt.
    fn passphrase(&self, key: &Locked, attempt: usize) -> Option<Passphrase>;
}

/// Nobody to ask.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoPrompt;

impl Prompt for NoPrompt {
    fn passphrase(&self, _: &Locked, _: usize) -> Option<Passphrase> {
        None
    }
}
