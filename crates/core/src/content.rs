//! Bytes that go in and plaintext that comes out.

use std::io::{self, Write};

/// Bytes that can be written again and are the same each time: hashed once, sent once.
///
/// A message with a 1 GiB attachment is one; it need not be in memory.
pub trait Content {
    /// Writes the whole of it.
    fn write_to(&self, out: &mut dyn Write) -> io::Result<()>;
}

impl Content for [u8] {
    fn write_to(&self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(self)
    }
}

impl Content for Vec<u8> {
    fn write_to(&self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(self)
    }
}

/// Where plaintext goes: any number of `write`, then `commit` once it is authentic (or, for CBC, whole and well-formed),
/// or `rollback`. Nothing leaves before `commit`.
pub trait Sink: Write {
    /// What was written is authentic and may be used.
    fn commit(&mut self) -> io::Result<()>;

    /// What was written is worthless: forget it.
    fn rollback(&mut self);
}

/// A [`Sink`] in memory. Hands its bytes out only after `commit`; wipes them on `rollback`.
#[derive(Default)]
pub struct MemorySink {
    octets: Vec<u8>,
    committed: bool,
}

impl MemorySink {
    /// An empty one.
    pub fn new() -> MemorySink {
        MemorySink::default()
    }

    /// The bytes, if they were committed.
    pub fn into_committed(mut self) -> Option<Vec<u8>> {
        self.committed.then(|| std::mem::take(&mut self.octets))
    }
}

impl Write for MemorySink {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.octets.extend_from_slice(octets);
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Sink for MemorySink {
    fn commit(&mut self) -> io::Result<()> {
        self.committed = true;
        Ok(())
    }

    fn rollback(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.octets);
        self.committed = false;
    }
}

impl Drop for MemorySink {
    fn drop(&mut self) {
        if !self.committed {
            zeroize::Zeroize::zeroize(&mut self.octets);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hands_out_nothing_before_commit() {
        let mut sink = MemorySink::new();
        sink.write_all(b"secret").unwrap();
        assert_eq!(sink.into_committed(), None);

        let mut sink = MemorySink::new();
        sink.write_all(b"plain").unwrap();
        sink.commit().unwrap();
        assert_eq!(sink.into_committed().as_deref(), Some(&b"plain"[..]));

        let mut sink = MemorySink::new();
        sink.write_all(b"forged").unwrap();
        sink.rollback();
        assert_eq!(sink.into_committed(), None);
    }
}
