//! Compressed data: content that is smaller, and neither signed nor hidden by that
//! ([RFC 3274](https://www.rfc-editor.org/rfc/rfc3274)).

mod inflate;

use std::io::{Read, Write};

use const_oid::ObjectIdentifier;

use crate::algorithm::read_algorithm;
use crate::ber::Tag;
use crate::content_info::{ContentInfo, ContentType, read_oid, read_version};
use crate::error::Error;
use inflate::Inflater;

/// `id-alg-zlibCompress` ([RFC 3274 §2](https://www.rfc-editor.org/rfc/rfc3274#section-2)): the only one there is.
const ZLIB: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.3.8");
/// Octets of an algorithm identifier.
const SMALL: usize = 1024;

/// How much may come out of a CompressedData.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Octets in all; 4 GiB unless said otherwise.
    pub octets: u64,
    /// Octets for each one that went in, once more than [`Limits::free`] came out; 200 unless said otherwise.
    pub ratio: u64,
    /// Octets that may come out whatever the ratio; 16 MiB unless said otherwise.
    pub free: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { octets: 4 << 30, ratio: 200, free: 16 << 20 }
    }
}

/// What is known of a content that was decompressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decompressed {
    /// What the content is.
    pub content_type: ContentType,
    /// Octets that came out.
    pub octets: u64,
}

/// Reads all of `info`, which must be a [`ContentType::CompressedData`], and writes its content to `out` as it passes by.
///
/// ```text
/// CompressedData ::= SEQUENCE {
///     version CMSVersion,                                       -- always 0
///     compressionAlgorithm CompressionAlgorithmIdentifier,
///     encapContentInfo EncapsulatedContentInfo }
/// ```
/// [RFC 3274 §1.1](https://www.rfc-editor.org/rfc/rfc3274#section-1.1)
///
/// What was written is whole only once this returns `Ok`.
///
/// # Errors
/// [`Error::ContentType`] for another content type; [`Error::Unsupported`] for another algorithm than zlib; [`Error::Ber`],
/// [`Error::Malformed`] if `info` is not one whole CompressedData with nothing behind it, or its content is not one whole
/// zlib stream; [`Error::Limit`]; [`Error::Io`].
pub fn decompress<R: Read>(
    mut info: ContentInfo<R>,
    limits: Limits,
    out: &mut dyn Write,
) -> Result<Decompressed, Error> {
    if info.content_type != ContentType::CompressedData {
        return Err(Error::ContentType { found: info.content_type.oid(), expected: "compressed data" });
    }
    let reader = &mut info.reader;
    reader.enter(Tag::SEQUENCE)?;
    read_version(reader, &[0])?;
    let algorithm = read_algorithm(reader, SMALL)?;
    if algorithm.oid != ZLIB {
        return Err(Error::Unsupported { what: "compression algorithm", oid: algorithm.oid });
    }
    reader.enter(Tag::SEQUENCE)?;
    let content_type = read_oid(reader, "eContentType")?.into();
    reader.enter(Tag::context(0))?;
    let mut inflater = Inflater::new(limits);
    reader.octets(Tag::OCTET_STRING, &mut |piece| inflater.inflate(piece, out))?;
    let octets = inflater.finish()?;
    for _ in 0..3 {
        reader.leave()?;
    }
    info.close()?;
    Ok(Decompressed { content_type, octets })
}
