//! A keyring's directory as files: read, written whole, removed.

use crate::Error;
use mailseal_core::{Address, Cert};
use std::fs::{self, DirBuilder, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};
use tempfile::NamedTempFile;
use zeroize::Zeroizing;

/// Where files of a keyring lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Certificates of correspondents.
    Certs,
    /// Certificates that help to build paths.
    Intermediates,
    /// X.509 trust anchors.
    Anchors,
    /// X.509 revocation lists and OCSP responses.
    Crls,
    /// Secret keys.
    Keys,
    /// Secret keys that an authority was asked to certify.
    Requests,
    /// What takes one's own certificates back.
    Revocations,
}

impl Place {
    fn name(self) -> &'static str {
        match self {
            Place::Certs => "certs",
            Place::Intermediates => "intermediates",
            Place::Anchors => "anchors",
            Place::Crls => "crls",
            Place::Keys => "keys",
            Place::Requests => "requests",
            Place::Revocations => "revocations",
        }
    }
}

/// A keyring's directory. Every file appears whole or not at all, and for its owner alone (mode 0600, directories 0700). A file
/// that is a symbolic link is written where it leads, so that no older copy of a secret key stays there.
#[derive(Debug, Clone)]
pub struct Folder {
    root: PathBuf,
}

impl Folder {
    /// The directory, which need not be there yet.
    pub fn new(root: impl Into<PathBuf>) -> Folder {
        Folder { root: root.into() }
    }

    /// The visible files of a place in the order of their names.
    ///
    /// # Errors
    /// [`Error::Io`] when one that is there cannot be read.
    pub fn files(&self, place: Place) -> Result<Vec<(PathBuf, Vec<u8>)>, Error> {
        files(&self.root.join(place.name()))
    }

    /// Where a file of a place lies, or would.
    pub fn path(&self, place: Place, name: &str) -> PathBuf {
        self.root.join(place.name()).join(name)
    }

    /// Keeps others from changing the keyring as long as what it gives lives: for whoever reads, and then writes what follows
    /// from that. Another run of the program is waited for, for ten seconds.
    ///
    /// # Errors
    /// [`Error::Io`]; [`io::ErrorKind::TimedOut`] when another run does not end.
    pub fn lock(&self) -> Result<Lock, Error> {
        self.lock_within(PATIENCE)
    }

    fn lock_within(&self, patience: Duration) -> Result<Lock, Error> {
        let path = self.root.join(".lock");
        let failed = |source| Error::Io { path: path.clone(), source };
        private_folder(&self.root).map_err(failed)?;
        let mut options = fs::OpenOptions::new();
        options.write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path).map_err(failed)?;
        let until = Instant::now() + patience;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Lock(file)),
                Err(TryLockError::WouldBlock) if Instant::now() < until => thread::sleep(Duration::from_millis(5)),
                Err(TryLockError::WouldBlock) => {
                    let why = "another program is changing the keyring";
                    return Err(failed(io::Error::new(io::ErrorKind::TimedOut, why)));
                }
                Err(TryLockError::Error(source)) => return Err(failed(source)),
            }
        }
    }

    /// Writes a file, in the place of one of the same name.
    ///
    /// # Errors
    /// [`Error::Io`]; nothing is left of it then.
    pub fn write(&self, place: Place, name: &str, octets: &[u8]) -> Result<PathBuf, Error> {
        let path = self.path(place, name);
        write(&path, octets)?;
        Ok(path)
    }

    /// Adds a file, which takes the place of no other one: under `name`, else under that with a number behind its first part. A
    /// name that begins with dots loses them, since such files are not read.
    ///
    /// # Errors
    /// [`Error::Io`]; nothing is left of it then.
    pub fn add(&self, place: Place, name: &str, octets: &[u8]) -> Result<PathBuf, Error> {
        let name = Some(name.trim_start_matches('.')).filter(|name| !name.is_empty()).unwrap_or("file");
        let (stem, rest) = name.split_at(name.find('.').unwrap_or(name.len()));
        let mut number = 1;
        loop {
            let name = if number == 1 { name.to_owned() } else { format!("{stem}-{number}{rest}") };
            let path = self.path(place, &name);
            match fs::read(&path) {
                Ok(known) if known == octets => return Ok(path),
                Err(_) if fs::symlink_metadata(&path).is_err() => return self.write(place, &name, octets),
                _ => number += 1,
            }
        }
    }

    /// Writes files of the keyring anew, all of them or none: where one cannot be, those before get back what they had.
    ///
    /// # Errors
    /// [`Error::Io`] for the first that cannot be written.
    pub fn replace(&self, files: &[(PathBuf, &[u8])]) -> Result<(), Error> {
        let mut staged = Vec::new();
        for (path, octets) in files {
            let path = real(path);
            let file = stage(&path, octets)?;
            staged.push((path, file));
        }
        let mut done: Vec<(PathBuf, Option<Zeroizing<Vec<u8>>>)> = Vec::new();
        for (path, file) in staged {
            let before = fs::read(&path).map(Zeroizing::new).ok();
            if let Err(error) = file.persist(&path) {
                undo(&done);
                return Err(Error::Io { path, source: error.error });
            }
            done.push((path, before));
        }
        Ok(())
    }

    /// Removes a file; of a symbolic link the link alone.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn remove(&self, path: &Path) -> Result<(), Error> {
        fs::remove_file(path).map_err(|source| Error::Io { path: path.to_owned(), source })
    }

    /// Vouches for a certificate and an address: a line of `pins`, unless it is there. Says whether it was added.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn pin(&self, cert: &Cert, address: &Address) -> Result<bool, Error> {
        let _lock = self.lock()?;
        let line = format!("{} {} {}", cert.protocol(), cert.fingerprint(), address.as_str());
        let mut text = self.pins()?;
        if text.lines().any(|known| known.trim() == line) {
            return Ok(false);
        }
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        text.push_str(&line);
        text.push('\n');
        write(&self.root.join("pins"), text.as_bytes())?;
        Ok(true)
    }

    /// Takes back every pin of a certificate. Says how many there were.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn unpin(&self, cert: &Cert) -> Result<usize, Error> {
        let _lock = self.lock()?;
        let text = self.pins()?;
        let fingerprint = cert.fingerprint().to_string();
        let is_of_cert = |line: &&str| {
            let mut words = line.split_whitespace();
            words.next() == Some(cert.protocol().0)
                && words.next().is_some_and(|word| word.eq_ignore_ascii_case(&fingerprint))
        };
        let count = text.lines().filter(is_of_cert).count();
        if count > 0 {
            let kept: String = text.lines().filter(|line| !is_of_cert(line)).flat_map(|line| [line, "\n"]).collect();
            write(&self.root.join("pins"), kept.as_bytes())?;
        }
        Ok(count)
    }

    fn pins(&self) -> Result<String, Error> {
        let path = self.root.join("pins");
        match fs::read_to_string(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
            read => read.map_err(|source| Error::Io { path, source }),
        }
    }
}

/// See [`Folder::lock`]; dropping it gives the keyring free, and so does the end of the process.
#[derive(Debug)]
pub struct Lock(#[expect(dead_code, reason = "the lock is the open file's")] File);

/// How long another run is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// The visible files of a directory in the order of their names; none when there is no such directory.
pub(crate) fn files(directory: &Path) -> Result<Vec<(PathBuf, Vec<u8>)>, Error> {
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => return Err(Error::Io { path: directory.to_owned(), source }),
    };
    let mut paths = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|source| Error::Io { path: directory.to_owned(), source })?;
        let hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
        if !hidden && entry.path().is_file() {
            paths.push(entry.path());
        }
    }
    paths.sort();
    let read = |path: PathBuf| match fs::read(&path) {
        Ok(encoded) => Ok((path, encoded)),
        Err(source) => Err(Error::Io { path, source }),
    };
    paths.into_iter().map(read).collect()
}

/// Written beside under a hidden name, renamed when whole.
fn write(path: &Path, octets: &[u8]) -> Result<(), Error> {
    let path = real(path);
    let file = stage(&path, octets)?;
    file.persist(&path).map_err(|error| Error::Io { path, source: error.error })?;
    Ok(())
}

/// Where a path leads if it is a symbolic link to something; else the path.
fn real(path: &Path) -> PathBuf {
    let leads = if path.is_symlink() { path.canonicalize().ok() } else { None };
    leads.unwrap_or_else(|| path.to_owned())
}

/// Written beside under a hidden name.
fn stage(path: &Path, octets: &[u8]) -> Result<NamedTempFile, Error> {
    let io = |source| Error::Io { path: path.to_owned(), source };
    let folder = path.parent().unwrap_or(Path::new("."));
    private_folder(folder).map_err(io)?;
    let mut file = tempfile::Builder::new().prefix(".mailseal-").tempfile_in(folder).map_err(io)?;
    file.write_all(octets).and_then(|()| file.as_file().sync_all()).map_err(io)?;
    Ok(file)
}

/// Gives files back what they had. What cannot be given back stays: the first failure is the one that is told.
fn undo(done: &[(PathBuf, Option<Zeroizing<Vec<u8>>>)]) {
    for (path, before) in done {
        let _ = match before {
            Some(octets) => write(path, octets),
            None => fs::remove_file(path).map_err(|source| Error::Io { path: path.clone(), source }),
        };
    }
}

fn private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

#[cfg(test)]
mod tests {
    use super::*;
    use mailseal_core::Protocol;
    use mailseal_smime::Smime;
    use mailseal_testkit::personas::ALICE;

    /// R143, attack 25
    #[cfg(unix)]
    #[test]
    fn files_are_for_their_owner_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let directory = tempfile::tempdir().unwrap();
        let folder = Folder::new(directory.path().join("ring"));
        let path = folder.write(Place::Keys, "a.pem", b"secret").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
        folder.write(Place::Keys, "a.pem", b"other").unwrap();
        assert_eq!(folder.files(Place::Keys).unwrap(), [(path.clone(), b"other".to_vec())]);
        folder.remove(&path).unwrap();
        assert!(folder.files(Place::Keys).unwrap().is_empty() && folder.remove(&path).is_err());
    }

    /// One of two files cannot be written: the other has what it had, and nothing is left beside them.
    #[test]
    fn several_files_are_written_or_none() {
        let directory = tempfile::tempdir().unwrap();
        let folder = Folder::new(directory.path());
        let first = folder.write(Place::Keys, "a", b"old").unwrap();
        let second = directory.path().join("certs").join("b");
        fs::create_dir_all(second.join("in the way")).unwrap();
        for path in [&first, &directory.path().join("keys").join("new")] {
            let before = fs::read(path).ok();
            assert!(folder.replace(&[(path.clone(), b"new"), (second.clone(), b"new")]).is_err());
            assert_eq!(fs::read(path).ok(), before);
        }
        assert_eq!(fs::read_dir(directory.path().join("keys")).unwrap().count(), 1);
        fs::remove_dir_all(&second).unwrap();
        folder.replace(&[(first.clone(), b"new"), (second.clone(), b"too")]).unwrap();
        assert_eq!((fs::read(first).unwrap(), fs::read(second).unwrap()), (b"new".to_vec(), b"too".to_vec()));
    }

    #[test]
    fn one_changes_at_a_time() {
        let directory = tempfile::tempdir().unwrap();
        let folder = Folder::new(directory.path().join("ring"));
        let first = folder.lock().unwrap();
        let Err(Error::Io { source, .. }) = folder.lock_within(Duration::from_millis(20)) else {
            panic!("two have it")
        };
        assert_eq!(source.kind(), io::ErrorKind::TimedOut);
        drop(first);
        drop(folder.lock_within(Duration::ZERO).unwrap());
        assert!(folder.files(Place::Keys).unwrap().is_empty());
    }

    /// Attack 25: a key kept elsewhere by a link is locked there, not beside; a link to nothing becomes a file.
    #[cfg(unix)]
    #[test]
    fn links_are_followed() {
        use std::os::unix::fs::{PermissionsExt as _, symlink};
        let (directory, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let folder = Folder::new(directory.path());
        let first = folder.write(Place::Keys, "a", b"x").unwrap();
        let (second, real) = (folder.path(Place::Keys, "b"), elsewhere.path().join("b"));
        fs::write(&real, b"open").unwrap();
        symlink(&real, &second).unwrap();
        folder.replace(&[(first, b"locked"), (second.clone(), b"locked")]).unwrap();
        assert!(second.is_symlink());
        assert_eq!(fs::read(&real).unwrap(), b"locked");
        assert_eq!(fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o600);
        folder.write(Place::Keys, "b", b"again").unwrap();
        assert_eq!((second.is_symlink(), fs::read(&real).unwrap()), (true, b"again".to_vec()));
        assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 1);

        fs::remove_file(&real).unwrap();
        folder.write(Place::Keys, "b", b"here").unwrap();
        assert!(!second.is_symlink() && !real.exists());
    }

    #[test]
    fn pins_come_and_go_and_notes_stay() {
        let directory = tempfile::tempdir().unwrap();
        let folder = Folder::new(directory.path());
        let pins = directory.path().join("pins");
        fs::write(&pins, "# by hand\nopenpgp abab bob@example.org").unwrap();
        let cert = Smime.parse_certs(&fs::read(ALICE.smime_cert()).unwrap()).unwrap().remove(0);
        let address = &cert.addresses()[0];
        assert!(folder.pin(&cert, address).unwrap() && !folder.pin(&cert, address).unwrap());
        let text = fs::read_to_string(&pins).unwrap();
        assert!(
            text.ends_with(&format!("bob@example.org\nsmime {} alice@example.org\n", cert.fingerprint())),
            "{text}"
        );
        assert_eq!((folder.unpin(&cert).unwrap(), folder.unpin(&cert).unwrap()), (1, 0));
        assert_eq!(fs::read_to_string(&pins).unwrap(), "# by hand\nopenpgp abab bob@example.org\n");
    }
}
