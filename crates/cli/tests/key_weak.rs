//! Weak keys and broken ones go into the keyring at most to be told of; nothing is done with them.

#![allow(clippy::unwrap_used, reason = "a helper of tests fails its test")]

mod common;

use common::{Sandbox, failed, stderr, stdout};
use mailseal_testkit::corpus::{self, Operation};
use mailseal_testkit::gnupg::Home;

/// RSA with 1024 bits and DSA, made by gpg: kept, told as weak, never encrypted to and never signed with. What such a key says
/// of its addresses counts for nothing, so that nobody finds it by one.
#[test]
fn small_rsa_and_dsa_are_never_used() {
    let Some(home) = Home::new() else { return };
    for kind in ["rsa1024", "dsa1024"] {
        let sandbox = Sandbox::new();
        let make = ["--passphrase", "", "--quick-gen-key", "Wim <wim@example.org>", kind, "default", "never"];
        let home = if kind == "rsa1024" { &home } else { &Home::new().unwrap() };
        drop(home.gpg().args(make).succeed());
        sandbox.write("weak.key", home.gpg().args(["--passphrase", "", "--export-secret-keys"]).succeed());
        sandbox.write("draft.eml", sandbox.read("draft.eml").replace("alice@", "wim@"));
        let run = |line: &str| {
            let words: Vec<_> = line.split_whitespace().collect();
            let at = words.iter().position(|word| *word == "RING").unwrap();
            let mut command = sandbox.command();
            command.args(&words[..at]).args(["--keyring", "ring", "--batch"]).args(&words[at + 1..]).assert()
        };
        let imported = run("key import RING weak.key").success();
        assert!(stderr(&imported).contains("weak-algorithm"), "{kind}: {}", stderr(&imported));
        let told = stdout(&imported);
        let print = told.split(' ').next().unwrap();
        let listed = stdout(&run(&format!("key list RING {print}")).success());
        assert!(listed.contains(", weak-algorithm, secret"), "{kind}: {listed}");
        run("check RING wim@example.org").code(17);
        let said = failed(run(&format!("sign RING --pgp -u {print} -o out.eml draft.eml")), 79);
        assert!(said.contains("weak-algorithm") && !sandbox.path("out.eml").exists(), "{kind}: {said}");
        failed(run("encrypt RING --pgp --no-sign -r wim@example.org -o out.eml draft.eml"), 17);
    }
}

/// Every key of three folders of the vectors: whatever it is, the import ends with a code of the contract.
#[test]
fn keys_of_the_vectors_are_refused_or_kept() {
    for folder in ["badkeys", "sequoia", "gnupg"] {
        let Some(cases) = corpus::cases(folder) else { return };
        let keys: Vec<_> = cases.into_iter().filter(|case| case.operation == Operation::ImportKey).collect();
        assert!(!keys.is_empty(), "{folder}");
        for case in keys {
            let sandbox = Sandbox::new();
            let mut command = sandbox.command();
            let run = command.args(["key", "import", "--keyring", "ring", "--batch"]).arg(&case.file).assert();
            let code = run.get_output().status.code();
            assert!(matches!(code, Some(0 | 13 | 41 | 67)), "{}: {code:?} {}", case.id, stderr(&run));
        }
    }
}
