//! Detached signatures in memory.

use crate::error::engine;
use crate::read::detached;
use crate::stateless::Error;
use crate::stateless::armoring;
use crate::write::armor::{self, Form};
use sequoia_openpgp::Profile;
use sequoia_openpgp::armor::Kind;
use sequoia_openpgp::packet::{self, Packet};
use sequoia_openpgp::serialize::Serialize;
use std::io::Write;

/// Signature packets one after another (RFC 9580 §10.4), not verified.
#[derive(Debug, Clone, Default)]
pub struct Signatures(Vec<u8>);

impl Signatures {
    /// Reads signatures, armored or binary.
    ///
    /// # Errors
    /// [`Error::BadData`] if there is none.
    pub fn read(encoded: &[u8]) -> Result<Signatures, Error> {
        let packets = armoring::packets(encoded)?;
        let mut defects = Vec::new();
        if detached::read(&packets, &mut defects).is_empty() {
            defects.insert(0, "there is no OpenPGP signature".to_owned());
            return Err(Error::BadData(defects.join(": ")));
        }
        Ok(Signatures(packets))
    }

    /// Writes them, in one armored block.
    ///
    /// # Errors
    /// [`Error::Other`]
    pub fn write(&self, form: Form, out: &mut dyn Write) -> Result<(), Error> {
        let new = detached::read(&self.0, &mut Vec::new()).iter().flatten().all(|one| one.version() > 4);
        let profile = if new { Profile::RFC9580 } else { Profile::RFC4880 };
        Ok(armor::write(&self.0, Kind::Signature, profile, form, out)?)
    }

    /// Signatures of these packets.
    pub(crate) fn of(packets: Vec<u8>) -> Signatures {
        Signatures(packets)
    }

    /// These signatures.
    pub(crate) fn of_packets(signatures: &[packet::Signature]) -> Result<Signatures, Error> {
        let mut packets = Vec::new();
        for signature in signatures {
            Packet::from(signature.clone()).serialize(&mut packets).map_err(engine)?;
        }
        Ok(Signatures(packets))
    }

    pub(crate) fn packets(&self) -> &[u8] {
        &self.0
    }
}
