//! `mailseal sign`

use std::path::PathBuf;

use mailseal::SignedForm;

use super::common::{Certificates, Compatibility, Force, Keys, Write};

/// Sign a whole message
///
/// Reads a draft, header and all, and writes it signed (multipart/signed). The signature covers the header as well
/// (RFC 9788). Who signs is the From address, unless --user names another. With keys of both technologies it is OpenPGP,
/// unless --smime or the fingerprint of an S/MIME certificate says otherwise.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Sign {
    /// The draft; `-` or nothing is standard input
    pub(crate) mail: Option<PathBuf>,

    /// Who signs: an address, or the fingerprint of a certificate
    #[arg(short, long, value_name = "ADDR|HANDLE")]
    pub(crate) user: Option<String>,

    #[command(flatten)]
    pub(crate) force: Force,

    /// S/MIME signed-data in place of multipart/signed: survives list software, unreadable without S/MIME
    #[arg(long, conflicts_with = "pgp")]
    pub(crate) opaque: bool,

    /// The signature as a header field inside, which readers that know nothing of it do not show
    /// (draft-ietf-mailmaint-unobtrusive-signatures)
    #[arg(long, conflicts_with = "opaque")]
    pub(crate) unobtrusive: bool,

    #[command(flatten)]
    pub(crate) compatibility: Compatibility,

    #[command(flatten)]
    pub(crate) write: Write,

    #[command(flatten)]
    pub(crate) keys: Keys,

    #[command(flatten)]
    pub(crate) certificates: Certificates,
}

impl Sign {
    /// The form that --opaque and --unobtrusive ask for.
    pub(crate) fn form(&self) -> SignedForm {
        match (self.opaque, self.unobtrusive) {
            (true, _) => SignedForm::Opaque,
            (_, true) => SignedForm::Unobtrusive,
            _ => SignedForm::Multipart,
        }
    }
}

const EXAMPLES: &str = "\
Examples:
  $ mailseal sign --no-keyring --key alice.key.asc draft.eml > signed.eml
  $ mailseal sign --no-keyring --key alice.p12 --passphrase-file alice.pass \\
      -o signed-smime.eml draft.eml";
