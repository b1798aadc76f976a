//! `extract-cert`.

use crate::objects::{Certs, Keys};
use crate::program::Program;
use crate::refusal::refusal;
use sop::Result;
use sop::ops::ExtractCert;
use sop::plumbing::SopRef;

/// Certificates of secret keys.
pub(crate) struct Extract;

impl<'s> ExtractCert<'s, Program, Certs<'s>, Keys<'s>> for Extract {
    fn keys(self: Box<Self>, keys: &Keys<'s>) -> Result<Certs<'s>> {
        Ok(Certs::made(keys.sop(), keys.inner.certs().map_err(refusal)?))
    }
}
