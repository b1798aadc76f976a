//! Certificates without a message: PKCS#7 certs-only ([RFC 8551 §3.8](https://www.rfc-editor.org/rfc/rfc8551#section-3.8)).

use mailseal_cms::ber::{Reader, Tag};
use mailseal_cms::{ContentInfo, ContentType};
use mailseal_core::Error;

/// The most octets of one small field.
const SMALL: usize = 64 * 1024;
/// The most octets of all certificates or revocation lists.
pub(crate) const ALL: usize = 64 << 20;
/// The most certificates or revocation lists.
pub(crate) const COUNT: usize = 10_000;

/// The certificates and revocation lists that a SignedData carries.
#[derive(Debug, Default)]
pub(crate) struct Bag {
    /// Each as received.
    pub(crate) certs: Vec<Vec<u8>>,
    /// Each as received.
    pub(crate) crls: Vec<Vec<u8>>,
}

/// Reads what SignedData carries beside content and signatures; neither is looked at.
///
/// # Errors
/// [`Error::Malformed`] when it is no SignedData.
pub(crate) fn read(encoded: &[u8]) -> Result<Bag, Error> {
    signed_data(encoded).map_err(|error| Error::malformed("PKCS#7 certificates", error))
}

fn signed_data(encoded: &[u8]) -> Result<Bag, mailseal_cms::Error> {
    let mut info = ContentInfo::open(encoded)?;
    if info.content_type != ContentType::SignedData {
        let found = info.content_type.oid();
        return Err(mailseal_cms::Error::ContentType { found, expected: "signed-data" });
    }
    let reader = &mut info.reader;
    reader.enter(Tag::SEQUENCE)?;
    reader.element_of(Tag::INTEGER, SMALL)?;
    reader.element_of(Tag::SET, SMALL)?;
    reader.element_of(Tag::SEQUENCE, ALL)?;
    let bag = Bag { certs: optional(reader, 0)?, crls: optional(reader, 1)? };
    reader.element_of(Tag::SET, ALL)?;
    reader.leave()?;
    info.close()?;
    Ok(bag)
}

/// The SEQUENCEs in an optional `[number] IMPLICIT SET OF`; choices of other kinds are passed over.
fn optional(reader: &mut Reader<&[u8]>, number: u32) -> Result<Vec<Vec<u8>>, mailseal_cms::Error> {
    let tag = Tag::context(number);
    if !reader.next_is(tag)? {
        return Ok(Vec::new());
    }
    let mut elements = reader.elements(tag, ALL, COUNT)?;
    elements.retain(|element| element.first() == Some(&0x30));
    Ok(elements)
}
