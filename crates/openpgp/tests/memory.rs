//! A large message is signed, verified, encrypted and opened in a constant amount of memory.
//!
//! One test in a program of its own: the peak of its memory is what is measured.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

mod common;

use common::{Store, cert, checks, credential, policy, shape};
use mailseal_core::{Check, Content, Protocol, Sink};
use mailseal_openpgp::OpenPgp;
use mailseal_testkit::memory::peak;
use sequoia_openpgp::Profile;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Write};
use std::path::Path;

const SIZE: u64 = 256 << 20;
const LIMIT: u64 = 64 << 20;

/// Lines of text that are in no memory.
struct Large;

impl Content for Large {
    fn write_to(&self, out: &mut dyn Write) -> io::Result<()> {
        let block = b"sixty-two octets of text and the end of a line make it 64 ....\r\n".repeat(1024);
        (0..SIZE / block.len() as u64).try_for_each(|_| out.write_all(&block))
    }
}

/// Counts and keeps nothing.
#[derive(Default)]
struct Counter {
    octets: u64,
    committed: bool,
}

impl Write for Counter {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.octets += octets.len() as u64;
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Sink for Counter {
    fn commit(&mut self) -> io::Result<()> {
        self.committed = true;
        Ok(())
    }

    fn rollback(&mut self) {
        self.octets = 0;
    }
}

#[test]
fn a_large_message_needs_little_memory() {
    let alice = common::generate("alice@example.org", sequoia_openpgp::cert::CipherSuite::Cv25519);
    let new = common::builder("new@example.org").set_profile(Profile::RFC9580).unwrap().generate().unwrap().0;
    let store = Store::of(&[&alice, &new]);
    let policy = policy();
    let with = store.context(&policy);

    let mut signature = Vec::new();
    OpenPgp.sign(&Large, &[credential(&alice)], &policy, &mut signature).unwrap();
    assert_eq!(checks(&OpenPgp.verify(&Large, &signature, &with).unwrap()), [Check::Valid]);

    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("mailseal-openpgp-large");
    for recipient in [&alice, &new] {
        let mut out = BufWriter::new(File::create(&file).unwrap());
        OpenPgp.encrypt(&Large, &[cert(recipient)], &[credential(&alice)], &policy, &mut out).unwrap();
        drop(out);
        let mut blob = BufReader::new(File::open(&file).unwrap());
        let mut counter = Counter::default();
        let peeled = OpenPgp.open(&mut blob, &with, &mut counter).unwrap();
        assert_eq!(shape(&peeled), ["encrypted Done", "signed 1"]);
        assert_eq!(checks(&peeled), [Check::Valid]);
        assert!(counter.committed);
        assert_eq!(counter.octets, SIZE);
        if let Some(peak) = peak() {
            eprintln!("peak {} MiB", peak >> 20);
            assert!(peak < LIMIT, "{} MiB", peak >> 20);
        }
    }
    std::fs::remove_file(&file).unwrap();
}
