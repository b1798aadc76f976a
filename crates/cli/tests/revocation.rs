//! Attack 16: an issuer's revocation list counts, also against a certificate that the command line names.

#![allow(clippy::unwrap_used, reason = "a helper of tests fails its test")]

mod common;

use common::{Sandbox, stdout};
use mailseal_testkit::personas::REVOKED;

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
