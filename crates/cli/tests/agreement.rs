//! Other people's mail: whatever comes, exit code and verdict say the same, and nothing panics.

mod common;

use common::{Sandbox, stderr, stdout};
use mailseal_testkit::corpus::{self, Case, Operation};
use serde_json::Value;

const FOLDERS: [&str; 10] = [
    "rfc9788",
    "protected-headers",
    "thunderbird",
    "kde-messagelib",
    "notmuch",
    "gmime",
    "mimekit",
    "k9",
    "autocrypt",
    "roundcube",
];

/// R137, attack 17: exit code and JSON agree in every case
#[test]
fn exit_code_and_verdict_agree() {
    let sandbox = Sandbox::new();
    for folder in FOLDERS {
        let Some(cases) = corpus::cases(folder) else { return };
        let mails = cases.iter().filter(|case| matches!(case.operation, Operation::Verify | Operation::Decrypt));
        for case in mails.filter(|case| case.file.extension().is_some_and(|extension| extension == "eml")) {
            agrees(&sandbox, case);
        }
    }
}

fn agrees(sandbox: &Sandbox, case: &Case) {
    let mut command = sandbox.command();
    command.args(["verify", "--json", "--no-keyring", "--batch"]);
    command.args(["--at", case.time.as_deref().unwrap_or("2026-06-01T00:00:00Z")]);
    let secrets = case.secrets.iter().map(|secret| &secret.file);
    let files = [("--anchor", &case.anchors), ("--cert", &case.certs), ("--intermediate", &case.intermediates)];
    for (option, files) in files.into_iter().chain([("--crl", &case.crls), ("--key", &secrets.cloned().collect())]) {
        for file in files {
            command.arg(option).arg(file);
        }
    }
    for (index, password) in case.secrets.iter().filter_map(|secret| secret.password.as_deref()).enumerate() {
        if !password.is_empty() {
            let variable = format!("PASSPHRASE_{index}");
            command.args(["--passphrase-env", &variable]).env(variable, password);
        }
    }
    let run = command.arg(&case.file).assert();
    let code = run.get_output().status.code();
    let (out, said) = (stdout(&run), stderr(&run));
    if code == Some(41) {
        assert!(out.is_empty() && said.starts_with("error: "), "{}: {out}{said}", case.id);
        return;
    }
    assert!(said.is_empty() && out.lines().count() == 1, "{}: {code:?} {said}{out}", case.id);
    let verdict: Value = serde_json::from_str(&out).expect("one line of JSON");
    let summary = verdict["summary"].as_str().expect("a verdict has a summary");
    assert_eq!(summary.starts_with("signed"), verdict["sender"]["status"] == "verified", "{}", case.id);
    let undecrypted = verdict["layers"]
        .as_array()
        .is_some_and(|layers| layers.iter().any(|layer| layer["kind"] == "encrypted" && layer["decryption"] != "done"));
    let expected: &[i32] = match (undecrypted, summary.starts_with("signed")) {
        (true, _) => &[29, 67],
        (false, true) => &[0],
        (false, false) => &[3],
    };
    assert!(code.is_some_and(|code| expected.contains(&code)), "{}: {code:?} {out}", case.id);
}
