//! Passwords that a message is encrypted to, from where the command line says.

use std::{
    env, fmt, io,
    path::{Path, PathBuf},
};

use mailseal_core::Passphrase;
use zeroize::Zeroizing;

use crate::{
    exit::{Exit, Failure},
    secret::{first_line, from_file},
};

/// Where a password is, in the form of the Stateless OpenPGP command line (draft-dkg-openpgp-stateless-cli, "Special
/// Designators").
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    /// A file.
    File(PathBuf),
    /// `@ENV:NAME`.
    Variable(String),
    /// `@FD:N`.
    Descriptor(u32),
}

impl Source {
    /// Reads PASSWORD. A file whose name begins with `@` is `./@…`.
    ///
    /// # Errors
    /// 2 for a descriptor that is no number, 37 for another word after `@`.
    pub(crate) fn parse(text: &str) -> Result<Source, Failure> {
        if let Some(name) = text.strip_prefix("@ENV:") {
            return Ok(Source::Variable(name.to_owned()));
        }
        if let Some(number) = text.strip_prefix("@FD:") {
            let not_one = |_| Failure::new(Exit::Usage, format!("{text} is not a file descriptor"));
            return number.parse().map(Source::Descriptor).map_err(not_one);
        }
        if text.starts_with('@') {
            return Err(Failure::new(Exit::UnsupportedOption, format!("{text} is no place of a password"))
                .hint("@ENV:NAME, @FD:N, or a file; one whose name begins with @ is ./@…"));
        }
        Ok(Source::File(PathBuf::from(text)))
    }

    /// The number of the descriptor, where it is one.
    pub(crate) fn descriptor(&self) -> Option<u32> {
        match self {
            Source::Descriptor(number) => Some(*number),
            _ => None,
        }
    }

    /// The first line of the source, without its line end.
    ///
    /// # Errors
    /// 31 for a password that is empty, too long or not UTF-8; 61 for a source that is missing.
    pub(crate) fn read(&self) -> Result<Passphrase, Failure> {
        let name = self.to_string();
        match self {
            Source::File(path) => from_file(&name, path),
            Source::Descriptor(0) => first_line(&name, io::stdin().lock()),
            Source::Descriptor(number) => from_file(&name, Path::new("/dev/fd").join(number.to_string())),
            Source::Variable(variable) => {
                let missing = || Failure::new(Exit::MissingInput, format!("{name} is not set"));
                let value = env::var_os(variable).filter(|_| is_name(variable)).ok_or_else(missing)?;
                first_line(&name, Zeroizing::new(value.into_encoded_bytes()).as_slice())
            }
        }
    }
}

/// Whether the environment may have a variable of this name.
fn is_name(variable: &str) -> bool {
    !variable.is_empty() && !variable.contains(['=', '\0'])
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::File(path) => path.display().fmt(f),
            Source::Variable(variable) => write!(f, "environment variable {variable}"),
            Source::Descriptor(number) => write!(f, "file descriptor {number}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_told_apart() {
        assert_eq!(Source::parse("pass"), Ok(Source::File("pass".into())));
        assert_eq!(Source::parse("./@ENV:X"), Ok(Source::File("./@ENV:X".into())));
        assert_eq!(Source::parse("@ENV:X"), Ok(Source::Variable("X".to_owned())));
        assert_eq!(Source::parse("@FD:0"), Ok(Source::Descriptor(0)));
        let exit = |text| Source::parse(text).map_err(|failure| failure.exit);
        for bad in ["@FD:", "@FD:x", "@FD:-1"] {
            assert_eq!(exit(bad), Err(Exit::Usage), "{bad}");
        }
        for unknown in ["@", "@pass", "@env:X", "@HARDWARE:1"] {
            assert_eq!(exit(unknown), Err(Exit::UnsupportedOption), "{unknown}");
        }
    }

    #[test]
    fn what_is_missing_is_61_and_what_is_empty_31() {
        let exit = |text: &str| Source::parse(text).and_then(|source| source.read()).map_err(|failure| failure.exit);
        let empty = tempfile::NamedTempFile::new().unwrap();
        for missing in ["/nonexistent", "@ENV:MAILSEAL_NOT_SET", "@ENV:", "@ENV:A=B", "@FD:999"] {
            assert_eq!(exit(missing).err(), Some(Exit::MissingInput), "{missing}");
        }
        assert_eq!(exit(empty.path().to_str().unwrap()).err(), Some(Exit::PasswordNotHumanReadable));
        std::fs::write(empty.path(), "two words \r\nmore\n").unwrap();
        assert_eq!(exit(empty.path().to_str().unwrap()).unwrap().reveal(), "two words ");
    }
}
