//! Decrypting.

use crate::read::open::{self, Besides};
use crate::stateless::{Error, Keys, Passwords, SessionKey, Verification, Verifier};
use mailseal_core::{Context, Decryption, Layer, MemorySink, Passphrase, Peeled, Policy};
use std::io::{Read, Write};
use std::time::SystemTime;

/// What may open a message.
#[derive(Debug, Clone)]
pub struct Decryptor {
    /// Secret keys.
    pub keys: Keys,
    /// Any of these may unlock any of the keys.
    pub key_passwords: Passwords,
    /// Passwords of the message.
    pub passwords: Vec<Passphrase>,
    /// Session keys, tried before all others.
    pub session_keys: Vec<SessionKey>,
    /// The time of judgement.
    pub at: SystemTime,
}

/// What is known of a message that was decrypted.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Decrypted {
    /// The session key that opened it.
    pub session_key: Option<SessionKey>,
    /// The signatures inside that count.
    pub verifications: Vec<Verification>,
}

impl Decryptor {
    /// With nothing yet.
    pub fn new(at: SystemTime) -> Decryptor {
        Decryptor {
            keys: Keys::default(),
            key_passwords: Passwords::default(),
            passwords: Vec::new(),
            session_keys: Vec::new(),
            at,
        }
    }

    /// Writes what is inside a message, when all of it is authentic, and tells which signatures inside count.
    ///
    /// # Errors
    /// [`Error::CannotDecrypt`], [`Error::Locked`] when a locked key might open it, [`Error::BadData`] for what is no encrypted
    /// message, [`Error::Other`]
    pub fn decrypt(
        &self,
        verifier: &Verifier,
        message: &mut (dyn Read + Send + Sync),
        out: &mut dyn Write,
    ) -> Result<Decrypted, Error> {
        let mut credentials = self.keys.with(&self.key_passwords)?;
        credentials.1.clone_from(&self.passwords);
        let policy = Policy::at(self.at);
        let with = Context { policy: &policy, certs: &verifier.certs, keys: &credentials };
        let mut plaintext = MemorySink::new();
        let session_keys = self.session_keys.iter().map(SessionKey::parts).collect();
        let mut besides = Besides { session_keys, ..Besides::default() };
        let peeled = open::open_besides(message, &with, &mut besides, &mut plaintext)?;
        opened(&peeled)?;
        let plaintext = zeroize::Zeroizing::new(plaintext.into_committed().ok_or(Error::CannotDecrypt)?);
        out.write_all(&plaintext)?;
        let session_key = besides.opened_by.map(|(cipher, key)| SessionKey::of(cipher, &key));
        Ok(Decrypted { session_key, verifications: verifier.count(&peeled).good })
    }
}

/// Holds that the message was encrypted and is open.
fn opened(peeled: &Peeled) -> Result<(), Error> {
    let encryption = peeled.layers.iter().find_map(|layer| match layer {
        Layer::Encrypted(encryption) => Some(encryption.decryption),
        _ => None,
    });
    match encryption {
        Some(Decryption::Done) => Ok(()),
        Some(Decryption::Locked) => Err(Error::Locked("of a recipient".to_owned())),
        Some(_) => Err(Error::CannotDecrypt),
        None => Err(Error::bad_data(&peeled.defects, "the message is not encrypted")),
    }
}
