//! Every place of a passphrase on every verb of `key` that opens a locked key or locks a new one.

#![allow(clippy::unwrap_used, reason = "a helper of tests fails its test")]

mod common;

use assert_cmd::assert::Assert;
use common::ring::files;
use common::{Sandbox, failed};
use mailseal_testkit::personas::NOW;
use std::fs;
use std::sync::LazyLock;

/// Each place, and a wrong passphrase before the right one.
const SOURCES: [&[&str]; 5] = [
    &["--passphrase-file", "ann.pass"],
    &["--passphrase-env", "SECRET"],
    &["--passphrase-fd", "0"],
    &["--passphrase-command", "cat ann.pass"],
    &["--passphrase-file", "alice.pass", "--passphrase-env", "SECRET"],
];

/// Verb and words, for OpenPGP and for X.509 where it has the verb.
const VERBS: [(&str, &[&str]); 9] = [
    ("extend", &["openpgp", "ann@example.org", "--until", "2035-01-02T03:04:05Z"]),
    ("add", &["openpgp", "ann@example.org", "--user-id", "ann@work.example"]),
    ("add", &["openpgp", "ann@example.org", "--subkey", "sign"]),
    ("revoke", &["openpgp", "ann@example.org", "--reason", "retired", "--yes"]),
    ("passphrase", &["openpgp", "ann@example.org", "--new-passphrase-file", "bob.pass"]),
    ("passphrase", &["smime", "alice@example.org", "--no-passphrase"]),
    ("export", &["smime", "alice@example.org", "--secret", "-o", "out.p12"]),
    ("import", &["openpgp", "ann.key"]),
    ("import", &["smime", "alice.p12"]),
];

/// Ann's OpenPGP key and Alice's X.509 key, both locked with what `ann.pass` says, in a keyring and in files.
fn made() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("ann.pass", "alice's own\nanother line\n");
    key(&sandbox, &["import", "alice.p12", "--passphrase-file", "alice.pass"], "").success();
    let locked = ["passphrase", "alice@example.org", "--passphrase-file", "alice.pass"];
    key(&sandbox, &[&locked[..], &["--new-passphrase-file", "ann.pass"]].concat(), "").success();
    key(
        &sandbox,
        &["export", "alice@example.org", "--secret", "--passphrase-file", "ann.pass", "-o", "alice.own.p12"],
        "",
    )
    .success();
    fs::rename(sandbox.path("alice.own.p12"), sandbox.path("alice.p12")).unwrap();
    key(&sandbox, &["generate", "ann@example.org", "--pgp", "--passphrase-file", "ann.pass"], "").success();
    let export = ["export", "ann@example.org", "--secret", "--passphrase-file", "ann.pass", "-o", "ann.key"];
    key(&sandbox, &export, "").success();
    sandbox
}

/// A copy of what was [`made`]; without `keyring` the files alone.
fn sandbox(keyring: bool) -> Sandbox {
    static MADE: LazyLock<Sandbox> = LazyLock::new(made);
    let sandbox = Sandbox::new();
    for name in ["ann.pass", "ann.key", "alice.p12"] {
        fs::copy(MADE.path(name), sandbox.path(name)).unwrap();
    }
    for entry in keyring.then(|| fs::read_dir(MADE.path("ring")).unwrap()).into_iter().flatten() {
        let folder = entry.unwrap().file_name().into_string().unwrap();
        let Ok(files) = fs::read_dir(MADE.path(&format!("ring/{folder}"))) else { continue };
        fs::create_dir_all(sandbox.path(&format!("ring/{folder}"))).unwrap();
        for file in files {
            let name = format!("ring/{folder}/{}", file.unwrap().file_name().to_str().unwrap());
            fs::copy(MADE.path(&name), sandbox.path(&name)).unwrap();
        }
    }
    sandbox
}

/// Runs a verb of `key` with the keyring of the folder; nobody is asked.
fn key(sandbox: &Sandbox, words: &[&str], stdin: &str) -> Assert {
    let mut command = sandbox.command();
    command.args(["key", words[0], "--keyring", "ring", "--batch"]).env("SECRET", "alice's own");
    if ["generate", "extend", "revoke", "add"].contains(&words[0]) {
        command.args(["--at", NOW]);
    }
    command.args(&words[1..]).write_stdin(stdin).assert()
}

/// Each verb does its work with a passphrase from each place, and without one ends with 67 and changes nothing.
#[test]
fn every_verb_takes_every_source() {
    for (verb, words) in VERBS {
        let (technology, words) = (words[0], [&[verb][..], &words[1..]].concat());
        let sandbox = sandbox(verb != "import");
        let before = files(&sandbox);
        for wrong in [&[][..], &["--passphrase-file", "alice.pass"]] {
            let run = key(&sandbox, &[&words[..], wrong].concat(), "");
            failed(run, 67);
            assert_eq!(files(&sandbox), before, "{technology} {words:?}");
        }
        for source in SOURCES {
            let sandbox = self::sandbox(verb != "import");
            let before = files(&sandbox);
            key(&sandbox, &[&words[..], source].concat(), "alice's own\nand more\n").success();
            let did = if verb == "export" { sandbox.path("out.p12").exists() } else { files(&sandbox) != before };
            assert!(did, "{technology} {words:?} {source:?}");
        }
    }
}

/// A new key is locked with the passphrase from each place.
#[test]
fn new_keys_are_locked_from_every_source() {
    let sandbox = Sandbox::new();
    sandbox.write("ann.pass", "alice's own\nanother line\n");
    for (number, source) in SOURCES[..4].iter().enumerate() {
        let address = format!("ann{number}@example.org");
        let other = format!("dan{number}@example.org");
        for words in [&["generate", "--pgp", &address][..], &["generate", "--smime", &other], &["request", &other]] {
            key(&sandbox, &[words, source].concat(), "alice's own\nand more\n").success();
        }
        let extend = ["extend", address.as_str(), "--until", "2035-01-02T03:04:05Z"];
        failed(key(&sandbox, &extend, ""), 67);
        key(&sandbox, &[&extend[..], &["--passphrase-file", "ann.pass"]].concat(), "").success();
        let (old, new) = (["passphrase", address.as_str()], ["--new-passphrase-env", "SECRET"]);
        failed(key(&sandbox, &[&old[..], &new].concat(), ""), 67);
    }
}

/// The new passphrase of a key comes from each place too.
#[test]
fn a_new_passphrase_from_every_source() {
    for source in &SOURCES[..4] {
        let sandbox = sandbox(true);
        let new = source[0].replace("--", "--new-");
        sandbox.write("new.pass", "another one\n");
        let value = if source[0] == "--passphrase-file" { "new.pass" } else { source[1] };
        let value = if source[0] == "--passphrase-command" { "cat new.pass" } else { value };
        let mut command = sandbox.command();
        command.args(["key", "passphrase", "--keyring", "ring", "--batch", "ann@example.org", &new, value]);
        let run =
            command.args(["--passphrase-file", "ann.pass"]).env("SECRET", "another one").write_stdin("another one\n");
        run.assert().success();
        let extend = ["extend", "ann@example.org", "--until", "2035-01-02T03:04:05Z", "--passphrase-file"];
        failed(key(&sandbox, &[&extend[..], &["ann.pass"]].concat(), ""), 67);
        key(&sandbox, &[&extend[..], &["new.pass"]].concat(), "").success();
    }
}
