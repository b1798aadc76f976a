//! Where the agent listens, and how it is started.

use crate::assuan::Stream;
use crate::error::Error;
use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

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
    /// known places where there is no `gpgconf`.
    pub(crate) fn connect(&self) -> Result<Box<dyn Stream>, Error> {
        let told = self.gpgconf(&["--list-dirs", "agent-socket"]).ok().and_then(|output| path_of(&output.stdout));
        let places = told.map_or_else(|| self.places(), |place| vec![place]);
        let mut why = match first(&places) {
            Ok(stream) => return Ok(stream),
            Err(error) => error,
        };
        match self.gpgconf(&["--launch", "gpg-agent"]) {
            Ok(output) if output.status.success() => match first(&places) {
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

    fn gpgconf(&self, arguments: &[&str]) -> io::Result<Output> {
        let mut command = Command::new("gpgconf");
        if self.chosen {
            command.env("GNUPGHOME", &self.folder);
        }
        command.args(arguments).stdin(Stdio::null()).output()
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

fn first(places: &[PathBuf]) -> io::Result<Box<dyn Stream>> {
    let mut why = io::Error::from(io::ErrorKind::NotFound);
    for place in places {
        match redirected(place).and_then(|place| open(&place)) {
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
fn open(place: &Path) -> io::Result<Box<dyn Stream>> {
    Ok(Box::new(std::os::unix::net::UnixStream::connect(place)?))
}

#[cfg(unix)]
impl Stream for std::os::unix::net::UnixStream {
    fn set_patience(&self, patience: Duration) -> io::Result<()> {
        self.set_read_timeout(Some(patience))?;
        self.set_write_timeout(Some(patience))
    }
}

#[cfg(not(unix))]
fn open(_: &Path) -> io::Result<Box<dyn Stream>> {
    Err(io::Error::from(io::ErrorKind::Unsupported))
}

#[cfg(test)]
mod tests {
    use super::*;

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
