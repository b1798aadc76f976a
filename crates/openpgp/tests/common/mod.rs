//! People with keys made at a fixed time, and a store of them.

#![allow(dead_code, reason = "every test file uses a part of it")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

use mailseal_core::{
    Address, Cert, CertSource, Check, Context, Credential, Handle, KeySource, Layer, Locked, MemorySink, NoPrompt,
    Passphrase, Peeled, Policy, Protocol, Signature,
};
use mailseal_openpgp::OpenPgp;
use mailseal_testkit::personas::Persona;
use sequoia_openpgp as openpgp;
use sequoia_openpgp::cert::{CertBuilder, CipherSuite};
use sequoia_openpgp::serialize::SerializeInto;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// 2026-01-01T00:00:00Z, when keys are made.
pub(crate) const BORN: u64 = 1_767_225_600;
/// 2026-06-01T00:00:00Z, when things are judged.
pub(crate) const NOW: u64 = 1_780_272_000;

pub(crate) fn at(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

pub(crate) fn policy() -> Policy {
    Policy::at(at(NOW))
}

/// A key of a person: signing primary, encryption subkey, no expiry.
pub(crate) fn generate(address: &str, suite: CipherSuite) -> openpgp::Cert {
    builder(address).set_cipher_suite(suite).generate().unwrap().0
}

pub(crate) fn builder(address: &str) -> CertBuilder<'static> {
    CertBuilder::new()
        .set_creation_time(at(BORN))
        .set_validity_period(None)
        .add_userid(format!("Somebody <{address}>"))
        .set_primary_key_flags(openpgp::types::KeyFlags::empty().set_signing().set_certification())
        .add_transport_encryption_subkey()
}

pub(crate) fn credential(key: &openpgp::Cert) -> Credential {
    let encoded = key.as_tsk().to_vec().unwrap();
    OpenPgp.parse_keys(&encoded, "test key", &[], Arc::new(NoPrompt)).unwrap().remove(0)
}

pub(crate) fn cert(key: &openpgp::Cert) -> Cert {
    OpenPgp.parse_certs(&key.to_vec().unwrap()).unwrap().remove(0)
}

/// Certificates and keys in memory.
#[derive(Default, Clone)]
pub(crate) struct Store {
    pub(crate) certs: Vec<Cert>,
    pub(crate) keys: Vec<Credential>,
    /// Tried on messages to whoever knows a password.
    pub(crate) passphrases: Vec<Passphrase>,
}

impl Store {
    pub(crate) fn of(keys: &[&openpgp::Cert]) -> Store {
        Store {
            certs: keys.iter().map(|key| cert(key)).collect(),
            keys: keys.iter().map(|key| credential(key)).collect(),
            passphrases: Vec::new(),
        }
    }

    pub(crate) fn open(&self, blob: &[u8]) -> (Peeled, Option<Vec<u8>>) {
        let policy = policy();
        let mut sink = MemorySink::new();
        let mut blob = blob;
        let peeled = OpenPgp.open(&mut blob, &self.context(&policy), &mut sink).unwrap();
        (peeled, sink.into_committed())
    }

    pub(crate) fn verify(&self, content: &[u8], signature: &[u8]) -> Peeled {
        let policy = policy();
        OpenPgp.verify(&content.to_vec(), signature, &self.context(&policy)).unwrap()
    }

    pub(crate) fn context<'a>(&'a self, policy: &'a Policy) -> Context<'a> {
        Context { policy, certs: self, keys: self }
    }
}

impl CertSource for Store {
    fn by_handle(&self, handle: &Handle) -> Vec<Cert> {
        self.certs.iter().filter(|cert| cert.answers_to(handle)).cloned().collect()
    }

    fn by_address(&self, address: &Address) -> Vec<Cert> {
        self.certs.iter().filter(|cert| cert.addresses().contains(address)).cloned().collect()
    }
}

impl KeySource for Store {
    fn by_handle(&self, handle: &Handle) -> Vec<Credential> {
        self.keys.iter().filter(|key| key.cert.answers_to(handle)).cloned().collect()
    }

    fn by_address(&self, address: &Address) -> Vec<Credential> {
        self.keys.iter().filter(|key| key.cert.addresses().contains(address)).cloned().collect()
    }

    fn all(&self) -> Vec<Credential> {
        self.keys.clone()
    }

    fn passphrase(&self, _: &Locked, attempt: usize) -> Option<Passphrase> {
        self.passphrases.get(attempt).cloned()
    }
}

pub(crate) fn sign(content: &[u8], by: &[Credential]) -> (String, Vec<u8>) {
    let mut out = Vec::new();
    let signed = OpenPgp.sign(&content.to_vec(), by, &policy(), &mut out).unwrap();
    (signed.micalg, out)
}

pub(crate) fn encrypt(content: &[u8], to: &[Cert], by: &[Credential]) -> Vec<u8> {
    let mut out = Vec::new();
    OpenPgp.encrypt(&content.to_vec(), to, by, &policy(), &mut out).unwrap();
    out
}

/// The signatures of the innermost signed layer.
pub(crate) fn signatures(peeled: &Peeled) -> Vec<Signature> {
    match peeled.layers.last() {
        Some(Layer::Signed(signatures)) => signatures.clone(),
        other => panic!("not signed: {other:?}"),
    }
}

pub(crate) fn checks(peeled: &Peeled) -> Vec<Check> {
    signatures(peeled).iter().map(|signature| signature.check).collect()
}

/// One word a layer, outermost first.
pub(crate) fn shape(peeled: &Peeled) -> Vec<String> {
    peeled
        .layers
        .iter()
        .map(|layer| match layer {
            Layer::Signed(signatures) => format!("signed {}", signatures.len()),
            Layer::Encrypted(encryption) => format!("encrypted {:?}", encryption.decryption),
            Layer::Compressed(compression) => format!("compressed {}", compression.algorithm),
            other => format!("{other:?}"),
        })
        .collect()
}

/// The credentials of a persona of `testdata/`.
pub(crate) fn persona(persona: Persona) -> Credential {
    let encoded = std::fs::read(persona.openpgp_key()).unwrap();
    OpenPgp.parse_keys(&encoded, persona.name, &[], Arc::new(NoPrompt)).unwrap().remove(0)
}

/// A store of personas.
pub(crate) fn personas(personas: &[Persona]) -> Store {
    let keys: Vec<Credential> = personas.iter().map(|one| persona(*one)).collect();
    Store { certs: keys.iter().map(|key| key.cert.clone()).collect(), keys, passphrases: Vec::new() }
}
