//! Keys that stay in a real gpg-agent sign and open.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

use mailseal_core::{
    Check, Context, Credential, Decryption, Error, KeySource, Layer, Locked, MemorySink, Passphrase, Peeled, Policy,
    Prompt, Protocol,
};
use mailseal_gnupg::{Agent, Asking, Credentials, Error as GnupgError, Home, Ring, Terminal};
use mailseal_openpgp::OpenPgp;
use mailseal_testkit::gnupg::Home as TestHome;
use mailseal_testkit::personas::{ALICE, BOB, CAROL, LOCKED, LOCKED_PASSPHRASE, Persona};
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant, SystemTime};

const TEXT: &[u8] = b"Content-Type: text/plain\r\n\r\nHello from the agent\r\n";

/// Gives the same answer a few times, and counts the questions.
struct Answers {
    answer: Option<&'static str>,
    times: usize,
    asked: AtomicUsize,
}

impl Answers {
    fn new(answer: Option<&'static str>, times: usize) -> Arc<Answers> {
        Arc::new(Answers { answer, times, asked: AtomicUsize::new(0) })
    }
}

impl Prompt for Answers {
    fn passphrase(&self, _: &Locked, attempt: usize) -> Option<Passphrase> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        self.answer.filter(|_| attempt < self.times).map(|answer| Passphrase::new(answer.to_owned()))
    }
}

/// A home with these people's secret keys; LOCKED's stays locked.
fn home(personas: &[Persona]) -> Option<TestHome> {
    let home = TestHome::new()?;
    for persona in personas {
        let passphrase = if persona.name == LOCKED.name { LOCKED_PASSPHRASE } else { "" };
        let arguments = ["--faked-system-time", "20260601T000100", "--passphrase", passphrase, "--import"];
        drop(home.gpg().args(arguments).arg(persona.openpgp_key()).succeed());
    }
    // The agent forgets what the import told it.
    drop(gpgconf(&home, &["--reload", "gpg-agent"]));
    Some(home)
}

fn gpgconf(home: &TestHome, arguments: &[&str]) -> Vec<u8> {
    let program = mailseal_testkit::program::Program::find("gpgconf").unwrap();
    program.env("GNUPGHOME", home.path()).args(arguments).succeed()
}

fn ring(home: &TestHome) -> Ring {
    Ring::open(&Home::chosen(home.path().to_owned())).unwrap()
}

fn agent(home: &TestHome, asking: Asking) -> Arc<Agent> {
    Arc::new(Agent::new(Home::chosen(home.path().to_owned()), asking).unwrap())
}

fn credentials(home: &TestHome, asking: Asking) -> Credentials {
    ring(home).keys(&agent(home, asking)).unwrap()
}

fn of(credentials: &Credentials, persona: Persona) -> Credential {
    let address = mailseal_core::Address::parse(persona.address).unwrap();
    credentials.by_address(&address).remove(0)
}

fn policy() -> Policy {
    Policy::at(SystemTime::UNIX_EPOCH + Duration::from_secs(1_780_272_060))
}

fn sign(credential: &Credential) -> Result<Vec<u8>, Error> {
    let mut out = Vec::new();
    OpenPgp.sign(&TEXT.to_vec(), std::slice::from_ref(credential), &policy(), &mut out).map(|_| out)
}

fn verify(ring: &Ring, keys: &Credentials, signature: &[u8]) -> Vec<Check> {
    let policy = policy();
    let with = Context { policy: &policy, certs: ring, keys };
    let peeled = OpenPgp.verify(&TEXT.to_vec(), signature, &with).unwrap();
    let Layer::Signed(signatures) = &peeled.layers[0] else { panic!("{peeled:?}") };
    signatures.iter().map(|signature| signature.check).collect()
}

fn sealed(credential: &Credential) -> Vec<u8> {
    let mut out = Vec::new();
    OpenPgp.encrypt(&TEXT.to_vec(), std::slice::from_ref(&credential.cert), &[], &policy(), &mut out).unwrap();
    out
}

fn open(ring: &Ring, keys: &Credentials, mut sealed: &[u8]) -> (Peeled, Option<Vec<u8>>) {
    let policy = policy();
    let mut sink = MemorySink::new();
    let peeled = OpenPgp.open(&mut sealed, &Context { policy: &policy, certs: ring, keys }, &mut sink).unwrap();
    (peeled, sink.into_committed())
}

fn decryption(peeled: &Peeled) -> Decryption {
    let Layer::Encrypted(encryption) = &peeled.layers[0] else { panic!("{peeled:?}") };
    encryption.decryption
}

/// Curve25519, RSA and P-256: what the agent signed is valid, for gpg too; what is encrypted to them is opened.
#[test]
fn sign_and_open() {
    let Some(home) = home(&[ALICE, BOB, CAROL]) else { return };
    let (ring, keys) = (ring(&home), credentials(&home, Asking::Nobody));
    assert_eq!(keys.all().len(), 3);
    for persona in [ALICE, BOB, CAROL] {
        let credential = of(&keys, persona);
        let signature = sign(&credential).unwrap();
        assert_eq!(verify(&ring, &keys, &signature), [Check::Valid], "{}", persona.name);
        let (file, content) = (home.path().join("s.asc"), home.path().join("s"));
        fs::write(&file, &signature).unwrap();
        fs::write(&content, TEXT).unwrap();
        drop(
            home.gpg().args(["--faked-system-time", "20260601T000200", "--verify"]).arg(&file).arg(&content).succeed(),
        );

        let (peeled, text) = open(&ring, &keys, &sealed(&credential));
        assert_eq!((decryption(&peeled), text.as_deref()), (Decryption::Done, Some(TEXT)), "{}", persona.name);
    }
}

/// The larger curves, of keys that gpg makes.
#[test]
fn sign_and_open_on_other_curves() {
    let Some(home) = TestHome::new() else { return };
    for curve in ["nistp384", "nistp521", "brainpoolP256r1"] {
        let user = format!("{curve}@example.org");
        let make = ["--faked-system-time", "20260601T000000", "--passphrase", ""];
        drop(home.gpg().args(make).args(["--quick-generate-key", &user, curve, "sign", "never"]).succeed());
        let listed = home.gpg().args(["--with-colons", "--list-keys", &user]).succeed();
        let listed = String::from_utf8(listed).unwrap();
        let print = listed.lines().find(|line| line.starts_with("fpr:")).unwrap().split(':').nth(9).unwrap();
        drop(home.gpg().args(make).args(["--quick-add-key", print, curve, "encr"]).succeed());
    }
    let (ring, keys) = (ring(&home), credentials(&home, Asking::Nobody));
    assert_eq!(keys.all().len(), 3);
    for credential in keys.all() {
        assert_eq!(verify(&ring, &keys, &sign(&credential).unwrap()), [Check::Valid], "{credential:?}");
        let (peeled, text) = open(&ring, &keys, &sealed(&credential));
        assert_eq!((decryption(&peeled), text.as_deref()), (Decryption::Done, Some(TEXT)), "{credential:?}");
    }
}

/// Wrong passphrases are tried one after another; without one that fits the key is locked, and nobody waits.
#[test]
fn locked_keys() {
    let Some(home) = home(&[LOCKED]) else { return };
    let ring = ring(&home);
    let begin = Instant::now();
    for asking in
        [Asking::Nobody, Asking::Loopback(Answers::new(None, 0)), Asking::Loopback(Answers::new(Some("wrong"), 3))]
    {
        let keys = credentials(&home, asking);
        let credential = of(&keys, LOCKED);
        let refused = sign(&credential).unwrap_err();
        assert!(matches!(&refused, Error::Locked(name) if name.contains(LOCKED.address)), "{refused:?}");
        let (peeled, text) = open(&ring, &keys, &sealed(&credential));
        assert_eq!((decryption(&peeled), text), (Decryption::Locked, None));
    }
    assert!(begin.elapsed() < Duration::from_secs(20));

    let wrong = Answers::new(Some("wrong"), 2);
    assert!(sign(&of(&credentials(&home, Asking::Loopback(wrong.clone())), LOCKED)).is_err());
    assert_eq!(wrong.asked.load(Ordering::Relaxed), 3);

    let right = Answers::new(Some(LOCKED_PASSPHRASE), 1);
    let keys = credentials(&home, Asking::Loopback(right.clone()));
    assert_eq!(verify(&ring, &keys, &sign(&of(&keys, LOCKED)).unwrap()), [Check::Valid]);
    let (peeled, text) = open(&ring, &keys, &sealed(&of(&keys, LOCKED)));
    assert_eq!((decryption(&peeled), text.as_deref()), (Decryption::Done, Some(TEXT)));
    assert!(right.asked.load(Ordering::Relaxed) >= 1);
}

/// The home's pinentry answers "x" to every question, which is wrong.
#[test]
fn a_pinentry_that_is_wrong() {
    let Some(home) = home(&[LOCKED]) else { return };
    let keys = credentials(&home, Asking::Pinentry(Terminal::default()));
    assert!(matches!(sign(&of(&keys, LOCKED)), Err(Error::Locked(_))));
}

/// A pinentry that says that the person cancelled.
#[test]
fn cancelled() {
    let Some(home) = home(&[LOCKED]) else { return };
    let pinentry = "#!/bin/sh\necho OK\nwhile read -r word rest; do\n\
                    if [ \"$word\" = GETPIN ]; then echo 'ERR 83886179 Operation cancelled'; else echo OK; fi\n\
                    [ \"$word\" != BYE ] || exit 0\ndone\n";
    fs::write(home.path().join("pinentry"), pinentry).unwrap();
    let keys = credentials(&home, Asking::Pinentry(Terminal::default()));
    assert!(matches!(sign(&of(&keys, LOCKED)), Err(Error::Locked(_))));
}

/// Certificates without a secret key are no credentials; keys that are gone are none, or an error of that operation.
#[test]
fn missing_keys() {
    let Some(home) = home(&[ALICE, BOB]) else { return };
    drop(home.gpg().arg("--import").arg(CAROL.openpgp_cert()).succeed());
    let keys = credentials(&home, Asking::Nobody);
    assert_eq!((ring(&home).certs().len(), keys.all().len()), (3, 2));
    let alice = of(&keys, ALICE);
    for entry in fs::read_dir(home.path().join("private-keys-v1.d")).unwrap() {
        fs::remove_file(entry.unwrap().path()).unwrap();
    }
    drop(gpgconf(&home, &["--reload", "gpg-agent"]));
    assert!(matches!(sign(&alice), Err(Error::Key(why)) if why.contains("refuses")));
    assert!(credentials(&home, Asking::Nobody).all().is_empty());
}

/// Attack 20: somebody puts Alice's encryption key into a certificate with another address. The agent has that key, but the
/// certificate is not hers: it is no credential of that address, and what she has is not all hers. What is encrypted to it opens.
#[test]
fn a_certificate_that_claims_a_key() {
    let Some(home) = home(&[ALICE]) else { return };
    home.claim("Bob <bob@example.org>", ALICE.address);
    let (ring, keys) = (ring(&home), credentials(&home, Asking::Nobody));
    let bob = mailseal_core::Address::parse("bob@example.org").unwrap();
    let claims = ring.certs().iter().find(|cert| cert.addresses().contains(&bob)).unwrap();
    assert_eq!(claims.handles().len(), 4, "two keys, each with fingerprint and Key ID: {claims:?}");
    assert!(keys.by_address(&bob).is_empty());
    assert_eq!(
        keys.all().iter().map(|key| key.cert.fingerprint()).collect::<Vec<_>>(),
        [of(&keys, ALICE).cert.fingerprint()]
    );

    let found = keys.by_handle(claims.fingerprint()).remove(0);
    let (peeled, text) = open(&ring, &keys, &sealed(&found));
    assert_eq!((decryption(&peeled), text.as_deref()), (Decryption::Done, Some(TEXT)));
}

/// An agent that ended is started anew; where that is impossible, it says so.
#[test]
fn an_agent_that_is_gone() {
    let Some(home) = home(&[ALICE]) else { return };
    let keys = credentials(&home, Asking::Nobody);
    drop(gpgconf(&home, &["--kill", "gpg-agent"]));
    // The conversation that broke off is told; the next one is a new agent's.
    let _ = sign(&of(&keys, ALICE));
    assert!(sign(&of(&keys, ALICE)).is_ok());

    let nowhere = Home::chosen(home.path().join("none"));
    assert!(matches!(Ring::open(&nowhere), Err(GnupgError::NoKeyring(_))));
    let agent = Arc::new(Agent::new(nowhere, Asking::Nobody).unwrap());
    let unreachable = ring(&home).keys(&agent).unwrap_err();
    assert!(matches!(unreachable, GnupgError::Unreachable(_)), "{unreachable:?}");
}
