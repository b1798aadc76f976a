//! What people read: names where programs get hexadecimal, what a cipher is worth, and advice that helps.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper of tests fails its test")]

mod common;

use common::{Sandbox, failed, stderr, stdout};
use mailseal_testkit::personas::EVE_AS_ALICE;

const SMIME: &str = "--key alice.key.pem --cert alice.crt.pem --cert dave.crt.pem -r dave@example.org draft.eml";

/// R50, R67: a cipher without integrity is told to whoever sends and to whoever reads.
#[test]
fn a_cipher_without_integrity_is_told() {
    let sandbox = Sandbox::new();
    let told = stderr(&sandbox.run(&format!("encrypt {SMIME} -o out.eml")).success());
    assert!(told.starts_with("out.eml: dave@example.org (S/MIME, aes-256-cbc)\nnote: aes-256-cbc "), "{told}");
    let told = stdout(&sandbox.run(&format!("encrypt {SMIME} -o json.eml --json")).success());
    assert!(told.contains(r#""cipher":"aes-256-cbc""#) && told.contains(r#""integrity":"none""#), "{told}");
    let verify = "verify --key dave.key.pem --cert dave.crt.pem";
    let words = stdout(&sandbox.run(&format!("{verify} --cert alice.crt.pem out.eml")).success());
    assert!(words.contains("aes-256-cbc, and only the signature keeps it from being changed"), "{words}");
    sandbox.run(&format!("encrypt --no-sign {SMIME} -o unsigned.eml")).success();
    let words = stdout(&sandbox.run(&format!("{verify} unsigned.eml")).code(3));
    assert!(words.contains("aes-256-cbc, and nothing keeps it from being changed"), "{words}");

    let openpgp = "encrypt --key alice.key.asc --cert carol.cert.asc -r carol@example.org draft.eml -o pgp.eml";
    assert_eq!(stderr(&sandbox.run(openpgp).success()), "");
}

#[test]
fn recipients_have_names() {
    let sandbox = Sandbox::new();
    sandbox.run(&format!("encrypt {SMIME} -o out.eml")).success();
    let name = "CN=Mailseal Test Intermediate,O=Mailseal Test, serial ";
    let words = stdout(&sandbox.run("inspect out.eml").success());
    let lines: Vec<_> = words.lines().collect();
    assert_eq!(lines[0], "encrypted  S/MIME, aes-256-cbc, no integrity");
    assert!(lines.len() == 3 && lines[1..].iter().all(|line| line.starts_with(&format!("  to {name}"))), "{words}");
    let words = stdout(&sandbox.run("verify out.eml").code(29));
    assert_eq!(words.matches(&format!("  encrypted to {name}")).count(), 2, "{words}");
    let json = stdout(&sandbox.run("inspect --json out.eml").success());
    assert!(json.contains(r#""recipients":["303d"#) && !json.contains("CN="), "programs compare octets: {json}");
}

#[test]
fn a_signer_that_is_not_at_hand_is_named() {
    let sandbox = Sandbox::with_mail();
    let words = stdout(&sandbox.run("verify signed.eml").code(3));
    let inspected = stdout(&sandbox.run("inspect signed.eml").success());
    let fingerprint = words.lines().find_map(|line| line.strip_prefix("  the signer's certificate is ")).unwrap();
    assert!(inspected.contains(&format!("by {fingerprint}\n")), "{words}{inspected}");
    assert!(words.ends_with("  hint: --cert names the signer's certificate and vouches for it\n"), "{words}");
}

/// R61, R102, attack 3: whoever signs as somebody else is named only where somebody vouches for the certificate; an address
/// that a certificate of one's own making claims is not told as a signer's.
#[test]
fn a_claimed_address_is_not_the_signers() {
    let sandbox = Sandbox::new();
    sandbox.take(&EVE_AS_ALICE.smime_cert());
    sandbox.take(&EVE_AS_ALICE.smime_key());
    let claimed = "--cert eve-as-alice.crt.pem";
    sandbox.run(&format!("sign --key eve-as-alice.key.pem {claimed} -o claimed.eml draft.eml")).success();
    sandbox.run("sign --key eve.key.asc --user eve@example.org -o twice.eml claimed.eml").success();
    let words = stdout(&sandbox.run("verify --cert eve.cert.asc twice.eml").code(3));
    let first = words.lines().next().unwrap();
    assert_eq!(first, "unprotected  Alice <alice@example.org>  not signed by its sender: signed by eve@example.org");
    let words = stdout(&sandbox.run(&format!("verify --cert eve.cert.asc {claimed} twice.eml")).success());
    assert!(words.starts_with("signed  "), "where it is vouched for, it is: {words}");
}

#[test]
fn advice_fits_the_reason() {
    let sandbox = Sandbox::new();
    sandbox.run("sign --key alice.key.pem --cert alice.crt.pem -o mail draft.eml").success();
    let words = stdout(&sandbox.run("verify --anchor root.crt.pem mail").code(3));
    assert!(words.contains("nobody vouches for the certificate") && words.contains("--intermediate"), "{words}");
    let require = "verify --anchor root.crt.pem --intermediate intermediate.crt.pem --revocation require mail";
    let words = stdout(&sandbox.run(require).code(3));
    assert!(words.contains("whether the certificate is revoked is not known"), "{words}");
    assert!(words.contains("hint: --crl "), "{words}");
    let run = sandbox.run("sign --key locked.key.asc -u locked@example.org --passphrase-file alice.pass draft.eml");
    let said = stderr(&run);
    failed(run, 67);
    assert!(said.contains("hint: --passphrase-file, "), "{said}");
}

#[test]
fn a_required_signature_that_is_missing_is_explained() {
    let sandbox = Sandbox::with_mail();
    let run = sandbox.run("open --require-signed signed.eml");
    let said = stderr(&run);
    let error = failed(run, 3);
    let expected = "error: signed.eml is not signed by its sender: the signer's certificate is not at hand";
    assert_eq!(error, expected);
    assert!(said.ends_with("hint: --cert names the signer's certificate and vouches for it\n"), "{said}");
    let run = sandbox.run("open --require-signed draft.eml");
    assert_eq!(failed(run, 3), "error: draft.eml is not signed");
}

/// A signature that was made later than it is judged fits its key; people are told what is wrong with it.
#[test]
fn a_signature_that_does_not_count_yet() {
    let sandbox = Sandbox::with_mail();
    let words = stdout(&sandbox.run("verify --cert alice.cert.asc --at 2026-05-01T00:00:00Z signed.eml").code(3));
    assert!(words.contains("the signature does not count (the signature is not alive: "), "{words}");
}

/// Every word of the contract is in the schema, and every field is required.
#[test]
fn the_schema_has_the_words() {
    let schema: serde_json::Value = serde_json::from_str(&stdout(&Sandbox::new().run("schema").success())).unwrap();
    let words = |pointer: &str| schema.pointer(pointer).unwrap_or_else(|| panic!("{pointer}: {schema:#}"));
    assert_eq!(words("/properties/schema/const"), "mailseal.verdict/1");
    let reasons = words("/$defs/SenderVerdict/properties/reason/enum");
    assert_eq!(reasons.as_array().unwrap().len(), 17, "{reasons}");
    let checks = words("/$defs/SignatureVerdict/properties/check/enum");
    assert_eq!(checks.as_array().unwrap().len(), 10, "{checks}");
    for (kind, fields) in [("", "/properties"), ("/$defs/SenderVerdict", "/$defs/SenderVerdict/properties")] {
        let required = words(&format!("{kind}/required")).as_array().unwrap().len();
        assert_eq!(required, words(fields).as_object().unwrap().len(), "{kind}");
    }
}
