//! The life of a key: extended, added to, locked anew, taken back; in `keys/` and `certs/` alike.

#![allow(clippy::unwrap_used, reason = "a helper of tests fails its test")]

mod common;

use common::ring::{files, key, listed, with_ring};
use common::{Sandbox, failed, stdout};
use mailseal_testkit::personas::NOW;
use std::fs;

/// Ann's key, locked with `alice`; a copy of its certificate in `certs/`. Drafts are hers.
fn sandbox(technology: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    key(&sandbox, &format!("generate ann@example.org {technology} --passphrase-file alice.pass")).success();
    key(&sandbox, "export ann@example.org -o ann.cert").success();
    key(&sandbox, "import ann.cert").success();
    sandbox.write("draft.eml", sandbox.read("draft.eml").replace("alice@", "ann@"));
    sandbox
}

#[test]
fn a_key_is_extended() {
    let sandbox = sandbox("--pgp");
    let before = files(&sandbox);
    failed(key(&sandbox, "extend ann@example.org --until never"), 67);
    failed(key(&sandbox, "extend ann@example.org --until 2020-01-01T00:00:00Z --passphrase-file alice.pass"), 2);
    failed(key(&sandbox, "extend nobody@example.org --until never"), 61);
    failed(key(&sandbox, "extend ann@example.org --until tomorrow"), 2);
    assert_eq!(files(&sandbox), before);
    key(&sandbox, "extend ann@example.org --until 2040-01-02T03:04:05Z --passphrase-file alice.pass").success();
    assert!(listed(&sandbox, "ann@example.org").contains("until 2040-01-02, secret"));
    let late = "--pgp --at 2039-01-01T00:00:00Z draft.eml";
    failed(with_ring(&sandbox, &format!("sign {late}")), 67);
    with_ring(&sandbox, &format!("sign --passphrase-file alice.pass {late}")).success();
    with_ring(&sandbox, "check ann@example.org --at 2039-01-01T00:00:00Z").success();
    key(&sandbox, "extend ann@example.org --until never --passphrase-file alice.pass").success();
    assert!(listed(&sandbox, "ann@example.org").contains("no end, secret"));
}

/// Attack 24: what was taken back signs and is encrypted to no more. Without --yes nobody takes anything back by chance.
#[test]
fn a_key_is_taken_back() {
    let sandbox = sandbox("--pgp");
    let before = files(&sandbox);
    failed(key(&sandbox, "revoke ann@example.org --passphrase-file alice.pass"), 2);
    failed(key(&sandbox, "revoke ann@example.org --yes"), 67);
    failed(key(&sandbox, "revoke ann@example.org --yes --reason bored"), 37);
    let line = "revoke ann@example.org --reason compromised --message stolen --passphrase-file alice.pass";
    key(&sandbox, &format!("{line} -o revoked.asc")).success();
    assert_eq!(files(&sandbox), before);
    with_ring(&sandbox, "check ann@example.org --at 2027-01-01T00:00:00Z").success();

    key(&sandbox, &format!("{line} --yes")).success();
    listed(&sandbox, "ann@example.org");
    let told = stdout(&with_ring(&sandbox, "check ann@example.org --at 2027-01-01T00:00:00Z").code(17));
    assert!(told.contains("revoked"), "{told}");
    let sign = "sign --pgp --passphrase-file alice.pass --at 2027-01-01T00:00:00Z draft.eml";
    let said = failed(with_ring(&sandbox, sign), 79);
    assert!(said.contains("revoked"), "{said}");
}

/// What `revoke --output` wrote takes the key back wherever it is imported.
#[test]
fn a_written_revocation_is_kept_for_later() {
    let sandbox = sandbox("--pgp");
    key(&sandbox, "revoke ann@example.org --passphrase-file alice.pass -o revoked.asc").success();
    let text = sandbox.read("revoked.asc");
    assert!(text.contains("BEGIN PGP PUBLIC KEY BLOCK") && !text.contains("PRIVATE"));
    failed(key(&sandbox, "revoke ann@example.org --passphrase-file alice.pass -o revoked.asc"), 59);
    sandbox.run("check ann@example.org --cert ann.cert").success();
    sandbox.run("check ann@example.org --cert revoked.asc --at 2027-01-01T00:00:00Z").code(17);
}

/// The fingerprints of Ann's subkeys.
fn subkeys(sandbox: &Sandbox) -> Vec<String> {
    let told = listed(sandbox, "ann@example.org --json");
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    let subkeys = told["subkeys"].as_array().unwrap().iter();
    subkeys.map(|subkey| subkey.as_str().unwrap().to_owned()).collect()
}

#[test]
fn addresses_and_subkeys_come_and_go() {
    let sandbox = sandbox("--pgp");
    let unlock = "--passphrase-file alice.pass";
    key(&sandbox, &format!("add ann@example.org --user-id ann@work.example --name Ann {unlock}")).success();
    let both = listed(&sandbox, "ann@work.example");
    assert!(both.contains("ann@example.org") && both.contains("ann@work.example"), "{both}");
    failed(key(&sandbox, &format!("add ann@example.org --user-id ann@work.example {unlock}")), 2);
    key(&sandbox, &format!("add ann@example.org --subkey sign {unlock}")).success();
    key(&sandbox, &format!("add ann@example.org --subkey encrypt --algorithm p256 {unlock}")).success();
    with_ring(&sandbox, &format!("encrypt --pgp -r ann@example.org {unlock} --at {NOW} -o sealed.eml draft.eml"))
        .success();
    failed(with_ring(&sandbox, &format!("open --at {NOW} sealed.eml")), 67);
    with_ring(&sandbox, &format!("open --require-signed --at {NOW} {unlock} sealed.eml")).success();

    key(&sandbox, &format!("revoke ann@example.org --user-id ann@work.example --yes {unlock}")).success();
    assert!(!listed(&sandbox, "ann@example.org").contains("work"));
    with_ring(&sandbox, "check ann@example.org --at 2027-01-01T00:00:00Z").success();
    failed(key(&sandbox, &format!("revoke ann@example.org --user-id eve@example.org --yes {unlock}")), 2);
    let subkeys = subkeys(&sandbox);
    assert_eq!(subkeys.len(), 3, "{subkeys:?}");
    for subkey in &subkeys {
        key(&sandbox, &format!("revoke ann@example.org --subkey {subkey} --yes {unlock}")).success();
    }
    with_ring(&sandbox, "check ann@example.org --at 2027-01-01T00:00:00Z").code(17);
    failed(key(&sandbox, &format!("revoke ann@example.org --subkey abcdabcd --yes {unlock}")), 2);
    failed(key(&sandbox, &format!("revoke ann@example.org --subkey abcdabcdabcdabcd --yes {unlock}")), 2);
    failed(key(&sandbox, "add ann@example.org --subkey swim"), 37);
    failed(key(&sandbox, &format!("add ann@example.org --subkey sign --algorithm dsa {unlock}")), 37);
    failed(key(&sandbox, "add ann@example.org"), 2);
}

/// Another passphrase by each source, none, and the old one no more; both technologies.
#[test]
fn a_passphrase_is_changed() {
    for technology in ["--pgp", "--smime", "--pgp --profile rfc9580"] {
        let sandbox = sandbox(technology);
        let force = technology.split(' ').next().unwrap();
        sandbox.write("new.pass", "correct horse\n");
        sandbox.write("empty", "");
        let before = files(&sandbox);
        let old = "--passphrase-file alice.pass";
        failed(key(&sandbox, "passphrase ann@example.org --new-passphrase-file new.pass"), 67);
        failed(key(&sandbox, &format!("passphrase ann@example.org {old}")), 67);
        failed(key(&sandbox, &format!("passphrase ann@example.org {old} --new-passphrase-file empty")), 31);
        failed(key(&sandbox, &format!("passphrase ann@example.org {old} --new-passphrase-file missing")), 61);
        failed(
            key(&sandbox, &format!("passphrase ann@example.org {old} --new-passphrase-file new.pass --no-passphrase")),
            83,
        );
        failed(key(&sandbox, "passphrase ann@example.org --passphrase-fd 0 --new-passphrase-fd 0"), 83);
        assert_eq!(files(&sandbox), before);

        let sign = format!("sign {force} --at 2026-07-01T00:00:00Z draft.eml");
        key(&sandbox, &format!("passphrase ann@example.org {old} --new-passphrase-file new.pass")).success();
        failed(with_ring(&sandbox, &format!("{sign} {old}")), 67);
        with_ring(&sandbox, &format!("{sign} --passphrase-file new.pass")).success();
        let mut command = sandbox.command();
        command.args(["key", "passphrase", "--keyring", "ring", "--batch", "ann@example.org"]);
        command.args(["--passphrase-env", "OLD", "--new-passphrase-command", "cat alice.pass"]);
        command.env("OLD", "correct horse").assert().success();
        key(&sandbox, &format!("passphrase ann@example.org {old} --no-passphrase")).success();
        with_ring(&sandbox, &sign).success();
        let secret = fs::read_dir(sandbox.path("ring/keys")).unwrap().count();
        assert_eq!(secret, 1);
    }
}

/// What an X.509 certificate says its authority signed.
#[test]
fn x509_certificates_stay_as_they_are() {
    let sandbox = sandbox("--smime");
    let before = files(&sandbox);
    for verb in ["extend ann@example.org --until never", "revoke ann@example.org --yes"] {
        let said = failed(key(&sandbox, &format!("{verb} --passphrase-file alice.pass")), 13);
        assert!(said.contains("authority"), "{said}");
    }
    failed(key(&sandbox, "add ann@example.org --user-id ann@work.example --passphrase-file alice.pass"), 13);
    assert_eq!(files(&sandbox), before);
}

/// Attack 25: a key that a link leads to is changed where it lies, and is not said to be removed while it stays there.
#[cfg(unix)]
#[test]
fn a_key_behind_a_link() {
    let sandbox = Sandbox::new();
    key(&sandbox, "generate ann@example.org --pgp --no-passphrase").success();
    let link = fs::read_dir(sandbox.path("ring/keys")).unwrap().next().unwrap().unwrap().path();
    let real = sandbox.path("elsewhere.key");
    fs::rename(&link, &real).unwrap();
    std::os::unix::fs::symlink(&real, &link).unwrap();
    let open = fs::read(&real).unwrap();

    key(&sandbox, "passphrase ann@example.org --new-passphrase-file alice.pass").success();
    assert!(link.is_symlink() && fs::read(&real).unwrap() != open);
    failed(key(&sandbox, "extend ann@example.org --until never"), 67);

    failed(key(&sandbox, "remove ann@example.org --secret --yes"), 1);
    assert!(link.is_symlink() && real.exists());
}

/// Runs at the same time: each change is there afterwards, or its run said that it was not made.
#[test]
fn changes_at_the_same_time() {
    let sandbox = Sandbox::new();
    key(&sandbox, "generate ann@example.org --pgp --no-passphrase").success();
    let add = || key(&sandbox, "add ann@example.org --subkey sign").get_output().status.code().unwrap();
    let codes: Vec<i32> = std::thread::scope(|scope| {
        let runs: Vec<_> = (0..4).map(|_| scope.spawn(add)).collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    });
    assert!(codes.iter().all(|code| [0, 1].contains(code)) && codes.contains(&0), "{codes:?}");
    let listed: serde_json::Value = serde_json::from_str(&listed(&sandbox, "ann@example.org --json")).unwrap();
    let added = codes.iter().filter(|code| **code == 0).count();
    assert_eq!(listed["subkeys"].as_array().unwrap().len(), 1 + added, "{codes:?}");
}
