//! `--gnupg`: the certificates of gpg's keyring and the keys of its agent, as a person has them.

#![allow(clippy::unwrap_used, reason = "a helper of tests fails its test")]

mod common;

use assert_cmd::assert::Assert;
use common::{Sandbox, failed, stderr, stdout};
use mailseal_testkit::gnupg::Home;
use mailseal_testkit::personas::{ALICE, CAROL, LOCKED, LOCKED_PASSPHRASE, NOW};
use std::fs;
use std::time::{Duration, Instant};

const CLOCK: [&str; 2] = ["--faked-system-time", "20260601T000000"];

fn home() -> Option<Home> {
    let home = Home::new()?;
    for persona in [ALICE, CAROL] {
        drop(home.gpg().args(CLOCK).arg("--import").arg(persona.openpgp_key()).succeed());
    }
    Some(home)
}

fn run(sandbox: &Sandbox, home: &Home, line: &str) -> Assert {
    let (verb, rest) = line.split_once(' ').unwrap();
    let mut command = sandbox.command();
    command.env("GNUPGHOME", home.path()).args([verb, "--no-keyring", "--gnupg", "--batch", "--at", NOW]);
    command.args(rest.split_whitespace()).timeout(Duration::from_secs(60)).assert()
}

/// Signed by the agent, encrypted to people of the keyring that somebody vouches for, opened by the agent.
#[test]
fn sign_encrypt_and_open() {
    let Some(home) = home() else { return };
    let sandbox = Sandbox::new();
    run(&sandbox, &home, "sign -o signed.eml draft.eml").success();
    let verified = run(&sandbox, &home, "verify signed.eml").success();
    assert!(stdout(&verified).starts_with("signed "), "{}", stdout(&verified));
    // Carol's secret key is the agent's too, so her certificate is one's own.
    run(&sandbox, &home, "encrypt -r carol@example.org -o sealed.eml draft.eml").success();
    let opened = run(&sandbox, &home, "open --require-signed -o plain.eml sealed.eml").success();
    assert!(stderr(&opened).starts_with("signed+encrypted"), "{}", stderr(&opened));
    assert!(sandbox.read("plain.eml").contains("alice@example.org"));
}

/// A certificate of the keyring is found, and vouches for nothing.
#[test]
fn the_keyring_vouches_for_nothing() {
    let Some(home) = home() else { return };
    drop(home.gpg().arg("--import").arg(LOCKED.openpgp_cert()).succeed());
    let sandbox = Sandbox::new();
    let checked = run(&sandbox, &home, "check locked@example.org").code(17);
    assert!(stdout(&checked).contains("untrusted"), "{}", stdout(&checked));
    let refused = run(&sandbox, &home, "encrypt -r locked@example.org draft.eml");
    assert!(failed(refused, 17).contains("untrusted"));
    run(&sandbox, &home, "check alice@example.org").success();
    run(&sandbox, &home, "encrypt --cert locked.cert.asc -r locked@example.org -o sealed.eml draft.eml").success();
}

/// With --batch a locked key is exit code 67 at once; a passphrase of the command line unlocks it.
#[test]
fn locked_keys_and_batch() {
    let Some(home) = Home::new() else { return };
    let import = ["--passphrase", LOCKED_PASSPHRASE, "--import"];
    drop(home.gpg().args(CLOCK).args(import).arg(LOCKED.openpgp_key()).succeed());
    let gpgconf = mailseal_testkit::program::Program::find("gpgconf").unwrap();
    drop(gpgconf.env("GNUPGHOME", home.path()).args(["--reload", "gpg-agent"]).succeed());
    let sandbox = Sandbox::new();
    sandbox.write("pass", format!("{LOCKED_PASSPHRASE}\n"));
    sandbox.write("wrong", "wrong\n");
    let begin = Instant::now();
    run(&sandbox, &home, "encrypt --no-sign -r locked@example.org -o sealed.eml draft.eml").success();
    for wrong in ["", " --passphrase-file wrong"] {
        let sign = format!("sign -u locked@example.org{wrong} draft.eml");
        assert!(failed(run(&sandbox, &home, &sign), 67).contains("locked"));
        assert!(failed(run(&sandbox, &home, &format!("open{wrong} sealed.eml")), 67).contains("locked"));
    }
    assert!(begin.elapsed() < Duration::from_secs(40), "{:?}", begin.elapsed());
    run(&sandbox, &home, "sign -u locked@example.org --passphrase-file pass -o signed.eml draft.eml").success();
    run(&sandbox, &home, "open --passphrase-file pass -o plain.eml sealed.eml").success();
}

/// Attack 20: a certificate of another address claims Alice's encryption key. It is nobody's own, in GnuPG's folder and after
/// its secret keys were taken from there; what is encrypted to it opens.
#[test]
fn a_claimed_key_vouches_for_nobody() {
    let Some(home) = home() else { return };
    home.claim("Mallory <mallory@example.org>", ALICE.address);
    let sandbox = Sandbox::new();
    let checked = run(&sandbox, &home, "check mallory@example.org").code(17);
    assert!(stdout(&checked).contains("untrusted"), "{}", stdout(&checked));
    run(&sandbox, &home, "check alice@example.org").success();

    sandbox.write("all.key", home.gpg().arg("--export-secret-keys").succeed());
    sandbox.write("mallory.cert", home.gpg().args(["--export", "mallory@example.org"]).succeed());
    let ring = |line: &str| {
        let (words, rest) = line.split_once(" ring ").unwrap();
        let mut command = sandbox.command();
        command.args(words.split_whitespace()).args(["--keyring", "ring"]).args(rest.split_whitespace()).assert()
    };
    let imported = stderr(&ring("key import ring all.key").success());
    assert!(imported.contains("as alice@example.org is trusted"), "{imported}");
    assert!(imported.contains("vouches for nobody") && !imported.contains("as mallory"), "{imported}");
    let listed = stdout(&ring(&format!("key list ring --at {NOW} mallory@example.org")).success());
    assert!(listed.contains("secret, nobody vouches for it"), "{listed}");
    ring(&format!("check ring --at {NOW} mallory@example.org")).code(17);

    let line =
        format!("encrypt ring --at {NOW} --no-sign --cert mallory.cert -r mallory@example.org -o sealed.eml draft.eml");
    ring(&line).success();
    ring(&format!("open ring --at {NOW} sealed.eml")).success();
}

/// No keyring, one that is none, no agent: each its code and its hint.
#[test]
fn what_can_be_wrong() {
    let Some(home) = home() else { return };
    let sandbox = Sandbox::new();
    let signer = |sandbox: &Sandbox, folder: &std::path::Path, path: &str| {
        let mut command = sandbox.command();
        command.env("GNUPGHOME", folder).env("PATH", path).timeout(Duration::from_secs(60));
        command.args(["sign", "--no-keyring", "--gnupg", "--batch", "--at", NOW, "draft.eml"]).assert()
    };
    let path = std::env::var("PATH").unwrap();
    let missing = sandbox.path("nothing");
    assert!(failed(signer(&sandbox, &missing, &path), 61).contains("no GnuPG keyring"));
    fs::create_dir(sandbox.path("broken")).unwrap();
    sandbox.write("broken/pubring.kbx", "noise");
    assert!(failed(signer(&sandbox, &sandbox.path("broken"), &path), 41).contains("pubring.kbx"));

    let apart = sandbox.path("apart");
    fs::create_dir(&apart).unwrap();
    fs::copy(home.path().join("pubring.kbx"), apart.join("pubring.kbx")).unwrap();
    let unreachable = failed(signer(&sandbox, &apart, "/nonexistent"), 1);
    assert!(unreachable.contains("the agent of GnuPG cannot be reached"), "{unreachable}");

    // The keys of others are no keys of the agent's.
    drop(home.gpg().args(["--yes", "--delete-secret-keys", &fingerprint(&home)]).succeed());
    assert!(failed(run(&sandbox, &home, "sign draft.eml"), 79).contains("alice@example.org"));
}

fn fingerprint(home: &Home) -> String {
    let listed = home.gpg().args(["--with-colons", "--list-secret-keys", ALICE.address]).succeed();
    let listed = String::from_utf8(listed).unwrap();
    listed.lines().find(|line| line.starts_with("fpr:")).unwrap().split(':').nth(9).unwrap().to_owned()
}
