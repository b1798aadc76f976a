//! The packets of a message (RFC 9580 §10.3), read in one pass with constant memory.
//!
//! ```text
//! message  = [ESK* container( inner )] | inner
//! inner    = compressed( inner ) | signed
//! signed   = one-pass* literal signature* | signature* literal
//! ```
//! That is less than the grammar of OpenPGP allows: a container inside anything and a signature around a container have no
//! use in mail (R65) and many in attacks. Sequoia holds the grammar besides: nothing before, after or beside (attack 19).
//! Its own streaming decryptor is not used: it can't look at a container before decrypting it, and Sequoia 2.4.2 panics at
//! one that is too short.

use crate::pipe::{Source, Tally};
use crate::policy::{is_weak_cipher, reading};
use crate::read::budget::{Budget, MAX_PACKET};
use crate::read::detached::Digests;
use crate::read::facts::Facts;
use crate::read::librepgp::{Chunks, Header, Wrapped};
use crate::read::open::Besides;
use crate::read::password::{self, Container};
use crate::read::unlock::SessionKeys;
use crate::read::{prefix, signature};
use mailseal_core::{Context, Decryption, Error, Sink};
use sequoia_openpgp::anyhow;
use sequoia_openpgp::crypto::SessionKey;
use sequoia_openpgp::packet::{self, Packet, SEIP, Tag};
use sequoia_openpgp::parse::buffered_reader::BufferedReader;
use sequoia_openpgp::parse::{Dearmor, PacketParser, PacketParserBuilder, PacketParserResult, Parse};
use sequoia_openpgp::policy::{Policy, StandardPolicy};
use sequoia_openpgp::types::{AEADAlgorithm, SymmetricAlgorithm};
use std::io::{Read, Write};
use std::sync::Mutex;
use subtle::Choice;

/// The shortest body of a SEIPD version 1 packet: a block of random octets, two of them again, the MDC packet.
const SHORTEST_CONTAINER: usize = 16 + 2 + 22;
/// Containers one in another: encryption, compression, compression.
const MAX_DEPTH: u8 = 3;
/// Why reading ended early.
pub(crate) enum Stop {
    /// The job could not be done.
    Job(Error),
    /// The message is at fault.
    Message(String),
}

impl From<anyhow::Error> for Stop {
    fn from(error: anyhow::Error) -> Stop {
        Stop::Message(format!("{error:#}"))
    }
}

impl From<std::io::Error> for Stop {
    fn from(error: std::io::Error) -> Stop {
        Stop::Message(error.to_string())
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Stop {
        Stop::Job(error)
    }
}

/// A message that is being read.
pub(crate) struct Message<'a> {
    with: &'a Context<'a>,
    policy: StandardPolicy<'static>,
    facts: &'a mut Facts,
    besides: &'a mut Besides,
    budget: Budget<'a>,
    session_keys: SessionKeys,
    signatures: Vec<Result<packet::Signature, packet::Unknown>>,
    /// Digests for signatures that stand before the literal data; for the others Sequoia takes them.
    digests: Digests,
    has_literal: bool,
    is_inside: bool,
    needs_mdc: bool,
    last_is_mdc: bool,
}

impl<'a> Message<'a> {
    pub(crate) fn new(
        with: &'a Context<'a>,
        facts: &'a mut Facts,
        tally: &'a Mutex<Tally>,
        besides: &'a mut Besides,
    ) -> Message<'a> {
        Message {
            with,
            policy: reading(with.policy.at),
            facts,
            besides,
            budget: Budget::new(tally, with.policy),
            session_keys: SessionKeys::default(),
            signatures: Vec::new(),
            digests: Digests::default(),
            has_literal: false,
            is_inside: false,
            needs_mdc: false,
            last_is_mdc: false,
        }
    }

    /// Writes the plaintext to `into`, not yet committed. `Ok` means that the whole was read, authentic and well-formed.
    pub(crate) fn read(mut self, source: Source<'_>, into: &mut dyn Sink) -> Result<(), Stop> {
        self.packets(source, Dearmor::Auto(Default::default()), into).map_err(|stop| self.told(stop))?;
        self.finish()
    }

    /// In a container of version 1 nothing is authentic before its end, so that whoever changed it must not learn that it is
    /// beyond a limit now: it is one more way to fail (R135). How large it is without compression, everybody can see.
    fn told(&self, stop: Stop) -> Stop {
        match stop {
            Stop::Job(Error::Limit { what, limit }) if self.needs_mdc => {
                if limit == self.with.policy.max_plaintext && self.facts.compressions.is_empty() {
                    return Stop::Job(Error::Limit { what, limit });
                }
                Stop::Message(format!("{what}: more than {limit}"))
            }
            other => other,
        }
    }

    fn packets(&mut self, source: impl Read + Send + Sync, dearmor: Dearmor, into: &mut dyn Sink) -> Result<(), Stop> {
        let mut parser = PacketParserBuilder::from_reader(source)?
            .dearmor(dearmor)
            .max_recursion_depth(MAX_DEPTH)
            .max_packet_size(MAX_PACKET)
            .build()?;
        let end = loop {
            let mut parsed = match parser {
                PacketParserResult::Some(parsed) => parsed,
                PacketParserResult::EOF(end) => break end,
            };
            self.facts.note(&parsed.packet)?;
            if parsed.packet.tag() == Tag::AED {
                return self.decrypt_librepgp(parsed, into);
            }
            self.policy.packet(&parsed.packet)?;
            parsed.possible_message()?;
            match parsed.packet {
                Packet::SEIP(_) => self.decrypt(&mut parsed)?,
                Packet::CompressedData(_) if self.facts.is_signed() => {
                    return Err(Stop::Message("compressed data inside a signature".to_owned()));
                }
                Packet::CompressedData(_) => {}
                Packet::Literal(_) => self.copy(&mut parsed, into)?,
                Packet::Unknown(ref one) if one.tag() == Tag::SKESK => {
                    let wrapped = Wrapped::read(parsed.data_eof()?);
                    self.session_keys.passwords.extend(wrapped.map(password::Packet::LibrePgp));
                    self.budget.drain(&mut parsed, |_| Ok(()))??;
                }
                _ => self.budget.drain(&mut parsed, |_| Ok(()))??,
            }
            let (done, next) = parsed.recurse()?;
            self.keep(done);
            parser = next;
        };
        Ok(end.is_message()?)
    }

    /// Opens the container with a key at hand.
    fn decrypt(&mut self, container: &mut PacketParser<'_>) -> Result<(), Stop> {
        self.is_outermost(container)?;
        let (v2, aead, form) = match &container.packet {
            Packet::SEIP(SEIP::V2(seip)) => (Some(seip.symmetric_algo()), Some(seip.aead()), Container::Two),
            _ => (None, None, Container::One),
        };
        if v2.is_none() && container.data(SHORTEST_CONTAINER).map_or(0, <[u8]>::len) < SHORTEST_CONTAINER {
            return Err(Stop::Message("the container is too short".to_owned()));
        }
        self.unlock(form, v2, aead, &mut |cipher, key, is_real| {
            // Of version 1 a key that was made up may look right, and of version 2 none does.
            let may_open = match (v2, cipher) {
                (None, Some(cipher)) => prefix::repeats(container, cipher, key) & is_real,
                _ => Choice::from(1),
            };
            bool::from(may_open) && container.decrypt(cipher, key).is_ok()
        })?;
        self.needs_mdc = v2.is_none();
        Ok(())
    }

    /// Opens LibrePGP's container, after which nothing may stand, and reads what is in it.
    fn decrypt_librepgp(&mut self, mut container: PacketParser<'_>, into: &mut dyn Sink) -> Result<(), Stop> {
        self.is_outermost(&container)?;
        let header = Header::read(&mut container)?;
        let mut opens = |cipher, key: &SessionKey, is_real| {
            let start = container.data(header.first()).unwrap_or_default();
            // The first chunk is tried with whatever key there is, so that a made-up one takes as long.
            header.is_opened_by(key, start) & (cipher == Some(header.cipher)) & bool::from(is_real)
        };
        let key = self.unlock(Container::LibrePgp, None, Some(header.aead), &mut opens)?;
        let mut chunks = Chunks::new(header, key, &mut container);
        self.is_inside = true;
        self.packets(&mut chunks, Dearmor::Disabled, into)?;
        let is_whole = chunks.is_whole();
        match container.next()?.1 {
            PacketParserResult::EOF(_) if is_whole => Ok(()),
            _ => Err(Stop::Message("something stands behind the container".to_owned())),
        }
    }

    /// A container is in nothing else, and behind nothing but session keys.
    fn is_outermost(&self, container: &PacketParser<'_>) -> Result<(), Stop> {
        let is_first = !self.is_inside && !self.facts.is_signed() && !self.has_literal;
        match container.recursion_depth() == 0 && is_first && self.facts.compressions.is_empty() {
            true => Ok(()),
            false => Err(Stop::Message("encrypted data inside something else".to_owned())),
        }
    }

    /// Finds the session key that opens a container, and notes how that went.
    fn unlock(
        &mut self,
        container: Container,
        named: Option<SymmetricAlgorithm>,
        aead: Option<AEADAlgorithm>,
        opens: &mut dyn FnMut(Option<SymmetricAlgorithm>, &SessionKey, Choice) -> bool,
    ) -> Result<SessionKey, Stop> {
        let given = &self.besides.session_keys;
        let (outcome, opened_by) = self.session_keys.unlock(container, named, given, self.with.keys, opens);
        self.besides.opened_by.clone_from(&opened_by);
        if let Some(encryption) = self.facts.encryption.as_mut() {
            encryption.decryption = outcome;
        }
        match (outcome, opened_by) {
            (Decryption::Done, Some((cipher, key))) => {
                self.facts.note_cipher(cipher, aead);
                self.policy.symmetric_algorithm(cipher)?;
                if is_weak_cipher(cipher) {
                    self.facts.defects.push(format!("{cipher} is a weak cipher"));
                }
                Ok(key)
            }
            _ => Err(Stop::Message("no session key".to_owned())),
        }
    }

    /// Copies the literal data.
    fn copy(&mut self, literal: &mut PacketParser<'_>, into: &mut dyn Sink) -> Result<(), Stop> {
        self.has_literal = true;
        self.digests = Digests::new(self.signatures.iter().filter_map(|one| one.as_ref().ok()));
        let digests = &mut self.digests;
        Ok(self.budget.drain(literal, |octets| {
            digests.write_all(octets)?;
            into.write_all(octets)?;
            Ok(())
        })??)
    }

    /// Keeps what is needed of a packet that was read.
    #[allow(deprecated, reason = "only SEIPD version 1 has the packet, and that is deprecated")]
    fn keep(&mut self, done: Packet) {
        self.last_is_mdc = matches!(&done, Packet::MDC(mdc) if mdc.valid());
        match done {
            Packet::PKESK(one) => self.session_keys.recipients.push(one),
            Packet::SKESK(one) => self.session_keys.passwords.push(password::Packet::Standard(one)),
            Packet::Signature(one) => self.signatures.push(Ok(one)),
            Packet::Unknown(one) if one.tag() == Tag::Signature => self.signatures.push(Err(one)),
            _ => {}
        }
    }

    /// The whole was read: its integrity, then its signatures.
    fn finish(self) -> Result<(), Stop> {
        if self.needs_mdc && !self.last_is_mdc {
            return Err(Stop::Message("the container was changed".to_owned()));
        }
        if !self.has_literal {
            return Err(Stop::Message("it has no content".to_owned()));
        }
        let judge = |one: &Result<packet::Signature, packet::Unknown>| match one {
            Ok(one) if one.level() > 0 => signature::unknown("it is a signature over other signatures"),
            Ok(one) => self.digests.judge(one, one.computed_digest(), self.with),
            Err(one) => signature::unknown(&format!("{:#}", one.error())),
        };
        let facts = self.facts;
        facts.signatures = self.signatures.iter().map(judge).collect();
        self.besides.signatures = self.signatures.into_iter().flatten().collect();
        facts.wanted = signature::wanted(&facts.signatures).collect();
        if facts.encryption.is_none() && facts.compressions.is_empty() && facts.signatures.is_empty() {
            return Err(Stop::Message("it is neither encrypted nor signed".to_owned()));
        }
        Ok(())
    }
}
