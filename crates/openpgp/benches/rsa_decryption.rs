//! What the prime factors save when a message is opened: ours against sequoia-openpgp's own, interleaved.
//!
//! `cargo bench -p mailseal-openpgp --bench rsa_decryption [ROUNDS]`; run as a test, few rounds. docs/performance.md has the
//! numbers.

#![allow(clippy::unwrap_used, reason = "a bench fails by panicking")]

#[path = "../tests/common/mod.rs"]
mod common;
mod sequoia;

use common::{Store, builder, cert, encrypt, policy};
use mailseal_core::{MemorySink, Protocol};
use mailseal_openpgp::OpenPgp;
use mailseal_testkit::timing::{Class, measure};
use sequoia_openpgp::cert::CipherSuite;

fn main() {
    let usual = if std::env::args().any(|argument| argument == "--bench") { 300 } else { 5 };
    let rounds = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(usual);
    println!("a message of 1 KiB: {rounds} runs of each, CPU time");
    for (name, suite) in
        [("RSA-2048", CipherSuite::RSA2k), ("RSA-3072", CipherSuite::RSA3k), ("RSA-4096", CipherSuite::RSA4k)]
    {
        let key = builder("alice@example.org").set_cipher_suite(suite).generate().unwrap().0;
        let message = encrypt(&[b'x'; 1024], &[cert(&key)], &[]);
        let (store, policy, pair) = (Store::of(&[&key]), policy(), sequoia::pair(&key));
        let ours = |_: usize| {
            let mut sink = MemorySink::new();
            OpenPgp.open(&mut &message[..], &store.context(&policy), &mut sink).unwrap();
            sink.into_committed().is_some()
        };
        let theirs = |_: usize| sequoia::opens(&message, &pair);
        assert!(ours(0) && theirs(0), "both open it");
        let timings = measure(
            rounds,
            &[Class { name: "ours", run: Box::new(ours) }, Class { name: "theirs", run: Box::new(theirs) }],
        );
        let (ours, theirs) = (timings[0].median(), timings[1].median());
        let ratio = theirs.as_secs_f64() / ours.as_secs_f64();
        println!("{name}: {ours:.2?}, without the factors {theirs:.2?}, ratio {ratio:.2}");
    }
}
