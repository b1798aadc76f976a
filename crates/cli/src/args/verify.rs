//! `mailseal verify`

use std::path::PathBuf;

use clap::ValueEnum;

use super::common::{Certificates, Keys};

/// Judge messages
///
/// Says of each message whether it is signed, encrypted, both or neither, and by whom; writes no mail. Encrypted
/// messages are opened when a key is there.
///
/// The exit code is that of the worst message; from good to bad: 0 signed by its sender, 3 not, 29 cannot be
/// decrypted, 67 its key is locked, 41 no message, 61 missing, 1 cannot be read. Each goes on to the next. An archive
/// is read one message at a time.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Verify {
    /// The messages; `-` or nothing is standard input
    #[arg(value_name = "MAIL")]
    pub(crate) mails: Vec<PathBuf>,

    /// Every message in `cur` and `new` of a maildir. Repeat
    #[arg(long = "maildir", value_name = "DIR")]
    pub(crate) maildirs: Vec<PathBuf>,

    /// Every message of an mbox file. Repeat
    #[arg(long = "mbox", value_name = "FILE")]
    pub(crate) mboxes: Vec<PathBuf>,

    /// Every message whose path is a line of FILE; `-` is standard input. Repeat
    #[arg(long = "files-from", value_name = "FILE")]
    pub(crate) files_from: Vec<PathBuf>,

    /// When the exit code tells of a verdict
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = FailOn::Any)]
    pub(crate) fail_on: FailOn,

    /// One JSON object a line (see `mailseal schema`)
    #[arg(long)]
    pub(crate) json: bool,

    #[command(flatten)]
    pub(crate) keys: Keys,

    #[command(flatten)]
    pub(crate) certificates: Certificates,
}

/// `--fail-on`
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// Any message that its sender did not sign, or that could not be judged
    Any,
    /// Never: 0 when every message was read, whatever its verdict
    Never,
}

const EXAMPLES: &str = "\
Examples:
  $ mailseal verify --no-keyring --cert alice.cert.asc signed.eml
  $ mailseal verify --no-keyring --anchor root.crt.pem --crl intermediate.crl.pem \\
      --json --fail-on never --mbox archive.mbox";
