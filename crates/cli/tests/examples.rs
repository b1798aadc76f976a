//! The examples of every `--help` run as they stand there.

mod common;

use std::{path::Path, process::Command};

use common::{Sandbox, stdout};

/// The example commands in a help text, each on one line.
fn examples(help: &str) -> Vec<String> {
    let (_, examples) = help.split_once("\nExamples:\n").expect("every verb has examples");
    let joined = examples.replace("\\\n", " ");
    joined.lines().filter_map(|line| line.strip_prefix("  $ ")).map(str::to_owned).collect()
}

#[test]
fn examples_in_help_run() {
    let program = Path::new(env!("CARGO_BIN_EXE_mailseal")).parent().unwrap();
    let path = std::env::join_paths(
        std::iter::once(program.to_owned()).chain(std::env::split_paths(&std::env::var_os("PATH").unwrap())),
    )
    .unwrap();
    for verb in [
        "sign",
        "encrypt",
        "open",
        "verify",
        "inspect",
        "check",
        "key",
        "key generate",
        "key request",
        "key import",
        "key export",
        "key list",
        "key trust",
        "key extend",
        "key add",
        "key passphrase",
        "key revoke",
        "key remove",
        "completions",
        "man",
        "schema",
    ] {
        let sandbox = Sandbox::with_mail();
        sandbox.write("archive.mbox", format!("From alice@example.org\n{}\n", sandbox.read("signed.eml")));
        let help = stdout(&sandbox.command().args(verb.split(' ')).arg("--help").assert().success());
        let examples = examples(&help);
        assert!(!examples.is_empty(), "{verb}");
        for example in examples {
            let out = Command::new("sh")
                .args(["-c", &example])
                .current_dir(sandbox.path(""))
                .env("PATH", &path)
                .env("HOME", sandbox.path(""))
                .output()
                .unwrap();
            assert!(out.status.success(), "$ {example}\n{}", String::from_utf8_lossy(&out.stderr));
        }
    }
}
