//! Other people's mail: every file of every folder of the vectors, through `verify`, `open` and `inspect`.
//!
//! Whatever comes: no panic, under 10 seconds and 256 MiB, a documented exit code, a verdict as the schema says, and the same
//! truth in exit code, words and JSON. What the verdict should be is the business of `vectors.rs`.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a helper of tests fails its test")]

mod common;

use std::{
    fs,
    path::{Path, PathBuf},
};

use common::schema::breaks;
use mailseal_testkit::{
    corpus::{self, Case, Operation},
    program::{Output, Program},
};
use serde_json::Value;

/// When a row without a time of its own, and a file without a row, is judged.
const TIME: &str = "2026-06-01T00:00:00Z";

/// What each run may take: seconds of processor time, KiB of address space. Beyond is death.
const LIMITS: &str = "ulimit -t 10 && ulimit -v 262144 && exec \"$@\"";

/// The exit codes of the contract that a message can cause.
const EXITS: [i32; 7] = [0, 3, 13, 29, 41, 61, 67];

macro_rules! folders {
    ($($test:ident: $folder:literal,)*) => {
        $(
            /// R137, attack 17
            #[test]
            fn $test() {
                agree($folder, Strangers::Refused);
            }
        )*

        /// R137, attack 17: the folders that are not about mail, which has got into them all the same
        #[test]
        fn all_other_folders() {
            let Some(root) = corpus::vectors() else { return };
            for entry in fs::read_dir(root).unwrap() {
                let entry = entry.unwrap();
                let name = entry.file_name().into_string().unwrap();
                if entry.path().is_dir() && ![$($folder),*].contains(&name.as_str()) {
                    agree(&name, Strangers::Inspected);
                }
            }
        }
    };
}

folders! {
    autocrypt: "autocrypt",
    chatmail: "chatmail",
    gmime: "gmime",
    jsmimeparser: "jsmimeparser",
    k9: "k9",
    kde_messagelib: "kde-messagelib",
    mimekit: "mimekit",
    notmuch: "notmuch",
    notmuch_lists: "notmuch-lists",
    openkeychain: "openkeychain",
    protected_headers: "protected-headers",
    rfc9788: "rfc9788",
    roundcube: "roundcube",
    thunderbird: "thunderbird",
}

/// What is done with the files that are no messages.
#[derive(Clone, Copy, PartialEq)]
enum Strangers {
    /// Every verb refuses them.
    Refused,
    /// Only `inspect` sees them.
    Inspected,
}

/// Every file of a folder without any key; those that are messages with the keys of each of their rows too.
fn agree(folder: &str, strangers: Strangers) {
    let Some(root) = corpus::vectors() else { return };
    let mut files = Vec::new();
    walk(&root.join(folder), &mut files);
    let cases = if root.join(folder).join("cases.tsv").is_file() { corpus::cases(folder) } else { None };
    let cases = cases.unwrap_or_default();
    let schema = serde_json::from_str(&mailseal::schema()).unwrap();
    let mut messages = 0;
    for file in &files {
        let run = Run { schema: &schema, file, case: None };
        if !run.inspects() {
            if strangers == Strangers::Refused {
                run.is_refused();
            }
            continue;
        }
        messages += 1;
        run.agrees();
        let is_message = |case: &&Case| matches!(case.operation, Operation::Verify | Operation::Decrypt);
        for case in cases.iter().filter(|case| case.file == *file).filter(is_message) {
            Run { schema: &schema, file, case: Some(case) }.agrees();
        }
    }
    eprintln!("{folder}: {} files, {messages} of them messages", files.len());
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            walk(&path, files);
        } else {
            files.push(path);
        }
    }
}

/// A file, and the row with whose keys it is read.
struct Run<'r> {
    schema: &'r Value,
    file: &'r Path,
    case: Option<&'r Case>,
}

impl Run<'_> {
    /// Whether it is a message. Nothing is known of its sender from outside, and nothing was decrypted.
    fn inspects(&self) -> bool {
        let json = self.program("inspect").arg("--json").arg(self.file).run();
        let (code, said) = self.ended("inspect", &json);
        if code != 0 {
            return false;
        }
        let words = self.program("inspect").arg(self.file).run();
        assert_eq!((code, said), self.ended("inspect", &words), "{}", self.name());
        assert!(!words.stdout.is_empty(), "{}", self.name());
        let verdict = self.verdict(&json.stdout);
        assert_ne!(verdict["sender"]["status"], "verified", "{}", self.name());
        assert_eq!(verdict["summary"], "unprotected", "{}", self.name());
        let encryptions = layers(&verdict).iter().filter(|layer| layer["kind"] == "encrypted");
        assert!(encryptions.clone().all(|layer| layer["decryption"] == "not-tried"), "{}", self.name());
        true
    }

    /// What is no message has no verdict in any form.
    fn is_refused(&self) {
        for verb in [&["verify"][..], &["verify", "--json"], &["open"], &["open", "--json"], &["inspect"]] {
            let program = self.program(verb[0]).args(&verb[1..]).arg(self.file);
            let output = program.run();
            let (code, said) = self.ended(verb[0], &output);
            assert_eq!(code, 41, "{verb:?} {}: {said}", self.name());
            assert!(output.stdout.is_empty(), "{verb:?} {}", self.name());
            assert!(said.starts_with("error: ") && said.lines().count() == 1, "{verb:?} {}: {said}", self.name());
        }
    }

    /// Exit code, words and JSON of `verify` say the same, and `open` gives the message where they do not forbid it.
    fn agrees(&self) {
        let json = self.program("verify").arg("--json").arg(self.file).run();
        let words = self.program("verify").arg(self.file).run();
        let (code, said) = self.ended("verify", &json);
        assert_eq!((code, said), self.ended("verify", &words), "{}", self.name());
        assert!(said.is_empty(), "{}: {said}", self.name());
        let verdict = self.verdict(&json.stdout);
        let told = String::from_utf8(words.stdout).unwrap();
        assert!(self.expected(&verdict).contains(&code), "{}: {code} {verdict}", self.name());
        let first = told.lines().next().unwrap();
        assert_eq!(first.split("  ").next(), verdict["summary"].as_str(), "{}", self.name());
        assert!(self.is_said(&verdict, first), "{}: {first}\n{verdict}", self.name());

        let opened = self.program("open").arg("--json").arg(self.file).run();
        let (open, said) = self.ended("open", &opened);
        let line = said.lines().next().unwrap_or_default();
        assert_eq!(format!("{line}\n").as_bytes(), json.stdout, "{}", self.name());
        let is_open = undecrypted(&verdict).is_none();
        assert_eq!((open == 0, opened.stdout.is_empty()), (is_open, !is_open), "{}: {open}", self.name());
        assert!(is_open || open == code, "{}: {open} {code}", self.name());
    }

    /// The exit codes that go with a verdict.
    fn expected(&self, verdict: &Value) -> &'static [i32] {
        let summary = verdict["summary"].as_str().unwrap();
        assert_eq!(summary.starts_with("signed"), verdict["sender"]["status"] == "verified", "{}", self.name());
        assert!(!summary.starts_with("signed") || is_signed(verdict), "{}: {verdict}", self.name());
        match (undecrypted(verdict), summary.starts_with("signed")) {
            (Some(true), _) => &[67],
            (Some(false), _) => &[29],
            (None, true) => &[0],
            (None, false) => &[3],
        }
    }

    /// Whether the first line for people says what the verdict says.
    fn is_said(&self, verdict: &Value, line: &str) -> bool {
        let sender = &verdict["sender"];
        let vouched = line.contains(", trusted") || line.ends_with("known from before");
        match (undecrypted(verdict), sender["status"].as_str().unwrap(), sender["reason"].is_null()) {
            (Some(true), ..) => line.ends_with("  encrypted, and the key is locked"),
            (Some(false), ..) => line.ends_with("  encrypted, and cannot be decrypted"),
            (None, "verified", true) => vouched && !line.contains("  not signed"),
            (None, "none", true) => line.ends_with("  not signed"),
            (None, _, reason) => !reason && line.contains("  not signed by its sender: "),
        }
    }

    /// The one line of JSON, which holds the schema.
    fn verdict(&self, stdout: &[u8]) -> Value {
        let text = std::str::from_utf8(stdout).unwrap();
        assert_eq!(text.lines().count(), 1, "{}: {text}", self.name());
        assert!(text.trim_end_matches('\n').bytes().all(|b| matches!(b, b' '..=b'~')), "{}: {text}", self.name());
        let verdict = serde_json::from_str(text).unwrap();
        assert_eq!(breaks(self.schema, &verdict), Vec::<String>::new(), "{}", self.name());
        verdict
    }

    /// A documented end, and what was said.
    fn ended<'o>(&self, verb: &str, output: &'o Output) -> (i32, &'o str) {
        let code = output.status.code().filter(|code| EXITS.contains(code));
        let code = code.unwrap_or_else(|| panic!("{verb} {}: {} {}", self.name(), output.status, output.stderr));
        assert!(!output.stderr.contains("panicked"), "{verb} {}: {}", self.name(), output.stderr);
        (code, &output.stderr)
    }

    /// The verb with the row's keys, and nothing but them.
    fn program(&self, verb: &str) -> Program {
        let time = self.case.and_then(|case| case.time.as_deref()).unwrap_or(TIME);
        let program = Program::at(Path::new("/bin/sh")).args(["-c", LIMITS, "limits", env!("CARGO_BIN_EXE_mailseal")]);
        let mut program = program.args([verb, "--no-keyring", "--batch", "--at", time]);
        let Some(case) = self.case else { return program };
        let secrets = case.secrets.iter().map(|secret| secret.file.clone()).collect();
        for (option, files) in [
            ("--anchor", &case.anchors),
            ("--cert", &case.certs),
            ("--intermediate", &case.intermediates),
            ("--crl", &case.crls),
            ("--key", &secrets),
        ] {
            for file in files {
                program = program.arg(option).arg(file);
            }
        }
        for (index, password) in case.secrets.iter().filter_map(|secret| secret.password.as_deref()).enumerate() {
            if !password.is_empty() {
                let variable = format!("PASSPHRASE_{index}");
                program = program.args(["--passphrase-env", &variable]).env(&variable, password);
            }
        }
        program
    }

    fn name(&self) -> String {
        self.case.map_or_else(|| self.file.display().to_string(), |case| case.id.clone())
    }
}

fn layers(verdict: &Value) -> &[Value] {
    verdict["layers"].as_array().map(Vec::as_slice).unwrap_or_default()
}

/// Whether a layer could not be opened, and whether for a locked key.
fn undecrypted(verdict: &Value) -> Option<bool> {
    let closed = layers(verdict).iter().find(|layer| layer["kind"] == "encrypted" && layer["decryption"] != "done")?;
    closed["locked"].as_bool()
}

/// Whether one of the signatures is all that a verified sender needs.
fn is_signed(verdict: &Value) -> bool {
    verdict["signatures"].as_array().unwrap().iter().any(|signature| {
        signature["check"] == "valid"
            && signature["address_match"] == true
            && signature["certificate"]["status"] == "trusted"
    })
}
