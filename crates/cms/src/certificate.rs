use std::io::Read;

use const_oid::ObjectIdentifier;
use const_oid::db::rfc5280;

use crate::ber::{Reader, Tag, canonical};
use crate::content_info::read_oid;
use crate::error::Error;

/// Octets of the longest certificate that is looked at; those of SLH-DSA have over 50,000.
const LIMIT: usize = 256 * 1024;
/// Extensions of one certificate that are looked at.
const EXTENSIONS: usize = 256;

/// The fields of an X.509 certificate by which CMS names it, and its key. Nothing here is verified.
///
/// Own reading in place of a full decoder: a certificate with an odd name or extension can still be named and have its
/// signature checked; what it is worth is decided elsewhere.
#[derive(Debug, Clone)]
pub(crate) struct CertificateView {
    /// The certificate as received.
    pub(crate) encoded: Vec<u8>,
    /// `issuer`, a Name in DER.
    pub(crate) issuer: Vec<u8>,
    /// `serialNumber`, an INTEGER in DER, header and all.
    pub(crate) serial: Vec<u8>,
    /// `subjectPublicKeyInfo` as received.
    pub(crate) spki: Vec<u8>,
    /// The subjectKeyIdentifier extension.
    pub(crate) subject_key_id: Option<Vec<u8>>,
}

impl CertificateView {
    /// Reads a certificate ([RFC 5280 §4.1](https://www.rfc-editor.org/rfc/rfc5280#section-4.1)).
    pub(crate) fn parse(encoded: &[u8]) -> Result<Self, Error> {
        let limit = encoded.len();
        if limit > LIMIT {
            return Err(Error::Limit { what: "octets of a certificate", limit: LIMIT as u64 });
        }
        let mut reader = Reader::over(encoded);
        reader.enter(Tag::SEQUENCE)?;
        reader.enter(Tag::SEQUENCE)?;
        if reader.next_is(Tag::context(0))? {
            reader.element(limit)?;
        }
        let serial = canonical(&reader.element_of(Tag::INTEGER, limit)?)?;
        reader.element_of(Tag::SEQUENCE, limit)?; // signature
        let issuer = canonical(&reader.element_of(Tag::SEQUENCE, limit)?)?;
        reader.element_of(Tag::SEQUENCE, limit)?; // validity
        reader.element_of(Tag::SEQUENCE, limit)?; // subject
        let spki = reader.element_of(Tag::SEQUENCE, limit)?;
        let mut subject_key_id = None;
        while let Some(header) = reader.peek()? {
            if header.tag == Tag::context(3) {
                reader.enter(header.tag)?;
                subject_key_id = find_subject_key_id(&mut reader, limit)?;
                reader.leave()?;
            } else {
                reader.element(limit)?;
            }
        }
        reader.leave()?;
        reader.element_of(Tag::SEQUENCE, limit)?; // signatureAlgorithm
        reader.element_of(Tag::BIT_STRING, limit)?; // signatureValue
        reader.leave()?;
        reader.finish()?;
        Ok(CertificateView { encoded: encoded.to_vec(), issuer, serial, spki, subject_key_id })
    }
}

fn find_subject_key_id<R: Read>(reader: &mut Reader<R>, limit: usize) -> Result<Option<Vec<u8>>, Error> {
    for extension in reader.elements(Tag::SEQUENCE, limit, EXTENSIONS)? {
        let mut reader = Reader::over(&extension);
        reader.enter(Tag::SEQUENCE)?;
        let oid: ObjectIdentifier = read_oid(&mut reader, "extnID")?;
        if oid == rfc5280::ID_CE_SUBJECT_KEY_IDENTIFIER {
            if reader.next_is(Tag::BOOLEAN)? {
                reader.element(limit)?;
            }
            let value = reader.octet_string(Tag::OCTET_STRING, limit)?;
            return Reader::over(&value).octet_string(Tag::OCTET_STRING, limit).map(Some);
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ber::encode;

    #[test]
    fn an_endless_certificate_is_not_looked_at() {
        let endless = encode::tlv(encode::SEQUENCE, &vec![0; LIMIT]);
        assert!(matches!(CertificateView::parse(&endless), Err(Error::Limit { .. })));
    }

    #[test]
    fn names_and_key_are_found() {
        let bob = CertificateView::parse(&crate::testing::cert_der("bob")).unwrap();
        assert_eq!(bob.spki, crate::testing::spki_der("bob"));
        assert_eq!((bob.issuer[0], bob.serial[0]), (0x30, 0x02));
        assert_eq!(bob.subject_key_id.map(|id| id.len()), Some(20));
    }
}
