//! `encrypt`.

use crate::content::{Stream, text};
use crate::generate::readable;
use crate::objects::{Certs, Keys};
use crate::program::Program;
use crate::refusal::refusal;
use crate::sign;
use mailseal_openpgp::stateless::{Container, Encryptor, Form, Over};
use sop::errors::Error;
use sop::ops::{Encrypt, EncryptAs, Ready};
use sop::{Password, Result, SessionKey};
use std::io::{Read, Write};

/// What a message is like, by name; the first is taken where none is named.
const PROFILES: [(&str, Container, &str); 3] = [
    ("default", Container::Fitting, "what every recipient announces; version 1 where there is a password"),
    ("rfc4880", Container::Seipd1, "encrypted and integrity protected data of version 1"),
    ("rfc9580", Container::Seipd2, "encrypted and integrity protected data of version 2, or no message"),
];

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

    fn list_profiles(&self) -> Vec<(String, String)> {
        PROFILES.iter().map(|(name, _, description)| ((*name).to_owned(), (*description).to_owned())).collect()
    }

    fn profile(mut self: Box<Self>, name: &str) -> Result<Next<'s>> {
        let profile = PROFILES.iter().find(|(known, ..)| *known == name);
        self.encryptor.container = profile.ok_or(Error::UnsupportedProfile)?.1;
        Ok(self)
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

    fn with_password(mut self: Box<Self>, password: Password) -> Result<Next<'s>> {
        self.encryptor.passwords.push(readable(&password)?);
        Ok(self)
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
        let key = match self.encryptor.signer.over {
            Over::Lines => self.encryptor.encrypt(&text(self.plaintext)?, sink),
            _ => self.encryptor.encrypt(&Stream::new(self.plaintext), sink),
        }
        .map_err(refusal)?;
        SessionKey::new(key.cipher, key.octets.as_slice()).map(Some)
    }
}
