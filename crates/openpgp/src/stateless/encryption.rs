//! Encrypting.

use crate::stateless::{Certs, Error, Form, Signer};
use crate::write::encrypt::{self, Container};
use mailseal_core::{Content, Policy, Recipients};
use std::io::Write;
use std::time::SystemTime;

/// Whom a message is for, and who signs it.
#[derive(Debug, Clone)]
pub struct Encryptor {
    /// The recipients.
    pub to: Certs,
    /// Whose signatures are inside; nobody's where it has no key.
    pub signer: Signer,
    /// How the message is written.
    pub form: Form,
    /// The time by which the recipients' certificates are judged.
    pub at: SystemTime,
}

impl Encryptor {
    /// For nobody yet, armored, not signed.
    pub fn new(at: SystemTime) -> Encryptor {
        Encryptor { to: Certs::default(), signer: Signer::new(at), form: Form::Armored, at }
    }

    /// Writes the message.
    ///
    /// # Errors
    /// [`Error::CannotEncrypt`], [`Error::UnsupportedAlgorithm`], [`Error::CannotSign`], [`Error::Locked`], [`Error::Other`]
    pub fn encrypt(&self, content: &dyn Content, out: &mut dyn Write) -> Result<(), Error> {
        let credentials = self.signer.keys.with(&self.signer.passwords)?;
        let policy = Policy::at(self.at);
        let to = Recipients::named(self.to.as_slice());
        Ok(encrypt::encrypt(content, &to, Container::Fitting, &credentials.0, &policy, self.form, out)?)
    }
}
