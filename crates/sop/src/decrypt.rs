//! `decrypt`.

use crate::objects::{Certs, Keys};
use crate::program::Program;
use crate::refusal::refusal;
use crate::sign;
use crate::verify::By;
use mailseal_openpgp::stateless::{self, Decryptor, Passphrase, Verifier};
use sop::ops::{Decrypt, Ready, Verification};
use sop::plumbing::PasswordsAreHumanReadable as _;
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

    fn with_session_key(mut self: Box<Self>, sk: SessionKey) -> Result<Next<'s>> {
        self.decryptor.session_keys.push(stateless::SessionKey::new(sk.algorithm(), sk.key()));
        Ok(self)
    }

    /// In every form that it may have been meant in; one that is not UTF-8 was never a password of this program's.
    fn with_password(mut self: Box<Self>, password: Password) -> Result<Next<'s>> {
        let variants = password.variants().filter_map(|variant| std::str::from_utf8(variant).ok());
        self.decryptor.passwords.extend(variants.map(|text| Passphrase::new(text.to_owned())));
        Ok(self)
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
        let session_key = opened.session_key.map(|key| SessionKey::new(key.cipher, key.octets.as_slice()));
        Ok((session_key.transpose()?, self.by.told(&opened.verifications)?))
    }
}
