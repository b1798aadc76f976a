//! What the tests share: personas, prompts, the fixed clock.

#![allow(dead_code, clippy::unwrap_used, clippy::panic, reason = "helpers of tests; each file uses some")]

pub(crate) mod authority;
pub(crate) mod forged;

use mailseal_core::Protocol;
use mailseal_core::{Address, Cert, Credential, Handle, KeySource, Locked, NoPrompt, Passphrase, Policy, Prompt};
use mailseal_smime::Smime;
use mailseal_testkit::personas::{self, Persona};
use std::path::Path;
use std::sync::Arc;

/// Answers with these passphrases, one after the other.
pub(crate) struct Answers(pub(crate) &'static [&'static str]);

impl Prompt for Answers {
    fn passphrase(&self, _: &Locked, attempt: usize) -> Option<Passphrase> {
        self.0.get(attempt).map(|text| Passphrase::new((*text).to_owned()))
    }
}

pub(crate) fn read(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

pub(crate) fn certs(path: &Path) -> Vec<Cert> {
    Smime.parse_certs(&read(path)).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

pub(crate) fn cert(persona: Persona) -> Cert {
    certs(&persona.smime_cert()).remove(0)
}

/// A persona's certificate and bare key, with the intermediate.
pub(crate) fn credential(persona: Persona) -> Credential {
    let known = [cert(persona), certs(&personas::intermediate()).remove(0)];
    let mut keys = Smime.parse_keys(&read(&persona.smime_key()), persona.name, &known, Arc::new(NoPrompt)).unwrap();
    assert_eq!(keys.len(), 1);
    keys.remove(0)
}

/// 2026-06-01, with the default rules.
pub(crate) fn policy() -> Policy {
    Policy::at(personas::now())
}

/// Certificates and keys in memory.
pub(crate) struct Ring(pub(crate) Vec<Credential>);

impl KeySource for Ring {
    fn by_handle(&self, handle: &Handle) -> Vec<Credential> {
        self.0.iter().filter(|credential| credential.cert.answers_to(handle)).cloned().collect()
    }

    fn by_address(&self, address: &Address) -> Vec<Credential> {
        self.0.iter().filter(|credential| credential.cert.addresses().contains(address)).cloned().collect()
    }

    fn all(&self) -> Vec<Credential> {
        self.0.clone()
    }
}
