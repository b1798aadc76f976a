//! Files under a passing name that neither a failure nor a signal leaves behind.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, Once, PoisonError},
};

use tempfile::NamedTempFile;

/// What is to be removed when a signal ends the run.
static FILES: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// Has a signal remove the file, until this is dropped.
#[derive(Debug)]
pub(crate) struct Unfinished(PathBuf);

impl Drop for Unfinished {
    fn drop(&mut self) {
        files().retain(|known| known != &self.0);
    }
}

/// A new file of mode 0600 in `folder`. Dropping it removes it, and so do SIGINT, SIGTERM and SIGHUP, unless whoever
/// started us has them ignored (`nohup`).
pub(super) fn create_in(folder: &Path) -> io::Result<(NamedTempFile, Unfinished)> {
    handle_signals();
    // Locked while the file is made: a signal comes before it or sees it.
    let mut files = files();
    let file = tempfile::Builder::new().prefix(".mailseal-").tempfile_in(folder)?;
    files.push(file.path().to_owned());
    let unfinished = Unfinished(file.path().to_owned());
    Ok((file, unfinished))
}

fn files() -> MutexGuard<'static, Vec<PathBuf>> {
    FILES.lock().unwrap_or_else(PoisonError::into_inner)
}

fn handle_signals() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // Without a handler the run is as good as before; a signal may then leave a file `.mailseal-…`.
        let _ = ctrlc::try_set_handler(|| {
            // Locked until the end: no other file is begun.
            let files = files();
            for path in files.iter() {
                let _ = fs::remove_file(path);
            }
            std::process::exit(130);
        });
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remembered_while_it_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let (file, unfinished) = create_in(folder.path()).unwrap();
        let path = file.path().to_owned();
        assert!(files().contains(&path));
        drop((file, unfinished));
        assert!(!files().contains(&path) && !path.exists());
    }
}
