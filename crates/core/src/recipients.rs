//! To whom a message is encrypted.

use crate::{Cert, Passphrase};

/// The recipients of one encrypted message. Whoever of them opens it gets the same content.
#[derive(Debug, Clone, Copy, Default)]
pub struct Recipients<'a> {
    /// Named in the message, so that each finds his key.
    pub named: &'a [Cert],
    /// Not named (RFC 9580 §5.1.8): everybody sees that there is somebody, nobody sees who.
    pub hidden: &'a [Cert],
    /// Whoever knows one of these.
    pub passwords: &'a [Passphrase],
}

impl<'a> Recipients<'a> {
    /// Named recipients and nobody else.
    pub fn named(certs: &'a [Cert]) -> Recipients<'a> {
        Recipients { named: certs, ..Recipients::default() }
    }

    /// The certificates, named and hidden.
    pub fn certs(&self) -> impl Iterator<Item = &'a Cert> + use<'a> {
        self.named.iter().chain(self.hidden)
    }

    /// Whether there is nobody.
    pub fn is_empty(&self) -> bool {
        self.named.is_empty() && self.hidden.is_empty() && self.passwords.is_empty()
    }
}
