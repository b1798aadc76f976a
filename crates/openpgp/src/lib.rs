//! OpenPGP ([RFC 9580](https://www.rfc-editor.org/rfc/rfc9580)) as a protocol of mailseal, on sequoia-openpgp.
//!
//! [`OpenPgp`] is the whole of it: a [`Protocol`] that reads certificates and keys, signs, encrypts, opens, verifies and
//! inspects. Certificates and keys cross its border as the data of `mailseal-core`; no type of sequoia-openpgp does.
//!
//! This crate has *no* trust model: it says whether a signature is the certificate's, never whose certificate it is. It
//! stores nothing, asks no network and no clock, and counts no inline PGP as a layer (R39).
//!
//! Exactly one arithmetic back end is built in: feature `openssl` (default) or `rust-crypto` (no C, experimental and not
//! constant-time, as sequoia-openpgp labels it).

mod cert;
mod error;
mod key;
mod names;
mod pipe;
mod policy;
mod read;
pub mod stateless;
pub mod system_rules;
mod write;

pub use key::keygrip::{AgentKey, Tie, agent_keys};

use cert::{certificate, keydata, subkey};
use key::software;
use mailseal_core::{
    Address, Cert, Content, Context, Credential, Encrypted, EncryptedForm, Error, InlineForm, KeyFiles, MimeProfile,
    Over, Peeled, Policy, Prompt, Protocol, ProtocolId, Purpose, Reason, Recipients, SignatureForm, Signed, Sink,
};
use read::{detached, inline, inspect, open};
use std::io::{Read, Write};
use std::sync::Arc;
use write::armor::Form;
use write::{encrypt, sign};

pub use write::encrypt::Container;

/// OpenPGP in mail: PGP/MIME ([RFC 3156](https://www.rfc-editor.org/rfc/rfc3156)).
#[derive(Debug, Clone, Copy, Default)]
pub struct OpenPgp;

impl OpenPgp {
    /// As [`Protocol::encrypt_for`], in the container that the caller wants.
    ///
    /// # Errors
    /// As [`Protocol::encrypt_for`]; [`Error::CannotEncrypt`] too for a certificate that does not announce the container.
    pub fn encrypt_to(
        &self,
        content: &dyn Content,
        to: &Recipients<'_>,
        container: Container,
        signed_by: &[Credential],
        policy: &Policy,
        out: &mut dyn Write,
    ) -> Result<(), Error> {
        let how = encrypt::How { container, over: Over::Octets, form: Form::Armored };
        encrypt::encrypt(content, to, how, signed_by, policy, out).map(|_| ())
    }
}

/// PGP/MIME as data (RFC 3156 §4 and §5).
static PROFILE: MimeProfile = MimeProfile {
    signature: SignatureForm {
        media_type: "application/pgp-signature",
        also_read: &[],
        file_name: "signature.asc",
        description: "OpenPGP digital signature",
        armored: true,
    },
    encrypted: EncryptedForm::ControlAndOctets {
        protocol: "application/pgp-encrypted",
        control: "Version: 1\r\n",
        file_name: "encrypted.asc",
    },
    opaque_signed: None,
    unobtrusive: Some("p"),
    combined: true,
    hides_recipients: true,
    inline: &[
        InlineForm { begin: "-----BEGIN PGP SIGNED MESSAGE-----", end: "-----END PGP SIGNATURE-----", kind: "signed" },
        InlineForm { begin: "-----BEGIN PGP MESSAGE-----", end: "-----END PGP MESSAGE-----", kind: "encrypted" },
    ],
};

impl Protocol for OpenPgp {
    fn id(&self) -> ProtocolId {
        ProtocolId::OPENPGP
    }

    fn profile(&self) -> &'static MimeProfile {
        &PROFILE
    }

    fn parse_certs(&self, encoded: &[u8]) -> Result<Vec<Cert>, Error> {
        certificate::parse(encoded)
    }

    fn parse_keys(
        &self,
        encoded: &[u8],
        name: &str,
        _certs: &[Cert],
        prompt: Arc<dyn Prompt>,
    ) -> Result<Vec<Credential>, Error> {
        software::parse(encoded, name, prompt)
    }

    fn usable(&self, cert: &Cert, purpose: Purpose, policy: &Policy) -> Result<(), Reason> {
        let cert = certificate::parsed(cert).map_err(|_| Reason::Malformed)?;
        subkey::fit(&cert, purpose, &policy::with_system(policy), policy.at).map(|_| ())
    }

    fn key_files(&self) -> Option<&dyn KeyFiles> {
        Some(self)
    }

    fn keydata(&self, cert: &Cert, address: &Address, policy: &Policy) -> Result<Vec<u8>, Error> {
        keydata::smallest(cert, address, policy)
    }

    fn sign(
        &self,
        content: &dyn Content,
        by: &[Credential],
        policy: &Policy,
        out: &mut dyn Write,
    ) -> Result<Signed, Error> {
        sign::detached(content, by, policy, Form::Armored, out)
    }

    fn sign_binary(
        &self,
        content: &dyn Content,
        by: &[Credential],
        policy: &Policy,
        out: &mut dyn Write,
    ) -> Result<Signed, Error> {
        sign::detached(content, by, policy, Form::Binary, out)
    }

    fn sign_opaque(&self, _: &dyn Content, _: &[Credential], _: &Policy, _: &mut dyn Write) -> Result<Signed, Error> {
        Err(Error::Unsupported("OpenPGP has no opaque signed form in mail (RFC 3156)".to_owned()))
    }

    fn verify(&self, content: &dyn Content, signature: &[u8], with: &Context<'_>) -> Result<Peeled, Error> {
        detached::detached(content, signature, with)
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
        self.encrypt_to(content, to, Container::Fitting, signed_by, policy, out)
    }

    fn open(
        &self,
        blob: &mut (dyn Read + Send + Sync),
        with: &Context<'_>,
        into: &mut dyn Sink,
    ) -> Result<Peeled, Error> {
        open::open(blob, with, into)
    }

    fn open_inline(&self, block: &[u8], with: &Context<'_>, into: &mut dyn Sink) -> Result<Peeled, Error> {
        inline::open(block, with, into)
    }

    fn inspect(&self, blob: &mut (dyn Read + Send + Sync), policy: &Policy) -> Result<Peeled, Error> {
        inspect::inspect(blob, policy)
    }
}
