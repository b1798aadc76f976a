//! From what stands before a container to the session key that opens it.

use crate::read::password::{self, Container};
use crate::read::session_key;
use mailseal_core::{Decryption, KeySource};
use sequoia_openpgp::crypto::SessionKey;
use sequoia_openpgp::packet::PKESK;
use sequoia_openpgp::types::SymmetricAlgorithm;
use subtle::Choice;

/// The encrypted session keys of a message.
#[derive(Default)]
pub(crate) struct SessionKeys {
    /// For the keys of recipients.
    pub(crate) recipients: Vec<PKESK>,
    /// For passwords.
    pub(crate) passwords: Vec<password::Packet>,
}

/// What came of it, and with which session key.
pub(crate) type Unlocked = (Decryption, Option<(SymmetricAlgorithm, SessionKey)>);

impl SessionKeys {
    /// Tries session keys that are `given`, then the keys at hand, then passphrases, until `opens` takes one. `named` is the cipher
    /// of a container that says it in place of its session keys. `opens` must not take a key that was made up, and must
    /// not be faster with it.
    pub(crate) fn unlock(
        &self,
        container: Container,
        named: Option<SymmetricAlgorithm>,
        given: &[(SymmetricAlgorithm, SessionKey)],
        keys: &dyn KeySource,
        opens: &mut dyn FnMut(Option<SymmetricAlgorithm>, &SessionKey, Choice) -> bool,
    ) -> Unlocked {
        let mut opened_by = None;
        let mut accept = |announced, key: &SessionKey, is_real| {
            let cipher = named.or(announced);
            let opened = opens(cipher, key, is_real);
            if let (true, Some(cipher)) = (opened, cipher) {
                opened_by = Some((cipher, key.clone()));
            }
            opened
        };
        // Sequoia 2.4.2 panics at a key of no octets.
        let fits = |cipher: SymmetricAlgorithm, key: &SessionKey| cipher.key_size().is_ok_and(|size| size == key.len());
        let mut given = given.iter().filter(|(cipher, key)| fits(named.unwrap_or(*cipher), key));
        let given = given.any(|(cipher, key)| accept(Some(*cipher), key, Choice::from(1)));
        let mut outcome = match given {
            true => Decryption::Done,
            false => session_key::find(&self.recipients, named, keys, &mut accept),
        };
        // A password opens it for somebody whose key stays locked; a key that was tried and failed says more.
        if matches!(outcome, Decryption::NoKey | Decryption::Locked) {
            let mut accept = |announced, key: &SessionKey| accept(announced, key, Choice::from(1));
            outcome = match (outcome, password::find(&self.passwords, container, keys, &mut accept)) {
                (_, Decryption::Done) => Decryption::Done,
                (Decryption::Locked, _) => Decryption::Locked,
                (_, other) => other,
            };
        }
        (outcome, opened_by)
    }
}
