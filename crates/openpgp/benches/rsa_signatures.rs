//! What the prime factors save in an RSA signature: ours against sequoia-openpgp's own, in turn.
//!
//! `cargo bench -p mailseal-openpgp --bench rsa_signatures`; run as a test, few rounds. docs/performance.md has the numbers.

#![allow(clippy::unwrap_used, reason = "a bench fails by panicking")]

#[path = "../tests/common/mod.rs"]
mod common;

use common::{builder, credential, policy};
use mailseal_core::Protocol;
use mailseal_openpgp::OpenPgp;
use sequoia_openpgp::cert::CipherSuite;
use sequoia_openpgp::serialize::stream::{Armorer, Message, Signer};
use std::io::Write;
use std::time::{Duration, Instant};

const CONTENT: &[u8] = b"Content-Type: text/plain\r\n\r\nHello\r\n";

fn main() {
    let rounds = if std::env::args().any(|argument| argument == "--bench") { 300 } else { 5 };
    for (name, suite) in
        [("RSA-2048", CipherSuite::RSA2k), ("RSA-3072", CipherSuite::RSA3k), ("RSA-4096", CipherSuite::RSA4k)]
    {
        let key = builder("alice@example.org").set_cipher_suite(suite).generate().unwrap().0;
        let (by, policy) = ([credential(&key)], policy());
        let pair = key.primary_key().key().clone().parts_into_secret().unwrap().into_keypair().unwrap();
        let ours = || drop(OpenPgp.sign(&CONTENT.to_vec(), &by, &policy, &mut Vec::new()).unwrap());
        let theirs = || {
            let mut out = Vec::new();
            let message = Armorer::new(Message::new(&mut out)).build().unwrap();
            let mut message = Signer::new(message, pair.clone()).unwrap().detached().build().unwrap();
            message.write_all(CONTENT).unwrap();
            message.finalize().unwrap();
        };
        let timed = |run: &dyn Fn()| {
            let start = Instant::now();
            run();
            start.elapsed()
        };
        let pairs: Vec<_> = (0..rounds).map(|_| (timed(&ours), timed(&theirs))).collect();
        let ratio = pairs.iter().map(|(ours, theirs)| theirs.as_secs_f64() / ours.as_secs_f64());
        let (ours, theirs) = (median(pairs.iter().map(|pair| pair.0)), median(pairs.iter().map(|pair| pair.1)));
        let mut ratio: Vec<_> = ratio.collect();
        ratio.sort_by(f64::total_cmp);
        println!("{name}: {ours:.2?}, without the factors {theirs:.2?}, ratio {:.2}", ratio[rounds / 2]);
    }
}

fn median(times: impl Iterator<Item = Duration>) -> Duration {
    let mut times: Vec<_> = times.collect();
    times.sort();
    times[times.len() / 2]
}
