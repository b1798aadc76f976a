//! Real programs of other people: found, run with bytes in, bytes out.

use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

/// A program to be run once.
#[derive(Debug)]
pub struct Program {
    command: Command,
    input: Vec<u8>,
}

/// What a program did.
#[derive(Debug)]
pub struct Output {
    /// How it ended.
    pub status: ExitStatus,
    /// What it wrote to standard output.
    pub stdout: Vec<u8>,
    /// What it wrote to standard error, anything that is not UTF-8 replaced.
    pub stderr: String,
}

impl Program {
    /// The program `name` of the search path; where it is missing, says so ([`crate::skip`]) and gives none.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        path(name).map(|path| Self::at(&path))
    }

    /// The program at `path`, in a fixed locale.
    #[must_use]
    pub fn at(path: &Path) -> Self {
        let mut command = Command::new(path);
        command.env("LC_ALL", "C.UTF-8").env_remove("LANGUAGE");
        Self { command, input: Vec::new() }
    }

    /// Adds one argument.
    #[must_use]
    pub fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.command.arg(argument);
        self
    }

    /// Adds arguments.
    #[must_use]
    pub fn args<A: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = A>) -> Self {
        self.command.args(arguments);
        self
    }

    /// Sets a variable of the environment.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Runs in `folder`.
    #[must_use]
    pub fn dir(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// Gives `bytes` on standard input; without it there are none.
    #[must_use]
    pub fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.input = bytes.into();
        self
    }

    /// Runs the program to its end, however that is.
    ///
    /// # Panics
    /// If it cannot be started.
    #[must_use]
    pub fn run(mut self) -> Output {
        self.command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = self.command.spawn().unwrap_or_else(|error| panic!("cannot start {:?}: {error}", self.command));
        let mut stdin = child.stdin.take().expect("standard input is a pipe");
        let input = self.input;
        // A program that does not read all of its input is no failure: its status and output tell.
        let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
        let output = child.wait_with_output().expect("a started program can be waited for");
        writer.join().expect("writing does not panic");
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        Output { status: output.status, stdout: output.stdout, stderr }
    }

    /// Runs the program and gives what it wrote to standard output.
    ///
    /// # Panics
    /// If it fails; the message has what it wrote to standard error.
    #[must_use]
    pub fn succeed(self) -> Vec<u8> {
        let shown = format!("{:?}", self.command);
        let output = self.run();
        assert!(output.status.success(), "{shown}: {}\n{}", output.status, output.stderr);
        output.stdout
    }
}

/// Where the program `name` is in the search path; where it is missing, says so ([`crate::skip`]) and gives none.
#[must_use]
pub fn path(name: &str) -> Option<PathBuf> {
    let found = in_search_path(name);
    if found.is_none() {
        crate::skip(&format!("the program {name}"));
    }
    found
}

fn in_search_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_go_in_and_come_out() {
        let much = vec![b'x'; 1 << 20];
        let program = Program::find("cat").expect("every system has cat");
        assert_eq!(program.stdin(much.clone()).succeed(), much);
    }

    #[test]
    fn a_failure_is_told_with_its_words() {
        let output = Program::find("cat").expect("every system has cat").arg("no such file").run();
        assert!(!output.status.success());
        assert!(output.stderr.contains("no such file"), "{}", output.stderr);
    }
}
