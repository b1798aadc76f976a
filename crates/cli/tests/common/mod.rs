//! A folder of its own for each test, with the personas' files in it, and the program to run there.

#![allow(dead_code, reason = "each test file uses its part")]
#![allow(clippy::unwrap_used, reason = "a helper of tests fails its test")]

pub(crate) mod ring;
pub(crate) mod schema;

use std::{
    fs,
    path::{Path, PathBuf},
};

use assert_cmd::{Command, assert::Assert};
use mailseal_testkit::personas::{self, ALICE, BOB, CAROL, DAVE, EVE, LOCKED, NOW};
use tempfile::TempDir;

/// A folder with drafts, keys and certificates under short names.
pub(crate) struct Sandbox(TempDir);

impl Sandbox {
    /// With what the personas have; `draft.eml` is from Alice to Carol (OpenPGP) and Dave (S/MIME).
    pub(crate) fn new() -> Self {
        let sandbox = Sandbox(tempfile::tempdir().unwrap());
        for persona in [ALICE, BOB, CAROL, LOCKED, EVE] {
            sandbox.take(&persona.openpgp_cert());
            sandbox.take(&persona.openpgp_key());
        }
        for persona in [ALICE, BOB, DAVE] {
            sandbox.take(&persona.smime_cert());
            sandbox.take(&persona.smime_key());
            sandbox.take(&persona.smime_p12());
            sandbox.write(&format!("{}.pass", persona.name), format!("{}\n", persona.name));
        }
        for file in [personas::root(), personas::intermediate(), personas::crl()] {
            sandbox.take(&file);
        }
        sandbox.write("draft.eml", fs::read(personas::message("plain")).unwrap());
        sandbox
    }

    /// As [`Sandbox::new`], and `signed.eml` by Alice, `sealed.eml` from Alice to Carol, both OpenPGP.
    pub(crate) fn with_mail() -> Self {
        let sandbox = Sandbox::new();
        sandbox.run("sign --key alice.key.asc -o signed.eml draft.eml").success();
        sandbox
            .run("encrypt --key alice.key.asc --cert carol.cert.asc -r carol@example.org -o sealed.eml draft.eml")
            .success();
        sandbox
    }

    /// Puts a file of the test data there.
    pub(crate) fn take(&self, file: &Path) {
        let name = file.file_name().unwrap().to_str().unwrap();
        self.write(name, fs::read(file).unwrap());
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, octets: impl AsRef<[u8]>) {
        fs::write(self.path(name), octets).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// What lies in the folder.
    pub(crate) fn names(&self) -> Vec<String> {
        let mut names: Vec<_> =
            fs::read_dir(self.0.path()).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// The program in the folder, without anything of the person who runs the tests.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mailseal"));
        let path = std::env::var_os("PATH").unwrap_or_default();
        command.current_dir(self.0.path()).env_clear().env("PATH", path).env("HOME", self.0.path());
        command
    }

    /// Runs the words of `line`. Verbs that judge or sign do so at [`NOW`], without keyring, and ask nobody.
    pub(crate) fn run(&self, line: &str) -> Assert {
        self.run_with(line, "")
    }

    /// [`Sandbox::run`] with something on standard input.
    pub(crate) fn run_with(&self, line: &str, stdin: impl AsRef<[u8]>) -> Assert {
        let mut words = line.split_whitespace();
        let verb = words.next().unwrap();
        let mut command = self.command();
        command.arg(verb);
        if !["man", "completions", "schema"].contains(&verb) {
            command.args(["--no-keyring", "--batch", "--at", NOW]);
        }
        command.args(words).write_stdin(stdin.as_ref().to_vec()).assert()
    }
}

/// What a run wrote to standard output.
pub(crate) fn stdout(run: &Assert) -> String {
    String::from_utf8(run.get_output().stdout.clone()).unwrap()
}

/// What a run wrote to standard error.
pub(crate) fn stderr(run: &Assert) -> String {
    String::from_utf8(run.get_output().stderr.clone()).unwrap()
}

/// Fails unless the run ended with `code`, and said why in one line `error: …` and at most one `hint: …` after an
/// empty line.
#[track_caller]
pub(crate) fn failed(run: Assert, code: i32) -> String {
    let run = run.code(code);
    let said = stderr(&run);
    let lines: Vec<_> = said.lines().collect();
    let well_formed = match lines.as_slice() {
        [error] => error.starts_with("error: "),
        [error, "", hint] => error.starts_with("error: ") && hint.starts_with("hint: "),
        _ => false,
    };
    assert!(well_formed && !said.contains("panicked"), "{said}");
    lines[0].to_owned()
}
