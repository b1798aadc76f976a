//! Whether opening a message takes as long with bad RSA padding as with good padding (attack 8, Marvin).
//!
//! Ours, and for comparison sequoia-openpgp's own. `cargo bench -p mailseal-openpgp --bench key_transport [ROUNDS]`; run as a test, few rounds. docs/performance.md has the numbers
//! and docs/attacks.md says what they mean.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a bench fails by panicking")]

#[path = "../tests/common/mod.rs"]
mod common;
mod sequoia;

use common::{Store, builder, cert, encrypt, policy};
use mailseal_core::{Decryption, Layer, MemorySink, Protocol};
use mailseal_openpgp::OpenPgp;
use mailseal_testkit::timing::{Class, table};
use sequoia_openpgp::cert::CipherSuite;
use sequoia_openpgp::crypto::mpi::{Ciphertext, MPI};
use sequoia_openpgp::crypto::{self, SessionKey};
use sequoia_openpgp::packet::pkesk::PKESK3;
use sequoia_openpgp::packet::{PKESK, Packet};
use sequoia_openpgp::parse::Parse;
use sequoia_openpgp::serialize::SerializeInto;
use sequoia_openpgp::types::Features;
use sequoia_openpgp::{Cert, PacketPile};

/// Octets of a ciphertext of RSA-3072.
const MODULUS: usize = 384;

fn main() {
    let usual = if std::env::args().any(|argument| argument == "--bench") { 1_000 } else { 5 };
    let rounds = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(usual);
    let key = builder("alice@example.org").set_cipher_suite(CipherSuite::RSA3k);
    let key = key.set_features(Features::empty().set_seipdv1()).unwrap().generate().unwrap().0;
    let message = Message::new(&key);
    let (store, policy) = (Store::of(&[&key]), policy());

    let good = |octets: &[u8]| message.with(message.sealed(octets));
    let several = |make: &dyn Fn() -> Vec<u8>| (0..rounds).map(|_| make()).collect::<Vec<_>>();
    let cipher = message.payload[0];
    let bad = || message.with(Ciphertext::RSA { c: MPI::new(&random(MODULUS - 1)) });
    // Sequoia 2.4.2 panics at it.
    let not_for_sequoia = "good padding, nothing";
    // The first is what the others are held against; the second shows what is noise.
    let inputs = [
        ("bad padding", several(&bad)),
        ("bad padding, again", several(&bad)),
        (not_for_sequoia, several(&|| good(&[]))),
        ("a wrong checksum", several(&|| good(&[&[cipher][..], &random(34)].concat()))),
        ("another session key", several(&|| good(&checked(cipher, &random(32))))),
        ("good", several(&|| good(&message.payload))),
    ];
    let classes = inputs.iter().map(|(name, blobs)| {
        let run = |round: usize| {
            let peeled = OpenPgp.open(&mut &blobs[round][..], &store.context(&policy), &mut MemorySink::new());
            let layers = peeled.unwrap().layers;
            matches!(&layers[..], [Layer::Encrypted(layer), ..] if layer.decryption == Decryption::Done)
        };
        assert_eq!(run(0), *name == "good", "{name}");
        Class { name, run: Box::new(run) }
    });
    table("a message of 1 KiB, RSA-3072, SEIPDv1", rounds, &classes.collect::<Vec<_>>());

    let pair = sequoia::pair(&key);
    let classes = inputs.iter().filter(|(name, _)| *name != not_for_sequoia).map(|(name, blobs)| {
        let run = |round: usize| sequoia::opens(&blobs[round], &pair);
        assert_eq!(run(0), *name == "good", "{name}");
        Class { name, run: Box::new(run) }
    });
    table("the same by sequoia-openpgp alone", rounds, &classes.collect::<Vec<_>>());
}

/// A message whose session key can be sealed anew.
struct Message {
    key: Cert,
    container: Vec<u8>,
    /// Cipher, session key and checksum (RFC 9580 §5.1.3).
    payload: Vec<u8>,
}

impl Message {
    fn new(key: &Cert) -> Message {
        let (mut container, mut payload) = (Vec::new(), Vec::new());
        let mut pair = sequoia::pair(key);
        for packet in PacketPile::from_bytes(&encrypt(&[b'x'; 1024], &[cert(key)], &[])).unwrap().into_children() {
            match packet {
                Packet::PKESK(packet) => {
                    let (cipher, key) = packet.decrypt(&mut pair, None).unwrap();
                    payload = checked(cipher.unwrap().into(), &key);
                }
                other => container = other.to_vec().unwrap(),
            }
        }
        Message { key: key.clone(), container, payload }
    }

    /// These octets with good padding, encrypted.
    fn sealed(&self, octets: &[u8]) -> Ciphertext {
        self.key.keys().subkeys().next().unwrap().key().encrypt(&SessionKey::from(octets)).unwrap()
    }

    /// The container behind this encrypted session key.
    fn with(&self, sealed: Ciphertext) -> Vec<u8> {
        let subkey = self.key.keys().subkeys().next().unwrap();
        let packet = PKESK3::new(Some(subkey.key().keyid()), subkey.key().pk_algo(), sealed).unwrap();
        [Packet::from(PKESK::from(packet)).to_vec().unwrap(), self.container.clone()].concat()
    }
}

/// A session key with its cipher and its checksum.
fn checked(cipher: u8, key: &[u8]) -> Vec<u8> {
    let sum = key.iter().fold(0_u16, |sum, octet| sum.wrapping_add(u16::from(*octet)));
    [&[cipher][..], key, &sum.to_be_bytes()].concat()
}

fn random(length: usize) -> Vec<u8> {
    let mut octets = vec![0; length];
    crypto::random(&mut octets).unwrap();
    octets
}
