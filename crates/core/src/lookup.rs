//! Where certificates and secret keys are found.

use crate::{Address, Cert, Credential, Handle, Locked, Passphrase};
use std::sync::Arc;

/// Finds certificates. Answers from memory or disk, never from the network: what is missing comes back as data.
pub trait CertSource: Send + Sync {
    /// The certificates that answer to `handle`.
    fn by_handle(&self, handle: &Handle) -> Vec<Cert>;

    /// The certificates that claim `address`, best first.
    fn by_address(&self, address: &Address) -> Vec<Cert>;

    /// Certificates that may stand between a signer and a trust anchor (RFC 5280 §6); none by default.
    fn intermediates(&self) -> Vec<Cert> {
        Vec::new()
    }
}

/// Finds secret keys.
pub trait KeySource: Send + Sync {
    /// The credentials whose certificate answers to `handle`.
    fn by_handle(&self, handle: &Handle) -> Vec<Credential>;

    /// The credentials whose certificate claims `address`, best first.
    fn by_address(&self, address: &Address) -> Vec<Credential>;

    /// Every credential, for hidden recipients (RFC 9580 §5.1.8).
    fn all(&self) -> Vec<Credential>;

    /// Names of key files that were asked for and stayed locked as a whole (PKCS#12), so that nobody knows whose they are;
    /// none by default. Asks nobody.
    fn locked(&self) -> Vec<String> {
        Vec::new()
    }

    /// A passphrase to try on a message that is encrypted to one; asked as a [`Prompt`](crate::Prompt) is, and only when no
    /// key of a recipient is at hand. None by default.
    fn passphrase(&self, message: &Locked, attempt: usize) -> Option<Passphrase> {
        let _ = (message, attempt);
        None
    }
}

impl<T: CertSource + ?Sized> CertSource for Arc<T> {
    fn by_handle(&self, handle: &Handle) -> Vec<Cert> {
        (**self).by_handle(handle)
    }

    fn by_address(&self, address: &Address) -> Vec<Cert> {
        (**self).by_address(address)
    }

    fn intermediates(&self) -> Vec<Cert> {
        (**self).intermediates()
    }
}

impl<T: KeySource + ?Sized> KeySource for Arc<T> {
    fn by_handle(&self, handle: &Handle) -> Vec<Credential> {
        (**self).by_handle(handle)
    }

    fn by_address(&self, address: &Address) -> Vec<Credential> {
        (**self).by_address(address)
    }

    fn all(&self) -> Vec<Credential> {
        (**self).all()
    }

    fn locked(&self) -> Vec<String> {
        (**self).locked()
    }

    fn passphrase(&self, message: &Locked, attempt: usize) -> Option<Passphrase> {
        (**self).passphrase(message, attempt)
    }
}

/// Certificates in memory, in their order.
impl CertSource for [Cert] {
    fn by_handle(&self, handle: &Handle) -> Vec<Cert> {
        self.iter().filter(|cert| cert.answers_to(handle)).cloned().collect()
    }

    fn by_address(&self, address: &Address) -> Vec<Cert> {
        self.iter().filter(|cert| cert.addresses().contains(address)).cloned().collect()
    }
}

/// Credentials in memory, in their order.
impl KeySource for [Credential] {
    fn by_handle(&self, handle: &Handle) -> Vec<Credential> {
        self.iter().filter(|credential| credential.cert.answers_to(handle)).cloned().collect()
    }

    fn by_address(&self, address: &Address) -> Vec<Credential> {
        self.iter().filter(|credential| credential.cert.addresses().contains(address)).cloned().collect()
    }

    fn all(&self) -> Vec<Credential> {
        self.to_vec()
    }
}

/// A source that has nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoCerts;

impl CertSource for NoCerts {
    fn by_handle(&self, _: &Handle) -> Vec<Cert> {
        Vec::new()
    }

    fn by_address(&self, _: &Address) -> Vec<Cert> {
        Vec::new()
    }
}

/// A source that has nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoKeys;

impl KeySource for NoKeys {
    fn by_handle(&self, _: &Handle) -> Vec<Credential> {
        Vec::new()
    }

    fn by_address(&self, _: &Address) -> Vec<Credential> {
        Vec::new()
    }

    fn all(&self) -> Vec<Credential> {
        Vec::new()
    }
}
