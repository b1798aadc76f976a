//! Why a message could not be opened or protected.

use mailseal_core::Error as CoreError;
use mailseal_mime::Error as MimeError;

/// The job could not be done. What a correspondent or attacker can cause is never an error but a fact in
/// [`Opened`](crate::Opened).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No mail message, or one beyond the limits.
    #[error(transparent)]
    Mime(#[from] MimeError),
    /// A protocol, a key or a source failed.
    #[error(transparent)]
    Core(#[from] CoreError),
    /// Reading or writing failed.
    #[error("input or output failed: {0}")]
    Io(#[from] std::io::Error),
    /// The draft does not say who writes it: no From, several, or one that is no address.
    #[error("the draft has not exactly one From address")]
    NoAuthor,
    /// A field of the draft that should list addresses does not.
    #[error("the field {field} of the draft is not a list of addresses")]
    BadRecipients {
        /// The field.
        field: String,
    },
    /// Nobody to encrypt to.
    #[error("the message has no recipient")]
    NoRecipient,
    /// No secret key at hand signs for the user.
    #[error("no secret key that can sign for {user}{}", protocol.map(|id| format!(" with {id}")).unwrap_or_default())]
    NoSigner {
        /// The address or handle that was looked for.
        user: String,
        /// The protocol that needs it.
        protocol: Option<mailseal_core::ProtocolId>,
    },
    /// Recipients that cannot be encrypted to; see [`Plan::unreachable`](crate::Plan::unreachable).
    #[error("{} cannot be encrypted to", .0.iter().map(|(address, _)| address.to_string()).collect::<Vec<_>>().join(", "))]
    Unreachable(Vec<(mailseal_core::Address, crate::Obstacle)>),
    /// A part that cannot be opened by itself.
    #[error("part {number} cannot be opened: {why}")]
    Part {
        /// Its number, as asked for.
        number: String,
        /// Why not.
        why: &'static str,
    },
    /// The caller's own mistake.
    #[error("misuse: {0}")]
    Misuse(&'static str),
}
