//! Messages that come in: files, standard input, archives; one at a time.

mod maildir;
mod mbox;

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read, Seek},
    path::{Path, PathBuf},
};

use mailseal_mime::{FileSource, Source};

use crate::exit::{Exit, Failure};

/// A message: where it is from, for people and for the `path` of a verdict, and its octets.
pub(crate) struct Mail {
    /// For programs: a path; `-` for standard input; `FILE#N` for the Nth message of an mbox, counted from 1.
    pub(crate) path: String,
    /// For people: the same, and `standard input`.
    pub(crate) name: String,
    /// Its octets.
    pub(crate) source: Box<dyn Source>,
}

/// Opens one message; nothing or `-` is standard input. A regular file is read where it is, anything else into memory.
///
/// # Errors
/// 61 where there is none (a directory is none), 1 where it cannot be read.
pub(crate) fn mail(path: Option<&Path>) -> Result<Mail, Failure> {
    let path = path.unwrap_or(Path::new(STDIN));
    let (file, name) = open(path)?;
    let source = source(file).map_err(|e| Failure::reading(&name, &e))?;
    Ok(Mail { path: path.to_string_lossy().into_owned(), name, source })
}

/// The messages of a run in the order of the command line: files, then maildirs, mboxes, lists.
///
/// A message that cannot be read is an item of its own; the others follow.
pub(crate) fn mails<'a>(
    files: &'a [PathBuf],
    maildirs: &'a [PathBuf],
    mboxes: &'a [PathBuf],
    lists: &'a [PathBuf],
) -> Box<dyn Iterator<Item = Result<Mail, Failure>> + 'a> {
    if files.is_empty() && maildirs.is_empty() && mboxes.is_empty() && lists.is_empty() {
        return Box::new(std::iter::once_with(|| mail(None)));
    }
    let files = files.iter().map(|path| mail(Some(path)));
    let maildirs = maildirs.iter().flat_map(|folder| in_maildir(folder));
    let mboxes = mboxes.iter().flat_map(|path| in_mbox(path));
    let lists = lists.iter().flat_map(|path| in_list(path));
    Box::new(files.chain(maildirs).chain(mboxes).chain(lists))
}

/// Refuses a command line on which two things are to come from standard input. `paths` are those of the messages; none
/// at all stands for standard input.
///
/// # Errors
/// 83.
pub(crate) fn stdin_once(paths: &[&[PathBuf]], passphrase_fds: &[u32]) -> Result<(), Failure> {
    let named = paths.iter().copied().flatten().filter(|path| path.as_path() == Path::new(STDIN)).count();
    let unnamed = usize::from(paths.iter().all(|paths| paths.is_empty()));
    let secrets = passphrase_fds.iter().filter(|fd| **fd == 0).count();
    if named + unnamed + secrets > 1 {
        return Err(Failure::new(Exit::IncompatibleOptions, "standard input can be read only once"));
    }
    Ok(())
}

type Mails = Box<dyn Iterator<Item = Result<Mail, Failure>>>;

fn in_maildir(folder: &Path) -> Mails {
    match maildir::messages(folder) {
        Ok(paths) => Box::new(paths.into_iter().map(|path| mail(Some(&path)))),
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
            failed(Failure::new(Exit::MissingInput, format!("{} is not a maildir: no cur, no new", folder.display())))
        }
        Err(error) => failed(Failure::reading(folder.display(), &error)),
    }
}

fn in_mbox(path: &Path) -> Mails {
    let (file, what) = match open(path) {
        Ok(opened) => opened,
        Err(failure) => return failed(failure),
    };
    let path = path.to_string_lossy().into_owned();
    Box::new(mbox::Mbox::new(BufReader::new(file)).enumerate().map(move |(index, message)| match message {
        Ok(octets) => {
            let nth = |file: &str| format!("{file}#{}", index + 1);
            Ok(Mail { path: nth(&path), name: nth(&what), source: Box::new(octets) })
        }
        Err(error) if error.kind() == io::ErrorKind::InvalidData => {
            Err(Failure::new(Exit::BadData, format!("{what} is not an mbox: it does not begin with \"From \"")))
        }
        Err(error) => Err(Failure::reading(&what, &error)),
    }))
}

fn in_list(path: &Path) -> Mails {
    let (file, what) = match open(path) {
        Ok(opened) => opened,
        Err(failure) => return failed(failure),
    };
    let lines = BufReader::new(file).split(b'\n').filter(|line| !line.as_ref().is_ok_and(Vec::is_empty));
    Box::new(lines.map(move |line| match line {
        Ok(line) => mail(Some(&path_of(line))),
        Err(error) => Err(Failure::reading(&what, &error)),
    }))
}

fn failed(failure: Failure) -> Mails {
    Box::new(std::iter::once(Err(failure)))
}

#[cfg(unix)]
fn path_of(line: Vec<u8>) -> PathBuf {
    use std::{ffi::OsString, os::unix::ffi::OsStringExt as _};
    OsString::from_vec(line).into()
}

#[cfg(not(unix))]
fn path_of(line: Vec<u8>) -> PathBuf {
    String::from_utf8_lossy(&line).trim_end_matches('\r').into()
}

const STDIN: &str = "-";

/// Opens a file that is no directory; gives its name for people as well.
fn open(path: &Path) -> Result<(File, String), Failure> {
    if path == Path::new(STDIN) {
        let what = "standard input".to_owned();
        let file = stdin().map_err(|e| Failure::reading(&what, &e))?;
        return Ok((file, what));
    }
    let what = path.display().to_string();
    let file = File::open(path).map_err(|e| Failure::reading(&what, &e))?;
    if file.metadata().is_ok_and(|found| found.is_dir()) {
        let failure = Failure::new(Exit::MissingInput, format!("{what} is a directory, not a message"));
        return Err(
            failure.hint("mailseal verify --maildir reads a whole maildir, --files-from the files that a list names")
        );
    }
    Ok((file, what))
}

#[cfg(unix)]
fn stdin() -> io::Result<File> {
    use std::os::fd::AsFd as _;
    Ok(File::from(io::stdin().as_fd().try_clone_to_owned()?))
}

#[cfg(windows)]
fn stdin() -> io::Result<File> {
    use std::os::windows::io::AsHandle as _;
    Ok(File::from(io::stdin().as_handle().try_clone_to_owned()?))
}

/// A regular file is read by offset; a pipe, or a file of which somebody has read already, into memory.
fn source(mut file: File) -> io::Result<Box<dyn Source>> {
    if file.metadata()?.is_file() && file.stream_position()? == 0 {
        return Ok(Box::new(FileSource::new(file)?));
    }
    let mut octets = Vec::new();
    file.read_to_end(&mut octets)?;
    Ok(Box::new(octets))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn octets(mail: &Mail) -> Vec<u8> {
        let mut octets = vec![0; usize::try_from(mail.source.len()).unwrap()];
        assert_eq!(mail.source.read_at(0, &mut octets).unwrap(), octets.len());
        octets
    }

    #[test]
    fn in_the_order_of_the_command_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::create_dir_all(path("box/cur")).unwrap();
        fs::write(path("a"), "Subject: a\n").unwrap();
        fs::write(path("box/cur/b"), "Subject: b\n").unwrap();
        fs::write(path("mbox"), "From x\nSubject: c\n\n\nFrom x\nSubject: d\n").unwrap();
        fs::write(path("list"), format!("\n{}\n{}\n", path("a").display(), path("gone").display())).unwrap();
        let found: Vec<_> = mails(&[path("a")], &[path("box")], &[path("mbox")], &[path("list")])
            .map(|mail| mail.map(|mail| octets(&mail)).map_err(|failure| failure.exit))
            .collect();
        assert_eq!(
            found,
            [
                Ok(b"Subject: a\n".to_vec()),
                Ok(b"Subject: b\n".to_vec()),
                Ok(b"Subject: c\n\n".to_vec()),
                Ok(b"Subject: d\n".to_vec()),
                Ok(b"Subject: a\n".to_vec()),
                Err(Exit::MissingInput),
            ]
        );
        let names: Vec<_> = mails(&[], &[], &[path("mbox")], &[]).map(|mail| mail.unwrap().name).collect();
        assert_eq!(names, [format!("{}#1", path("mbox").display()), format!("{}#2", path("mbox").display())]);
    }

    #[test]
    fn what_is_no_input() {
        let folder = tempfile::tempdir().unwrap();
        let exit = |files: &[PathBuf], maildirs: &[PathBuf], mboxes: &[PathBuf]| {
            mails(files, maildirs, mboxes, &[]).map(|mail| mail.err().map(|failure| failure.exit)).collect::<Vec<_>>()
        };
        let (here, gone) = (folder.path().to_owned(), folder.path().join("gone"));
        let missing = [Some(Exit::MissingInput)];
        assert_eq!(exit(std::slice::from_ref(&here), &[], &[]), missing);
        assert_eq!(exit(&[], std::slice::from_ref(&here), &[]), missing);
        assert_eq!(exit(&[], &[], &[here]), missing);
        assert_eq!(exit(std::slice::from_ref(&gone), &[], &[]), missing);
        assert_eq!(exit(&[], std::slice::from_ref(&gone), &[]), missing);
        assert_eq!(exit(&[], &[], &[gone]), missing);
        let text = folder.path().join("text");
        fs::write(&text, "Subject: no mbox\n").unwrap();
        assert_eq!(exit(&[], &[], &[text]), [Some(Exit::BadData)]);
    }
}
