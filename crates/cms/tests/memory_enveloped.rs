//! Content of any size passes through in constant memory, on encrypting and on decrypting.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail anywhere")]

use std::fs::File;
use std::io::{self, BufReader, Read};

use mailseal_cms::ContentInfo;
use mailseal_cms::algorithm::ContentCipher;
use mailseal_cms::engine::DecryptionKey;
use mailseal_cms::enveloped_data::{Envelope, EnvelopedDataBuilder, Sink};
use mailseal_cms::recipient::{Recipient, RecipientId};
use mailseal_testkit::memory::peak;

mod support;
use support::{certificate, key};

const SIZE: u64 = 16 << 20;
/// Octets by which the memory of the process may grow: a 64 KiB window and what the arithmetic needs.
const GROWTH: u64 = 4 << 20;

/// Counts what is written and forgets it.
#[derive(Default)]
struct Count {
    octets: u64,
    committed: bool,
}

impl Sink for Count {
    fn write(&mut self, plaintext: &[u8]) -> io::Result<()> {
        assert!(plaintext.iter().all(|octet| *octet == 7));
        self.octets += plaintext.len() as u64;
        Ok(())
    }

    fn commit(&mut self) -> io::Result<()> {
        self.committed = true;
        Ok(())
    }

    fn rollback(&mut self) {
        panic!("nothing is wrong with the message");
    }
}

/// One test, for the memory is that of the process.
#[test]
fn memory_is_constant() {
    let Some(before) = peak() else {
        eprintln!("skipped: the system does not tell the memory of a process");
        return;
    };
    let (bob, directory) = (key("bob"), tempfile::tempdir().unwrap());
    let path = directory.path().join("sealed");
    for cipher in [ContentCipher::Aes256Gcm, ContentCipher::Aes256Cbc] {
        let recipient = Recipient::from_certificate(&certificate("bob")).unwrap();
        let file = File::create(&path).unwrap();
        let mut writer = EnvelopedDataBuilder::new(cipher).recipient(recipient).encrypt(file).unwrap();
        io::copy(&mut io::repeat(7).take(SIZE), &mut writer).unwrap();
        writer.finish().unwrap();

        let lookup = |_: &RecipientId| Some(&bob as &dyn DecryptionKey);
        let mut count = Count::default();
        let info = ContentInfo::open(BufReader::new(File::open(&path).unwrap())).unwrap();
        Envelope::open(info).unwrap().decrypt(&lookup, &mut count).unwrap();
        assert_eq!((count.octets, count.committed), (SIZE, true));
    }
    let growth = peak().unwrap() - before;
    assert!(growth < GROWTH, "memory grew by {growth} octets");
}
