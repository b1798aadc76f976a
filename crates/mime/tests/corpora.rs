//! Messages that nobody here wrote: each parses without panic, and its parts lie where they must.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use mailseal_mime::{AddressList, Limits, Tree, file_name};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

const CORPORA: [&str; 7] =
    ["notmuch-lists", "roundcube", "jsmimeparser", "mimekit", "gmime", "kde-messagelib", "chatmail"];

/// Where the vectors are; `None`, said plainly, where there are none.
pub fn vectors() -> Option<PathBuf> {
    let default = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors");
    let path = std::env::var_os("MAILSEAL_VECTORS").map_or_else(default, PathBuf::from);
    if !path.is_dir() {
        eprintln!("skipped: no test vectors at {}", path.display());
        return None;
    }
    Some(path)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let (mut folders, mut files) = (vec![folder.to_owned()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a readable folder") {
            let path = entry.expect("a readable entry").path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    files
}

#[test]
fn corpora_parse() {
    let Some(vectors) = vectors() else { return };
    let (mut messages, mut others) = (0, 0);
    for path in CORPORA.iter().flat_map(|corpus| files(&vectors.join(corpus))) {
        let bytes = std::fs::read(&path).unwrap();
        let Ok(tree) = Tree::parse(&bytes, &Limits::default()) else {
            others += 1;
            continue;
        };
        messages += 1;
        for (index, part) in tree.parts().iter().enumerate() {
            assert!(part.body.end <= bytes.len() as u64, "{}", path.display());
            if let Some(parent) = part.parent {
                let parent = &tree.parts()[parent].body;
                assert!(parent.start <= part.entity.start && part.entity.end <= parent.end, "{}", path.display());
            }
            for field in &part.header {
                field.text();
                AddressList::parse(&field.value());
            }
            file_name(&part.header);
            io::copy(&mut tree.decoded(&bytes, index), &mut io::sink()).unwrap();
            let mut raw = Vec::new();
            tree.body(&bytes, index).read_to_end(&mut raw).unwrap();
            assert_eq!(raw, &bytes[part.body.start as usize..part.body.end as usize]);
        }
    }
    eprintln!("{messages} messages, {others} other files");
    assert!(messages > 500, "{messages}");
}
