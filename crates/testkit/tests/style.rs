//! Habits that a program can hold (CONTRIBUTING.md).

use std::path::PathBuf;

use mailseal_testkit::{program::Program, workspace};

/// The most lines that a source file has before its tests.
const LINES: usize = 500;

#[test]
fn no_source_file_is_long() {
    for (path, text) in
        tracked().iter().filter(|(path, _)| path.starts_with("crates") && path.extension().is_some_and(|e| e == "rs"))
    {
        let lines = text.lines().take_while(|line| line.trim() != "#[cfg(test)]").count();
        assert!(lines <= LINES, "{} has {lines} lines before its tests", path.display());
    }
}

#[test]
fn no_file_names_a_path_of_somebodys_machine() {
    // Put together here, so that this file does not name them either.
    let paths = [["/ro", "ot/"].concat(), ["/wo", "rk/"].concat(), ["/tmp/wt", "-"].concat()];
    for (file, text) in tracked() {
        for path in &paths {
            assert!(!text.contains(path.as_str()), "{} names {path}", file.display());
        }
    }
}

#[test]
fn no_work_is_left_for_later() {
    let words = [["TO", "DO"].concat(), ["FIX", "ME"].concat(), ["XX", "X:"].concat()];
    for (file, text) in tracked().iter().filter(|(file, _)| file.extension().is_some_and(|e| e == "rs")) {
        for word in &words {
            assert!(!text.contains(word.as_str()), "{} says {word}", file.display());
        }
    }
}

/// The files under version control that are text.
fn tracked() -> Vec<(PathBuf, String)> {
    let Some(git) = Program::find("git") else { return Vec::new() };
    let listed = git.args(["ls-files", "-z"]).dir(&workspace()).succeed();
    let names = String::from_utf8(listed).expect("our file names are UTF-8");
    let files = names.split('\0').filter(|name| !name.is_empty()).map(PathBuf::from);
    files.filter_map(|file| std::fs::read_to_string(workspace().join(&file)).ok().map(|text| (file, text))).collect()
}
