//! Content of any size passes through in constant memory, on signing and on verifying.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail anywhere")]

use std::io::{self, Read, Write};

use mailseal_cms::ContentInfo;
use mailseal_cms::ber::encode;
use mailseal_cms::signed_data::{Check, Content, Flaw, SignedDataBuilder, Signer, Verifier};
use mailseal_testkit::memory::peak;

mod support;
use support::{certificate, key, no_lookup};

const SIZE: u64 = 64 << 20;
/// Octets by which the memory of the process may grow: a 64 KiB window and what the arithmetic needs.
const GROWTH: u64 = 4 << 20;

/// Counts what is written and forgets it.
#[derive(Default)]
struct Count(u64);

impl Write for Count {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.0 += octets.len() as u64;
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The beginning of an opaque message with zeros as content, up to `segments` segments of 16 KiB, and then `tail`.
fn message(head: Vec<u8>, segments: u64, tail: Vec<u8>) -> impl Read {
    const SEGMENT: usize = 16 << 10;
    let segment = encode::tlv(encode::OCTET_STRING, &[0; SEGMENT]);
    let length = segments * segment.len() as u64;
    io::Cursor::new(head).chain(Repeat { segment, at: 0 }.take(length)).chain(io::Cursor::new(tail))
}

struct Repeat {
    segment: Vec<u8>,
    at: usize,
}

impl Read for Repeat {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = out.len().min(self.segment.len() - self.at);
        out[..count].copy_from_slice(&self.segment[self.at..self.at + count]);
        self.at = (self.at + count) % self.segment.len();
        Ok(count)
    }
}

/// One test, for the memory is that of the process.
#[test]
fn memory_is_constant() {
    let Some(before) = peak() else {
        eprintln!("skipped: the system does not tell the memory of a process");
        return;
    };
    let key = key("bob");
    let builder = || SignedDataBuilder::new().signer(Signer::new(&certificate("bob"), &key).unwrap());
    let mut zeros = io::repeat(0).take(SIZE);
    let mut opaque = builder().opaque(Count::default()).unwrap();
    io::copy(&mut zeros, &mut opaque).unwrap();
    assert!(opaque.finish().unwrap().0 > SIZE);

    // The message is made again as it is read: what stands before and after the content comes from a short one.
    let mut signed = builder().opaque(Vec::new()).unwrap();
    signed.write_all(&[0; 16 << 10]).unwrap();
    let short = signed.finish().unwrap();
    let segment = encode::tlv(encode::OCTET_STRING, &[0; 16 << 10]);
    let at = short.windows(segment.len()).position(|window| window == segment).unwrap();
    let (head, tail) = (short[..at].to_vec(), short[at + segment.len()..].to_vec());
    for (segments, expected) in [(1, Check::Valid), (SIZE >> 14, Check::DigestMismatch)] {
        let info = ContentInfo::open(message(head.clone(), segments, tail.clone())).unwrap();
        let mut count = Count::default();
        let report = Verifier::new(&no_lookup).verify(info, Content::Embedded(&mut count)).unwrap();
        assert_eq!((count.0, &report.signers[0].check), (segments << 14, &expected));
    }

    let mut zeros = io::repeat(0).take(SIZE);
    let mut detached = builder().detached().unwrap();
    io::copy(&mut zeros, &mut detached).unwrap();
    let signature = detached.finish().unwrap();
    let mut write = |out: &mut dyn Write| io::copy(&mut io::repeat(0).take(SIZE), out).map(drop);
    let info = ContentInfo::open(&signature[..]).unwrap();
    let report = Verifier::new(&no_lookup).verify(info, Content::Detached(&mut write)).unwrap();
    assert_eq!(report.signers[0].check, Check::Valid);

    // Content that should not be there is read past, too.
    let info = ContentInfo::open(message(head, SIZE >> 14, tail)).unwrap();
    let mut nothing = |_: &mut dyn Write| Ok(());
    let report = Verifier::new(&no_lookup).verify(info, Content::Detached(&mut nothing)).unwrap();
    assert_eq!(report.signers[0].check, Check::Malformed(Flaw::ContentEmbedded));

    let growth = peak().unwrap() - before;
    assert!(growth < GROWTH, "memory grew by {growth} octets");
}
