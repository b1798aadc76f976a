//! Where a result goes: standard output, a device, or a file that is whole or not there.

use std::{
    fs::{self, File},
    io::{self, Seek as _, Write},
    path::{Path, PathBuf},
};

use tempfile::{NamedTempFile, SpooledTempFile};

use super::unfinished::{self, Unfinished};
use crate::exit::{Exit, Failure};

/// A place for output, as the command line named it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Destination {
    /// No `-o`, `-o -`, or a name of standard output.
    Stdout,
    /// A terminal, a FIFO, `/dev/null`: written to as it is.
    Device(PathBuf),
    /// A file: written beside under another name, renamed when whole.
    File {
        /// Where it will be. Symbolic links are followed.
        path: PathBuf,
        /// `--overwrite`.
        overwrite: bool,
    },
}

impl Destination {
    /// Understands `-o` and refuses a file that is there already (59), before anything is read or asked.
    pub(crate) fn new(path: Option<&Path>, overwrite: bool) -> Result<Self, Failure> {
        let Some(path) = path else { return Ok(Destination::Stdout) };
        if ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"].iter().any(|name| path == Path::new(name)) {
            return Ok(Destination::Stdout);
        }
        match fs::metadata(path) {
            Ok(found) if found.is_dir() => {
                let message = format!("{} is a directory", path.display());
                Err(Failure::new(Exit::OutputExists, message).hint("name a file inside it"))
            }
            Ok(found) if !found.is_file() => Ok(Destination::Device(path.to_owned())),
            Ok(_) if overwrite => {
                let path = path.canonicalize().map_err(|e| Failure::writing(path.display(), &e))?;
                Ok(Destination::File { path, overwrite })
            }
            Ok(_) => Err(exists(path)),
            Err(_) => Ok(Destination::File { path: path.to_owned(), overwrite }),
        }
    }

    /// Opens the place. A file does not appear under its name before [`Output::commit`]; standard output and devices
    /// get each octet as it comes, so write there only what is complete already.
    pub(crate) fn create(&self) -> Result<Output, Failure> {
        match self {
            Destination::Stdout => Ok(Output::Direct(Box::new(io::stdout()), "standard output".to_owned())),
            Destination::Device(path) => {
                let file = File::options().write(true).open(path).map_err(|e| Failure::writing(path.display(), &e))?;
                Ok(Output::Direct(Box::new(file), path.display().to_string()))
            }
            Destination::File { path, overwrite } => {
                let folder = match path.parent() {
                    Some(folder) if !folder.as_os_str().is_empty() => folder,
                    _ => Path::new("."),
                };
                let (file, _unfinished) =
                    unfinished::create_in(folder).map_err(|e| Failure::writing(path.display(), &e))?;
                Ok(Output::File { file, path: path.clone(), overwrite: *overwrite, _unfinished })
            }
        }
    }

    /// Opens the place for a result that may still fail: standard output and devices get nothing before
    /// [`Output::commit`] either, so that no half message goes down a pipe. What is large is held in an unlinked file of
    /// mode 0600 meanwhile.
    pub(crate) fn create_held(&self) -> Result<Output, Failure> {
        match self {
            Destination::File { .. } => self.create(),
            _ => Ok(Output::Held(SpooledTempFile::new(IN_MEMORY), self.clone())),
        }
    }

    /// The same place with `word` before the extension: `out.eml` and `smime` are `out.smime.eml`.
    /// `None` where there is no file to be named after.
    pub(crate) fn beside(&self, word: &str) -> Option<Result<Destination, Failure>> {
        let Destination::File { path, overwrite } = self else { return None };
        let mut name = path.file_stem().unwrap_or_default().to_owned();
        name.push(".");
        name.push(word);
        if let Some(extension) = path.extension() {
            name.push(".");
            name.push(extension);
        }
        Some(Destination::new(Some(&path.with_file_name(name)), *overwrite))
    }
}

/// How much of a held result stays in memory, in octets.
const IN_MEMORY: usize = 8 << 20;

/// An open [`Destination`]. Dropped without [`Output::commit`], a file leaves nothing behind.
pub(crate) enum Output {
    /// Standard output or a device, and its name for people.
    Direct(Box<dyn Write>, String),
    /// Held until it is whole, and where it will go.
    Held(SpooledTempFile, Destination),
    /// A file under its passing name.
    File {
        /// The passing file, mode 0600.
        file: NamedTempFile,
        /// The name to be.
        path: PathBuf,
        /// Whether it may take the place of another.
        overwrite: bool,
        /// Has a signal remove the passing file.
        _unfinished: Unfinished,
    },
}

impl Output {
    /// Finishes the output; a file gets its name now.
    pub(crate) fn commit(self) -> Result<(), Failure> {
        match self {
            Output::Direct(mut out, name) => out.flush().map_err(|e| Failure::writing(name, &e)),
            Output::Held(mut spool, destination) => {
                let mut out = destination.create()?;
                spool
                    .rewind()
                    .and_then(|()| io::copy(&mut spool, &mut out))
                    .map_err(|e| Failure::writing(out.name(), &e))?;
                out.commit()
            }
            Output::File { file, path, overwrite, _unfinished } => {
                let done = if overwrite { file.persist(&path) } else { file.persist_noclobber(&path) };
                match done {
                    Ok(_) => Ok(()),
                    Err(e) if e.error.kind() == io::ErrorKind::AlreadyExists => Err(exists(&path)),
                    Err(e) => Err(Failure::writing(path.display(), &e.error)),
                }
            }
        }
    }

    /// Finishes several outputs: all of them, or none.
    pub(crate) fn commit_all(outputs: Vec<Output>) -> Result<(), Failure> {
        let mut done = Vec::new();
        for output in outputs {
            let path = match &output {
                Output::File { path, .. } => Some(path.clone()),
                _ => None,
            };
            if let Err(failure) = output.commit() {
                for path in done.iter().flatten() {
                    // What cannot be removed was renamed a moment ago; the failure told is the first one.
                    let _ = fs::remove_file::<&PathBuf>(path);
                }
                return Err(failure);
            }
            done.push(path);
        }
        Ok(())
    }

    /// Its name for people.
    pub(crate) fn name(&self) -> String {
        match self {
            Output::Direct(_, name) => name.clone(),
            Output::Held(_, Destination::Stdout) => "standard output".to_owned(),
            Output::Held(_, Destination::Device(path) | Destination::File { path, .. }) | Output::File { path, .. } => {
                path.display().to_string()
            }
        }
    }
}

impl Write for Output {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        match self {
            Output::Direct(out, _) => out.write(octets),
            Output::Held(spool, _) => spool.write(octets),
            Output::File { file, .. } => file.write(octets),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Output::Direct(out, _) => out.flush(),
            Output::Held(spool, _) => spool.flush(),
            Output::File { file, .. } => file.flush(),
        }
    }
}

fn exists(path: &Path) -> Failure {
    Failure::new(Exit::OutputExists, format!("{} exists", path.display())).hint("--overwrite replaces it")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> =
            fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_appears_when_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.eml");
        let mut output = Destination::new(Some(&path), false).unwrap().create().unwrap();
        output.write_all(b"half").unwrap();
        assert!(!path.exists());
        output.commit().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"half");
        assert_eq!(names(folder.path()), ["out.eml"]);
    }

    /// R143, attack 25
    #[cfg(unix)]
    #[test]
    fn nobody_else_may_read_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.eml");
        let output = Destination::new(Some(&path), false).unwrap().create().unwrap();
        output.commit().unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn nothing_is_left_of_a_failed_run() {
        let folder = tempfile::tempdir().unwrap();
        let mut output = Destination::new(Some(&folder.path().join("out.eml")), false).unwrap().create().unwrap();
        output.write_all(b"half").unwrap();
        drop(output);
        assert!(names(folder.path()).is_empty());
    }

    #[test]
    fn another_file_is_kept_unless_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.eml");
        let early = Destination::new(Some(&path), false).unwrap();
        fs::write(&path, "old").unwrap();
        assert_eq!(Destination::new(Some(&path), false).unwrap_err().exit, Exit::OutputExists);
        // One that came while we worked is kept as well.
        assert_eq!(early.create().unwrap().commit().unwrap_err().exit, Exit::OutputExists);
        assert_eq!(fs::read(&path).unwrap(), b"old");
        let mut output = Destination::new(Some(&path), true).unwrap().create().unwrap();
        output.write_all(b"new").unwrap();
        output.commit().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(names(folder.path()), ["out.eml"]);
    }

    #[test]
    fn devices_and_folders() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Destination::new(Some(folder.path()), true).unwrap_err().exit, Exit::OutputExists);
        for name in ["-", "/dev/stdout"] {
            assert_eq!(Destination::new(Some(Path::new(name)), false).unwrap(), Destination::Stdout);
        }
        assert_eq!(Destination::new(None, false).unwrap(), Destination::Stdout);
        let null = Destination::new(Some(Path::new("/dev/null")), false).unwrap();
        assert_eq!(null, Destination::Device("/dev/null".into()));
        null.create().unwrap().commit().unwrap();
        let nowhere = Destination::new(Some(&folder.path().join("no/out.eml")), false).unwrap();
        assert_eq!(nowhere.create().err().map(|failure| failure.exit), Some(Exit::Failure));
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_followed() {
        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("out.eml"), folder.path().join("link"));
        fs::write(&path, "old").unwrap();
        std::os::unix::fs::symlink(&path, &link).unwrap();
        let mut output = Destination::new(Some(&link), true).unwrap().create().unwrap();
        output.write_all(b"new").unwrap();
        output.commit().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert!(link.is_symlink());
    }

    #[test]
    fn names_beside() {
        let folder = tempfile::tempdir().unwrap();
        let beside =
            |name: &str| match Destination::new(Some(&folder.path().join(name)), false).unwrap().beside("smime") {
                Some(Ok(Destination::File { path, .. })) => path.file_name().unwrap().to_str().unwrap().to_owned(),
                other => panic!("{other:?}"),
            };
        assert_eq!(beside("out.eml"), "out.smime.eml");
        assert_eq!(beside("out"), "out.smime");
        assert_eq!(beside("a.b.eml"), "a.b.smime.eml");
        assert_eq!(Destination::Stdout.beside("smime"), None);
    }

    #[test]
    fn all_or_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let outputs: Vec<_> = ["a", "b", "c"]
            .iter()
            .map(|name| Destination::new(Some(&path(name)), false).unwrap().create().unwrap())
            .collect();
        fs::write(path("c"), "in the way").unwrap();
        assert_eq!(Output::commit_all(outputs).unwrap_err().exit, Exit::OutputExists);
        assert_eq!(names(folder.path()), ["c"]);
    }
}
