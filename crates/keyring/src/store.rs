//! Certificates and keys in memory.

use crate::Error;
use crate::keys::KeyFile;
use mailseal_core::{Address, Cert, CertSource, Credential, Handle, KeySource, Locked, Passphrase, Prompt, Protocol};
use std::sync::Arc;

/// Certificates and secret keys in memory, of every protocol side by side.
pub struct Store {
    protocols: Vec<Arc<dyn Protocol>>,
    certs: Vec<Cert>,
    intermediates: Vec<Cert>,
    keys: Vec<KeyFile>,
    passphrases: Option<Arc<dyn Prompt>>,
}

impl Store {
    /// An empty store that reads what these protocols know; the first that recognises a file of secret keys has it.
    pub fn new(protocols: &[Arc<dyn Protocol>]) -> Store {
        let protocols = protocols.to_vec();
        Store { protocols, certs: Vec::new(), intermediates: Vec::new(), keys: Vec::new(), passphrases: None }
    }

    /// Reads certificates in whatever form a protocol knows; a keybox of GnuPG has some of each. `name` is what a person
    /// knows the source by.
    ///
    /// # Errors
    /// [`Error::NotRecognised`] when it is no certificate of any protocol.
    pub fn parse_certs(&self, name: &str, encoded: &[u8]) -> Result<Vec<Cert>, Error> {
        let mut whys = Vec::new();
        let mut found = Vec::new();
        for protocol in &self.protocols {
            match protocol.parse_certs(encoded) {
                Ok(certs) if !certs.is_empty() => found.extend(certs),
                Ok(_) => whys.push(format!("{}: it holds none", protocol.id())),
                Err(error) => whys.push(format!("{}: {error}", protocol.id())),
            }
        }
        if !found.is_empty() {
            return Ok(found);
        }
        Err(Error::NotRecognised { name: name.to_owned(), expected: "a certificate", why: whys.join("; ") })
    }

    /// Adds certificates of correspondents, without repetition.
    pub fn add_certs(&mut self, certs: Vec<Cert>) {
        add(&mut self.certs, certs);
    }

    /// Adds certificates that may help to build a path and stand for no correspondent.
    pub fn add_intermediates(&mut self, certs: Vec<Cert>) {
        add(&mut self.intermediates, certs);
    }

    /// Adds a file of secret keys. Bare keys (PKCS#8) find their certificates, and the authorities above them that
    /// signatures carry, among those added before. `prompt` is asked when a locked key is needed, not now.
    ///
    /// # Errors
    /// [`Error::NotRecognised`] when it is no secret key of any protocol.
    pub fn add_keys(&mut self, name: &str, encoded: &[u8], prompt: Arc<dyn Prompt>) -> Result<(), Error> {
        let certs = [self.certs.as_slice(), &self.intermediates].concat();
        self.keys.push(KeyFile::read(&self.protocols, name, encoded, &certs, prompt)?);
        Ok(())
    }

    /// Who is asked for the passphrase of a message that is encrypted to one. Nobody unless said here.
    pub fn set_passphrases(&mut self, prompt: Arc<dyn Prompt>) {
        self.passphrases = Some(prompt);
    }

    /// Every certificate of a correspondent.
    pub fn certs(&self) -> &[Cert] {
        &self.certs
    }

    /// The certificates of the secret keys, as far as they can be seen without asking anybody for a passphrase.
    pub fn key_certs(&self) -> Vec<Cert> {
        self.keys.iter().flat_map(KeyFile::visible).map(|credential| credential.cert.clone()).collect()
    }

    /// Those of them whose owner one is, by having their secret keys.
    pub fn own_certs(&self) -> Vec<Cert> {
        let own = self.keys.iter().flat_map(KeyFile::visible).filter(|credential| credential.key.is_owners());
        own.map(|credential| credential.cert.clone()).collect()
    }

    /// Of every file, in order; asks for passphrases. Those that only a handle may mean are among them.
    fn credentials(&self) -> impl Iterator<Item = &Credential> {
        self.keys.iter().filter_map(KeyFile::credentials).flatten()
    }
}

fn add(to: &mut Vec<Cert>, certs: Vec<Cert>) {
    for cert in certs {
        if !to.contains(&cert) {
            to.push(cert);
        }
    }
}

impl CertSource for Store {
    fn by_handle(&self, handle: &Handle) -> Vec<Cert> {
        self.certs.iter().chain(&self.intermediates).filter(|cert| cert.answers_to(handle)).cloned().collect()
    }

    fn by_address(&self, address: &Address) -> Vec<Cert> {
        self.certs.as_slice().by_address(address)
    }

    fn intermediates(&self) -> Vec<Cert> {
        self.intermediates.iter().chain(&self.certs).cloned().collect()
    }
}

impl KeySource for Store {
    fn by_handle(&self, handle: &Handle) -> Vec<Credential> {
        let files = self.keys.iter().filter(|file| file.may_answer_to(handle));
        let credentials = files.filter_map(KeyFile::credentials).flatten();
        credentials.filter(|credential| credential.cert.answers_to(handle)).cloned().collect()
    }

    fn by_address(&self, address: &Address) -> Vec<Credential> {
        let own = self.credentials().filter(|credential| credential.key.is_owners());
        own.filter(|credential| credential.cert.addresses().contains(address)).cloned().collect()
    }

    fn all(&self) -> Vec<Credential> {
        self.credentials().filter(|credential| credential.key.is_owners()).cloned().collect()
    }

    fn locked(&self) -> Vec<String> {
        self.keys.iter().filter(|file| file.is_locked()).map(|file| file.name().to_owned()).collect()
    }

    fn passphrase(&self, message: &Locked, attempt: usize) -> Option<Passphrase> {
        self.passphrases.as_ref()?.passphrase(message, attempt)
    }
}

/// Several sources, the answers of each before those of the next: the command line before the keyring.
pub struct All<T: ?Sized>(pub Vec<Arc<T>>);

impl<T: CertSource + ?Sized> CertSource for All<T> {
    fn by_handle(&self, handle: &Handle) -> Vec<Cert> {
        joined(self.0.iter().map(|source| source.by_handle(handle)))
    }

    fn by_address(&self, address: &Address) -> Vec<Cert> {
        joined(self.0.iter().map(|source| source.by_address(address)))
    }

    fn intermediates(&self) -> Vec<Cert> {
        joined(self.0.iter().map(|source| source.intermediates()))
    }
}

/// A source is asked only when those before it have no answer: its locked keys stay locked while they are not needed.
impl<T: KeySource + ?Sized> KeySource for All<T> {
    fn by_handle(&self, handle: &Handle) -> Vec<Credential> {
        first(self.0.iter().map(|source| source.by_handle(handle)))
    }

    fn by_address(&self, address: &Address) -> Vec<Credential> {
        first(self.0.iter().map(|source| source.by_address(address)))
    }

    fn all(&self) -> Vec<Credential> {
        self.0.iter().flat_map(|source| source.all()).collect()
    }

    fn locked(&self) -> Vec<String> {
        self.0.iter().flat_map(|source| source.locked()).collect()
    }

    fn passphrase(&self, message: &Locked, attempt: usize) -> Option<Passphrase> {
        self.0.iter().find_map(|source| source.passphrase(message, attempt))
    }
}

fn joined(answers: impl Iterator<Item = Vec<Cert>>) -> Vec<Cert> {
    let mut all = Vec::new();
    answers.for_each(|certs| add(&mut all, certs));
    all
}

fn first(mut answers: impl Iterator<Item = Vec<Credential>>) -> Vec<Credential> {
    answers.find(|credentials| !credentials.is_empty()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use mailseal_core::{Locked, Passphrase};
    use mailseal_openpgp::OpenPgp;
    use mailseal_smime::Smime;
    use mailseal_testkit::gnupg::Home;
    use mailseal_testkit::personas::{ALICE, BOB};
    use std::fs;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// Counts how often it is asked, and knows nothing.
    #[derive(Default)]
    struct Asked(AtomicUsize);

    impl Prompt for Asked {
        fn passphrase(&self, _: &Locked, _: usize) -> Option<Passphrase> {
            self.0.fetch_add(1, Ordering::Relaxed);
            None
        }
    }

    /// A PKCS#12 file is asked for when its protocol needs a key, and not for OpenPGP mail.
    #[test]
    fn a_file_of_another_protocol_stays_closed() {
        let asked = Arc::new(Asked::default());
        let mut store = Store::new(&[Arc::new(OpenPgp), Arc::new(Smime)]);
        store.add_keys("alice.key.asc", &fs::read(ALICE.openpgp_key()).unwrap(), asked.clone()).unwrap();
        store.add_keys("bob.p12", &fs::read(BOB.smime_p12()).unwrap(), asked.clone()).unwrap();
        let alice = store.own_certs()[0].fingerprint().clone();
        assert_eq!(KeySource::by_handle(&store, &alice).len(), 1);
        assert!(KeySource::by_handle(&store, &Handle::KeyId([7; 8])).is_empty());
        assert_eq!(asked.0.load(Ordering::Relaxed), 0);
        assert!(store.locked().is_empty());

        assert!(KeySource::by_handle(&store, &Handle::KeyIdentifier(vec![1])).is_empty());
        assert!(asked.0.load(Ordering::Relaxed) > 0);
        assert_eq!(store.locked(), ["bob.p12"]);
    }

    /// gpg and gpgsm keep their certificates in one file.
    #[test]
    fn a_keybox_of_both_protocols() {
        let Some(home) = Home::new() else { return };
        home.import_smime(ALICE);
        drop(home.gpg().arg("--import").arg(BOB.openpgp_cert()).succeed());
        let store = Store::new(&[Arc::new(OpenPgp), Arc::new(Smime)]);
        let keybox = fs::read(home.path().join("pubring.kbx")).unwrap();
        let found = store.parse_certs("pubring.kbx", &keybox).unwrap();
        let mut expected = store.parse_certs("bob", &fs::read(BOB.openpgp_cert()).unwrap()).unwrap();
        expected.extend(store.parse_certs("alice", &fs::read(ALICE.smime_cert()).unwrap()).unwrap());
        for expected in expected {
            let same =
                |cert: &&Cert| cert.protocol() == expected.protocol() && cert.fingerprint() == expected.fingerprint();
            assert_eq!(found.iter().filter(same).count(), 1, "{expected:?}");
        }
    }
}
