//! Options that several verbs share.

use std::{path::PathBuf, time::SystemTime};

use clap::{Args, ValueEnum};
use jiff::Timestamp;

/// What is known, and who vouches for it.
#[derive(Debug, Args)]
#[command(next_help_heading = "Certificates and trust")]
pub(crate) struct Certificates {
    /// Certificates for this run: OpenPGP (armored or binary) or X.509 (PEM, DER, PKCS#7 certs-only). Repeat.
    /// Whoever names one here vouches for it
    #[arg(long = "cert", value_name = "FILE")]
    pub(crate) certs: Vec<PathBuf>,

    /// X.509 certificates that help to build a path and vouch for nothing. Repeat
    #[arg(long = "intermediate", value_name = "FILE")]
    pub(crate) intermediates: Vec<PathBuf>,

    /// X.509 trust anchors (PEM, DER, PKCS#7, or the roots for mail in NSS's libnssckbi.so or certdata.txt); with it no
    /// other anchor counts. Repeat
    #[arg(long = "anchor", value_name = "FILE")]
    pub(crate) anchors: Vec<PathBuf>,

    /// X.509 revocation lists and OCSP responses (PEM or DER); one counts where the certificate of its issuer is at hand.
    /// Repeat
    #[arg(long = "crl", value_name = "FILE")]
    pub(crate) crls: Vec<PathBuf>,

    /// How missing revocation lists are taken
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = Revocation::IfPresent)]
    pub(crate) revocation: Revocation,

    /// Only what this command line names: no keyring, and no certificates of the directory that OpenPGP programs share
    /// ($PGP_CERT_D, or else pgp.cert.d in $XDG_DATA_HOME or ~/.local/share)
    #[arg(long, conflicts_with = "keyring")]
    pub(crate) no_keyring: bool,

    /// Another keyring than $XDG_CONFIG_HOME/mailseal, or else ~/.config/mailseal: a directory with certs/,
    /// intermediates/, anchors/, crls/, keys/ and the file pins, whose lines `openpgp|smime FINGERPRINT ADDRESS` vouch for
    /// certificates
    #[arg(long, value_name = "DIR")]
    pub(crate) keyring: Option<PathBuf>,

    /// Also the certificates of GnuPG's public keyring, which vouch for nothing, and the secret keys that its agent has, which
    /// do for their own certificates. It is off because the agent may ask somebody
    #[arg(long)]
    pub(crate) gnupg: bool,

    /// The time at which everything is judged: RFC 3339, or now
    #[arg(long, value_name = "TIME", default_value = "now", value_parser = At::parse)]
    pub(crate) at: At,
}

/// `--revocation`
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Revocation {
    /// Revocation lists are not looked at
    None,
    /// A list that is there counts
    IfPresent,
    /// Without a current list a certificate is not trusted
    Require,
}

impl From<Revocation> for mailseal_core::Revocation {
    fn from(revocation: Revocation) -> Self {
        match revocation {
            Revocation::None => mailseal_core::Revocation::None,
            Revocation::IfPresent => mailseal_core::Revocation::IfPresent,
            Revocation::Require => mailseal_core::Revocation::Require,
        }
    }
}

/// `--at`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum At {
    /// When the program runs.
    Now,
    /// This moment.
    Time(SystemTime),
}

impl At {
    /// Reads an [RFC 3339](https://www.rfc-editor.org/rfc/rfc3339) time, or `now`.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        if text == "now" {
            return Ok(At::Now);
        }
        let time = text.parse::<Timestamp>().ok().and_then(|time| time.try_into().ok());
        time.map(At::Time).ok_or_else(|| "not a time like 2026-01-02T03:04:05Z, and not now".to_owned())
    }

    /// The moment meant; reads the clock for `now`, the only place that does. Ask once a run.
    pub(crate) fn moment(self) -> SystemTime {
        match self {
            At::Now => SystemTime::now(),
            At::Time(time) => time,
        }
    }
}

/// Secret keys and what unlocks them.
#[derive(Debug, Args)]
#[command(next_help_heading = "Keys")]
pub(crate) struct Keys {
    /// Secret keys for this run: OpenPGP, PKCS#12, or PKCS#8, PKCS#1, SEC1 (PEM or DER) beside their --cert. Repeat.
    /// The certificate of a key that is not locked counts as named by --cert
    #[arg(long = "key", value_name = "FILE")]
    pub(crate) keys: Vec<PathBuf>,

    #[command(flatten)]
    pub(crate) passphrases: Passphrases,
}

/// Where passphrases are. The first line counts, without its line end.
#[derive(Debug, Args)]
#[command(next_help_heading = "Keys")]
pub(crate) struct Passphrases {
    /// A passphrase from this file descriptor, its first line as with the others. Repeat; each is tried on each locked
    /// key, then the terminal is asked
    #[arg(long = "passphrase-fd", value_name = "N")]
    pub(crate) fds: Vec<u32>,

    /// A passphrase from this file. Repeat
    #[arg(long = "passphrase-file", value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,

    /// A passphrase from this environment variable. Repeat
    #[arg(long = "passphrase-env", value_name = "VARIABLE")]
    pub(crate) variables: Vec<String>,

    /// A passphrase from the output of this shell command. Repeat
    #[arg(long = "passphrase-command", value_name = "COMMAND")]
    pub(crate) commands: Vec<String>,

    /// Never ask on the terminal; a key that stays locked is exit code 67
    #[arg(long)]
    pub(crate) batch: bool,
}

/// `--pgp` and `--smime`
#[derive(Debug, Args)]
pub(crate) struct Force {
    /// Use OpenPGP only
    #[arg(long, conflicts_with = "smime")]
    pub(crate) pgp: bool,

    /// Use S/MIME only
    #[arg(long)]
    pub(crate) smime: bool,
}

/// For readers that are older than the standard.
#[derive(Debug, Args)]
pub(crate) struct Compatibility {
    /// Write protected-headers="v1" beside the standard's hp: Thunderbird, K-9 and mutt show the protected Subject by that
    /// alone. It is off because no standard knows it
    #[arg(long)]
    pub(crate) protected_headers_v1: bool,
}

/// Where the mail goes.
#[derive(Debug, Args)]
pub(crate) struct Write {
    /// Write to FILE, which appears when it is whole; `-` is standard output
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,

    /// Replace an existing output file
    #[arg(long)]
    pub(crate) overwrite: bool,
}

/// `--batch` of verbs that ask nobody.
#[derive(Debug, Args)]
pub(crate) struct Batch {
    #[arg(
        long = "batch",
        hide_short_help = true,
        long_help = "Understood for the sake of scripts; nobody is asked here anyway"
    )]
    _batch: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        assert_eq!(At::parse("now"), Ok(At::Now));
        let time = At::parse("2026-01-02T03:04:05Z").unwrap();
        assert_eq!(At::parse("2026-01-02T04:04:05+01:00").unwrap(), time);
        assert_eq!(time.moment().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs(), 1_767_323_045);
        for bad in ["", "yesterday", "2026-01-02", "2026-01-02T03:04:05", "2026-13-02T03:04:05Z"] {
            assert!(At::parse(bad).is_err(), "{bad}");
        }
    }
}
