//! Where the messages are that nobody here wrote.

use std::path::{Path, PathBuf};

const CORPORA: [&str; 7] =
    ["notmuch-lists", "roundcube", "jsmimeparser", "mimekit", "gmime", "kde-messagelib", "chatmail"];

/// All files of the MIME corpora, messages or not; none, said plainly, where there are no vectors.
pub(crate) fn files() -> Vec<PathBuf> {
    let default = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors");
    let vectors = std::env::var_os("MAILSEAL_VECTORS").map_or_else(default, PathBuf::from);
    if !vectors.is_dir() {
        eprintln!("skipped: no test vectors at {}", vectors.display());
        return Vec::new();
    }
    let mut folders: Vec<PathBuf> = CORPORA.iter().map(|corpus| vectors.join(corpus)).collect();
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    files
}
