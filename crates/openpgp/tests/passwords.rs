//! Messages to whoever knows a password (RFC 9580 §5.3), and to recipients who are not named (§5.1.8).

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

mod common;

use common::{Store, builder, cert, checks, credential, generate, policy, shape, signatures};
use mailseal_core::{
    Check, Content, Credential, Decryption, Encryption, Error, Handle, Integrity, KeySource, Layer, Locked, MemorySink,
    Passphrase, Peeled, Protocol, Recipients,
};
use mailseal_openpgp::{Container, OpenPgp};
use mailseal_testkit::corpus::vectors;
use sequoia_openpgp as openpgp;
use sequoia_openpgp::cert::CipherSuite;
use sequoia_openpgp::crypto::{S2K, SessionKey};
use sequoia_openpgp::packet::skesk::{SKESK4, SKESK6};
use sequoia_openpgp::packet::{Packet, SKESK};
use sequoia_openpgp::parse::{PacketParser, PacketParserResult, Parse};
use sequoia_openpgp::serialize::Serialize;
use sequoia_openpgp::serialize::stream::{Encryptor, LiteralWriter, Message};
use sequoia_openpgp::types::{AEADAlgorithm, Features, HashAlgorithm, SymmetricAlgorithm};
use std::fs;
use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

const TEXT: &[u8] = b"Content-Type: text/plain\r\n\r\nHello\r\n";
const RIGHT: &str = "correct horse battery staple";

/// Keys, and passphrases that are given one after the other.
#[derive(Default)]
struct Reader {
    keys: Vec<Credential>,
    passphrases: Vec<&'static str>,
    asked: AtomicUsize,
}

impl Reader {
    fn knowing(passphrases: &[&'static str]) -> Reader {
        Reader { passphrases: passphrases.to_vec(), ..Reader::default() }
    }

    fn open(&self, blob: &[u8]) -> (Peeled, Option<Vec<u8>>) {
        let (policy, mut sink) = (policy(), MemorySink::new());
        let context = mailseal_core::Context { policy: &policy, certs: &mailseal_core::NoCerts, keys: self };
        let peeled = OpenPgp.open(&mut &blob[..], &context, &mut sink).unwrap();
        (peeled, sink.into_committed())
    }

    fn outcome(&self, blob: &[u8]) -> Decryption {
        let (peeled, text) = self.open(blob);
        let outcome = encryption(&peeled).decryption;
        assert_eq!(text.is_some(), outcome == Decryption::Done);
        outcome
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }
}

impl KeySource for Reader {
    fn by_handle(&self, handle: &Handle) -> Vec<Credential> {
        self.keys.iter().filter(|key| key.cert.answers_to(handle)).cloned().collect()
    }

    fn by_address(&self, _: &mailseal_core::Address) -> Vec<Credential> {
        Vec::new()
    }

    fn all(&self) -> Vec<Credential> {
        self.keys.clone()
    }

    fn passphrase(&self, _: &Locked, attempt: usize) -> Option<Passphrase> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        self.passphrases.get(attempt).map(|text| Passphrase::new((*text).to_owned()))
    }
}

fn encryption(peeled: &Peeled) -> &Encryption {
    match &peeled.layers[0] {
        Layer::Encrypted(encryption) => encryption,
        other => panic!("not encrypted: {other:?}"),
    }
}

fn passphrase(text: &str) -> Passphrase {
    Passphrase::new(text.to_owned())
}

fn write(to: &Recipients<'_>, container: Container, by: &[Credential]) -> Vec<u8> {
    let mut out = Vec::new();
    OpenPgp.encrypt_to(&TEXT.to_vec() as &dyn Content, to, container, by, &policy(), &mut out).unwrap();
    out
}

fn to_passwords(passwords: &[&str], container: Container) -> Vec<u8> {
    let passwords: Vec<_> = passwords.iter().map(|text| passphrase(text)).collect();
    write(&Recipients { passwords: &passwords, ..Recipients::default() }, container, &[])
}

/// The packets outside of the container.
fn packets(blob: &[u8]) -> Vec<Packet> {
    let mut found = Vec::new();
    let mut parser = PacketParser::from_bytes(blob).unwrap();
    while let PacketParserResult::Some(parsed) = parser {
        let (packet, next) = parsed.next().unwrap();
        found.push(packet);
        parser = next;
    }
    found
}

/// A message with these packets in front of a container under `session_key`.
fn behind(packets: &[SKESK], cipher: SymmetricAlgorithm, session_key: &SessionKey) -> Vec<u8> {
    let mut out = Vec::new();
    let mut message = Message::new(&mut out);
    for packet in packets {
        Packet::from(packet.clone()).serialize(&mut message).unwrap();
    }
    let message = Encryptor::with_session_key(message, cipher, session_key.clone()).unwrap().build().unwrap();
    let mut message = LiteralWriter::new(message).build().unwrap();
    message.write_all(TEXT).unwrap();
    message.finalize().unwrap();
    out
}

/// Version 1 for everybody, version 2 when asked; each password opens it, and it says how many there are.
#[test]
fn each_password_opens_it() {
    for (container, integrity, cipher) in [
        (Container::Fitting, Integrity::Mdc, "aes-256-cfb"),
        (Container::Seipd1, Integrity::Mdc, "aes-256-cfb"),
        (Container::Seipd2, Integrity::Aead, "aes-256-ocb"),
    ] {
        let blob = to_passwords(&["another", RIGHT], container);
        for known in [["another"], [RIGHT]] {
            let (peeled, text) = Reader::knowing(&known).open(&blob);
            assert_eq!(text.as_deref(), Some(TEXT), "{container:?} {peeled:?}");
            let encryption = encryption(&peeled);
            assert_eq!((encryption.integrity, encryption.cipher.as_deref()), (Some(integrity), Some(cipher)));
            assert_eq!((encryption.passwords, encryption.recipients.len()), (2, 0));
        }
        let inspected = OpenPgp.inspect(&mut &blob[..], &policy()).unwrap();
        assert_eq!(encryption(&inspected).passwords, 2);
    }
}

/// S2K of each container: what gpg 2.2 knows, and Argon2.
#[test]
fn the_derivation_fits_the_container() {
    let s2k = |container| match &packets(&to_passwords(&[RIGHT], container))[0] {
        Packet::SKESK(SKESK::V4(one)) => one.s2k().clone(),
        Packet::SKESK(SKESK::V6(one)) => one.s2k().clone(),
        other => panic!("{other:?}"),
    };
    assert!(matches!(
        s2k(Container::Fitting),
        S2K::Iterated { hash: HashAlgorithm::SHA256, hash_bytes: 0x03e0_0000, .. }
    ));
    assert!(matches!(s2k(Container::Seipd2), S2K::Argon2 { t: 3, p: 4, m: 16, .. }));
}

/// R135, attack 4: a wrong passphrase (which the repeated octets of SEIPD version 1 tell), a changed message (which only its
/// integrity tells) and a cut one are one word; without any passphrase there is no key.
#[test]
fn every_failure_is_one_word() {
    for container in [Container::Seipd1, Container::Seipd2] {
        let blob: Vec<u8> = {
            let armored = to_passwords(&[RIGHT], container);
            let mut binary = Vec::new();
            let mut reader = openpgp::armor::Reader::from_bytes(&armored, None);
            std::io::copy(&mut reader, &mut binary).unwrap();
            binary
        };
        assert_eq!(Reader::knowing(&[RIGHT]).outcome(&blob), Decryption::Done);
        assert_eq!(Reader::knowing(&[]).outcome(&blob), Decryption::NoKey);
        let failed = |reader: &Reader, blob: &[u8]| {
            let (peeled, text) = reader.open(blob);
            assert_eq!(text, None);
            format!("{peeled:?}")
        };
        let wrong = failed(&Reader::knowing(&["wrong"]), &blob);
        assert!(wrong.contains("Failed"), "{wrong}");
        for position in [blob.len() - 1, blob.len() - 30, blob.len() - 60] {
            let mut changed = blob.clone();
            changed[position] ^= 1;
            assert_eq!(failed(&Reader::knowing(&[RIGHT]), &changed), wrong, "octet {position}");
            assert_eq!(failed(&Reader::knowing(&["wrong"]), &changed), wrong, "octet {position}");
        }
        let cut = &blob[..blob.len() - 5];
        assert_eq!(failed(&Reader::knowing(&[RIGHT]), cut), failed(&Reader::knowing(&["wrong"]), cut));
    }
}

/// Thirty-two passphrases are tried, and nobody is asked while a recipient's key is at hand.
#[test]
fn who_is_asked_and_how_often() {
    let cipher = SymmetricAlgorithm::AES256;
    let s2k = S2K::new_iterated(HashAlgorithm::SHA256, 1024).unwrap();
    let session_key = SessionKey::new(32).unwrap();
    let packet = SKESK4::with_password(cipher, cipher, s2k, &session_key, &RIGHT.into()).unwrap();
    let blob = behind(&[packet.into()], cipher, &session_key);
    let mut known = vec!["wrong"; 31];
    known.push(RIGHT);
    assert_eq!(Reader::knowing(&known).outcome(&blob), Decryption::Done);
    known.insert(0, "wrong");
    let reader = Reader::knowing(&known);
    assert_eq!((reader.outcome(&blob), reader.asked()), (Decryption::Failed, 32));

    let alice = generate("alice@example.org", CipherSuite::Cv25519);
    let (named, passwords) = ([cert(&alice)], [passphrase(RIGHT)]);
    let blob = write(&Recipients { named: &named, hidden: &[], passwords: &passwords }, Container::Fitting, &[]);
    let reader = Reader { keys: vec![credential(&alice)], ..Reader::knowing(&[RIGHT]) };
    assert_eq!((reader.outcome(&blob), reader.asked()), (Decryption::Done, 0));
    assert_eq!(Reader::knowing(&["wrong", RIGHT]).outcome(&blob), Decryption::Done);
}

/// Attack 23: what costs too much is not computed, and what else is there still opens the message.
#[test]
fn a_costly_derivation_is_not_computed() {
    let cipher = SymmetricAlgorithm::AES256;
    let session_key = SessionKey::new(32).unwrap();
    let cheap = S2K::new_iterated(HashAlgorithm::SHA256, 1024).unwrap();
    let good = SKESK4::with_password(cipher, cipher, cheap, &session_key, &RIGHT.into()).unwrap();
    let costly = |t, m| {
        let s2k = S2K::Argon2 { salt: [0; 16], t, p: 1, m };
        SKESK::from(SKESK4::new(cipher, s2k, Some(vec![0; 33].into())).unwrap())
    };
    let largest = S2K::new_iterated(HashAlgorithm::SHA3_512, 0x03e0_0000).unwrap();
    let slow = SKESK::from(SKESK4::new(cipher, largest, Some(vec![0; 33].into())).unwrap());
    let mut hostile = vec![costly(1, 30), costly(255, 21), costly(1, 255), slow];
    let start = Instant::now();
    assert_eq!(Reader::knowing(&[RIGHT]).outcome(&behind(&hostile, cipher, &session_key)), Decryption::Failed);
    hostile.push(good.into());
    assert_eq!(Reader::knowing(&[RIGHT]).outcome(&behind(&hostile, cipher, &session_key)), Decryption::Done);
    assert!(start.elapsed() < Duration::from_secs(30), "{:?}", start.elapsed());

    let many = vec![costly(1, 30); 17];
    let (policy, mut sink) = (policy(), MemorySink::new());
    let store = Store::default();
    let blob = behind(&many, cipher, &session_key);
    let outcome = OpenPgp.open(&mut &blob[..], &store.context(&policy), &mut sink);
    assert!(matches!(outcome, Err(Error::Limit { limit: 16, .. })), "{outcome:?}");
}

/// An empty session key under a password is no session key, and nothing panics (Sequoia 2.4.2 does). A packet of the wrong
/// version for its container is none.
#[test]
fn an_impossible_session_key_is_refused() {
    let cipher = SymmetricAlgorithm::AES128;
    let s2k = S2K::new_iterated(HashAlgorithm::SHA256, 1024).unwrap();
    let session_key = SessionKey::new(16).unwrap();
    for length in [0, 1, 2, 15] {
        let packet = SKESK4::new(cipher, s2k.clone(), Some(vec![7; length].into())).unwrap();
        let blob = behind(&[packet.into()], cipher, &session_key);
        assert_eq!(Reader::knowing(&[RIGHT]).outcome(&blob), Decryption::Failed, "{length} octets");
    }
    for (nonce, key) in [(0, 16), (1, 32), (15, 16), (15, 15), (15, 40), (200, 32)] {
        let six = SKESK6::new(cipher, AEADAlgorithm::OCB, s2k.clone(), vec![1; nonce].into(), vec![7; key].into());
        let mut out = Vec::new();
        let mut message = Message::new(&mut out);
        Packet::from(SKESK::from(six.unwrap())).serialize(&mut message).unwrap();
        let encryptor = Encryptor::with_session_key(message, cipher, session_key.clone()).unwrap();
        let message = encryptor.aead_algo(AEADAlgorithm::OCB).build().unwrap();
        let mut message = LiteralWriter::new(message).build().unwrap();
        message.write_all(TEXT).unwrap();
        message.finalize().unwrap();
        let (peeled, text) = Reader::knowing(&[RIGHT]).open(&out);
        assert!(text.is_none() && peeled.layers.len() < 2, "{peeled:?}");
    }
    let four = SKESK4::with_password(cipher, cipher, s2k, &session_key, &RIGHT.into()).unwrap();
    let mut out = Vec::new();
    let mut message = Message::new(&mut out);
    Packet::from(SKESK::from(four)).serialize(&mut message).unwrap();
    let encryptor = Encryptor::with_session_key(message, cipher, session_key).unwrap();
    let message = encryptor.aead_algo(AEADAlgorithm::OCB).build().unwrap();
    LiteralWriter::new(message).build().unwrap().finalize().unwrap();
    assert_eq!(Reader::knowing(&[RIGHT]).outcome(&out), Decryption::NoKey);
}

/// SEIPD version 2 with a password only where somebody wants it and every certificate can: who knows a password announces
/// nothing.
#[test]
fn the_container_is_what_everybody_reads() {
    let features = Features::empty().set_seipdv1().set_seipdv2();
    let new = builder("new@example.org").set_features(features).unwrap().generate().unwrap().0;
    let passwords = [passphrase(RIGHT)];
    let certs = [cert(&new)];
    let to = Recipients { named: &certs, hidden: &[], passwords: &passwords };
    for (container, integrity) in [(Container::Fitting, Integrity::Mdc), (Container::Seipd2, Integrity::Aead)] {
        let (peeled, text) = Reader::knowing(&[RIGHT]).open(&write(&to, container, &[]));
        assert_eq!((text.as_deref(), encryption(&peeled).integrity), (Some(TEXT), Some(integrity)), "{container:?}");
    }
    let chosen = OpenPgp.choose_for(&to, &policy()).unwrap();
    assert_eq!((chosen.cipher.as_str(), chosen.integrity), ("aes-256-cfb", Integrity::Mdc));
    let features = Features::empty().set_seipdv1();
    let only_v1 = builder("v1@example.org").set_features(features).unwrap().generate().unwrap().0;
    let certs = [cert(&only_v1)];
    let mut out = Vec::new();
    let to = Recipients::named(&certs);
    let refused = OpenPgp.encrypt_to(&TEXT.to_vec(), &to, Container::Seipd2, &[], &policy(), &mut out);
    assert!(matches!(refused, Err(Error::CannotEncrypt { .. })) && out.is_empty(), "{refused:?}");
}

/// R124, R125: of a hidden recipient there is nothing to see, neither outside nor in the signature; all read it.
#[test]
fn a_hidden_recipient_is_not_named() {
    let [alice, bob] = ["alice@example.org", "bob@example.org"].map(|who| generate(who, CipherSuite::Cv25519));
    let features = Features::empty().set_seipdv1().set_seipdv2();
    let new = builder("new@example.org").set_features(features).unwrap().generate().unwrap().0;
    for (named, hidden) in [(&alice, &bob), (&alice, &new), (&new, &new), (&new, &alice)] {
        let (to_named, to_hidden) = ([cert(named)], [cert(hidden)]);
        let to = Recipients { named: &to_named, hidden: &to_hidden, passwords: &[] };
        let blob = write(&to, Container::Fitting, &[credential(&alice)]);
        let store = Store::of(&[&alice, &bob, &new]);
        for reader in [named, hidden] {
            let keys = vec![credential(reader)];
            let (peeled, text) = Store { keys, ..store.clone() }.open(&blob);
            assert_eq!(text.as_deref(), Some(TEXT), "{peeled:?}");
            assert_eq!(shape(&peeled), ["encrypted Done", "signed 1"]);
            assert_eq!(checks(&peeled), [Check::Valid]);
            let intended = &signatures(&peeled)[0].intended_recipients;
            assert_eq!(intended.is_empty(), named.fingerprint() != hidden.fingerprint(), "{intended:?}");
            let named: Vec<_> = encryption(&peeled).recipients.iter().filter(|one| !one.is_wildcard()).collect();
            assert!(named.iter().all(|handle| to_named[0].answers_to(handle)), "{named:?}");
        }
    }
    let to_hidden = [cert(&bob)];
    let blob = write(&Recipients { hidden: &to_hidden, ..Recipients::default() }, Container::Fitting, &[]);
    let (peeled, text) = Store::of(&[&bob]).open(&blob);
    assert_eq!(text.as_deref(), Some(TEXT));
    assert!(encryption(&peeled).recipients[0].is_wildcard());
    let (peeled, _) = Store::of(&[&alice]).open(&blob);
    assert_eq!((encryption(&peeled).decryption, peeled.wanted), (Decryption::NoKey, Vec::new()));
}

/// Derivations and ciphers of other programs: Sequoia's and rPGP's samples, RFC 9580's among them.
#[test]
fn samples_of_other_programs_open() {
    let Some(vectors) = vectors() else { return };
    for (file, password, text) in SAMPLES {
        let blob = fs::read(vectors.join(file)).unwrap();
        let (peeled, found) = Reader::knowing(&[password]).open(&blob);
        let found = found.unwrap_or_else(|| panic!("{file}: {peeled:?}"));
        assert!(found.starts_with(text.as_bytes()), "{file}: {}", String::from_utf8_lossy(&found));
    }
}

/// File, password, beginning of the text.
const SAMPLES: &[(&str, &str, &str)] = &[
    ("sequoia/data/crypto-refresh/v6skesk-aes128-ocb.pgp", "password", "Hello, world!"),
    ("sequoia/data/crypto-refresh/v6skesk-aes128-gcm.pgp", "password", "Hello, world!"),
    // 2 GiB of memory, as RFC 9580 §A.12.
    ("rpgp/tests/unit-tests/argon2/aes128.msg", "password", "Hello, world!"),
    ("sequoia/data/messages/encrypted-aes128-password-123456789.pgp", "123456789", "A Cypherpunk's Manifesto"),
    ("sequoia/data/messages/encrypted-aes192-password-123456.pgp", "123456", "A Cypherpunk's Manifesto"),
    ("sequoia/data/messages/encrypted-aes256-password-123.pgp", "123", "A Cypherpunk's Manifesto"),
    ("sequoia/data/messages/seip/msg-compression-not-signed-password-123.pgp", "123", ""),
    ("sequoia/data/messages/seip/msg-no-compression-signed-password-123.pgp", "123", ""),
];
