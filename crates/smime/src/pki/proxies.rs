//! Proxy certificates ([RFC 3820](https://www.rfc-editor.org/rfc/rfc3820)), as far as rows of OpenSSL's chains ask for
//! them. Mail has none: a proxy names nobody, so it is in no path outside these tests.

use super::node::Node;
use super::validate::Validator;
use crate::{Certificate, oid};
use const_oid::ObjectIdentifier;
use der::asn1::Any;
use der::{Decode, Reader, SliceReader};
use mailseal_core::Reason;

/// `id-pe-proxyCertInfo`, RFC 3820 §3.8.
const PROXY_CERT_INFO: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.1.14");
const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");

/// The person from whom a chain of proxies descends, found among `issuers`; `certificate` itself if it is no proxy.
pub(super) fn person(
    validator: &Validator,
    certificate: &Certificate,
    issuers: &[Node],
) -> Result<Certificate, Reason> {
    let mut current = Node::new(certificate.clone()).ok_or(Reason::Malformed)?;
    let mut below = 0;
    while let Some(limit) = path_length(&current.certificate)? {
        let issued = |issuer: &&Node| current.names_as_issuer(issuer) && validator.is_signed_by(&current, issuer);
        let issuer = issuers.iter().find(issued).ok_or(Reason::NoPath)?;
        if limit.is_some_and(|limit| below > limit) || !is_named_below(&current.certificate, &issuer.certificate)? {
            return Err(Reason::Untrusted);
        }
        // What it allows below itself is below its issuer too.
        below = limit.unwrap_or(below).saturating_add(1);
        current = Node::new(issuer.certificate.clone()).ok_or(Reason::Malformed)?;
    }
    Ok(current.certificate)
}

/// RFC 3820 §3.4, §3.5 and §3.7: the issuer's name and one common name more, no other name, no authority.
fn is_named_below(proxy: &Certificate, issuer: &Certificate) -> Result<bool, Reason> {
    let name: Vec<_> = proxy.inner().tbs_certificate().subject().iter_rdn().collect();
    let above: Vec<_> = issuer.inner().tbs_certificate().subject().iter_rdn().collect();
    let (own, inherited) = name.split_last().ok_or(Reason::Malformed)?;
    let is_common_name = own.len() == 1 && own.iter().all(|attribute| attribute.oid == COMMON_NAME);
    let other_names = proxy.extension(oid::ID_CE_SUBJECT_ALT_NAME)?.is_some();
    Ok(inherited == above && is_common_name && !other_names && !proxy.is_ca()?)
}

/// RFC 3820 §3.8.1: how many proxies may be below this one, if it says; nothing for a certificate that is no proxy.
fn path_length(certificate: &Certificate) -> Result<Option<Option<u32>>, Reason> {
    let Some(extension) = certificate.extension(PROXY_CERT_INFO)? else { return Ok(None) };
    let read = || {
        SliceReader::new(extension.extn_value.as_bytes())?.sequence(|reader| {
            let limit = Option::<u32>::decode(reader)?;
            let _policy: Any = reader.decode()?;
            Ok::<_, der::Error>(limit)
        })
    };
    if extension.critical { read().map(Some).map_err(|_| Reason::Malformed) } else { Err(Reason::Malformed) }
}
