//! Where the agent listens, and how it is started.

use crate::assuan::Stream;
use crate::error::Error;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

/// The name of the agent's socket in its folder.
const SOCKET: &str = "S.gpg-agent";

/// How far one redirection leads to the next; there is one at most.
const REDIRECTIONS: usize = 2;

/// GnuPG's folder and the places of its agent.
#[derive(Debug, Clone)]
pub struct Home {
    folder: PathBuf,
    chosen: bool,
    run: Option<PathBuf>,
}

impl Home {
    /// The folder that the user chose (`$GNUPGHOME`).
    pub fn chosen(folder: PathBuf) -> Home {
        Home { folder, chosen: true, run: None }
    }

    /// The usual folder (`~/.gnupg`); `run` is the folder of the user's sockets (`/run/user/UID`), where there is one.
    pub fn usual(folder: PathBuf, run: Option<PathBuf>) -> Home {
        Home { folder, chosen: false, run }
    }

    /// GnuPG's folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// A connection to the agent, which is started when it does not run. Asks `gpgconf` where its socket is, and looks in the
    /// known places where there is no `gpgconf`. Each of these steps may take `patience`.
    pub(crate) fn connect(&self, patience: Duration) -> Result<Box<dyn Stream>, Error> {
        let told = self.gpgconf(&["--list-dirs", "agent-socket"], patience);
        let told = told.ok().and_then(|output| path_of(&output.stdout));
        let places = told.map_or_else(|| self.places(), |place| vec![place]);
        let mut why = match first(&places, patience) {
            Ok(stream) => return Ok(stream),
            // It runs, and starting it again would wait for it too.
            Err(error) if error.kind() == io::ErrorKind::TimedOut => return Err(Error::Unreachable(error.to_string())),
            Err(error) => error,
        };
        match self.gpgconf(&["--launch", "gpg-agent"], patience) {
            Ok(output) if output.status.success() => match first(&places, patience) {
                Ok(stream) => return Ok(stream),
                Err(error) => why = error,
            },
            Ok(output) => {
                let said = String::from_utf8_lossy(&output.stderr);
                return Err(Error::Unreachable(said.lines().next().unwrap_or("it does not start").to_owned()));
            }
            Err(error) => return Err(Error::Unreachable(format!("{why}; gpgconf cannot start it: {error}"))),
        }
        Err(Error::Unreachable(why.to_string()))
    }

    fn gpgconf(&self, arguments: &[&str], patience: Duration) -> io::Result<Output> {
        let mut command = Command::new("gpgconf");
        if self.chosen {
            command.env("GNUPGHOME", &self.folder);
        }
        command.args(arguments);
        output(command, patience)
    }

    fn places(&self) -> Vec<PathBuf> {
        let run = self.run.iter().map(|run| run.join("gnupg").join(SOCKET));
        run.chain([self.folder.join(SOCKET)]).collect()
    }
}

/// The path in the first line.
fn path_of(said: &[u8]) -> Option<PathBuf> {
    let line = std::str::from_utf8(said).ok()?.lines().next()?;
    (!line.is_empty()).then(|| PathBuf::from(line))
}

/// What a program says; one that takes longer than `patience` is ended.
fn output(mut command: Command, patience: Duration) -> io::Result<Output> {
    let until = Instant::now() + patience;
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let (out, err) = (child.stdout.take(), child.stderr.take());
    // Whoever it started may hold them open longer than it lives.
    let said = within(patience, move || Ok((read_some(out)?, read_some(err)?)));
    loop {
        match (&said, child.try_wait()?) {
            (Ok(_), Some(status)) => {
                let (stdout, stderr) = said?;
                return Ok(Output { status, stdout, stderr });
            }
            (Ok(_), None) if Instant::now() < until => thread::sleep(Duration::from_millis(2)),
            _ => {
                let _ = child.kill(); // it may have ended just now
                child.wait()?;
                return Err(said.err().unwrap_or_else(|| io::ErrorKind::TimedOut.into()));
            }
        }
    }
}

/// What a stream says to its end, of that the first 64 KiB.
fn read_some(stream: Option<impl Read>) -> io::Result<Vec<u8>> {
    let mut octets = Vec::new();
    if let Some(stream) = stream {
        stream.take(64 << 10).read_to_end(&mut octets)?;
    }
    Ok(octets)
}

/// What `work` gives within `patience`. Work that takes longer is left to itself: connecting to a socket has no time limit of its
/// own.
fn within<T: Send + 'static>(
    patience: Duration,
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    let (sender, receiver) = mpsc::channel();
    thread::Builder::new().spawn(move || {
        let _ = sender.send(work()); // nobody may wait for it any more
    })?;
    receiver.recv_timeout(patience).unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}

fn first(places: &[PathBuf], patience: Duration) -> io::Result<Box<dyn Stream>> {
    let mut why = io::Error::from(io::ErrorKind::NotFound);
    for place in places {
        match redirected(place).and_then(|place| open(&place, patience)) {
            Ok(stream) => return Ok(stream),
            Err(error) => why = error,
        }
    }
    Err(why)
}

/// Follows the files that stand in the place of a socket: `%Assuan%`, then `socket=PATH`.
fn redirected(place: &Path) -> io::Result<PathBuf> {
    let mut place = place.to_owned();
    for _ in 0..REDIRECTIONS {
        if !fs::metadata(&place)?.is_file() {
            return Ok(place);
        }
        let mut text = String::new();
        fs::File::open(&place)?.take(4096).read_to_string(&mut text)?;
        let path = text.strip_prefix("%Assuan%\n").and_then(|rest| rest.lines().next()?.strip_prefix("socket="));
        // Variables of the environment are not read here.
        let path = path.filter(|path| !path.contains('$'));
        place = path.map(PathBuf::from).ok_or_else(|| io::Error::from(io::ErrorKind::InvalidData))?;
    }
    Ok(place)
}

#[cfg(unix)]
fn open(place: &Path, patience: Duration) -> io::Result<Box<dyn Stream>> {
    let place = place.to_owned();
    Ok(Box::new(within(patience, || std::os::unix::net::UnixStream::connect(place))?))
}

#[cfg(unix)]
impl Stream for std::os::unix::net::UnixStream {
    fn set_patience(&self, patience: Duration) -> io::Result<()> {
        self.set_read_timeout(Some(patience))?;
        self.set_write_timeout(Some(patience))
    }
}

#[cfg(not(unix))]
fn open(_: &Path, _: Duration) -> io::Result<Box<dyn Stream>> {
    Err(io::Error::from(io::ErrorKind::Unsupported))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What hangs is left in time: a program, one that closes what it says and stays, a connection.
    #[cfg(unix)]
    #[test]
    fn nothing_waits_for_ever() {
        let shell = |text: &str| {
            let mut command = Command::new("sh");
            command.args(["-c", text]);
            command
        };
        let begin = Instant::now();
        let short = Duration::from_millis(200);
        for hangs in ["sleep 60", "exec sleep 60", "exec >&- 2>&-; sleep 60", "echo; exec sleep 60"] {
            assert_eq!(output(shell(hangs), short).unwrap_err().kind(), io::ErrorKind::TimedOut, "{hangs}");
        }
        let hangs: io::Result<()> = within(short, || {
            thread::sleep(Duration::from_secs(60));
            Ok(())
        });
        assert_eq!(hangs.unwrap_err().kind(), io::ErrorKind::TimedOut);
        assert!(begin.elapsed() < Duration::from_secs(20));

        let said = output(shell("echo here; echo there >&2; exit 3"), Duration::from_secs(60)).unwrap();
        assert_eq!((said.stdout, said.stderr, said.status.code()), (b"here\n".to_vec(), b"there\n".to_vec(), Some(3)));
    }

    #[test]
    fn redirections() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("one"), format!("%Assuan%\nsocket={}\n", at("socket").display())).unwrap();
        fs::create_dir(at("socket")).unwrap();
        assert_eq!(redirected(&at("one")).unwrap(), at("socket"));
        fs::write(at("ring"), format!("%Assuan%\nsocket={}\n", at("ring").display())).unwrap();
        assert_eq!(redirected(&at("ring")).unwrap(), at("ring"), "it ends");
        for bad in ["", "socket=/x\n", "%Assuan%\n", "%Assuan%\nother=/x\n", "%Assuan%\nsocket=${HOME}/x\n"] {
            fs::write(at("bad"), bad).unwrap();
            assert!(redirected(&at("bad")).is_err(), "{bad:?}");
        }
        assert!(redirected(&at("none")).is_err());
    }
}
