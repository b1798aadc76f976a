//! S/MIME behind the seam of the wire protocols.

use crate::certificate::Certificate;
use crate::profile::PROFILE;
use crate::{key, parse, sign, usable, verify};
use mailseal_core::{
    Cert, Content, Context, Credential, Error, MimeProfile, Peeled, Policy, Prompt, Purpose, Reason, Signed,
};
use std::io::Write;
use std::sync::Arc;

/// S/MIME: [RFC 8551](https://www.rfc-editor.org/rfc/rfc8551) on certificates of
/// [RFC 8550](https://www.rfc-editor.org/rfc/rfc8550).
#[derive(Debug, Clone, Copy, Default)]
pub struct Smime;

impl Smime {
    /// Reads certificates: PEM (any number of blocks), DER, PKCS#7 certs-only.
    ///
    /// # Errors
    /// [`Error::Malformed`] when `encoded` is none of these or broken.
    pub fn parse_certs(&self, encoded: &[u8]) -> Result<Vec<Cert>, Error> {
        parse::certs(encoded)
    }

    /// Reads secret keys: PKCS#12, PKCS#8 plain or encrypted, PKCS#1, SEC1; binary or PEM.
    ///
    /// # Errors
    /// [`Error::Malformed`] when `encoded` is none of these, broken or without certificate; [`Error::Unsupported`];
    /// [`Error::Locked`] when no passphrase fits.
    pub fn parse_keys(
        &self,
        encoded: &[u8],
        name: &str,
        certs: &[Cert],
        prompt: Arc<dyn Prompt>,
    ) -> Result<Vec<Credential>, Error> {
        key::parse_keys(encoded, name, certs, prompt.as_ref())
    }

    /// Whether the certificate by itself serves `purpose` at `policy.at`.
    ///
    /// # Errors
    /// The reason why it does not.
    pub fn usable(&self, cert: &Cert, purpose: Purpose, policy: &Policy) -> Result<(), Reason> {
        usable::usable(Certificate::of(cert).ok_or(Reason::Unsupported)?, purpose, policy.at)
    }

    /// How it looks in MIME.
    pub fn profile(&self) -> &'static MimeProfile {
        &PROFILE
    }

    /// Writes a detached signature over `content`, in DER.
    ///
    /// # Errors
    /// [`Error::CannotSign`], [`Error::Locked`], [`Error::Key`], [`Error::Io`].
    pub fn sign(
        &self,
        content: &dyn Content,
        by: &[Credential],
        policy: &Policy,
        out: &mut dyn Write,
    ) -> Result<Signed, Error> {
        sign::detached(content, by, policy, out)
    }

    /// Writes signed-data that holds its content.
    ///
    /// # Errors
    /// As [`sign`](Self::sign).
    pub fn sign_opaque(
        &self,
        content: &dyn Content,
        by: &[Credential],
        policy: &Policy,
        out: &mut dyn Write,
    ) -> Result<Signed, Error> {
        sign::opaque(content, by, policy, out)
    }

    /// Verifies a detached signature over `content`.
    ///
    /// # Errors
    /// [`Error::Io`] only; whatever is wrong with the signature is a fact.
    pub fn verify(&self, content: &dyn Content, signature: &[u8], with: &Context<'_>) -> Result<Peeled, Error> {
        verify::detached(content, signature, with)
    }
}
