//! Between Sequoia's streams, which must be `Send + Sync`, and ours, which need not.

use crate::error::{engine, output};
use crate::read::armor::Armor;
use mailseal_core::{Content, Error};
use sequoia_openpgp::serialize::stream::Message;
use std::io::{self, Read, Write};
use std::sync::{Arc, Mutex, PoisonError};

/// Where Sequoia writes: a buffer that is emptied after each write from above, and so stays small.
#[derive(Clone, Default)]
pub(crate) struct Spill(Arc<Mutex<Vec<u8>>>);

impl Spill {
    /// Writes what has gathered to `out`.
    fn empty_into(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut octets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        out.write_all(&octets)?;
        octets.clear();
        Ok(())
    }
}

impl Write for Spill {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(octets);
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes the whole of `content` through `message`, whose lowest writer is `spill`, to `out`, and flushes that.
pub(crate) fn pour(
    content: &dyn Content,
    mut message: Message<'_>,
    spill: &Spill,
    out: &mut dyn Write,
) -> Result<(), Error> {
    content.write_to(&mut Through { message: &mut message, spill, out }).map_err(output)?;
    message.finalize().map_err(engine)?;
    spill.empty_into(out)?;
    out.flush()?;
    Ok(())
}

struct Through<'a, 'm> {
    message: &'a mut Message<'m>,
    spill: &'a Spill,
    out: &'a mut dyn Write,
}

impl Write for Through<'_, '_> {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        let written = self.message.write(octets)?;
        self.spill.empty_into(self.out)?;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What came of reading a [`Source`].
#[derive(Default)]
pub(crate) struct Tally {
    /// Octets read.
    pub(crate) octets: u64,
    /// The error of the reader below, which no parser may take for a fault of the message.
    pub(crate) error: Option<io::Error>,
    /// What stands around the armor.
    pub(crate) armor: Armor,
}

/// Watches what Sequoia reads and keeps the reader's own errors.
pub(crate) struct Source<'a> {
    blob: &'a mut (dyn Read + Send + Sync),
    tally: Arc<Mutex<Tally>>,
}

impl<'a> Source<'a> {
    pub(crate) fn new(blob: &'a mut (dyn Read + Send + Sync)) -> (Source<'a>, Arc<Mutex<Tally>>) {
        let tally = Arc::new(Mutex::new(Tally::default()));
        (Source { blob, tally: tally.clone() }, tally)
    }

    /// Reads what Sequoia left, so that the tally has seen the whole. An error is in the tally.
    pub(crate) fn read_rest(blob: &mut (dyn Read + Send + Sync), tally: &Arc<Mutex<Tally>>) {
        let mut rest = Source { blob, tally: tally.clone() };
        drop(io::copy(&mut rest, &mut io::sink()));
        tally.lock().unwrap_or_else(PoisonError::into_inner).armor.finish();
    }
}

impl Read for Source<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
        match self.blob.read(buffer) {
            Ok(octets) => {
                tally.octets = tally.octets.saturating_add(octets as u64);
                tally.armor.watch(&buffer[..octets]);
                Ok(octets)
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(error),
            Err(error) => {
                let copy = io::Error::new(error.kind(), error.to_string());
                tally.error = Some(error);
                Err(copy)
            }
        }
    }
}
