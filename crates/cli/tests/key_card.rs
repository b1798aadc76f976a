//! Secret keys that are on a card: what gpg exports of them has a mark in the place of the secret part
//! (`gnu-divert-to-card`, doc/DETAILS of GnuPG).

#![allow(clippy::unwrap_used, reason = "a helper of tests fails its test")]

mod common;

use assert_cmd::assert::Assert;
use common::{Sandbox, failed, stderr, stdout};
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

fn key(sandbox: &Sandbox, line: &str) -> Assert {
    let mut words = line.split_whitespace();
    let verb = words.next().unwrap();
    let mut command = sandbox.command();
    command.args(["key", verb, "--keyring", "ring", "--batch"]);
    if ["list", "extend"].contains(&verb) {
        command.args(["--at", NOW]);
    }
    command.args(words).assert()
}

#[test]
fn probe() {
    let Some(sandbox) = sandbox() else { return };
    for run in [
        "import card.key",
        "list",
        "list --secret",
        "extend bob@example.org --until never",
        "export bob@example.org --secret",
        "passphrase bob@example.org --no-passphrase",
    ] {
        let run2 = key(&sandbox, run);
        println!(
            "{run}: {:?}\n{}\n{}",
            run2.get_output().status,
            stdout(&run2).lines().take(3).collect::<Vec<_>>().join("\n"),
            stderr(&run2)
        );
    }
    sandbox.run("encrypt --no-sign --cert bob.cert.asc -r bob@example.org -o sealed.eml draft.eml").success();
    for run in ["sign --key card.key draft.eml", "open --key card.key sealed.eml", "sign --keyring ring draft.eml"] {
        let mut command = sandbox.command();
        let mut words = run.split(' ');
        let run2 = command.arg(words.next().unwrap()).args(["--batch", "--at", NOW]).args(words).assert();
        println!(
            "{run}: {:?}\n{}\n{}",
            run2.get_output().status,
            stdout(&run2).lines().take(3).collect::<Vec<_>>().join("\n"),
            stderr(&run2)
        );
    }
    failed(sandbox.run("x"), 2);
}
