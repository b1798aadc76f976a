//! Locked keys: where passphrases come from, and what happens without.

mod common;

use common::{Sandbox, failed, stdout};
use mailseal_testkit::program::Program;

/// A draft from the person whose key is locked.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("draft.eml", sandbox.read("draft.eml").replace("Alice <alice@", "Locked <locked@"));
    sandbox.write("pass", "correct horse\nanother line\n");
    sandbox
}

#[test]
fn every_source_opens_the_key() {
    let sandbox = sandbox();
    for source in [
        "--passphrase-file pass",
        "--passphrase-file alice.pass --passphrase-file pass",
        "--passphrase-env SECRET",
        "--passphrase-fd 0",
    ] {
        let mut command = sandbox.command();
        command.args(["sign", "--no-keyring", "--batch", "--key", "locked.key.asc", "draft.eml"]);
        let run = command.args(source.split(' ')).env("SECRET", "correct horse").write_stdin("correct horse\n");
        let signed = stdout(&run.assert().success());
        assert!(signed.contains("multipart/signed"), "{source}");
    }
    let mut command = sandbox.command();
    command.args(["sign", "--no-keyring", "--batch", "--key", "locked.key.asc", "draft.eml"]);
    command.args(["--passphrase-command", "cat pass"]).assert().success();
}

#[test]
fn without_a_passphrase_the_key_stays_locked() {
    let sandbox = sandbox();
    for source in ["", "--passphrase-file alice.pass"] {
        let run = sandbox.run(&format!("sign --key locked.key.asc -o out.eml draft.eml {source}"));
        let said = failed(run, 67);
        assert!(said.contains("locked"), "{said}");
        assert!(!sandbox.path("out.eml").exists());
    }
}

#[test]
fn a_locked_pkcs12_is_67_too() {
    let sandbox = Sandbox::new();
    failed(sandbox.run("sign --key alice.p12 -o out.eml draft.eml"), 67);
    sandbox.run("sign --key alice.p12 --passphrase-file alice.pass -o out.eml draft.eml").success();
    assert!(sandbox.read("out.eml").contains("application/pkcs7-signature"));
}

/// A message to a passphrase, made by openssl: what `--passphrase-file` says is tried on it; 29 with wrong ones and
/// without.
#[test]
fn a_message_to_a_passphrase() {
    let sandbox = Sandbox::new();
    let Some(openssl) = Program::find("openssl") else { return };
    sandbox.write("inside.eml", "Content-Type: text/plain\r\n\r\nHello Alice.\r\n");
    sandbox.write("pass", "wintergreen\n");
    let words = ["cms", "-encrypt", "-aes-256-cbc", "-pwri_password", "wintergreen", "-in"];
    let sealed = openssl.args(words).arg(sandbox.path("inside.eml")).succeed();
    let head = "From: Alice <alice@example.org>\nTo: Alice <alice@example.org>\nSubject: hello\n";
    sandbox.write("sealed.eml", [head.as_bytes(), &sealed].concat());
    let opened = sandbox.run("open sealed.eml --passphrase-file alice.pass --passphrase-file pass").success();
    assert!(stdout(&opened).contains("Hello Alice."));
    for source in ["", "--passphrase-file alice.pass"] {
        failed(sandbox.run(&format!("open -o out.eml sealed.eml {source}")), 29);
        assert!(!sandbox.path("out.eml").exists());
    }
}

#[test]
fn a_source_without_a_passphrase_is_31() {
    let sandbox = sandbox();
    sandbox.write("empty", "");
    sandbox.write("binary", b"\xff\xfe\xfd\n");
    for source in ["--passphrase-file empty", "--passphrase-file binary", "--passphrase-env NOT_SET"] {
        failed(sandbox.run(&format!("sign --key locked.key.asc {source} draft.eml")), 31);
    }
}

#[test]
fn standard_input_is_read_by_one() {
    let sandbox = sandbox();
    failed(sandbox.run("sign --key locked.key.asc --passphrase-fd 0"), 83);
    failed(sandbox.run("verify --files-from - -"), 83);
}
