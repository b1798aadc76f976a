use std::io;

use zeroize::Zeroizing;

/// Where plaintext goes before it is known to be good.
///
/// Nothing of it may be shown, stored or acted upon before [`commit`](Self::commit). An implementation must not judge
/// what it is given: an error that depends on the plaintext would tell an attacker about it.
///
/// A file that has its name only once its content is good:
///
/// ```
/// use std::fs::{self, File};
/// use std::io::{self, Write};
/// use std::path::PathBuf;
///
/// use mailseal_cms::enveloped_data::Sink;
///
/// struct FileSink {
///     file: File,
///     unfinished: PathBuf,
///     finished: PathBuf,
/// }
///
/// impl Sink for FileSink {
///     fn write(&mut self, plaintext: &[u8]) -> io::Result<()> {
///         self.file.write_all(plaintext)
///     }
///
///     fn commit(&mut self) -> io::Result<()> {
///         self.file.sync_all()?;
///         fs::rename(&self.unfinished, &self.finished)
///     }
///
///     fn rollback(&mut self) {
///         let _ = fs::remove_file(&self.unfinished);
///     }
/// }
/// ```
pub trait Sink {
    /// Takes the next octets.
    ///
    /// # Errors
    /// Only for want of space and the like.
    fn write(&mut self, plaintext: &[u8]) -> io::Result<()>;

    /// Everything was written, and it is authentic if the cipher can say so, well padded if it cannot.
    ///
    /// # Errors
    /// Whatever keeps the plaintext from being kept.
    fn commit(&mut self) -> io::Result<()>;

    /// Something was wrong: what was written is to be forgotten.
    fn rollback(&mut self);
}

/// Holds the plaintext in memory and gives it out once it is committed.
#[derive(Default)]
pub struct MemorySink {
    plaintext: Zeroizing<Vec<u8>>,
    committed: bool,
}

impl MemorySink {
    /// An empty sink.
    pub fn new() -> Self {
        Self::default()
    }

    /// The plaintext; `None` unless it was committed.
    pub fn into_plaintext(self) -> Option<Zeroizing<Vec<u8>>> {
        self.committed.then_some(self.plaintext)
    }
}

impl Sink for MemorySink {
    fn write(&mut self, plaintext: &[u8]) -> io::Result<()> {
        self.plaintext.extend_from_slice(plaintext);
        Ok(())
    }

    fn commit(&mut self) -> io::Result<()> {
        self.committed = true;
        Ok(())
    }

    fn rollback(&mut self) {
        self.plaintext = Zeroizing::default();
    }
}

impl std::fmt::Debug for MemorySink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MemorySink").field("committed", &self.committed).finish_non_exhaustive()
    }
}
