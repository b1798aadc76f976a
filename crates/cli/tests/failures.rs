//! What is locked, missing, expired, revoked, weak or not vouched for: of every verb its own word, its exit code and one hint, and
//! nobody is waited for.

#![allow(clippy::unwrap_used, reason = "a helper of tests fails its test")]

mod common;

use assert_cmd::assert::Assert;
use common::{Sandbox, stderr, stdout};
use mailseal_testkit::gnupg::Home;
use mailseal_testkit::personas::NOW;
use std::time::Duration;

/// When everybody was able to sign.
const THEN: &str = "2026-02-01T00:00:00Z";

/// A folder with `NAME.cert.asc`, `NAME.key.asc`, and `NAME.eml`, which NAME signed then.
fn people() -> Sandbox {
    let sandbox = Sandbox::new();
    let key = |line: String| {
        let mut words = line.split_whitespace();
        let verb = words.next().unwrap();
        sandbox.command().args(["key", verb, "--keyring", "made"]).args(words).assert().success();
    };
    let draft = sandbox.read("draft.eml");
    for (name, until) in
        [("expired", "2026-03-01T00:00:00Z"), ("revoked", "never"), ("retired", "never"), ("stranger", "never")]
    {
        let address = format!("{name}@example.net");
        key(format!("generate {address} --pgp --no-passphrase --batch --at 2026-01-01T00:00:00Z --until {until}"));
        key(format!("export {address} -o {name}.cert.asc"));
        key(format!("export {address} --secret --no-passphrase --batch -o {name}.key.asc"));
        sandbox.write("by.eml", draft.replace("alice@example.org", &address));
        let sign = ["sign", "--no-keyring", "--batch", "--at", THEN, "--key"];
        let files = [format!("{name}.key.asc"), "-o".to_owned(), format!("{name}.eml"), "by.eml".to_owned()];
        sandbox.command().args(sign).args(files).assert().success();
    }
    for (name, reason) in [("revoked", "compromised"), ("retired", "retired")] {
        let at = "--at 2026-03-01T00:00:00Z --yes --batch";
        key(format!("revoke {name}@example.net --reason {reason} {at}"));
        key(format!("export {name}@example.net --overwrite -o {name}.cert.asc"));
        key(format!("export {name}@example.net --secret --no-passphrase --batch --overwrite -o {name}.key.asc"));
    }
    sandbox
}

/// Runs with nobody to ask; it may not take long.
fn run(sandbox: &Sandbox, line: &str) -> Assert {
    let mut words = line.split_whitespace();
    let verb = words.next().unwrap();
    let mut command = sandbox.command();
    command.args([verb, "--batch", "--at", NOW]).args(words);
    if !line.contains("--keyring") {
        command.arg("--no-keyring");
    }
    command.timeout(Duration::from_secs(60)).assert()
}

/// The word, the code and the hint of a run, which says nothing twice.
#[track_caller]
fn holds(sandbox: &Sandbox, (line, code, word, hint): (&str, i32, &str, &str)) {
    let run = run(sandbox, line);
    let said = [stdout(&run), stderr(&run)].concat();
    let run = run.try_code(code);
    assert!(run.is_ok(), "{line}: not {code}: {said}");
    assert!(said.contains(word), "{line}: no {word:?} in {said}");
    assert_eq!(said.matches("hint: ").count(), 1, "{line}: {said}");
    assert!(said.lines().any(|line| line.contains("hint: ") && line.contains(hint)), "{line}: no {hint:?} in {said}");
    assert!(!said.contains("panicked"), "{said}");
}

/// Signing with what no longer signs, stays locked or is not there.
#[test]
fn sign() {
    let sandbox = people();
    for name in ["expired", "revoked", "retired", "locked"] {
        let domain = if name == "locked" { "example.org" } else { "example.net" };
        let draft = sandbox.read("draft.eml").replace("alice@example.org", &format!("{name}@{domain}"));
        sandbox.write(&format!("{name}.draft"), draft);
    }
    sandbox.write("wrong", "wrong\n");
    for row in [
        ("sign --key expired.key.asc expired.draft", 79, "expired", "--key names another key"),
        ("sign --key revoked.key.asc revoked.draft", 79, "revoked", "--key names another key"),
        ("sign --key retired.key.asc retired.draft", 79, "revoked", "--key names another key"),
        ("sign --key locked.key.asc locked.draft", 67, "locked", "--passphrase-file"),
        ("sign --key locked.key.asc --passphrase-file wrong locked.draft", 67, "locked", "--passphrase-file"),
        ("sign draft.eml", 79, "alice@example.org", "--key names a secret key"),
        ("sign --key none.asc draft.eml", 61, "none.asc", ""),
    ] {
        if row.3.is_empty() {
            run(&sandbox, row.0).code(row.1);
        } else {
            holds(&sandbox, row);
        }
    }
}

/// Encrypting to people whose certificates will not do.
#[test]
fn encrypt_and_check() {
    let sandbox = people();
    std::fs::create_dir_all(sandbox.path("ring/certs")).unwrap();
    std::fs::copy(sandbox.path("stranger.cert.asc"), sandbox.path("ring/certs/stranger.asc")).unwrap();
    let (other, force) = ("--cert names a certificate", "in force");
    for (name, option, word, check) in [
        ("expired", "--cert expired.cert.asc", "expired", force),
        ("revoked", "--cert revoked.cert.asc", "revoked", force),
        ("retired", "--cert retired.cert.asc", "revoked", force),
        ("stranger", "--keyring ring", "untrusted", "--cert vouches"),
        ("nobody", "", "no certificate", "--cert names a certificate"),
    ] {
        let encrypt = format!("encrypt --no-sign {option} -r {name}@example.net draft.eml");
        holds(&sandbox, (&encrypt, 17, word, other));
        holds(&sandbox, (&format!("check {option} {name}@example.net"), 17, word, check));
    }
    let locked =
        "encrypt --key locked.key.asc -u locked@example.org --cert carol.cert.asc -r carol@example.org draft.eml";
    holds(&sandbox, (locked, 67, "locked", "--passphrase-file"));
}

/// Reading what somebody signed while all was well; what was signed before the end is told now, and good at its time.
#[test]
fn verify_and_open() {
    let sandbox = people();
    std::fs::create_dir_all(sandbox.path("ring/certs")).unwrap();
    std::fs::copy(sandbox.path("stranger.cert.asc"), sandbox.path("ring/certs/stranger.asc")).unwrap();
    for (name, option, reason, words, hint) in [
        ("expired", "--cert expired.cert.asc", "expired", "not valid at that time", "--at judges"),
        ("revoked", "--cert revoked.cert.asc", "revoked", "revoked", "in force"),
        ("retired", "--cert retired.cert.asc", "revoked", "revoked", "in force"),
        ("stranger", "--keyring ring", "untrusted", "nobody vouches", "--cert vouches"),
        ("stranger", "", "unknown-certificate", "not at hand", "--cert names the signer's certificate"),
    ] {
        holds(&sandbox, (&format!("verify {option} {name}.eml"), 3, words, hint));
        holds(&sandbox, (&format!("open {option} --require-signed {name}.eml"), 3, words, hint));
        let verdict = stdout(&run(&sandbox, &format!("verify --json {option} {name}.eml")).code(3));
        assert!(verdict.contains(&format!(r#""reason":"{reason}""#)), "{verdict}");
    }
    let then = |name: &str| {
        let cert = format!("{name}.cert.asc");
        let mail = format!("{name}.eml");
        sandbox.command().args(["verify", "--no-keyring", "--at", THEN, "--cert", &cert, &mail]).assert()
    };
    then("expired").success();
    then("retired").success();
    then("revoked").code(3);
}

/// Decrypting without the key, or with one that stays locked.
#[test]
fn decrypt() {
    let sandbox = Sandbox::with_mail();
    sandbox.run("encrypt --no-sign --cert locked.cert.asc -r locked@example.org -o for-locked.eml draft.eml").success();
    for row in [
        ("open sealed.eml", 29, "cannot decrypt", "no --key is a recipient's"),
        ("open --key bob.key.asc sealed.eml", 29, "cannot decrypt", "no --key is a recipient's"),
        ("open --key locked.key.asc for-locked.eml", 67, "locked", "--passphrase-file"),
    ] {
        holds(&sandbox, row);
    }
    run(&sandbox, "verify --key locked.key.asc for-locked.eml").code(67);
    run(&sandbox, "verify sealed.eml").code(29);
}

/// RSA of 1024 bits and DSA, which gpg makes: too weak whatever they signed.
#[test]
fn weak_keys() {
    let Some(home) = Home::new() else { return };
    let sandbox = Sandbox::new();
    let draft = sandbox.read("draft.eml");
    for kind in ["rsa1024", "dsa2048"] {
        let address = format!("{kind}@example.net");
        let clock = ["--faked-system-time", "20260101T000000", "--passphrase", ""];
        drop(home.gpg().args(clock).args(["--quick-generate-key", &address, kind, "sign", "never"]).succeed());
        sandbox.write(&format!("{kind}.asc"), home.gpg().args(["--armor", "--export", &address]).succeed());
        let secret = home.gpg().args(["--passphrase", "", "--armor", "--export-secret-keys", &address]).succeed();
        sandbox.write(&format!("{kind}.key"), secret);
        sandbox.write(&format!("{kind}.draft"), draft.replace("alice@example.org", &address));
        holds(&sandbox, (&format!("sign --key {kind}.key {kind}.draft"), 79, "weak-algorithm", "--key names another"));
        let encrypt = format!("encrypt --no-sign --cert {kind}.asc -r {address} draft.eml");
        holds(&sandbox, (&encrypt, 17, "weak-algorithm", "--cert names a certificate"));
        holds(&sandbox, (&format!("check --cert {kind}.asc {address}"), 17, "weak-algorithm", "in force"));

        let body = "Content-Type: text/plain\r\n\r\nHello\r\n";
        let sign =
            ["--faked-system-time", "20260201T000000", "--armor", "--detach-sign", "--digest-algo", "SHA256", "-u"];
        let signature = String::from_utf8(home.gpg().args(sign).arg(&address).stdin(body).succeed()).unwrap();
        let head = format!(
            "From: {address}\r\nTo: bob@example.org\r\nSubject: s\r\nDate: Sun, 01 Feb 2026 00:00:00 +0000\r\n"
        );
        let kind_of_mail = "MIME-Version: 1.0\r\nContent-Type: multipart/signed; micalg=pgp-sha256; boundary=b;\r\n \
                            protocol=\"application/pgp-signature\"\r\n\r\n";
        let second = "\r\n--b\r\nContent-Type: application/pgp-signature\r\n\r\n";
        let mail = format!("{head}{kind_of_mail}--b\r\n{body}{second}{signature}\r\n--b--\r\n");
        sandbox.write(&format!("{kind}.eml"), mail);
        holds(&sandbox, (&format!("verify --cert {kind}.asc {kind}.eml"), 3, "too weak", "newer key"));
    }
}
