//! `mailseal key generate`, `mailseal key request`

use clap::{ArgGroup, Args, ValueEnum};

use super::super::common::{At, Force, Passphrases, Write};
use super::Ring;

/// The key that is to be made.
#[derive(Debug, Args)]
pub(crate) struct New {
    /// Whose it will be: one or more addresses of one owner
    #[arg(value_name = "ADDR", required = true)]
    pub(crate) addresses: Vec<String>,

    /// The owner's name
    #[arg(long)]
    pub(crate) name: Option<String>,

    /// The kind of key. S/MIME: p256, p384, p521, rsa3072, rsa4096, ed25519 (signs only); OpenPGP: cv25519 and the same but
    /// ed25519, with --profile rfc9580 cv448 too, with pqc mldsa65-ed25519 and mldsa87-ed448. Default: p256, cv25519,
    /// mldsa65-ed25519
    #[arg(long, value_name = "KIND")]
    pub(crate) algorithm: Option<String>,

    /// Leave the secret key unlocked
    #[arg(long)]
    pub(crate) no_passphrase: bool,

    /// One JSON object about it on standard output
    #[arg(long)]
    pub(crate) json: bool,
}

/// Make a key
///
/// An OpenPGP key, with a revocation certificate beside it in `revocations/`, or an S/MIME certificate that signs itself: it is as
/// good as whoever receives it says. Its fingerprint is printed. The first passphrase that the command line gives locks
/// it; else the terminal is asked, twice.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("technology").args(["pgp", "smime"]).required(true))]
#[command(
    after_help = "Examples:\n  $ mailseal key generate ann@example.org --pgp --name Ann --passphrase-file alice.pass"
)]
pub(crate) struct Generate {
    #[command(flatten)]
    pub(crate) new: New,

    #[command(flatten)]
    pub(crate) force: Force,

    /// What readers of OpenPGP must know
    #[arg(long, value_enum, value_name = "PROFILE", conflicts_with = "smime")]
    pub(crate) profile: Option<Profile>,

    /// When it ends: RFC 3339, or never. Three years from now without
    #[arg(long, value_name = "TIME", value_parser = End::parse)]
    pub(crate) until: Option<End>,

    /// When it begins: RFC 3339, or now
    #[arg(long, value_name = "TIME", default_value = "now", value_parser = At::parse)]
    pub(crate) at: At,

    #[command(flatten)]
    pub(crate) passphrases: Passphrases,

    #[command(flatten)]
    pub(crate) ring: Ring,
}

/// Ask an authority for an S/MIME certificate
///
/// Makes a key, keeps it in `requests/` of the keyring and writes the request (PKCS#10). `key import` of the certificate that the
/// authority makes of it finds the key.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  $ mailseal key request ann@example.org --passphrase-file alice.pass -o ann.csr.pem"
)]
pub(crate) struct Request {
    #[command(flatten)]
    pub(crate) new: New,

    #[command(flatten)]
    pub(crate) write: Write,

    /// The time at which it is made: RFC 3339, or now
    #[arg(long, value_name = "TIME", default_value = "now", value_parser = At::parse)]
    pub(crate) at: At,

    #[command(flatten)]
    pub(crate) passphrases: Passphrases,

    #[command(flatten)]
    pub(crate) ring: Ring,
}

/// `--profile`
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Profile {
    /// Version 4: every reader, gpg 2.2 too
    Default,
    /// Version 6 (RFC 9580): readers since 2024
    Rfc9580,
    /// Version 6 with ML-DSA and ML-KEM (RFC 9980), where this build knows them
    Pqc,
}

impl Profile {
    /// Its name in the library.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Profile::Default => "default",
            Profile::Rfc9580 => "rfc9580",
            Profile::Pqc => "pqc",
        }
    }
}

/// `--until`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// No end.
    Never,
    /// This moment.
    Time(std::time::SystemTime),
}

impl End {
    /// Reads an RFC 3339 time, or `never`.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        match (text, At::parse(text)) {
            ("never", _) => Ok(End::Never),
            (_, Ok(At::Time(time))) => Ok(End::Time(time)),
            _ => Err("not a time like 2030-01-02T03:04:05Z, and not never".to_owned()),
        }
    }
}
