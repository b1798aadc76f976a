//! Opening: decrypts, decompresses and verifies what is inside, and lets nothing out before all of it is authentic.

use crate::pipe::Source;
use crate::read::facts::Facts;
use crate::read::message::{Message, Stop};
use mailseal_core::{Context, Error, Peeled, Sink};
use sequoia_openpgp::crypto::SessionKey;
use sequoia_openpgp::packet;
use sequoia_openpgp::types::SymmetricAlgorithm;
use std::io::Read;
use std::sync::PoisonError;

/// Opens a message, armored or binary. Whatever is wrong with it, `into` is rolled back and not one octet is committed
/// (R66); a failure of decryption has one word, whatever its cause (R135).
pub(crate) fn open(
    blob: &mut (dyn Read + Send + Sync),
    with: &Context<'_>,
    into: &mut dyn Sink,
) -> Result<Peeled, Error> {
    open_besides(blob, with, &mut Besides::default(), into)
}

/// What a reader without a mail in mind wants of a message besides.
#[derive(Default)]
pub(crate) struct Besides {
    /// Session keys to be tried before any key of a recipient; of version 2 the container knows the cipher.
    pub(crate) session_keys: Vec<(SymmetricAlgorithm, SessionKey)>,
    /// The session key that opened the container.
    pub(crate) opened_by: Option<(SymmetricAlgorithm, SessionKey)>,
    /// The signature packets, as they were.
    pub(crate) signatures: Vec<packet::Signature>,
}

/// As [`open`], and fills `besides`.
pub(crate) fn open_besides(
    blob: &mut (dyn Read + Send + Sync),
    with: &Context<'_>,
    besides: &mut Besides,
    into: &mut dyn Sink,
) -> Result<Peeled, Error> {
    let (source, tally) = Source::new(blob);
    let mut facts = Facts::default();
    let mut outcome = Message::new(with, &mut facts, &tally, besides).read(source, into);
    if outcome.is_ok() {
        Source::read_rest(blob, &tally);
    }

    let mut tally = tally.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(error) = tally.error.take() {
        into.rollback();
        return Err(Error::Io(error));
    }
    if outcome.is_ok() && tally.armor.blocks > 1 {
        outcome = Err(Stop::Message("there is more than one armored block".to_owned()));
    }
    if tally.armor.text_around {
        facts.defects.push("text around the ASCII armor was left out".to_owned());
    }
    match outcome {
        Ok(()) => {
            into.commit()?;
            Ok(facts.into_opened())
        }
        Err(Stop::Job(error)) => {
            into.rollback();
            Err(error)
        }
        Err(Stop::Message(why)) => {
            into.rollback();
            Ok(facts.into_closed(&why))
        }
    }
}
