//! Inline PGP and hidden recipients on the command line.

#![allow(clippy::unwrap_used, reason = "a test fails where it must")]

mod common;

use common::ring::{key, key_in, print, with_ring};
use common::{Sandbox, failed, stderr, stdout};
use serde_json::Value;

const CAROL: &str = "--key carol.key.asc --cert alice.cert.asc";

/// `inline.eml` of Eve, whose text holds the block out of `sealed.eml` of Alice between two lines of Eve's.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::with_mail();
    let sealed = sandbox.read("sealed.eml");
    let begin = sealed.find("-----BEGIN PGP MESSAGE-----").unwrap();
    let end = sealed.find("-----END PGP MESSAGE-----").unwrap() + "-----END PGP MESSAGE-----\r\n".len();
    let block = &sealed[begin..end];
    sandbox.write(
        "inline.eml",
        format!(
            "From: Eve <eve@example.org>\r\nSubject: of Eve\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\n\
             Eve writes before.\r\n{block}Eve writes behind.\r\n"
        ),
    );
    sandbox
}

/// R39, R59, attacks 4 and 5: listed, not opened; the message is what it is without the block.
#[test]
fn it_is_told_and_not_opened() {
    let sandbox = sandbox();
    let run = sandbox.run(&format!("open {CAROL} --json inline.eml")).success();
    assert_eq!(stdout(&run), sandbox.read("inline.eml"));
    let verdict: Value = serde_json::from_str(&stderr(&run)).unwrap();
    assert_eq!(verdict["summary"], "unprotected");
    let errant = serde_json::json!([{"part": "", "protocol": "openpgp", "kind": "encrypted", "form": "inline"}]);
    assert_eq!(verdict["errant"], errant);
    sandbox.run(&format!("verify {CAROL} inline.eml")).code(3);
    failed(sandbox.run(&format!("open {CAROL} --require-signed inline.eml")), 3);
    let words = stderr(&sandbox.run(&format!("open {CAROL} inline.eml")).success());
    assert!(words.contains("in the text something is encrypted (OpenPGP)"), "{words}");
}

/// Attack 5: what comes out is the block alone, marked, every line behind a bar; Eve's lines are not there.
#[test]
fn it_is_opened_by_itself() {
    let sandbox = sandbox();
    let written = stdout(&sandbox.run(&format!("open {CAROL} --inline inline.eml")).success());
    let mut lines = written.lines();
    assert_eq!(lines.next().unwrap(), "inline OpenPGP 1: encrypted; this is no protected message");
    assert!(lines.next().unwrap().starts_with("signed by a trusted certificate: "), "{written}");
    assert!(lines.clone().all(|line| line.starts_with("| ")) && lines.count() > 3, "{written}");
    assert!(written.contains("Carol") && !written.contains("Eve"), "{written}");

    failed(sandbox.run("open --key bob.key.asc --inline -o out.txt inline.eml"), 29);
    failed(sandbox.run(&format!("open {CAROL} --inline draft.eml")), 41);
    failed(sandbox.run(&format!("open {CAROL} --inline --require-signed inline.eml")), 83);
    assert!(!sandbox.names().contains(&"out.txt".to_owned()));
}

/// R124, R125: a hidden recipient reads what everybody gets, and nobody else sees who that is.
#[test]
fn a_hidden_recipient_is_not_named() {
    let sandbox = sandbox();
    let encrypt = "encrypt --key alice.key.asc --cert bob.cert.asc --cert carol.cert.asc -r carol@example.org";
    sandbox.run(&format!("{encrypt} -R bob@example.org -o hidden.eml draft.eml")).success();
    let inspected = stdout(&sandbox.run("inspect hidden.eml").success());
    assert_eq!(inspected.matches("to somebody who is not named").count(), 1, "{inspected}");
    for key in ["carol.key.asc", "bob.key.asc"] {
        sandbox.run(&format!("open --key {key} --cert alice.cert.asc --require-signed hidden.eml")).success();
    }
}

/// Attack 20: a certificate that claims more addresses than the reader vouches for is trusted for those alone.
#[test]
fn each_address_is_vouched_for() {
    let sandbox = Sandbox::new();
    key(&sandbox, "generate ann@example.org boss@example.org --pgp --no-passphrase").success();
    let export = key(&sandbox, "export ann@example.org").success();
    sandbox.write("ann.cert.asc", stdout(&export));
    key_in(&sandbox, "reader", "import ann.cert.asc").success();
    let draft = sandbox.read("draft.eml").replace("alice@", "ann@");
    sandbox.write("draft.eml", draft);
    let encrypt = "encrypt --pgp --cert carol.cert.asc -r carol@example.org --at 2026-06-01T00:00:00Z";
    with_ring(&sandbox, &format!("{encrypt} -o sealed.eml draft.eml")).success();
    let sealed = sandbox.read("sealed.eml");
    let block = &sealed[sealed.find("-----BEGIN PGP").unwrap()..sealed.rfind("-----END PGP MESSAGE-----").unwrap()];
    let head = "From: Ann <ann@example.org>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\n";
    sandbox.write("inline.eml", format!("{head}{block}-----END PGP MESSAGE-----\r\n"));
    let signed = || {
        let mut command = sandbox.command();
        command.args(["open", "--keyring", "reader", "--batch", "--at", "2026-06-02T00:00:00Z"]);
        let run = command.args(["--key", "carol.key.asc", "--inline", "inline.eml"]).assert().success();
        stdout(&run).lines().nth(1).unwrap().to_owned()
    };
    let nobody = signed();
    assert!(nobody.starts_with("signed by a certificate that nobody vouches for: "), "{nobody}");
    assert!(nobody.ends_with("; nobody vouches that it is ann@example.org, boss@example.org"), "{nobody}");
    let print = print(&key_in(&sandbox, "reader", "list ann@example.org").success());
    key_in(&sandbox, "reader", &format!("trust {print} ann@example.org")).success();
    let told =
        format!("signed by a trusted certificate: {print} ann@example.org; nobody vouches that it is boss@example.org");
    assert_eq!(signed(), told);
}

/// A text is UTF-8, else in the charset of its part: what the part says is not signed, and makes no other text of a signed one.
#[test]
fn a_text_is_in_the_charset_of_its_part() {
    let sandbox = Sandbox::new();
    let signed = "-----BEGIN PGP SIGNED MESSAGE-----\r\n\r\nGr\u{fc}\u{df}e\r\n-----BEGIN PGP SIGNATURE-----\r\n\r\nwsE=\r\n-----END PGP SIGNATURE-----\r\n";
    let latin: Vec<u8> = signed.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    let head = "From: a@example.org\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=CHARSET\r\n\
                Content-Transfer-Encoding: 8bit\r\n\r\n";
    for (charset, body) in
        [("iso-8859-1", latin.as_slice()), ("utf-8", signed.as_bytes()), ("utf-7", signed.as_bytes())]
    {
        sandbox.write("inline.eml", [head.replace("CHARSET", charset).as_bytes(), body].concat());
        let written = stdout(&sandbox.run("open --inline inline.eml").success());
        assert!(written.ends_with("| Gr\u{fc}\u{df}e\n"), "{charset}: {written}");
    }
}
