//! `mailseal check`

use super::common::{Batch, Certificates, Force};

/// Tell whether mail can be encrypted to somebody
///
/// Says for each address which certificate would be used and where it was found, or why there is none. Exit code 17
/// when one of them cannot be encrypted to.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Check {
    /// The addresses
    #[arg(value_name = "ADDR", required = true)]
    pub(crate) addresses: Vec<String>,

    /// One JSON object a line
    #[arg(long)]
    pub(crate) json: bool,

    #[command(flatten)]
    pub(crate) force: Force,

    #[command(flatten)]
    pub(crate) certificates: Certificates,

    #[command(flatten)]
    pub(crate) _batch: Batch,
}

const EXAMPLES: &str = "\
Examples:
  $ mailseal check --no-keyring --cert carol.cert.asc --cert dave.crt.pem \\
      carol@example.org dave@example.org";
