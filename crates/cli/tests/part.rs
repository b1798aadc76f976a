//! `open --part`: one part by itself, chosen by hand, with a verdict of its own.

#![allow(clippy::unwrap_used, reason = "a test fails where it must")]

mod common;

use common::{Sandbox, failed, stderr, stdout};
use serde_json::Value;

const CAROL: &str = "--key carol.key.asc --cert alice.cert.asc";

/// `sealed.eml` and `signed.eml` of Alice inside a message of Eve: 1 is her text, 2 the layer of `sealed.eml` bare, 3
/// `signed.eml` as a forwarded message.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::with_mail();
    let sealed = sandbox.read("sealed.eml");
    let layer = sealed.split_once("Content-Type: ").unwrap().1.to_owned();
    let signed = sandbox.read("signed.eml");
    sandbox.write(
        "eve.eml",
        format!(
            "From: Eve <eve@example.org>\r\nSubject: of Eve\r\nMIME-Version: 1.0\r\n\
             Content-Type: multipart/mixed; boundary=eve\r\n\r\n--eve\r\nContent-Type: text/plain\r\n\r\nEve writes.\r\n\
             --eve\r\nContent-Type: {layer}\r\n--eve\r\nContent-Type: message/rfc822\r\n\r\n{signed}\r\n--eve--\r\n"
        ),
    );
    sandbox
}

fn verdict(sandbox: &Sandbox, part: &str) -> (String, Value) {
    let run = sandbox.run(&format!("open {CAROL} --json {part} eve.eml")).success();
    let verdict = serde_json::from_str(&stderr(&run)).unwrap();
    (stdout(&run), verdict)
}

/// R57, R59, R132, attack 5: without being asked, nothing inside is opened.
#[test]
fn nothing_is_opened_unasked() {
    let sandbox = sandbox();
    let (written, verdict) = verdict(&sandbox, "");
    assert_eq!(written, sandbox.read("eve.eml"));
    assert_eq!(verdict["summary"], "unprotected");
    let errant: Vec<_> = verdict["errant"].as_array().unwrap().iter().map(|e| e["part"].as_str().unwrap()).collect();
    assert_eq!(errant, ["2", "3.1"]);
}

/// R59, R104: a layer chosen by hand is decrypted by itself: none of the text around it, no From, and so never signed.
#[test]
fn a_layer_by_itself() {
    let (written, verdict) = verdict(&sandbox(), "--part 2");
    assert!(!written.contains("Eve") && written.contains("Carol"), "{written}");
    assert_eq!(verdict["summary"], "encrypted");
    assert_eq!(
        (&verdict["sender"]["status"], &verdict["sender"]["reason"]),
        (&"unverified".into(), &"ambiguous-from".into())
    );
    assert_eq!(verdict["sender"]["address"], Value::Null);
    let signed = sandbox().run(&format!("open {CAROL} --part 2 --require-signed eve.eml"));
    failed(signed, 3);
}

/// R68: a forwarded message is judged on its own, by its own From, under its number and under that of its root.
#[test]
fn a_forwarded_message_by_itself() {
    let sandbox = sandbox();
    for number in ["3", "3.1"] {
        let (written, verdict) = verdict(&sandbox, &format!("--part {number}"));
        assert_eq!(verdict["summary"], "signed", "{verdict}");
        assert_eq!(verdict["sender"]["address"], "alice@example.org");
        assert!(!written.contains("Eve"));
    }
    let forged = sandbox.read("eve.eml").replace("From: Alice <alice@example.org>", "From: Bob <bob@example.org>");
    sandbox.write("eve.eml", forged);
    assert_ne!(verdict(&sandbox, "--part 3").1["summary"], "signed");
}

/// What is no part, and what is neither message nor layer, is refused in one line; nothing is written.
#[test]
fn other_numbers_are_refused() {
    let sandbox = sandbox();
    for number in ["1", "4", "0", "2.1.1", "3.1.9", "x", "", "1.", "99999999999999999999"] {
        let run = sandbox
            .command()
            .args(["open", "--no-keyring", "--batch", "--at", mailseal_testkit::personas::NOW])
            .args(["--key", "carol.key.asc", "--part", number, "-o", "out.eml", "eve.eml"])
            .assert();
        let said = failed(run, 2);
        assert!(said.contains("cannot be opened"), "{said}");
        assert!(!sandbox.names().contains(&"out.eml".to_owned()));
    }
    let stranger = sandbox.run("open --key bob.key.asc --part 2 eve.eml").code(29);
    assert!(stdout(&stranger).is_empty());
}
