//! Colour for the eye, on a terminal only.

use std::{env, io::IsTerminal};

/// Whether a stream is painted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Colour(bool);

impl Colour {
    /// On for a terminal, off with a `NO_COLOR` that is not empty (<https://no-color.org>) or a dumb terminal.
    pub(crate) fn of(stream: &impl IsTerminal) -> Self {
        let refused = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let dumb = env::var_os("TERM").is_some_and(|term| term == "dumb");
        Colour(stream.is_terminal() && !refused && !dumb)
    }

    /// `word` in the colour of what is as it should be. Whatever is not stays plain: a signature that fails must not
    /// look more alarming than none (R61). `word` is ours or escaped already.
    pub(crate) fn good(self, word: &str) -> String {
        if self.0 { format!("\x1b[32m{word}\x1b[0m") } else { word.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paint_only_where_it_is_on() {
        assert_eq!(Colour(true).good("signed"), "\x1b[32msigned\x1b[0m");
        assert_eq!(Colour(false).good("signed"), "signed");
    }
}
