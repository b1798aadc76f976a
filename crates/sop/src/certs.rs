//! `merge-certs`, `certify-userid`, `validate-userid`.

use crate::objects::{Certs, Keys};
use crate::program::Program;
use crate::refusal::refusal;
use crate::sign;
use mailseal_openpgp::stateless::{self, Authorities, Certifier, OthersUserIds, Wanted};
use sop::ops::{CertifyUserID, MergeCerts, ValidateUserID};
use sop::{Password, Result};
use std::time::SystemTime;

/// Certificates to be merged.
pub(crate) struct Merging<'s> {
    program: &'s Program,
    updates: stateless::Certs,
}

impl<'s> Merging<'s> {
    pub(crate) fn new(program: &'s Program) -> Merging<'s> {
        Merging { program, updates: stateless::Certs::default() }
    }
}

impl<'s> MergeCerts<'s, Program, Certs<'s>> for Merging<'s> {
    fn merge_updates(
        mut self: Box<Self>,
        updates: &Certs<'s>,
    ) -> Result<Box<dyn MergeCerts<'s, Program, Certs<'s>> + 's>> {
        self.updates.extend(updates.inner.clone());
        Ok(self)
    }

    fn merge(self: Box<Self>, certs: &Certs<'s>) -> Result<Certs<'s>> {
        Ok(Certs::made(self.program, certs.inner.merged(&self.updates).map_err(refusal)?))
    }
}

/// User IDs to be certified.
pub(crate) struct Certifying<'s> {
    program: &'s Program,
    certifier: Certifier,
}

impl<'s> Certifying<'s> {
    pub(crate) fn new(program: &'s Program) -> Certifying<'s> {
        Certifying { program, certifier: Certifier::new(program.at) }
    }
}

type NextCertifying<'s> = Box<dyn CertifyUserID<'s, Program, Certs<'s>, Keys<'s>> + 's>;

impl<'s> CertifyUserID<'s, Program, Certs<'s>, Keys<'s>> for Certifying<'s> {
    fn userid(mut self: Box<Self>, userid: String) -> NextCertifying<'s> {
        self.certifier.user_ids.push(userid);
        self
    }

    fn with_key_password(mut self: Box<Self>, password: Password) -> Result<NextCertifying<'s>> {
        sign::add(&mut self.certifier.passwords, &password);
        Ok(self)
    }

    fn no_require_self_sig(mut self: Box<Self>) -> NextCertifying<'s> {
        self.certifier.others = OthersUserIds::Added;
        self
    }

    fn keys(mut self: Box<Self>, keys: &Keys<'s>) -> Result<NextCertifying<'s>> {
        self.certifier.keys.extend(keys.inner.clone());
        Ok(self)
    }

    fn certify(self: Box<Self>, certs: &Certs<'s>) -> Result<Certs<'s>> {
        Ok(Certs::made(self.program, self.certifier.certify(&certs.inner).map_err(refusal)?))
    }
}

/// A user ID to be looked for.
pub(crate) struct Validating {
    authorities: Authorities,
    targets: stateless::Certs,
}

impl Validating {
    pub(crate) fn new(program: &Program) -> Validating {
        let authorities = Authorities { certs: stateless::Certs::default(), at: program.at };
        Validating { authorities, targets: stateless::Certs::default() }
    }
}

type NextValidating<'s> = Box<dyn ValidateUserID<'s, Program, Certs<'s>> + 's>;

impl<'s> ValidateUserID<'s, Program, Certs<'s>> for Validating {
    fn trust_roots(mut self: Box<Self>, certs: &Certs<'s>) -> Result<NextValidating<'s>> {
        self.authorities.certs.extend(certs.inner.clone());
        Ok(self)
    }

    fn target_certs(mut self: Box<Self>, certs: &Certs<'s>) -> Result<NextValidating<'s>> {
        self.targets.extend(certs.inner.clone());
        Ok(self)
    }

    fn validate_at(mut self: Box<Self>, at: SystemTime) -> Result<NextValidating<'s>> {
        self.authorities.at = at;
        Ok(self)
    }

    fn userid(self: Box<Self>, userid: &str) -> Result<()> {
        self.authorities.validate(&self.targets, Wanted::UserId(userid)).map_err(refusal)
    }

    fn email(self: Box<Self>, email: &str) -> Result<()> {
        self.authorities.validate(&self.targets, Wanted::Address(email)).map_err(refusal)
    }
}
