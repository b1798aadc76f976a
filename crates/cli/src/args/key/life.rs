//! `mailseal key extend`, `revoke`, `passphrase`, `add`

use std::path::PathBuf;

use clap::{ArgGroup, Args, ValueEnum};

use super::super::common::{At, Passphrases, Write};
use super::{End, Ring};

/// Say when a key ends
///
/// Later or sooner than it said before: the key itself and those of its subkeys that are in use. Correspondents see it in the
/// certificate that `key export` writes. OpenPGP; an X.509 certificate ends when its authority said.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  $ mailseal key import alice.key.asc > imported\n  \
                        $ mailseal key extend alice@example.org --until 2040-01-02T03:04:05Z")]
pub(crate) struct Extend {
    /// Which
    #[arg(value_name = "ADDR|HANDLE")]
    pub(crate) which: String,

    /// When it ends: RFC 3339, or never
    #[arg(long, value_name = "TIME", value_parser = End::parse)]
    pub(crate) until: End,

    #[command(flatten)]
    pub(crate) change: Change,
}

/// Take back a key, an address or a subkey
///
/// Whoever gets the certificate afterwards (`key export`) sees it. For good: asks on the terminal first. With --output the
/// keyring stays as it is, and the revoked certificate is written, to be imported or published later.
#[derive(Debug, Args)]
#[command(
    group = ArgGroup::new("part").args(["user_id", "subkey"]),
    after_help = "Examples:\n  $ mailseal key import alice.key.asc > imported\n  \
                  $ mailseal key revoke alice@example.org --reason compromised -o revoked.asc\n  \
                  $ mailseal key revoke alice@example.org --reason retired --yes"
)]
pub(crate) struct Revoke {
    /// Which
    #[arg(value_name = "ADDR|HANDLE")]
    pub(crate) which: String,

    /// Only this address of it
    #[arg(long, value_name = "ADDR")]
    pub(crate) user_id: Option<String>,

    /// Only this subkey of it, by its whole fingerprint or key ID
    #[arg(long, value_name = "HANDLE")]
    pub(crate) subkey: Option<String>,

    /// Why. Without, and for a compromised one, everything that it ever signed counts no more
    #[arg(long, value_enum, value_name = "REASON", conflicts_with = "user_id")]
    pub(crate) reason: Option<Reason>,

    /// More about it, for people
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    pub(crate) message: String,

    /// Do not ask
    #[arg(long)]
    pub(crate) yes: bool,

    #[command(flatten)]
    pub(crate) write: Write,

    #[command(flatten)]
    pub(crate) change: Change,
}

/// `--reason`
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Reason {
    /// Somebody else may have the secret key
    Compromised,
    /// Another key took its place; `verify --at` a time before that still says signed
    Superseded,
    /// It is not used any more; `verify --at` a time before that still says signed
    Retired,
}

/// Change the passphrase of a key
///
/// What opens it now is given as everywhere; the new one by an option of its own, else it is typed twice.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  $ mailseal key import alice.p12 --passphrase-file alice.pass > imported\n  \
                        $ mailseal key passphrase alice@example.org --passphrase-file alice.pass \\\n      \
                        --new-passphrase-file bob.pass")]
pub(crate) struct Passphrase {
    /// Which
    #[arg(value_name = "ADDR|HANDLE")]
    pub(crate) which: String,

    /// Leave the secret key unlocked
    #[arg(long)]
    pub(crate) no_passphrase: bool,

    #[command(flatten)]
    pub(crate) new: NewPassphrase,

    #[command(flatten)]
    pub(crate) passphrases: Passphrases,

    #[command(flatten)]
    pub(crate) ring: Ring,
}

/// Where the new passphrase is.
#[derive(Debug, Args)]
#[command(next_help_heading = "Keys")]
#[group(id = "new_passphrase", multiple = false, conflicts_with = "no_passphrase")]
pub(crate) struct NewPassphrase {
    /// The new passphrase from this file descriptor
    #[arg(long = "new-passphrase-fd", value_name = "N")]
    pub(crate) fd: Option<u32>,

    /// The new passphrase from this file
    #[arg(long = "new-passphrase-file", value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,

    /// The new passphrase from this environment variable
    #[arg(long = "new-passphrase-env", value_name = "VARIABLE")]
    pub(crate) variable: Option<String>,

    /// The new passphrase from the output of this shell command
    #[arg(long = "new-passphrase-command", value_name = "COMMAND")]
    pub(crate) command: Option<String>,
}

impl NewPassphrase {
    /// The one source as those of other verbs.
    pub(crate) fn source(&self, batch: bool) -> Passphrases {
        Passphrases {
            fds: self.fd.into_iter().collect(),
            files: self.file.iter().cloned().collect(),
            variables: self.variable.iter().cloned().collect(),
            commands: self.command.iter().cloned().collect(),
            batch,
        }
    }
}

/// Add an address or a subkey to a key
///
/// OpenPGP. A new subkey is locked as the key is.
#[derive(Debug, Args)]
#[command(
    group = ArgGroup::new("part").args(["user_id", "subkey"]).required(true),
    after_help = "Examples:\n  $ mailseal key import alice.key.asc > imported\n  \
                  $ mailseal key add alice@example.org --user-id alice@work.example --name Alice\n  \
                  $ mailseal key add alice@example.org --subkey encrypt"
)]
pub(crate) struct Add {
    /// To which
    #[arg(value_name = "ADDR|HANDLE")]
    pub(crate) which: String,

    /// This address
    #[arg(long, value_name = "ADDR")]
    pub(crate) user_id: Option<String>,

    /// The owner's name beside the address
    #[arg(long, conflicts_with = "subkey")]
    pub(crate) name: Option<String>,

    /// A subkey for this
    #[arg(long, value_enum, value_name = "USE")]
    pub(crate) subkey: Option<Use>,

    /// The kind of subkey, as of `key generate`; that of the key without
    #[arg(long, value_name = "KIND", requires = "subkey")]
    pub(crate) algorithm: Option<String>,

    /// When the subkey ends: RFC 3339; with the key without
    #[arg(long, value_name = "TIME", value_parser = At::parse, requires = "subkey")]
    pub(crate) until: Option<At>,

    #[command(flatten)]
    pub(crate) change: Change,
}

/// What a subkey is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Use {
    /// It signs
    Sign,
    /// It is encrypted to
    Encrypt,
}

/// What every change of a key understands.
#[derive(Debug, Args)]
pub(crate) struct Change {
    /// When it is changed: RFC 3339, or now
    #[arg(long, value_name = "TIME", default_value = "now", value_parser = At::parse)]
    pub(crate) at: At,

    #[command(flatten)]
    pub(crate) passphrases: Passphrases,

    #[command(flatten)]
    pub(crate) ring: Ring,
}
