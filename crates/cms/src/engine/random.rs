//! Randomness of the operating system.

use getrandom::SysRng;
use rand_core::TryRng;
use zeroize::Zeroizing;

use crate::Error;

/// `len` octets from the operating system.
pub(crate) fn random_bytes(len: usize) -> Result<Zeroizing<Vec<u8>>, Error> {
    let mut bytes = Zeroizing::new(vec![0; len]);
    SysRng.try_fill_bytes(&mut bytes).map_err(|_| Error::Random)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    /// Attack 25: keys, nonces and initialisation vectors never repeat.
    #[test]
    fn ten_thousand_draws_are_distinct() {
        let draws: HashSet<Vec<u8>> = (0..10_000).map(|_| random_bytes(16).unwrap().to_vec()).collect();
        assert_eq!(draws.len(), 10_000);
    }
}
