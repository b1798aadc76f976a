//! `verify`.

use crate::content::Stream;
use crate::objects::{Certs, Sigs};
use crate::program::Program;
use crate::refusal::refusal;
use mailseal_openpgp::stateless::{self, Over, Signatures, Verifier};
use sop::errors::Error;
use sop::ops::{SignatureMode, Verification, Verify, VerifySignatures};
use sop::{Load, Result};
use std::io::Read;
use std::time::SystemTime;

/// Whose signatures count, and what their files were called.
pub(crate) struct By {
    pub(crate) verifier: Verifier,
    names: Vec<(stateless::Certs, String)>,
}

impl By {
    pub(crate) fn new(at: SystemTime) -> By {
        By { verifier: Verifier::new(at), names: Vec::new() }
    }

    pub(crate) fn add(&mut self, certs: &Certs<'_>) {
        self.verifier.certs.extend(certs.inner.clone());
        self.names.extend(certs.source_name().map(|name| (certs.inner.clone(), name.to_owned())));
    }

    /// Whose signatures count was said; else nobody's would, whatever is verified.
    ///
    /// # Errors
    /// `MISSING_ARG`
    pub(crate) fn is_given(&self) -> Result<()> {
        if self.verifier.certs.is_empty() { Err(Error::MissingArg) } else { Ok(()) }
    }

    /// What was verified, in the draft's words.
    pub(crate) fn told(&self, verified: &[stateless::Verification]) -> Result<Vec<Verification>> {
        verified.iter().map(|one| self.tell(one)).collect()
    }

    fn tell(&self, one: &stateless::Verification) -> Result<Verification> {
        let mode = match one.over {
            Over::Lines => SignatureMode::Text,
            _ => SignatureMode::Binary,
        };
        let mut told = Verification::new(one.signed_at, &one.key, &one.cert, mode, None)?;
        self.names.iter().filter(|(certs, _)| certs.have(&one.cert)).for_each(|(_, name)| told.add_signer(name));
        Ok(told)
    }
}

/// Detached signatures.
pub(crate) struct Detached {
    by: By,
}

impl Detached {
    pub(crate) fn new(program: &Program) -> Detached {
        Detached { by: By::new(program.at) }
    }
}

impl<'s> Verify<'s, Program, Certs<'s>, Sigs<'s>> for Detached {
    fn not_before(mut self: Box<Self>, t: SystemTime) -> Box<dyn Verify<'s, Program, Certs<'s>, Sigs<'s>> + 's> {
        self.by.verifier.not_before = Some(t);
        self
    }

    fn not_after(mut self: Box<Self>, t: SystemTime) -> Box<dyn Verify<'s, Program, Certs<'s>, Sigs<'s>> + 's> {
        self.by.verifier.not_after = Some(t);
        self
    }

    fn certs(mut self: Box<Self>, certs: &Certs<'s>) -> Result<Box<dyn Verify<'s, Program, Certs<'s>, Sigs<'s>> + 's>> {
        self.by.add(certs);
        Ok(self)
    }

    fn signatures<'sigs>(
        self: Box<Self>,
        signatures: &'sigs Sigs<'s>,
    ) -> Result<Box<dyn VerifySignatures<'sigs> + 'sigs>>
    where
        's: 'sigs,
    {
        self.by.is_given()?;
        Ok(Box::new(These { by: self.by, signatures: &signatures.inner }))
    }
}

struct These<'sigs> {
    by: By,
    signatures: &'sigs Signatures,
}

impl<'sigs> VerifySignatures<'sigs> for These<'sigs> {
    fn data(self: Box<Self>, data: &mut (dyn Read + Send + Sync)) -> Result<Vec<Verification>> {
        let verified = self.by.verifier.verify(&Stream::new(data), self.signatures).map_err(refusal)?;
        self.by.told(&verified)
    }
}
