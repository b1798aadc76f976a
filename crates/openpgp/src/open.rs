//! Opening: decrypts, decompresses and verifies what is inside, and lets nothing out before all of it is authentic.

use crate::message::{Found, Helper};
use crate::pipe::{Source, Tally};
use crate::policy::reading;
use mailseal_core::{Context, Error, Peeled, Policy, Sink};
use sequoia_openpgp::parse::Parse;
use sequoia_openpgp::parse::stream::DecryptorBuilder;
use std::io::Read;
use std::sync::{Mutex, PoisonError};
use zeroize::Zeroizing;

/// What Sequoia holds back; reading more than that at once makes it buffer without bound.
const HELD_BACK: usize = 256 << 10;
/// What is read at once.
const CHUNK: usize = 64 << 10;
/// How many times larger than the message a compressed plaintext may be, once it is larger than [`FREE_PLAINTEXT`].
const MAX_RATIO: u64 = 200;
/// Plaintext up to this size is never called a bomb.
const FREE_PLAINTEXT: u64 = 16 << 20;

/// Opens a message, armored or binary. Whatever is wrong with it, `into` is rolled back and not one octet is committed
/// (R66); a failure of decryption has one word, whatever its cause (R135).
pub(crate) fn open(
    blob: &mut (dyn Read + Send + Sync),
    with: &Context<'_>,
    into: &mut dyn Sink,
) -> Result<Peeled, Error> {
    let (source, tally) = Source::new(blob);
    let mut found = Found::default();
    let outcome = transfer(source, &tally, with, into, &mut found);

    let reader = tally.lock().unwrap_or_else(PoisonError::into_inner).error.take();
    if let Some(error) = reader.map(Error::Io).or(found.limit.take()) {
        into.rollback();
        return Err(error);
    }
    match outcome {
        Ok(()) if !found.layers.is_empty() => {
            into.commit()?;
            Ok(found.into_opened())
        }
        Ok(()) => {
            into.rollback();
            Ok(found.into_closed("it is neither encrypted nor signed"))
        }
        Err(Stop::Job(error)) => {
            into.rollback();
            Err(error)
        }
        Err(Stop::Message(why)) => {
            into.rollback();
            Ok(found.into_closed(&why))
        }
    }
}

/// Why the work ended early.
enum Stop {
    /// The job could not be done.
    Job(Error),
    /// The message is at fault.
    Message(String),
}

/// Writes the plaintext to `into`. `Ok` means that Sequoia consumed the whole message by its grammar (RFC 9580 §10.3) and
/// found every container authentic.
fn transfer(
    source: Source<'_>,
    tally: &Mutex<Tally>,
    with: &Context<'_>,
    into: &mut dyn Sink,
    found: &mut Found,
) -> Result<(), Stop> {
    let policy = reading(with.policy.at);
    let mut decryptor = DecryptorBuilder::from_reader(source)
        .and_then(|builder| builder.buffer_size(HELD_BACK).with_policy(&policy, with.policy.at, Helper { with, found }))
        .map_err(|error| Stop::Message(format!("{error:#}")))?;

    let mut chunk = Zeroizing::new(vec![0; CHUNK]);
    let mut plaintext: u64 = 0;
    loop {
        let octets = decryptor.read(&mut chunk).map_err(|error| Stop::Message(error.to_string()))?;
        if octets == 0 {
            break;
        }
        plaintext = plaintext.saturating_add(octets as u64);
        let ciphertext = tally.lock().unwrap_or_else(PoisonError::into_inner).octets;
        let compressed = decryptor.helper_ref().found.is_compressed();
        check_size(plaintext, ciphertext, compressed, with.policy).map_err(Stop::Job)?;
        into.write_all(&chunk[..octets]).map_err(|error| Stop::Job(Error::Io(error)))?;
    }
    if decryptor.message_processed() { Ok(()) } else { Err(Stop::Message("it does not end".to_owned())) }
}

/// Compression bombs end here.
fn check_size(plaintext: u64, ciphertext: u64, compressed: bool, policy: &Policy) -> Result<(), Error> {
    if plaintext > policy.max_plaintext {
        return Err(Error::Limit { what: "plaintext in octets", limit: policy.max_plaintext });
    }
    if compressed && plaintext > FREE_PLAINTEXT && plaintext / MAX_RATIO > ciphertext {
        return Err(Error::Limit { what: "compression ratio", limit: MAX_RATIO });
    }
    Ok(())
}
