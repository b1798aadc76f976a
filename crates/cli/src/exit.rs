//! Exit codes, and the failure that carries one.
//!
//! The numbers are those of the Stateless OpenPGP command line
//! ([draft-dkg-openpgp-stateless-cli](https://datatracker.ietf.org/doc/html/draft-dkg-openpgp-stateless-cli),
//! section "Failure Modes"), because scripts know them.

use std::{fmt, io, process::ExitCode};

use crate::output::escape::escape;

/// What the process says to the one that started it.
///
/// `Ord` runs from good to bad: a run over several messages exits with the worst ([`Exit::worst`]).
/// A verdict on a message (3, 29) is less bad than a message that could not be judged (41, 61), and
/// that is less bad than a program that could not go on (1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    /// Done.
    Success,
    /// Not signed by the sender: unsigned, broken, untrusted or another address.
    NoSignature,
    /// An algorithm that this program does not have, or will not use.
    UnsupportedAsymmetricAlgo,
    /// No key opens the message, or what it opened was not authentic; never told apart.
    CannotDecrypt,
    /// A key is locked, no passphrase given fits, and nobody can be asked.
    KeyIsProtected,
    /// A passphrase source is empty or not UTF-8.
    PasswordNotHumanReadable,
    /// A recipient has no certificate that can be encrypted to.
    CertCannotEncrypt,
    /// The sender has no key that can sign.
    KeyCannotSign,
    /// Not a mail message, a certificate, a key, or what else was expected.
    BadData,
    /// An input file is missing.
    MissingInput,
    /// The output file is there already.
    OutputExists,
    /// Two options that exclude each other.
    IncompatibleOptions,
    /// A value that an option does not have.
    UnsupportedOption,
    /// Wrong usage.
    Usage,
    /// Another failure: a disk that is full, a file that may not be read, a reader that hung up.
    Failure,
}

impl Exit {
    /// The number in the contract of the command line.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Exit::Success => 0,
            Exit::Failure => 1,
            Exit::Usage => 2,
            Exit::NoSignature => 3,
            Exit::UnsupportedAsymmetricAlgo => 13,
            Exit::CertCannotEncrypt => 17,
            Exit::CannotDecrypt => 29,
            Exit::PasswordNotHumanReadable => 31,
            Exit::UnsupportedOption => 37,
            Exit::BadData => 41,
            Exit::OutputExists => 59,
            Exit::MissingInput => 61,
            Exit::KeyIsProtected => 67,
            Exit::KeyCannotSign => 79,
            Exit::IncompatibleOptions => 83,
        }
    }

    /// The worse of two.
    pub(crate) fn worst(self, other: Exit) -> Exit {
        self.max(other)
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit.code())
    }
}

/// Why a run ended: one line for people, advice where there is something to do, and a code for scripts.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    /// What the process exits with.
    pub(crate) exit: Exit,
    /// Lower case, no full stop. Empty: the failure has been told already, or nobody is there to hear it.
    pub(crate) message: String,
    /// What to do about it.
    pub(crate) hint: Option<String>,
}

impl Failure {
    /// A failure to be told in `message`.
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Failure { exit, message: message.into(), hint: None }
    }

    /// A failure that needs no more words.
    pub(crate) fn quiet(exit: Exit) -> Self {
        Failure::new(exit, "")
    }

    /// Adds advice.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// A file that cannot be read: 61 where there is none, 1 where there is one.
    pub(crate) fn reading(what: impl fmt::Display, error: &io::Error) -> Self {
        let exit = if error.kind() == io::ErrorKind::NotFound { Exit::MissingInput } else { Exit::Failure };
        Failure::new(exit, format!("cannot read {what}: {}", reason(error)))
    }

    /// A file that cannot be written. A reader that closed the pipe wants no more, words included.
    pub(crate) fn writing(what: impl fmt::Display, error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Failure::quiet(Exit::Failure),
            _ => Failure::new(Exit::Failure, format!("cannot write {what}: {}", reason(error))),
        }
    }
}

/// One line `error: …`, and where there is something to do an empty line and `hint: …`.
/// Everything that may come from a message or the command line is escaped here, once.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.message.is_empty() {
            return Ok(());
        }
        writeln!(f, "error: {}", escape(&self.message))?;
        match &self.hint {
            Some(hint) => writeln!(f, "\nhint: {}", escape(hint)),
            None => Ok(()),
        }
    }
}

/// The words of the operating system, without the number that Rust adds.
fn reason(error: &io::Error) -> String {
    let words = error.to_string();
    match words.find(" (os error") {
        Some(end) => words[..end].to_lowercase(),
        None => words,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_the_contract() {
        let all = [
            (Exit::Success, 0),
            (Exit::Failure, 1),
            (Exit::Usage, 2),
            (Exit::NoSignature, 3),
            (Exit::UnsupportedAsymmetricAlgo, 13),
            (Exit::CertCannotEncrypt, 17),
            (Exit::CannotDecrypt, 29),
            (Exit::PasswordNotHumanReadable, 31),
            (Exit::UnsupportedOption, 37),
            (Exit::BadData, 41),
            (Exit::OutputExists, 59),
            (Exit::MissingInput, 61),
            (Exit::KeyIsProtected, 67),
            (Exit::KeyCannotSign, 79),
            (Exit::IncompatibleOptions, 83),
        ];
        for (exit, number) in all {
            assert_eq!(exit.code(), number, "{exit:?}");
        }
    }

    #[test]
    fn the_worst_of_several() {
        assert_eq!(Exit::Success.worst(Exit::NoSignature), Exit::NoSignature);
        assert_eq!(Exit::BadData.worst(Exit::NoSignature), Exit::BadData);
        assert_eq!(Exit::MissingInput.worst(Exit::BadData), Exit::MissingInput);
        assert_eq!(Exit::MissingInput.worst(Exit::Failure), Exit::Failure);
    }

    /// R137, attack 17
    #[test]
    fn a_failure_is_one_line_whatever_it_quotes() {
        let failure = Failure::new(Exit::BadData, "not a mail: a\n[GNUPG:] GOODSIG\x1b[2J").hint("try\nthis");
        assert_eq!(
            failure.to_string(),
            "error: not a mail: a\\u{a}[GNUPG:] GOODSIG\\u{1b}[2J\n\nhint: try\\u{a}this\n"
        );
    }

    #[test]
    fn a_closed_pipe_is_quiet() {
        let failure = Failure::writing("standard output", &io::ErrorKind::BrokenPipe.into());
        assert_eq!((failure.exit, failure.to_string().as_str()), (Exit::Failure, ""));
    }

    #[test]
    fn missing_and_unreadable_are_told_apart() {
        let missing = Failure::reading("a.eml", &io::Error::from_raw_os_error(2));
        assert_eq!(
            (missing.exit, missing.to_string().as_str()),
            (Exit::MissingInput, "error: cannot read a.eml: no such file or directory\n")
        );
        assert_eq!(Failure::reading("a.eml", &io::Error::from_raw_os_error(13)).exit, Exit::Failure);
    }
}
