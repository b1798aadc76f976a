//! A reader that gives few octets at a time, for tests of the borders between reads.

use std::io::{self, Read};

pub(crate) struct Chunked<'a> {
    octets: &'a [u8],
    size: usize,
}

impl<'a> Chunked<'a> {
    pub(crate) fn new(octets: &'a [u8], size: usize) -> Self {
        Self { octets, size }
    }
}

impl Read for Chunked<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let count = buf.len().min(self.size).min(self.octets.len());
        let (now, rest) = self.octets.split_at(count);
        buf[..count].copy_from_slice(now);
        self.octets = rest;
        Ok(count)
    }
}
