//! A library of other people behind a small program of ours: one command a line goes in, one answer a line comes out.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// A program that answers each line `VERB IN OUT WORDS…` with the line `ok`, having written the file OUT, or `no REASON`.
#[derive(Debug)]
pub struct Peer {
    child: Child,
    commands: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    folder: tempfile::TempDir,
}

impl Peer {
    /// Starts `command`, which reads commands until its standard input ends.
    ///
    /// # Panics
    /// If it cannot be started.
    #[must_use]
    pub fn start(mut command: Command) -> Self {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start {command:?}: {error}"));
        let commands = child.stdin.take();
        let answers = BufReader::new(child.stdout.take().expect("standard output is a pipe"));
        Self { child, commands, answers, folder: tempfile::tempdir().expect("a temporary folder can be made") }
    }

    /// A file of the peer's folder with these octets, for use among the words of a command.
    ///
    /// # Panics
    /// If it cannot be written.
    #[must_use]
    pub fn file(&self, name: &str, octets: &[u8]) -> String {
        let path = self.folder.path().join(name);
        std::fs::write(&path, octets).expect("a temporary file can be written");
        shown(&path)
    }

    /// What the peer makes of `input` by `VERB` and the words after it, separated by spaces.
    ///
    /// # Errors
    /// What it says where it refuses.
    ///
    /// # Panics
    /// If the program has ended or speaks otherwise.
    pub fn ask(&mut self, verb: &str, input: &[u8], words: &str) -> Result<Vec<u8>, String> {
        let (from, to) = (self.file("in", input), self.folder.path().join("out"));
        let commands = self.commands.as_mut().expect("open until the end");
        writeln!(commands, "{verb} {from} {} {words}", shown(&to)).expect("the peer listens");
        let mut answer = String::new();
        self.answers.read_line(&mut answer).expect("the peer speaks UTF-8");
        match answer.trim_end().split_once(' ') {
            Some(("no", reason)) => Err(reason.to_owned()),
            None if answer == "ok\n" => Ok(std::fs::read(&to).expect("the peer wrote it")),
            _ => panic!("the peer said {answer:?}"),
        }
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        drop(self.commands.take());
        drop(self.child.wait());
    }
}

/// A file of the libraries that `scripts/install-peers` installs; where it is missing, says so ([`crate::skip`]).
#[must_use]
pub fn installed(file: &str) -> Option<PathBuf> {
    let folder =
        std::env::var_os("MAILSEAL_PEERS").map_or_else(|| crate::workspace().join("target/peers"), PathBuf::from);
    let file = folder.join(file);
    if !file.is_file() {
        crate::skip(&file.display().to_string());
        return None;
    }
    Some(file)
}

fn shown(path: &Path) -> String {
    path.to_str().expect("temporary files have plain names").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A peer that copies, and refuses what it does not know.
    const SCRIPT: &str = "while read -r verb from to word; do \
        if [ $verb = copy ]; then cat $from >$to; echo ok; else echo no $word; fi; done";

    #[test]
    fn commands_are_answered_in_their_order() {
        let mut command = Command::new("sh");
        command.args(["-c", SCRIPT]);
        let mut peer = Peer::start(command);
        assert_eq!(peer.ask("copy", b"\0\xff\n", "").unwrap(), b"\0\xff\n");
        assert_eq!(peer.ask("other", b"", "not known").unwrap_err(), "not known");
        assert_eq!(peer.ask("copy", b"again", "").unwrap(), b"again");
    }
}
