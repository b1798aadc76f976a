//! X.509 certificates ([RFC 5280](https://www.rfc-editor.org/rfc/rfc5280)) as [`Cert`]s.

use crate::trust_settings::TrustSettings;
use crate::{name, oid};
use const_oid::ObjectIdentifier;
use der::asn1::Any;
use der::{Decode, Encode};
use mailseal_cms::engine::Hash;
use mailseal_core::{Address, Cert, CertBuilder, Error, Handle, ProtocolId};
use std::time::SystemTime;
use x509_cert::certificate::{CertificateInner, Raw};
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::{BasicConstraints, ExtendedKeyUsage, KeyUsage, SubjectKeyIdentifier};
use x509_cert::time::Time;

/// A certificate as it was received, with its parsed form. What [`Cert::parsed`] holds for S/MIME.
#[derive(Clone)]
pub struct Certificate {
    der: Vec<u8>,
    inner: CertificateInner<Raw>,
    subject: Vec<u8>,
    issuer: Vec<u8>,
    spki: Vec<u8>,
    trust: TrustSettings,
}

/// An extension that is there but cannot be read, or that is there twice: the certificate is not to be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BadExtension;

impl Certificate {
    /// Reads one certificate in DER; the octets are kept as they are, since its signature covers them.
    ///
    /// # Errors
    /// [`Error::Malformed`].
    pub fn from_der(der: &[u8]) -> Result<Certificate, Error> {
        let malformed = |error: der::Error| Error::malformed("X.509 certificate", error);
        let inner = CertificateInner::<Raw>::from_der(der).map_err(malformed)?;
        let tbs = inner.tbs_certificate();
        let subject = tbs.subject().to_der().map_err(malformed)?;
        let issuer = tbs.issuer().to_der().map_err(malformed)?;
        let spki = tbs.subject_public_key_info().to_der().map_err(malformed)?;
        Ok(Certificate { der: der.to_vec(), inner, subject, issuer, spki, trust: TrustSettings::default() })
    }

    /// Reads a certificate and what OpenSSL writes behind it ([`TrustSettings::from_openssl`]).
    ///
    /// # Errors
    /// [`Error::Malformed`].
    pub(crate) fn from_trusted(octets: &[u8]) -> Result<Certificate, Error> {
        let malformed = |error: der::Error| Error::malformed("X.509 certificate with trust settings", error);
        let (_, settings) = Any::from_der_partial(octets).map_err(malformed)?;
        let certificate = Certificate::from_der(&octets[..octets.len() - settings.len()])?;
        Ok(Certificate { trust: TrustSettings::from_openssl(settings).map_err(malformed)?, ..certificate })
    }

    /// The certificate behind a [`Cert`] of this protocol.
    pub fn of(cert: &Cert) -> Option<&Certificate> {
        cert.parsed()
    }

    /// The certificate as the seams know it.
    pub fn into_cert(self) -> Cert {
        let validity = self.inner.tbs_certificate().validity();
        CertBuilder {
            protocol: ProtocolId::SMIME,
            fingerprint: self.fingerprint(),
            handles: self.handles(),
            addresses: self.addresses(),
            names: self.names(),
            not_before: system_time(validity.not_before),
            not_after: system_time(validity.not_after),
            encoded: self.der.clone(),
            parsed: Box::new(self),
        }
        .build()
    }

    /// The octets as received.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// DER of the subject's Name.
    pub fn subject(&self) -> &[u8] {
        &self.subject
    }

    /// DER of the issuer's Name.
    pub fn issuer(&self) -> &[u8] {
        &self.issuer
    }

    /// Whether subject and issuer have the same name (RFC 5280 §3.2).
    pub fn is_self_issued(&self) -> bool {
        self.subject == self.issuer
    }

    /// Whether both have the same name and key.
    pub(crate) fn is_same_entity(&self, other: &Certificate) -> bool {
        self.subject == other.subject && self.spki == other.spki
    }

    /// DER of the SubjectPublicKeyInfo.
    pub fn public_key_info(&self) -> &[u8] {
        &self.spki
    }

    /// Start and end of validity in seconds since 1970.
    pub(crate) fn validity(&self) -> (u64, u64) {
        let validity = self.inner.tbs_certificate().validity();
        (validity.not_before.to_unix_duration().as_secs(), validity.not_after.to_unix_duration().as_secs())
    }

    /// The same, of which whoever keeps it says something.
    pub(crate) fn with_trust(self, trust: TrustSettings) -> Certificate {
        Certificate { trust, ..self }
    }

    /// What whoever keeps it says it is trusted for; counts for an anchor only.
    pub(crate) fn trust(&self) -> &TrustSettings {
        &self.trust
    }

    /// The parsed form.
    pub(crate) fn inner(&self) -> &CertificateInner<Raw> {
        &self.inner
    }

    /// A name for people: common name, else the whole subject. Text of the issuer's making: escape it.
    pub fn display_name(&self) -> String {
        self.names().into_iter().next().unwrap_or_else(|| self.inner.tbs_certificate().subject().to_string())
    }

    /// SHA-256 of the DER.
    pub fn fingerprint(&self) -> Handle {
        Handle::Fingerprint(Hash::Sha256.digest(&self.der))
    }

    /// IssuerAndSerialNumber (RFC 5652 §10.2.4).
    pub fn issuer_serial(&self) -> Handle {
        let serial = self.inner.tbs_certificate().serial_number().as_bytes().to_vec();
        Handle::IssuerSerial { issuer: self.issuer.clone(), serial }
    }

    /// The subjectKeyIdentifier extension (RFC 5280 §4.2.1.2), when there is one.
    pub fn key_identifier(&self) -> Option<Vec<u8>> {
        let id: SubjectKeyIdentifier = self.extension_as(oid::ID_CE_SUBJECT_KEY_IDENTIFIER).ok()??;
        Some(id.0.into_bytes().into())
    }

    fn handles(&self) -> Vec<Handle> {
        let mut handles = vec![self.fingerprint(), self.issuer_serial()];
        handles.extend(self.key_identifier().map(Handle::KeyIdentifier));
        handles
    }

    /// The addresses it claims (RFC 8550 §3): rfc822Name and SmtpUTF8Mailbox; emailAddress of the subject only when
    /// there is no such name (R54).
    pub fn addresses(&self) -> Vec<Address> {
        match self.extension(oid::ID_CE_SUBJECT_ALT_NAME) {
            Ok(Some(extension)) => match name::alt_names(extension.extn_value.as_bytes()) {
                Some(mailboxes) if mailboxes.is_empty() => self.subject_addresses(),
                Some(mailboxes) => mailboxes.iter().filter_map(name::Mailbox::address).collect(),
                None => Vec::new(),
            },
            Ok(None) => self.subject_addresses(),
            Err(BadExtension) => Vec::new(),
        }
    }

    fn subject_addresses(&self) -> Vec<Address> {
        let texts = name::values(self.inner.tbs_certificate().subject(), oid::EMAIL_ADDRESS);
        texts.iter().filter_map(|text| name::bare(text)).collect()
    }

    fn names(&self) -> Vec<String> {
        let subject = self.inner.tbs_certificate().subject();
        let names = name::values(subject, oid::COMMON_NAME);
        match (names.is_empty(), subject.is_empty()) {
            (false, _) => names,
            (true, false) => vec![subject.to_string()],
            (true, true) => Vec::new(),
        }
    }

    /// Key usage (RFC 5280 §4.2.1.3); `None` allows everything.
    pub(crate) fn key_usage(&self) -> Result<Option<KeyUsage>, BadExtension> {
        self.extension_as(oid::ID_CE_KEY_USAGE)
    }

    /// Extended key usage (RFC 5280 §4.2.1.12); `None` allows everything.
    pub(crate) fn extended_key_usage(&self) -> Result<Option<ExtendedKeyUsage>, BadExtension> {
        self.extension_as(oid::ID_CE_EXT_KEY_USAGE)
    }

    /// Whether it may issue certificates (RFC 5280 §4.2.1.9).
    pub(crate) fn is_ca(&self) -> Result<bool, BadExtension> {
        let constraints: Option<BasicConstraints> = self.extension_as(oid::ID_CE_BASIC_CONSTRAINTS)?;
        Ok(constraints.is_some_and(|constraints| constraints.ca))
    }

    /// Whether it may issue as an anchor: an authority by its extensions, or too old to have any (version 1).
    pub(crate) fn may_issue_as_anchor(&self) -> bool {
        let signs = self.key_usage().map(|usage| usage.is_none_or(|usage| usage.key_cert_sign()));
        self.extensions().is_empty() || (self.is_ca() == Ok(true) && signs == Ok(true))
    }

    /// The extensions in their order.
    pub(crate) fn extensions(&self) -> &[Extension] {
        self.inner.tbs_certificate().extensions().map_or(&[], |extensions| &extensions[..])
    }

    /// The one extension of this type.
    pub(crate) fn extension(&self, id: ObjectIdentifier) -> Result<Option<&Extension>, BadExtension> {
        let mut found = self.extensions().iter().filter(|extension| extension.extn_id == id);
        match (found.next(), found.next()) {
            (_, Some(_)) => Err(BadExtension),
            (first, None) => Ok(first),
        }
    }

    /// The value of the one extension of this type.
    pub(crate) fn extension_as<'a, T: Decode<'a>>(&'a self, id: ObjectIdentifier) -> Result<Option<T>, BadExtension> {
        let Some(extension) = self.extension(id)? else { return Ok(None) };
        T::from_der(extension.extn_value.as_bytes()).map(Some).map_err(|_| BadExtension)
    }
}

impl std::fmt::Debug for Certificate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Certificate").field("fingerprint", &self.fingerprint()).finish_non_exhaustive()
    }
}

fn system_time(time: Time) -> Option<SystemTime> {
    SystemTime::UNIX_EPOCH.checked_add(time.to_unix_duration())
}
