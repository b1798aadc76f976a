//! R137, attack 17: for every message of `testdata/attacks/`, exit code, words and JSON of the program say what the table says.

mod common;

use common::{Sandbox, stderr, stdout};
use mailseal_testkit::attacks::{self, Case};
use mailseal_testkit::personas::NOW;
use serde_json::Value;

/// Three times the same truth.
#[test]
fn exit_code_words_and_json_agree_with_the_table() {
    let sandbox = Sandbox::new();
    for case in attacks::cases() {
        says(&sandbox, &case);
    }
}

fn says(sandbox: &Sandbox, case: &Case) {
    let run = |more: &[&str]| {
        let mut command = sandbox.command();
        command.args(["verify", "--no-keyring", "--batch"]).args(more);
        if case.values("--at").next().is_none() {
            command.args(["--at", NOW]);
        }
        for (option, value) in &case.options {
            command.arg(option).arg(value);
        }
        command.arg(case.path()).assert()
    };
    let (json, words) = (run(&["--json"]), run(&[]));
    let (code, file) = (json.get_output().status.code(), &case.file);
    assert_eq!(words.get_output().status.code(), code, "{file}");
    let (json, told) = (stdout(&json), stdout(&words));
    if case.summary == "41" {
        assert_eq!(code, Some(41), "{file}");
        assert!(json.is_empty() && told.is_empty() && stderr(&words).starts_with("error: "), "{file}");
        return;
    }
    let verdict: Value = serde_json::from_str(&json).expect("one line of JSON");
    let word = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let sender = &verdict["sender"];
    assert_eq!(word(&verdict["summary"]), case.summary, "{file}");
    assert_eq!(
        [word(&sender["status"]), word(&sender["reason"]), word(&sender["address"])],
        [case.status.clone(), case.reason.clone(), case.address.clone()],
        "{file}"
    );
    let closed = verdict["layers"]
        .as_array()
        .is_some_and(|layers| layers.iter().any(|layer| layer["kind"] == "encrypted" && layer["decryption"] != "done"));
    let expected = match (closed, case.summary.starts_with("signed")) {
        (true, _) => 29,
        (false, true) => 0,
        (false, false) => 3,
    };
    assert_eq!(code, Some(expected), "{file}");
    assert!(
        told.contains(&format!("{} ", case.summary)) || told.contains(&format!("{}\n", case.summary)),
        "{file}: {told}"
    );
    let hidden = told.chars().find(|c| c.is_control() && *c != '\n');
    assert_eq!(hidden, None, "{file}: {told}");
    assert!(!told.contains(['\u{202e}', '\u{2800}']), "{file}: {told}");
    let claims = told.lines().filter(|line| line.starts_with("signed")).count();
    assert_eq!(claims, usize::from(case.summary.starts_with("signed")), "{file}: {told}");
}
