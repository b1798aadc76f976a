//! What says that an answer goes to the right people.

use super::fields::addresses;
use crate::{Opened, Sender};
use mailseal_core::{Decryption, Integrity, Layer};
use mailseal_mime::Header;

/// What says that the recipients of an answer are those to whom it should go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Recipients {
    /// The message names them in its protected header: under the author's signature, or inside an encryption that nobody
    /// can have changed. Whoever only sent the message on did not write them.
    Protected,
    /// The header is not protected, and the one recipient is the From, whose signature the message has.
    Author,
    /// Anybody on the way can have written them.
    Unprotected,
}

impl Recipients {
    /// Those of an answer with this header. `is_inside` says that it was made of protected fields alone.
    pub(super) fn of(opened: &Opened<'_>, is_inside: bool, header: &Header) -> Recipients {
        let sender = match &opened.summary.sender {
            Sender::Verified { address, .. } => Some(address),
            _ => None,
        };
        if is_inside && (sender.is_some() || is_authenticated(opened)) {
            return Recipients::Protected;
        }
        let named = addresses(header);
        match sender {
            Some(sender) if !named.is_empty() && named.iter().all(|address| address == sender) => Recipients::Author,
            _ => Recipients::Unprotected,
        }
    }
}

/// Whether the message was decrypted and every encryption protects its ciphertext from changes: in one that does not, a
/// stranger's fields may stand before somebody else's text (EFAIL).
fn is_authenticated(opened: &Opened<'_>) -> bool {
    let mut integrities = opened.layers.iter().filter_map(|found| match &found.layer {
        Layer::Encrypted(encryption) if encryption.decryption == Decryption::Done => Some(encryption.integrity),
        _ => None,
    });
    let is_kept = |integrity: Option<Integrity>| matches!(integrity, Some(Integrity::Aead | Integrity::Mdc));
    opened.summary.is_encrypted() && integrities.all(is_kept)
}
