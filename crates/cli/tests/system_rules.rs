//! The rules for algorithms that the system has make ours stricter and never laxer.

mod common;

use common::{Sandbox, failed, stdout};

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
