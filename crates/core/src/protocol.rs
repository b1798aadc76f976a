//! The seam of the wire protocols.

use crate::{
    Address, Cert, CertSource, Content, Credential, Error, Handle, Integrity, KeyFiles, KeySource, Layer, MimeProfile,
    Policy, Prompt, Purpose, Reason, Recipients, Sink,
};
use std::fmt;
use std::io::{Read, Write};
use std::sync::Arc;

/// Which protocol: a name in lower case, as the verdict prints it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ProtocolId(pub &'static str);

impl ProtocolId {
    /// OpenPGP (RFC 9580), in mail PGP/MIME (RFC 3156).
    pub const OPENPGP: ProtocolId = ProtocolId("openpgp");
    /// CMS (RFC 5652), in mail S/MIME (RFC 8551).
    pub const SMIME: ProtocolId = ProtocolId("smime");
}

impl fmt::Display for ProtocolId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl fmt::Debug for ProtocolId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// What a protocol may use while it opens or verifies.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The rules and the time.
    pub policy: &'a Policy,
    /// Certificates of signers.
    pub certs: &'a dyn CertSource,
    /// Secret keys of recipients.
    pub keys: &'a dyn KeySource,
}

/// What came off a message.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Peeled {
    /// The layers that were removed, outermost first.
    pub layers: Vec<Layer>,
    /// Certificates that came along: offered, never trusted for that.
    pub certs: Vec<Cert>,
    /// Revocation lists that came along, as DER.
    pub crls: Vec<Vec<u8>>,
    /// Handles of certificates or keys that were missing.
    pub wanted: Vec<Handle>,
    /// What was wrong with the form without stopping the work; for people.
    pub defects: Vec<String>,
}

/// What was said while a detached signature was written.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Signed {
    /// The value of `micalg` (RFC 1847 §2.1), e.g. `pgp-sha256`, `sha-256`.
    pub micalg: String,
}

impl Signed {
    /// Signed with this micalg.
    pub fn new(micalg: impl Into<String>) -> Signed {
        Signed { micalg: micalg.into() }
    }
}

/// What is chosen for encrypting.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Encrypted {
    /// The content cipher in lower case, e.g. `aes-256-gcm`.
    pub cipher: String,
    /// What will protect the ciphertext from being changed.
    pub integrity: Integrity,
    /// The `smime-type` of the opaque part, where the protocol has one (RFC 8551 §3.2.2).
    pub smime_type: Option<&'static str>,
}

impl Encrypted {
    /// Encrypted with this cipher; `smime_type` for protocols with an opaque part.
    pub fn new(cipher: impl Into<String>, integrity: Integrity, smime_type: Option<&'static str>) -> Encrypted {
        Encrypted { cipher: cipher.into(), integrity, smime_type }
    }
}

/// A wire protocol. Knows nothing of mail but its [`MimeProfile`], and nothing of trust.
///
/// What a correspondent or attacker can cause is a fact in [`Peeled`]; `Err` is for I/O, limits and misuse.
pub trait Protocol: Send + Sync {
    /// Its name.
    fn id(&self) -> ProtocolId;

    /// How it looks in MIME.
    fn profile(&self) -> &'static MimeProfile;

    /// Reads certificates in every form that the protocol knows (binary, armor, PEM, bundles).
    ///
    /// # Errors
    /// [`Error::Malformed`] when `encoded` is none of this protocol's forms or broken.
    fn parse_certs(&self, encoded: &[u8]) -> Result<Vec<Cert>, Error>;

    /// Reads secret keys. `name` is what a person knows the source by; `certs` may hold the certificates of bare keys
    /// (PKCS#8). `prompt` is asked as late as the format allows.
    ///
    /// # Errors
    /// [`Error::Malformed`] when `encoded` is none of this protocol's forms or broken, [`Error::Locked`] when the
    /// certificates themselves are locked and no passphrase fits.
    fn parse_keys(
        &self,
        encoded: &[u8],
        name: &str,
        certs: &[Cert],
        prompt: Arc<dyn Prompt>,
    ) -> Result<Vec<Credential>, Error>;

    /// Whether the certificate by itself serves `purpose` at `policy.at`: alive, not revoked by its owner, strong enough,
    /// allowed by its usage. Says nothing of whose it is.
    ///
    /// # Errors
    /// The reason why it does not.
    fn usable(&self, cert: &Cert, purpose: Purpose, policy: &Policy) -> Result<(), Reason>;

    /// The smallest form of `cert` with which others encrypt to `address` and verify its signatures, as an Autocrypt field
    /// carries it. As given here for protocols whose certificates Autocrypt does not know.
    ///
    /// # Errors
    /// [`Error::CannotEncrypt`] when the certificate has no such form, [`Error::Unsupported`] when none of the protocol has.
    fn keydata(&self, cert: &Cert, address: &Address, policy: &Policy) -> Result<Vec<u8>, Error> {
        let _ = (cert, address, policy);
        Err(Error::Unsupported(format!("{} keys in Autocrypt", self.id())))
    }

    /// How it makes keys and writes them down; `None` for a protocol that only uses them.
    fn key_files(&self) -> Option<&dyn KeyFiles> {
        None
    }

    /// Writes a detached signature over `content` in the encoding of [`MimeProfile::signature`] (armor or binary).
    ///
    /// # Errors
    /// [`Error::CannotSign`], [`Error::Locked`], [`Error::Key`], [`Error::Io`].
    fn sign(
        &self,
        content: &dyn Content,
        by: &[Credential],
        policy: &Policy,
        out: &mut dyn Write,
    ) -> Result<Signed, Error>;

    /// Writes a detached signature over `content` without armor, as a Sig field holds it ([`MimeProfile::unobtrusive`]).
    /// As given here for protocols whose detached signatures have no armor anyhow.
    ///
    /// # Errors
    /// As [`Protocol::sign`].
    fn sign_binary(
        &self,
        content: &dyn Content,
        by: &[Credential],
        policy: &Policy,
        out: &mut dyn Write,
    ) -> Result<Signed, Error> {
        self.sign(content, by, policy, out)
    }

    /// Writes the signed form that holds its content (opaque signed data), where the protocol has one.
    ///
    /// # Errors
    /// As [`Protocol::sign`]; [`Error::Unsupported`] where [`MimeProfile::opaque_signed`] is `None`.
    fn sign_opaque(
        &self,
        content: &dyn Content,
        by: &[Credential],
        policy: &Policy,
        out: &mut dyn Write,
    ) -> Result<Signed, Error>;

    /// Verifies a detached signature over `content`.
    ///
    /// # Errors
    /// [`Error::Io`] only; whatever is wrong with the signature is a fact.
    fn verify(&self, content: &dyn Content, signature: &[u8], with: &Context<'_>) -> Result<Peeled, Error>;

    /// What [`Protocol::encrypt_for`] will choose for these recipients; asked first, because the MIME header precedes the body.
    /// Who knows a password announces nothing, so something is chosen that every program reads.
    ///
    /// # Errors
    /// [`Error::CannotEncrypt`] for the first that cannot be encrypted to; [`Error::Unsupported`] where somebody cannot be
    /// hidden; [`Error::Misuse`] for nobody.
    fn choose_for(&self, to: &Recipients<'_>, policy: &Policy) -> Result<Encrypted, Error>;

    /// As [`Protocol::choose_for`], where all are named.
    ///
    /// # Errors
    /// As [`Protocol::choose_for`].
    fn choose(&self, to: &[Cert], policy: &Policy) -> Result<Encrypted, Error> {
        self.choose_for(&Recipients::named(to), policy)
    }

    /// Encrypts `content` so that each of the recipients alone reads it, in the encoding of its MIME form (armor or binary);
    /// signs inside when `signed_by` is not empty, which is allowed only where [`MimeProfile::combined`] is true.
    ///
    /// # Errors
    /// As [`Protocol::choose_for`]; [`Error::CannotSign`], [`Error::Locked`], [`Error::Io`], [`Error::Misuse`].
    fn encrypt_for(
        &self,
        content: &dyn Content,
        to: &Recipients<'_>,
        signed_by: &[Credential],
        policy: &Policy,
        out: &mut dyn Write,
    ) -> Result<(), Error>;

    /// As [`Protocol::encrypt_for`], where all are named.
    ///
    /// # Errors
    /// As [`Protocol::encrypt_for`].
    fn encrypt(
        &self,
        content: &dyn Content,
        to: &[Cert],
        signed_by: &[Credential],
        policy: &Policy,
        out: &mut dyn Write,
    ) -> Result<(), Error> {
        self.encrypt_for(content, &Recipients::named(to), signed_by, policy, out)
    }

    /// Removes every layer of this protocol that wraps `blob`, and writes what is inside to `into`, committed once it may
    /// be used. Looks inside, never believes a label. When nothing could be removed, nothing is committed.
    ///
    /// `blob` is `Send + Sync` because an engine may ask that of its readers (Sequoia does); a slice and every decoder
    /// over one are.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Limit`]; everything else is a fact.
    fn open(
        &self,
        blob: &mut (dyn Read + Send + Sync),
        with: &Context<'_>,
        into: &mut dyn Sink,
    ) -> Result<Peeled, Error>;

    /// Opens one block of protected text ([`MimeProfile::inline`]), from its first line to its last and by itself; else as
    /// [`Protocol::open`]. Nothing around it comes in, so that it says nothing of a message. As given here for protocols that
    /// have none.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Limit`], [`Error::Unsupported`]; everything else is a fact.
    fn open_inline(&self, block: &[u8], with: &Context<'_>, into: &mut dyn Sink) -> Result<Peeled, Error> {
        let _ = (block, with, into);
        Err(Error::Unsupported(format!("{} inside a text", self.id())))
    }

    /// Looks at `blob` without any key: its outer layers, algorithms and recipients; decrypts nothing.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Limit`]; everything else is a fact.
    fn inspect(&self, blob: &mut (dyn Read + Send + Sync), policy: &Policy) -> Result<Peeled, Error>;
}
