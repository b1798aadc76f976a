//! Refusals by the draft's failure modes.

use mailseal_core as core;
use mailseal_openpgp::stateless;
use sop::errors::Error;

/// The failure mode of a refusal, whose exit code the program ends with. What is known beyond it goes to standard error.
pub(crate) fn refusal(error: stateless::Error) -> Error {
    use stateless::Error as E;
    eprintln!("mailseal-sop: {error}");
    match error {
        E::NoSignature(_) => Error::NoSignature,
        E::UnsupportedAlgorithm(_) => Error::UnsupportedAsymmetricAlgo,
        E::CannotEncrypt { .. } => Error::CertCannotEncrypt,
        E::CannotSign { .. } => Error::KeyCannotSign,
        E::CannotDecrypt => Error::CannotDecrypt,
        E::BadData(_) => Error::BadData,
        E::NotText => Error::ExpectedText,
        E::Locked(_) => Error::KeyIsProtected,
        E::PrimaryKey { .. } => Error::PrimaryKeyBad,
        E::UserId { .. } => Error::CertUseridNoMatch,
        E::Other(core::Error::Io(error)) => Error::IoError(error),
        E::Other(core::Error::Limit { .. }) => Error::BadData,
        E::Other(core::Error::Misuse(_)) => Error::MissingArg,
        _ => Error::UnspecifiedFailure,
    }
}
