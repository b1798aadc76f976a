//! What issuers say of revocation: their lists, [RFC 5280 §5](https://www.rfc-editor.org/rfc/rfc5280#section-5), and OCSP
//! responses.

use super::ocsp::Response;
use super::{listed, sound};
use crate::certificate::Certificate;
use certval::{CrlSource, Error, PDVCertificate, Result};
use der::Decode;
use mailseal_core::Cert;
use memchr::memmem;
use std::sync::Arc;
use x509_cert::certificate::Raw;
use x509_cert::crl::CertificateList;
use x509_cert::name::Name;
use x509_cert::serial_number::SerialNumber;

/// The most responses of a message whose time is looked at.
const OFFERED: usize = 32;

/// The revocation lists at hand, the newest first, and the OCSP responses.
#[derive(Clone, Default)]
pub(super) struct Crls {
    lists: Vec<Arc<Crl>>,
    responses: Vec<Arc<Response>>,
    /// How many of the responses, from the first, are our own; the others came along with a message.
    own: usize,
}

struct Crl {
    issuer: Name,
    /// thisUpdate in seconds since 1970. Whoever relies on it has verified the list.
    issued: u64,
    der: Vec<u8>,
}

impl Crls {
    /// Those that can be read, from their DER.
    pub(super) fn new(crls: &[Vec<u8>]) -> Crls {
        let crls = Crls::default().with(crls);
        Crls { own: crls.responses.len(), ..crls }
    }

    /// These and more, which came along with a message.
    pub(super) fn with(&self, more: &[Vec<u8>]) -> Crls {
        let mut crls = self.clone();
        for der in more {
            match CertificateList::<Raw>::from_der(der) {
                Ok(list) if !sound::is_name(&list.tbs_cert_list.issuer) => {}
                Ok(list) => {
                    let list = list.tbs_cert_list;
                    let issued = list.this_update.to_unix_duration().as_secs();
                    crls.lists.push(Arc::new(Crl { issuer: list.issuer, issued, der: der.clone() }));
                }
                Err(_) => crls.responses.extend(Response::read(der).map(Arc::new)),
            }
        }
        crls.lists.sort_by_key(|crl| std::cmp::Reverse(crl.issued));
        crls
    }

    /// The OCSP responses that speak of a certificate of this number, those that revoke it first.
    pub(super) fn responses<'r>(&'r self, serial: &SerialNumber<Raw>) -> impl Iterator<Item = &'r [u8]> {
        let answering = self.responses.iter().filter(|response| response.answers(serial));
        let (revoking, others): (Vec<_>, Vec<_>) = answering.partition(|response| response.revoking(serial).is_some());
        revoking.into_iter().chain(others).map(|response| &response.der[..])
    }

    /// Whether there is a list by the name of its issuer.
    pub(super) fn has_list_for(&self, cert: &PDVCertificate) -> bool {
        let issuer = cert.decoded().tbs_certificate().issuer();
        self.lists.iter().any(|crl| certval::compare_names(&crl.issuer, issuer))
    }

    /// The lists by the name of its issuer, issued until `at`, that name a certificate as revoked for good. Nothing of them
    /// was verified.
    pub(super) fn naming<'c>(&'c self, cert: &'c PDVCertificate, at: u64) -> impl Iterator<Item = &'c [u8]> {
        let certificate = cert.decoded().tbs_certificate();
        let (issuer, serial) = (certificate.issuer(), certificate.serial_number());
        let lists = self.lists.iter().filter(move |crl| crl.issued <= at && crl.revokes(serial));
        lists.filter(|crl| certval::compare_names(&crl.issuer, issuer)).map(|crl| &crl.der[..])
    }

    /// When the responses were issued that say of one of these certificates that it was revoked for good, in seconds since
    /// 1970. Nothing of them was verified; so at most 32 of those that came along count, beside all of our own.
    pub(super) fn revoking<'c>(&self, certs: impl Iterator<Item = &'c PDVCertificate>) -> Vec<u64> {
        let serials: Vec<_> = certs.map(|cert| cert.decoded().tbs_certificate().serial_number()).collect();
        let moments = |responses: &[Arc<Response>]| -> Vec<u64> {
            let of_response = |response: &Arc<Response>| serials.iter().find_map(|serial| response.revoking(serial));
            responses.iter().filter_map(of_response).collect()
        };
        let (own, offered) = self.responses.split_at(self.own);
        moments(own).into_iter().chain(moments(offered).into_iter().take(OFFERED)).collect()
    }
}

/// The issuers, as text of their own making (escape it), of the revocation lists among `crls` that no certificate of `certs`
/// has the name of: such a list counts only where a message brings its issuer along.
pub fn issuers_not_at_hand(crls: &[Vec<u8>], certs: &[Cert]) -> Vec<String> {
    let known: Vec<_> = certs.iter().filter_map(Certificate::of).collect();
    let lists = Crls::new(crls).lists;
    let missing = lists.iter().map(|list| &list.issuer).filter(|issuer| {
        let mut known = known.iter();
        !known.any(|cert| certval::compare_names(cert.inner().tbs_certificate().subject(), issuer))
    });
    missing.map(ToString::to_string).collect()
}

impl Crl {
    /// Whether the number stands in the list for good.
    fn revokes(&self, serial: &SerialNumber<Raw>) -> bool {
        // Most lists do not even have its octets; only the others are read again.
        let has_octets = memmem::find(&self.der, serial.as_bytes()).is_some();
        has_octets && listed::names(&self.der, serial)
    }
}

/// The validator takes the first list that verifies, is current and covers the certificate. Lists that revoke it are given
/// first: who is on one stays revoked, whatever newer list a message brings along
/// ([RFC 5280 §3.3](https://www.rfc-editor.org/rfc/rfc5280#section-3.3): an entry is not removed while the certificate is
/// valid).
impl CrlSource for Crls {
    fn get_all_crls(&self) -> Result<Vec<Vec<u8>>> {
        Ok(self.lists.iter().map(|crl| crl.der.clone()).collect())
    }

    fn get_crls(&self, cert: &PDVCertificate) -> Result<Vec<Vec<u8>>> {
        let issuer = cert.decoded().tbs_certificate().issuer();
        let of_issuer = self.lists.iter().filter(|crl| certval::compare_names(&crl.issuer, issuer));
        let serial = cert.decoded().tbs_certificate().serial_number();
        let (revoking, others): (Vec<_>, Vec<_>) = of_issuer.partition(|crl| crl.revokes(serial));
        Ok(revoking.iter().chain(&others).map(|crl| crl.der.clone()).collect())
    }

    fn add_crl(&self, _: &[u8], _: &CertificateList<Raw>, _: &str) -> Result<()> {
        Err(Error::Unrecognized) // nothing is fetched, so nothing is kept
    }
}
