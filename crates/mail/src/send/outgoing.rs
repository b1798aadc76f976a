//! One message that goes out.

use super::entity::{self, Inner};
use super::plan::Group;
use super::{Compose, SignedForm};
use crate::Error;
use mailseal_core::{
    Address, Credential, EncryptedForm, Error as CoreError, Passphrase, Policy, ProtocolId, Recipients,
};
use mailseal_mime::Header;
use mailseal_mime::secure::{self, Control};
use std::io::{self, Write};

/// For whom a copy is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Copy {
    /// For everybody in To and Cc who has this protocol.
    Everybody,
    /// For one Bcc recipient, or one who stands in no field, whom nobody else sees (R125).
    Bcc(Address),
    /// For nobody but the author: a draft (R126).
    Oneself,
}

/// One message that goes out, ready to be written. Held are the header, the plan of the body and a detached signature; the
/// body is read from the draft and written through, whatever its size.
pub struct Outgoing<'p> {
    /// For whom this copy is.
    pub copy: Copy,
    /// The envelope recipients.
    pub rcpt_to: Vec<Address>,
    outer: Header,
    inner: Inner<'p>,
    group: &'p Group,
    passwords: &'p [Passphrase],
    policy: &'p Policy,
}

impl<'p> Outgoing<'p> {
    /// Signs for one group. `header` is that of the draft, completed and without Bcc.
    pub(super) fn protect(compose: &'p Compose<'_>, group: &'p Group, header: &Header) -> Result<Outgoing<'p>, Error> {
        let header = compose.header_for(group, header)?;
        let (payload, outer) = entity::payload(&compose.draft, &header, &compose.headers, group.encryption.is_some())?;
        let policy = compose.mail.policy();
        let protocol = group.protocol.as_ref();
        let inner = if group.signers.is_empty() {
            Inner::Payload(payload)
        } else if group.encryption.is_some() && protocol.profile().combined {
            // A locked key or a missing token shows now, before the first octet is written.
            protocol.sign(&Vec::new(), &group.signers, policy, &mut io::sink())?;
            Inner::Payload(payload)
        } else {
            match compose.form {
                SignedForm::Multipart => Inner::detached(payload, protocol, &group.signers, policy)?,
                SignedForm::Opaque => Inner::opaque(payload, protocol, &group.signers, policy)?,
                SignedForm::Unobtrusive => Inner::unobtrusive(payload, protocol, &group.signers, policy)?,
            }
        };
        let (copy, rcpt_to, passwords) = (group.copy.clone(), group.rcpt_to.clone(), compose.passwords.as_slice());
        Ok(Outgoing { copy, rcpt_to, outer, inner, group, passwords, policy })
    }

    /// The protocol of this message.
    pub fn protocol(&self) -> ProtocolId {
        self.group.protocol()
    }

    /// Writes the whole message, in CRLF lines and constant memory. Encryption happens here, with a new content key at each
    /// call.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Core`]; what was written before is worthless then.
    pub fn write_to(&self, out: &mut dyn Write) -> Result<(), Error> {
        let mut outer = Vec::new();
        self.outer.write_canonical(&mut outer)?;
        match &self.group.encryption {
            None => Ok(self.inner.write_behind(&outer, out)?),
            Some(chosen) => self.encrypt(&outer, chosen.smime_type, out),
        }
    }

    /// The whole message in memory.
    ///
    /// # Errors
    /// As [`Outgoing::write_to`].
    pub fn to_vec(&self) -> Result<Vec<u8>, Error> {
        let mut message = Vec::new();
        self.write_to(&mut message)?;
        Ok(message)
    }

    fn to(&self) -> Recipients<'_> {
        Recipients { named: &self.group.certs, hidden: &self.group.hidden, passwords: self.passwords }
    }

    fn encrypt(&self, outer: &[u8], smime_type: Option<&'static str>, out: &mut dyn Write) -> Result<(), Error> {
        let protocol = self.group.protocol.as_ref();
        let profile = protocol.profile();
        let by: &[Credential] = if profile.combined { &self.group.signers } else { &[] };
        let mut failure: Option<CoreError> = None;
        let mut body = |out: &mut dyn Write| {
            protocol.encrypt_for(&self.inner, &self.to(), by, self.policy, out).map_err(|error| match error {
                CoreError::Io(error) => error,
                error => {
                    let told = io::Error::other(error.to_string());
                    failure = Some(error);
                    told
                }
            })
        };
        let written = match profile.encrypted {
            EncryptedForm::ControlAndOctets { protocol, control, file_name } => {
                let control =
                    Control { media_type: protocol, description: None, text: control, data_file_name: file_name };
                secure::write_encrypted(out, outer, &control, &mut body, &secure::boundary()?)
            }
            EncryptedForm::Opaque(form) => {
                let smime_type = smime_type.unwrap_or("enveloped-data");
                secure::write_opaque(out, outer, form.media_type, smime_type, form.file_name, &mut body)
            }
            _ => return Err(Error::Misuse("a form of encrypted data that is not known")),
        };
        match failure {
            Some(error) => Err(error.into()),
            None => Ok(written?),
        }
    }
}
