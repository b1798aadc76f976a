//! Encrypting.

use crate::cert::{certificate, subkey};
use crate::policy::standard;
use crate::stateless::{Certs, Error, Form, SessionKey, Signer};
use crate::write::encrypt::{self, Container, How};
use mailseal_core::{self as core, Content, Passphrase, Policy, Purpose, Reason, Recipients};
use std::io::Write;
use std::time::SystemTime;

/// Whom a message is for, and who signs it.
#[derive(Debug, Clone)]
pub struct Encryptor {
    /// The recipients.
    pub to: Certs,
    /// Whoever knows one of these can read it too.
    pub passwords: Vec<Passphrase>,
    /// Whose signatures are inside; nobody's where it has no key.
    pub signer: Signer,
    /// The container.
    pub container: Container,
    /// How the message is written.
    pub form: Form,
    /// The time by which the recipients' certificates are judged.
    pub at: SystemTime,
}

impl Encryptor {
    /// For nobody yet, armored, not signed.
    pub fn new(at: SystemTime) -> Encryptor {
        Encryptor {
            to: Certs::default(),
            passwords: Vec::new(),
            signer: Signer::new(at),
            container: Container::default(),
            form: Form::Armored,
            at,
        }
    }

    /// Writes the message, and gives its session key.
    ///
    /// # Errors
    /// [`Error::CannotEncrypt`], [`Error::UnsupportedAlgorithm`], [`Error::CannotSign`], [`Error::Locked`], [`Error::Other`]
    pub fn encrypt(&self, content: &dyn Content, out: &mut dyn Write) -> Result<SessionKey, Error> {
        let credentials = self.signer.keys.with(&self.signer.passwords)?;
        let policy = Policy::at(self.at);
        let to = Recipients { named: self.to.as_slice(), passwords: &self.passwords, ..Recipients::default() };
        let how = How { container: self.container, over: self.signer.over, form: self.form };
        match encrypt::encrypt(content, &to, how, &credentials.0, &policy, out) {
            Ok((cipher, key)) => Ok(SessionKey::of(cipher, &key)),
            Err(core::Error::CannotEncrypt { cert, why }) => Err(self.cannot_encrypt(cert, why)),
            Err(other) => Err(other.into()),
        }
    }

    /// Why there is no message, told apart as the draft does.
    fn cannot_encrypt(&self, fingerprint: String, why: String) -> Error {
        let rules = standard(self.at);
        let unsupported =
            self.to.as_slice().iter().filter(|cert| cert.fingerprint().to_string() == fingerprint).any(|cert| {
                let Ok(cert) = certificate::parsed(cert) else { return false };
                subkey::fit(&cert, Purpose::Encrypt, &rules, self.at).is_err_and(|why| why == Reason::Unsupported)
            });
        match unsupported {
            true => Error::UnsupportedAlgorithm(fingerprint),
            false => Error::CannotEncrypt { cert: fingerprint, why },
        }
    }
}
