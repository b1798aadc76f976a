//! Passphrases: asked for late, tried on every locked key, remembered.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

mod common;

use common::{Store, builder, cert, checks, encrypt, policy, shape};
use mailseal_core::{Check, Credential, Error, Locked, Passphrase, Prompt, Protocol};
use mailseal_openpgp::OpenPgp;
use sequoia_openpgp as openpgp;
use sequoia_openpgp::serialize::MarshalInto;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const TEXT: &[u8] = b"Content-Type: text/plain\r\n\r\nHello\r\n";

/// Gives these answers one after another, and counts the questions.
struct Answers(Vec<&'static str>, AtomicUsize);

impl Prompt for Answers {
    fn passphrase(&self, key: &Locked, attempt: usize) -> Option<Passphrase> {
        assert_eq!(key.name, "alice.key");
        self.1.fetch_add(1, Ordering::Relaxed);
        self.0.get(attempt).map(|text| Passphrase::new((*text).to_owned()))
    }
}

fn locked(passphrase: &str) -> openpgp::Cert {
    builder("alice@example.org").set_password(Some(passphrase.into())).generate().unwrap().0
}

fn parse(key: &openpgp::Cert, answers: &[&'static str]) -> (Credential, Arc<Answers>) {
    let answers = Arc::new(Answers(answers.to_vec(), AtomicUsize::new(0)));
    let encoded = key.as_tsk().to_vec().unwrap();
    let credential = OpenPgp.parse_keys(&encoded, "alice.key", &[], answers.clone()).unwrap().remove(0);
    (credential, answers)
}

#[test]
fn the_prompt_is_asked_late_and_once() {
    let alice = locked("right");
    let (credential, answers) = parse(&alice, &["wrong", "right"]);
    assert_eq!(answers.1.load(Ordering::Relaxed), 0, "reading asks nothing");

    let store = Store { certs: vec![cert(&alice)], keys: vec![credential.clone()], ..Store::default() };
    for _ in 0..2 {
        let blob = encrypt(TEXT, &[cert(&alice)], std::slice::from_ref(&credential));
        let (peeled, text) = store.open(&blob);
        assert_eq!(text.as_deref(), Some(TEXT));
        assert_eq!(checks(&peeled), [Check::Valid]);
    }
    assert_eq!(answers.1.load(Ordering::Relaxed), 2, "the passphrase of one key is tried on the others");
}

#[test]
fn without_the_passphrase_it_is_locked() {
    let alice = locked("right");
    let (credential, _) = parse(&alice, &["wrong"]);
    let mut out = Vec::new();
    let failed = OpenPgp.sign(&TEXT.to_vec(), std::slice::from_ref(&credential), &policy(), &mut out);
    assert!(matches!(&failed, Err(Error::Locked(name)) if name == "alice.key"), "{failed:?}");
    assert!(out.is_empty());

    let blob = encrypt(TEXT, &[cert(&alice)], &[]);
    let (peeled, text) = Store { certs: vec![], keys: vec![credential], ..Store::default() }.open(&blob);
    assert_eq!((shape(&peeled), text), (vec!["encrypted Locked".to_owned()], None));
}

/// Attack 23: whoever wrote a file chose what opening it costs; 4 GiB, or minutes, are not spent, and nobody is asked.
#[test]
fn a_lock_that_nobody_can_afford() {
    use openpgp::crypto::S2K;
    use openpgp::packet::key::{Encrypted, SecretKeyMaterial};
    use openpgp::types::{AEADAlgorithm, SymmetricAlgorithm};
    let alice = builder("alice@example.org").generate().unwrap().0;
    let with = |t, m| {
        let s2k = S2K::Argon2 { salt: [1; 16], t, p: 4, m };
        let (iv, ciphertext) = (vec![2; 15].into(), vec![3; 64].into());
        let lock = Encrypted::new_aead(s2k, SymmetricAlgorithm::AES256, AEADAlgorithm::OCB, iv, ciphertext);
        let key = alice.primary_key().key().clone().parts_into_public().add_secret(SecretKeyMaterial::from(lock)).0;
        let locked = alice.clone().insert_packets([openpgp::Packet::from(key)]).unwrap().0;
        let (credential, answers) = parse(&locked, &["right"]);
        let failed = OpenPgp.sign(&TEXT.to_vec(), &[credential], &policy(), &mut Vec::new()).unwrap_err();
        (failed, answers.1.load(Ordering::Relaxed))
    };
    for (t, m) in [(1, 22), (255, 16), (1, 31)] {
        let (failed, asked) = with(t, m);
        assert!(matches!(&failed, Error::Unsupported(why) if why.contains("memory")), "{failed:?}");
        assert_eq!(asked, 0);
    }
    let (failed, asked) = with(1, 10);
    assert!(matches!(failed, Error::Locked(_)) && asked == 2, "{failed:?}");
}

/// Another recipient's key that is not locked opens it all the same.
#[test]
fn an_open_key_helps() {
    let alice = locked("right");
    let bob = builder("bob@example.org").generate().unwrap().0;
    let (credential, _) = parse(&alice, &[]);
    let blob = encrypt(TEXT, &[cert(&alice), cert(&bob)], &[]);
    let mut store = Store::of(&[&bob]);
    store.keys.insert(0, credential);
    let (peeled, text) = store.open(&blob);
    assert_eq!(text.as_deref(), Some(TEXT), "{peeled:?}");
}

#[test]
fn certificates_are_no_secret_keys() {
    let alice = builder("alice@example.org").generate().unwrap().0;
    let answers = Arc::new(Answers(vec![], AtomicUsize::new(0)));
    let failed = OpenPgp.parse_keys(&alice.to_vec().unwrap(), "alice.key", &[], answers);
    assert!(matches!(failed, Err(Error::Malformed { .. })));
}
