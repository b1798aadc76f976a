//! Names in certificates: distinguished names as text, mailboxes of subjectAltName.

use crate::oid;
use const_oid::ObjectIdentifier;
use der::asn1::{Any, ObjectIdentifier as Oid};
use der::{Decode, Tag, TagNumber, Tagged};
use mailseal_core::Address;
use x509_cert::name::Name;

/// A mailbox that a subjectAltName claims.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Mailbox {
    /// rfc822Name (RFC 5280 §4.2.1.6).
    Rfc822(String),
    /// SmtpUTF8Mailbox ([RFC 9598](https://www.rfc-editor.org/rfc/rfc9598)).
    SmtpUtf8(String),
    /// One of them that is not text of its kind. It claims nothing, but it is there.
    Unreadable,
}

impl Mailbox {
    /// The address, when it is one.
    pub(crate) fn address(&self) -> Option<Address> {
        match self {
            Mailbox::Rfc822(text) | Mailbox::SmtpUtf8(text) => bare(text),
            Mailbox::Unreadable => None,
        }
    }
}

/// The address that a name in a certificate is. White space around it is none of its (RFC 5280 §4.2.1.6).
pub(crate) fn bare(text: &str) -> Option<Address> {
    Address::parse(text).ok().filter(|address| address.as_str() == text)
}

/// The mailboxes of a SubjectAltName value; names of other kinds are passed over, also those that are malformed.
/// `None` when it is no sequence of GeneralNames.
pub(crate) fn alt_names(der: &[u8]) -> Option<Vec<Mailbox>> {
    let names = Vec::<Any>::from_der(der).ok()?;
    let are_names = names.iter().all(is_general_name);
    are_names.then(|| names.iter().filter_map(mailbox).collect())
}

/// RFC 5280 §4.2.1.6: `[0]` to `[8]`, of which the choices of SEQUENCEs and the explicit one are constructed; `[0]` is a
/// type and an explicitly tagged value.
fn is_general_name(name: &Any) -> bool {
    const EXPLICIT: Tag = Tag::ContextSpecific { constructed: true, number: TagNumber(0) };
    match name.tag() {
        EXPLICIT => {
            let Ok((kind, value)) = Any::from_der_partial(name.value()) else { return false };
            kind.tag() == Tag::ObjectIdentifier && Any::from_der(value).is_ok_and(|value| value.tag() == EXPLICIT)
        }
        Tag::ContextSpecific { constructed, number: TagNumber(number) } => match number {
            3..=5 => constructed,
            1 | 2 | 6..=8 => !constructed,
            _ => false,
        },
        _ => false,
    }
}

fn mailbox(name: &Any) -> Option<Mailbox> {
    match name.tag() {
        Tag::ContextSpecific { constructed: false, number: TagNumber(1) } => {
            let text = std::str::from_utf8(name.value()).ok().filter(|text| text.is_ascii());
            Some(text.map_or(Mailbox::Unreadable, |text| Mailbox::Rfc822(text.to_owned())))
        }
        Tag::ContextSpecific { constructed: true, number: TagNumber(0) } => other_name(name.value()),
        _ => None,
    }
}

/// The contents of an OtherName: a type and an explicitly tagged value.
fn other_name(contents: &[u8]) -> Option<Mailbox> {
    let (kind, value) = Oid::from_der_partial(contents).ok()?;
    if kind != oid::ID_ON_SMTP_UTF8_MAILBOX {
        return None;
    }
    let text = Any::from_der(value).ok().and_then(|explicit| {
        let text = Any::from_der(explicit.value()).ok()?;
        (text.tag() == Tag::Utf8String).then_some(text)
    });
    let text = text.and_then(|text| String::from_utf8(text.value().to_vec()).ok());
    Some(text.map_or(Mailbox::Unreadable, Mailbox::SmtpUtf8))
}

/// The values of one attribute type in a distinguished name, as text.
pub(crate) fn values(name: &Name, kind: ObjectIdentifier) -> Vec<String> {
    name.iter().filter(|attribute| attribute.oid == kind).filter_map(|attribute| text(&attribute.value)).collect()
}

/// A DirectoryString or IA5String (RFC 5280 App. A) as text.
pub(crate) fn text(value: &Any) -> Option<String> {
    let octets = value.value();
    match value.tag() {
        Tag::Utf8String => String::from_utf8(octets.to_vec()).ok(),
        Tag::PrintableString | Tag::Ia5String if octets.is_ascii() => String::from_utf8(octets.to_vec()).ok(),
        // T.61 in name only: everybody writes ISO 8859-1.
        Tag::TeletexString => Some(octets.iter().copied().map(char::from).collect()),
        Tag::BmpString if octets.len().is_multiple_of(2) => {
            let units: Vec<u16> = octets.chunks(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
            String::from_utf16(&units).ok()
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R54: only readable mailboxes count, but unreadable ones are seen.
    #[test]
    fn mailboxes_of_every_kind() {
        let utf8 = [0x06, 8, 0x2b, 6, 1, 5, 5, 7, 8, 9, 0xa0, 6, 0x0c, 4, 0xc3, 0xa9, b'@', b'b'];
        let mut der = vec![0x30, 5 + 5 + 4 + 2 + 18];
        der.extend_from_slice(&[0x81, 3, b'a', b'@', b'b', 0x82, 3, b'x', b'.', b'y', 0x81, 2, 0xff, b'@']);
        der.extend_from_slice(&[0xa0, 18]);
        der.extend_from_slice(&utf8);
        let mailboxes = alt_names(&der).unwrap();
        assert_eq!(mailboxes, [Mailbox::Rfc822("a@b".into()), Mailbox::Unreadable, Mailbox::SmtpUtf8("é@b".into())]);
        assert_eq!(mailboxes.iter().filter_map(Mailbox::address).count(), 2);
        assert_eq!(alt_names(&[0x30, 9, 0]), None);
    }

    /// R54: what is no GeneralName makes the extension unreadable, and nothing of it is claimed.
    #[test]
    fn what_is_no_general_name() {
        for name in [
            &[0x02, 1, 1][..],
            &[0x30, 0],
            &[0x80, 0],
            &[0xa0, 0],
            &[0xa0, 2, 5, 0],
            &[0xa1, 0],
            &[0x84, 0],
            &[0x89, 0],
        ] {
            let der = [&[0x30, 5 + name.len() as u8, 0x81, 3, b'a', b'@', b'b'][..], name].concat();
            assert_eq!(alt_names(&der), None, "{name:02x?}");
        }
        assert_eq!(alt_names(&[0x30, 2, 0xa4, 0]), Some(Vec::new()));
    }

    /// R54: a name with white space around is not the address.
    #[test]
    fn white_space_is_no_part_of_an_address() {
        assert!(bare("a@example.org").is_some());
        for text in ["a@example.org ", " a@example.org", "a@example.org\t", "a@example.org\0", "<a@example.org>"] {
            assert_eq!(bare(text), None, "{text:?}");
        }
    }

    #[test]
    fn strings_of_every_kind() {
        let any = |der: &[u8]| text(&Any::from_der(der).unwrap());
        assert_eq!(any(&[0x0c, 2, 0xc3, 0xa9]).as_deref(), Some("é"));
        assert_eq!(any(&[0x14, 1, 0xe9]).as_deref(), Some("é"));
        assert_eq!(any(&[0x1e, 2, 0, 0xe9]).as_deref(), Some("é"));
        assert_eq!(any(&[0x1e, 1, 0]), None);
        assert_eq!(any(&[0x13, 1, b'a']).as_deref(), Some("a"));
        assert_eq!(any(&[0x16, 1, 0xe9]), None);
    }
}
