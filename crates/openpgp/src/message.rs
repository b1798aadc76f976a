//! What a message turns out to be while Sequoia reads it: its layers as facts, within limits.

use crate::policy::is_weak_cipher;
use crate::verify::MAX_SIGNATURES;
use crate::{names, session_key, signature};
use mailseal_core::{Compression, Context, Decryption, Encryption, Error, Handle, Integrity, Layer, Peeled, Signature};
use sequoia_openpgp::crypto::SessionKey;
use sequoia_openpgp::packet::{PKESK, Packet, SEIP, SKESK, Tag};
use sequoia_openpgp::parse::PacketParser;
use sequoia_openpgp::parse::stream::{
    DecryptionHelper, GoodChecksum, MessageLayer, MessageStructure, VerificationError, VerificationHelper,
    VerificationResult,
};
use sequoia_openpgp::types::SymmetricAlgorithm;
use sequoia_openpgp::{Cert, KeyHandle, Result};

/// The most packets in a message; a mail has about ten.
const MAX_PACKETS: usize = 1024;

/// The facts so far.
#[derive(Default)]
pub(crate) struct Found {
    /// The layers, outermost first; complete once the whole message was read.
    pub(crate) layers: Vec<Layer>,
    /// The limit that was reached.
    pub(crate) limit: Option<Error>,
    wanted: Vec<Handle>,
    defects: Vec<String>,
    /// The containers, outermost first.
    encryptions: Vec<Encryption>,
    /// Recipients of the container that comes next.
    recipients: Vec<Handle>,
    compressions: usize,
    signatures: usize,
    packets: usize,
}

impl Found {
    /// Whether some of it is compressed.
    pub(crate) fn is_compressed(&self) -> bool {
        self.compressions > 0
    }

    /// The facts of a message that was opened.
    pub(crate) fn into_opened(self) -> Peeled {
        let mut peeled = Peeled::default();
        peeled.layers = self.layers;
        peeled.wanted = self.wanted;
        peeled.defects = self.defects;
        peeled
    }

    /// The facts of a message that stays closed. Of encrypted data only the outcome is told, never why (R135); `why` is
    /// for what was never encrypted.
    pub(crate) fn into_closed(self, why: &str) -> Peeled {
        let mut peeled = Peeled::default();
        let failure = self.encryptions.iter().map(|one| one.decryption).find(|outcome| *outcome != Decryption::Done);
        match self.encryptions.into_iter().next() {
            Some(mut outermost) => {
                outermost.decryption = failure.unwrap_or(Decryption::Failed);
                if outermost.decryption == Decryption::NoKey {
                    peeled.wanted = outermost.recipients.iter().filter(|one| !one.is_wildcard()).cloned().collect();
                }
                peeled.layers = vec![Layer::Encrypted(outermost)];
            }
            None => peeled.defects = vec![format!("this is no whole OpenPGP message: {why}")],
        }
        peeled
    }

    /// Notes a packet.
    pub(crate) fn note(&mut self, packet: &Packet) {
        self.packets += 1;
        match packet {
            Packet::PKESK(one) => self.recipients.push(session_key::recipient(one)),
            Packet::SEIP(SEIP::V2(container)) => {
                let cipher = names::cipher(container.symmetric_algo(), Some(container.aead()));
                self.container(Some(Integrity::Aead), Some(cipher));
            }
            Packet::SEIP(_) => self.container(Some(Integrity::Mdc), None),
            Packet::Unknown(one) if one.tag() == Tag::SEIP => self.container(None, None),
            Packet::Unknown(one) if one.tag() == Tag::SED => self.container(Some(Integrity::None), None),
            Packet::Unknown(one) if one.tag() == Tag::AED => self.container(Some(Integrity::Aead), None),
            Packet::CompressedData(_) => self.compressions += 1,
            Packet::OnePassSig(_) | Packet::Signature(_) => self.signatures += 1,
            _ => {}
        }
    }

    /// The containers that were noted, for those who look without a key.
    pub(crate) fn into_encryptions(self) -> Vec<Encryption> {
        self.encryptions
    }

    fn container(&mut self, integrity: Option<Integrity>, cipher: Option<String>) {
        let mut encryption = Encryption::new(Decryption::Failed);
        encryption.integrity = integrity;
        encryption.cipher = cipher;
        encryption.recipients = std::mem::take(&mut self.recipients);
        self.encryptions.push(encryption);
    }

    /// The first limit that is exceeded.
    fn exceeded(&self, max_layers: usize) -> Option<Error> {
        let limits = [
            ("packets of a message", self.packets, MAX_PACKETS),
            // One-pass signature and signature are two packets.
            ("signatures of a message", self.signatures, 2 * MAX_SIGNATURES),
            ("layers of a message", self.encryptions.len() + self.compressions, max_layers),
        ];
        let (what, _, limit) = limits.into_iter().find(|(_, count, limit)| count > limit)?;
        Some(Error::Limit { what, limit: limit as u64 })
    }
}

/// What Sequoia asks while it reads.
pub(crate) struct Helper<'a> {
    pub(crate) with: &'a Context<'a>,
    pub(crate) found: &'a mut Found,
}

impl VerificationHelper for Helper<'_> {
    fn inspect(&mut self, parser: &PacketParser<'_>) -> Result<()> {
        self.found.note(&parser.packet);
        match self.found.exceeded(self.with.policy.max_layers) {
            None => Ok(()),
            Some(limit) => {
                self.found.limit = Some(limit);
                Err(sequoia_openpgp::Error::MalformedMessage("a limit was reached".to_owned()).into())
            }
        }
    }

    /// None: signatures are judged in [`signature::judge`], the same way for detached ones.
    fn get_certs(&mut self, _: &[KeyHandle]) -> Result<Vec<Cert>> {
        Ok(Vec::new())
    }

    /// Called once the whole message was read. Records, never refuses.
    fn check(&mut self, structure: MessageStructure<'_>) -> Result<()> {
        let mut containers = std::mem::take(&mut self.found.encryptions).into_iter();
        let mut done = Vec::new();
        for layer in structure {
            match layer {
                MessageLayer::Compression { algo } => {
                    self.found.layers.push(Layer::Compressed(Compression::new(names::compression(algo))));
                }
                MessageLayer::Encryption { sym_algo, aead_algo } => {
                    let mut container = containers.next().unwrap_or_else(|| Encryption::new(Decryption::Done));
                    container.cipher = Some(names::cipher(sym_algo, aead_algo));
                    container.decryption = Decryption::Done;
                    if is_weak_cipher(sym_algo) {
                        self.found.defects.push(format!("{sym_algo} is a weak cipher"));
                    }
                    done.push(container.clone());
                    self.found.layers.push(Layer::Encrypted(container));
                }
                MessageLayer::SignatureGroup { results } if results.is_empty() => {}
                MessageLayer::SignatureGroup { results } => {
                    let facts: Vec<Signature> = results.iter().map(|result| judge(result, self.with)).collect();
                    self.found.wanted.extend(signature::wanted(&facts));
                    self.found.layers.push(Layer::Signed(facts));
                }
            }
        }
        self.found.encryptions = done;
        Ok(())
    }
}

impl DecryptionHelper for Helper<'_> {
    fn decrypt(
        &mut self,
        packets: &[PKESK],
        _: &[SKESK],
        cipher: Option<SymmetricAlgorithm>,
        accept: &mut dyn FnMut(Option<SymmetricAlgorithm>, &SessionKey) -> bool,
    ) -> Result<Option<Cert>> {
        let outcome = session_key::find(packets, cipher, self.with.keys, accept);
        if let Some(container) = self.found.encryptions.last_mut() {
            container.decryption = outcome;
        }
        Ok(None)
    }
}

/// Judges one signature by the digest that Sequoia took while reading.
fn judge(result: &VerificationResult<'_>, with: &Context<'_>) -> Signature {
    let signature = match result {
        Ok(GoodChecksum { sig, .. }) => sig,
        Err(
            VerificationError::MalformedSignature { sig, .. }
            | VerificationError::MissingKey { sig }
            | VerificationError::UnboundKey { sig, .. }
            | VerificationError::BadKey { sig, .. }
            | VerificationError::BadSignature { sig, .. },
        ) => sig,
        Err(VerificationError::UnknownSignature { sig }) => return signature::unknown(&format!("{:#}", sig.error())),
        Err(_) => return signature::unknown("it is of no known kind"),
    };
    signature::judge(signature, signature.computed_digest(), with)
}
