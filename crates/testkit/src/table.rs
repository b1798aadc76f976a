//! What was seen to work, one row a feature, for `docs/interop.md` (`scripts/interop-table`).
//!
//! A test calls these after the last assertion about a feature. Rows go to the file that `MAILSEAL_INTEROP_TABLE` names;
//! without it they go nowhere.

use std::fs::OpenOptions;
use std::io::Write as _;

/// `program` read what is ours with this feature.
///
/// # Panics
/// If the file cannot be written.
pub fn reads(program: &str, feature: &str) {
    row(program, feature, "reads ours");
}

/// We read what `program` made with this feature.
///
/// # Panics
/// If the file cannot be written.
pub fn writes(program: &str, feature: &str) {
    row(program, feature, "read by us");
}

/// `program` was seen to lack this feature.
///
/// # Panics
/// If the file cannot be written.
pub fn lacks(program: &str, feature: &str) {
    row(program, feature, "lacks it");
}

fn row(program: &str, feature: &str, result: &str) {
    let Some(path) = std::env::var_os("MAILSEAL_INTEROP_TABLE") else { return };
    let mut file = OpenOptions::new().create(true).append(true).open(path).expect("the table can be opened");
    // One write a row: tests run at once.
    file.write_all(format!("{program}\t{feature}\t{result}\n").as_bytes()).expect("the table can be written");
}
