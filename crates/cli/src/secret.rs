//! Passphrases: from where the command line says, then from the terminal.

use std::{
    collections::BTreeMap,
    env,
    fs::File,
    io::{self, BufRead as _, Read, Write as _},
    process::{Command, Stdio},
    sync::{Mutex, PoisonError},
};

use mailseal_core::{Locked, Passphrase, Prompt};
use zeroize::Zeroizing;

use crate::{
    args::common::Passphrases,
    exit::{Exit, Failure},
    output::escape::escape,
};

/// The longest passphrase, in octets.
const MAX: usize = 4096;

/// How often a person is asked for one key.
const TRIES: usize = 3;

/// Tries the passphrases of the command line on each locked key, then those typed before, then asks.
pub(crate) struct Asker {
    ask: bool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    known: Vec<Passphrase>,
    asked: BTreeMap<String, usize>,
}

impl Asker {
    /// Reads every source that the command line names.
    ///
    /// # Errors
    /// 31 for a source that is empty, too long or not UTF-8, 61 for one that is missing.
    pub(crate) fn new(args: &Passphrases) -> Result<Self, Failure> {
        let mut known = Vec::new();
        for fd in &args.fds {
            let name = format!("file descriptor {fd}");
            known.push(match fd {
                0 => first_line(&name, io::stdin().lock())?,
                _ => from_file(&name, format!("/dev/fd/{fd}"))?,
            });
        }
        for file in &args.files {
            known.push(from_file(&file.display().to_string(), file)?);
        }
        for variable in &args.variables {
            known.push(from_variable(variable)?);
        }
        for command in &args.commands {
            known.push(from_command(command)?);
        }
        Ok(Asker { ask: !args.batch, state: Mutex::new(State { known, ..State::default() }) })
    }

    /// Whether the command line gives a passphrase.
    pub(crate) fn is_given_any(&self) -> bool {
        !self.state.lock().unwrap_or_else(PoisonError::into_inner).known.is_empty()
    }

    /// Whether somebody may be asked.
    pub(crate) fn may_ask(&self) -> bool {
        self.ask
    }

    /// A passphrase for something new: the first of the command line, else one that is typed twice alike.
    ///
    /// # Errors
    /// 67 when there is none and nobody can be asked, 31 when the two differ.
    pub(crate) fn new_passphrase(&self, name: &str) -> Result<Passphrase, Failure> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(first) = state.known.first() {
            return Ok(first.clone());
        }
        let nobody = || {
            Failure::new(Exit::KeyIsProtected, format!("there is no passphrase for {name}"))
                .hint("--passphrase-file and its like give one, --no-passphrase leaves the key unlocked")
        };
        if !self.ask {
            return Err(nobody());
        }
        let ask = |what: &str| rpassword::prompt_password(format!("{what} for {}: ", escape(name))).map(Zeroizing::new);
        let typed = ask("New passphrase").map_err(|_| nobody())?;
        let again = ask("The same again").map_err(|_| nobody())?;
        match typed.as_str() {
            "" => Err(nobody()),
            text if text == again.as_str() => Ok(Passphrase::new(text.to_owned())),
            _ => Err(Failure::new(Exit::PasswordNotHumanReadable, "the two passphrases differ")),
        }
    }
}

/// Whether somebody at the terminal says yes, whatever standard input and output are.
pub(crate) fn agreed(question: &str) -> bool {
    let terminal = |write: bool| File::options().read(!write).write(write).open("/dev/tty");
    let (Ok(mut out), Ok(answers)) = (terminal(true), terminal(false)) else { return false };
    if write!(out, "{question}").and_then(|()| out.flush()).is_err() {
        return false;
    }
    let mut answer = String::new();
    let read = io::BufReader::new(answers.take(64)).read_line(&mut answer);
    read.is_ok() && ["y", "yes"].contains(&answer.trim().to_ascii_lowercase().as_str())
}

impl Prompt for Asker {
    fn passphrase(&self, key: &Locked, attempt: usize) -> Option<Passphrase> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = state.known.get(attempt) {
            return Some(known.clone());
        }
        let asked = state.asked.entry(key.name.clone()).or_default();
        if !self.ask || *asked == TRIES {
            return None;
        }
        *asked += 1;
        let typed = from_terminal(key)?;
        state.known.push(typed.clone());
        Some(typed)
    }
}

/// Asks on the terminal, whatever standard input and output are. Without a terminal, or when nothing is typed, `None`.
fn from_terminal(key: &Locked) -> Option<Passphrase> {
    let typed = rpassword::prompt_password(format!("Passphrase for {}: ", escape(&key.name))).ok()?;
    (!typed.is_empty()).then(|| Passphrase::new(typed))
}

/// The first line of a file.
pub(crate) fn from_file(name: &str, path: impl AsRef<std::path::Path>) -> Result<Passphrase, Failure> {
    let file = File::open(path).map_err(|e| Failure::reading(name, &e))?;
    first_line(name, file)
}

fn from_variable(variable: &str) -> Result<Passphrase, Failure> {
    let name = format!("environment variable {variable}");
    let value = env::var_os(variable).ok_or_else(|| unusable(&name, "is not set"))?;
    let value = Zeroizing::new(value.into_encoded_bytes());
    first_line(&name, value.as_slice())
}

/// Standard input is the mail's, so the command gets none; it may talk on standard error.
fn from_command(command: &str) -> Result<Passphrase, Failure> {
    let name = "the passphrase command";
    let mut child = Command::new("sh")
        .args(["-c", command])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|e| Failure::reading(name, &e))?;
    let line = match child.stdout.take() {
        Some(mut stdout) => {
            let line = first_line(name, &mut stdout);
            // The rest is read away, so that the command does not end by a closed pipe.
            io::copy(&mut stdout, &mut io::sink()).map_err(|e| Failure::reading(name, &e))?;
            line
        }
        None => Err(unusable(name, "has no output")),
    };
    let status = child.wait().map_err(|e| Failure::reading(name, &e))?;
    if status.success() { line } else { Err(unusable(name, "failed")) }
}

/// The first line without its line end. White space is part of a passphrase.
pub(crate) fn first_line(name: &str, mut source: impl Read) -> Result<Passphrase, Failure> {
    // The whole capacity at once: no half of a passphrase is left behind by growing.
    let mut line = Zeroizing::new(Vec::with_capacity(MAX));
    let mut octet = Zeroizing::new([0]);
    // Octet by octet: what follows the line stays where it is, for whoever reads next.
    while source.read(&mut *octet).map_err(|e| Failure::reading(name, &e))? == 1 && octet[0] != b'\n' {
        if line.len() == MAX {
            return Err(unusable(name, "is longer than 4096 octets"));
        }
        line.push(octet[0]);
    }
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    match std::str::from_utf8(&line) {
        Ok("") => Err(unusable(name, "is empty")),
        Ok(text) => Ok(Passphrase::new(text.to_owned())),
        Err(_) => Err(unusable(name, "is not UTF-8")),
    }
}

fn unusable(name: &str, why: &str) -> Failure {
    Failure::new(Exit::PasswordNotHumanReadable, format!("{name} {why}"))
        .hint("a passphrase is the first line of its source, in UTF-8")
}

#[cfg(test)]
mod tests {
    use super::*;
    use mailseal_core::ProtocolId;

    fn none() -> Passphrases {
        Passphrases { fds: vec![], files: vec![], variables: vec![], commands: vec![], batch: true }
    }

    fn line(source: &[u8]) -> Result<String, Exit> {
        first_line("test", source).map(|p| p.reveal().to_owned()).map_err(|f| f.exit)
    }

    #[test]
    fn the_first_line_counts() {
        assert_eq!(line(b"secret").unwrap(), "secret");
        assert_eq!(line(b"secret\nmore\n").unwrap(), "secret");
        assert_eq!(line(b"secret\r\n").unwrap(), "secret");
        assert_eq!(line(b"  two words \t\n").unwrap(), "  two words \t");
        assert_eq!(line("größe\n".as_bytes()).unwrap(), "größe");
    }

    #[test]
    fn unusable_sources() {
        for source in [&b""[..], b"\n", b"\r\n", b"\xff\xfe\n", &[b'x'; MAX + 1]] {
            assert_eq!(line(source), Err(Exit::PasswordNotHumanReadable));
        }
        assert_eq!(line(&[b'x'; MAX]).unwrap().len(), MAX);
    }

    #[test]
    fn every_source() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "from a file\n").unwrap();
        let args = Passphrases {
            files: vec![file.path().to_owned()],
            variables: vec!["PATH".to_owned()],
            commands: vec!["printf 'from a command\\nmore'".to_owned()],
            ..none()
        };
        let asker = Asker::new(&args).unwrap();
        let key = Locked::new(ProtocolId::OPENPGP, "test");
        let given: Vec<_> = (0..4).map(|n| asker.passphrase(&key, n).map(|p| p.reveal().to_owned())).collect();
        let path = env::var("PATH").unwrap();
        assert_eq!(given, [Some("from a file".to_owned()), Some(path), Some("from a command".to_owned()), None]);
    }

    #[test]
    fn sources_that_fail() {
        let exit = |args| Asker::new(&args).err().map(|failure: Failure| failure.exit);
        let unusable = Some(Exit::PasswordNotHumanReadable);
        assert_eq!(exit(Passphrases { variables: vec!["MAILSEAL_NOT_SET".to_owned()], ..none() }), unusable);
        assert_eq!(exit(Passphrases { commands: vec!["exit 1".to_owned()], ..none() }), unusable);
        assert_eq!(exit(Passphrases { commands: vec!["echo secret; exit 1".to_owned()], ..none() }), unusable);
        assert_eq!(exit(Passphrases { files: vec!["/nonexistent".into()], ..none() }), Some(Exit::MissingInput));
        assert_eq!(exit(none()), None);
    }

    #[test]
    fn nobody_is_asked_in_batch() {
        let asker = Asker::new(&none()).unwrap();
        assert!(asker.passphrase(&Locked::new(ProtocolId::OPENPGP, "test"), 0).is_none());
    }
}
