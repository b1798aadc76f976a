//! Whether a part is secured, by its structure alone.

use super::{Encrypted, Opaque, Signed};
use crate::{Kind, Part, Tree};

/// What a part is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Secured {
    /// multipart/signed: two parts, the second of the type that `protocol` names.
    Signed(Signed),
    /// multipart/encrypted: two parts, the first of the type that `protocol` names.
    Encrypted(Encrypted),
    /// One part of application/pkcs7-mime.
    Opaque(Opaque),
    /// It says that it is secured, and is not what the standard says; never a Cryptographic Layer. The reason in words.
    Malformed(&'static str),
}

/// What part `index` is; `None` where it does not say that it is secured. Only the part itself is looked at, and whether
/// the octets in it are what they should be is for the protocol to say.
pub fn recognise(tree: &Tree, index: usize) -> Option<Secured> {
    let part = tree.get(index)?;
    let secured = match part.content_type.media_type() {
        "multipart/signed" => {
            two_parts(tree, part).and_then(|parts| Signed::of(tree, part, parts)).map(Secured::Signed)
        }
        "multipart/encrypted" => {
            two_parts(tree, part).and_then(|parts| Encrypted::of(tree, part, parts)).map(Secured::Encrypted)
        }
        "application/pkcs7-mime" | "application/x-pkcs7-mime" => {
            unambiguous(part).map(|()| Secured::Opaque(Opaque::of(part)))
        }
        _ => return None,
    };
    Some(secured.unwrap_or_else(Secured::Malformed))
}

/// Whether part `index` is secured, and well-formed as such.
pub fn is_secured(tree: &Tree, index: usize) -> bool {
    !matches!(recognise(tree, index), None | Some(Secured::Malformed(_)))
}

/// The two children of a multipart that is what it seems (R12, R13).
fn two_parts(tree: &Tree, part: &Part) -> Result<(usize, usize), &'static str> {
    unambiguous(part)?;
    if !matches!(part.kind, Kind::Multipart { .. }) {
        return Err("no parts");
    }
    let &[first, second] = part.children.as_slice() else { return Err("not exactly two parts") };
    unambiguous(&tree.parts()[first])?;
    unambiguous(&tree.parts()[second])?;
    Ok((first, second))
}

pub(super) fn unambiguous(part: &Part) -> Result<(), &'static str> {
    // Doubled message fields are for whoever reads From and Subject; here only the structure counts.
    let structural = |defect: &&crate::Defect| match defect {
        crate::Defect::DuplicateField(name) => name.starts_with("content-"),
        other => other.is_ambiguous(),
    };
    match part.defects.iter().find(structural) {
        Some(_) => Err("ambiguous structure"),
        None => Ok(()),
    }
}

/// The `protocol` parameter in lower case; it must be the media type of the part that carries the control information.
pub(super) fn protocol(part: &Part, control: &Part) -> Result<String, &'static str> {
    let protocol = part.content_type.param("protocol").ok_or("no protocol parameter")?.trim().to_ascii_lowercase();
    // The older names of S/MIME types stand beside the newer ones in mails of some clients (R43).
    let newer = |name: &str| name.replace("application/x-pkcs7-", "application/pkcs7-");
    if newer(&protocol) == newer(control.content_type.media_type()) {
        Ok(protocol)
    } else {
        Err("the protocol parameter names another type")
    }
}
