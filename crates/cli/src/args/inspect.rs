//! `mailseal inspect`

use std::path::PathBuf;

use super::common::{At, Batch};

/// Look at the layers of messages without any key
///
/// Tells layers, algorithms, recipients and header protection as the message states them. Needs no key, decrypts
/// nothing and vouches for nothing.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Inspect {
    /// The messages; `-` or nothing is standard input
    #[arg(value_name = "MAIL")]
    pub(crate) mails: Vec<PathBuf>,

    /// One JSON object a line (see `mailseal schema`)
    #[arg(long)]
    pub(crate) json: bool,

    /// The time at which algorithms are judged: RFC 3339, or now
    #[arg(long, value_name = "TIME", default_value = "now", value_parser = At::parse)]
    pub(crate) at: At,

    #[arg(
        long = "no-keyring",
        hide_short_help = true,
        long_help = "Understood for the sake of scripts; no keyring is read here anyway"
    )]
    pub(crate) _no_keyring: bool,

    #[command(flatten)]
    pub(crate) _batch: Batch,
}

const EXAMPLES: &str = "\
Examples:
  $ mailseal inspect sealed.eml
  $ mailseal inspect --json sealed.eml signed.eml";
