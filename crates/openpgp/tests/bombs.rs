//! What costs more than it weighs (attack 23), and looking without a key.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

mod common;

use common::{Store, cert, credential, encrypt, generate, policy, shape};
use mailseal_core::{Check, Error, Layer, MemorySink, Peeled, Policy, Protocol};
use mailseal_openpgp::OpenPgp;
use mailseal_testkit::quine;
use sequoia_openpgp::KeyHandle;
use sequoia_openpgp::cert::CipherSuite;
use sequoia_openpgp::packet::Tag;
use sequoia_openpgp::parse::{PacketParser, PacketParserResult, Parse};
use sequoia_openpgp::serialize::stream::{ArbitraryWriter, Compressor, Encryptor, LiteralWriter, Message, Recipient};
use sequoia_openpgp::types::{CompressionAlgorithm, Features};
use std::io::{self, Read, Write};
use std::time::{Duration, Instant};

const TEXT: &[u8] = b"Content-Type: text/plain\r\n\r\nHello\r\n";
const HUGE: u64 = 256 << 20;

/// A compressed message whose inside `write` makes.
fn compressed(depth: usize, write: impl FnOnce(&mut Message<'_>) -> io::Result<()>) -> Vec<u8> {
    let mut out = Vec::new();
    let mut message = Message::new(&mut out);
    for _ in 0..depth {
        message = Compressor::new(message).algo(CompressionAlgorithm::Zlib).build().unwrap();
    }
    write(&mut message).unwrap();
    message.finalize().unwrap();
    out
}

fn zeros(out: &mut dyn Write) -> io::Result<()> {
    io::copy(&mut io::repeat(0).take(HUGE), out).map(drop)
}

fn open(blob: &[u8], policy: &Policy) -> Result<Peeled, Error> {
    let store = Store::default();
    let mut sink = MemorySink::new();
    let outcome = OpenPgp.open(&mut &blob[..], &store.context(policy), &mut sink);
    assert_eq!(sink.into_committed(), None);
    outcome
}

/// As literal data and as packets that everybody ignores.
#[test]
fn what_is_compressed_costs_no_time() {
    let literal = compressed(1, |message| {
        let mut literal = Vec::new();
        literal.extend([0xc0 | 11, 0xff, 0x10, 0, 0, 6, b'b', 0, 0, 0, 0, 0]);
        message.write_all(&literal)?;
        zeros(message)
    });
    let ignored = compressed(1, |message| {
        message.write_all(&[0xc0 | 60, 0xff, 0x10, 0, 0, 0])?;
        zeros(message)
    });
    let start = Instant::now();
    assert!(matches!(open(&literal, &policy()), Err(Error::Limit { .. })));
    for bomb in [literal, ignored] {
        assert!(bomb.len() < 500_000);
        drop(open(&bomb, &policy()));
        assert!(matches!(OpenPgp.inspect(&mut &bomb[..], &policy()), Err(Error::Limit { .. })));
        assert!(OpenPgp.parse_certs(&bomb).is_err());
        let peeled = Store::default().verify(TEXT, &bomb);
        assert_eq!(common::checks(&peeled), [Check::Malformed]);
    }
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
}

#[test]
fn limits_of_the_policy_and_of_nesting() {
    let literal = |message: &mut Message<'_>| message.write_all(&[0xc0 | 11, 8, b'b', 0, 0, 0, 0, 0, b'h', b'i']);
    assert_eq!(shape(&open(&compressed(3, literal), &policy()).unwrap_or_default()), Vec::<String>::new());

    let alice = generate("alice@example.org", CipherSuite::Cv25519);
    let blob = encrypt(TEXT, &[cert(&alice)], &[]);
    let store = Store::of(&[&alice]);
    let mut small = policy();
    small.max_plaintext = 10;
    let mut sink = MemorySink::new();
    let outcome = OpenPgp.open(&mut &blob[..], &store.context(&small), &mut sink);
    assert!(matches!(outcome, Err(Error::Limit { limit: 10, .. })), "{outcome:?}");
    assert_eq!(sink.into_committed(), None);
}

/// A container inside a container, and one inside compressed data: no mail, and no panic.
#[test]
fn containers_in_containers() {
    let alice = generate("alice@example.org", CipherSuite::Cv25519);
    let store = Store::of(&[&alice]);
    let subkey = alice.keys().subkeys().next().unwrap().key().clone();
    let recipient = || Recipient::new(None, subkey.key_handle(), &subkey);
    let mut twice = Vec::new();
    let message = Encryptor::for_recipients(Message::new(&mut twice), [recipient()]).build().unwrap();
    let message = Encryptor::for_recipients(message, [recipient()]).build().unwrap();
    let mut message = LiteralWriter::new(message).build().unwrap();
    message.write_all(TEXT).unwrap();
    message.finalize().unwrap();
    let (peeled, text) = store.open(&twice);
    assert_eq!((shape(&peeled), text), (vec!["encrypted Failed".to_owned()], None));

    // A short SEIPDv1 container, at which Sequoia 2.4.2 panics, where no reader looks before.
    let mut hidden = Vec::new();
    let message = Compressor::new(Message::new(&mut hidden)).build().unwrap();
    let mut message = ArbitraryWriter::new(message, Tag::SEIP).unwrap();
    message.write_all(&[1; 20]).unwrap();
    message.finalize().unwrap();
    let (_, text) = store.open(&hidden);
    assert_eq!(text, None);
}

/// Compressed data that is its own content.
#[test]
fn a_quine_ends() {
    let quine = quine::openpgp();
    let PacketParserResult::Some(mut parsed) = PacketParser::from_bytes(&quine).unwrap() else { panic!("a packet") };
    assert_eq!(parsed.buffer_unread_content().unwrap(), quine, "it is one");

    let start = Instant::now();
    let policy = policy();
    assert!(matches!(open(&quine, &policy), Err(Error::Limit { limit: 2, .. })));
    assert!(matches!(OpenPgp.inspect(&mut &quine[..], &policy), Err(Error::Limit { limit: 2, .. })));
    assert!(OpenPgp.parse_certs(&quine).is_err());
    assert_eq!(common::checks(&Store::default().verify(TEXT, &quine)), [Check::Malformed]);
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
}

/// R135, attack 4: whoever changes SEIPDv1 ciphertext must not learn that it decrypts to a bomb, since its integrity stands at
/// its end. In the open, and of what is large without compression, it is told.
#[test]
fn bombs_inside_an_encryption_are_one_more_failure() {
    let alice = generate("alice@example.org", CipherSuite::Cv25519);
    let store = Store::of(&[&alice]);
    let subkey = alice.keys().subkeys().next().unwrap().key().clone();
    let sealed = |inside: &[u8]| {
        let mut sealed = Vec::new();
        let v1 = Features::empty().set_seipdv1();
        let recipient = Recipient::new(v1, KeyHandle::from(subkey.keyid()), &subkey);
        let mut message = Encryptor::for_recipients(Message::new(&mut sealed), [recipient]).build().unwrap();
        message.write_all(inside).unwrap();
        message.finalize().unwrap();
        sealed
    };
    let zeros = compressed(1, |message| {
        message.write_all(&[0xc0 | 11, 0xff, 2, 0, 0, 6, b'b', 0, 0, 0, 0, 0])?;
        message.write_all(&vec![0; 32 << 20])
    });
    let markers = [0xca, 3, b'P', b'G', b'P'].repeat(100_000);
    for bomb in [quine::openpgp(), zeros, markers] {
        let (peeled, text) = store.open(&sealed(&bomb));
        assert_eq!((shape(&peeled).first().map(String::as_str), text), (Some("encrypted Failed"), None));
    }
}

/// An error of the reader is no fault of the message.
#[test]
fn errors_of_the_reader_are_errors() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::new(io::ErrorKind::TimedOut, "gone"))
        }
    }
    let alice = generate("alice@example.org", CipherSuite::Cv25519);
    let blob = encrypt(TEXT, &[cert(&alice)], &[]);
    let store = Store::of(&[&alice]);
    let policy = policy();
    for start in [0, 10, blob.len() / 2] {
        let mut sink = MemorySink::new();
        let outcome = OpenPgp.open(&mut blob[..start].chain(Broken), &store.context(&policy), &mut sink);
        assert!(matches!(&outcome, Err(Error::Io(error)) if error.kind() == io::ErrorKind::TimedOut), "{outcome:?}");
        assert_eq!(sink.into_committed(), None);
        let outcome = OpenPgp.inspect(&mut blob[..start].chain(Broken), &policy);
        assert!(matches!(outcome, Err(Error::Io(_))), "{outcome:?}");
    }
}

/// Without a key: whom it is for, and how; of signatures what they claim.
#[test]
fn inspects_without_a_key() {
    let alice = generate("alice@example.org", CipherSuite::Cv25519);
    let blob = encrypt(TEXT, &[cert(&alice)], &[credential(&alice)]);
    let peeled = OpenPgp.inspect(&mut &blob[..], &policy()).unwrap();
    assert_eq!(shape(&peeled), ["encrypted NotTried"]);
    let Layer::Encrypted(encryption) = &peeled.layers[0] else { panic!("{peeled:?}") };
    assert_eq!(encryption.recipients.len(), 1);
    assert!(cert(&alice).answers_to(&encryption.recipients[0]));
    assert!(encryption.integrity.is_some());

    let (_, signature) = common::sign(TEXT, &[credential(&alice)]);
    let peeled = OpenPgp.inspect(&mut &signature[..], &policy()).unwrap();
    assert_eq!(shape(&peeled), ["signed 1"]);
    assert_eq!(common::checks(&peeled), [Check::CertificateMissing]);
    assert!(common::signatures(&peeled)[0].signed_at.is_some());

    for noise in [&b""[..], b"no message", &[0xff; 100], &[0; 100]] {
        let peeled = OpenPgp.inspect(&mut &noise[..], &policy()).unwrap();
        assert_eq!(shape(&peeled), Vec::<String>::new());
        assert!(!peeled.defects.is_empty());
    }
}
