//! What was found of the keys that were looked at lately: an archive has thousands of mails by the same few.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::Weakness;

/// How many keys are remembered.
const SIZE: usize = 64;

/// The keys of this process.
pub(crate) static LATELY: Lately = Lately::new();

/// Some keys, the last first.
pub(crate) struct Lately(Mutex<VecDeque<Known>>);

/// A public key and what is wrong with it.
struct Known {
    modulus: Vec<u8>,
    exponent: Vec<u8>,
    found: Option<Weakness>,
}

impl Lately {
    const fn new() -> Lately {
        Lately(Mutex::new(VecDeque::new()))
    }

    /// What `look` finds of a key, or found when the same key was asked for lately.
    pub(crate) fn remember(
        &self,
        modulus: &[u8],
        exponent: &[u8],
        look: fn(&[u8], &[u8]) -> Option<Weakness>,
    ) -> Option<Weakness> {
        let is_it = |known: &&Known| known.modulus == modulus && known.exponent == exponent;
        let known = self.keys().iter().find(is_it).map(|known| known.found);
        known.unwrap_or_else(|| {
            let found = look(modulus, exponent);
            let mut keys = self.keys();
            keys.push_front(Known { modulus: modulus.to_vec(), exponent: exponent.to_vec(), found });
            keys.truncate(SIZE);
            found
        })
    }

    fn keys(&self) -> MutexGuard<'_, VecDeque<Known>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_is_looked_at_once_in_a_while() {
        let lately = Lately::new();
        let look = |modulus: &[u8], _: &[u8]| if modulus[0] == 1 { Some(Weakness::Roca) } else { None };
        let never = |_: &[u8], _: &[u8]| Some(Weakness::Pattern);
        assert_eq!(lately.remember(&[1, 1], b"e", look), Some(Weakness::Roca));
        assert_eq!(lately.remember(&[2, 1], b"e", look), None);
        assert_eq!(lately.remember(&[1, 1], b"e", never), Some(Weakness::Roca));
        assert_eq!(lately.remember(&[2, 1], b"e", never), None);
        assert_eq!(lately.remember(&[2, 1], b"f", never), Some(Weakness::Pattern));
        for number in 0..SIZE as u8 {
            lately.remember(&[3, number], b"e", look);
        }
        assert_eq!(lately.remember(&[2, 1], b"e", never), Some(Weakness::Pattern), "forgotten");
    }
}
