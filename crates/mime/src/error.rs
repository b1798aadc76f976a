//! The one error type of this crate: the job could not be done.

use std::io;

/// Why a message could not be parsed, prepared or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The input does not begin with a header field: it is no message.
    #[error("not a mail message: no header field")]
    Malformed,

    /// One of [`Limits`](crate::Limits) is exceeded.
    #[error("the message has more than {limit} {what}")]
    Limit {
        /// What was counted, plural: "octets", "parts", "levels of nesting" ..
        what: &'static str,
        /// The limit that held.
        limit: u64,
    },

    /// A part cannot be put into 7-bit form without changing what may not change.
    #[error("part {part:?} cannot be prepared for signing: {why}")]
    Unpreparable {
        /// Part number, `""` for the root.
        part: String,
        /// Which rule it breaks.
        why: &'static str,
    },

    /// A field name or value that cannot be written.
    #[error("header field {name:?} cannot be written: {why}")]
    Field {
        /// The field's name.
        name: String,
        /// What is wrong with it.
        why: &'static str,
    },

    /// A parameter or argument of the caller that no message can carry.
    #[error("misuse: {0}")]
    Misuse(&'static str),

    /// Reading the source or writing the output failed.
    #[error(transparent)]
    Io(#[from] io::Error),
}
