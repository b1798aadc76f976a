//! Opening: whatever CMS object is there, by the type it says itself to be (R42).

use crate::bounded::Bounded;
use crate::key::{KeyAdapter, seam_error};
use crate::{handle, inspect, verify};
use mailseal_cms::algorithm::PasswordEncryption;
use mailseal_cms::compressed_data;
use mailseal_cms::engine::DecryptionKey;
use mailseal_cms::enveloped_data::Envelope;
use mailseal_cms::recipient::RecipientId;
use mailseal_cms::{ContentInfo, ContentType};
use mailseal_core::{
    Context, Credential, Decryption, Error, Handle, KeySource, Layer, Locked, Peeled, Policy, ProtocolId, Sink,
};
use std::io::Read;
use std::sync::atomic::{AtomicU64, Ordering};
use zeroize::Zeroizing;

/// Removes one layer from `blob` and writes what is inside to `into`. What is inside is a MIME entity, so there is never
/// a second layer at once.
pub(crate) fn open(blob: &mut dyn Read, with: &Context<'_>, into: &mut dyn Sink) -> Result<Peeled, Error> {
    let mut into = Bounded::new(into, with.policy.max_plaintext);
    let info = match ContentInfo::open(blob) {
        Ok(info) => info,
        Err(error) => return inspect::no_cms(error),
    };
    let opened = match info.content_type {
        ContentType::SignedData => signed(info, with, &mut into),
        ContentType::EnvelopedData | ContentType::AuthEnvelopedData => enveloped(info, with, &mut into),
        ContentType::CompressedData => compressed(info, with.policy, &mut into),
        other => Ok(inspect::not_opened(other)),
    };
    into.check()?;
    opened
}

/// Opaque signed-data. Its content is readable by all, so it is shown whatever the signatures are worth; they are facts.
/// Content that does not come to a proper end is not shown.
fn signed<R: Read>(info: ContentInfo<R>, with: &Context<'_>, into: &mut Bounded<'_>) -> Result<Peeled, Error> {
    let report = match verify::embedded(info, with.certs, into) {
        Ok(report) => report,
        Err(error) => {
            into.rollback();
            return match error {
                mailseal_cms::Error::Io(error) => Err(Error::Io(error)),
                error => Ok(verify::unreadable(&error)),
            };
        }
    };
    match report.embedded {
        Some(_) => into.commit()?,
        None => into.rollback(),
    }
    let is_certs_only = report.embedded.is_none() && report.signers.is_empty();
    let mut peeled = verify::peeled(report);
    if is_certs_only {
        peeled.layers.clear();
    }
    Ok(peeled)
}

/// CompressedData: a layer that protects nothing (R52). Content that does not come to a proper end is not shown.
fn compressed<R: Read>(info: ContentInfo<R>, policy: &Policy, into: &mut Bounded<'_>) -> Result<Peeled, Error> {
    let limits = compressed_data::Limits { octets: policy.max_plaintext, ..Default::default() };
    match compressed_data::decompress(info, limits, into) {
        Ok(_) => {
            into.commit()?;
            Ok(inspect::compressed())
        }
        Err(error) => {
            into.rollback();
            match error {
                mailseal_cms::Error::Io(error) => Err(Error::Io(error)),
                mailseal_cms::Error::Limit { what, limit } => Err(Error::Limit { what, limit }),
                error => {
                    let mut peeled = inspect::compressed();
                    peeled.defects.push(format!("the compressed data cannot be read: {error}"));
                    Ok(peeled)
                }
            }
        }
    }
}

/// EnvelopedData and AuthEnvelopedData. Every failure is one word (R135): wrong key, padding, tag and inner structure
/// look the same; nothing is committed before the end (R66).
fn enveloped<R: Read>(info: ContentInfo<R>, with: &Context<'_>, into: &mut Bounded<'_>) -> Result<Peeled, Error> {
    let outer = info.content_type;
    let envelope = match Envelope::open(info) {
        Ok(envelope) => envelope,
        Err(error) => return inspect::bad_envelope(outer, error),
    };
    let mut encryption = inspect::encryption(outer, &envelope);
    let credentials = credentials(&encryption.recipients, with);
    let adapters: Vec<_> = credentials.iter().filter_map(|key| Some((key, KeyAdapter::new(key)?))).collect();
    let passphrases = Passphrases { keys: with.keys, rounds: AtomicU64::new(ROUNDS) };
    // Nobody is asked for a password while there is a key to try.
    let by_password = encryption.passwords > 0 && adapters.iter().all(|(_, adapter)| adapter.is_locked());
    let lookup = |id: &RecipientId| {
        if *id == RecipientId::Password {
            return by_password.then_some(&passphrases as &dyn DecryptionKey);
        }
        let handle = handle::of_recipient(id).filter(|_| !by_password)?;
        let found = adapters.iter().find(|(credential, _)| credential.cert.answers_to(&handle));
        found.map(|(_, adapter)| adapter as &dyn DecryptionKey)
    };
    let mut peeled = Peeled::default();
    let decrypted = envelope.decrypt(&lookup, into);
    into.check()?;
    encryption.decryption = match decrypted {
        Ok(decrypted) => {
            if decrypted.content_type != ContentType::Data {
                peeled.defects.push(format!("the encrypted content is {}", decrypted.content_type.oid()));
            }
            Decryption::Done
        }
        Err(mailseal_cms::Error::Io(error)) => return Err(Error::Io(error)),
        Err(_) if by_password && !adapters.is_empty() => Decryption::Locked,
        Err(mailseal_cms::Error::NoKey) => {
            peeled.wanted.clone_from(&encryption.recipients);
            Decryption::NoKey
        }
        Err(error) => match seam_error(error) {
            Error::Locked(_) => Decryption::Locked,
            _ => Decryption::Failed,
        },
    };
    peeled.layers.push(Layer::Encrypted(encryption));
    Ok(peeled)
}

/// The passphrases of the reader, for a message that is encrypted to one.
struct Passphrases<'a> {
    keys: &'a dyn KeySource,
    /// Rounds of derivation that may still be computed.
    rounds: AtomicU64,
}

impl Passphrases<'_> {
    /// Takes the rounds of one derivation off those that are left, if there are as many.
    fn may_derive(&self, rounds: u32) -> bool {
        let take = |left: u64| left.checked_sub(rounds.into());
        self.rounds.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).is_ok()
    }
}

impl DecryptionKey for Passphrases<'_> {
    /// Tries one after the other; without any there is no key.
    fn unwrap_by_password(
        &self,
        encryption: &PasswordEncryption,
        wrapped: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, mailseal_cms::Error> {
        let message = Locked::new(ProtocolId::SMIME, "this message");
        let mut outcome = Err(mailseal_cms::Error::NoKey);
        for attempt in 0..ATTEMPTS {
            if !self.may_derive(encryption.rounds) {
                break;
            }
            let Some(passphrase) = self.keys.passphrase(&message, attempt) else { break };
            outcome = encryption.unwrap(passphrase.reveal().as_bytes(), wrapped);
            if outcome.is_ok() {
                break;
            }
        }
        outcome
    }
}

/// Passphrases that are tried on one message.
const ATTEMPTS: usize = 32;

/// Rounds of derivation that are computed for one message, however many recipients and passphrases there are; some four
/// seconds. Whoever wrote the message chose the counts.
const ROUNDS: u64 = 20_000_000;

/// The secret keys of recipients, each once.
fn credentials(recipients: &[Handle], with: &Context<'_>) -> Vec<Credential> {
    let mut credentials: Vec<Credential> = Vec::new();
    for credential in recipients.iter().flat_map(|recipient| with.keys.by_handle(recipient)) {
        let new = credentials.iter().all(|known| known.cert != credential.cert);
        if new && credential.cert.protocol() == ProtocolId::SMIME {
            credentials.push(credential);
        }
    }
    credentials
}
