//! What of a message an answer quotes.

use super::{Recipients, Reply};
use crate::Encrypt;
use std::fmt;

/// Why nothing is quoted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unquoted {
    /// There is no plain text; HTML is never quoted (R120).
    NoPlainText,
    /// The message came encrypted, and the answer will not be (R118).
    NotEncrypted,
    /// The message came encrypted, and the answer goes to somebody whom neither the encryption nor the author's signature
    /// names ([`Recipients::Unprotected`]).
    UnprotectedRecipients,
}

impl fmt::Display for Unquoted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Unquoted::NoPlainText => "there is no plain text",
            Unquoted::NotEncrypted => "the message came encrypted and the answer is not",
            Unquoted::UnprotectedRecipients => "the message came encrypted and nothing vouches for the recipients",
        })
    }
}

impl Reply {
    /// The text to quote, as it came: the text/plain Main Body Part of the Payload, without Legacy Display Elements (R113).
    /// What stands in layers inside the Payload is never in it (R119). `answer` says whether the answer will be encrypted.
    ///
    /// Recipients that the author of the answer adds are his own word; those of [`Reply::header`] are not, and they decide.
    ///
    /// # Errors
    /// Why nothing is quoted.
    pub fn quote(&self, answer: Encrypt) -> Result<&str, Unquoted> {
        if self.came_encrypted && answer != Encrypt::Always {
            return Err(Unquoted::NotEncrypted);
        }
        if self.came_encrypted && self.recipients == Recipients::Unprotected {
            return Err(Unquoted::UnprotectedRecipients);
        }
        self.text.as_deref().ok_or(Unquoted::NoPlainText)
    }
}
