//! What the tests of mailseal share: personas, the test vectors, and real programs to talk to.
//!
//! Everything here is for tests: a thing that must be there and is not is a panic with a plain message. Nothing here judges a
//! message; what is expected stands in the tests and in the vectors.

#![allow(clippy::panic, reason = "a helper of tests fails its test")]

pub mod attacks;
pub mod conversation;
pub mod corpus;
pub mod gnupg;
pub mod hex;
pub mod memory;
pub mod mutation;
pub mod nss;
pub mod packets;
pub mod peer;
pub mod personas;
pub mod program;
pub mod quine;
pub mod shown;
pub mod table;
pub mod timing;
pub mod weak;

use std::path::{Path, PathBuf};

/// The folder of the workspace: where `Cargo.lock`, `testdata/` and `crates/` are.
#[must_use]
pub fn workspace() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).expect("this crate lies in crates/testkit").to_owned()
}

/// Whether something missing is a failure (`CI=true`) and not a reason to skip.
#[must_use]
pub fn nothing_may_be_missing() -> bool {
    std::env::var_os("CI").is_some_and(|value| value == "true")
}

/// Says that a test is skipped because `what` is missing.
///
/// # Panics
/// With `CI=true`, where nothing may be missing.
pub fn skip(what: &str) {
    assert!(!nothing_may_be_missing(), "missing, and CI=true: {what}");
    eprintln!("skipped, missing: {what}");
}
