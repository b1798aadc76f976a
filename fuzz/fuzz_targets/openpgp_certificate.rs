//! Any octets as OpenPGP certificates (armored, binary, in a keybox): they are written and read back as the same, two copies
//! are one, and what is made for others is no more, and serves no worse, than the whole.
#![no_main]

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use libfuzzer_sys::fuzz_target;
use mailseal_core::{Address, Cert, Extent, Handle, KeyFiles, Policy, Protocol, Purpose, Reason};
use mailseal_openpgp::{OpenPgp, agent_keys};

/// How many certificates of one input are looked at.
const CERTS: usize = 4;

fuzz_target!(|octets: &[u8]| {
    for cert in OpenPgp.parse_certs(octets).unwrap_or_default().iter().take(CERTS) {
        check_written(cert);
        // Merging says of some signatures who made them, which makes them larger.
        let merged = OpenPgp.merge(cert, cert);
        check_merged(cert, &merged);
        check_shared(&merged);
        check_keydata(&merged);
        for key in agent_keys(cert).expect("it is an OpenPGP certificate") {
            assert!(cert.answers_to(&key.handle), "a key of another certificate");
        }
    }
});

/// 2026-06-01T00:00:00Z, at which the keys of `testdata` are good.
fn now() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_780_272_000)
}

/// Whether a certificate signs and encrypts; of one that does not, whether it is revoked. Why else depends on what is dropped.
fn uses(cert: &Cert) -> [Result<(), bool>; 2] {
    [Purpose::Sign, Purpose::Encrypt].map(|purpose| {
        let why = OpenPgp.usable(cert, purpose, &Policy::at(now()));
        why.map_err(|why| why == Reason::Revoked)
    })
}

/// The one certificate of what was written.
fn read(written: &[u8]) -> Cert {
    let mut certs = OpenPgp.parse_certs(written).expect("what was written is read");
    assert_eq!(certs.len(), 1, "one was written");
    certs.remove(0)
}

/// What is kept says the same.
fn check_written(cert: &Cert) {
    let again = read(&OpenPgp.write_cert(cert).expect("what was read is written"));
    assert_eq!(facts(&again), facts(cert));
}

/// Two copies say what each says, whichever comes first. Their octets may differ: merging adds to some signatures who made them.
fn check_merged(cert: &Cert, merged: &Cert) {
    for (one, other) in [(cert, cert), (merged, cert), (cert, merged), (merged, merged)] {
        assert_eq!(facts(&OpenPgp.merge(one, other)), facts(cert), "twice the same is another");
    }
}

/// What a certificate says.
fn facts(cert: &Cert) -> (&Handle, &[Address], &[String], Option<SystemTime>, [Result<(), bool>; 2]) {
    (cert.fingerprint(), cert.addresses(), cert.names(), cert.not_after(), uses(cert))
}

/// What others get: of a certificate that is for its owner alone nothing, be it the whole or what a correspondent needs.
fn check_shared(cert: &Cert) {
    let share = |extent| OpenPgp.share_cert(cert, extent, now());
    let (Ok(full), minimal) = (share(Extent::Full), share(Extent::Minimal)) else {
        assert!(share(Extent::Minimal).is_err(), "a part of nothing");
        return;
    };
    let minimal = minimal.expect("the whole is shared");
    assert!(minimal.len() <= full.len(), "more than the whole");
    let (full, minimal) = (read(&full), read(&minimal));
    assert_eq!((full.fingerprint(), minimal.fingerprint()), (cert.fingerprint(), cert.fingerprint()));
    assert_eq!(uses(&minimal), uses(&full), "the part serves otherwise than the whole");
    for part in [&minimal, &full] {
        assert!(part.addresses().iter().all(|address| full.addresses().contains(address)));
        assert_eq!(facts(&OpenPgp.merge(cert, part)), facts(cert), "a part of it makes another");
    }
}

/// The smallest form, where there is one, stands for the address alone and serves as the whole does.
fn check_keydata(cert: &Cert) {
    for address in cert.addresses().iter().take(2) {
        let Ok(smallest) = OpenPgp.keydata(cert, address, &Policy::at(now())) else { continue };
        let smallest = read(&smallest);
        assert_eq!(smallest.fingerprint(), cert.fingerprint());
        assert_eq!(smallest.addresses(), std::slice::from_ref(address));
        assert_eq!(uses(&smallest), [Ok(()), Ok(())]);
        assert!(smallest.encoded().len() <= cert.encoded().len());
    }
}
