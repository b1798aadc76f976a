//! R66, attacks 4 and 11: ten thousand changed messages give not an octet of plaintext, unless they are authentic.

#![allow(clippy::unwrap_used, reason = "a test fails where it must")]

mod common;

use common::{desk, read};
use mailseal::openpgp::OpenPgp;
use mailseal::smime::Smime;
use mailseal::{Encryption, Layer, Mail, Policy, Protocol};
use mailseal_core::Integrity;
use mailseal_testkit::personas::{self, BOB, CAPABLE, CAROL, ERIN};
use std::collections::HashSet;
use std::path::PathBuf;

/// Octets of plaintext in a row that would be a leak.
const WINDOW: usize = 8;

/// xorshift64: the same numbers in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit as u64).unwrap()
    }
}

/// Text that stands nowhere by chance.
fn secret() -> Vec<u8> {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let letters = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    let lines = (0..12).flat_map(|_| (0..60).map(|_| letters[random.below(62)]).chain(*b"\r\n").collect::<Vec<_>>());
    lines.collect()
}

/// One of the four containers: a message, its octets apart from MIME, and how many changes it gets.
struct Container {
    name: &'static str,
    protocol: &'static dyn Protocol,
    cert: PathBuf,
    changes: usize,
}

fn containers() -> [Container; 4] {
    let of = |name, protocol, cert, changes| Container { name, protocol, cert, changes };
    [
        of("SEIPDv1", &OpenPgp as &dyn Protocol, CAROL.openpgp_cert(), 3_500),
        of("SEIPDv2", &OpenPgp, ERIN.openpgp_cert(), 3_000),
        of("AES-CBC", &Smime, BOB.smime_cert(), 2_500),
        of("AES-GCM", &Smime, CAPABLE.smime_cert(), 1_000),
    ]
}

/// Everybody's keys in one hand.
fn reader() -> Mail {
    desk().openpgp_key_of(&CAROL).openpgp_key_of(&ERIN).smime_key_of(&BOB).smime_key_of(&CAPABLE).mail()
}

#[test]
fn ten_thousand_changes_release_nothing() {
    let reader = reader();
    let secret = secret();
    let windows: HashSet<&[u8]> = secret.windows(WINDOW).collect();
    let entity = [b"Content-Type: text/plain\r\n\r\n", secret.as_slice()].concat();
    let mut random = Random(2026);
    let mut tried = 0;
    for container in containers() {
        let certs = container.protocol.parse_certs(&read(&container.cert)).unwrap();
        let mut octets = Vec::new();
        let policy = Policy::at(personas::now());
        container.protocol.encrypt(&entity, &certs, &[], &policy, &mut octets).unwrap();
        let octets = binary(octets);
        assert!(opens(&reader, &container, &octets, &entity, &windows), "{}: the control", container.name);
        let mut closed = 0;
        for _ in 0..container.changes {
            let changed = changed(&octets, &mut random);
            closed += usize::from(!opens(&reader, &container, &changed, &entity, &windows));
            tried += 1;
        }
        assert!(closed > container.changes / 2, "{}: {closed} of {} closed", container.name, container.changes);
    }
    assert_eq!(tried, 10_000);
}

/// Whether it counts as encrypted. What is written then is the entity, or named as of no integrity; else it has not an octet
/// of the plaintext.
fn opens(reader: &Mail, container: &Container, octets: &[u8], entity: &[u8], windows: &HashSet<&[u8]>) -> bool {
    let message = message(container, octets);
    let Ok(opened) = reader.open(&message) else { return false };
    let (mut shown, mut payload) = (Vec::new(), Vec::new());
    opened.payload.write_message(&mut shown).unwrap();
    opened.payload.write_to(&mut payload).unwrap();
    if opened.summary.encryption == Encryption::Full {
        let is_named = opened.layers.iter().any(|found| match &found.layer {
            Layer::Encrypted(encryption) => encryption.integrity == Some(Integrity::None),
            _ => false,
        });
        assert!(payload == entity || is_named, "{}: changed and not named so", container.name);
        return true;
    }
    for written in [&shown, &payload] {
        let leaked = written.windows(WINDOW).find(|window| windows.contains(window));
        assert!(leaked.is_none(), "{}: {leaked:?}", container.name);
    }
    false
}

fn message(container: &Container, octets: &[u8]) -> Vec<u8> {
    let mut encoder = mailseal_mime::transfer::Base64Encoder::new(Vec::new());
    std::io::Write::write_all(&mut encoder, octets).unwrap();
    let encoded = String::from_utf8(encoder.finish().unwrap()).unwrap();
    let part = format!("Content-Transfer-Encoding: base64\r\n\r\n{encoded}\r\n");
    let entity = if container.protocol.profile().combined {
        format!(
            "Content-Type: multipart/encrypted; boundary=e; protocol=\"application/pgp-encrypted\"\r\n\r\n--e\r\n\
             Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n\r\n--e\r\n\
             Content-Type: application/octet-stream\r\n{part}--e--\r\n"
        )
    } else {
        format!("Content-Type: application/pkcs7-mime; smime-type=enveloped-data\r\n{part}")
    };
    format!("From: alice@example.org\r\nTo: carol@example.org\r\nMIME-Version: 1.0\r\n{entity}").into_bytes()
}

/// Without armor, where there is one.
fn binary(octets: Vec<u8>) -> Vec<u8> {
    let Ok(text) = std::str::from_utf8(&octets) else { return octets };
    let body = text.lines().skip_while(|line| !line.is_empty()).skip(1);
    let body: Vec<&str> = body.take_while(|line| !line.starts_with(['=', '-'])).collect();
    let body = body.join("\n").into_bytes();
    let mut decoded = Vec::new();
    let mut decoder = mailseal_mime::transfer::Base64Decoder::strict(body.as_slice());
    std::io::Read::read_to_end(&mut decoder, &mut decoded).unwrap();
    decoded
}

/// One change: bits, cuts, pieces lost, doubled and moved, and identifiers of packets and ASN.1 elements. Half of them
/// hit the first 700 octets, where recipients and parameters stand.
fn changed(octets: &[u8], random: &mut Random) -> Vec<u8> {
    let mut changed = octets.to_vec();
    let reach = if random.below(2) == 0 { octets.len().min(700) } else { octets.len() };
    let at = random.below(reach);
    let end = (at + 1 + random.below(48)).min(octets.len());
    match random.below(9) {
        0 => changed[at] ^= 1 << random.below(8),
        1 => changed[at] = u8::try_from(random.below(256)).unwrap(),
        2 => changed.truncate(at),
        3 => drop(changed.drain(at..end)),
        4 => drop(changed.splice(at..at, octets[at..end].to_vec())),
        5 => changed[at..end].fill(0),
        6 => changed[at..end].reverse(),
        7 => retyped(&mut changed, random),
        _ => (0..3).for_each(|_| {
            let at = random.below(reach);
            changed[at] ^= 1 << random.below(8);
        }),
    }
    changed
}

/// Another type for a packet, or for something that looks like an element of ASN.1.
fn retyped(octets: &mut [u8], random: &mut Random) {
    if octets[0] & 0xc0 == 0xc0 && octets[0] != 0xff {
        // The first packet ends where its length says; the container is the next one.
        let next = 2 + usize::from(octets[1]);
        let at = if random.below(2) == 0 || next >= octets.len() { 0 } else { next };
        octets[at] = 0xc0 | u8::try_from(random.below(64)).unwrap();
        return;
    }
    let types = [0x02, 0x04, 0x05, 0x06, 0x24, 0x30, 0x31, 0x80, 0xa0, 0xa1, 0xa2];
    let places: Vec<usize> = (0..octets.len().min(900)).filter(|at| types.contains(&octets[*at])).collect();
    let at = places[random.below(places.len())];
    octets[at] = types[random.below(types.len())];
}
