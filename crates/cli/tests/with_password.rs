//! `encrypt --with-password`: messages that whoever knows a password reads, and how they are opened.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper of tests fails its test")]

mod common;

use common::{Sandbox, failed, stderr, stdout};
use serde_json::Value;

fn json(line: &str) -> Value {
    serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"))
}

/// Passwords in files and a draft of their own for each test.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("sesame", "open sesame\nanother line\n");
    sandbox.write("staple", "größer als\r\n");
    sandbox.write("wrong", "open barley\n");
    sandbox.write("empty", "\n");
    sandbox.write("alone.eml", "From: Alice <alice@example.org>\nSubject: hello\n\nat noon\n");
    let to = "From: Alice <alice@example.org>\nTo: dora@example.org\nSubject: hello\n\nat noon\n";
    sandbox.write("to-nobody.eml", to);
    sandbox
}

/// Recipients of both technologies: each message is opened by each password, by its recipient and by its sender.
#[test]
fn every_message_has_every_password() {
    let sandbox = sandbox();
    let keys = "--key alice.key.asc --key alice.key.pem --cert alice.crt.pem";
    let encrypt = format!("encrypt {keys} --cert carol.cert.asc --cert dave.crt.pem --anchor root.crt.pem");
    let run = sandbox.run(&format!("{encrypt} --with-password sesame --with-password staple -o out.eml draft.eml"));
    assert!(!stderr(&run.success()).contains("by a password alone"));
    for (file, key) in [("out.openpgp.eml", "carol.key.asc"), ("out.smime.eml", "dave.p12 --passphrase-file dave.pass")]
    {
        let sender = "alice.key.asc --key alice.key.pem --cert alice.crt.pem";
        for reader in ["--passphrase-file sesame", "--passphrase-file wrong --passphrase-file staple"] {
            let opened = sandbox.run(&format!("open {file} --cert alice.cert.asc --anchor root.crt.pem {reader}"));
            assert!(stdout(&opened.success()).contains("second key"), "{file} {reader}");
        }
        for key in [key, sender] {
            assert!(
                stdout(&sandbox.run(&format!("open {file} --key {key}")).success()).contains("second key"),
                "{file} {key}"
            );
        }
        let inspected = stdout(&sandbox.run(&format!("inspect {file}")).success());
        assert_eq!(inspected.matches("to whoever knows a password").count(), 2, "{inspected}");
    }
}

/// R135: a wrong password and none are one exit code and one hint, which says that there is a password.
#[test]
fn without_the_password_it_is_29() {
    let sandbox = sandbox();
    for force in ["", "--smime"] {
        let encrypt = format!("encrypt {force} --no-sign --with-password sesame --overwrite -o out.eml alone.eml");
        sandbox.run(&encrypt).success();
        for source in ["", "--passphrase-file wrong"] {
            let open = format!("open {source} -o opened.eml out.eml");
            failed(sandbox.run(&open), 29);
            let said = stderr(&sandbox.run(&open));
            assert!(said.contains("no --passphrase-file (-env, -fd, -command) has its password"), "{said}");
            assert!(!sandbox.path("opened.eml").exists());
        }
        let told = json(&stdout(&sandbox.run("verify --json --passphrase-file sesame out.eml").code(3)));
        assert_eq!(told["layers"][0]["recipients"], serde_json::json!(["password"]), "{told}");
        assert_eq!((&told["layers"][0]["decryption"], &told["summary"]), (&"done".into(), &"encrypted".into()));
        let told = json(&stdout(&sandbox.run("inspect --json out.eml").success()));
        assert_eq!(told["layers"][0]["recipients"], serde_json::json!(["password"]), "{told}");
    }
}

/// Where nobody decides it, the message is OpenPGP; it is signed as always.
#[test]
fn a_message_to_nobody_is_of_openpgp() {
    let sandbox = sandbox();
    let sealed = stdout(&sandbox.run("encrypt --key alice.key.asc --with-password sesame alone.eml").success());
    assert!(sealed.contains("application/pgp-encrypted"), "{sealed}");
    let opened = sandbox.run_with("open --require-signed --cert alice.cert.asc --passphrase-file sesame", sealed);
    assert!(stdout(&opened.success()).contains("at noon"));
    failed(sandbox.run("encrypt --key alice.key.asc alone.eml"), 2);
    failed(sandbox.run("encrypt --with-password sesame alone.eml"), 79);
}

#[test]
fn every_source() {
    let sandbox = sandbox();
    for source in ["sesame", "@ENV:SECRET", "@FD:0"] {
        let mut command = sandbox.command();
        command.args(["encrypt", "--no-keyring", "--no-sign", "--batch", "--overwrite", "-o", "out.eml", "alone.eml"]);
        let run =
            command.args(["--with-password", source]).env("SECRET", "open sesame").write_stdin("open sesame\nmore");
        run.assert().success();
        let opened = sandbox.run("open --passphrase-file sesame out.eml").success();
        assert!(stdout(&opened).contains("at noon"), "{source}");
    }
}

#[test]
fn sources_that_fail() {
    let sandbox = sandbox();
    for (source, code) in
        [("empty", 31), ("missing", 61), ("@ENV:NOT_SET", 61), ("@FD:77", 61), ("@FD:x", 2), ("@HARDWARE:1", 37)]
    {
        let run = sandbox.run(&format!("encrypt --no-sign --with-password {source} -o out.eml alone.eml"));
        let said = failed(run, code);
        assert!(!said.contains("sesame") && !sandbox.path("out.eml").exists(), "{source}: {said}");
    }
    failed(sandbox.run("encrypt --no-sign --with-password @FD:0"), 83);
    failed(sandbox.run("encrypt --no-sign --with-password @FD:0 --passphrase-fd 0 alone.eml"), 83);
}

/// A recipient of the header is meant to know the password and is told of; whom the command line names needs a certificate.
#[test]
fn recipients_without_a_certificate() {
    let sandbox = sandbox();
    let encrypt = "encrypt --key alice.key.asc --with-password sesame";
    failed(sandbox.run("encrypt --key alice.key.asc to-nobody.eml"), 17);
    let told = stderr(&sandbox.run(&format!("{encrypt} -o out.eml to-nobody.eml")).success());
    assert!(told.contains("note: dora@example.org reads it by a password alone: no certificate"), "{told}");
    let run = sandbox.run(&format!("{encrypt} --overwrite --json -o out.eml to-nobody.eml"));
    let told = json(&stdout(&run.success()));
    assert_eq!(told["recipients"], serde_json::json!(["dora@example.org"]));
    assert_eq!(told["by_password"], serde_json::json!(["dora@example.org"]));
    sandbox.run("open --passphrase-file sesame out.eml").success();
    for named in ["-r dora@example.org", "-R dora@example.org"] {
        failed(sandbox.run(&format!("{encrypt} {named} to-nobody.eml")), 17);
    }
}
