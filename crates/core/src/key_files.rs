//! Keys and certificates as files: how a protocol makes them and writes them down.

use crate::{Address, Cert, Credential, Error, Handle, Passphrase, Revision};
use std::time::SystemTime;
use zeroize::Zeroizing;

/// How the files of one protocol are called, without the dot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Endings {
    /// A certificate.
    pub cert: &'static str,
    /// A secret key with its certificate, for other programs.
    pub key: &'static str,
    /// A secret key with its certificate, as a keyring keeps it.
    pub kept: &'static str,
    /// A certificate that is a trust anchor; `None` for protocols without authorities.
    pub anchor: Option<&'static str>,
}

/// A key that is to be made.
#[derive(Debug, Clone, Copy)]
pub struct NewKey<'a> {
    /// Whose it will be.
    pub address: &'a Address,
    /// More addresses of the same owner.
    pub also: &'a [Address],
    /// The owner's name, for people.
    pub name: Option<&'a str>,
    /// A set of choices by its name in lower case (`rfc9580`, `pqc`); the protocol's own where there is none.
    pub profile: Option<&'a str>,
    /// The kind of key by its name in lower case (`p256`, `rsa3072`); the protocol's own choice where there is none.
    pub algorithm: Option<&'a str>,
    /// Start of its validity.
    pub from: SystemTime,
    /// End of its validity; `None` where it has none.
    pub to: Option<SystemTime>,
    /// What the secret key is to be locked with.
    pub passphrase: Option<&'a Passphrase>,
}

/// A key that was made.
#[derive(Debug)]
#[non_exhaustive]
pub struct MadeKey {
    /// Its certificate, signed by itself.
    pub cert: Cert,
    /// Certificate and secret key, as a keyring keeps them.
    pub kept: Zeroizing<Vec<u8>>,
    /// What takes the certificate back when it is published, as text; kept apart from the key.
    pub revocation: Option<Vec<u8>>,
}

impl MadeKey {
    /// A key that was made, in the form in which a keyring keeps it.
    pub fn new(cert: Cert, kept: Zeroizing<Vec<u8>>, revocation: Option<Vec<u8>>) -> MadeKey {
        MadeKey { cert, kept, revocation }
    }
}

/// A certificate that was asked of an authority.
#[derive(Debug)]
#[non_exhaustive]
pub struct Requested {
    /// What the key is called until it has a certificate.
    pub handle: Handle,
    /// For the authority, as text.
    pub request: Vec<u8>,
    /// The request with its secret key, to be kept until the certificate is there.
    pub kept: Zeroizing<Vec<u8>>,
}

impl Requested {
    /// What goes to the authority, and what stays.
    pub fn new(handle: Handle, request: Vec<u8>, kept: Zeroizing<Vec<u8>>) -> Requested {
        Requested { handle, request, kept }
    }
}

/// A certificate that says something new, with its secret key.
#[derive(Debug)]
#[non_exhaustive]
pub struct Revised {
    /// The certificate as it is now.
    pub cert: Cert,
    /// Certificate and secret key, as a keyring keeps them, locked as they were.
    pub kept: Zeroizing<Vec<u8>>,
}

impl Revised {
    /// A certificate that was changed, in the form in which a keyring keeps it.
    pub fn new(cert: Cert, kept: Zeroizing<Vec<u8>>) -> Revised {
        Revised { cert, kept }
    }
}

/// How much of a certificate others are given. What its owner keeps to himself is in neither.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Extent {
    /// What a correspondent needs to write to it, to verify its signatures and to know what was taken back.
    #[default]
    Minimal,
    /// All that is known of it: its past, and what others say of it.
    Full,
}

/// For whom a file of a secret key is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Readers {
    /// Programs of today: the best that the standard has.
    #[default]
    Current,
    /// Programs that know only what was usual twenty years ago.
    Old,
}

/// What the secret part of a kept key is locked with.
#[derive(Debug, Clone, Copy)]
pub enum Lock<'a> {
    /// With what it was locked with where it was read, if with anything.
    AsItWas,
    /// With this passphrase.
    With(&'a Passphrase),
    /// With nothing.
    Open,
}

/// Making keys and writing them down, in the forms of one protocol. What it writes,
/// [`Protocol::parse_certs`](crate::Protocol::parse_certs) and [`Protocol::parse_keys`](crate::Protocol::parse_keys) read.
pub trait KeyFiles: Send + Sync {
    /// How its files are called.
    fn endings(&self) -> Endings;

    /// Makes a key and a certificate that it signs itself.
    ///
    /// # Errors
    /// [`Error::UnknownName`] for a kind of key or a profile that there is not, [`Error::Unsupported`] for one that this build does
    /// not know, [`Error::Malformed`] for a name or time that the certificate cannot hold, [`Error::Engine`].
    fn generate(&self, new: &NewKey<'_>) -> Result<MadeKey, Error>;

    /// Makes a key and asks an authority to certify it. As given here for protocols without authorities.
    ///
    /// # Errors
    /// As [`KeyFiles::generate`].
    fn request(&self, new: &NewKey<'_>) -> Result<Requested, Error> {
        let _ = new;
        Err(Error::Unsupported("there are no authorities to ask".into()))
    }

    /// The file of a secret key, as a keyring keeps it, when `cert` is the answer to the request in `kept`
    /// ([`Requested::kept`]); `None` when it is another's. As given here for protocols without authorities.
    fn answer(&self, kept: &[u8], cert: &Cert) -> Option<Zeroizing<Vec<u8>>> {
        let _ = (kept, cert);
        None
    }

    /// Changes what a certificate says of itself, as of `at`. As given here for protocols whose certificates do not change.
    ///
    /// # Errors
    /// [`Error::Unsupported`] where the protocol has no such change, [`Error::CannotSign`] when the secret of the key that signs
    /// it is not here or may not, [`Error::Locked`], [`Error::Malformed`] for what the certificate cannot say.
    fn revise(&self, credential: &Credential, revision: &Revision<'_>, at: SystemTime) -> Result<Revised, Error> {
        let _ = (credential, revision, at);
        Err(Error::Unsupported("what such a certificate says was signed by its authority and stays as it is".into()))
    }

    /// Two copies of one certificate as one that says what either says, revocations above all. As given here for protocols whose
    /// certificates do not change.
    fn merge(&self, known: &Cert, new: &Cert) -> Cert {
        let _ = known;
        new.clone()
    }

    /// The file of a kept key with what `cert` says of it more; `None` where there is nothing to change. Needs no passphrase. As
    /// given here for protocols whose certificates do not change.
    fn update(&self, kept: &[u8], cert: &Cert) -> Option<Zeroizing<Vec<u8>>> {
        let _ = (kept, cert);
        None
    }

    /// The file of a kept key that comes again, perhaps with more: nothing that either has is lost, and what was kept locked stays
    /// locked. `None` where the file has no such key. As given here the new one takes its place.
    ///
    /// # Errors
    /// As [`KeyFiles::keep_key`].
    fn join(&self, kept: &[u8], new: &Credential, lock: Lock<'_>) -> Result<Option<Zeroizing<Vec<u8>>>, Error> {
        let _ = kept;
        self.keep_key(new, lock).map(Some)
    }

    /// Whether a certificate is an authority's, which may certify others. As given here for protocols without authorities.
    fn is_authority(&self, cert: &Cert) -> bool {
        let _ = cert;
        false
    }

    /// Writes a certificate as text, as a keyring keeps it.
    ///
    /// # Errors
    /// [`Error::Misuse`] for a certificate of another protocol.
    fn write_cert(&self, cert: &Cert) -> Result<Vec<u8>, Error>;

    /// Writes a certificate as text for somebody else, as of `at`. As given here for protocols whose certificates are one piece.
    ///
    /// # Errors
    /// As [`KeyFiles::write_cert`].
    fn share_cert(&self, cert: &Cert, extent: Extent, at: SystemTime) -> Result<Vec<u8>, Error> {
        let _ = (extent, at);
        self.write_cert(cert)
    }

    /// Writes a secret key with its certificate for other programs, locked with `passphrase`, or not at all without one.
    ///
    /// # Errors
    /// [`Error::Locked`] when it stays locked, [`Error::Unsupported`] when its secret is not here (a token) or the readers
    /// cannot be served.
    fn write_key(
        &self,
        credential: &Credential,
        passphrase: Option<&Passphrase>,
        readers: Readers,
    ) -> Result<Zeroizing<Vec<u8>>, Error>;

    /// Writes a secret key with its certificate as a keyring keeps it: the certificate can be read without a passphrase. The key
    /// is opened in any case, so that nobody keeps as his own what he cannot open.
    ///
    /// # Errors
    /// As [`KeyFiles::write_key`].
    fn keep_key(&self, credential: &Credential, lock: Lock<'_>) -> Result<Zeroizing<Vec<u8>>, Error>;
}
