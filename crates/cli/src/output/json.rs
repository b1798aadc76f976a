//! One JSON object a line.

use std::{
    fmt,
    io::{self, Write as _},
};

use crate::exit::Failure;

/// Prints a line of JSON to standard output; anything that displays as one line of JSON will do.
pub(crate) fn line(value: impl fmt::Display) -> Result<(), Failure> {
    writeln!(io::stdout(), "{value}").map_err(|e| Failure::writing("standard output", &e))
}
