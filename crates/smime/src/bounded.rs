//! A sink that takes no more than the policy allows.

use mailseal_cms::enveloped_data;
use mailseal_core::{Error, Sink};
use std::io::{self, Write};

/// The caller's sink with a limit.
pub(crate) struct Bounded<'a> {
    sink: &'a mut dyn Sink,
    limit: u64,
    taken: u64,
}

impl<'a> Bounded<'a> {
    /// At most `limit` octets for `sink`.
    pub(crate) fn new(sink: &'a mut dyn Sink, limit: u64) -> Bounded<'a> {
        Bounded { sink, limit, taken: 0 }
    }

    /// [`Error::Limit`] if more was offered.
    ///
    /// # Errors
    /// That one.
    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.taken > self.limit {
            return Err(Error::Limit { what: "octets of plaintext", limit: self.limit });
        }
        Ok(())
    }

    /// What was written may be used.
    pub(crate) fn commit(&mut self) -> io::Result<()> {
        self.sink.commit()
    }

    /// What was written is to be forgotten.
    pub(crate) fn rollback(&mut self) {
        self.sink.rollback();
    }
}

impl Write for Bounded<'_> {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.taken = self.taken.saturating_add(octets.len() as u64);
        if self.taken > self.limit {
            return Err(io::Error::other("more plaintext than allowed"));
        }
        self.sink.write_all(octets)?;
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.sink.flush()
    }
}

impl enveloped_data::Sink for Bounded<'_> {
    fn write(&mut self, plaintext: &[u8]) -> io::Result<()> {
        self.write_all(plaintext)
    }

    fn commit(&mut self) -> io::Result<()> {
        self.sink.commit()
    }

    fn rollback(&mut self) {
        self.sink.rollback();
    }
}
