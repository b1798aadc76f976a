//! Microseconds of CPU time a mail, and octets a second: `cargo bench -p mailseal-openpgp`.

#![allow(clippy::unwrap_used, reason = "a bench fails by panicking")]

#[path = "../tests/common/mod.rs"]
mod common;

use common::{Store, cert, credential, encrypt, policy, sign};
use mailseal_core::{Protocol, Sink};
use mailseal_openpgp::OpenPgp;
use mailseal_testkit::timing::{Class, measure};
use sequoia_openpgp::cert::CipherSuite;
use sequoia_openpgp::types::Features;
use std::io::{self, Write};

/// A mail, and a mail with an attachment.
const SIZES: [usize; 2] = [10 << 10, 64 << 20];

fn main() {
    let features = Features::empty().set_seipdv1();
    let with = |suite, features: &Features| {
        let builder = common::builder("alice@example.org").set_cipher_suite(suite);
        builder.set_features(features.clone()).unwrap().generate().unwrap().0
    };
    for (name, key) in [
        ("Curve25519, SEIPDv1", with(CipherSuite::Cv25519, &features)),
        ("Curve25519, SEIPDv2", with(CipherSuite::Cv25519, &features.clone().set_seipdv2())),
        ("RSA-3072, SEIPDv1", with(CipherSuite::RSA3k, &features)),
    ] {
        let by = [credential(&key)];
        let to = [cert(&key)];
        let store = Store::of(&[&key]);
        let policy = policy();
        for size in SIZES {
            let content = b"sixty-two octets of text and the end of a line make it 64 ....\r\n".repeat(size / 64);
            let (_, signature) = sign(&content, &by);
            let blob = encrypt(&content, &to, &by);
            let context = store.context(&policy);
            report(name, "sign", size, || drop(OpenPgp.sign(&content, &by, &policy, &mut Nowhere).unwrap()));
            report(name, "verify", size, || drop(OpenPgp.verify(&content, &signature, &context).unwrap()));
            report(name, "encrypt", size, || OpenPgp.encrypt(&content, &to, &by, &policy, &mut Nowhere).unwrap());
            report(name, "open", size, || drop(OpenPgp.open(&mut &blob[..], &context, &mut Nowhere).unwrap()));
        }
    }
}

/// Takes octets without a copy.
struct Nowhere;

impl Write for Nowhere {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        Ok(std::hint::black_box(octets).len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Sink for Nowhere {
    fn commit(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn rollback(&mut self) {}
}

fn report(name: &str, job: &str, size: usize, work: impl Fn()) {
    let runs = if size > 1 << 20 { 5 } else { 100 };
    let run = |_: usize| {
        work();
        true
    };
    let once = measure(runs, &[Class { name: job, run: Box::new(run) }])[0].median().as_secs_f64();
    println!("{name:20} {job:8} {size:9} octets {:10.0} us {:8.1} MB/s", once * 1e6, size as f64 / once / 1e6);
}
