//! `encrypt`.

use crate::content::{Stream, text};
use crate::objects::{Certs, Keys};
use crate::program::Program;
use crate::refusal::refusal;
use crate::sign;
use mailseal_openpgp::stateless::{Encryptor, Form, Over};
use sop::errors::Error;
use sop::ops::{Encrypt, EncryptAs, Ready};
use sop::{Password, Result, SessionKey};
use std::io::{Read, Write};

/// A message to be encrypted.
pub(crate) struct Encrypting {
    encryptor: Encryptor,
}

impl Encrypting {
    pub(crate) fn new(program: &Program) -> Encrypting {
        Encrypting { encryptor: Encryptor::new(program.at) }
    }
}

type Next<'s> = Box<dyn Encrypt<'s, Program, Certs<'s>, Keys<'s>> + 's>;

impl<'s> Encrypt<'s, Program, Certs<'s>, Keys<'s>> for Encrypting {
    fn no_armor(mut self: Box<Self>) -> Next<'s> {
        self.encryptor.form = Form::Binary;
        self
    }

    fn mode(mut self: Box<Self>, mode: EncryptAs) -> Next<'s> {
        self.encryptor.signer.over = match mode {
            EncryptAs::Binary => Over::Octets,
            EncryptAs::Text => Over::Lines,
        };
        self
    }

    fn sign_with_keys(mut self: Box<Self>, keys: &Keys<'s>) -> Result<Next<'s>> {
        self.encryptor.signer.keys.extend(keys.inner.clone());
        Ok(self)
    }

    fn with_key_password(mut self: Box<Self>, password: Password) -> Result<Next<'s>> {
        sign::add(&mut self.encryptor.signer.passwords, &password);
        Ok(self)
    }

    fn with_password(self: Box<Self>, _: Password) -> Result<Next<'s>> {
        Err(Error::UnsupportedOption)
    }

    fn with_certs(mut self: Box<Self>, certs: &Certs<'s>) -> Result<Next<'s>> {
        self.encryptor.to.extend(certs.inner.clone());
        Ok(self)
    }

    fn plaintext<'d>(
        self: Box<Self>,
        plaintext: &'d mut (dyn Read + Send + Sync),
    ) -> Result<Box<dyn Ready<Option<SessionKey>> + 'd>>
    where
        's: 'd,
    {
        Ok(Box::new(Message { encryptor: self.encryptor, plaintext }))
    }
}

struct Message<'d> {
    encryptor: Encryptor,
    plaintext: &'d mut (dyn Read + Send + Sync),
}

impl Ready<Option<SessionKey>> for Message<'_> {
    fn to_writer(self: Box<Self>, sink: &mut (dyn Write + Send + Sync)) -> Result<Option<SessionKey>> {
        match self.encryptor.signer.over {
            Over::Lines => self.encryptor.encrypt(&text(self.plaintext)?, sink),
            _ => self.encryptor.encrypt(&Stream::new(self.plaintext), sink),
        }
        .map_err(refusal)?;
        Ok(None)
    }
}
