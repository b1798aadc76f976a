//! multipart/signed ([RFC 1847 §2.1](https://www.rfc-editor.org/rfc/rfc1847#section-2.1)).

use super::recognise::protocol;
use super::{Body, check_boundary, check_outer, write_field, write_outer};
use crate::transfer::Base64Encoder;
use crate::{CanonicalReader, ContentType, Error, Part, Section, Source, Tree};
use std::io::{Read, Write};
use std::ops::Range;

/// A multipart/signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// The `protocol` parameter, in lower case.
    pub protocol: String,
    /// The names in the `micalg` parameter, in lower case; a hint only (R31).
    pub micalg: Vec<String>,
    /// Index of the signed part.
    pub content: usize,
    /// The octets of the signed part, header included, without the line end before the delimiter (R2). What is verified is
    /// their canonical form: [`signed_content`].
    pub range: Range<u64>,
    /// Index of the part with the signature.
    pub signature: usize,
}

impl Signed {
    pub(super) fn of(tree: &Tree, part: &Part, (content, signature): (usize, usize)) -> Result<Self, &'static str> {
        let signature_part = &tree.parts()[signature];
        if !signature_part.is_leaf() {
            return Err("the signature is no leaf");
        }
        let protocol = protocol(part, signature_part)?;
        let micalg = part.content_type.param("micalg").unwrap_or_default();
        let micalg = micalg.split(',').map(|name| name.trim().to_ascii_lowercase()).filter(|name| !name.is_empty());
        Ok(Self { protocol, micalg: micalg.collect(), content, range: tree.parts()[content].entity.clone(), signature })
    }
}

/// The signed octets in canonical form: a LF alone becomes CRLF, nothing else changes (R3).
pub fn signed_content(source: &dyn Source, range: Range<u64>) -> impl Read {
    CanonicalReader::new(Section::new(source, range))
}

/// A detached signature and how its part is labelled.
#[derive(Debug, Clone, Copy)]
pub struct SignatureBody<'a> {
    /// The part's media type; the `protocol` of the multipart.
    pub media_type: &'a str,
    /// `name` and `filename`.
    pub file_name: &'a str,
    /// Content-Description.
    pub description: Option<&'a str>,
    /// The signature.
    pub octets: &'a [u8],
    /// How it is written.
    pub encoding: SignatureEncoding,
}

/// How a signature is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignatureEncoding {
    /// It is armored ASCII with lines of its own: 7bit, written with CRLF line ends.
    Armored,
    /// base64.
    Base64,
}

/// Writes a multipart/signed message: `outer_header` (whole fields, no Content-* ones), and the two parts. `micalg` is
/// written as it is; `entity` writes the octets that were signed, with CRLF line ends, header first.
pub fn write_signed(
    out: &mut dyn Write,
    outer_header: &[u8],
    micalg: &str,
    entity: &Body<'_>,
    signature: &SignatureBody<'_>,
    boundary: &str,
) -> Result<(), Error> {
    check_outer(outer_header)?;
    check_boundary(boundary)?;
    let content_type = ContentType::new("multipart/signed")
        .with("boundary", boundary)
        .with("micalg", micalg)
        .with("protocol", signature.media_type);
    write_outer(out, outer_header)?;
    out.write_all(content_type.to_field()?.raw())?;
    write!(out, "\r\n--{boundary}\r\n")?;
    entity(out)?;
    write!(out, "\r\n--{boundary}\r\n")?;
    write_signature(out, signature)?;
    write!(out, "\r\n--{boundary}--\r\n")?;
    Ok(())
}

fn write_signature(out: &mut dyn Write, signature: &SignatureBody<'_>) -> Result<(), Error> {
    out.write_all(ContentType::new(signature.media_type).with("name", signature.file_name).to_field()?.raw())?;
    if let Some(description) = signature.description {
        write_field(out, "Content-Description", description)?;
    }
    write_field(out, "Content-Disposition", &format!("attachment; filename=\"{}\"", signature.file_name))?;
    match signature.encoding {
        SignatureEncoding::Armored => {
            if !signature.octets.is_ascii() {
                return Err(Error::Misuse("an armored signature is not ASCII"));
            }
            out.write_all(b"\r\n")?;
            crate::copy_canonical(&mut signature.octets.trim_ascii_end(), out)?;
        }
        SignatureEncoding::Base64 => {
            write_field(out, "Content-Transfer-Encoding", "base64")?;
            out.write_all(b"\r\n")?;
            let mut encoder = Base64Encoder::new(out);
            encoder.write_all(signature.octets)?;
            encoder.finish()?;
        }
    }
    Ok(())
}
