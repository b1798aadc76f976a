//! Messages of a maildir: the regular files in `cur` and `new`.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// The paths of the messages in `folder`, in the order of their names; those in `cur` first.
///
/// `tmp` holds what is still being delivered. Subfolders (Maildir++ `.Sent`) are maildirs of their own. Without `cur` and `new`
/// it is no maildir, an error of kind `NotADirectory`.
pub(crate) fn messages(folder: &Path) -> io::Result<Vec<PathBuf>> {
    fs::read_dir(folder)?; // says what is wrong with the folder itself
    let mut found = None;
    for name in ["cur", "new"] {
        match fs::read_dir(folder.join(name)) {
            Ok(entries) => found.get_or_insert_with(Vec::new).extend(sorted(entries)?),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    found.ok_or_else(|| io::Error::new(io::ErrorKind::NotADirectory, "neither cur nor new in it"))
}

fn sorted(entries: fs::ReadDir) -> io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry?.path();
        let hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        // Metadata of the file that a symbolic link means: archives are built of such links.
        if !hidden && path.is_file() {
            paths.push(path);
        }
    }
    paths.sort_unstable();
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cur_then_new_in_order() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["cur", "new", "tmp", "cur/folder"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        for name in ["cur/2:2,S", "cur/1:2,", "new/0", "tmp/3", "cur/.hidden"] {
            fs::write(folder.path().join(name), "x").unwrap();
        }
        let names: Vec<_> = messages(folder.path())
            .unwrap()
            .iter()
            .map(|path| path.strip_prefix(folder.path()).unwrap().to_str().unwrap().to_owned())
            .collect();
        assert_eq!(names, ["cur/1:2,", "cur/2:2,S", "new/0"]);
    }

    #[test]
    fn not_a_maildir() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(messages(folder.path()).unwrap_err().kind(), io::ErrorKind::NotADirectory);
        assert_eq!(messages(&folder.path().join("no")).unwrap_err().kind(), io::ErrorKind::NotFound);
    }
}
