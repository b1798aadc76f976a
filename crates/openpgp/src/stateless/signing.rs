//! Signing.

use crate::stateless::{Error, Form, Keys, Passwords, Signatures};
use crate::write::sign::{self, Signers};
use mailseal_core::{Content, Over, Policy};
use std::time::SystemTime;

/// Who signs, and when.
#[derive(Debug, Clone)]
pub struct Signer {
    /// Every key of these signs.
    pub keys: Keys,
    /// Any of these may unlock any of the keys.
    pub passwords: Passwords,
    /// What of the content is signed.
    pub over: Over,
    /// The time of the signatures.
    pub at: SystemTime,
}

impl Signer {
    /// Nobody yet, over octets.
    pub fn new(at: SystemTime) -> Signer {
        Signer { keys: Keys::default(), passwords: Passwords::default(), over: Over::default(), at }
    }

    /// Detached signatures over a content, and the hash as `micalg` names it (RFC 3156 §5), e.g. `pgp-sha512`.
    ///
    /// # Errors
    /// [`Error::CannotSign`], [`Error::Locked`], [`Error::Other`]
    pub fn sign(&self, content: &dyn Content) -> Result<(Signatures, String), Error> {
        let mut packets = Vec::new();
        let signed = sign::by(content, self.signers()?, Form::Binary, &mut packets)?;
        Ok((Signatures::of(packets), signed.micalg))
    }

    pub(crate) fn signers(&self) -> Result<Signers, Error> {
        let credentials = self.keys.with(&self.passwords)?;
        Ok(Signers::new(&credentials.0, &Policy::at(self.at))?.over(self.over))
    }
}
