use std::io::Read;

use const_oid::ObjectIdentifier;
use const_oid::db::{rfc5911, rfc6268};
use der::Decode;

use crate::ber::{Limits, Reader, Tag, canonical};
use crate::error::Error;

/// Octets that an encoded OBJECT IDENTIFIER may have.
const OID_LIMIT: usize = 64;

/// A `ContentInfo` that was entered: what it holds is known, and `reader` stands before it.
///
/// ```text
/// ContentInfo ::= SEQUENCE {
///     contentType ContentType,
///     content [0] EXPLICIT ANY DEFINED BY contentType }
/// ```
/// [RFC 5652 §3](https://www.rfc-editor.org/rfc/rfc5652#section-3)
#[derive(Debug)]
pub struct ContentInfo<R> {
    /// What the content is.
    pub content_type: ContentType,
    /// Stands before the content.
    pub reader: Reader<R>,
}

impl<R: Read> ContentInfo<R> {
    /// Reads the beginning of a `ContentInfo` from `input`, in BER or DER.
    ///
    /// # Errors
    /// [`Error::Ber`] or [`Error::Malformed`] if it is none, [`Error::Io`].
    pub fn open(input: R) -> Result<Self, Error> {
        Self::open_with_limits(input, Limits::default())
    }

    /// [`open`](Self::open) with limits of the caller's choice.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_with_limits(input: R, limits: Limits) -> Result<Self, Error> {
        let mut reader = Reader::with_limits(input, limits);
        reader.enter(Tag::SEQUENCE)?;
        let content_type = read_oid(&mut reader, "contentType")?.into();
        reader.enter(Tag::context(0))?;
        Ok(ContentInfo { content_type, reader })
    }

    /// Ends the `ContentInfo` after its content was read.
    ///
    /// # Errors
    /// [`BerProblem::Trailing`](crate::BerProblem::Trailing) if anything follows, inside or behind it.
    pub fn close(mut self) -> Result<(), Error> {
        self.reader.leave()?;
        self.reader.leave()?;
        self.reader.finish()
    }
}

/// The content types of CMS, and whatever else an identifier names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ContentType {
    /// Octets; for S/MIME a MIME entity ([RFC 5652 §4](https://www.rfc-editor.org/rfc/rfc5652#section-4)).
    Data,
    /// [RFC 5652 §5](https://www.rfc-editor.org/rfc/rfc5652#section-5)
    SignedData,
    /// [RFC 5652 §6](https://www.rfc-editor.org/rfc/rfc5652#section-6)
    EnvelopedData,
    /// [RFC 5083](https://www.rfc-editor.org/rfc/rfc5083)
    AuthEnvelopedData,
    /// [RFC 3274](https://www.rfc-editor.org/rfc/rfc3274)
    CompressedData,
    /// Another one.
    Other(ObjectIdentifier),
}

impl From<ObjectIdentifier> for ContentType {
    fn from(oid: ObjectIdentifier) -> Self {
        match oid {
            rfc5911::ID_DATA => ContentType::Data,
            rfc5911::ID_SIGNED_DATA => ContentType::SignedData,
            rfc5911::ID_ENVELOPED_DATA => ContentType::EnvelopedData,
            rfc5911::ID_CT_AUTH_ENVELOPED_DATA => ContentType::AuthEnvelopedData,
            rfc6268::ID_CT_COMPRESSED_DATA => ContentType::CompressedData,
            other => ContentType::Other(other),
        }
    }
}

impl ContentType {
    /// Its object identifier.
    pub fn oid(self) -> ObjectIdentifier {
        match self {
            ContentType::Data => rfc5911::ID_DATA,
            ContentType::SignedData => rfc5911::ID_SIGNED_DATA,
            ContentType::EnvelopedData => rfc5911::ID_ENVELOPED_DATA,
            ContentType::AuthEnvelopedData => rfc5911::ID_CT_AUTH_ENVELOPED_DATA,
            ContentType::CompressedData => rfc6268::ID_CT_COMPRESSED_DATA,
            ContentType::Other(oid) => oid,
        }
    }
}

/// Reads a `CMSVersion`, which is one of `known`.
pub(crate) fn read_version<R: Read>(reader: &mut Reader<R>, known: &[u8]) -> Result<(), Error> {
    match canonical(&reader.element_of(Tag::INTEGER, OID_LIMIT)?)?[..] {
        [2, 1, version] if known.contains(&version) => Ok(()),
        _ => Err(Error::Malformed { what: "CMSVersion", source: None }),
    }
}

/// Reads an OBJECT IDENTIFIER, which is `what` in the standard.
pub(crate) fn read_oid<R: Read>(reader: &mut Reader<R>, what: &'static str) -> Result<ObjectIdentifier, Error> {
    let element = reader.element_of(Tag::OBJECT_IDENTIFIER, OID_LIMIT)?;
    ObjectIdentifier::from_der(&canonical(&element)?).map_err(Error::der(what))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ber::encode;

    #[test]
    fn opens_and_closes() {
        let oid = encode::oid(rfc5911::ID_DATA);
        let content = encode::tlv(encode::context(0), &[4, 1, 7]);
        let info = encode::constructed(encode::SEQUENCE, &[&oid, &content]);
        let mut opened = ContentInfo::open(&info[..]).unwrap();
        assert_eq!(opened.content_type, ContentType::Data);
        assert_eq!(opened.reader.octet_string(Tag::OCTET_STRING, 1).unwrap(), [7]);
        opened.close().unwrap();
    }

    /// Whatever follows a ContentInfo is refused, within it or behind it.
    #[test]
    fn nothing_may_follow() {
        let oid = encode::oid(rfc5911::ID_DATA);
        let content = encode::tlv(encode::context(0), &[4, 1, 7]);
        let within = encode::constructed(encode::SEQUENCE, &[&oid, &content, &[5, 0]]);
        let behind = [encode::constructed(encode::SEQUENCE, &[&oid, &content]), vec![0]].concat();
        for input in [within, behind] {
            let mut opened = ContentInfo::open(&input[..]).unwrap();
            opened.reader.octet_string(Tag::OCTET_STRING, 1).unwrap();
            assert!(opened.close().is_err());
        }
    }
}
