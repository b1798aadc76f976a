//! From a public-key encrypted session key (RFC 9580 §5.1) to the session key.

use crate::cert::certificate;
use crate::key::software;
use crate::key::unseal::{Unseal, Unsealed};
use crate::names;
use mailseal_core::{Credential, Decryption, Error, Handle, KeySource, ProtocolId};
use sequoia_openpgp::crypto::mpi::Ciphertext;
use sequoia_openpgp::crypto::{Decryptor, SessionKey};
use sequoia_openpgp::packet::key::{PublicParts, UnspecifiedRole};
use sequoia_openpgp::packet::{Key, PKESK};
use sequoia_openpgp::types::SymmetricAlgorithm;
use sequoia_openpgp::{Result, anyhow};
use subtle::Choice;

/// The most private-key operations for one message; only a hostile one needs more.
const MAX_ATTEMPTS: usize = 256;

/// Fewer octets than the key of any cipher has, with or without cipher and checksum around it.
pub(crate) const SHORTEST: usize = 16;

/// Whom a packet is encrypted to; the wildcard for a hidden recipient.
pub(crate) fn recipient(packet: &PKESK) -> Handle {
    packet.recipient().map_or(Handle::KeyId([0; 8]), |handle| names::handle(&handle))
}

/// Tries the keys at hand on `packets`, named recipients before hidden ones, until `accept` takes a session key. It must not
/// take one that was made up, and must not be faster with it.
pub(crate) fn find(
    packets: &[PKESK],
    cipher: Option<SymmetricAlgorithm>,
    keys: &dyn KeySource,
    accept: &mut dyn FnMut(Option<SymmetricAlgorithm>, &SessionKey, Choice) -> bool,
) -> Decryption {
    let (hidden, named): (Vec<&PKESK>, Vec<&PKESK>) =
        packets.iter().partition(|packet| recipient(packet).is_wildcard());
    let mut outcome = Decryption::NoKey;
    let mut attempts = 0;
    for packet in named.into_iter().chain(hidden) {
        let handle = recipient(packet);
        let credentials = if handle.is_wildcard() { keys.all() } else { keys.by_handle(&handle) };
        for (credential, public) in credentials.iter().flat_map(|credential| meant(credential, &handle)) {
            if attempts == MAX_ATTEMPTS {
                return Decryption::Failed;
            }
            attempts += 1;
            let mut decryptor = match software::decryptor(credential, &public) {
                Ok(decryptor) => Attempt { decryptor, is_locked: false, is_real: Choice::from(0) },
                Err(Error::Locked(_)) => {
                    outcome = worse(outcome, Decryption::Locked);
                    continue;
                }
                Err(_) => continue,
            };
            let tried = packet.decrypt(&mut decryptor, cipher);
            if tried.is_some_and(|(cipher, key)| accept(cipher, &key, decryptor.is_real)) {
                return Decryption::Done;
            }
            // A key that is kept elsewhere says so only when it is used.
            if decryptor.is_locked {
                outcome = worse(outcome, Decryption::Locked);
                continue;
            }
            // A hidden recipient that is not us is no failure.
            if !handle.is_wildcard() {
                outcome = worse(outcome, Decryption::Failed);
            }
        }
    }
    outcome
}

/// The keys of a credential that `handle` may mean: of a hidden recipient every one that can decrypt.
fn meant<'a>(credential: &'a Credential, handle: &Handle) -> Vec<(&'a Credential, Key<PublicParts, UnspecifiedRole>)> {
    if credential.cert.protocol() != ProtocolId::OPENPGP {
        return Vec::new();
    }
    let Ok(cert) = certificate::parsed(&credential.cert) else { return Vec::new() };
    cert.keys()
        .map(|key| key.key().clone().role_into_unspecified())
        .filter(|key| key.pk_algo().for_encryption())
        .filter(|key| handle.is_wildcard() || names::is_called(key, handle))
        .filter(|key| software::may_have(credential, key))
        .map(|key| (credential, key))
        .collect()
}

/// One key on one packet.
struct Attempt {
    decryptor: Box<dyn Unseal>,
    /// Whether the key was found to be locked.
    is_locked: bool,
    /// Whether the session key was in the packet.
    is_real: Choice,
}

/// Gives no session key that is too short to be one: Sequoia 2.4.2 panics at an empty one, which anybody can encrypt.
impl Decryptor for Attempt {
    fn public(&self) -> &Key<PublicParts, UnspecifiedRole> {
        self.decryptor.public()
    }

    fn decrypt(&mut self, ciphertext: &Ciphertext, length: Option<usize>) -> Result<SessionKey> {
        let Unsealed { plain, is_real } = self.decryptor.unseal(ciphertext, length).inspect_err(|error| {
            self.is_locked = matches!(error.downcast_ref::<Error>(), Some(Error::Locked(_)));
        })?;
        self.is_real = is_real;
        if plain.len() < SHORTEST {
            return Err(anyhow::anyhow!("the session key is too short"));
        }
        Ok(plain)
    }
}

/// Of two outcomes that are not `Done` the one to tell: a locked key may still help, a failed one not.
fn worse(one: Decryption, other: Decryption) -> Decryption {
    match (one, other) {
        (Decryption::Locked, _) | (_, Decryption::Locked) => Decryption::Locked,
        (Decryption::Failed, _) | (_, Decryption::Failed) => Decryption::Failed,
        _ => Decryption::NoKey,
    }
}
