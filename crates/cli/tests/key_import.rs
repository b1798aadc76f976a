//! `mailseal key import`, `export`: a key that comes again, keys of gpg, and what others are given.

#![allow(clippy::unwrap_used, reason = "a helper of tests fails its test")]

mod common;

use common::ring::{key, key_in, listed, print, with_ring};
use common::{Sandbox, failed, stderr, stdout};
use mailseal_testkit::gnupg::Home;
use mailseal_testkit::personas::NOW;
use std::fs;

/// Attack 24: the owner's own revocation, imported as a certificate, stops signing and encryption with the key beside it.
#[test]
fn a_revocation_reaches_the_secret_key() {
    let sandbox = Sandbox::new();
    let print = print(&key(&sandbox, "generate ann@example.org --pgp --no-passphrase").success());
    sandbox.write("draft.eml", sandbox.read("draft.eml").replace("alice@", "ann@"));
    key(&sandbox, &format!("import ring/revocations/{print}.cert.asc")).success();
    assert!(listed(&sandbox, &print).contains(", revoked, secret"), "{}", listed(&sandbox, &print));
    let later = "2026-07-01T00:00:00Z";
    failed(with_ring(&sandbox, &format!("sign --pgp --at {later} draft.eml")), 79);
    let told = stdout(&with_ring(&sandbox, &format!("check ann@example.org --at {later}")).code(17));
    assert!(told.contains("revoked"), "{told}");
    let json: serde_json::Value =
        serde_json::from_str(&stdout(&key(&sandbox, &format!("list --json {print}")).success())).unwrap();
    assert_eq!((&json["problem"], &json["secret"]), (&"revoked".into(), &true.into()));
}

/// The same with a new end, said on another machine; before that the key had expired here.
#[test]
fn an_extension_reaches_the_secret_key() {
    let sandbox = Sandbox::new();
    key(&sandbox, "generate ann@example.org --pgp --no-passphrase").success();
    sandbox.write("draft.eml", sandbox.read("draft.eml").replace("alice@", "ann@"));
    key(&sandbox, "export ann@example.org --secret --no-passphrase -o ann.key.asc").success();
    key_in(&sandbox, "elsewhere", "import ann.key.asc").success();
    key_in(&sandbox, "elsewhere", "extend ann@example.org --until 2040-01-02T03:04:05Z").success();
    key_in(&sandbox, "elsewhere", "export ann@example.org -o ann.cert.asc").success();
    let expired = stdout(&key(&sandbox, "list ann@example.org --at 2035-01-01T00:00:00Z").success());
    assert!(expired.contains("until 2029-05-31, expired, secret"), "{expired}");
    failed(with_ring(&sandbox, "sign --pgp --at 2035-01-01T00:00:00Z draft.eml"), 79);
    key(&sandbox, "import ann.cert.asc").success();
    assert!(listed(&sandbox, "ann@example.org").contains("until 2040-01-02, secret"));
    with_ring(&sandbox, "sign --pgp --at 2035-01-01T00:00:00Z draft.eml").success();
}

/// Attack 25: an unlocked copy of a key does not take the lock away.
#[test]
fn an_unlocked_copy_takes_no_lock_away() {
    let sandbox = Sandbox::new();
    for technology in ["--pgp", "--smime"] {
        key(&sandbox, &format!("generate ann@example.org {technology} --passphrase-file alice.pass")).success();
    }
    for (technology, ending) in [("--pgp", "key.asc"), ("--smime", "p12")] {
        let export = format!("export ann@example.org {technology} --secret --passphrase-file alice.pass");
        key(&sandbox, &format!("{export} --no-passphrase -o ann.{ending}")).success();
        key_in(&sandbox, "other", &format!("import ann.{ending} --passphrase-env NONE")).code(31);
        key_in(&sandbox, "other", &format!("import ann.{ending}")).success();
        let imported = key(&sandbox, &format!("import ann.{ending}")).success();
        assert!(stderr(&imported).contains("locked as it was"), "{}", stderr(&imported));
        sandbox.write("draft.eml", sandbox.read("draft.eml").replace("alice@", "ann@"));
        let sign = format!("sign {technology} --at 2026-07-01T00:00:00Z draft.eml");
        failed(with_ring(&sandbox, &sign), 67);
        with_ring(&sandbox, &format!("{sign} --passphrase-file alice.pass")).success();
        // The other way round the lock is taken.
        key(&sandbox, &format!("{export} --passphrase-file alice.pass -o shut.{ending}")).success();
        key_in(&sandbox, "other", &format!("import shut.{ending} --passphrase-file alice.pass")).success();
    }
    let text: String = fs::read_dir(sandbox.path("other/keys"))
        .unwrap()
        .map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap())
        .collect();
    assert!(text.contains("BEGIN ENCRYPTED PRIVATE KEY") && !text.contains("BEGIN PRIVATE KEY"), "{text}");
}

/// Two machines add to one key; each gets the other's, and nothing is lost: subkeys with their secrets, addresses,
/// revocations. What comes without a lock is locked as the rest is.
#[test]
fn two_copies_become_one() {
    let sandbox = Sandbox::new();
    let unlock = "--passphrase-file alice.pass";
    key(&sandbox, &format!("generate ann@example.org --pgp {unlock}")).success();
    sandbox.write("draft.eml", sandbox.read("draft.eml").replace("alice@", "ann@"));
    key(&sandbox, &format!("export ann@example.org --secret {unlock} -o ann.key.asc")).success();
    key_in(&sandbox, "there", &format!("import ann.key.asc {unlock}")).success();
    key(&sandbox, &format!("add ann@example.org --user-id ann@here.example {unlock}")).success();
    key_in(&sandbox, "there", &format!("add ann@example.org --subkey encrypt {unlock}")).success();
    key_in(&sandbox, "there", &format!("add ann@example.org --user-id ann@there.example {unlock}")).success();
    let encrypt = format!("encrypt --pgp --no-sign -r ann@there.example --at {NOW} -o sealed.eml draft.eml");
    let export = format!("export ann@example.org --secret --no-passphrase {unlock} -o there.key.asc");
    key_in(&sandbox, "there", &export).success();
    failed(key(&sandbox, "import there.key.asc"), 67);
    key(&sandbox, &format!("import there.key.asc {unlock}")).success();
    let all = listed(&sandbox, "ann@example.org");
    assert!(all.contains("ann@here.example") && all.contains("ann@there.example"), "{all}");
    with_ring(&sandbox, &encrypt).success();
    failed(with_ring(&sandbox, &format!("open --at {NOW} sealed.eml")), 67);
    with_ring(&sandbox, &format!("open --at {NOW} {unlock} sealed.eml")).success();
    // An older copy takes nothing away.
    key(&sandbox, &format!("import ann.key.asc {unlock}")).success();
    assert_eq!(listed(&sandbox, "ann@example.org"), all);
    with_ring(&sandbox, &format!("open --at {NOW} {unlock} sealed.eml")).success();
}

/// A revocation that came before the secret key stays when that comes.
#[test]
fn a_secret_key_takes_no_revocation_away() {
    let sandbox = Sandbox::new();
    let print = print(&key(&sandbox, "generate ann@example.org --pgp --no-passphrase").success());
    key(&sandbox, &format!("export {print} --secret --no-passphrase -o ann.key.asc")).success();
    key_in(&sandbox, "other", &format!("import ring/revocations/{print}.cert.asc")).success();
    let imported = key_in(&sandbox, "other", "import ann.key.asc").success();
    assert!(stderr(&imported).contains("revoked"), "{}", stderr(&imported));
    let told = stdout(&key_in(&sandbox, "other", &format!("list {print}")).success());
    assert!(told.contains(", revoked, secret"), "{told}");
    assert_eq!(told.lines().count(), 1, "{told}");
}

/// Attack 24: somebody sends a secret key in the place of a certificate, and whoever has it is believed. It is said, once; of a
/// certificate it is not.
#[test]
fn a_secret_key_is_no_quiet_certificate() {
    let sandbox = Sandbox::new();
    key(&sandbox, "generate bob@example.org --pgp --no-passphrase").success();
    key(&sandbox, "export bob@example.org --secret --no-passphrase -o bob.key").success();
    key(&sandbox, "export bob@example.org -o bob.cert").success();
    let said = |file: &str| stderr(&key_in(&sandbox, "other", &format!("import {file}")).success());
    assert!(!said("bob.cert").contains("trusted"));
    let told = said("bob.key");
    assert!(told.contains("is a secret key, yours") && told.contains("as bob@example.org is trusted"), "{told}");
    assert!(!said("bob.key").contains("yours from now on"));
}

/// An anchor is an authority.
#[test]
fn who_certifies_nobody_is_no_anchor() {
    let sandbox = Sandbox::new();
    let alice = print(&key(&sandbox, "import alice.crt.pem").success());
    let said = failed(key(&sandbox, &format!("trust --anchor {alice}")), 2);
    assert!(said.contains("no authority"), "{said}");
    assert!(!sandbox.path("ring/anchors").exists());
}

/// `--user` and the verbs of `key` know a key by the same digits.
#[test]
fn handles_are_the_same_everywhere() {
    let sandbox = Sandbox::new();
    let one = print(&key(&sandbox, "generate ann@example.org --pgp --no-passphrase").success());
    key(&sandbox, "generate ann@example.org --pgp --no-passphrase").success();
    sandbox.write("draft.eml", sandbox.read("draft.eml").replace("alice@", "ann@"));
    for digits in [one.clone(), one[..8].to_uppercase(), format!("0x{}", &one[..12]), one[24..].to_owned()] {
        with_ring(&sandbox, &format!("sign -u {digits} --at {NOW} draft.eml")).success();
        assert_eq!(print(&key(&sandbox, &format!("list {digits}")).success()), one);
    }
    for (digits, code) in [("abcd", 2), ("abcdabcdabcd", 61), ("ann", 2)] {
        failed(with_ring(&sandbox, &format!("sign -u {digits} --at {NOW} draft.eml")), code);
    }
}

/// gpg with one key of its own, and what it did not say.
fn gpg_key(home: &Home, user_id: &str, kind: &str, usage: &str) {
    let make = ["--passphrase", "alice", "--quick-gen-key", user_id, kind, usage, "never"];
    drop(home.gpg().args(make).succeed());
}

/// What gpg writes goes in: armored and binary, several in one file, the old and the new ring; local signatures and what
/// others certified do not come out again for a correspondent, the rest with `--full`.
#[test]
fn public_keys_of_gpg() {
    let Some(home) = Home::new() else { return };
    let sandbox = Sandbox::new();
    gpg_key(&home, "Gina <gina@example.org>", "default", "default");
    gpg_key(&home, "Greg <greg@example.org>", "rsa3072", "default");
    let lsign = ["--passphrase", "alice", "--quick-lsign-key"];
    let greg =
        String::from_utf8(home.gpg().args(["--with-colons", "--list-keys", "greg@example.org"]).succeed()).unwrap();
    let greg = greg.lines().find(|line| line.starts_with("fpr")).unwrap().split(':').nth(9).unwrap();
    drop(home.gpg().args(lsign).arg(greg).succeed());
    let local = home.gpg().args(["--export-options", "export-local-sigs", "--export"]).succeed();
    sandbox.write("armored", home.gpg().args(["--armor", "--export"]).succeed());
    sandbox.write("binary", home.gpg().arg("--export").succeed());
    sandbox.write("local", &local);
    let two = [home.gpg().args(["--armor", "--export", "gina@example.org"]).succeed(), b"\n".to_vec()].concat();
    let other = home.gpg().args(["--armor", "--export", "greg@example.org"]).succeed();
    sandbox.write("texts", [two, other].concat());
    sandbox.write("trust", home.gpg().arg("--export-ownertrust").succeed());
    let old = sandbox.path("pubring.gpg");
    let arguments = ["--no-default-keyring", "--keyring", &format!("gnupg-ring:{}", old.display()), "--import"];
    drop(home.gpg().args(arguments).stdin(local.clone()).succeed());
    sandbox.write("pubring.kbx", fs::read(home.path().join("pubring.kbx")).unwrap());
    for file in ["armored", "binary", "texts", "local", "pubring.gpg", "pubring.kbx"] {
        let told = stdout(&key_in(&sandbox, &format!("ring.{file}"), &format!("import {file}")).success());
        assert_eq!(told.lines().count(), 2, "{file}: {told}");
    }
    failed(key(&sandbox, "import trust"), 41);

    key(&sandbox, "import local").success();
    let import = |name: &str| {
        let imported = home.gpg().args(["--no-default-keyring", "--keyring", "./fresh.kbx", "--import"]);
        imported.dir(home.path()).stdin(sandbox.read(name)).succeed()
    };
    let packets = |octets: Vec<u8>| {
        let packets = home.gpg().arg("--list-packets").stdin(octets).succeed();
        String::from_utf8(packets).unwrap()
    };
    assert!(packets(local).contains("not exportable"));
    for (extent, name) in [("", "small.asc"), ("--full", "full.asc")] {
        key(&sandbox, &format!("export greg@example.org {extent} -o {name}")).success();
        drop(import(name));
        let packets = packets(sandbox.read(name).into_bytes());
        assert!(packets.contains("greg@example.org") && !packets.contains("not exportable"), "{packets}");
    }
}

/// Secret keys of gpg: whole, the subkeys alone, to be used and given back. Both programs read what the other wrote.
#[test]
fn secret_keys_of_gpg() {
    let Some(home) = Home::new() else { return };
    let sandbox = Sandbox::new();
    let unlock = "--passphrase-file alice.pass";
    gpg_key(&home, "Gina <gina@example.org>", "ed25519", "default");
    let shown = String::from_utf8(home.gpg().args(["--with-colons", "--list-keys"]).succeed()).unwrap();
    let print = shown.lines().find(|line| line.starts_with("fpr")).unwrap().split(':').nth(9).unwrap().to_owned();
    for (kind, usage) in [("ed25519", "sign"), ("cv25519", "encr")] {
        drop(home.gpg().args(["--passphrase", "alice", "--quick-add-key", &print, kind, usage, "never"]).succeed());
    }
    let secret = ["--passphrase", "alice", "--export-secret-keys"];
    sandbox.write("whole", home.gpg().args(secret).succeed());
    sandbox.write("whole.asc", home.gpg().arg("--armor").args(secret).succeed());
    sandbox.write("subkeys", home.gpg().args(["--passphrase", "alice", "--export-secret-subkeys"]).succeed());
    sandbox.write("draft.eml", sandbox.read("draft.eml").replace("alice@", "gina@"));
    for file in ["whole", "whole.asc", "subkeys"] {
        failed(key_in(&sandbox, "none", &format!("import {file}")), 67);
        let sandboxed = format!("ring.{file}");
        key_in(&sandbox, &sandboxed, &format!("import {file} {unlock}")).success();
        let run = |line: &str| {
            let (verb, rest) = line.split_once(' ').unwrap();
            let mut command = sandbox.command();
            command.args([verb, "--keyring", &sandboxed, "--batch"]).args(rest.split_whitespace()).assert()
        };
        run(&format!("encrypt --pgp -r gina@example.org {unlock} -o {file}.eml draft.eml")).success();
        run(&format!("open --require-signed {unlock} {file}.eml")).success();
        let extended =
            key_in(&sandbox, &sandboxed, &format!("extend gina@example.org --until never {unlock} --at now"));
        match file {
            "subkeys" => assert!(failed(extended, 79).contains("primary key")),
            _ => drop(extended.success()),
        }
    }
    // The primary key comes later, and joins.
    key_in(&sandbox, "ring.subkeys", &format!("import whole {unlock}")).success();
    key_in(&sandbox, "ring.subkeys", &format!("extend gina@example.org --until never {unlock} --at now")).success();

    let other = Home::new().unwrap();
    for compat in ["", "--compat legacy"] {
        let line = format!("export gina@example.org --secret {compat} {unlock} -o back.asc --overwrite");
        key_in(&sandbox, "ring.subkeys", &line).success();
        let imported = other.gpg().args(["--passphrase", "alice", "--import"]).stdin(sandbox.read("back.asc")).run();
        assert!(imported.stderr.contains("secret keys"), "{}", imported.stderr);
    }
    let signed = other.gpg().args(["--passphrase", "alice", "--clearsign"]).stdin("text\n").succeed();
    drop(home.gpg().arg("--verify").stdin(signed).succeed());
}

/// A photo, a key that only certifies, an expired one and a revoked one are kept, and told of.
#[test]
fn unusual_keys_of_gpg() {
    let Some(home) = Home::new() else { return };
    let sandbox = Sandbox::new();
    gpg_key(&home, "Only <only@example.org>", "ed25519", "cert");
    let make = ["--passphrase", "", "--faked-system-time", "20200101T000000!", "--quick-gen-key"];
    drop(home.gpg().args(make).args(["Old <old@example.org>", "ed25519", "sign", "1y"]).succeed());
    // The beginning of a JPEG is enough for gpg.
    let jpeg = [&[0xff, 0xd8, 0xff, 0xe0, 0, 16][..], b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0", &[0xff, 0xd9]].concat();
    fs::write(home.path().join("face.jpg"), jpeg).unwrap();
    let photo = home.gpg().args(["--passphrase", "alice", "--command-fd", "0", "--edit-key", "only@example.org"]);
    drop(photo.dir(home.path()).stdin("addphoto\nface.jpg\nsave\n").succeed());
    let all = home.gpg().arg("--export").succeed();
    let packets = String::from_utf8(home.gpg().arg("--list-packets").stdin(all.clone()).succeed()).unwrap();
    assert!(packets.contains("[jpeg image of size"), "{packets}");
    sandbox.write("keys", all);
    let imported = key(&sandbox, "import keys").success();
    assert_eq!(stdout(&imported).lines().count(), 2);
    assert!(stderr(&imported).contains("expired"), "{}", stderr(&imported));
    assert!(listed(&sandbox, "old@example.org").contains("until 2020-12-31, expired"));
    assert!(!listed(&sandbox, "only@example.org --at now").contains("expired"));
    failed(with_ring(&sandbox, "encrypt -r only@example.org --no-sign draft.eml"), 17);
    for (extent, whole) in [("", false), ("--full", true)] {
        let exported = stdout(&key(&sandbox, &format!("export only@example.org --at now {extent}")).success());
        let packets = String::from_utf8(home.gpg().arg("--list-packets").stdin(exported).succeed()).unwrap();
        assert_eq!(packets.contains("[jpeg image of size"), whole, "{packets}");
    }
}
