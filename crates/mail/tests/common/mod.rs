//! The personas of `testdata/`, each with a `Mail` of their own.

#![allow(dead_code, reason = "each test file uses a part of it")]
#![allow(clippy::unwrap_used, reason = "a helper of tests fails its test")]

pub(crate) mod raw;

use mailseal::openpgp::OpenPgp;
use mailseal::smime::{Pkix, Smime};
use mailseal::{Cert, Mail, Named, Policy, ProtocolId, Protocols, TrustExt};
use mailseal_core::{NoPrompt, Prompt, Protocol};
use mailseal_keyring::Store;
use mailseal_testkit::personas::{self, Persona};
use std::path::Path;
use std::sync::Arc;

/// What somebody has on the command line.
pub(crate) struct Desk {
    protocols: Protocols,
    store: Store,
    named: Vec<Cert>,
}

pub(crate) fn desk() -> Desk {
    let protocols = Protocols::default().with(OpenPgp).with(Smime);
    let store = Store::new(protocols.as_slice());
    Desk { protocols, store, named: Vec::new() }
}

impl Desk {
    /// Names a certificate: `--cert`.
    pub(crate) fn cert(mut self, path: &Path) -> Desk {
        let certs = self.store.parse_certs(&path.display().to_string(), &read(path)).unwrap();
        self.named.extend(certs.clone());
        self.store.add_certs(certs);
        self
    }

    /// Certificates that vouch for nothing: a chain will, or nobody.
    pub(crate) fn known(mut self, path: &Path) -> Desk {
        let certs = self.store.parse_certs(&path.display().to_string(), &read(path)).unwrap();
        self.store.add_certs(certs);
        self
    }

    /// A secret key: `--key`.
    pub(crate) fn key(mut self, path: &Path) -> Desk {
        self.store.add_keys(&path.display().to_string(), &read(path), Arc::new(NoPrompt)).unwrap();
        self
    }

    /// Both secret keys of somebody.
    pub(crate) fn keys_of(self, who: &Persona) -> Desk {
        self.openpgp_key_of(who).smime_key_of(who)
    }

    pub(crate) fn openpgp_key_of(self, who: &Persona) -> Desk {
        self.key(&who.openpgp_key())
    }

    pub(crate) fn smime_key_of(self, who: &Persona) -> Desk {
        self.known(&who.smime_cert()).key(&who.smime_key())
    }

    /// Who is asked for the passphrase of a message.
    pub(crate) fn passphrases(mut self, prompt: Arc<dyn Prompt>) -> Desk {
        self.store.set_passphrases(prompt);
        self
    }

    /// Puts it together: trusted are named certificates and what chains to the test root.
    pub(crate) fn mail(self) -> Mail {
        let anchors = Smime.parse_certs(&read(&personas::root())).unwrap();
        let intermediates = Smime.parse_certs(&read(&personas::intermediate())).unwrap();
        let crls = mailseal::smime::parse_crls(&read(&personas::crl())).unwrap();
        let trust = Named::new(&self.named).or(Pkix::new(&anchors, &intermediates, &crls));
        let store = Arc::new(self.store);
        Mail::new(self.protocols, store.clone(), store, trust, Policy::at(personas::now()))
    }
}

pub(crate) fn read(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap()
}

/// One protocol, with Alice who writes and Bob who reads.
pub(crate) struct Way {
    pub(crate) protocol: ProtocolId,
    pub(crate) alice: Mail,
    pub(crate) bob: Mail,
}

/// Both protocols.
pub(crate) fn ways() -> [Way; 2] {
    let (alice, bob) = (personas::ALICE, personas::BOB);
    let openpgp = |mine: &Persona, other: &Persona| desk().openpgp_key_of(mine).cert(&other.openpgp_cert()).mail();
    let smime = |mine: &Persona, other: &Persona| desk().smime_key_of(mine).known(&other.smime_cert()).mail();
    [
        Way { protocol: ProtocolId::OPENPGP, alice: openpgp(&alice, &bob), bob: openpgp(&bob, &alice) },
        Way { protocol: ProtocolId::SMIME, alice: smime(&alice, &bob), bob: smime(&bob, &alice) },
    ]
}
