//! Why a store could not be filled.

use std::path::PathBuf;

/// A file or text that should be a certificate, a key or a pin is not.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or directory could not be read.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// No protocol knows what it is.
    #[error("{name} is not {expected}: {why}")]
    NotRecognised {
        /// What a person knows it by.
        name: String,
        /// What it should have been, e.g. `"a certificate"`.
        expected: &'static str,
        /// What the protocols said.
        why: String,
    },
    /// A line of the pins file has not the form `protocol fingerprint address`.
    #[error("{}, line {line}: a pin is `protocol fingerprint address`", path.display())]
    Pin {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
    },
}
