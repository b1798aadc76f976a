//! What a message may cost: compression bombs end here.

use crate::pipe::Tally;
use mailseal_core::{Error, Policy};
use sequoia_openpgp::parse::PacketParser;
use std::io::Read;
use std::sync::{Mutex, PoisonError};
use zeroize::Zeroizing;

/// What is read at once.
const CHUNK: usize = 64 << 10;
/// How many times larger than the message its packets may be, once they are larger than [`FREE`].
const MAX_RATIO: u64 = 200;
/// Packets up to this size are never called a bomb.
const FREE: u64 = 16 << 20;
/// The largest packet that is held in memory: a signature of SLH-DSA has 50 KB.
pub(crate) const MAX_PACKET: u32 = 128 << 10;

/// Counts what comes out of the packets against what went in.
pub(crate) struct Budget<'a> {
    tally: &'a Mutex<Tally>,
    max_plaintext: u64,
    spent: u64,
}

impl<'a> Budget<'a> {
    pub(crate) fn new(tally: &'a Mutex<Tally>, policy: &Policy) -> Budget<'a> {
        Budget { tally, max_plaintext: policy.max_plaintext, spent: 0 }
    }

    /// Reads the body of a packet to its end, so that nothing is skipped uncounted; gives every piece to `take`.
    ///
    /// # Errors
    /// [`Error::Limit`] inside; outside what Sequoia says of the message.
    pub(crate) fn drain(
        &mut self,
        packet: &mut PacketParser<'_>,
        mut take: impl FnMut(&[u8]) -> Result<(), Error>,
    ) -> std::io::Result<Result<(), Error>> {
        let mut chunk = Zeroizing::new(vec![0; CHUNK]);
        loop {
            let octets = packet.read(&mut chunk)?;
            if octets == 0 {
                return Ok(Ok(()));
            }
            if let Err(error) = self.spend(octets).and_then(|()| take(&chunk[..octets])) {
                return Ok(Err(error));
            }
        }
    }

    fn spend(&mut self, octets: usize) -> Result<(), Error> {
        self.spent = self.spent.saturating_add(octets as u64);
        if self.spent > self.max_plaintext {
            return Err(Error::Limit { what: "plaintext in octets", limit: self.max_plaintext });
        }
        let read = self.tally.lock().unwrap_or_else(PoisonError::into_inner).octets;
        if self.spent > FREE && self.spent / MAX_RATIO > read {
            return Err(Error::Limit { what: "compression ratio", limit: MAX_RATIO });
        }
        Ok(())
    }
}
