//! Why the agent did not do what it was asked.

use std::io;
use std::path::PathBuf;

/// The agent or the keyring of GnuPG could not be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no keyring in the folder.
    #[error("there is no GnuPG keyring in {0}")]
    NoKeyring(PathBuf),
    /// A file could not be read.
    #[error("cannot read {path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The keyring is not one.
    #[error("{path}: {source}")]
    Keyring {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: mailseal_core::Error,
    },
    /// No agent answers, and none could be started.
    #[error("the agent of GnuPG cannot be reached: {0}")]
    Unreachable(String),
    /// The conversation broke off.
    #[error("the agent of GnuPG does not answer: {0}")]
    Lost(io::Error),
    /// The agent said something that it may not say.
    #[error("the agent of GnuPG says what it may not: {0}")]
    Protocol(&'static str),
    /// The agent refused; a code of libgpg-error without its source, and its words.
    #[error("the agent of GnuPG refuses: {words}")]
    Refused {
        /// The code.
        code: u32,
        /// The agent's own words; escape them before showing.
        words: String,
    },
}

/// Wrong or no passphrase, a question that was cancelled or timed out, nobody to ask, loopback forbidden (libgpg-error,
/// `err-codes.h`).
const LOCKED: [u32; 10] = [11, 62, 85, 86, 87, 99, 177, 198, 251, 277];

/// A passphrase or a PIN that is wrong.
const WRONG: [u32; 2] = [11, 87];

/// No such secret key.
const NO_SECRET_KEY: u32 = 17;

impl Error {
    /// Whether the key is there and stays locked.
    pub(crate) fn is_locked(&self) -> bool {
        matches!(self, Error::Refused { code, .. } if LOCKED.contains(code))
    }

    /// Whether the passphrase was wrong.
    pub(crate) fn is_wrong_passphrase(&self) -> bool {
        matches!(self, Error::Refused { code, .. } if WRONG.contains(code))
    }

    /// Whether the agent has no such key.
    pub(crate) fn is_no_key(&self) -> bool {
        matches!(self, Error::Refused { code, .. } if *code == NO_SECRET_KEY)
    }

    /// As the seam of secret keys says it, of the key that people know as `name`.
    pub(crate) fn of_key(self, name: &str) -> mailseal_core::Error {
        if self.is_locked() {
            mailseal_core::Error::Locked(name.to_owned())
        } else {
            mailseal_core::Error::Key(self.to_string())
        }
    }
}
