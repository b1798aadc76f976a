//! What is known of a message, packet by packet, within limits.

use crate::names;
use crate::read::detached::MAX_SIGNATURES;
use crate::read::password::MAX_PASSWORDS;
use crate::read::session_key;
use mailseal_core::{Compression, Decryption, Encryption, Error, Handle, Integrity, Layer, Peeled, Signature};
use sequoia_openpgp::packet::{Packet, SEIP, Tag};
use sequoia_openpgp::types::{AEADAlgorithm, SymmetricAlgorithm};

/// The most packets in a message; a mail has about ten.
pub(crate) const MAX_PACKETS: usize = 1024;
/// The most compressed packets one in another; a mail has one at most.
const MAX_COMPRESSIONS: usize = 2;

/// The facts so far.
#[derive(Default)]
pub(crate) struct Facts {
    /// The encryption container; a message has at most one.
    pub(crate) encryption: Option<Encryption>,
    pub(crate) compressions: Vec<Compression>,
    pub(crate) signatures: Vec<Signature>,
    pub(crate) wanted: Vec<Handle>,
    pub(crate) defects: Vec<String>,
    recipients: Vec<Handle>,
    passwords: usize,
    packets: usize,
    signature_packets: usize,
}

impl Facts {
    /// Notes a packet.
    ///
    /// # Errors
    /// [`Error::Limit`]
    pub(crate) fn note(&mut self, packet: &Packet) -> Result<(), Error> {
        self.packets += 1;
        match packet {
            Packet::PKESK(one) => self.recipients.push(session_key::recipient(one)),
            Packet::SKESK(_) => self.passwords += 1,
            Packet::Unknown(one) if one.tag() == Tag::SKESK => self.passwords += 1,
            Packet::SEIP(SEIP::V2(one)) => {
                let cipher = names::cipher(one.symmetric_algo(), Some(one.aead()));
                self.note_container(Some(Integrity::Aead), Some(cipher));
            }
            Packet::SEIP(_) => self.note_container(Some(Integrity::Mdc), None),
            Packet::Unknown(one) if one.tag() == Tag::SEIP => self.note_container(None, None),
            Packet::Unknown(one) if one.tag() == Tag::SED => self.note_container(Some(Integrity::None), None),
            Packet::Unknown(one) if one.tag() == Tag::AED => self.note_container(Some(Integrity::Aead), None),
            Packet::CompressedData(one) => self.compressions.push(Compression::new(names::compression(one.algo()))),
            Packet::OnePassSig(_) | Packet::Signature(_) => self.signature_packets += 1,
            Packet::Unknown(one) if one.tag() == Tag::Signature => self.signature_packets += 1,
            _ => {}
        }
        let limits = [
            ("packets of a message", self.packets, MAX_PACKETS),
            ("passwords of a message", self.passwords, MAX_PASSWORDS),
            ("compressed packets of a message", self.compressions.len(), MAX_COMPRESSIONS),
            // One-pass signature and signature are two packets.
            ("signatures of a message", self.signature_packets, 2 * MAX_SIGNATURES),
        ];
        match limits.into_iter().find(|(_, count, limit)| count > limit) {
            Some((what, _, limit)) => Err(Error::Limit { what, limit: limit as u64 }),
            None => Ok(()),
        }
    }

    /// Notes the cipher of the container.
    pub(crate) fn note_cipher(&mut self, cipher: SymmetricAlgorithm, aead: Option<AEADAlgorithm>) {
        if let Some(encryption) = self.encryption.as_mut() {
            encryption.cipher = Some(names::cipher(cipher, aead));
        }
    }

    /// Whether a signature was announced or seen.
    pub(crate) fn is_signed(&self) -> bool {
        self.signature_packets > 0
    }

    /// The facts of a message that was opened: encrypted outside, signed inside.
    pub(crate) fn into_opened(self) -> Peeled {
        let mut peeled = Peeled::default();
        peeled.layers.extend(self.encryption.map(Layer::Encrypted));
        peeled.layers.extend(self.compressions.into_iter().map(Layer::Compressed));
        if !self.signatures.is_empty() {
            peeled.layers.push(Layer::Signed(self.signatures));
        }
        peeled.wanted = self.wanted;
        peeled.defects = self.defects;
        peeled
    }

    /// The facts of a message that stays closed. Of encrypted data only the outcome is told, never why (R135); `why` is
    /// for what was never encrypted.
    pub(crate) fn into_closed(self, why: &str) -> Peeled {
        let mut peeled = Peeled::default();
        match self.encryption {
            Some(mut encryption) => {
                if encryption.decryption == Decryption::Done {
                    encryption.decryption = Decryption::Failed;
                }
                // Known only to who has a session key that fits the repeated octets.
                if encryption.integrity == Some(Integrity::Mdc) {
                    encryption.cipher = None;
                }
                if encryption.decryption == Decryption::NoKey {
                    peeled.wanted = encryption.recipients.iter().filter(|one| !one.is_wildcard()).cloned().collect();
                }
                peeled.layers = vec![Layer::Encrypted(encryption)];
            }
            None => peeled.defects = vec![format!("this is no whole OpenPGP message: {why}")],
        }
        peeled
    }

    /// Notes the outermost container, failed until it is opened.
    fn note_container(&mut self, integrity: Option<Integrity>, cipher: Option<String>) {
        let recipients = std::mem::take(&mut self.recipients);
        let passwords = self.passwords;
        self.encryption.get_or_insert_with(|| {
            let mut encryption = Encryption::new(Decryption::Failed);
            encryption.integrity = integrity;
            encryption.cipher = cipher;
            encryption.recipients = recipients;
            encryption.passwords = passwords;
            encryption
        });
    }
}
