//! Messages that are encrypted to a passphrase (RFC 5652 §6.2.4).

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod common;

use common::{Answers, Ring, credential, policy};
use mailseal_cms::algorithm::ContentCipher;
use mailseal_cms::enveloped_data::EnvelopedDataBuilder;
use mailseal_cms::recipient::Recipient;
use mailseal_core::{
    Address, Context, Credential, Decryption, Handle, KeySource, Layer, Locked, MemorySink, NoCerts, Passphrase,
    Prompt, Protocol,
};
use mailseal_smime::Smime;
use mailseal_testkit::personas::{ALICE, BOB, Persona};
use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};

const TEXT: &[u8] = b"Content-Type: text/plain\r\n\r\nHello\r\n";

/// Keys, passphrases, and how often one was asked for.
struct Reader {
    keys: Ring,
    passphrases: Answers,
    asked: AtomicUsize,
}

impl Reader {
    fn new(keys: &[Persona], passphrases: &'static [&'static str]) -> Reader {
        let keys = Ring(keys.iter().map(|persona| credential(*persona)).collect());
        Reader { keys, passphrases: Answers(passphrases), asked: AtomicUsize::new(0) }
    }

    fn open(&self, blob: &[u8]) -> (Decryption, Option<Vec<u8>>) {
        let (policy, mut sink) = (policy(), MemorySink::new());
        let with = Context { policy: &policy, certs: &NoCerts, keys: self };
        let peeled = Smime.open(&mut &blob[..], &with, &mut sink).unwrap();
        let [Layer::Encrypted(encryption)] = &peeled.layers[..] else { panic!("{peeled:?}") };
        (encryption.decryption, sink.into_committed())
    }
}

impl KeySource for Reader {
    fn by_handle(&self, handle: &Handle) -> Vec<Credential> {
        self.keys.by_handle(handle)
    }

    fn by_address(&self, address: &Address) -> Vec<Credential> {
        self.keys.by_address(address)
    }

    fn all(&self) -> Vec<Credential> {
        self.keys.all()
    }

    fn passphrase(&self, message: &Locked, attempt: usize) -> Option<Passphrase> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        self.passphrases.passphrase(message, attempt)
    }
}

fn message(cipher: ContentCipher, also_to: &[Persona]) -> Vec<u8> {
    let mut builder =
        EnvelopedDataBuilder::new(cipher).recipient(Recipient::password(b"wintergreen").password_rounds(100));
    for persona in also_to {
        builder = builder.recipient(Recipient::from_certificate(common::cert(*persona).encoded()).unwrap());
    }
    let mut writer = builder.encrypt(Vec::new()).unwrap();
    writer.write_all(TEXT).unwrap();
    writer.finish().unwrap()
}

/// Each passphrase is tried in turn.
#[test]
fn a_passphrase_opens_it() {
    for cipher in [ContentCipher::Aes256Cbc, ContentCipher::Aes256Gcm] {
        let blob = message(cipher, &[ALICE]);
        let reader = Reader::new(&[], &["summer", "wintergreen", "autumn"]);
        assert_eq!(reader.open(&blob), (Decryption::Done, Some(TEXT.to_vec())));
        assert_eq!(reader.asked.into_inner(), 2);
    }
}

/// R135, attack 10: a wrong passphrase is the one failure; without any there is no key.
#[test]
fn without_the_passphrase_it_stays_closed() {
    let blob = message(ContentCipher::Aes256Gcm, &[ALICE]);
    assert_eq!(Reader::new(&[], &["summer", "autumn"]).open(&blob), (Decryption::Failed, None));
    assert_eq!(Reader::new(&[BOB], &[]).open(&blob), (Decryption::NoKey, None));
}

/// Nobody is asked while the key of a recipient is at hand.
#[test]
fn a_key_comes_first() {
    let reader = Reader::new(&[ALICE], &["wintergreen"]);
    let blob = message(ContentCipher::Aes256Gcm, &[BOB, ALICE]);
    assert_eq!(reader.open(&blob), (Decryption::Done, Some(TEXT.to_vec())));
    assert_eq!(reader.asked.into_inner(), 0);
}

/// Attack 23: many recipients by passphrase and many passphrases cost no more than twenty million rounds together.
#[test]
fn derivation_has_a_budget() {
    let recipient = || Recipient::password(b"wintergreen").password_rounds(2_000_000);
    let mut writer =
        EnvelopedDataBuilder::new(ContentCipher::Aes256Gcm).recipient(recipient()).encrypt(Vec::new()).unwrap();
    writer.write_all(TEXT).unwrap();
    let blob = writer.finish().unwrap();
    let reader = Reader::new(&[], &["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "wintergreen"]);
    assert_eq!(reader.open(&blob), (Decryption::Failed, None));
    assert_eq!(reader.asked.into_inner(), 10);
}
