//! S/MIME behind the seam of the wire protocols.

use crate::certificate::Certificate;
use crate::profile::PROFILE;
use crate::{encrypt, inspect, key, open, parse, sign, usable, verify};
use mailseal_core::{
    Cert, Content, Context, Credential, Encrypted, Error, KeyFiles, MimeProfile, Peeled, Policy, Prompt, Protocol,
    ProtocolId, Purpose, Reason, Recipients, Signed, Sink,
};
use std::io::{Read, Write};
use std::sync::Arc;

/// S/MIME: [RFC 8551](https://www.rfc-editor.org/rfc/rfc8551) on certificates of
/// [RFC 8550](https://www.rfc-editor.org/rfc/rfc8550).
#[derive(Debug, Clone, Copy, Default)]
pub struct Smime;

impl Protocol for Smime {
    fn id(&self) -> ProtocolId {
        ProtocolId::SMIME
    }

    fn profile(&self) -> &'static MimeProfile {
        &PROFILE
    }

    /// PEM (any number of blocks), DER, PKCS#7 certs-only in DER, BER or PEM.
    fn parse_certs(&self, encoded: &[u8]) -> Result<Vec<Cert>, Error> {
        parse::certs(encoded)
    }

    /// PKCS#12, PKCS#8 plain or encrypted, PKCS#1, SEC1; binary or PEM. A bare key finds its certificates in `certs` or
    /// beside it, by its public key.
    fn parse_keys(
        &self,
        encoded: &[u8],
        name: &str,
        certs: &[Cert],
        prompt: Arc<dyn Prompt>,
    ) -> Result<Vec<Credential>, Error> {
        key::parse_keys(encoded, name, certs, prompt)
    }

    fn usable(&self, cert: &Cert, purpose: Purpose, policy: &Policy) -> Result<(), Reason> {
        usable::usable(Certificate::of(cert).ok_or(Reason::Unsupported)?, purpose, policy.at)
    }

    fn key_files(&self) -> Option<&dyn KeyFiles> {
        Some(self)
    }

    fn sign(
        &self,
        content: &dyn Content,
        by: &[Credential],
        policy: &Policy,
        out: &mut dyn Write,
    ) -> Result<Signed, Error> {
        sign::detached(content, by, policy, out)
    }

    fn sign_opaque(
        &self,
        content: &dyn Content,
        by: &[Credential],
        policy: &Policy,
        out: &mut dyn Write,
    ) -> Result<Signed, Error> {
        sign::opaque(content, by, policy, out)
    }

    fn verify(&self, content: &dyn Content, signature: &[u8], with: &Context<'_>) -> Result<Peeled, Error> {
        verify::detached(content, signature, with)
    }

    fn choose_for(&self, to: &Recipients<'_>, policy: &Policy) -> Result<Encrypted, Error> {
        encrypt::choose(to, policy)
    }

    fn encrypt_for(
        &self,
        content: &dyn Content,
        to: &Recipients<'_>,
        signed_by: &[Credential],
        policy: &Policy,
        out: &mut dyn Write,
    ) -> Result<(), Error> {
        if !signed_by.is_empty() {
            return Err(Error::Misuse("S/MIME signs the MIME entity first and encrypts it then"));
        }
        encrypt::encrypt(content, to, policy, out)
    }

    fn open(
        &self,
        mut blob: &mut (dyn Read + Send + Sync),
        with: &Context<'_>,
        into: &mut dyn Sink,
    ) -> Result<Peeled, Error> {
        open::open(&mut blob, with, into)
    }

    fn inspect(&self, mut blob: &mut (dyn Read + Send + Sync), _: &Policy) -> Result<Peeled, Error> {
        inspect::inspect(&mut blob)
    }
}
