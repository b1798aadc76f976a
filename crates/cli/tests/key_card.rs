//! Secret keys that are on a card: what gpg exports of them has a mark in the place of the secret part
//! (`gnu-divert-to-card`, doc/DETAILS of GnuPG).

#![allow(clippy::unwrap_used, reason = "a helper of tests fails its test")]

mod common;

use common::ring::{key, listed, print, with_ring};
use common::{Sandbox, failed, stderr};
use mailseal_testkit::personas::{BOB, NOW};
use mailseal_testkit::program::Program;

/// The serial number of a card.
const SERIAL: [u8; 16] = [0xd2, 0x76, 0, 1, 0x24, 1, 2, 0, 0, 0, 0, 0, 0, 1, 0, 0];

/// The public part of Bob's keys, which are RSA of version 4: version, time, algorithm, 3072 bits and 17 bits.
const PUBLIC: usize = 6 + 2 + 384 + 2 + 3;

/// Bob's key as gpg exports it once it is on a card, `card.key`, and a draft of Bob's.
fn sandbox() -> Option<Sandbox> {
    let sandbox = Sandbox::new();
    let gpg = Program::find("gpg")?;
    let packets = gpg
        .args(["--batch", "--dearmor"])
        .arg("--homedir")
        .arg(sandbox.path(""))
        .stdin(std::fs::read(BOB.openpgp_key()).unwrap());
    sandbox.write("card.key", on_a_card(&packets.succeed()));
    sandbox.write("draft.eml", sandbox.read("draft.eml").replace("Alice <alice@", "Bob <bob@"));
    Some(sandbox)
}

/// The packets, all of the old format with lengths of one or two octets (RFC 9580 §4.2.2), with marks in place of secrets.
fn on_a_card(mut packets: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    while let [head, rest @ ..] = packets {
        let (len, rest) = match head & 3 {
            0 => (usize::from(rest[0]), &rest[1..]),
            _ => (usize::from(rest[0]) << 8 | usize::from(rest[1]), &rest[2..]),
        };
        let (body, rest) = rest.split_at(len);
        let tag = head >> 2 & 15;
        let mark = [&[255, 0, 101, 0][..], b"GNU\x02\x10", &SERIAL].concat();
        let body = if [5, 7].contains(&tag) { [&body[..PUBLIC], &mark].concat() } else { body.to_vec() };
        out.push(0x80 | tag << 2 | 1);
        out.extend(u16::try_from(body.len()).unwrap().to_be_bytes());
        out.extend(body);
        packets = rest;
    }
    out
}

/// Such a key is kept, and makes nobody its owner; whatever needs the secret says that it is not here and writes nothing.
#[test]
fn a_key_on_a_card_is_kept_and_not_used() {
    let Some(sandbox) = sandbox() else { return };
    let imported = key(&sandbox, "import card.key").success();
    let said = stderr(&imported);
    assert!(said.contains("it opens mail, and vouches for nobody"), "{said}");
    let listed = listed(&sandbox, "bob@example.org");
    assert!(listed.contains(", secret, nobody vouches for it"), "{listed}");

    let before = sandbox.read(&format!("ring/keys/{}.key.asc", print(&imported)));
    let extended = failed(key(&sandbox, "extend bob@example.org --until never"), 79);
    assert!(extended.contains("the secret of its primary key is not here"), "{extended}");
    assert_eq!(sandbox.read(&format!("ring/keys/{}.key.asc", print(&imported))), before);

    let sign = format!("sign --pgp --at {NOW} -o signed.eml draft.eml");
    let signed = failed(with_ring(&sandbox, &sign), 79);
    assert!(signed.contains("no secret key that can sign for bob@example.org"), "{signed}");
    failed(sandbox.run("sign --pgp --key card.key -o signed.eml draft.eml"), 79);
    sandbox.run("encrypt --no-sign --cert bob.cert.asc -r bob@example.org -o sealed.eml draft.eml").success();
    failed(sandbox.run("open --key card.key -o opened.eml sealed.eml"), 29);
    assert!(!sandbox.path("signed.eml").exists() && !sandbox.path("opened.eml").exists());
}
