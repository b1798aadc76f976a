//! `sign`.

use crate::content::{Stream, text};
use crate::objects::{Keys, Sigs};
use crate::program::Program;
use crate::refusal::refusal;
use mailseal_openpgp::stateless::{Over, Signer};
use sop::ops::{Micalg, Sign, SignAs};
use sop::plumbing::PasswordsAreHumanReadable as _;
use sop::{Password, Result};
use std::io::Read;

/// Detached signatures.
pub(crate) struct Detached<'s> {
    program: &'s Program,
    signer: Signer,
}

impl<'s> Detached<'s> {
    pub(crate) fn new(program: &'s Program) -> Detached<'s> {
        Detached { program, signer: Signer::new(program.at) }
    }
}

/// Adds a password in every form that it may have been meant in.
pub(crate) fn add(passwords: &mut mailseal_openpgp::stateless::Passwords, password: &Password) {
    password.variants().for_each(|variant| passwords.add(variant));
}

impl<'s> Sign<'s, Program, Keys<'s>, Sigs<'s>> for Detached<'s> {
    fn mode(mut self: Box<Self>, mode: SignAs) -> Box<dyn Sign<'s, Program, Keys<'s>, Sigs<'s>> + 's> {
        self.signer.over = match mode {
            SignAs::Binary => Over::Octets,
            SignAs::Text => Over::Lines,
        };
        self
    }

    fn keys(mut self: Box<Self>, keys: &Keys<'s>) -> Result<Box<dyn Sign<'s, Program, Keys<'s>, Sigs<'s>> + 's>> {
        self.signer.keys.extend(keys.inner.clone());
        Ok(self)
    }

    fn with_key_password(
        mut self: Box<Self>,
        password: Password,
    ) -> Result<Box<dyn Sign<'s, Program, Keys<'s>, Sigs<'s>> + 's>> {
        add(&mut self.signer.passwords, &password);
        Ok(self)
    }

    fn data(self: Box<Self>, data: &mut (dyn Read + Send + Sync)) -> Result<(Micalg, Sigs<'s>)> {
        let signed = match self.signer.over {
            Over::Lines => self.signer.sign(&text(data)?),
            _ => self.signer.sign(&Stream::new(data)),
        };
        let (signatures, micalg) = signed.map_err(refusal)?;
        Ok((self::micalg(&micalg), Sigs::made(self.program, signatures)))
    }
}

/// The name of a hash with `pgp-` before it.
fn micalg(name: &str) -> Micalg {
    match name.trim_start_matches("pgp-") {
        "sha224" => Micalg::SHA224,
        "sha256" => Micalg::SHA256,
        "sha384" => Micalg::SHA384,
        "sha512" => Micalg::SHA512,
        other => Micalg::Unknown(other.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn micalgs_keep_their_names() {
        for name in ["pgp-sha224", "pgp-sha256", "pgp-sha384", "pgp-sha512", "pgp-sha3-256"] {
            assert_eq!(micalg(name).to_string(), name);
        }
    }
}
