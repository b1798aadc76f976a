//! Programs of the Stateless OpenPGP interface, called alike.

#![allow(dead_code, reason = "each test file uses its part")]
#![allow(clippy::unwrap_used, reason = "a helper of tests fails its test")]

use mailseal_testkit::program::{self, Output, Program};
use std::path::{Path, PathBuf};

/// One program of the interface.
#[derive(Clone)]
pub(crate) struct Sop {
    pub(crate) name: &'static str,
    path: PathBuf,
}

impl Sop {
    /// Ours.
    pub(crate) fn ours() -> Sop {
        Sop { name: "mailseal-sop", path: PathBuf::from(env!("CARGO_BIN_EXE_mailseal-sop")) }
    }

    /// The program `name` of the search path; where it is missing, says so and gives none.
    pub(crate) fn find(name: &'static str) -> Option<Sop> {
        Some(Sop { name, path: program::path(name)? })
    }

    /// The program at `path`.
    pub(crate) fn at(name: &'static str, path: &Path) -> Sop {
        Sop { name, path: path.to_owned() }
    }

    /// Calls it: the words separated by spaces, `input` on standard input.
    pub(crate) fn run(&self, folder: &Folder, words: &str, input: &[u8]) -> Output {
        self.call(folder, &words.split_whitespace().collect::<Vec<_>>(), input)
    }

    /// Calls it.
    pub(crate) fn call(&self, folder: &Folder, arguments: &[&str], input: &[u8]) -> Output {
        Program::at(&self.path).dir(folder.path()).args(arguments).stdin(input).run()
    }

    /// Calls it, and what it writes when it succeeds.
    pub(crate) fn ok(&self, folder: &Folder, words: &str, input: &[u8]) -> Vec<u8> {
        let output = self.run(folder, words, input);
        assert!(output.status.success(), "{} {words}: {}\n{}", self.name, output.status, output.stderr);
        output.stdout
    }

    /// Calls it, and the code that it ends with; when it fails it writes nothing.
    pub(crate) fn code(&self, folder: &Folder, words: &str, input: &[u8]) -> i32 {
        let output = self.run(folder, words, input);
        let code = output.status.code().unwrap();
        assert!(code == 0 || output.stdout.is_empty(), "{words}: it wrote {:?}", output.stdout);
        code
    }
}

/// A folder for the files of a conversation, in which the programs run.
pub(crate) struct Folder(tempfile::TempDir);

impl Folder {
    pub(crate) fn new() -> Folder {
        Folder(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes a file.
    pub(crate) fn write(&self, name: &str, octets: &[u8]) {
        std::fs::write(self.path().join(name), octets).unwrap();
    }

    /// Reads a file and removes it: the programs write none that is there.
    pub(crate) fn take(&self, name: &str) -> String {
        let text = std::fs::read_to_string(self.path().join(name)).unwrap();
        std::fs::remove_file(self.path().join(name)).unwrap();
        text
    }
}
