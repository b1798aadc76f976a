//! The public test vectors, judged by the real program and compared with the verdict that each should get.
//!
//! A row that disagrees has its line in `testdata/vectors-exceptions.tsv`: the case, what the vectors expect, what we find, and the
//! reason. A listed row that agrees, or that gives yet another verdict, fails too.

#![allow(clippy::panic, reason = "a helper of tests fails its test")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use mailseal_testkit::corpus::{self, Case, Operation};
use mailseal_testkit::program::{Output, Program};
use serde_json::Value;

/// When a row without a time of its own is judged.
const TIME: &str = "2027-01-15T00:00:00Z";

/// Header protection of RFC 9788: R4, R42, R90, R121.
#[test]
fn rfc9788() {
    judge("rfc9788");
}

/// The older draft of protected headers: R122, R123.
#[test]
fn protected_headers() {
    judge("protected-headers");
}

/// S/MIME of another client: R44, R45, R46, R47, R48, R57, R61, R62, R65.
#[test]
fn thunderbird() {
    judge("thunderbird");
}

/// Messages of both technologies from another mail program.
#[test]
fn notmuch() {
    judge("notmuch");
}

/// CMS objects made with the keys of RFC 9216, each wrapped into a mail.
#[test]
fn rfc9216_examples() {
    judge("rfc9216-examples-cms");
}

/// Mail of both technologies from KMail's time.
#[test]
fn kde_messagelib() {
    judge("kde-messagelib");
}

/// The mail of a chat client.
#[test]
fn chatmail() {
    judge("chatmail");
}

/// The examples of Autocrypt's specification.
#[test]
fn autocrypt() {
    judge("autocrypt");
}

/// Mail with Autocrypt header fields, good and bad.
#[test]
fn k9() {
    judge_those("k9", |case| case.expected != "n/a");
}

/// Real mail of another library; its keys are read by the tests of the crates.
#[test]
fn mimekit() {
    judge_those("mimekit", |case| case.operation == Operation::Verify);
}

fn judge(folder: &str) {
    judge_those(folder, |_| true);
}

fn judge_those(folder: &str, wanted: fn(&Case) -> bool) {
    let Some(mut cases) = corpus::cases(folder) else { return };
    cases.retain(wanted);
    let mut exceptions = exceptions(folder);
    let mut wrong = Vec::new();
    for case in &cases {
        let found = found(case);
        let agrees = agrees(&case.expected, &found);
        match exceptions.remove(&case.id) {
            None if !agrees => wrong.push(format!("{}\t{}\t{}\t", case.id, case.expected, found.word)),
            Some(_) if agrees => wrong.push(format!("{}: agrees, but is listed as an exception", case.id)),
            Some(listed) if listed != found.word => {
                wrong.push(format!("{}: listed with {listed}, found {}", case.id, found.word));
            }
            _ => {}
        }
    }
    wrong.extend(exceptions.keys().map(|id| format!("{id}: listed as an exception, but there is no such row")));
    assert!(wrong.is_empty(), "{} of {} rows:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

/// What we find for a case, in the words of the vectors.
struct Found {
    word: String,
    /// The summary of the verdict; empty where there is no verdict.
    summary: String,
    /// The sender's reason; empty where there is none.
    reason: String,
}

fn agrees(expected: &str, found: &Found) -> bool {
    let word = found.word.as_str();
    match expected {
        // Only a part is protected: nothing is claimed for the whole.
        "partial" => {
            matches!(word, "bad" | "mismatch" | "untrusted" | "unknown-key" | "unsigned" | "not decrypted")
                && found.summary == "unprotected"
        }
        // Good in its day, by an algorithm or key that is weak today, and told so.
        "good-legacy" => word == "bad" && found.reason == "weak-algorithm",
        "certs-only" => word == "parses",
        // Nothing is said of a signature inside, so none may look good.
        "decrypts" => word.starts_with("decrypts") && !word.contains("good") && !word.contains(','),
        // To mend it and to refuse it are both right.
        "repairable" => word.starts_with("decrypts") || matches!(word, "rejects" | "not decrypted"),
        "good-or-malformed" => matches!(word, "good" | "unsigned"),
        _ => word == expected,
    }
}

fn found(case: &Case) -> Found {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let message = message(case, folder.path());
    let report = folder.path().join("report.json");
    let operation = match case.expected.as_str() {
        // To look is not enough to say that nobody signed.
        "unsigned" => Operation::Verify,
        _ => case.operation,
    };
    let output = match operation {
        Operation::Verify => mailseal(case, "verify").arg("--json").arg(&message).run(),
        Operation::Decrypt => mailseal(case, "open").arg("--report").arg(&report).arg(&message).run(),
        Operation::Inspect => mailseal(case, "inspect").arg(&message).run(),
        Operation::ImportKey | Operation::VerifyChain => panic!("{}: not a message", case.id),
    };
    let Some(exit) = output.status.code().filter(|code| *code != 101) else {
        return Found { word: "crash".to_owned(), summary: String::new(), reason: String::new() };
    };
    let verdict: Value = match operation {
        Operation::Verify => serde_json::from_slice(&output.stdout).unwrap_or_default(),
        _ => serde_json::from_slice(&fs::read(&report).unwrap_or_default()).unwrap_or_default(),
    };
    let word = match operation {
        Operation::Verify => verified(exit, &verdict),
        Operation::Decrypt => opened(exit, &verdict, &output),
        _ if exit == 0 => "parses".to_owned(),
        _ => format!("exit {exit}"),
    };
    let readable = word.ends_with("good") || word == "decrypts";
    let word = if readable && !payload_is_right(case, &message) { format!("{word}, other payload") } else { word };
    let told = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    Found { word, summary: told(&verdict["summary"]), reason: told(&verdict["sender"]["reason"]) }
}

fn verified(exit: i32, verdict: &Value) -> String {
    match (signature(verdict), exit) {
        ("good", 0) => "good".to_owned(),
        ("good", _) => format!("good, exit {exit}"),
        (word, 3) => word.to_owned(),
        // Not signed by the sender, and besides encrypted to a key that the row does not give.
        (word, 29) if layers(verdict).iter().any(|layer| layer["decryption"] == "no-key") => word.to_owned(),
        (word, _) => format!("{word}, exit {exit}"),
    }
}

fn opened(exit: i32, verdict: &Value, output: &Output) -> String {
    let decrypted = layers(verdict).iter().any(|layer| layer["decryption"] == "done");
    match (exit, output.stdout.is_empty()) {
        (0, false) if decrypted => match signature(verdict) {
            "unsigned" => "decrypts".to_owned(),
            word => format!("decrypts+{word}"),
        },
        (0, _) => "not decrypted".to_owned(),
        (_, true) => "rejects".to_owned(),
        (_, false) => "leaks".to_owned(),
    }
}

fn layers(verdict: &Value) -> &[Value] {
    verdict["layers"].as_array().map(Vec::as_slice).unwrap_or_default()
}

fn signature(verdict: &Value) -> &'static str {
    let sender = &verdict["sender"];
    match (sender["status"].as_str().unwrap_or_default(), sender["reason"].as_str().unwrap_or_default()) {
        ("verified", _) => "good",
        ("none", _) => "unsigned",
        (_, "address-mismatch") => "mismatch",
        (_, "untrusted") => "untrusted",
        (_, "unknown-certificate") => "unknown-key",
        ("unverified" | "broken", _) => "bad",
        _ => "no verdict",
    }
}

/// Holds the payload against the file beside the message, and against the words that the note quotes.
fn payload_is_right(case: &Case, message: &Path) -> bool {
    let exact = fs::read(case.file.with_extension("payload")).ok();
    let quoted = ["plaintext contains \"", "plaintext \"", "content \""].iter().find_map(|before| {
        let (_, rest) = case.note.split_once(before)?;
        rest.split_once('"').map(|(quoted, _)| quoted)
    });
    if exact.is_none() && quoted.is_none() {
        return true;
    }
    let payload = mailseal(case, "open").arg("--payload").arg(message).run().stdout;
    exact.is_none_or(|exact| payload == exact)
        && quoted.is_none_or(|quoted| payload.windows(quoted.len()).any(|window| window == quoted.as_bytes()))
}

/// The program with the case's keys, and nothing but them.
fn mailseal(case: &Case, verb: &str) -> Program {
    let mut program = Program::at(Path::new(env!("CARGO_BIN_EXE_mailseal")));
    program = program.args([verb, "--no-keyring", "--batch", "--at", case.time.as_deref().unwrap_or(TIME)]);
    let files = [
        ("--anchor", &case.anchors),
        ("--cert", &case.certs),
        ("--intermediate", &case.intermediates),
        ("--crl", &case.crls),
    ];
    // `inspect` never needs a key.
    if case.operation == Operation::Inspect {
        return program;
    }
    for (option, files) in files {
        for file in files {
            program = program.arg(option).arg(file);
        }
    }
    for (n, secret) in case.secrets.iter().enumerate() {
        program = program.arg("--key").arg(&secret.file);
        // An empty password is tried without being named.
        if let Some(password) = secret.password.as_ref().filter(|password| !password.is_empty()) {
            let variable = format!("PASSPHRASE{n}");
            program = program.env(&variable, password).args(["--passphrase-env", &variable]);
        }
    }
    program
}

/// The message of a case. A CMS object in PEM is wrapped into a mail, in `folder`.
fn message(case: &Case, folder: &Path) -> PathBuf {
    if case.file.extension().is_none_or(|extension| extension != "pem") {
        return case.file.clone();
    }
    let pem = fs::read_to_string(&case.file).unwrap_or_else(|error| panic!("{}: {error}", case.id));
    let base64: String =
        pem.lines().filter(|line| !line.starts_with("-----")).flat_map(|line| [line, "\r\n"]).collect();
    let name = case.file.file_stem().and_then(|stem| stem.to_str()).expect("the vectors have plain names");
    let file = folder.join("wrapped.eml");
    fs::write(&file, wrapped(name, &base64)).expect("the temporary folder can be written");
    file
}

fn wrapped(name: &str, base64: &str) -> String {
    let signer = if name.starts_with("signedByCarlos") { "carlos" } else { "alice" };
    let fields = format!(
        "From: {signer}@smime.example\r\nTo: bob@smime.example\r\n\
         Date: Fri, 15 Jan 2027 00:00:00 +0000\r\nMIME-Version: 1.0\r\n"
    );
    if name.ends_with("Detached") {
        return format!(
            "{fields}Content-Type: multipart/signed; protocol=\"application/pkcs7-signature\"; micalg=sha-512; boundary=b\
             \r\n\r\n--b\r\nThis is some sample content.\
             \r\n--b\r\nContent-Type: application/pkcs7-signature; name=smime.p7s\r\nContent-Transfer-Encoding: base64\
             \r\n\r\n{base64}--b--\r\n"
        );
    }
    let kind = match name {
        _ if name.starts_with("signed") => "signed-data",
        _ if name.starts_with("auth") => "authEnveloped-data",
        _ => "enveloped-data",
    };
    format!(
        "{fields}Content-Type: application/pkcs7-mime; smime-type={kind}; name=smime.p7m\
         \r\nContent-Transfer-Encoding: base64\r\n\r\n{base64}"
    )
}

/// The listed exceptions of a folder: case to the word that is found.
fn exceptions(folder: &str) -> BTreeMap<String, String> {
    let path = mailseal_testkit::workspace().join("testdata/vectors-exceptions.tsv");
    let text = fs::read_to_string(&path).expect("the list of exceptions is there");
    let mut listed = BTreeMap::new();
    for line in text.lines().skip(1) {
        let columns: Vec<&str> = line.split('\t').collect();
        let &[case, _, found, reason] = columns.as_slice() else { panic!("four columns: {line}") };
        assert!(!reason.is_empty(), "an exception needs its reason: {line}");
        if case.starts_with(&format!("{folder}/")) {
            listed.insert(case.to_owned(), found.to_owned());
        }
    }
    listed
}
