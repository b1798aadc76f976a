//! `generate-key`.

use crate::objects::Keys;
use crate::program::Program;
use crate::refusal::refusal;
use mailseal_openpgp::stateless::{NewKey, Passphrase, Profile, Uses};
use sop::errors::Error;
use sop::ops::GenerateKey;
use sop::plumbing::PasswordsAreHumanReadable as _;
use sop::{Password, Result};

/// A key that is to be made.
pub(crate) struct Generating<'s> {
    program: &'s Program,
    new: NewKey,
}

impl<'s> Generating<'s> {
    pub(crate) fn new(program: &'s Program) -> Generating<'s> {
        Generating { program, new: NewKey::new(program.at) }
    }
}

/// A password to lock with: readable, in its usual form, and not nothing, which would lock nothing.
///
/// # Errors
/// `PASSWORD_NOT_HUMAN_READABLE`
pub(crate) fn readable(password: &Password) -> Result<Passphrase> {
    match std::str::from_utf8(password.normalized()) {
        Ok(text) if !text.is_empty() => Ok(Passphrase::new(text.to_owned())),
        _ => Err(Error::PasswordNotHumanReadable),
    }
}

type Next<'s> = Box<dyn GenerateKey<'s, Program, Keys<'s>> + 's>;

impl<'s> GenerateKey<'s, Program, Keys<'s>> for Generating<'s> {
    fn list_profiles(&self) -> Vec<(String, String)> {
        let all = Profile::all().into_iter();
        all.map(|profile| (profile.name().to_owned(), profile.description().to_owned())).collect()
    }

    fn profile(mut self: Box<Self>, name: &str) -> Result<Next<'s>> {
        let profile = Profile::all().into_iter().find(|profile| profile.name() == name);
        self.new.profile = profile.ok_or(Error::UnsupportedProfile)?;
        Ok(self)
    }

    fn signing_only(mut self: Box<Self>) -> Next<'s> {
        self.new.uses = Uses::Signing;
        self
    }

    fn with_key_password(mut self: Box<Self>, password: Password) -> Result<Next<'s>> {
        self.new.password = Some(readable(&password)?);
        Ok(self)
    }

    fn userid(mut self: Box<Self>, userid: &str) -> Next<'s> {
        self.new.user_ids.push(userid.to_owned());
        self
    }

    fn generate(self: Box<Self>) -> Result<Keys<'s>> {
        Ok(Keys::made(self.program, self.new.generate().map_err(refusal)?))
    }
}
