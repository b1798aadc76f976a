//! `mailseal open`

use std::path::PathBuf;

use super::common::{Certificates, Keys, Write};

/// Decrypt and verify a message
///
/// Removes every cryptographic layer and writes the message as it was meant to be read. What was found is told on
/// standard error, or as JSON. Nothing is written that did not prove to be authentic.
///
/// A message that was opened is exit code 0, signed or not, unless --require-signed.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Open {
    /// The message; `-` or nothing is standard input
    pub(crate) mail: Option<PathBuf>,

    /// Write the exact octets of the payload, the part that was signed or encrypted
    #[arg(long)]
    pub(crate) payload: bool,

    /// Open part N by itself: a protected part, under the number that the verdict and inspect give it, or a forwarded
    /// message inside (2.1 is the first part in part 2). What is told and written is of that part alone
    #[arg(long, value_name = "N")]
    pub(crate) part: Option<String>,

    /// Write what inline PGP in the text holds, every line behind a bar and under what it is, and nothing else. It
    /// says nothing of the message: not who sent it, nor that what stands around it is meant
    #[arg(long, conflicts_with_all = ["payload", "part", "require_signed"])]
    pub(crate) inline: bool,

    /// Exit with 3, and write nothing, unless the sender signed it
    #[arg(long)]
    pub(crate) require_signed: bool,

    /// Tell the verdict as JSON on standard error
    #[arg(long)]
    pub(crate) json: bool,

    /// Write the verdict as JSON to FILE, replacing it, and tell none on standard error
    #[arg(long, value_name = "FILE")]
    pub(crate) report: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) write: Write,

    #[command(flatten)]
    pub(crate) keys: Keys,

    #[command(flatten)]
    pub(crate) certificates: Certificates,
}

const EXAMPLES: &str = "\
Examples:
  $ mailseal open --no-keyring --key carol.key.asc --cert alice.cert.asc \\
      sealed.eml > plain.eml
  $ mailseal open --no-keyring --key carol.key.asc --cert alice.cert.asc \\
      --require-signed --report verdict.json --payload -o part.eml sealed.eml";
