//! R131, R136, attack 24: nothing in a message selects a file, imports a key, changes trust or sets a recipient.

#![allow(clippy::unwrap_used, reason = "a helper of tests fails its test")]

mod common;

use common::{Sandbox, stdout};
use mailseal_testkit::attacks;
use mailseal_testkit::personas::{ALICE, NOW};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Every file below a folder with what is in it.
fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(contents(&path));
        } else {
            all.insert(path.clone(), fs::read(&path).unwrap());
        }
    }
    all
}

#[test]
fn a_keyring_is_the_same_after_reading_mail() {
    let sandbox = Sandbox::new();
    fs::create_dir_all(sandbox.path("ring/certs")).unwrap();
    fs::copy(ALICE.openpgp_cert(), sandbox.path("ring/certs/alice.asc")).unwrap();
    fs::write(sandbox.path("ring/pins"), "").unwrap();
    let before = contents(&sandbox.path(""));
    let cases: Vec<_> = attacks::cases().into_iter().filter(|case| case.file.starts_with("24-")).collect();
    assert!(!cases.is_empty());
    for case in cases {
        let run = |verb: &str| {
            let mut command = sandbox.command();
            command.args([verb, "--batch", "--at", NOW, "--keyring", "ring"]).arg(case.path()).assert()
        };
        let first = stdout(&run("verify"));
        run("open").success();
        // What the first reading left behind would show in the second.
        assert_eq!(stdout(&run("verify")), first, "{}", case.file);
        assert_eq!(contents(&sandbox.path("")), before, "{}", case.file);
    }
}

/// Fields of a draft that mail programs have taken for file names are fields.
#[test]
fn a_draft_attaches_nothing() {
    let sandbox = Sandbox::new();
    sandbox.write("secret", "the second key lies under the bridge");
    let draft =
        "From: alice@example.org\nTo: carol@example.org\nSubject: x\nAttach: secret\nX-Attachment: secret\n\nHello\n";
    sandbox.write("draft.eml", draft);
    sandbox.run("sign --key alice.key.asc -o signed.eml draft.eml").success();
    let signed = sandbox.read("signed.eml");
    assert!(!signed.contains("second key") && signed.contains("Attach: secret"), "{signed}");
}
