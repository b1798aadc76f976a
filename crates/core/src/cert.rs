//! Certificates as data: the form in which they cross every seam.

use crate::{Address, Handle, ProtocolId};
use std::any::Any;
use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

/// What a certificate or credential is to be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Purpose {
    /// Making or checking signatures of messages.
    Sign,
    /// Encrypting messages.
    Encrypt,
}

/// An OpenPGP certificate (transferable public key) or an X.509 certificate.
///
/// Cheap to clone. What it says about itself (addresses, names) is claimed, not believed: see
/// [`Trust`](crate::Trust).
#[derive(Clone)]
pub struct Cert {
    data: Arc<Data>,
}

struct Data {
    protocol: ProtocolId,
    fingerprint: Handle,
    handles: Vec<Handle>,
    addresses: Vec<Address>,
    names: Vec<String>,
    not_before: Option<SystemTime>,
    not_after: Option<SystemTime>,
    encoded: Vec<u8>,
    parsed: Box<dyn Any + Send + Sync>,
}

/// The parts of a [`Cert`], filled by a protocol crate.
pub struct CertBuilder {
    /// The protocol that can use it.
    pub protocol: ProtocolId,
    /// The one fingerprint that names it; see [`Handle::Fingerprint`].
    pub fingerprint: Handle,
    /// Every handle that a message may call it by, the fingerprint among them.
    pub handles: Vec<Handle>,
    /// The addresses it claims: User IDs (RFC 9580 §5.11) or rfc822Name and SmtpUTF8Mailbox (RFC 8550 §3).
    pub addresses: Vec<Address>,
    /// The names it claims, for people; text of its author, so escape it before showing.
    pub names: Vec<String>,
    /// Start of its validity.
    pub not_before: Option<SystemTime>,
    /// End of its validity.
    pub not_after: Option<SystemTime>,
    /// Binary OpenPGP (RFC 9580 §10.1) or DER (RFC 5280).
    pub encoded: Vec<u8>,
    /// The protocol crate's own parsed form.
    pub parsed: Box<dyn Any + Send + Sync>,
}

impl CertBuilder {
    /// Makes the certificate. The fingerprint is added to the handles when it is not among them.
    pub fn build(mut self) -> Cert {
        if !self.handles.contains(&self.fingerprint) {
            self.handles.insert(0, self.fingerprint.clone());
        }
        Cert {
            data: Arc::new(Data {
                protocol: self.protocol,
                fingerprint: self.fingerprint,
                handles: self.handles,
                addresses: self.addresses,
                names: self.names,
                not_before: self.not_before,
                not_after: self.not_after,
                encoded: self.encoded,
                parsed: self.parsed,
            }),
        }
    }
}

impl Cert {
    /// The protocol that can use it.
    pub fn protocol(&self) -> ProtocolId {
        self.data.protocol
    }

    /// The one fingerprint that names it.
    pub fn fingerprint(&self) -> &Handle {
        &self.data.fingerprint
    }

    /// Every handle that a message may call it by.
    pub fn handles(&self) -> &[Handle] {
        &self.data.handles
    }

    /// Whether a message that says `handle` may mean this certificate.
    pub fn answers_to(&self, handle: &Handle) -> bool {
        self.data.handles.contains(handle)
    }

    /// Whether `handle` names this certificate itself, and not only a key that stands below its primary one: those anybody can
    /// put there, somebody else's too.
    pub fn is_called(&self, handle: &Handle) -> bool {
        match handle {
            Handle::Fingerprint(_) => handle == self.fingerprint(),
            Handle::KeyId(id) => self.fingerprint().key_id().as_ref() == Some(id),
            _ => self.answers_to(handle),
        }
    }

    /// The addresses it claims.
    pub fn addresses(&self) -> &[Address] {
        &self.data.addresses
    }

    /// The names it claims, for people. Attacker-controlled: escape before showing.
    pub fn names(&self) -> &[String] {
        &self.data.names
    }

    /// Start of its validity, when it has one.
    pub fn not_before(&self) -> Option<SystemTime> {
        self.data.not_before
    }

    /// End of its validity, when it has one.
    pub fn not_after(&self) -> Option<SystemTime> {
        self.data.not_after
    }

    /// Binary OpenPGP or DER.
    pub fn encoded(&self) -> &[u8] {
        &self.data.encoded
    }

    /// The protocol crate's own parsed form, when `T` is that type.
    pub fn parsed<T: Any>(&self) -> Option<&T> {
        self.data.parsed.downcast_ref()
    }
}

/// Two certificates are the same when protocol and encoding are.
impl PartialEq for Cert {
    fn eq(&self, other: &Cert) -> bool {
        self.data.protocol == other.data.protocol && self.data.encoded == other.data.encoded
    }
}

impl Eq for Cert {}

impl fmt::Debug for Cert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cert")
            .field("protocol", &self.data.protocol)
            .field("fingerprint", &self.data.fingerprint)
            .field("addresses", &self.data.addresses)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_to_its_fingerprint_and_keeps_its_parsed_form() {
        let cert = CertBuilder {
            protocol: ProtocolId::OPENPGP,
            fingerprint: Handle::Fingerprint(vec![1; 20]),
            handles: vec![Handle::KeyId([2; 8])],
            addresses: vec![],
            names: vec![],
            not_before: None,
            not_after: None,
            encoded: vec![3],
            parsed: Box::new(7_u8),
        }
        .build();
        assert!(cert.answers_to(&Handle::Fingerprint(vec![1; 20])));
        assert!(cert.answers_to(&Handle::KeyId([2; 8])));
        assert!(cert.is_called(&Handle::Fingerprint(vec![1; 20])) && cert.is_called(&Handle::KeyId([1; 8])));
        assert!(!cert.is_called(&Handle::KeyId([2; 8])));
        assert_eq!(cert.parsed::<u8>(), Some(&7));
        assert_eq!(cert.parsed::<u16>(), None);
    }
}
