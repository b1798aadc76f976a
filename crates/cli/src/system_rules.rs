//! The rules for algorithms that the system has for all its programs.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use mailseal::openpgp::system_rules::{FILE, VARIABLE, check};

use crate::exit::{Exit, Failure};

/// The text of the file that the environment names, else of the system's; `None` where there is neither.
///
/// # Errors
/// 61 for a file that is named and missing, 41 for one that cannot be understood.
pub(crate) fn read() -> Result<Option<Arc<str>>, Failure> {
    let (path, is_named) = match env::var_os(VARIABLE) {
        Some(named) if named.is_empty() => return Ok(None),
        Some(named) => (PathBuf::from(named), true),
        None => (PathBuf::from(FILE), false),
    };
    let text = match fs::read_to_string(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound && !is_named => return Ok(None),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => return Err(unreadable(&path, &error)),
        read => read.map_err(|error| Failure::reading(path.display(), &error))?,
    };
    check(&text).map_err(|error| unreadable(&path, &error))?;
    Ok(Some(text.into()))
}

fn unreadable(path: &Path, why: &dyn std::error::Error) -> Failure {
    Failure::new(Exit::BadData, format!("{}: {why}", path.display()))
        .hint(format!("an empty {VARIABLE} leaves the rules of the system out"))
}
