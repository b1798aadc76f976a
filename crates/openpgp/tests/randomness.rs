//! Attack 25: session keys, salts and ephemeral keys of ten thousand messages; nothing random comes twice.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

mod common;

use common::{builder, cert, encrypt};
use sequoia_openpgp::cert::CipherSuite;
use sequoia_openpgp::crypto::mpi::Ciphertext;
use sequoia_openpgp::packet::{Packet, SEIP};
use sequoia_openpgp::parse::Parse;
use sequoia_openpgp::types::Features;
use sequoia_openpgp::{Cert, PacketPile};
use std::collections::HashSet;

/// Of each version of the container.
const MESSAGES: usize = 5_000;

#[derive(Default)]
struct Seen {
    session_keys: HashSet<Vec<u8>>,
    ephemerals: HashSet<Vec<u8>>,
    salts: HashSet<Vec<u8>>,
}

fn reader(features: Features) -> Cert {
    builder("alice@example.org")
        .set_cipher_suite(CipherSuite::Cv25519)
        .set_features(features)
        .unwrap()
        .generate()
        .unwrap()
        .0
}

fn look(key: &Cert, seen: &mut Seen) {
    let to = [cert(key)];
    let subkey = key.keys().subkeys().secret().next().unwrap().key().clone().role_into_unspecified();
    let mut pair = subkey.into_keypair().unwrap();
    for _ in 0..MESSAGES {
        let blob = encrypt(b"", &to, &[]);
        for packet in PacketPile::from_bytes(&blob).unwrap().into_children() {
            match packet {
                Packet::PKESK(packet) => {
                    let (_, key) = packet.decrypt(&mut pair, None).unwrap();
                    seen.session_keys.insert(key.to_vec());
                    let Ciphertext::ECDH { e, .. } = packet.esk() else { panic!("{packet:?}") };
                    seen.ephemerals.insert(e.value().to_vec());
                }
                Packet::SEIP(SEIP::V2(container)) => drop(seen.salts.insert(container.salt().to_vec())),
                Packet::SEIP(SEIP::V1(_)) => {}
                other => panic!("{other:?}"),
            }
        }
    }
}

#[test]
fn nothing_random_comes_twice() {
    let mut seen = Seen::default();
    look(&reader(Features::empty().set_seipdv1()), &mut seen);
    assert_eq!((seen.session_keys.len(), seen.salts.len()), (MESSAGES, 0), "SEIPDv1");
    look(&reader(Features::empty().set_seipdv1().set_seipdv2()), &mut seen);
    assert_eq!(
        [seen.session_keys.len(), seen.ephemerals.len(), seen.salts.len()],
        [2 * MESSAGES, 2 * MESSAGES, MESSAGES]
    );
}
