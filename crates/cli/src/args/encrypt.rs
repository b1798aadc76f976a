//! `mailseal encrypt`

use std::path::PathBuf;

use clap::ValueEnum;

use super::common::{Certificates, Compatibility, Force, Keys, Write};

/// Sign and encrypt a whole message
///
/// Reads a draft, header and all, and writes it signed and encrypted to everyone in To, Cc and Bcc. Nothing is
/// written unless everyone can be encrypted to, or --with-password gives a password that they may know.
///
/// Recipients of both technologies and each whom nobody shall see (Bcc) need a message of their own. With several, -o names the
/// files: `-o out.eml` writes out.openpgp.eml, out.smime.eml, out.bcc-1.eml …, and who gets which is told.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Encrypt {
    /// The draft; `-` or nothing is standard input
    pub(crate) mail: Option<PathBuf>,

    /// Encrypt to ADDR; replaces the recipients in To, Cc and Bcc. Who stands neither in To nor in Cc gets a copy of
    /// his own. Repeat
    #[arg(short, long = "recipient", value_name = "ADDR")]
    pub(crate) recipients: Vec<String>,

    /// Encrypt to ADDR besides, in the same message and without naming the key. S/MIME cannot do that: there ADDR
    /// gets a copy of his own. Repeat
    #[arg(short = 'R', long = "hidden-recipient", value_name = "ADDR")]
    pub(crate) hidden: Vec<String>,

    /// Whoever knows this password can read it too, and recipients in To, Cc and Bcc without a certificate are no
    /// obstacle. PASSWORD is a file, @ENV:NAME or @FD:N; its first line counts, without its line end. Repeat: any of them
    /// opens the message
    #[arg(long = "with-password", value_name = "PASSWORD")]
    pub(crate) passwords: Vec<String>,

    /// Who signs: an address, or the fingerprint of a certificate
    #[arg(short, long, value_name = "ADDR|HANDLE", conflicts_with = "no_sign")]
    pub(crate) user: Option<String>,

    /// Do not sign. Readers are told that anybody may have written it
    #[arg(long)]
    pub(crate) no_sign: bool,

    #[command(flatten)]
    pub(crate) force: Force,

    /// What the header outside the encryption still says (RFC 9788)
    #[arg(long, value_enum, value_name = "POLICY", default_value_t = HeaderPolicy::Baseline)]
    pub(crate) hp: HeaderPolicy,

    /// Repeat the hidden fields at the start of the text, for mail programs that know no header protection. It is off
    /// because it changes the text: such programs show and quote it
    #[arg(long)]
    pub(crate) legacy_display: bool,

    #[command(flatten)]
    pub(crate) compatibility: Compatibility,

    /// What becomes of a recipient without a usable certificate
    #[arg(long, value_enum, value_name = "WHAT", default_value_t = Missing::Fail)]
    pub(crate) missing: Missing,

    /// Tell the files and their recipients as JSON, one line each, on standard output; needs -o
    #[arg(long)]
    pub(crate) json: bool,

    #[command(flatten)]
    pub(crate) write: Write,

    #[command(flatten)]
    pub(crate) keys: Keys,

    #[command(flatten)]
    pub(crate) certificates: Certificates,
}

/// `--hp`
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum HeaderPolicy {
    /// Subject is hidden, Comments and Keywords are removed
    Baseline,
    /// Also names beside addresses and the time zone are hidden
    Shy,
    /// Everything stays readable outside
    None,
}

/// `--missing`
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Missing {
    /// Nothing is written (exit code 17)
    Fail,
    /// They get nothing
    Skip,
}

const EXAMPLES: &str = "\
Examples:
  $ mailseal encrypt --no-keyring --key alice.key.asc --cert carol.cert.asc \\
      -r carol@example.org draft.eml > sealed.eml
  $ mailseal encrypt --no-keyring --key alice.key.asc --key alice.key.pem \\
      --cert alice.crt.pem --cert carol.cert.asc --cert dave.crt.pem \\
      -o out.eml draft.eml
  $ mailseal encrypt --no-keyring --key alice.key.asc --with-password dave.pass \\
      draft.eml > sealed.eml";
