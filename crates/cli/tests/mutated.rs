//! R66, R135, R143, attacks 4, 6 and 25: changed ciphertext leaves nothing behind, on no channel and in no folder.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper of tests fails its test")]

mod common;

use common::{Sandbox, stderr};
use mailseal_mime::transfer::{Base64Decoder, Base64Encoder};
use mailseal_testkit::mutation::{Random, Secret, changed};
use mailseal_testkit::personas::{BOB, CAPABLE, CAROL, ERIN, NOW};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::io::{Read as _, Write as _};
use std::ops::Range;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

/// Changes of each container.
const CHANGES: usize = 50;

/// The four containers: name, who reads, and the reader's files.
const CONTAINERS: [(&str, &str, &str, &str); 4] = [
    ("SEIPDv1", CAROL.address, "carol.cert.asc", "carol.key.asc"),
    ("SEIPDv2", ERIN.address, "erin.cert.asc", "erin.key.asc"),
    ("AES-CBC", BOB.address, "bob.crt.pem", "bob.key.pem"),
    ("AES-GCM", CAPABLE.address, "capable.crt.pem", "capable.key.pem"),
];

/// What one run of `open -o out/plain.eml` left.
struct Left {
    code: i32,
    verdict: Option<Value>,
    /// From `error: ` on.
    error: String,
    file: Option<Vec<u8>>,
}

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    for file in [ERIN.openpgp_cert(), ERIN.openpgp_key(), CAPABLE.smime_cert(), CAPABLE.smime_key()] {
        sandbox.take(&file);
    }
    for folder in ["out", "tmp"] {
        fs::create_dir(sandbox.path(folder)).unwrap();
    }
    sandbox
}

#[test]
fn changed_ciphertext_leaves_nothing() {
    let (sandbox, secret) = (sandbox(), Secret::new());
    let mut random = Random::new(4);
    let mut told = BTreeSet::new();
    for (name, reader, cert, key) in CONTAINERS {
        let draft = format!("From: alice@example.org\r\nTo: {reader}\r\nSubject: Hi\r\n\r\n{}", secret.text());
        let encrypt = format!("encrypt --no-sign --cert {cert} -r {reader} -o out/sealed.eml");
        sandbox.run_with(&encrypt, draft).success();
        let sealed = sandbox.read("out/sealed.eml");
        fs::remove_file(sandbox.path("out/sealed.eml")).unwrap();
        let block = block(&sealed);
        let octets = decoded(&sealed[block.clone()]);

        let with = |octets: &[u8]| [&sealed[..block.start], &encoded(octets), &sealed[block.end..]].concat();
        let honest = open(&sandbox, &secret, cert, key, &with(&octets));
        let plain = honest.file.unwrap_or_else(|| panic!("{name}: the control: {}", honest.error));
        assert!(secret.leaked(&plain).is_some(), "{name}: the control");

        let mut refused = 0;
        for _ in 0..CHANGES {
            let left = open(&sandbox, &secret, cert, key, &with(&changed(&octets, &mut random)));
            match left.file {
                Some(file) => {
                    assert_eq!(left.code, 0, "{name}");
                    let verdict = left.verdict.unwrap();
                    let is_named =
                        verdict["layers"].as_array().unwrap().iter().any(|layer| layer["integrity"] == "none");
                    let is_as_sent = file == plain || secret.leaked(&file).is_none();
                    assert!(is_as_sent || is_named, "{name}: {verdict}");
                }
                None => {
                    assert!([29, 41].contains(&left.code), "{name}: {}: {}", left.code, left.error);
                    refused += 1;
                    told.insert((left.code, left.error));
                }
            }
        }
        assert!(refused > CHANGES / 2, "{name}: {refused} of {CHANGES} refused");
    }
    let closed: Vec<_> = told.iter().filter(|(code, _)| *code == 29).collect();
    assert_eq!(closed.len(), 1, "a failed decryption is told in one way: {told:?}");
}

/// Opens what comes in, with a folder for temporary files that must be empty afterwards, and a folder for the output that may
/// have the output alone.
fn open(sandbox: &Sandbox, secret: &Secret, cert: &str, key: &str, message: &str) -> Left {
    let mut command = sandbox.command();
    command.env("TMPDIR", sandbox.path("tmp")).args(["open", "--no-keyring", "--batch", "--at", NOW, "--json"]);
    command.args(["--cert", cert, "--key", key, "-o", "out/plain.eml"]);
    let run = command.write_stdin(message).assert();
    let output = run.get_output();
    let said = stderr(&run);
    assert!(output.stdout.is_empty() && secret.leaked(said.as_bytes()).is_none(), "{said}");
    assert!(names(&sandbox.path("tmp")).is_empty());
    let code = output.status.code().unwrap_or_else(|| panic!("a signal: {said}"));
    let file = match names(&sandbox.path("out")).as_slice() {
        [] => None,
        [name] if name == "plain.eml" => {
            let file = fs::read(sandbox.path("out/plain.eml")).unwrap();
            fs::remove_file(sandbox.path("out/plain.eml")).unwrap();
            Some(file)
        }
        names => panic!("{names:?}"),
    };
    assert_eq!(file.is_some(), code == 0, "{said}");
    let verdict = said.lines().find(|line| line.starts_with('{')).map(|line| serde_json::from_str(line).unwrap());
    let error = said.find("error: ").map_or("", |at| &said[at..]).to_owned();
    Left { code, verdict, error, file }
}

/// With umask 000, whatever is written with `-o` or `--report` is for its owner alone.
#[test]
fn an_open_umask_opens_nothing() {
    let sandbox = sandbox();
    let lines = [
        "sign --key alice.key.asc -o out/signed.eml draft.eml",
        "encrypt --key alice.key.asc --cert carol.cert.asc -r carol@example.org -o out/sealed.eml draft.eml",
        "encrypt --no-sign --cert carol.cert.asc --cert dave.crt.pem -o out/each.eml draft.eml",
        "open --key carol.key.asc -o out/plain.eml --report out/verdict.json out/sealed.eml",
        "open --payload --key carol.key.asc -o out/plain.eml --overwrite out/sealed.eml",
    ];
    for line in lines {
        let (verb, rest) = line.split_once(' ').unwrap();
        let script =
            format!("umask 000; exec {} {verb} --no-keyring --batch --at {NOW} {rest}", env!("CARGO_BIN_EXE_mailseal"));
        let mut command = assert_cmd::Command::new("sh");
        command.arg("-c").arg(script).current_dir(sandbox.path("")).env("TMPDIR", sandbox.path("tmp"));
        command.assert().success();
        for name in names(&sandbox.path("out")) {
            let mode = fs::metadata(sandbox.path("out").join(&name)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{line}: {name}");
        }
        assert!(names(&sandbox.path("tmp")).is_empty(), "{line}");
    }
    let written = ["each.openpgp.eml", "each.smime.eml", "plain.eml", "sealed.eml", "signed.eml", "verdict.json"];
    assert_eq!(names(&sandbox.path("out")), written);
}

/// What lies in a folder.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Where the base64 of the ciphertext stands: the armor without checksum, or the whole body.
fn block(sealed: &str) -> Range<usize> {
    let begin = sealed.find("-----BEGIN PGP MESSAGE-----").unwrap_or(0);
    let start = begin + sealed[begin..].find("\r\n\r\n").unwrap() + 4;
    let ends = ["\r\n=", "\r\n-"].iter().filter_map(|end| sealed[start..].find(end));
    start..ends.min().map_or(sealed.len(), |at| start + at + 2)
}

fn decoded(text: &str) -> Vec<u8> {
    let mut octets = Vec::new();
    Base64Decoder::strict(text.as_bytes()).read_to_end(&mut octets).unwrap();
    octets
}

fn encoded(octets: &[u8]) -> String {
    let mut encoder = Base64Encoder::new(Vec::new());
    encoder.write_all(octets).unwrap();
    let text = String::from_utf8(encoder.finish().unwrap()).unwrap();
    format!("{}\r\n", text.trim_end())
}
