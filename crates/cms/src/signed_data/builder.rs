use std::io::{self, Write};

use super::Signer;
use super::digesting::Digesting;
use super::signer::digest_algorithm;
use crate::ber::{Writer, encode};
use crate::certificate::CertificateView;
use crate::content_info::ContentType;
use crate::engine::Hash;
use crate::error::Error;

/// Writes a SignedData: opaque, with its content inside, or detached.
///
/// The certificate of each signer goes along; those of its issuers only where added. Either way the content is held
/// nowhere.
#[derive(Default)]
pub struct SignedDataBuilder<'a> {
    signers: Vec<Signer<'a>>,
    certificates: Vec<Vec<u8>>,
}

impl<'a> SignedDataBuilder<'a> {
    /// For content of the type id-data; signers and certificates are added.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one who signs.
    pub fn signer(mut self, signer: Signer<'a>) -> Self {
        self.certificates.push(signer.certificate.encoded.clone());
        self.signers.push(signer);
        self
    }

    /// Adds a certificate in DER, such as that of an issuer.
    ///
    /// # Errors
    /// [`Error::Ber`] or [`Error::Malformed`] if it is none.
    pub fn certificate(mut self, encoded: &[u8]) -> Result<Self, Error> {
        self.certificates.push(CertificateView::parse(encoded)?.encoded);
        Ok(self)
    }

    /// Begins an opaque message on `out`, in BER of indefinite length; the content is then written to what is returned.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::Misuse`] without a signer.
    pub fn opaque<W: Write>(self, out: W) -> Result<OpaqueWriter<'a, W>, Error> {
        let digesting = self.digesting()?;
        let mut out = Writer::new(out);
        out.begin(encode::SEQUENCE)?;
        out.encoded(&encode::oid(ContentType::SignedData.oid()))?;
        out.begin(encode::context(0))?;
        out.begin(encode::SEQUENCE)?;
        out.encoded(&self.version())?;
        out.encoded(&self.digest_algorithms())?;
        out.begin(encode::SEQUENCE)?;
        out.encoded(&encode::oid(ContentType::Data.oid()))?;
        out.begin(encode::context(0))?;
        out.begin(encode::OCTET_STRING)?;
        Ok(OpaqueWriter { builder: self, out, digesting })
    }

    /// Begins a detached signature; the content is then written to what is returned.
    ///
    /// # Errors
    /// [`Error::Misuse`] without a signer.
    pub fn detached(self) -> Result<DetachedWriter<'a>, Error> {
        let digesting = self.digesting()?;
        Ok(DetachedWriter { builder: self, digesting })
    }

    /// The hashes over the content, each once, weakest first: what `micalg` is to name.
    pub fn hashes(&self) -> Vec<Hash> {
        let mut hashes: Vec<_> = self.signers.iter().map(Signer::hash).collect();
        hashes.sort();
        hashes.dedup();
        hashes
    }

    fn digesting(&self) -> Result<Digesting, Error> {
        if self.signers.is_empty() {
            return Err(Error::Misuse("signed data without a signer"));
        }
        Ok(Digesting::new(self.hashes()))
    }

    /// RFC 5652 §5.1: 3 if a signer is named by key identifier, otherwise 1, the content being id-data.
    fn version(&self) -> Vec<u8> {
        encode::small_integer(if self.signers.iter().any(Signer::is_version_3) { 3 } else { 1 })
    }

    fn digest_algorithms(&self) -> Vec<u8> {
        encode::set_of(encode::SET, self.hashes().into_iter().map(digest_algorithm).collect())
    }

    /// `certificates` and `signerInfos`, the part after the content.
    fn tail(&self, digesting: Digesting) -> Result<Vec<u8>, Error> {
        let digests = digesting.finish();
        let mut signer_infos = Vec::new();
        for signer in &self.signers {
            let digest = digests.get(signer.hash()).expect("a digest was begun for the hash of each signer");
            signer_infos.push(signer.sign(ContentType::Data.oid(), digest)?);
        }
        Ok([certificate_set(self.certificates.clone()), encode::set_of(encode::SET, signer_infos)].concat())
    }
}

/// Takes the content of an opaque message and passes it on.
pub struct OpaqueWriter<'a, W> {
    builder: SignedDataBuilder<'a>,
    out: Writer<W>,
    digesting: Digesting,
}

impl<W: Write> OpaqueWriter<'_, W> {
    /// Signs, ends the message and returns the output. Without this the message has no end.
    ///
    /// # Errors
    /// [`Error::Key`], [`Error::WeakKey`] or [`Error::KeyOperation`] if a key cannot sign; [`Error::Io`].
    pub fn finish(self) -> Result<W, Error> {
        let OpaqueWriter { builder, mut out, digesting } = self;
        for _ in ["eContent", "[0]", "encapContentInfo"] {
            out.end()?;
        }
        out.encoded(&builder.tail(digesting)?)?;
        Ok(out.finish()?)
    }
}

impl<W: Write> Write for OpaqueWriter<'_, W> {
    fn write(&mut self, content: &[u8]) -> io::Result<usize> {
        self.out.octets(content)?;
        self.digesting.update(content);
        Ok(content.len())
    }

    /// Does nothing: a segment ends when it is full.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Takes the content of a detached signature.
pub struct DetachedWriter<'a> {
    builder: SignedDataBuilder<'a>,
    digesting: Digesting,
}

impl DetachedWriter<'_> {
    /// Signs and returns the ContentInfo, in DER.
    ///
    /// # Errors
    /// [`Error::Key`], [`Error::WeakKey`] or [`Error::KeyOperation`] if a key cannot sign.
    pub fn finish(self) -> Result<Vec<u8>, Error> {
        let tail = self.builder.tail(self.digesting)?;
        Ok(content_info(&self.builder.version(), &self.builder.digest_algorithms(), &tail))
    }
}

impl Write for DetachedWriter<'_> {
    fn write(&mut self, content: &[u8]) -> io::Result<usize> {
        self.digesting.update(content);
        Ok(content.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A SignedData of certificates alone, in DER: no content, no signers
/// ([RFC 8551 §3.8](https://www.rfc-editor.org/rfc/rfc8551#section-3.8)).
///
/// # Errors
/// [`Error::Ber`] or [`Error::Malformed`] if one is no certificate.
pub fn certs_only(certificates: &[&[u8]]) -> Result<Vec<u8>, Error> {
    let parsed: Result<Vec<_>, _> = certificates.iter().map(|encoded| CertificateView::parse(encoded)).collect();
    let certificates = parsed?.into_iter().map(|certificate| certificate.encoded).collect();
    let tail = [certificate_set(certificates), encode::tlv(encode::SET, &[])].concat();
    Ok(content_info(&encode::small_integer(1), &encode::tlv(encode::SET, &[]), &tail))
}

/// A SignedData without content, from its version, its digestAlgorithms and what follows the content.
fn content_info(version: &[u8], digest_algorithms: &[u8], tail: &[u8]) -> Vec<u8> {
    let content = encode::tlv(encode::SEQUENCE, &encode::oid(ContentType::Data.oid()));
    let signed_data = encode::constructed(encode::SEQUENCE, &[version, digest_algorithms, &content, tail]);
    let content_type = encode::oid(ContentType::SignedData.oid());
    encode::constructed(encode::SEQUENCE, &[&content_type, &encode::tlv(encode::context(0), &signed_data)])
}

/// `certificates [0] IMPLICIT SET OF`, sorted, each once.
fn certificate_set(mut certificates: Vec<Vec<u8>>) -> Vec<u8> {
    certificates.sort();
    certificates.dedup();
    encode::set_of(encode::context(0), certificates)
}
