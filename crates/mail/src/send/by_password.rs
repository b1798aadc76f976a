//! Recipients who read a message by a password, since they have no certificate.

use super::outgoing::Copy;
use super::plan::{Place, Plan};
use super::{Compose, Obstacle};
use mailseal_core::{Address, Passphrase, Protocol};
use std::sync::Arc;

/// Those without a certificate: where each belongs, and what stood in the way.
pub(super) type Left = Vec<(Address, Place, Obstacle)>;

impl Compose<'_> {
    /// Whoever knows one of these reads every message, besides its recipients. Recipients in To, Cc and Bcc without a
    /// certificate are then no obstacle ([`Plan::by_password`]), and a message without any recipient is possible: it is of
    /// [`Compose::only`], else of the preferred protocol.
    ///
    /// Whoever has the message can try passwords on it for as long as they like: what a person remembers is weaker than any
    /// certificate.
    pub fn passwords(mut self, passwords: Vec<Passphrase>) -> Self {
        self.passwords = passwords;
        self
    }
}

impl Plan<'_> {
    /// Gives those without a certificate the message that the others get, or one where nobody else gets any; those in Bcc
    /// one of their own, as always. Nobody at all still makes one message.
    pub(super) fn place_by_password(&mut self, left: Left) {
        let Some(protocol) = self.protocol_for_passwords() else { return };
        if left.is_empty() && self.groups.is_empty() {
            self.group(Copy::Everybody, protocol.clone());
        }
        for (address, place, obstacle) in left {
            let copy = if place == Place::Open { Copy::Everybody } else { Copy::Bcc(address.clone()) };
            self.group(copy, protocol.clone()).rcpt_to.push(address.clone());
            self.by_password.push((address, obstacle));
        }
    }

    /// The protocol of the message that everybody gets, else of another one; without any the only one that is allowed, else
    /// the preferred.
    fn protocol_for_passwords(&self) -> Option<Arc<dyn Protocol>> {
        let (mail, only) = (self.compose.mail, self.compose.only);
        let for_everybody = self.groups.iter().find(|group| group.copy == Copy::Everybody);
        if let Some(group) = for_everybody.or(self.groups.first()) {
            return Some(group.protocol.clone());
        }
        mail.protocols().iter().find(|protocol| only.is_none_or(|id| id == protocol.id())).cloned()
    }
}
