//! The verbs of `key`, and others, with a keyring of the sandbox.

use super::{Sandbox, stdout};
use assert_cmd::assert::Assert;
use mailseal_testkit::personas::NOW;
use std::fs;

/// Runs a verb of `key` with the keyring `ring` of the folder, at [`NOW`] where it has a time; nobody is asked.
pub(crate) fn key_in(sandbox: &Sandbox, ring: &str, line: &str) -> Assert {
    let mut words = line.split_whitespace();
    let verb = words.next().unwrap();
    let mut command = sandbox.command();
    command.args(["key", verb, "--keyring", ring]);
    if ["generate", "request", "list", "extend", "revoke", "add", "export"].contains(&verb) {
        command.args(["--at", NOW]);
    }
    command.arg("--batch").args(words).assert()
}

/// [`key_in`] the keyring that most tests have.
pub(crate) fn key(sandbox: &Sandbox, line: &str) -> Assert {
    key_in(sandbox, "ring", line)
}

/// Another verb with that keyring.
pub(crate) fn with_ring(sandbox: &Sandbox, line: &str) -> Assert {
    let (verb, rest) = line.split_once(' ').unwrap();
    let mut command = sandbox.command();
    command.args([verb, "--keyring", "ring", "--batch"]).args(rest.split_whitespace()).assert()
}

/// The one line in which `key list` tells of a certificate.
pub(crate) fn listed(sandbox: &Sandbox, which: &str) -> String {
    let listed = stdout(&key(sandbox, &format!("list {which}")).success());
    assert_eq!(listed.lines().count(), 1, "{listed}");
    listed
}

/// The fingerprint with which the answer of a verb of `key` begins.
pub(crate) fn print(run: &Assert) -> String {
    stdout(run).split(' ').next().unwrap().to_owned()
}

/// Every file of the keyring that has keys or certificates, with what is in it.
pub(crate) fn files(sandbox: &Sandbox) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    for folder in ["keys", "certs"] {
        let Ok(entries) = fs::read_dir(sandbox.path(&format!("ring/{folder}"))) else { continue };
        for entry in entries {
            let path = entry.unwrap().path();
            files.push((path.display().to_string(), fs::read(path).unwrap()));
        }
    }
    files.sort();
    files
}
