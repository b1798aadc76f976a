//! Why a verb was refused.

use mailseal_core as core;

/// What went wrong, in the words of the draft's failure modes.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Nothing is verified; with what was wrong with each signature.
    #[error("no acceptable signature: {0}")]
    NoSignature(String),
    /// The keys that a certificate has for encryption are of algorithms that are not known here.
    #[error("{0} has only encryption keys of unknown algorithms")]
    UnsupportedAlgorithm(String),
    /// A certificate that cannot be encrypted to.
    #[error("cannot encrypt to {cert}: {why}")]
    CannotEncrypt {
        /// Its fingerprint.
        cert: String,
        /// The reason.
        why: String,
    },
    /// A key that cannot sign.
    #[error("{cert} cannot sign: {why}")]
    CannotSign {
        /// Its fingerprint.
        cert: String,
        /// The reason.
        why: String,
    },
    /// The message stays closed. One word, whatever the cause (R135).
    #[error("the message cannot be decrypted")]
    CannotDecrypt,
    /// The input is not what it should be.
    #[error("{0}")]
    BadData(String),
    /// A text is not UTF-8.
    #[error("this is no text in UTF-8")]
    NotText,
    /// A secret key stays locked.
    #[error("the secret key {0} is locked")]
    Locked(String),
    /// The primary key of a secret key is too weak or revoked.
    #[error("the primary key {key}: {why}")]
    PrimaryKey {
        /// Its fingerprint.
        key: String,
        /// The reason.
        why: core::Reason,
    },
    /// A certificate has no such user ID, or nobody binds it to that.
    #[error("{cert} has no such user ID: {why}")]
    UserId {
        /// Its fingerprint.
        cert: String,
        /// The reason.
        why: String,
    },
    /// Anything else.
    #[error(transparent)]
    Other(core::Error),
}

impl Error {
    /// What is wrong with an input, `otherwise` where nothing more is known.
    pub(crate) fn bad_data(defects: &[String], otherwise: &str) -> Error {
        Error::BadData(if defects.is_empty() { otherwise.to_owned() } else { defects.join(": ") })
    }
}

impl From<core::Error> for Error {
    fn from(error: core::Error) -> Error {
        match error {
            core::Error::Malformed { .. } => Error::BadData(error.to_string()),
            core::Error::CannotSign { cert, why } => Error::CannotSign { cert, why },
            core::Error::CannotEncrypt { cert, why } => Error::CannotEncrypt { cert, why },
            core::Error::Locked(name) => Error::Locked(name),
            other => Error::Other(other),
        }
    }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Error {
        Error::Other(core::Error::Io(error))
    }
}
