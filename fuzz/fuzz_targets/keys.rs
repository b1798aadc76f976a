//! Any octets as a file of secret keys, with a passphrase that fits some of the seeds: no panic, nothing held beyond the
//! limits, and what was read is written and read back.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mailseal_core::{KeyFiles, Lock, Locked, Passphrase, Prompt, Protocol};
use mailseal_smime::Smime;
use std::sync::Arc;

/// The passphrase of Alice's files.
struct Alice;

impl Prompt for Alice {
    fn passphrase(&self, _: &Locked, attempt: usize) -> Option<Passphrase> {
        (attempt == 0).then(|| Passphrase::new("alice".to_owned()))
    }
}

fuzz_target!(|octets: &[u8]| {
    let _ = Smime.parse_certs(octets);
    for key in Smime.parse_keys(octets, "fuzz", &[], Arc::new(Alice)).unwrap_or_default() {
        // What is locked apart from its certificate may not open, or not fit.
        let Ok(kept) = Smime.keep_key(&key, Lock::Open) else { continue };
        let again = Smime.parse_keys(&kept, "again", &[], Arc::new(Alice)).expect("what is written is read");
        assert!(again.iter().any(|again| again.cert == key.cert), "the key finds its certificate again");
    }
});
