//! One part of the Payload by itself: an errant layer or a forwarded message, opened because somebody chose it
//! ([RFC 9787 §6.2](https://www.rfc-editor.org/rfc/rfc9787#section-6.2), R59, R68).

use super::{Opened, Whole};
use crate::{Error, Mail};
use mailseal_mime::secure;
use mailseal_mime::{Kind, Tree};

impl Mail {
    /// Opens part `number` of a message by itself: an errant layer ([`Opened::errant`](Opened)) or a message/rfc822. What is
    /// said and written is of that part alone; nothing of the message around it comes in.
    ///
    /// A forwarded message has its own From. A layer that is no message has none, so it is never signed: what it was signed
    /// for is not known.
    ///
    /// # Errors
    /// [`Error::Part`] when there is no such part below the Payload, or when it is neither; else as [`Mail::open`].
    pub fn open_part<'m>(&self, opened: &Opened<'m>, number: &str) -> Result<Opened<'m>, Error> {
        let refused = |why| Error::Part { number: number.to_owned(), why };
        let (tree, root) = (&opened.payload.tree, opened.payload.at);
        let index = below(tree, root, number).ok_or_else(|| refused("there is no such part below the payload"))?;
        let found = &tree.parts()[index];
        let message = match found.kind {
            Kind::Message => found.children.first().copied(),
            _ => found.parent.is_some_and(|parent| tree.parts()[parent].kind == Kind::Message).then_some(index),
        };
        let (whole, index) = match message {
            Some(index) => (Whole::Message, index),
            None if secure::is_secured(tree, index) => (Whole::Layer, index),
            None => return Err(refused("it is neither protected nor a message")),
        };
        let bytes = opened.payload.bytes.part(tree.parts()[index].entity.clone());
        let tree = match whole {
            Whole::Message => Tree::parse(&bytes, self.limits())?,
            Whole::Layer => Tree::parse_entity(&bytes, 0..u64::MAX, self.limits())?,
        };
        self.judge(bytes, tree, whole, self.certs(), self.keys())
    }
}

/// The index of a part below the Payload, by its number counted from there.
fn below(tree: &Tree, root: usize, number: &str) -> Option<usize> {
    let mut at = root;
    for ordinal in number.split('.') {
        let ordinal: usize = ordinal.parse().ok()?;
        at = *tree.get(at)?.children.get(ordinal.checked_sub(1)?)?;
    }
    Some(at)
}
