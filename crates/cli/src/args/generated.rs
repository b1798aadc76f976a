//! `mailseal completions`, `mailseal man`, `mailseal schema`: written by the program itself.

use std::path::PathBuf;

use clap_complete::Shell;

/// Write completions for a shell to standard output
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  $ mailseal completions bash > mailseal.bash")]
pub(crate) struct Completions {
    /// The shell
    #[arg(value_enum)]
    pub(crate) shell: Shell,
}

/// Write manual pages into a directory, one a verb
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  $ mailseal man man1")]
pub(crate) struct Man {
    /// The directory; made when it is not there. Pages in it are replaced
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
}

/// Print the JSON Schema of the verdict
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  $ mailseal schema > verdict.schema.json")]
pub(crate) struct Schema {}
