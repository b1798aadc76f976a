//! What the library could not do, in the words and codes of the command line.

use std::io;

use mailseal::{Address, Error, Obstacle};
use mailseal_core::Error as CoreError;
use mailseal_mime::Error as MimeError;

use crate::exit::{Exit, Failure};

/// An error over the message `name`.
pub(crate) fn of(name: &str, error: Error) -> Failure {
    match error {
        Error::Mime(error) => mime(name, error),
        Error::Core(error) => core(name, error),
        Error::Io(error) => io(name, &error),
        Error::NoAuthor => Failure::new(Exit::BadData, format!("{name}: {error}"))
            .hint("a draft has one field From with one address, or one Sender"),
        Error::BadRecipients { .. } => Failure::new(Exit::BadData, format!("{name}: {error}")),
        Error::NoRecipient => Failure::new(Exit::Usage, format!("{name}: {error}"))
            .hint("--recipient names one, --with-password needs none"),
        Error::NoSigner { .. } => {
            Failure::new(Exit::KeyCannotSign, error.to_string()).hint("--key names a secret key, --user another signer")
        }
        Error::Part { .. } => {
            Failure::new(Exit::Usage, format!("{name}: {error}")).hint("`mailseal inspect` lists the protected parts")
        }
        Error::Unreachable(unreachable) => cannot_encrypt(&unreachable),
        error => Failure::new(Exit::Failure, format!("{name}: {error}")),
    }
}

/// Recipients that stop the message.
fn cannot_encrypt(unreachable: &[(Address, Obstacle)]) -> Failure {
    let each: Vec<_> = unreachable.iter().map(|(address, obstacle)| format!("{address} ({obstacle})")).collect();
    Failure::new(Exit::CertCannotEncrypt, format!("cannot encrypt to {}", each.join(", ")))
        .hint("--cert names a certificate, --missing skip leaves them out")
}

fn mime(name: &str, error: MimeError) -> Failure {
    match error {
        MimeError::Io(error) => io(name, &error),
        error => Failure::new(Exit::BadData, format!("{name}: {error}")),
    }
}

pub(super) fn core(name: &str, error: CoreError) -> Failure {
    match &error {
        CoreError::Io(error) => io(name, error),
        CoreError::Malformed { .. } | CoreError::Limit { .. } => {
            Failure::new(Exit::BadData, format!("{name}: {error}"))
        }
        CoreError::UnknownName { .. } => Failure::new(Exit::UnsupportedOption, error.to_string()),
        CoreError::Unsupported(_) => Failure::new(Exit::UnsupportedAsymmetricAlgo, format!("{name}: {error}")),
        CoreError::Locked(_) => locked(error.to_string()),
        CoreError::CannotSign { .. } => {
            Failure::new(Exit::KeyCannotSign, error.to_string()).hint("--key names another key, --user another signer")
        }
        CoreError::CannotEncrypt { .. } => Failure::new(Exit::CertCannotEncrypt, error.to_string())
            .hint("--cert names another certificate, --missing skip leaves them out"),
        error => Failure::new(Exit::Failure, format!("{name}: {error}")),
    }
}

/// A key that is needed and stays locked.
pub(crate) fn locked(message: impl Into<String>) -> Failure {
    Failure::new(Exit::KeyIsProtected, message).hint(
        "--passphrase-file, -env, -fd, -command give the passphrase that fits, without --batch a terminal is asked",
    )
}

fn io(name: &str, error: &io::Error) -> Failure {
    Failure::writing(name, error)
}
