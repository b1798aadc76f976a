//! The library's use in the README is the example, and the example runs.

#![allow(clippy::unwrap_used, reason = "a test fails where it must")]

#[path = "../examples/seal_and_open.rs"]
mod seal_and_open;

#[test]
fn the_example_runs_and_stands_in_the_readme() {
    let workspace = mailseal_testkit::workspace();
    let example = std::fs::read_to_string(workspace.join("crates/mail/examples/seal_and_open.rs")).unwrap();
    let (_, code) = example.split_once("\n\n").unwrap();
    let readme = std::fs::read_to_string(workspace.join("README.md")).unwrap();
    assert!(
        readme.contains(&code.replace("pub(crate) fn main", "fn main")),
        "README.md differs from examples/seal_and_open.rs"
    );
    std::env::set_current_dir(&workspace).unwrap();
    seal_and_open::main().unwrap();
}
