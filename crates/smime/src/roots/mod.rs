//! The roots that Mozilla's programme trusts for mail, out of what NSS keeps them in: the text `certdata.txt`, or the
//! module `libnssckbi.so`, which is read as a file and never run.
//!
//! NSS has two objects for a root: the certificate, and what it is trusted for. Only who is trusted as an issuer for
//! e-mail becomes an anchor, with the date after which nothing new of it counts; who is distrusted for e-mail is kept as
//! rejected. Roots for TLS alone are left out.

mod certdata;
mod module;

use crate::trust_settings::TrustSettings;
use crate::{Certificate, parse};
use mailseal_cms::engine::Hash;
use mailseal_core::{Cert, Error};

/// What NSS says of a certificate's use for e-mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Email {
    /// It may issue (`CKT_NSS_TRUSTED_DELEGATOR`).
    Issuer,
    /// It is not to be trusted (`CKT_NSS_NOT_TRUSTED`).
    Rejected,
    /// Something else: as if it were unknown.
    #[default]
    Nothing,
}

/// An object of NSS, as far as it matters here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Object {
    /// A certificate (`CKO_CERTIFICATE`), else its trust (`CKO_NSS_TRUST`).
    is_certificate: bool,
    /// DER of the certificate.
    value: Vec<u8>,
    /// DER of the issuer's Name, and of the serial number: they tie the two objects together.
    issuer: Vec<u8>,
    serial: Vec<u8>,
    /// SHA-1 of the certificate, which the trust may name.
    sha1: Vec<u8>,
    email: Email,
    /// UTCTime as text; anything shorter says nothing.
    distrust_after: Vec<u8>,
}

/// Roots for mail.
#[derive(Debug, Clone)]
pub struct MailRoots {
    certs: Vec<Cert>,
    objects: Vec<Object>,
}

impl MailRoots {
    /// Reads `certdata.txt`, or `libnssckbi.so` of a 64-bit little-endian machine.
    ///
    /// # Errors
    /// [`Error::Malformed`] when it is neither, or has no root for mail in it.
    pub fn read(encoded: &[u8]) -> Result<MailRoots, Error> {
        parse::check_size(encoded)?;
        let objects = if encoded.starts_with(module::MAGIC) {
            module::objects(encoded).ok_or_else(|| Error::malformed("NSS module", "no roots can be found in it"))?
        } else {
            certdata::objects(encoded)?
        };
        let mut roots = MailRoots { certs: Vec::new(), objects: Vec::new() };
        for trust in objects.iter().filter(|object| !object.is_certificate && object.email != Email::Nothing) {
            let certificate = objects.iter().find(|object| object.is_certificate && object.is_of(trust));
            if let Some(certificate) = certificate {
                roots.add(certificate, trust)?;
            }
        }
        if roots.certs.is_empty() {
            return Err(Error::malformed("NSS roots", "none is trusted for e-mail"));
        }
        Ok(roots)
    }

    fn add(&mut self, certificate: &Object, trust: &Object) -> Result<(), Error> {
        let settings = match trust.email {
            Email::Rejected => TrustSettings::no_mail(),
            _ => TrustSettings::mail_until(certificate.distrusted_after()?),
        };
        let cert = Certificate::from_der(&certificate.value)?.with_trust(settings).into_cert();
        self.certs.push(cert);
        self.objects.extend([certificate.clone(), trust.clone()]);
        Ok(())
    }

    /// Those that are trusted for mail and those that are rejected, as anchors for [`Pkix`](crate::Pkix): each knows which.
    pub fn certs(&self) -> &[Cert] {
        &self.certs
    }

    /// How many are trusted for mail.
    pub fn trusted(&self) -> usize {
        self.objects.iter().filter(|object| object.email == Email::Issuer).count()
    }

    /// How many are rejected for mail.
    pub fn rejected(&self) -> usize {
        self.objects.iter().filter(|object| object.email == Email::Rejected).count()
    }

    /// The same as certdata text, with nothing in it but what mail needs. [`parse_anchors`](crate::parse_anchors) reads it.
    pub fn to_certdata(&self) -> String {
        certdata::write(&self.objects)
    }
}

impl Object {
    /// Whether `trust` speaks of this certificate.
    fn is_of(&self, trust: &Object) -> bool {
        self.issuer == trust.issuer
            && self.serial == trust.serial
            && (trust.sha1.is_empty() || trust.sha1 == Hash::Sha1.digest(&self.value))
    }

    /// `CKA_NSS_EMAIL_DISTRUST_AFTER` in seconds since 1970.
    fn distrusted_after(&self) -> Result<Option<u64>, Error> {
        use der::Decode;
        if self.distrust_after.len() <= 1 {
            return Ok(None);
        }
        let length = u8::try_from(self.distrust_after.len()).unwrap_or(u8::MAX);
        let der = [&[0x17, length][..], &self.distrust_after].concat();
        let time = der::asn1::UtcTime::from_der(&der).map_err(|e| Error::malformed("date of an NSS root", e))?;
        Ok(Some(time.to_unix_duration().as_secs()))
    }
}

/// Whether it looks like what NSS keeps roots in, which a PEM or DER file never does.
pub(crate) fn is_one(encoded: &[u8]) -> bool {
    encoded.starts_with(module::MAGIC) || certdata::is_one(encoded)
}
