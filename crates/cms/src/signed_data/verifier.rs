use std::io::{self, Read, Write};

use super::digesting::Digesting;
use super::judge::Judge;
use super::{Flaw, SignedData, SignerId};
use crate::algorithm::read_algorithm;
use crate::ber::{Reader, Tag};
use crate::certificate::CertificateView;
use crate::content_info::{ContentInfo, ContentType, read_oid};
use crate::engine::Hash;
use crate::error::Error;

/// Octets of a small field: a version, the digest algorithms.
const SMALL: usize = 64 * 1024;
/// Entries of digestAlgorithms.
const DIGEST_ALGORITHMS: usize = 64;

/// Where the signed content is.
pub enum Content<'a> {
    /// In the SignedData (opaque signing). It is written here as it passes by, **before** its signature is known: keep it
    /// back until the report is there. Nothing is written if there is no content, as in a certs-only message.
    Embedded(&'a mut dyn Write),
    /// Elsewhere (detached signing): the function writes its octets once, exactly those that were signed.
    Detached(&'a mut dyn FnMut(&mut dyn Write) -> io::Result<()>),
}

/// How much of an untrusted SignedData is held in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Octets of all certificates together; 8 MiB unless said otherwise.
    pub certificates: usize,
    /// Octets of all revocation lists together; 64 MiB unless said otherwise.
    pub crls: usize,
    /// Octets of all SignerInfos together; 1 MiB unless said otherwise.
    pub signer_infos: usize,
    /// Certificates; 1,000 unless said otherwise. Also holds for revocation lists.
    pub certificate_count: usize,
    /// SignerInfos; 64 unless said otherwise.
    pub signer_count: usize,
    /// Octets of content; 1 MiB unless said otherwise. Longer content is not held, and a signature over the content
    /// itself (Ed25519 without signed attributes) cannot be computed.
    pub held_content: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            certificates: 8 << 20,
            crls: 64 << 20,
            signer_infos: 1 << 20,
            certificate_count: 1_000,
            signer_count: 64,
            held_content: 1 << 20,
        }
    }
}

/// Reads a SignedData and checks its signatures.
pub struct Verifier<'a> {
    lookup: &'a dyn Fn(&SignerId) -> Vec<Vec<u8>>,
    limits: Limits,
}

impl<'a> Verifier<'a> {
    /// A verifier that asks `lookup` for certificates besides those that come along: it returns the DER of each that the
    /// signer identifier may name, and may return too many.
    pub fn new(lookup: &'a dyn Fn(&SignerId) -> Vec<Vec<u8>>) -> Self {
        Verifier { lookup, limits: Limits::default() }
    }

    /// Other limits.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Reads all of `info`, which must be a [`ContentType::SignedData`], and judges each signer.
    ///
    /// The digests are those announced in digestAlgorithms, which comes before the content; a signer with another one is
    /// malformed ([RFC 5652 §5.1]: implementations may refuse it), for content passes by only once. A signature over the
    /// content itself, in place of its digest, is verified where [`Limits::held_content`] holds the content. Whether content is
    /// embedded or detached is the caller's to know: if it is not where `content` says, every signer is malformed.
    ///
    /// # Errors
    /// [`Error::ContentType`] for another content type; [`Error::Ber`], [`Error::Malformed`], [`Error::Limit`] if `info`
    /// is not one whole SignedData with nothing behind it; [`Error::Io`]. Signatures cause no errors.
    ///
    /// [RFC 5652 §5.1]: https://www.rfc-editor.org/rfc/rfc5652#section-5.1
    pub fn verify<R: Read>(&self, mut info: ContentInfo<R>, content: Content<'_>) -> Result<SignedData, Error> {
        if info.content_type != ContentType::SignedData {
            return Err(Error::ContentType { found: info.content_type.oid(), expected: "signed data" });
        }
        let limits = &self.limits;
        let reader = &mut info.reader;
        reader.enter(Tag::SEQUENCE)?;
        reader.element_of(Tag::INTEGER, SMALL)?; // version: says nothing that the rest does not
        let mut digesting = Digesting::new(read_digest_algorithms(reader)?).holding(limits.held_content);
        let (content_type, embedded, content_flaw) = read_content(reader, content, &mut digesting)?;
        let certificates = read_optional(reader, Tag::context(0), limits.certificates, limits.certificate_count)?;
        let crls = read_optional(reader, Tag::context(1), limits.crls, limits.certificate_count)?;
        let signers = reader.elements(Tag::SET, limits.signer_infos, limits.signer_count)?;
        reader.leave()?;
        info.close()?;
        let judge = Judge {
            content_type,
            content_flaw,
            digests: digesting.finish(),
            certificates: certificates.iter().filter_map(|encoded| CertificateView::parse(encoded).ok()).collect(),
            lookup: self.lookup,
        };
        let signers = signers.iter().map(|signer| judge.report(signer)).collect();
        Ok(SignedData { content_type, embedded, signers, certificates, crls })
    }
}

/// The known ones among digestAlgorithms.
fn read_digest_algorithms<R: Read>(reader: &mut Reader<R>) -> Result<Vec<Hash>, Error> {
    let mut hashes = Vec::new();
    for encoded in reader.elements(Tag::SET, SMALL, DIGEST_ALGORITHMS)? {
        let algorithm = read_algorithm(&mut Reader::over(&encoded), encoded.len())?;
        hashes.extend(Hash::from_oid(&algorithm.oid));
    }
    Ok(hashes)
}

/// Reads encapContentInfo, digests the content, and says its type, how much of it was embedded, and whether it was where
/// `content` says.
///
/// ```text
/// EncapsulatedContentInfo ::= SEQUENCE {
///     eContentType ContentType,
///     eContent [0] EXPLICIT OCTET STRING OPTIONAL }
/// ```
fn read_content<R: Read>(
    reader: &mut Reader<R>,
    mut content: Content<'_>,
    digesting: &mut Digesting,
) -> Result<(ContentType, Option<u64>, Option<Flaw>), Error> {
    reader.enter(Tag::SEQUENCE)?;
    let content_type = read_oid(reader, "eContentType")?.into();
    let mut embedded = None;
    if reader.next_is(Tag::context(0))? {
        reader.enter(Tag::context(0))?;
        if !reader.next_is(Tag::OCTET_STRING)? {
            return Err(Error::malformed("eContent, which is no OCTET STRING (PKCS #7 v1.5 allowed other types)"));
        }
        embedded = Some(reader.octets(Tag::OCTET_STRING, &mut |piece| {
            if let Content::Embedded(out) = &mut content {
                digesting.update(piece);
                out.write_all(piece)?;
            }
            Ok(())
        })?);
        reader.leave()?;
    }
    reader.leave()?;
    let flaw = match (content, embedded) {
        (Content::Embedded(_), Some(_)) => None,
        (Content::Embedded(_), None) => Some(Flaw::ContentMissing),
        (Content::Detached(_), Some(_)) => Some(Flaw::ContentEmbedded),
        (Content::Detached(write), None) => {
            write(digesting)?;
            None
        }
    };
    Ok((content_type, embedded, flaw))
}

/// A set that may be absent.
fn read_optional<R: Read>(reader: &mut Reader<R>, tag: Tag, limit: usize, count: usize) -> Result<Vec<Vec<u8>>, Error> {
    if reader.next_is(tag)? { reader.elements(tag, limit, count) } else { Ok(Vec::new()) }
}
