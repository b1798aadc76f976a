//! Sending: draft -> plan (who, with which certificate, may we) -> protected messages.

mod autocrypt;
mod by_password;
mod draft;
mod entity;
mod headers;
mod oneself;
mod outgoing;
mod plan;
mod recipient;

pub use outgoing::{Copy, Outgoing};
pub use plan::{Group, Plan};
pub use recipient::{Obstacle, Reachable};

use crate::{Error, Mail};
use autocrypt::Told;
use draft::Draft;
use headers::Headers;
use mailseal_core::{Address, Credential, Handle, KeySource, MimeProfile, Passphrase, ProtocolId};
use mailseal_mime::Source;
use std::fmt;

/// Whether a message is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Encrypt {
    /// It is not.
    #[default]
    Never,
    /// It is, or nothing is sent.
    Always,
}

/// How a signature stands in the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum SignedForm {
    /// multipart/signed (RFC 1847 §2.1): every reader shows the text, those that cannot verify it an attachment as well.
    #[default]
    Multipart,
    /// The form that holds its content, where the protocol has one (RFC 8551 §3.5.2): it survives gateways that touch the
    /// text, and cannot be read without a program that knows it.
    Opaque,
    /// In the header of the one part of a multipart/mixed (draft-ietf-mailmaint-unobtrusive-signatures-02): readers that
    /// cannot verify it show nothing of it. Only for messages that are not encrypted.
    Unobtrusive,
}

impl SignedForm {
    /// Whether a protocol has it.
    fn is_of(self, profile: &MimeProfile) -> bool {
        match self {
            SignedForm::Multipart => true,
            SignedForm::Opaque => profile.opaque_signed.is_some(),
            SignedForm::Unobtrusive => profile.unobtrusive.is_some(),
        }
    }
}

/// Recipients that cannot be encrypted to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Missing {
    /// Nothing is protected while there are any.
    #[default]
    Fail,
    /// They get nothing; the others do.
    Skip,
}

/// Who signs, when it is not the From address.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum User {
    /// The credentials of an address.
    Address(Address),
    /// One credential, by a handle of its certificate or of its primary key.
    Handle(Handle),
}

impl fmt::Display for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            User::Address(address) => address.fmt(f),
            User::Handle(handle) => handle.fmt(f),
        }
    }
}

impl User {
    /// The credentials that are meant.
    fn among(&self, keys: &dyn KeySource) -> Vec<Credential> {
        match self {
            User::Address(address) => keys.by_address(address),
            User::Handle(handle) => {
                let mut found = keys.by_handle(handle);
                found.retain(|credential| credential.cert.is_called(handle));
                found
            }
        }
    }
}

/// A draft and what is to become of it; ends in a [`Plan`].
#[must_use = "nothing happens before plan() and protect()"]
pub struct Compose<'m> {
    mail: &'m Mail,
    draft: Draft<'m>,
    sign: bool,
    form: SignedForm,
    encrypt: Encrypt,
    missing: Missing,
    user: Option<User>,
    recipients: Option<Vec<Address>>,
    hidden: Vec<Address>,
    passwords: Vec<Passphrase>,
    only: Option<ProtocolId>,
    headers: Headers,
    told: Told,
}

impl Mail {
    /// Reads a draft: a whole message as the user wrote it.
    ///
    /// # Errors
    /// [`Error::Mime`] when it is no message or beyond the limits.
    pub fn compose<'m>(&'m self, draft: &'m dyn Source) -> Result<Compose<'m>, Error> {
        Ok(Compose {
            mail: self,
            draft: Draft::read(draft, self.limits())?,
            sign: false,
            form: SignedForm::default(),
            encrypt: Encrypt::default(),
            missing: Missing::default(),
            user: None,
            recipients: None,
            hidden: Vec::new(),
            passwords: Vec::new(),
            only: None,
            headers: Headers::default(),
            told: Told::default(),
        })
    }
}

impl Compose<'_> {
    /// Signs it.
    pub fn sign(mut self) -> Self {
        self.sign = true;
        self
    }

    /// The form in which it is signed.
    pub fn form(mut self, form: SignedForm) -> Self {
        self.form = form;
        self
    }

    /// Encrypts it, or does not.
    pub fn encrypt(mut self, encrypt: Encrypt) -> Self {
        self.encrypt = encrypt;
        self
    }

    /// What becomes of recipients without a certificate.
    pub fn missing(mut self, missing: Missing) -> Self {
        self.missing = missing;
        self
    }

    /// Who signs, in place of the From address.
    pub fn user(mut self, user: User) -> Self {
        self.user = Some(user);
        self
    }

    /// Replaces the recipients of To, Cc and Bcc. Who stands neither in To nor in Cc gets a copy of his own, as a Bcc does.
    pub fn recipients(mut self, recipients: Vec<Address>) -> Self {
        self.recipients = Some(recipients);
        self
    }

    /// More recipients, or some of the others: they get the message that everybody gets, and it does not name their keys
    /// (R125). Whose protocol cannot hide him gets a copy of his own.
    pub fn hidden(mut self, hidden: Vec<Address>) -> Self {
        self.hidden = hidden;
        self
    }

    /// Only this protocol.
    pub fn only(mut self, protocol: ProtocolId) -> Self {
        self.only = Some(protocol);
        self
    }
}
