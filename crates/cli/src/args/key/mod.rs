//! `mailseal key`

mod life;
mod new;

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::common::{At, Batch, Force, Passphrases, Write};
pub(crate) use life::{Add, Change, Extend, Passphrase, Reason, Revoke, Use};
pub(crate) use new::{End, Generate, New, Profile, Request};

/// Make, keep and list keys and certificates
///
/// OpenPGP keys and X.509 certificates side by side, in the keyring: what `key` puts there every verb uses. A HANDLE is a
/// fingerprint as `key list` shows it, the beginning of one, at least 8 digits, or the key ID of its primary key.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Key {
    #[command(subcommand)]
    pub(crate) verb: KeyVerb,
}

/// What is done with keys.
#[derive(Debug, Subcommand)]
pub(crate) enum KeyVerb {
    Generate(Generate),
    Request(Request),
    Import(Import),
    Export(Export),
    List(List),
    Trust(Trust),
    Extend(Extend),
    Add(Add),
    Passphrase(Passphrase),
    Revoke(Revoke),
    Remove(Remove),
}

/// Which keyring.
#[derive(Debug, Args)]
#[command(next_help_heading = "Keyring")]
pub(crate) struct Ring {
    /// Another keyring than $XDG_CONFIG_HOME/mailseal, or else ~/.config/mailseal; made when something is put there
    #[arg(long, value_name = "DIR")]
    pub(crate) keyring: Option<PathBuf>,
}

/// Put certificates and secret keys into the keyring
///
/// Takes OpenPGP certificates and keys, X.509 certificates (PEM, DER, PKCS#7), PKCS#12, and PKCS#8, PKCS#1 or SEC1 keys whose
/// certificate is in another of the files or in the keyring. A secret key is opened once, so its passphrase is needed, and stays
/// locked with it; it is yours from then on, and what it signs is trusted. Certificates vouch for nothing by being there: `key
/// trust` does that. What the keyring has already of a certificate or key stays, and what is new is added, revocations to one's
/// own keys as well; a secret key that was kept locked stays locked as it was. The fingerprints are printed.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  $ mailseal key import carol.cert.asc alice.p12 --passphrase-file alice.pass")]
pub(crate) struct Import {
    /// The files; `-` is standard input
    #[arg(value_name = "FILE", required = true)]
    pub(crate) sources: Vec<PathBuf>,

    /// They are NSS's libnssckbi.so or certdata.txt: trust the roots in them that are for mail
    #[arg(long)]
    pub(crate) roots: bool,

    #[command(flatten)]
    pub(crate) passphrases: Passphrases,

    #[command(flatten)]
    pub(crate) ring: Ring,
}

/// Write certificates or a secret key for others
///
/// Certificates as text (armor, PEM); of OpenPGP what a correspondent needs, without local signatures. With --secret a key with its certificate: OpenPGP, or PKCS#12. The first passphrase
/// that the command line gives locks it; else the terminal is asked, twice.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  $ mailseal key import alice.key.asc > imported\n  $ mailseal key export alice@example.org -o alice.asc"
)]
pub(crate) struct Export {
    /// Whose, or which
    #[arg(value_name = "ADDR|HANDLE")]
    pub(crate) which: String,

    #[command(flatten)]
    pub(crate) force: Force,

    /// All that is known of OpenPGP certificates, for the public: superseded parts, photos, what others certified
    #[arg(long, conflicts_with = "secret")]
    pub(crate) full: bool,

    /// The secret key too, with all that is known of it: a backup
    #[arg(long)]
    pub(crate) secret: bool,

    /// For programs that are older than the standards of today
    #[arg(long, value_enum, value_name = "READERS", requires = "secret")]
    pub(crate) compat: Option<Compat>,

    /// Leave the secret key unlocked
    #[arg(long, requires = "secret")]
    pub(crate) no_passphrase: bool,

    /// The time as of which a correspondent is told: RFC 3339, or now
    #[arg(long, value_name = "TIME", default_value = "now", value_parser = At::parse)]
    pub(crate) at: At,

    #[command(flatten)]
    pub(crate) write: Write,

    #[command(flatten)]
    pub(crate) passphrases: Passphrases,

    #[command(flatten)]
    pub(crate) ring: Ring,
}

/// `--compat`
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Compat {
    /// PKCS#12 with 3DES and SHA-1, OpenPGP keys of version 4 with AES-128 and SHA-1
    Legacy,
}

/// List certificates and secret keys
///
/// One line each: fingerprint, technology, addresses, end of validity, what is wrong with it (`revoked`, `expired`,
/// `weak-algorithm`, ...), `secret` where the key is there, and who vouches for it.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  $ mailseal key list")]
pub(crate) struct List {
    /// Only what names this address, or has this fingerprint
    #[arg(value_name = "ADDR|HANDLE")]
    pub(crate) which: Option<String>,

    /// One JSON object a line
    #[arg(long)]
    pub(crate) json: bool,

    /// The time at which trust is judged: RFC 3339, or now
    #[arg(long, value_name = "TIME", default_value = "now", value_parser = At::parse)]
    pub(crate) at: At,

    #[command(flatten)]
    pub(crate) _batch: Batch,

    #[command(flatten)]
    pub(crate) ring: Ring,
}

/// Vouch for a certificate
///
/// For every address that it names, or for one. Compare its fingerprint with its owner first. An X.509 authority becomes a trust
/// anchor with --anchor.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  $ mailseal key import carol.cert.asc > imported\n  $ mailseal key trust $(cut -d' ' -f1 imported)"
)]
pub(crate) struct Trust {
    /// Which
    #[arg(value_name = "HANDLE")]
    pub(crate) which: String,

    /// For this address only
    #[arg(value_name = "ADDR", conflicts_with = "anchor")]
    pub(crate) address: Option<String>,

    /// As an authority: whatever it certifies is trusted
    #[arg(long)]
    pub(crate) anchor: bool,

    #[command(flatten)]
    pub(crate) _batch: Batch,

    #[command(flatten)]
    pub(crate) ring: Ring,
}

/// Take a certificate out of the keyring
///
/// Its pins go as well. Of one's own the secret key goes too, for good, and only with --secret. Asks on the terminal first.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  $ mailseal key import carol.cert.asc > imported\n  $ mailseal key remove --yes $(cut -d' ' -f1 imported)"
)]
pub(crate) struct Remove {
    /// Which
    #[arg(value_name = "HANDLE")]
    pub(crate) which: String,

    /// The secret key too
    #[arg(long)]
    pub(crate) secret: bool,

    /// Do not ask
    #[arg(long)]
    pub(crate) yes: bool,

    /// Never ask on the terminal: without --yes nothing is removed
    #[arg(long)]
    pub(crate) batch: bool,

    #[command(flatten)]
    pub(crate) ring: Ring,
}

const EXAMPLES: &str = "\
Examples:
  $ mailseal key generate ann@example.org --smime --no-passphrase
  $ mailseal key list";
