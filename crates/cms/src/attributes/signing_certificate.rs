use std::io::Read;

use const_oid::ObjectIdentifier;

use crate::ber::{Reader, Tag, encode};
use crate::certificate::CertificateView;
use crate::content_info::read_oid;
use crate::engine::Hash;
use crate::error::Error;

/// The first `ESSCertID` or `ESSCertIDv2` of a signing-certificate attribute: which certificate the signer meant.
///
/// ```text
/// SigningCertificateV2 ::= SEQUENCE {
///     certs SEQUENCE OF ESSCertIDv2,
///     policies SEQUENCE OF PolicyInformation OPTIONAL }
/// ESSCertIDv2 ::= SEQUENCE {
///     hashAlgorithm AlgorithmIdentifier DEFAULT {algorithm id-sha256},
///     certHash OCTET STRING,
///     issuerSerial SEQUENCE { issuer GeneralNames, serialNumber INTEGER } OPTIONAL }
/// ```
/// [RFC 5035](https://www.rfc-editor.org/rfc/rfc5035); version 1, [RFC 2634 §5.4], has SHA-1 and no hashAlgorithm.
///
/// [RFC 2634 §5.4]: https://www.rfc-editor.org/rfc/rfc2634#section-5.4
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CertificateId {
    hash: ObjectIdentifier,
    digest: Vec<u8>,
    /// The issuer as GeneralNames and the serial number, in DER.
    issuer_serial: Option<(Vec<u8>, Vec<u8>)>,
}

impl CertificateId {
    /// Reads the value of a signingCertificateV2 attribute.
    pub(crate) fn parse_v2(value: &[u8]) -> Result<Self, Error> {
        Self::parse(value, Hash::Sha256)
    }

    /// Reads the value of a signingCertificate attribute.
    pub(crate) fn parse_v1(value: &[u8]) -> Result<Self, Error> {
        Self::parse(value, Hash::Sha1)
    }

    fn parse(value: &[u8], default: Hash) -> Result<Self, Error> {
        let limit = value.len();
        let mut reader = Reader::over(value);
        reader.enter(Tag::SEQUENCE)?;
        reader.enter(Tag::SEQUENCE)?;
        reader.enter(Tag::SEQUENCE)?;
        let hash = match default {
            Hash::Sha256 if reader.next_is(Tag::SEQUENCE)? => read_hash(&mut reader, limit)?,
            _ => default.oid(),
        };
        let digest = reader.octet_string(Tag::OCTET_STRING, limit)?;
        let issuer_serial = match reader.peek()? {
            Some(_) => {
                reader.enter(Tag::SEQUENCE)?;
                let issuer = reader.element_of(Tag::SEQUENCE, limit)?;
                let serial = reader.element_of(Tag::INTEGER, limit)?;
                reader.leave()?;
                Some((issuer, serial))
            }
            None => None,
        };
        reader.leave()?;
        while reader.peek()?.is_some() {
            reader.element_of(Tag::SEQUENCE, limit)?;
        }
        reader.leave()?;
        if reader.peek()?.is_some() {
            reader.element_of(Tag::SEQUENCE, limit)?;
        }
        reader.leave()?;
        reader.finish()?;
        Ok(CertificateId { hash, digest, issuer_serial })
    }

    /// Whether this names `certificate`; an error if the hash is not known.
    pub(crate) fn names(&self, certificate: &CertificateView) -> Result<bool, Error> {
        let hash = Hash::from_oid(&self.hash).ok_or(Error::Unsupported { what: "digest algorithm", oid: self.hash })?;
        let issuer_serial = self.issuer_serial.as_ref().is_none_or(|(issuer, serial)| {
            *issuer == general_names(&certificate.issuer) && *serial == certificate.serial
        });
        Ok(hash.digest(&certificate.encoded) == self.digest && issuer_serial)
    }
}

/// The value of a signingCertificateV2 attribute for `certificate`, by SHA-256.
pub(crate) fn signing_certificate_v2(certificate: &CertificateView) -> Vec<u8> {
    let digest = encode::tlv(encode::OCTET_STRING, &Hash::Sha256.digest(&certificate.encoded));
    let issuer_serial =
        encode::constructed(encode::SEQUENCE, &[&general_names(&certificate.issuer), &certificate.serial]);
    let id = encode::constructed(encode::SEQUENCE, &[&digest, &issuer_serial]);
    encode::tlv(encode::SEQUENCE, &encode::tlv(encode::SEQUENCE, &id))
}

/// A `Name` as the only one of GeneralNames: directoryName `[4]`, explicit because Name is a CHOICE.
fn general_names(name: &[u8]) -> Vec<u8> {
    encode::tlv(encode::SEQUENCE, &encode::tlv(encode::context(4), name))
}

/// The algorithm of an AlgorithmIdentifier; parameters of a hash say nothing.
fn read_hash<R: Read>(reader: &mut Reader<R>, limit: usize) -> Result<ObjectIdentifier, Error> {
    reader.enter(Tag::SEQUENCE)?;
    let oid = read_oid(reader, "hashAlgorithm")?;
    if reader.peek()?.is_some() {
        reader.element(limit)?;
    }
    reader.leave()?;
    Ok(oid)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn certificate(encoded: &[u8]) -> CertificateView {
        CertificateView {
            encoded: encoded.to_vec(),
            issuer: vec![0x30, 0],
            serial: vec![2, 1, 7],
            spki: Vec::new(),
            subject_key_id: None,
        }
    }

    #[test]
    fn names_one_certificate() {
        let id = CertificateId::parse_v2(&signing_certificate_v2(&certificate(b"one"))).unwrap();
        assert!(id.names(&certificate(b"one")).unwrap());
        assert!(!id.names(&certificate(b"two")).unwrap());
        let other_serial = CertificateView { serial: vec![2, 1, 8], ..certificate(b"one") };
        assert!(!id.names(&other_serial).unwrap());
    }

    #[test]
    fn reads_version_1_and_other_hashes() {
        let wrap = |id: &[u8]| encode::tlv(encode::SEQUENCE, &encode::tlv(encode::SEQUENCE, &encode::tlv(0x30, id)));
        let v1 = wrap(&encode::tlv(4, &Hash::Sha1.digest(b"one")));
        assert!(CertificateId::parse_v1(&v1).unwrap().names(&certificate(b"one")).unwrap());
        let algorithm = encode::constructed(encode::SEQUENCE, &[&encode::oid(Hash::Sha512.oid()), &[5, 0]]);
        let v2 = wrap(&[algorithm, encode::tlv(4, &Hash::Sha512.digest(b"one"))].concat());
        assert!(CertificateId::parse_v2(&v2).unwrap().names(&certificate(b"one")).unwrap());
        let unknown = encode::constructed(encode::SEQUENCE, &[&encode::oid(super::super::CONTENT_TYPE)]);
        let v2 = wrap(&[unknown, encode::tlv(4, b"")].concat());
        assert!(CertificateId::parse_v2(&v2).unwrap().names(&certificate(b"one")).is_err());
        assert!(CertificateId::parse_v2(&[0x30, 2, 0x30, 0]).is_err());
    }
}
