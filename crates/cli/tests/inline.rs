//! Inline PGP and hidden recipients on the command line.

#![allow(clippy::unwrap_used, reason = "a test fails where it must")]

mod common;

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
