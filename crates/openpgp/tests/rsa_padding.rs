//! RSA padding that is bad in every way (RFC 9580 §12.1.2, §13.5).

#![allow(clippy::unwrap_used, reason = "test")]

mod common;

use common::{Store, builder, cert, encrypt, policy};
use mailseal_core::{Context, Decryption, Layer, MemorySink, Protocol};
use mailseal_openpgp::OpenPgp;
use num_bigint::BigUint;
use sequoia_openpgp::cert::CipherSuite;
use sequoia_openpgp::crypto::mpi::{Ciphertext, MPI, PublicKey};
use sequoia_openpgp::packet::pkesk::{PKESK3, PKESK6};
use sequoia_openpgp::packet::{PKESK, Packet};
use sequoia_openpgp::parse::Parse;
use sequoia_openpgp::serialize::SerializeInto;
use sequoia_openpgp::types::Features;
use sequoia_openpgp::{Cert, PacketPile};

/// Octets of the modulus.
const MODULUS: usize = 256;

/// Whom the packet with the session key names.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Recipient {
    Named,
    Hidden,
}

/// A message whose session key can be sealed anew.
struct Message {
    key: Cert,
    container: Vec<u8>,
    /// What was sealed: cipher, where the version has it, session key, checksum.
    payload: Vec<u8>,
    is_v6: bool,
}

impl Message {
    fn new(features: Features) -> Message {
        let key = builder("alice@example.org").set_cipher_suite(CipherSuite::RSA2k).set_features(features).unwrap();
        let key = key.generate().unwrap().0;
        let (mut container, mut payload, mut is_v6) = (Vec::new(), Vec::new(), false);
        let subkey = key.keys().subkeys().secret().next().unwrap().key().clone().role_into_unspecified();
        let mut pair = subkey.into_keypair().unwrap();
        for packet in PacketPile::from_bytes(&encrypt(b"Hello", &[cert(&key)], &[])).unwrap().into_children() {
            match packet {
                Packet::PKESK(packet) => {
                    is_v6 = matches!(packet, PKESK::V6(_));
                    let (cipher, key) = packet.decrypt(&mut pair, None).unwrap();
                    let sum = key.iter().fold(0_u16, |sum, octet| sum.wrapping_add(u16::from(*octet)));
                    payload.extend(cipher.map(u8::from));
                    payload.extend_from_slice(&key);
                    payload.extend_from_slice(&sum.to_be_bytes());
                }
                other => container = other.to_vec().unwrap(),
            }
        }
        Message { key, container, payload, is_v6 }
    }

    /// Padded as it should be.
    fn block(&self, payload: &[u8]) -> Vec<u8> {
        [&[0, 2][..], &vec![0xFF; MODULUS - 3 - payload.len()], &[0], payload].concat()
    }

    /// The message, with this block raised to the public exponent.
    fn with(&self, block: &[u8], to: Recipient) -> Vec<u8> {
        let subkey = self.key.keys().subkeys().next().unwrap();
        let PublicKey::RSA { e, n } = subkey.key().mpis() else { unreachable!("it is RSA") };
        let number = BigUint::from_bytes_be;
        let sealed = number(block).modpow(&number(e.value()), &number(n.value())).to_bytes_be();
        let sealed = Ciphertext::RSA { c: MPI::new(&sealed) };
        let (name, algorithm) = (subkey.key(), subkey.key().pk_algo());
        let is_named = to == Recipient::Named;
        let packet = match self.is_v6 {
            true => PKESK::from(PKESK6::new(is_named.then(|| name.fingerprint()), algorithm, sealed).unwrap()),
            false => PKESK::from(PKESK3::new(is_named.then(|| name.keyid()), algorithm, sealed).unwrap()),
        };
        [Packet::from(packet).to_vec().unwrap(), self.container.clone()].concat()
    }

    /// What is told of such a message, and what came out.
    fn open(&self, block: &[u8], to: Recipient) -> (Decryption, Vec<String>, usize) {
        let (store, policy, mut sink) = (Store::of(&[&self.key]), policy(), MemorySink::new());
        let context: Context<'_> = store.context(&policy);
        let peeled = OpenPgp.open(&mut &self.with(block, to)[..], &context, &mut sink).unwrap();
        let Some(Layer::Encrypted(layer)) = peeled.layers.first() else { unreachable!("it is encrypted") };
        (layer.decryption, peeled.defects, sink.into_committed().map_or(0, |octets| octets.len()))
    }

    /// Blocks that are bad in every way.
    fn bad_blocks(&self) -> Vec<(&'static str, Vec<u8>)> {
        let good = self.block(&self.payload);
        let end = MODULUS - self.payload.len();
        let with = |at: usize, octet: u8| {
            let mut block = good.clone();
            block[at] = octet;
            block
        };
        let mut wrong_sum = self.payload.clone();
        wrong_sum[1] ^= 1;
        let short =
            [&[0, 2][..], &[0xFF; 7], &[0], &vec![0x11; MODULUS - 10 - self.payload.len()], &self.payload].concat();
        vec![
            ("not version 0", with(0, 1)),
            ("type 1", with(1, 1)),
            ("type 0", with(1, 0)),
            ("padding of no octets", with(2, 0)),
            ("padding of seven octets", short),
            ("padding that ends early", with(end - 20, 0)),
            ("padding that does not end", with(end - 1, 1)),
            (
                "no zero anywhere",
                good.iter().enumerate().map(|(at, octet)| if at == 0 { 0 } else { *octet | 2 }).collect(),
            ),
            ("a payload of nothing", self.block(&[])),
            ("a payload of one octet", self.block(&self.payload[..1])),
            ("a payload that is too long", self.block(&[&self.payload[..], &[1]].concat())),
            ("a wrong checksum", self.block(&wrong_sum)),
            ("an octet that is no cipher", self.block(&[&[110][..], &self.payload[1..]].concat())),
            ("another session key", self.block(&self.another())),
            ("nothing", vec![0; MODULUS]),
        ]
    }

    /// A session key that fits nothing, with its checksum.
    fn another(&self) -> Vec<u8> {
        let mut payload = self.payload.clone();
        let sum = payload.len() - 2;
        // Two octets that differ change places: the sum stays.
        let first = usize::from(!self.is_v6);
        let other = (first + 1..sum).find(|at| payload[*at] != payload[first]).unwrap();
        payload.swap(first, other);
        payload
    }
}

fn all_end_the_same(features: Features) {
    let message = Message::new(features);
    for to in [Recipient::Named, Recipient::Hidden] {
        let (decryption, _, octets) = message.open(&message.block(&message.payload), to);
        assert_eq!((decryption, octets), (Decryption::Done, 5));
        let mut answers: Vec<_> =
            message.bad_blocks().into_iter().map(|(name, block)| (name, message.open(&block, to))).collect();
        let (_, first) = answers.remove(0);
        assert_eq!((first.0 == Decryption::Done, first.2), (false, 0));
        for (name, answer) in answers {
            assert_eq!(answer, first, "{name}");
        }
    }
}

/// Attack 8: short padding, none, one of another type, one without end, a wrong checksum, another session key: one answer.
#[test]
fn every_bad_padding_ends_the_same() {
    all_end_the_same(Features::empty().set_seipdv1());
}

/// Attack 8, with a container that tells the length of the session key.
#[test]
fn every_bad_padding_ends_the_same_in_version_2() {
    all_end_the_same(Features::empty().set_seipdv1().set_seipdv2());
}
