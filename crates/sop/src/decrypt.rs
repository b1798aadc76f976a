//! `decrypt`.

use crate::objects::{Certs, Keys};
use crate::program::Program;
use crate::refusal::refusal;
use crate::sign;
use crate::verify::By;
use mailseal_openpgp::stateless::{Decryptor, Verifier};
use sop::errors::Error;
use sop::ops::{Decrypt, Ready, Verification};
use sop::{Password, Result, SessionKey};
use std::io::{Read, Write};
use std::time::SystemTime;

/// A message to be decrypted.
pub(crate) struct Decrypting {
    decryptor: Decryptor,
    by: By,
}

impl Decrypting {
    pub(crate) fn new(program: &Program) -> Decrypting {
        Decrypting { decryptor: Decryptor::new(program.at), by: By::new(program.at) }
    }
}

type Next<'s> = Box<dyn Decrypt<'s, Program, Certs<'s>, Keys<'s>> + 's>;

impl<'s> Decrypt<'s, Program, Certs<'s>, Keys<'s>> for Decrypting {
    fn verify_not_before(mut self: Box<Self>, t: SystemTime) -> Next<'s> {
        self.by.verifier.not_before = Some(t);
        self
    }

    fn verify_not_after(mut self: Box<Self>, t: SystemTime) -> Next<'s> {
        self.by.verifier.not_after = Some(t);
        self
    }

    fn verify_with_certs(mut self: Box<Self>, certs: &Certs<'s>) -> Result<Next<'s>> {
        self.by.add(certs);
        Ok(self)
    }

    fn with_session_key(self: Box<Self>, _: SessionKey) -> Result<Next<'s>> {
        Err(Error::UnsupportedOption)
    }

    fn with_password(self: Box<Self>, _: Password) -> Result<Next<'s>> {
        Err(Error::UnsupportedOption)
    }

    fn with_keys(mut self: Box<Self>, keys: &Keys<'s>) -> Result<Next<'s>> {
        self.decryptor.keys.extend(keys.inner.clone());
        Ok(self)
    }

    fn with_key_password(mut self: Box<Self>, password: Password) -> Result<Next<'s>> {
        sign::add(&mut self.decryptor.key_passwords, &password);
        Ok(self)
    }

    fn ciphertext<'d>(
        self: Box<Self>,
        ciphertext: &'d mut (dyn Read + Send + Sync),
    ) -> Result<Box<dyn Ready<(Option<SessionKey>, Vec<Verification>)> + 'd>>
    where
        's: 'd,
    {
        Ok(Box::new(Message { decryptor: self.decryptor, by: self.by, ciphertext }))
    }
}

struct Message<'d> {
    decryptor: Decryptor,
    by: By,
    ciphertext: &'d mut (dyn Read + Send + Sync),
}

impl Ready<(Option<SessionKey>, Vec<Verification>)> for Message<'_> {
    fn to_writer(
        self: Box<Self>,
        sink: &mut (dyn Write + Send + Sync),
    ) -> Result<(Option<SessionKey>, Vec<Verification>)> {
        let verifier: &Verifier = &self.by.verifier;
        let opened = self.decryptor.decrypt(verifier, self.ciphertext, sink).map_err(refusal)?;
        Ok((None, self.by.told(&opened.verifications)?))
    }
}
