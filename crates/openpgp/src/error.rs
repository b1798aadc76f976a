//! Errors of sequoia-openpgp as errors of `mailseal-core`.

use mailseal_core::{Error, ProtocolId};
use sequoia_openpgp::anyhow;
use std::io;

/// What the engine said, with the cause that matters on top: a `core` error of a [`SecretKey`](mailseal_core::SecretKey)
/// passes through, I/O stays I/O.
pub(crate) fn engine(error: anyhow::Error) -> Error {
    let error = match error.downcast::<Error>() {
        Ok(error) => return error,
        Err(error) => error,
    };
    match error.downcast::<io::Error>() {
        Ok(error) => output(error),
        Err(error) => Error::Engine { protocol: ProtocolId::OPENPGP, why: format!("{error:#}") },
    }
}

/// An I/O error; one that carries an error of the engine or of a key is unwrapped.
pub(crate) fn output(error: io::Error) -> Error {
    match error.downcast::<Error>() {
        Ok(error) => error,
        Err(error) => Error::Io(error),
    }
}
