//! Everything that a client puts together once.

use crate::Protocols;
use mailseal_core::{CertSource, KeySource, Policy, Trust};
use mailseal_mime::Limits;
use std::sync::Arc;

/// Protocols, certificates, keys, trust and rules, put together once. Cheap to clone, safe to share between threads.
#[derive(Clone)]
pub struct Mail {
    parts: Arc<Parts>,
}

struct Parts {
    protocols: Protocols,
    certs: Box<dyn CertSource>,
    keys: Box<dyn KeySource>,
    trust: Box<dyn Trust>,
    policy: Policy,
    limits: Limits,
}

impl Mail {
    /// Puts it together. The clock is the caller's: everything is judged at `policy.at`.
    pub fn new(
        protocols: Protocols,
        certs: impl CertSource + 'static,
        keys: impl KeySource + 'static,
        trust: impl Trust + 'static,
        policy: Policy,
    ) -> Mail {
        let parts = Parts {
            protocols,
            certs: Box::new(certs),
            keys: Box::new(keys),
            trust: Box::new(trust),
            policy,
            limits: Limits::default(),
        };
        Mail { parts: Arc::new(parts) }
    }

    /// The protocols, the preferred first.
    pub fn protocols(&self) -> &Protocols {
        &self.parts.protocols
    }

    /// Where certificates are found.
    pub fn certs(&self) -> &dyn CertSource {
        &*self.parts.certs
    }

    /// Where secret keys are found.
    pub fn keys(&self) -> &dyn KeySource {
        &*self.parts.keys
    }

    /// Who vouches for certificates.
    pub fn trust(&self) -> &dyn Trust {
        &*self.parts.trust
    }

    /// The rules and the time.
    pub fn policy(&self) -> &Policy {
        &self.parts.policy
    }

    /// The limits of the MIME layer.
    pub fn limits(&self) -> &Limits {
        &self.parts.limits
    }
}
