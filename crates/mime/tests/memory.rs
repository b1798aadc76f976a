//! A message of 1 GiB needs no more memory than a short one (R8).

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use mailseal_mime::prepare::{Options, prepare};
use mailseal_mime::secure::{Secured, recognise, signed_content};
use mailseal_mime::{Limits, Source, Tree};
use mailseal_testkit::memory::peak;
use std::io;

const HEAD: &[u8] = b"From: a@example.org\r\nContent-Type: multipart/signed; boundary=b; protocol=\"x/y\"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n";
const TAIL: &[u8] = b"\r\n--b\r\nContent-Type: x/y\r\n\r\nsignature\r\n--b--\r\n";
const LINE: &[u8] = b"A line of text in a long message, sixty-four octets in length.\r\n";

/// A signed text of any length, made up as it is read.
struct Long {
    lines: u64,
}

impl Source for Long {
    fn len(&self) -> u64 {
        (HEAD.len() + TAIL.len()) as u64 + self.lines * LINE.len() as u64
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        let (text, tail) = (HEAD.len() as u64, self.len() - TAIL.len() as u64);
        if offset < text {
            return HEAD.read_at(offset, buf);
        }
        if offset >= tail {
            return TAIL.read_at(offset - tail, buf);
        }
        let want = usize::try_from(tail - offset).unwrap_or(usize::MAX).min(buf.len());
        let mut at = ((offset - text) % LINE.len() as u64) as usize;
        let mut rest = &mut buf[..want];
        while !rest.is_empty() {
            let count = (LINE.len() - at).min(rest.len());
            rest[..count].copy_from_slice(&LINE[at..at + count]);
            rest = &mut rest[count..];
            at = 0;
        }
        Ok(want)
    }
}

#[test]
fn memory_is_constant() {
    let Some(before) = peak() else {
        eprintln!("skipped: the system does not tell the peak of memory");
        return;
    };
    let source = Long { lines: (1 << 30) / LINE.len() as u64 };
    let tree = Tree::parse(&source, &Limits::default()).unwrap();
    let Some(Secured::Signed(signed)) = recognise(&tree, 0) else { panic!("not signed") };
    assert!(signed.range.end - signed.range.start > 1 << 30);

    let source = Long { lines: (32 << 20) / LINE.len() as u64 };
    let tree = Tree::parse(&source, &Limits::default()).unwrap();
    let Some(Secured::Signed(signed)) = recognise(&tree, 0) else { panic!("not signed") };
    io::copy(&mut signed_content(&source, signed.range), &mut io::sink()).unwrap();
    prepare(&source, &tree, 1, &Options::default()).unwrap().write_to(&mut io::sink()).unwrap();
    assert!(peak().unwrap() - before < 8 << 20, "{} octets more", peak().unwrap() - before);
}
