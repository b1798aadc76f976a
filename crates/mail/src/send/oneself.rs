//! A draft that its author keeps: encrypted to oneself and not signed
//! ([RFC 9787 §9.5](https://www.rfc-editor.org/rfc/rfc9787#section-9.5), R126).

use super::outgoing::Copy;
use super::plan::{Group, Plan};
use super::{Compose, Obstacle, SignedForm, User};
use crate::Error;
use mailseal_core::{Cert, Protocol, Purpose};
use std::sync::Arc;

impl Compose<'_> {
    /// Keeps the draft instead of sending it: encrypted to its author alone, in the first protocol that the author has, and
    /// not signed, since it is nobody's word yet (R126). [`Compose::user`] names the author of a draft that has no From.
    ///
    /// All that was written stands inside, Bcc included, which never stands outside; no Date and no Message-ID are added. A
    /// draft is not meant to be sent like this: [`Outgoing::rcpt_to`](crate::Outgoing) is empty. To send it, open it and
    /// compose what [`Payload::write_message`](crate::Payload::write_message) writes.
    pub fn for_oneself(mut self) -> Self {
        self.headers.for_oneself = true;
        self
    }
}

impl<'m> Plan<'m> {
    /// The plan of a draft for oneself.
    pub(super) fn for_oneself(compose: Compose<'m>) -> Result<Plan<'m>, Error> {
        if compose.sign || compose.form != SignedForm::default() {
            return Err(Error::Misuse("a draft for oneself is not signed"));
        }
        if compose.recipients.is_some() || !compose.hidden.is_empty() || !compose.passwords.is_empty() {
            return Err(Error::Misuse("a draft for oneself has no other recipients"));
        }
        let author = match &compose.user {
            Some(User::Address(address)) => address.clone(),
            _ => compose.draft.author()?,
        };
        let mut plan = Plan::new(compose, author);
        match plan.own_protocol() {
            Ok((protocol, cert)) => {
                let certs = vec![cert];
                let encryption = Some(protocol.choose(&certs, plan.compose.mail.policy())?);
                let (copy, rcpt_to, signers) = (Copy::Oneself, Vec::new(), Vec::new());
                plan.groups.push(Group { copy, rcpt_to, certs, hidden: Vec::new(), encryption, signers, protocol });
            }
            Err(obstacle) => plan.unreachable.push((plan.author.clone(), obstacle)),
        }
        Ok(plan)
    }
}

impl Plan<'_> {
    /// The first protocol in which the author has a certificate that encrypts: one whose key is at hand, else (a token that
    /// is elsewhere) one that somebody vouches for.
    fn own_protocol(&self) -> Result<(Arc<dyn Protocol>, Cert), Obstacle> {
        let (mail, only) = (self.compose.mail, self.compose.only);
        let credentials = self.user().among(mail.keys());
        for protocol in mail.protocols().iter().filter(|protocol| only.is_none_or(|id| id == protocol.id())) {
            let mut own = credentials.iter().map(|credential| &credential.cert);
            let is_usable = |cert: &&Cert| {
                cert.protocol() == protocol.id() && protocol.usable(cert, Purpose::Encrypt, mail.policy()).is_ok()
            };
            if let Some(cert) = own.find(is_usable) {
                return Ok((protocol.clone(), cert.clone()));
            }
        }
        let found = mail.reach(&self.author, only)?.cert;
        let protocol = mail.protocols().get(found.protocol()).ok_or(Obstacle::NoCertificate)?;
        Ok((protocol.clone(), found))
    }
}
