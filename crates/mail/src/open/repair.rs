//! Messages that were mangled on the way: named as a defect, opened where nothing but the ciphertext stands in them, and
//! never signed, because what arrived is not what was signed.

use super::peel::{Unwrapped, by_control, by_signature};
use crate::{Error, Mail};
use mailseal_mime::secure::{Mangling, Secured, mangling};

/// What the root was before it was mangled, where it can be opened as that; what happened is among the defects.
pub(crate) fn repaired(mail: &Mail, state: &mut Unwrapped<'_>) -> Result<Option<Secured>, Error> {
    let Some(found) = mangling(&state.bytes, &state.tree, state.at)? else { return Ok(None) };
    let number = |index| state.tree.number(index);
    let (defect, secured) = match found {
        Mangling::MixedUp(encrypted) if by_control(mail, &encrypted.protocol).is_some() => (
            "multipart/encrypted was made multipart/mixed with an empty text on the way, and is opened as what it was"
                .to_owned(),
            Some(Secured::Encrypted(encrypted)),
        ),
        Mangling::Retyped { signature } if is_signature(mail, state, signature) => {
            ("multipart/signed was made multipart/mixed on the way, and its signature does not count".to_owned(), None)
        }
        Mangling::Surrounded { secured } => {
            (format!("part {} was protected, and text was put beside it on the way", number(secured)), None)
        }
        Mangling::Wrapped { secured } => {
            (format!("part {} was protected, and a multipart was put around it on the way", number(secured)), None)
        }
        Mangling::Renamed => (
            "the file name is that of a protected message, and its media type is not, perhaps lost on the way"
                .to_owned(),
            None,
        ),
        _ => return Ok(None),
    };
    state.defects.push(defect);
    Ok(secured)
}

fn is_signature(mail: &Mail, state: &Unwrapped<'_>, part: usize) -> bool {
    state.tree.get(part).is_some_and(|part| by_signature(mail, part.content_type.media_type()).is_some())
}
