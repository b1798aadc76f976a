//! EFAIL and its kin (R66, attacks 4 and 19): a message that was touched releases nothing.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

mod common;

use common::{Store, cert, credential, encrypt, generate, shape};
use mailseal_core::Decryption;
use mailseal_core::Layer;
use sequoia_openpgp::cert::CipherSuite;
use sequoia_openpgp::crypto::SessionKey;
use sequoia_openpgp::packet::pkesk::PKESK3;
use sequoia_openpgp::packet::{PKESK, Packet};
use sequoia_openpgp::parse::Parse;
use sequoia_openpgp::serialize::SerializeInto;
use sequoia_openpgp::types::Features;
use sequoia_openpgp::{PacketPile, armor};
use std::io::Read;

const TEXT: &[u8] = b"Content-Type: text/plain\r\n\r\nMeet me at noon.\r\n";

/// One recipient for each version of the container.
fn recipients() -> Vec<(&'static str, sequoia_openpgp::Cert)> {
    let features = |features| {
        let builder = common::builder("bob@example.org").set_cipher_suite(CipherSuite::Cv25519);
        builder.set_features(features).unwrap().generate().unwrap().0
    };
    vec![
        ("SEIPDv1", features(Features::empty().set_seipdv1())),
        ("SEIPDv2", features(Features::empty().set_seipdv1().set_seipdv2())),
    ]
}

fn binary(armored: &[u8]) -> Vec<u8> {
    let mut octets = Vec::new();
    armor::Reader::from_reader(armored, None).read_to_end(&mut octets).unwrap();
    octets
}

/// Whatever is committed is the text, and nothing is unless all of it was authentic.
fn assert_closed_or_the_same(store: &Store, blob: &[u8], what: &str) -> bool {
    let (peeled, text) = store.open(blob);
    let done = matches!(&peeled.layers[..], [Layer::Encrypted(one), ..] if one.decryption == Decryption::Done);
    match text {
        Some(text) => assert!(done && text == TEXT, "{what}: {peeled:?}"),
        None => {
            assert!(!done, "{what}: {peeled:?}");
            let encrypted = peeled.layers.iter().any(|layer| matches!(layer, Layer::Encrypted(_)));
            assert!(!encrypted || peeled.defects.is_empty(), "one word and no reason (R135), {what}: {peeled:?}");
        }
    }
    done
}

/// Every octet flipped in two ways, every length cut.
#[test]
fn a_changed_octet_or_a_cut_releases_nothing() {
    let alice = generate("alice@example.org", CipherSuite::Cv25519);
    for (name, bob) in recipients() {
        let store = Store::of(&[&bob, &alice]);
        let blob = binary(&encrypt(TEXT, &[cert(&bob)], &[credential(&alice)]));
        assert!(assert_closed_or_the_same(&store, &blob, name));
        let mut opened = 0;
        for at in 0..blob.len() {
            for change in [0x01, 0x80, 0xff] {
                let mut changed = blob.clone();
                changed[at] ^= change;
                opened += usize::from(assert_closed_or_the_same(&store, &changed, &format!("{name} {at} {change}")));
            }
            assert!(!assert_closed_or_the_same(&store, &blob[..at], &format!("{name} cut at {at}")));
        }
        // A few octets may change without harm: unused bits of lengths, the name of the recipient.
        assert!(opened < 8, "{name}: {opened}");
    }
}

/// The armored form, cut and changed; its checksum is no protection and its absence no harm (RFC 9580 §6.1).
#[test]
fn armor_is_only_a_form() {
    let (_, bob) = recipients().remove(0);
    let store = Store::of(&[&bob]);
    let blob = encrypt(TEXT, &[cert(&bob)], &[]);
    for at in (0..blob.len()).step_by(3) {
        let mut changed = blob.clone();
        changed[at] ^= 1;
        assert_closed_or_the_same(&store, &changed, &format!("armor {at}"));
        assert_closed_or_the_same(&store, &blob[..at], &format!("armor cut at {at}"));
    }
    let text = String::from_utf8(blob).unwrap();
    // Text around it is not shown and told; a second message is refused.
    for around in [format!("hello\r\n{text}"), format!("{text}\r\n-- \r\nlist footer\r\n")] {
        let (peeled, opened) = store.open(around.as_bytes());
        assert_eq!(opened.as_deref(), Some(TEXT));
        assert_eq!(peeled.defects.len(), 1, "{peeled:?}");
    }
    let (peeled, opened) = store.open(format!("{text}\r\n{text}").as_bytes());
    assert_eq!((shape(&peeled), opened), (vec!["encrypted Failed".to_owned()], None));
    let lines: Vec<&str> = text.lines().collect();
    let bad_checksum = lines.iter().map(|line| if line.starts_with('=') { "=AAAA" } else { line });
    let bad_checksum: Vec<&str> = bad_checksum.collect();
    let no_checksum: Vec<&str> = lines.iter().copied().filter(|line| !line.starts_with('=')).collect();
    for lines in [bad_checksum, no_checksum] {
        let (peeled, opened) = store.open(lines.join("\n").as_bytes());
        assert_eq!(opened.as_deref(), Some(TEXT), "{peeled:?}");
    }
}

/// The container retagged and repacked: as data without integrity protection, as literal data, as anything.
#[test]
fn a_retagged_container_releases_nothing() {
    for (name, bob) in recipients() {
        let store = Store::of(&[&bob]);
        let blob = binary(&encrypt(TEXT, &[cert(&bob)], &[]));
        let (start, body) = container(&blob);
        let body = &body[..];
        for tag in 0..64_u8 {
            let body = if tag == 9 { &body[1..] } else { body };
            let mut retagged = blob[..start].to_vec();
            retagged.push(0xc0 | tag);
            retagged.extend([0xff]);
            retagged.extend(u32::try_from(body.len()).unwrap().to_be_bytes());
            retagged.extend(body);
            let done = assert_closed_or_the_same(&store, &retagged, &format!("{name} as {tag}"));
            assert_eq!(done, tag == 18, "{name} as {tag}");
        }
        // The other version.
        let mut other = blob[..start].to_vec();
        let mut body = body.to_vec();
        body[0] ^= 3;
        other.push(0xc0 | 18);
        other.extend([0xff]);
        other.extend(u32::try_from(body.len()).unwrap().to_be_bytes());
        other.extend(body);
        assert!(!assert_closed_or_the_same(&store, &other, &format!("{name} as the other version")));
    }
}

/// Attack 19: something before, after or beside the container.
#[test]
fn a_container_with_company_releases_nothing() {
    let alice = generate("alice@example.org", CipherSuite::Cv25519);
    let (_, bob) = recipients().remove(0);
    let store = Store::of(&[&bob, &alice]);
    let blob = binary(&encrypt(TEXT, &[cert(&bob)], &[credential(&alice)]));
    let literal = [0xcb, 0x08, b'b', 0, 0, 0, 0, 0, b'h', b'i'];
    let junk = [0u8; 7];
    for company in [&literal[..], &junk, &blob] {
        for message in [[company, &blob].concat(), [&blob, company].concat()] {
            let (peeled, text) = store.open(&message);
            assert_eq!(text, None, "{peeled:?}");
        }
    }
}

/// A marker or padding packet around it is no content (RFC 9580 §5.8, §5.14).
#[test]
fn markers_are_ignored() {
    let (_, bob) = recipients().remove(0);
    let store = Store::of(&[&bob]);
    let blob = binary(&encrypt(TEXT, &[cert(&bob)], &[]));
    let marker = [0xca, 0x03, b'P', b'G', b'P'];
    let (peeled, text) = store.open(&[&marker[..], &blob].concat());
    assert_eq!(text.as_deref(), Some(TEXT), "{peeled:?}");
    assert_eq!(shape(&peeled), ["encrypted Done"]);
}

/// Where the container of a message starts, and its body without header and chunks.
fn container(blob: &[u8]) -> (usize, Vec<u8>) {
    let mut at = 0;
    loop {
        let tag = blob[at] & 0x3f;
        let start = at;
        at += 1;
        let mut body = Vec::new();
        loop {
            let first = usize::from(blob[at]);
            let (length, header, partial) = match first {
                0..192 => (first, 1, false),
                192..224 => (((first - 192) << 8) + usize::from(blob[at + 1]) + 192, 2, false),
                224..255 => (1 << (first & 0x1f), 1, true),
                _ => (u32::from_be_bytes(blob[at + 1..at + 5].try_into().unwrap()) as usize, 5, false),
            };
            at += header;
            body.extend_from_slice(&blob[at..at + length]);
            at += length;
            if !partial {
                break;
            }
        }
        if tag == 18 {
            return (start, body);
        }
    }
}

/// Attack 23: anybody can encrypt a session key that is none. It is one more failure; Sequoia 2.4.2 alone panics at an empty one.
#[test]
fn session_keys_that_are_none() {
    for suite in [CipherSuite::RSA2k, CipherSuite::Cv25519, CipherSuite::P256] {
        let bob = common::builder("bob@example.org").set_cipher_suite(suite);
        let bob = bob.set_features(Features::empty().set_seipdv1()).unwrap().generate().unwrap().0;
        let store = Store::of(&[&bob]);
        let subkey = bob.keys().subkeys().next().unwrap().key().clone();
        let packets = PacketPile::from_bytes(&encrypt(TEXT, &[cert(&bob)], &[])).unwrap().into_children();
        let container = packets.last().unwrap().to_vec().unwrap();
        for length in [0, 1, 2, 3, 4, 16, 18, 19, 34, 35, 36, 100] {
            for first in [0, 9, 255] {
                let mut octets = vec![first; length];
                octets[1.min(length)..].fill(0);
                let Ok(sealed) = subkey.encrypt(&SessionKey::from(octets)) else { continue };
                let packet = PKESK3::new(Some(subkey.keyid()), subkey.pk_algo(), sealed).unwrap();
                let blob = [Packet::from(PKESK::from(packet)).to_vec().unwrap(), container.clone()].concat();
                assert!(!assert_closed_or_the_same(&store, &blob, &format!("{suite:?}, {length} octets")));
            }
        }
    }
}
