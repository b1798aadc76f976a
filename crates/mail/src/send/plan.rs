//! The plan: who gets which message, with which certificates, signed by whom. Shown or refused before anything is signed.

use super::autocrypt;
use super::by_password::Left;
use super::outgoing::{Copy, Outgoing};
use super::recipient::Obstacle;
use super::{Compose, Encrypt, Missing, SignedForm, User};
use crate::{AutocryptKey, Error, Mail};
use mailseal_core::{
    Address, Cert, Credential, Encrypted, Error as CoreError, Protocol, ProtocolId, Purpose, Recipients as To,
};
use std::sync::Arc;

/// Who gets which message. Nothing was signed yet, and nothing has left.
#[must_use = "nothing happens before protect()"]
pub struct Plan<'m> {
    pub(super) compose: Compose<'m>,
    pub(super) author: Address,
    /// One message each: one a protocol, and one a Bcc recipient.
    pub groups: Vec<Group>,
    /// Recipients that cannot be encrypted to, and why.
    pub unreachable: Vec<(Address, Obstacle)>,
    /// Recipients in To, Cc and Bcc that cannot be encrypted to, and why; they read it if they know a password
    /// ([`Compose::passwords`]).
    pub by_password: Vec<(Address, Obstacle)>,
    /// The author's key that every message announces ([`Compose::autocrypt`]); `None` when that was not asked for, the From
    /// has several addresses, or no key of the author's has a form for Autocrypt.
    pub autocrypt: Option<AutocryptKey>,
}

/// One message of a plan.
#[derive(Clone)]
pub struct Group {
    /// For whom this copy is.
    pub copy: Copy,
    /// The envelope recipients.
    pub rcpt_to: Vec<Address>,
    /// The certificates that it is encrypted to, the sender's own among them (R51); empty when it is only signed.
    pub certs: Vec<Cert>,
    /// The certificates that it is encrypted to without naming them; their addresses are the last of `rcpt_to`.
    pub hidden: Vec<Cert>,
    /// What encryption will be used.
    pub encryption: Option<Encrypted>,
    /// Who signs; empty when it is only encrypted.
    pub signers: Vec<Credential>,
    pub(super) protocol: Arc<dyn Protocol>,
}

impl Group {
    /// The protocol of this message.
    pub fn protocol(&self) -> ProtocolId {
        self.protocol.id()
    }
}

/// Who gets it.
#[derive(Default)]
struct Recipients {
    /// Whom everybody sees.
    open: Vec<Address>,
    /// Who gets a copy of his own.
    apart: Vec<Address>,
    /// Whom the message does not name.
    hidden: Vec<Address>,
}

/// Where a recipient is put.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Open,
    Apart,
    Hidden,
}

/// Each address once, the first time it comes.
fn distinct(addresses: Vec<Address>) -> Vec<Address> {
    let mut seen = Vec::new();
    for address in addresses {
        if !seen.contains(&address) {
            seen.push(address);
        }
    }
    seen
}

impl<'m> Compose<'m> {
    /// Decides who gets which message, with which certificates.
    ///
    /// # Errors
    /// [`Error::NoAuthor`], [`Error::BadRecipients`], [`Error::NoRecipient`], [`Error::NoSigner`], [`Error::Core`] (a locked
    /// key). Recipients that cannot be encrypted to are data: [`Plan::unreachable`].
    pub fn plan(self) -> Result<Plan<'m>, Error> {
        if self.headers.for_oneself {
            return Plan::for_oneself(self);
        }
        let author = self.draft.author()?;
        let autocrypt = self.announced(&author);
        let mut plan = Plan { autocrypt, ..Plan::new(self, author) };
        match (plan.compose.encrypt, plan.compose.sign) {
            (Encrypt::Never, _) if !plan.compose.passwords.is_empty() => {
                return Err(Error::Misuse("a password is for messages that are encrypted"));
            }
            (Encrypt::Always, _) if plan.compose.form == SignedForm::Unobtrusive => {
                return Err(Error::Misuse("unobtrusive signatures are for messages that are not encrypted"));
            }
            (Encrypt::Always, _) => plan.encrypted()?,
            (Encrypt::Never, true) => plan.signed()?,
            (Encrypt::Never, false) => {
                return Err(Error::Misuse("the message is neither to be signed nor to be encrypted"));
            }
        }
        Ok(plan)
    }
}

impl<'m> Plan<'m> {
    /// Nobody gets anything yet.
    pub(super) fn new(compose: Compose<'m>, author: Address) -> Plan<'m> {
        let (groups, unreachable, by_password) = (Vec::new(), Vec::new(), Vec::new());
        Plan { compose, author, groups, unreachable, by_password, autocrypt: None }
    }
}

impl Plan<'_> {
    /// Signs what is to be signed, and gives the messages, ready to be written.
    ///
    /// # Errors
    /// [`Error::Unreachable`] when somebody cannot be encrypted to and nobody said to skip them; [`Error::Core`] for a key
    /// that is locked or fails; [`Error::Mime`] for a draft that cannot be signed as it is.
    pub fn protect(&self) -> Result<Vec<Outgoing<'_>>, Error> {
        let is_missed = self.compose.missing == Missing::Fail && !self.unreachable.is_empty();
        if is_missed || self.groups.is_empty() {
            return Err(Error::Unreachable(self.unreachable.clone()));
        }
        let draft = &self.compose.draft;
        let mut header = draft.header().clone();
        if !self.compose.headers.for_oneself {
            header = draft.completed_header(&self.author, self.mail().policy().at)?;
            header.remove("Bcc");
        }
        if let Some(key) = &self.autocrypt {
            autocrypt::announce(&mut header, key)?;
        }
        self.groups.iter().map(|group| Outgoing::protect(&self.compose, group, &header)).collect()
    }

    fn mail(&self) -> &Mail {
        self.compose.mail
    }

    /// Who gets it, and how: everybody sees who stands in To and Cc, and nobody else (R124, R125).
    fn recipients(&self) -> Result<Recipients, Error> {
        let draft = &self.compose.draft;
        let shown = [draft.addresses("To")?, draft.addresses("Cc")?].concat();
        let all = match &self.compose.recipients {
            Some(given) => given.clone(),
            None => [shown.clone(), draft.addresses("Bcc")?].concat(),
        };
        let mut recipients = Recipients { hidden: distinct(self.compose.hidden.clone()), ..Recipients::default() };
        let others = distinct(all).into_iter().filter(|address| !recipients.hidden.contains(address));
        (recipients.open, recipients.apart) = others.partition(|address| shown.contains(address));
        Ok(recipients)
    }

    /// One message for everybody, of the first protocol in which the user can sign.
    fn signed(&mut self) -> Result<(), Error> {
        let Recipients { open, apart, hidden } = self.recipients()?;
        let rcpt_to = [open, apart, hidden].concat();
        let only = self.compose.only;
        let protocols: Vec<_> = self
            .mail()
            .protocols()
            .iter()
            .filter(|protocol| only.is_none_or(|id| id == protocol.id()))
            .cloned()
            .collect();
        let mut refused = None;
        for protocol in protocols {
            if !self.compose.form.is_of(protocol.profile()) {
                continue;
            }
            match self.signers(&protocol) {
                Ok(signers) => {
                    self.groups.push(Group {
                        copy: Copy::Everybody,
                        rcpt_to,
                        certs: Vec::new(),
                        hidden: Vec::new(),
                        encryption: None,
                        signers,
                        protocol,
                    });
                    return Ok(());
                }
                // That there is no key at all is the least that can be told.
                Err(Error::NoSigner { .. }) if refused.is_some() => {}
                Err(error) => refused = Some(error),
            }
        }
        match (only, refused) {
            (None, Some(Error::NoSigner { user, .. })) => Err(Error::NoSigner { user, protocol: None }),
            (_, Some(error)) => Err(error),
            (_, None) => Err(Error::Misuse("no protocol has this signed form")),
        }
    }

    /// One message for each protocol, one for each Bcc.
    fn encrypted(&mut self) -> Result<(), Error> {
        let Recipients { open, apart, hidden } = self.recipients()?;
        let has_passwords = !self.compose.passwords.is_empty();
        if open.is_empty() && apart.is_empty() && hidden.is_empty() && !has_passwords {
            return Err(Error::NoRecipient);
        }
        let mut left = Left::new();
        for (addresses, place) in [(open, Place::Open), (hidden, Place::Hidden), (apart, Place::Apart)] {
            for address in addresses {
                match self.mail().reach(&address, self.compose.only) {
                    Ok(found) => self.place(address, place, found.cert),
                    // Whom somebody named himself shall have a certificate.
                    Err(obstacle) if has_passwords && place != Place::Hidden && self.compose.recipients.is_none() => {
                        left.push((address, place, obstacle));
                    }
                    Err(obstacle) => self.unreachable.push((address, obstacle)),
                }
            }
        }
        if self.compose.missing == Missing::Fail && !self.unreachable.is_empty() {
            return Ok(());
        }
        if has_passwords {
            self.place_by_password(left);
        }
        for index in 0..self.groups.len() {
            self.complete(index)?;
        }
        Ok(())
    }

    /// Puts a recipient into the message of the protocol in which it can be reached.
    fn place(&mut self, address: Address, place: Place, found: Cert) {
        let Some(protocol) = self.mail().protocols().get(found.protocol()).cloned() else { return };
        let is_hidden = place == Place::Hidden && protocol.profile().hides_recipients;
        let copy = match place == Place::Open || is_hidden {
            true => Copy::Everybody,
            false => Copy::Bcc(address.clone()),
        };
        let group = self.group(copy, protocol);
        group.rcpt_to.push(address);
        if is_hidden { group.hidden.push(found) } else { group.certs.push(found) }
    }

    /// The message of `protocol` for these, a new one where there is none.
    pub(super) fn group(&mut self, copy: Copy, protocol: Arc<dyn Protocol>) -> &mut Group {
        let is_its = |group: &Group| group.copy == copy && group.protocol() == protocol.id();
        let index = self.groups.iter().position(is_its).unwrap_or_else(|| {
            let (certs, hidden, signers) = (Vec::new(), Vec::new(), Vec::new());
            self.groups.push(Group { copy, rcpt_to: Vec::new(), certs, hidden, encryption: None, signers, protocol });
            self.groups.len() - 1
        });
        &mut self.groups[index]
    }

    /// Adds to a group who signs, the sender's own certificate, and what cipher that gives.
    fn complete(&mut self, index: usize) -> Result<(), Error> {
        let protocol = self.groups[index].protocol.clone();
        let signers = if self.compose.sign { self.signers(&protocol)? } else { Vec::new() };
        let own = self.own_certificate(&protocol, &signers);
        let Compose { mail, passwords, .. } = &self.compose;
        let group = &mut self.groups[index];
        if let Some(own) = own.filter(|own| !group.certs.contains(own)) {
            group.certs.push(own);
        }
        group.signers = signers;
        let to = To { named: &group.certs, hidden: &group.hidden, passwords };
        group.encryption = Some(protocol.choose_for(&to, mail.policy())?);
        Ok(())
    }

    /// Whose credentials are meant: the author's, where nobody else is named.
    pub(super) fn user(&self) -> User {
        self.compose.user.clone().unwrap_or_else(|| User::Address(self.author.clone()))
    }

    /// The credentials that sign: the user's, of this protocol, usable now. One is enough; the first is taken.
    fn signers(&self, protocol: &Arc<dyn Protocol>) -> Result<Vec<Credential>, Error> {
        let keys = self.mail().keys();
        let user = self.user();
        let found = user.among(keys);
        let policy = self.mail().policy();
        let mut refused = None;
        for credential in found.into_iter().filter(|credential| credential.cert.protocol() == protocol.id()) {
            match protocol.usable(&credential.cert, Purpose::Sign, policy) {
                Ok(()) => return Ok(vec![credential]),
                Err(reason) => {
                    refused = Some(CoreError::CannotSign {
                        cert: credential.cert.fingerprint().to_string(),
                        why: reason.to_string(),
                    })
                }
            }
        }
        if let Some(error) = refused {
            return Err(error.into());
        }
        match keys.locked().into_iter().next() {
            Some(name) => Err(CoreError::Locked(name).into()),
            None => Err(Error::NoSigner { user: user.to_string(), protocol: Some(protocol.id()) }),
        }
    }

    /// The certificate with which the sender reads what was sent (R51): that of a signing credential where it also
    /// encrypts, else another one of the sender.
    fn own_certificate(&self, protocol: &Arc<dyn Protocol>, signers: &[Credential]) -> Option<Cert> {
        let policy = self.mail().policy();
        let more = if signers.is_empty() { Vec::new() } else { self.mail().keys().by_address(&self.author) };
        let mut own = signers.iter().chain(&more).map(|credential| &credential.cert);
        let usable =
            |cert: &&Cert| cert.protocol() == protocol.id() && protocol.usable(cert, Purpose::Encrypt, policy).is_ok();
        own.find(usable).cloned().or_else(|| Some(self.mail().reach(&self.author, Some(protocol.id())).ok()?.cert))
    }
}
