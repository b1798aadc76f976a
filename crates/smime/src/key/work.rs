//! How much work one passphrase may cost: iteration counts come from whoever wrote the file.

use mailseal_core::Error;

/// The most rounds of hashing that one file is given for one passphrase, over all its parts: seconds, not hours.
/// A fuzzer has no patience.
const ROUNDS: u64 = if cfg!(fuzzing) { 10_000 } else { 20_000_000 };

/// What is left of the rounds.
pub(super) struct Work {
    left: u64,
}

impl Work {
    /// All rounds of one passphrase.
    pub(super) fn new() -> Work {
        Work { left: ROUNDS }
    }

    /// Takes `rounds` away before they are computed.
    ///
    /// # Errors
    /// [`Error::Limit`] when so many are not left.
    pub(super) fn spend(&mut self, rounds: u64) -> Result<(), Error> {
        self.left =
            self.left.checked_sub(rounds).ok_or(Error::Limit { what: "rounds of key derivation", limit: ROUNDS })?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_add_up() {
        let mut work = Work::new();
        work.spend(ROUNDS - 1).unwrap();
        work.spend(1).unwrap();
        assert!(matches!(work.spend(1), Err(Error::Limit { .. })));
        assert!(matches!(Work::new().spend(u64::MAX), Err(Error::Limit { .. })));
    }
}
