//! The command `mailseal`.
fn main() {}
