//! Randomness of the operating system.

use getrandom::SysRng;
use mailseal_core::{Error, ProtocolId};
use rand_core::TryRng;
use zeroize::Zeroizing;

/// `len` octets from the operating system.
///
/// # Errors
/// [`Error::Engine`] when it has none.
pub(crate) fn octets(len: usize) -> Result<Zeroizing<Vec<u8>>, Error> {
    let mut octets = Zeroizing::new(vec![0; len]);
    SysRng.try_fill_bytes(&mut octets).map_err(none)?;
    Ok(octets)
}

/// No randomness.
pub(crate) fn none(error: impl std::fmt::Display) -> Error {
    Error::Engine { protocol: ProtocolId::SMIME, why: format!("no randomness: {error}") }
}
