//! Errant layers: cryptographic parts inside the Payload, which say nothing of the message
//! ([RFC 9787 §4.5](https://www.rfc-editor.org/rfc/rfc9787#section-4.5), R57-R59, R68).

use super::inline;
use super::peel::{Unwrapped, by_control, by_opaque, by_signature};
use crate::Mail;
use mailseal_core::{Layer, Protocol, ProtocolId};
use mailseal_mime::secure::{self, Secured};
use std::sync::Arc;

/// A layer inside the Payload: listed, not opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Errant {
    /// Where, counted from the Payload: `1.2`.
    pub part: String,
    /// Its protocol, when known.
    pub protocol: Option<ProtocolId>,
    /// `signed`, `encrypted` or `compressed`: what its outside says.
    pub kind: &'static str,
    /// How it stands in the message.
    pub form: Form,
}

/// How an errant layer stands in the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Form {
    /// It is a part of MIME.
    Part,
    /// It stands in the text of a part, which is no layer (R39).
    Inline,
}

impl Form {
    /// The word that the verdict prints.
    pub fn as_str(self) -> &'static str {
        match self {
            Form::Part => "part",
            Form::Inline => "inline",
        }
    }
}

/// The errant layers of the Payload, in the order of the message. What is inside one of them is not listed again.
pub(crate) fn list(mail: &Mail, payload: &Unwrapped<'_>) -> Vec<Errant> {
    let tree = &payload.tree;
    let mut found = Vec::new();
    let mut within: Option<usize> = None;
    for index in 0..tree.parts().len() {
        if !tree.is_within(index, payload.at) || within.is_some_and(|outer| tree.is_within(index, outer)) {
            continue;
        }
        let part = below(&tree.number(payload.at), &tree.number(index));
        let layer = if index == payload.at { None } else { look(mail, payload, index) };
        if let Some((protocol, kind)) = layer {
            within = Some(index);
            found.push(Errant { part, protocol, kind, form: Form::Part });
            continue;
        }
        for (protocol, kind) in inline::look(mail, &payload.bytes, tree, index) {
            found.push(Errant { part: part.clone(), protocol: Some(protocol), kind, form: Form::Inline });
        }
    }
    found
}

/// The layer that a part is, by its outside alone; `None` where it is none.
fn look(mail: &Mail, payload: &Unwrapped<'_>, index: usize) -> Option<(Option<ProtocolId>, &'static str)> {
    let id = |protocol: Option<&Arc<dyn Protocol>>| protocol.map(|known| known.id());
    match secure::recognise(&payload.tree, index)? {
        Secured::Signed(signed) => Some((id(by_signature(mail, &signed.protocol)), "signed")),
        Secured::Encrypted(encrypted) => Some((id(by_control(mail, &encrypted.protocol)), "encrypted")),
        Secured::Opaque(opaque) => {
            let protocol = by_opaque(mail, &opaque.media_type)?;
            let seen = protocol.inspect(&mut payload.decoded(index), mail.policy()).ok()?;
            let kind = match seen.layers.first()? {
                Layer::Signed(_) => "signed",
                Layer::Encrypted(_) => "encrypted",
                _ => "compressed",
            };
            Some((Some(protocol.id()), kind))
        }
        Secured::Malformed(_) => None,
    }
}

/// A part number counted from the Payload in place of the tree's root.
pub(super) fn below(payload: &str, part: &str) -> String {
    part.strip_prefix(payload).map_or(part, |rest| rest.trim_start_matches('.')).to_owned()
}
