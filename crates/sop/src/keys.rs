//! `extract-cert`, `change-key-password`, `revoke-key`, `update-key`.

use crate::generate::readable;
use crate::objects::{Certs, Keys};
use crate::program::Program;
use crate::refusal::refusal;
use crate::sign;
use mailseal_openpgp::stateless::{Capabilities, Passphrase, Passwords, Update, Uses};
use sop::errors::Error;
use sop::ops::{ChangeKeyPassword, ExtractCert, RevokeKey, UpdateKey};
use sop::{Password, Result};

/// Certificates of secret keys.
pub(crate) struct Extracting<'s> {
    pub(crate) program: &'s Program,
}

impl<'s> ExtractCert<'s, Program, Certs<'s>, Keys<'s>> for Extracting<'s> {
    fn keys(self: Box<Self>, keys: &Keys<'s>) -> Result<Certs<'s>> {
        Ok(Certs::made(self.program, keys.inner.certs().map_err(refusal)?))
    }
}

/// Keys to be locked anew.
pub(crate) struct Locking<'s> {
    program: &'s Program,
    old: Passwords,
    new: Option<Passphrase>,
}

impl<'s> Locking<'s> {
    pub(crate) fn new(program: &'s Program) -> Locking<'s> {
        Locking { program, old: Passwords::default(), new: None }
    }
}

type NextLocking<'s> = Box<dyn ChangeKeyPassword<'s, Program, Keys<'s>> + 's>;

impl<'s> ChangeKeyPassword<'s, Program, Keys<'s>> for Locking<'s> {
    fn new_key_password(mut self: Box<Self>, password: Password) -> Result<NextLocking<'s>> {
        if self.new.is_some() {
            return Err(Error::IncompatibleOptions);
        }
        self.new = Some(readable(&password)?);
        Ok(self)
    }

    fn old_key_password(mut self: Box<Self>, password: Password) -> Result<NextLocking<'s>> {
        sign::add(&mut self.old, &password);
        Ok(self)
    }

    fn keys(self: Box<Self>, keys: &Keys<'s>) -> Result<Keys<'s>> {
        let locked = keys.inner.locked_anew(&self.old, self.new.as_ref()).map_err(refusal)?;
        Ok(Keys::made(self.program, locked))
    }
}

/// Keys to be revoked.
pub(crate) struct Revoking<'s> {
    program: &'s Program,
    passwords: Passwords,
}

impl<'s> Revoking<'s> {
    pub(crate) fn new(program: &'s Program) -> Revoking<'s> {
        Revoking { program, passwords: Passwords::default() }
    }
}

impl<'s> RevokeKey<'s, Program, Certs<'s>, Keys<'s>> for Revoking<'s> {
    fn with_key_password(
        mut self: Box<Self>,
        password: Password,
    ) -> Result<Box<dyn RevokeKey<'s, Program, Certs<'s>, Keys<'s>> + 's>> {
        sign::add(&mut self.passwords, &password);
        Ok(self)
    }

    fn keys(self: Box<Self>, keys: &Keys<'s>) -> Result<Certs<'s>> {
        let revoked = keys.inner.revoked(&self.passwords, self.program.at).map_err(refusal)?;
        Ok(Certs::made(self.program, revoked))
    }
}

/// Keys to be kept up to date.
pub(crate) struct Updating<'s> {
    program: &'s Program,
    update: Update,
}

impl<'s> Updating<'s> {
    pub(crate) fn new(program: &'s Program) -> Updating<'s> {
        Updating { program, update: Update::new(program.at) }
    }
}

type NextUpdating<'s> = Box<dyn UpdateKey<'s, Program, Certs<'s>, Keys<'s>> + 's>;

impl<'s> UpdateKey<'s, Program, Certs<'s>, Keys<'s>> for Updating<'s> {
    fn signing_only(mut self: Box<Self>) -> NextUpdating<'s> {
        self.update.uses = Uses::Signing;
        self
    }

    fn no_added_capabilities(mut self: Box<Self>) -> NextUpdating<'s> {
        self.update.capabilities = Capabilities::AsBefore;
        self
    }

    fn with_key_password(mut self: Box<Self>, password: Password) -> Result<NextUpdating<'s>> {
        sign::add(&mut self.update.passwords, &password);
        Ok(self)
    }

    fn merge_updates(mut self: Box<Self>, updates: &Certs<'s>) -> Result<NextUpdating<'s>> {
        self.update.merge.extend(updates.inner.clone());
        Ok(self)
    }

    fn update(self: Box<Self>, keys: &Keys<'s>) -> Result<Keys<'s>> {
        Ok(Keys::made(self.program, self.update.update(&keys.inner).map_err(refusal)?))
    }
}
