//! Opening: decrypts, decompresses and verifies what is inside, and lets nothing out before all of it is authentic.

use crate::facts::Facts;
use crate::message::{Message, Stop};
use crate::pipe::Source;
use mailseal_core::{Context, Error, Peeled, Sink};
use std::io::Read;
use std::sync::PoisonError;

/// Opens a message, armored or binary. Whatever is wrong with it, `into` is rolled back and not one octet is committed
/// (R66); a failure of decryption has one word, whatever its cause (R135).
pub(crate) fn open(
    blob: &mut (dyn Read + Send + Sync),
    with: &Context<'_>,
    into: &mut dyn Sink,
) -> Result<Peeled, Error> {
    let (source, tally) = Source::new(blob);
    let mut facts = Facts::default();
    let outcome = Message::new(with, &mut facts, &tally).read(source, into);

    if let Some(error) = tally.lock().unwrap_or_else(PoisonError::into_inner).error.take() {
        into.rollback();
        return Err(Error::Io(error));
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
