//! Talk on standard error, one line each; where that is closed, nobody wants it.

use std::io::{self, Write as _};

use super::escape::escape;

/// Something that may not be as it was meant.
pub(crate) fn warn(text: &str) {
    let _ = writeln!(io::stderr(), "warning: {}", escape(text));
}

/// Something to know.
pub(crate) fn note(text: &str) {
    let _ = writeln!(io::stderr(), "note: {}", escape(text));
}
