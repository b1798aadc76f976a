//! What was seen to work, one row a feature, for `docs/interop.md` (`scripts/interop-table`).
//!
//! A test calls these after the last assertion about a feature. Rows go to the file that `MAILSEAL_INTEROP_TABLE` names;
//! without it they go nowhere.

use std::fs::OpenOptions;
use std::io::Write as _;

/// `program` read mail of ours with this feature.
pub(crate) fn reads(program: &str, feature: &str) {
    row(program, feature, "reads ours");
}

/// We read mail that `program` made with this feature.
pub(crate) fn writes(program: &str, feature: &str) {
    row(program, feature, "read by us");
}

/// `program` was seen to lack this feature.
pub(crate) fn lacks(program: &str, feature: &str) {
    row(program, feature, "lacks it");
}

fn row(program: &str, feature: &str, result: &str) {
    let Some(path) = std::env::var_os("MAILSEAL_INTEROP_TABLE") else { return };
    let mut file = OpenOptions::new().create(true).append(true).open(path).unwrap();
    // One write a row: tests run at once.
    file.write_all(format!("{program}\t{feature}\t{result}\n").as_bytes()).unwrap();
}
