//! Attack 16: an issuer's revocation list counts, also against a certificate that the command line names.

#![allow(clippy::unwrap_used, reason = "a helper of tests fails its test")]

mod common;

use common::{Sandbox, stderr, stdout};
use mailseal_testkit::personas::{NOW, REVOKED};
use mailseal_testkit::program::Program;

#[test]
fn a_named_certificate_that_is_revoked_signs_nothing() {
    let sandbox = Sandbox::new();
    sandbox.take(&REVOKED.smime_cert());
    sandbox.take(&REVOKED.smime_key());
    sandbox.run("sign --key revoked.key.pem --cert revoked.crt.pem -o mail draft.eml").success();
    let verify = "verify --json --cert revoked.crt.pem mail";
    sandbox.run(verify).success();
    sandbox.run(&format!("{verify} --crl intermediate.crl.pem")).success();
    for issuer in
        ["--intermediate intermediate.crt.pem", "--cert intermediate.crt.pem", "--anchor intermediate.crt.pem"]
    {
        let listed = format!("{verify} {issuer} --crl intermediate.crl.pem");
        let told = stdout(&sandbox.run(&listed).code(3));
        assert!(told.contains(r#""sender":{"status":"unverified","address":"alice@example.org","reason":"revoked"}"#));
        sandbox.run(&format!("{listed} --revocation none")).success();
    }
}

#[test]
fn a_named_certificate_needs_a_list_where_one_is_required() {
    let sandbox = Sandbox::new();
    sandbox.run("sign --key alice.key.pem --cert alice.crt.pem -o mail draft.eml").success();
    let verify = "verify --json --cert alice.crt.pem --intermediate intermediate.crt.pem --revocation require mail";
    let told = stdout(&sandbox.run(verify).code(3));
    assert!(told.contains(r#""certificate":{"status":"untrusted","reason":"revocation-unknown""#), "{told}");
    sandbox.run(&format!("{verify} --crl intermediate.crl.pem")).success();
    let encrypt =
        "encrypt --no-sign -r dave@example.org --cert dave.crt.pem --intermediate intermediate.crt.pem draft.eml";
    sandbox.run(&format!("{encrypt} --revocation require")).code(17);
    sandbox.run(&format!("{encrypt} --revocation require --crl intermediate.crl.pem")).success();
}

/// A list whose issuer nobody gave counts for nothing unless a message brings it: that is told.
#[test]
fn a_list_without_its_issuer_is_told_of() {
    let sandbox = Sandbox::new();
    sandbox.run("sign --key alice.key.pem --cert alice.crt.pem -o mail draft.eml").success();
    let warning = "warning: intermediate.crl.pem: the certificate of its issuer, CN=Mailseal Test Intermediate";
    let verify = "verify --cert alice.crt.pem --crl intermediate.crl.pem mail";
    let told = stderr(&sandbox.run(verify).success());
    assert!(told.contains(warning), "{told}");
    let told = stderr(&sandbox.run(&format!("{verify} --intermediate intermediate.crt.pem")).success());
    assert!(!told.contains("warning"), "{told}");
}

/// The keyring's lists count as those of the command line; a broken one is told of.
#[test]
fn lists_of_the_keyring() {
    let sandbox = Sandbox::new();
    sandbox.take(&REVOKED.smime_cert());
    sandbox.take(&REVOKED.smime_key());
    sandbox.run("sign --key revoked.key.pem --cert revoked.crt.pem -o mail draft.eml").success();
    for (folder, file) in
        [("anchors", "root.crt.pem"), ("intermediates", "intermediate.crt.pem"), ("crls", "intermediate.crl.pem")]
    {
        let folder = sandbox.path("ring").join(folder);
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::copy(sandbox.path(file), folder.join(file)).unwrap();
    }
    std::fs::write(sandbox.path("ring/crls/broken"), "no list").unwrap();
    let verify = |more: &[&str]| {
        let words = ["verify", "--json", "--keyring", "ring", "--batch", "--at", NOW];
        sandbox.command().args(words).args(more).arg("mail").assert()
    };
    let output = verify(&[]).code(3);
    assert!(
        stdout(&output).contains(r#""certificate":{"status":"untrusted","reason":"revoked""#),
        "{}",
        stdout(&output)
    );
    assert!(stderr(&output).contains("broken is left out"), "{}", stderr(&output));
    verify(&["--revocation", "none"]).success();
}

/// An anchor may be roots of NSS or a trusted certificate of openssl; who is rejected for mail is none.
#[test]
fn anchors_that_say_for_what() {
    let sandbox = Sandbox::new();
    let Some(openssl) = Program::find("openssl") else { return };
    sandbox.run("sign --key alice.key.pem --cert alice.crt.pem -o mail draft.eml").success();
    let trustout = ["x509", "-in", "root.crt.pem", "-trustout", "-out", "kept.pem"];
    let verify = "verify --json --anchor kept.pem --intermediate intermediate.crt.pem mail";
    let _ = openssl.dir(&sandbox.path("")).args(trustout).args(["-addtrust", "emailProtection"]).succeed();
    sandbox.run(verify).success();
    let openssl = Program::find("openssl").unwrap();
    let _ = openssl.dir(&sandbox.path("")).args(trustout).args(["-addreject", "emailProtection"]).succeed();
    let told = stdout(&sandbox.run(verify).code(3));
    assert!(told.contains(r#""certificate":{"status":"unknown","reason":"no-path""#), "{told}");
}
