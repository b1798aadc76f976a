//! The rules for algorithms that the system has make ours stricter and never laxer.

mod common;

use common::{Sandbox, failed, stderr, stdout};
use mailseal_testkit::personas::NOW;

fn verify(sandbox: &Sandbox, rules: &str) -> assert_cmd::assert::Assert {
    let path = sandbox.path("rules");
    sandbox.write("rules", rules);
    let mut command = sandbox.command();
    command.env("SEQUOIA_CRYPTO_POLICY", path).args("verify --json --cert alice.cert.asc signed.eml".split(' '));
    command.assert()
}

/// R67: what the file refuses is weak, with its reason in the verdict.
#[test]
fn what_the_system_refuses_is_weak() {
    let sandbox = Sandbox::with_mail();
    verify(&sandbox, "").success();
    for rules in ["[hash_algorithms]\nsha256 = \"never\"\n", "[asymmetric_algorithms]\neddsa = \"never\"\n"] {
        let told = stdout(&verify(&sandbox, rules).code(3));
        assert!(told.contains("\"weak-algorithm\"") && told.contains("\"unprotected\""), "{told}");
    }
    let other = "[hash_algorithms]\nsha512 = \"never\"\n[asymmetric_algorithms]\nrsa4096 = \"never\"\n";
    verify(&sandbox, other).success();
}

/// A file that is missing or no rules at all is told; an empty name leaves the rules out.
#[test]
fn rules_that_cannot_be_read() {
    let sandbox = Sandbox::with_mail();
    failed(verify(&sandbox, "sha256"), 41);
    let mut command = sandbox.command();
    command.env("SEQUOIA_CRYPTO_POLICY", sandbox.path("missing")).args(["verify", "signed.eml"]);
    failed(command.assert(), 61);
    let mut command = sandbox.command();
    command.env("SEQUOIA_CRYPTO_POLICY", "").args("verify --cert alice.cert.asc signed.eml".split(' '));
    command.assert().success();
}

/// `key list` and `key import` tell of a key that no other verb would use.
#[test]
fn keys_that_the_system_refuses_are_told() {
    let sandbox = Sandbox::new();
    sandbox.write("rules", "[asymmetric_algorithms]\neddsa = \"never\"\n");
    let run = |line: &str| {
        let mut command = sandbox.command();
        command.env("SEQUOIA_CRYPTO_POLICY", sandbox.path("rules"));
        command.args(line.split_whitespace()).args(["--keyring", "ring"]).assert().success()
    };
    let imported = run("key import --batch bob.cert.asc alice.cert.asc");
    assert_eq!(
        stderr(&imported).matches("neither signs nor encrypts: weak-algorithm").count(),
        1,
        "{}",
        stderr(&imported)
    );
    let listed = stdout(&run(&format!("key list --at {NOW} alice@example.org")));
    assert!(listed.contains(", weak-algorithm, "), "{listed}");
}
