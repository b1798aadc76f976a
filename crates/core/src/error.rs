//! Why a job could not be done.

use crate::ProtocolId;

/// The job could not be done: no usable input, I/O, limits, misuse.
///
/// What a correspondent or an attacker can cause (a bad signature, a missing key, tampering) is never an `Error` but a
/// fact in [`Peeled`](crate::Peeled), because a client must still show that message.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Reading or writing failed.
    #[error("input or output failed: {0}")]
    Io(#[from] std::io::Error),
    /// The caller's data is not what it should be: `what` names the thing, `why` the place or cause.
    #[error("malformed {what}: {why}")]
    Malformed {
        /// The thing that was read, e.g. `"OpenPGP certificate"`.
        what: &'static str,
        /// What is wrong with it; may hold text of its author, so escape it before showing.
        why: String,
    },
    /// A limit of the [`Policy`](crate::Policy) or of a parser was reached.
    #[error("{what} exceeds the limit of {limit}")]
    Limit {
        /// What was counted.
        what: &'static str,
        /// The limit.
        limit: u64,
    },
    /// An algorithm or form that this build does not know.
    #[error("unsupported: {0}")]
    Unsupported(String),
    /// A choice that is made by name, and a name that it does not have.
    #[error("there is no {what} {name}; there are {known}")]
    UnknownName {
        /// What is chosen.
        what: &'static str,
        /// The name that was given; escape it before showing.
        name: String,
        /// The names that there are, for people.
        known: String,
    },
    /// A secret key is locked and no passphrase fits or nobody can be asked.
    #[error("the secret key {0} is locked")]
    Locked(String),
    /// The credential cannot sign (no signing key, wrong key usage, expired, revoked).
    #[error("{cert} cannot sign: {why}")]
    CannotSign {
        /// Fingerprint of the certificate.
        cert: String,
        /// Why not.
        why: String,
    },
    /// The certificate cannot be encrypted to.
    #[error("cannot encrypt to {cert}: {why}")]
    CannotEncrypt {
        /// Fingerprint of the certificate.
        cert: String,
        /// Why not.
        why: String,
    },
    /// The private-key operation itself failed (a token, an agent).
    #[error("the operation with the secret key failed: {0}")]
    Key(String),
    /// The arithmetic failed where it cannot (out of randomness, an internal error of an engine).
    #[error("{protocol} failed: {why}")]
    Engine {
        /// Which protocol.
        protocol: ProtocolId,
        /// What the engine said.
        why: String,
    },
    /// The caller's own mistake.
    #[error("misuse: {0}")]
    Misuse(&'static str),
}

impl Error {
    /// `Malformed` in short.
    pub fn malformed(what: &'static str, why: impl ToString) -> Error {
        Error::Malformed { what, why: why.to_string() }
    }
}
