//! What becomes of secured messages on the way: known manglings, recognised by structure alone.
//!
//! No standard allows these forms. A [`Mangling`] is a defect to be named; only one of them says that the content is still
//! whole.

use super::recognise::unambiguous;
use super::{Encrypted, is_secured};
use crate::{Disposition, Kind, Part, Source, Tree, file_name};
use std::io::{self, Read};

/// The most octets of a text that is read to see whether it says anything.
const BLANK: u64 = 4096;

/// What happened to a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mangling {
    /// multipart/encrypted became a multipart/mixed of three: an empty text/plain, the control part, the octets ("mixed
    /// up", Exchange). Nothing else stands in it, so it can be opened as what it was. Whether the type of the second is
    /// that of a control part is for the caller to say.
    MixedUp(Encrypted),
    /// multipart/signed became a multipart/mixed of the same two parts. Whether the type of the second is that of a
    /// signature is for the caller to say.
    Retyped {
        /// Index of the part that may be the signature.
        signature: usize,
    },
    /// A secured message stands beside texts that were not in it, such as the footer of a mailing list.
    Surrounded {
        /// Index of the secured part.
        secured: usize,
    },
    /// A secured message is the only part of a multipart that was put around it.
    Wrapped {
        /// Index of the secured part.
        secured: usize,
    },
    /// An opaque part lost its media type: application/octet-stream with the file name of secured data, which decides
    /// nothing (R42).
    Renamed,
}

/// What happened to the part at `index`, which [`recognise`](super::recognise) knows nothing of; `None` where nothing is seen.
pub fn mangling(source: &dyn Source, tree: &Tree, index: usize) -> io::Result<Option<Mangling>> {
    let Some(part) = tree.get(index).filter(|part| unambiguous(part).is_ok()) else { return Ok(None) };
    if is_renamed(part) {
        return Ok(Some(Mangling::Renamed));
    }
    if !part.content_type.is("multipart/mixed") || !matches!(part.kind, Kind::Multipart { closed: true, .. }) {
        return Ok(None);
    }
    if let Some(encrypted) = mixed_up(source, tree, &part.children)? {
        return Ok(Some(Mangling::MixedUp(encrypted)));
    }
    Ok(surrounded(tree, &part.children).or_else(|| retyped(tree, &part.children)))
}

fn mixed_up(source: &dyn Source, tree: &Tree, children: &[usize]) -> io::Result<Option<Encrypted>> {
    let &[text, control, data] = children else { return Ok(None) };
    let parts = [text, control, data].map(|index| &tree.parts()[index]);
    let whole = parts.iter().all(|part| part.is_leaf() && unambiguous(part).is_ok());
    if !whole || !parts[0].content_type.is("text/plain") || !parts[2].content_type.is("application/octet-stream") {
        return Ok(None);
    }
    let mut said = Vec::new();
    tree.decoded(source, text).take(BLANK).read_to_end(&mut said)?;
    if said.len() as u64 == BLANK || !said.trim_ascii().is_empty() {
        return Ok(None);
    }
    Ok(Some(Encrypted { protocol: parts[1].content_type.media_type().to_owned(), control, data }))
}

/// Two parts of which the second may be a signature.
fn retyped(tree: &Tree, children: &[usize]) -> Option<Mangling> {
    let &[_, signature] = children else { return None };
    let part = &tree.parts()[signature];
    // application/pgp-signature, application/pkcs7-signature and its older name.
    let is_named = part.content_type.subtype().ends_with("-signature");
    (part.is_leaf() && is_named).then_some(Mangling::Retyped { signature })
}

/// One secured part, and beside it nothing but texts that are no attachments.
fn surrounded(tree: &Tree, children: &[usize]) -> Option<Mangling> {
    let mut secured = children.iter().copied().filter(|index| is_secured(tree, *index));
    let (Some(secured), None) = (secured.next(), secured.next()) else { return None };
    if children.len() == 1 {
        return Some(Mangling::Wrapped { secured });
    }
    let is_text = |part: &Part| {
        part.is_leaf()
            && part.content_type.main_type() == "text"
            && !Disposition::of(&part.header).is_some_and(|disposition| disposition.is_attachment())
    };
    let mut others = children.iter().filter(|index| **index != secured);
    others.all(|index| is_text(&tree.parts()[*index])).then_some(Mangling::Surrounded { secured })
}

fn is_renamed(part: &Part) -> bool {
    let named = |end: &str| file_name(&part.header).is_some_and(|name| name.to_ascii_lowercase().ends_with(end));
    part.is_leaf() && part.content_type.is("application/octet-stream") && (named(".p7m") || named(".p7z"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Limits;

    fn seen(message: &str) -> Option<Mangling> {
        let octets = message.as_bytes();
        let tree = Tree::parse(&octets, &Limits::default()).unwrap();
        mangling(&octets, &tree, 0).unwrap()
    }

    fn mixed(parts: &[&str]) -> String {
        let parts: String = parts.iter().map(|part| format!("--m\r\n{part}\r\n")).collect();
        format!("From: a@b\r\nContent-Type: multipart/mixed; boundary=m\r\n\r\n{parts}--m--\r\n")
    }

    const EMPTY: &str = "Content-Type: text/plain\r\n\r\n \r\n";
    const TEXT: &str = "Content-Type: text/plain\r\n\r\nlist footer\r\n";
    const CONTROL: &str = "Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n";
    const OCTETS: &str = "Content-Type: application/octet-stream\r\n\r\nx\r\n";
    const SIGNATURE: &str = "Content-Type: application/pgp-signature\r\n\r\nx\r\n";
    const OPAQUE: &str = "Content-Type: application/pkcs7-mime\r\n\r\nMAA=\r\n";

    /// The three parts in their order, and nothing more: a text that says something, or a fourth part, would be shown
    /// beside the plaintext (R132).
    #[test]
    fn mixed_up_means_all_of_it() {
        let encrypted = Encrypted { protocol: "application/pgp-encrypted".to_owned(), control: 2, data: 3 };
        assert_eq!(seen(&mixed(&[EMPTY, CONTROL, OCTETS])), Some(Mangling::MixedUp(encrypted)));
        for parts in [
            [TEXT, CONTROL, OCTETS].as_slice(),
            &[CONTROL, EMPTY, OCTETS],
            &[EMPTY, CONTROL, OCTETS, TEXT],
            &[EMPTY, CONTROL, OCTETS, EMPTY],
            &[EMPTY, CONTROL, TEXT],
            &["Content-Type: text/html\r\n\r\n\r\n", CONTROL, OCTETS],
            &[CONTROL, OCTETS],
        ] {
            assert!(!matches!(seen(&mixed(parts)), Some(Mangling::MixedUp(_))), "{parts:?}");
        }
        assert_eq!(seen(&mixed(&[EMPTY, CONTROL, OCTETS]).replace("mixed", "related")), None);
        assert_eq!(seen(&mixed(&[EMPTY, CONTROL, OCTETS]).replace("--m--\r\n", "")), None);
    }

    /// R58, attack 2: what lists and gateways do is named.
    #[test]
    fn lists_and_gateways() {
        assert_eq!(seen(&mixed(&[OPAQUE, TEXT])), Some(Mangling::Surrounded { secured: 1 }));
        assert_eq!(seen(&mixed(&[TEXT, OPAQUE, TEXT])), Some(Mangling::Surrounded { secured: 2 }));
        assert_eq!(seen(&mixed(&[OPAQUE])), Some(Mangling::Wrapped { secured: 1 }));
        assert_eq!(seen(&mixed(&[TEXT, SIGNATURE])), Some(Mangling::Retyped { signature: 2 }));
        let renamed = "From: a@b\r\nContent-Type: application/octet-stream; name=\"SMIME.P7M\"\r\n\r\nx\r\n";
        assert_eq!(seen(renamed), Some(Mangling::Renamed));
    }

    /// Honest mail of the same shape: texts, files, a signed message passed on among files.
    #[test]
    fn nothing_happened() {
        for message in [
            mixed(&[TEXT]),
            mixed(&[TEXT, TEXT, TEXT]),
            mixed(&[OPAQUE, OPAQUE]),
            mixed(&[OPAQUE, "Content-Type: image/png\r\n\r\nx"]),
            mixed(&[OPAQUE, "Content-Type: text/plain\r\nContent-Disposition: attachment\r\n\r\nx"]),
            "From: a@b\r\nContent-Type: application/octet-stream; name=x.bin\r\n\r\nx\r\n".to_owned(),
            "From: a@b\r\n\r\nx\r\n".to_owned(),
        ] {
            assert_eq!(seen(&message), None, "{message}");
        }
    }
}
