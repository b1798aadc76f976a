//! `inline-sign`, `inline-verify`, `inline-detach`.

use crate::content::{Stream, text};
use crate::objects::{Certs, Keys, Sigs};
use crate::program::Program;
use crate::refusal::refusal;
use crate::sign;
use crate::verify::By;
use mailseal_openpgp::stateless::{self, Form, Over, Signer};
use sop::errors::Error;
use sop::ops::{InlineDetach, InlineSign, InlineSignAs, InlineVerify, Ready, Verification};
use sop::{Password, Result};
use std::io::{Read, Write};
use std::time::SystemTime;

/// A message to be signed.
pub(crate) struct Signing {
    signer: Signer,
    mode: InlineSignAs,
    form: Form,
}

impl Signing {
    pub(crate) fn new(program: &Program) -> Signing {
        Signing { signer: Signer::new(program.at), mode: InlineSignAs::default(), form: Form::Armored }
    }
}

type NextSigning<'s> = Box<dyn InlineSign<'s, Program, Keys<'s>> + 's>;

impl<'s> InlineSign<'s, Program, Keys<'s>> for Signing {
    fn no_armor(mut self: Box<Self>) -> NextSigning<'s> {
        self.form = Form::Binary;
        self
    }

    fn mode(mut self: Box<Self>, mode: InlineSignAs) -> NextSigning<'s> {
        self.mode = mode;
        self.signer.over = match mode {
            InlineSignAs::Binary => Over::Octets,
            InlineSignAs::Text | InlineSignAs::ClearSigned => Over::Lines,
        };
        self
    }

    fn keys(mut self: Box<Self>, keys: &Keys<'s>) -> Result<NextSigning<'s>> {
        self.signer.keys.extend(keys.inner.clone());
        Ok(self)
    }

    fn with_key_password(mut self: Box<Self>, password: Password) -> Result<NextSigning<'s>> {
        sign::add(&mut self.signer.passwords, &password);
        Ok(self)
    }

    fn data<'d>(self: Box<Self>, data: &'d mut (dyn Read + Send + Sync)) -> Result<Box<dyn Ready + 'd>>
    where
        's: 'd,
    {
        // The framework is text, whose armor cannot be left off.
        if self.mode == InlineSignAs::ClearSigned && self.form == Form::Binary {
            return Err(Error::IncompatibleOptions);
        }
        Ok(Box::new(ToBeSigned { how: *self, data }))
    }
}

struct ToBeSigned<'d> {
    how: Signing,
    data: &'d mut (dyn Read + Send + Sync),
}

impl Ready for ToBeSigned<'_> {
    fn to_writer(self: Box<Self>, sink: &mut (dyn Write + Send + Sync)) -> Result<()> {
        let Signing { signer, mode, form } = self.how;
        match mode {
            InlineSignAs::Binary => signer.message(&Stream::new(self.data), form, sink),
            InlineSignAs::Text => signer.message(&text(self.data)?, form, sink),
            InlineSignAs::ClearSigned => signer.cleartext(&text(self.data)?, sink),
        }
        .map_err(refusal)
    }
}

/// A signed message to be verified.
pub(crate) struct Verifying {
    by: By,
}

impl Verifying {
    pub(crate) fn new(program: &Program) -> Verifying {
        Verifying { by: By::new(program.at) }
    }
}

type NextVerifying<'s> = Box<dyn InlineVerify<'s, Program, Certs<'s>> + 's>;

impl<'s> InlineVerify<'s, Program, Certs<'s>> for Verifying {
    fn not_before(mut self: Box<Self>, t: SystemTime) -> NextVerifying<'s> {
        self.by.verifier.not_before = Some(t);
        self
    }

    fn not_after(mut self: Box<Self>, t: SystemTime) -> NextVerifying<'s> {
        self.by.verifier.not_after = Some(t);
        self
    }

    fn certs(mut self: Box<Self>, certs: &Certs<'s>) -> Result<NextVerifying<'s>> {
        self.by.add(certs);
        Ok(self)
    }

    fn message<'d>(
        self: Box<Self>,
        data: &'d mut (dyn Read + Send + Sync),
    ) -> Result<Box<dyn Ready<Vec<Verification>> + 'd>>
    where
        's: 'd,
    {
        self.by.is_given()?;
        Ok(Box::new(ToBeVerified { by: self.by, data }))
    }
}

struct ToBeVerified<'d> {
    by: By,
    data: &'d mut (dyn Read + Send + Sync),
}

impl Ready<Vec<Verification>> for ToBeVerified<'_> {
    fn to_writer(self: Box<Self>, sink: &mut (dyn Write + Send + Sync)) -> Result<Vec<Verification>> {
        let verified = self.by.verifier.message(self.data, sink).map_err(refusal)?;
        self.by.told(&verified)
    }
}

/// A signed message to be taken apart.
pub(crate) struct Detaching<'s> {
    program: &'s Program,
}

impl<'s> Detaching<'s> {
    pub(crate) fn new(program: &'s Program) -> Detaching<'s> {
        Detaching { program }
    }
}

impl<'s> InlineDetach<'s, Sigs<'s>> for Detaching<'s> {
    fn message<'d>(self: Box<Self>, data: &'d mut (dyn Read + Send + Sync)) -> Result<Box<dyn Ready<Sigs<'s>> + 'd>>
    where
        's: 'd,
    {
        Ok(Box::new(ToBeDetached { program: self.program, data }))
    }
}

struct ToBeDetached<'s, 'd> {
    program: &'s Program,
    data: &'d mut (dyn Read + Send + Sync),
}

impl<'s> Ready<Sigs<'s>> for ToBeDetached<'s, '_> {
    fn to_writer(self: Box<Self>, sink: &mut (dyn Write + Send + Sync)) -> Result<Sigs<'s>> {
        let signatures = stateless::detach(self.data, self.program.at, sink).map_err(refusal)?;
        Ok(Sigs::made(self.program, signatures))
    }
}
