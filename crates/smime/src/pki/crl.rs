//! Revocation lists, [RFC 5280 §5](https://www.rfc-editor.org/rfc/rfc5280#section-5).

use certval::{CrlSource, Error, PDVCertificate, Result};
use der::Decode;
use std::sync::Arc;
use x509_cert::certificate::Raw;
use x509_cert::crl::CertificateList;
use x509_cert::name::Name;

/// The revocation lists at hand, the newest first.
#[derive(Clone, Default)]
pub(super) struct Crls(Vec<Arc<Crl>>);

struct Crl {
    issuer: Name,
    /// thisUpdate in seconds since 1970. Whoever relies on it has verified the list.
    issued: u64,
    der: Vec<u8>,
}

impl Crls {
    /// The lists that can be read, from their DER.
    pub(super) fn new(crls: &[Vec<u8>]) -> Crls {
        Crls::default().with(crls)
    }

    /// These and more.
    pub(super) fn with(&self, more: &[Vec<u8>]) -> Crls {
        let mut crls = self.0.clone();
        crls.extend(more.iter().filter_map(|der| {
            let list = CertificateList::<Raw>::from_der(der).ok()?.tbs_cert_list;
            let issued = list.this_update.to_unix_duration().as_secs();
            Some(Arc::new(Crl { issuer: list.issuer, issued, der: der.clone() }))
        }));
        crls.sort_by_key(|crl| std::cmp::Reverse(crl.issued));
        Crls(crls)
    }
}

/// The validator takes the first list that verifies, is current and covers the certificate.
impl CrlSource for Crls {
    fn get_all_crls(&self) -> Result<Vec<Vec<u8>>> {
        Ok(self.0.iter().map(|crl| crl.der.clone()).collect())
    }

    fn get_crls(&self, cert: &PDVCertificate) -> Result<Vec<Vec<u8>>> {
        let issuer = cert.decoded().tbs_certificate().issuer();
        let of_issuer = self.0.iter().filter(|crl| certval::compare_names(&crl.issuer, issuer));
        Ok(of_issuer.map(|crl| crl.der.clone()).collect())
    }

    fn add_crl(&self, _: &[u8], _: &CertificateList<Raw>, _: &str) -> Result<()> {
        Err(Error::Unrecognized) // nothing is fetched, so nothing is kept
    }
}
