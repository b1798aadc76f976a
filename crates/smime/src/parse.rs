//! Certificates and revocation lists in every form in which people keep them.

use crate::{Certificate, MailRoots, certs_only, pem, pki, roots};
use der::Decode;
use mailseal_core::{Cert, Error, KeyboxKind, keybox};
use x509_cert::certificate::Raw;
use x509_cert::crl::CertificateList;

/// The most octets of one file of certificates, keys or lists.
pub(crate) const FILE_LIMIT: usize = 64 << 20;

/// Reads certificates: PEM (any number of blocks, PKCS#7 and OpenSSL's trusted certificates among them), DER, PKCS#7
/// certs-only in DER or BER, the X.509 certificates of a GnuPG keybox.
///
/// # Errors
/// [`Error::Malformed`] when it is none of these, or one of the certificates is broken.
pub(crate) fn certs(encoded: &[u8]) -> Result<Vec<Cert>, Error> {
    check_size(encoded)?;
    let mut certs = Vec::new();
    match pem::blocks(encoded)? {
        Some(blocks) => {
            for block in blocks {
                match block.label.as_str() {
                    "CERTIFICATE" | "X509 CERTIFICATE" => certs.push(Certificate::from_der(&block.octets)?.into_cert()),
                    "TRUSTED CERTIFICATE" => certs.push(Certificate::from_trusted(&block.octets)?.into_cert()),
                    "PKCS7" | "CMS" => certs.extend(bag(&block.octets)?),
                    _ => {}
                }
            }
        }
        None => match (keybox(encoded), Certificate::from_der(encoded)) {
            (Some(blobs), _) => {
                for blob in blobs?.iter().filter(|blob| blob.kind == KeyboxKind::X509) {
                    certs.push(Certificate::from_der(blob.content)?.into_cert());
                }
            }
            (None, Ok(certificate)) => certs.push(certificate.into_cert()),
            (None, Err(error)) => certs.extend(bag(encoded).map_err(|_| error)?),
        },
    }
    if certs.is_empty() {
        return Err(Error::malformed("X.509 certificate", "there is none in it"));
    }
    Ok(certs)
}

/// Reads trust anchors: certificates as [`Protocol::parse_certs`](mailseal_core::Protocol::parse_certs) does, or the
/// roots for mail of NSS ([`MailRoots`](crate::MailRoots)).
///
/// # Errors
/// [`Error::Malformed`] when it is neither.
pub fn parse_anchors(encoded: &[u8]) -> Result<Vec<Cert>, Error> {
    if roots::is_one(encoded) { Ok(MailRoots::read(encoded)?.certs().to_vec()) } else { certs(encoded) }
}

/// Certificates that came along in a message: what cannot be read is left out.
pub(crate) fn offered(certs: &[Vec<u8>]) -> Vec<Cert> {
    certs.iter().filter_map(|der| Certificate::from_der(der).ok()).map(Certificate::into_cert).collect()
}

/// Reads revocation lists (RFC 5280 §5) and OCSP responses (RFC 6960): PEM (any number of blocks), DER, or PKCS#7 that
/// carries lists. Gives DER.
///
/// # Errors
/// [`Error::Malformed`] when it is none of these or broken, or a response that answers nothing.
pub fn parse_crls(encoded: &[u8]) -> Result<Vec<Vec<u8>>, Error> {
    check_size(encoded)?;
    let crls = match pem::blocks(encoded)? {
        Some(blocks) => {
            let mut crls = Vec::new();
            for block in blocks {
                match block.label.as_str() {
                    "X509 CRL" | "OCSP RESPONSE" => crls.push(block.octets.to_vec()),
                    "PKCS7" | "CMS" => crls.extend(certs_only::read(&block.octets)?.crls),
                    _ => {}
                }
            }
            crls
        }
        None => match certs_only::read(encoded) {
            Ok(bag) => bag.crls,
            Err(_) => vec![encoded.to_vec()],
        },
    };
    if crls.is_empty() {
        return Err(Error::malformed("revocation list", "there is none in it"));
    }
    for crl in &crls {
        let list = CertificateList::<Raw>::from_der(crl).map(drop);
        list.or_else(|error| if pki::is_response(crl) { Ok(()) } else { Err(error) })
            .map_err(|error| Error::malformed("revocation list", error))?;
    }
    Ok(crls)
}

/// Refuses files that nobody has.
pub(crate) fn check_size(encoded: &[u8]) -> Result<(), Error> {
    if encoded.len() > FILE_LIMIT {
        return Err(Error::Limit { what: "octets of certificates and keys", limit: FILE_LIMIT as u64 });
    }
    Ok(())
}

fn bag(encoded: &[u8]) -> Result<Vec<Cert>, Error> {
    let bag = certs_only::read(encoded)?;
    bag.certs.iter().map(|der| Ok(Certificate::from_der(der)?.into_cert())).collect()
}
