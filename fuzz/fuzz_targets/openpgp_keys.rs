//! Any octets as a file of OpenPGP secret keys, with a passphrase that fits some of the seeds, taken into a keyring as
//! `key import` does it: what is kept is read back, what comes again changes nothing, and what is taken back stays so.
#![no_main]

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use libfuzzer_sys::fuzz_target;
use mailseal_core::{
    Cert, Context, Credential, Extent, KeyFiles, Lock, Locked, MemorySink, NoPrompt, Part, Passphrase, Policy, Prompt,
    Protocol, Purpose, Readers, Reason, Revision, RevocationReason,
};
use mailseal_openpgp::OpenPgp;

/// How many keys of one input are looked at.
const KEYS: usize = 2;

/// The passphrase of the locked seeds.
struct Horse;

impl Prompt for Horse {
    fn passphrase(&self, _: &Locked, attempt: usize) -> Option<Passphrase> {
        (attempt == 0).then(passphrase)
    }
}

fn passphrase() -> Passphrase {
    Passphrase::new("correct horse".to_owned())
}

/// 2026-06-01T00:00:00Z, at which the keys of `testdata` are good.
fn now() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_780_272_000)
}

fuzz_target!(|octets: &[u8]| {
    for key in OpenPgp.parse_keys(octets, "fuzz", &[], Arc::new(Horse)).unwrap_or_default().iter().take(KEYS) {
        let kept = OpenPgp.keep_key(key, Lock::AsItWas);
        let open = OpenPgp.keep_key(key, Lock::Open);
        assert_eq!(kept.is_ok(), open.is_ok(), "it opens, or it does not");
        let (Ok(kept), Ok(open)) = (kept, open) else { continue };
        check_kept(key, &kept, &open);
        check_old(key);
        check_revoked(key, &kept);
        use_it(key);
    }
});

/// The one key of what was written.
fn read(written: &[u8], prompt: impl Prompt + 'static) -> Credential {
    let mut keys = OpenPgp.parse_keys(written, "again", &[], Arc::new(prompt)).expect("what was written is read");
    assert_eq!(keys.len(), 1, "one was written");
    keys.remove(0)
}

/// Both files have the key; one that comes a second time adds nothing, never takes a lock away, and brings one.
fn check_kept(key: &Credential, kept: &[u8], open: &[u8]) {
    let unlocked = read(open, NoPrompt);
    let was_open = is_open(kept);
    assert!(is_open(open), "a lock came from nowhere");
    let join = |known: &[u8], new, lock| OpenPgp.join(known, new, lock).expect("both open").expect("it has the key");
    for (known, new, lock, opens) in [
        (kept, key, Lock::AsItWas, was_open),
        (kept, key, Lock::Open, was_open),
        (kept, &unlocked, Lock::AsItWas, was_open),
        (open, &unlocked, Lock::AsItWas, true),
        (open, key, Lock::Open, true),
        (open, key, Lock::AsItWas, was_open),
    ] {
        let joined = join(known, new, lock);
        assert_eq!(is_open(&joined), opens, "the lock changed");
        check_file(key, &joined);
        // Once more it is no other.
        let again = join(&joined, new, lock);
        assert_eq!(is_open(&again), opens, "the lock changed");
        check_file(key, &again);
    }
    for file in [kept, open] {
        check_file(key, file);
        OpenPgp.update(file, &key.cert).iter().for_each(|updated| check_file(key, updated));
    }
}

/// Whether a file opens without a passphrase.
fn is_open(file: &[u8]) -> bool {
    OpenPgp.keep_key(&read(file, NoPrompt), Lock::Open).is_ok()
}

/// A file has the key: it opens, so that its secrets belong to it, and its certificate says the same.
fn check_file(key: &Credential, file: &[u8]) {
    let again = read(file, Horse);
    assert!(same(&again.cert, &key.cert), "the key has another certificate");
    OpenPgp.keep_key(&again, Lock::Open).expect("it opens again");
}

/// Whether both say the same. Their octets may differ: merging adds to some signatures who made them.
fn same(one: &Cert, other: &Cert) -> bool {
    let facts = |cert: &Cert| {
        let usable = |purpose| OpenPgp.usable(cert, purpose, &Policy::at(now()));
        // Why else depends on what is dropped, for its owner never signed it.
        let uses =
            [Purpose::Sign, Purpose::Encrypt].map(|purpose| usable(purpose).map_err(|why| why == Reason::Revoked));
        (cert.fingerprint().clone(), cert.addresses().to_vec(), cert.names().to_vec(), cert.not_after(), uses)
    };
    facts(one) == facts(other)
}

/// Behind the lock of old programs it is there too.
fn check_old(key: &Credential) {
    if let Ok(written) = OpenPgp.write_key(key, Some(&passphrase()), Readers::Old) {
        check_file(key, &written);
    }
}

/// A certificate that was taken back is so whichever copy comes first, in the file of its key too.
fn check_revoked(key: &Credential, kept: &[u8]) {
    let revision =
        Revision::Revoke { part: Part::Whole, reason: RevocationReason::Compromised, message: "it was stolen" };
    let Ok(revised) = OpenPgp.revise(key, &revision, now()) else { return };
    // Why else it does not sign depends on what is dropped.
    let of = |cert: &Cert| {
        let usable = OpenPgp.usable(cert, Purpose::Sign, &Policy::at(now() + Duration::from_secs(1)));
        usable.map_err(|why| why == Reason::Revoked)
    };
    let updated = OpenPgp.update(kept, &revised.cert).expect("the revocation is new");
    let again = read(&updated, Horse);
    let whole = [OpenPgp.merge(&key.cert, &revised.cert), OpenPgp.merge(&revised.cert, &key.cert), again.cert];
    let expected = of(&revised.cert);
    // Of one that was good there is nothing else to be said.
    assert!(of(&key.cert).is_err() || expected == Err(true), "{expected:?}");
    for cert in whole {
        assert!(same(&cert, &revised.cert), "{cert:?} instead of {:?}", revised.cert);
        assert_eq!(of(&cert), expected, "the revocation was lost");
    }
    let Ok(shared) = OpenPgp.share_cert(&revised.cert, Extent::Minimal, now()) else { return };
    let shared = OpenPgp.parse_certs(&shared).expect("what was written is read");
    assert_eq!(of(&shared[0]), expected, "the revocation is not told");
}

/// Signs and encrypts to itself, which may fail: its numbers may be any.
fn use_it(key: &Credential) {
    let (policy, content) = (Policy::at(now()), b"Hello\r\n".to_vec());
    let (certs, keys) = (std::slice::from_ref(&key.cert), std::slice::from_ref(key));
    let (known, own) = (Arc::<[Cert]>::from(certs), Arc::<[Credential]>::from(keys));
    let with = Context { policy: &policy, certs: &known, keys: &own };
    let mut signature = Vec::new();
    if OpenPgp.sign(&content, keys, &policy, &mut signature).is_ok() {
        let peeled = OpenPgp.verify(&content, &signature, &with).expect("memory can be read");
        assert!(!peeled.layers.is_empty(), "no signature was made");
    }
    let mut message = Vec::new();
    if OpenPgp.encrypt(&content, certs, &[], &policy, &mut message).is_ok() {
        let mut sink = MemorySink::new();
        OpenPgp.open(&mut message.as_slice(), &with, &mut sink).expect("memory can be read");
        assert!(sink.into_committed().is_none_or(|text| text == content), "another text came out");
    }
}
