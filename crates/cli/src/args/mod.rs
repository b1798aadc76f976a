//! What was typed.
//!
//! One file a verb. Nothing is read or decided here but what the command line itself says; how a mistake on it
//! ends is [`usage`]'s.

pub(crate) mod check;
pub(crate) mod common;
pub(crate) mod encrypt;
pub(crate) mod generated;
pub(crate) mod inspect;
pub(crate) mod key;
pub(crate) mod open;
pub(crate) mod sign;
pub(crate) mod usage;
pub(crate) mod verify;

use clap::{Parser, Subcommand};

/// Sign, encrypt, open and verify mail: PGP/MIME and S/MIME alike.
///
/// Mail goes in, mail comes out. Standard output is data, standard error is talk.
#[derive(Debug, Parser)]
#[command(name = "mailseal", version, args_override_self = true, after_long_help = EXIT_CODES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    Sign(sign::Sign),
    #[command(visible_alias = "seal")]
    Encrypt(encrypt::Encrypt),
    #[command(visible_alias = "decrypt")]
    Open(open::Open),
    Verify(verify::Verify),
    Inspect(inspect::Inspect),
    Check(check::Check),
    Key(key::Key),
    Completions(generated::Completions),
    Man(generated::Man),
    Schema(generated::Schema),
}

const EXIT_CODES: &str = "\
Exit codes:
   0  done
   1  another failure, or the reader of standard output hung up
   2  wrong usage
   3  not signed by the sender (unsigned, broken, untrusted or another address)
  13  unsupported algorithm
  17  a recipient cannot be encrypted to
  29  cannot decrypt
  31  passphrase not usable
  37  unsupported option value
  41  malformed input
  59  output exists
  61  input missing
  67  key is locked and nobody can be asked
  79  the key cannot sign
  83  options clash";

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn aliases() {
        assert!(matches!(Cli::parse_from(["mailseal", "seal"]).verb, Verb::Encrypt(_)));
        assert!(matches!(Cli::parse_from(["mailseal", "decrypt"]).verb, Verb::Open(_)));
    }

    #[test]
    fn every_verb_has_an_example() {
        let mut command = Cli::command();
        let keys =
            command.find_subcommand("key").expect("there is `key`").get_subcommands().cloned().collect::<Vec<_>>();
        for verb in command.get_subcommands_mut().chain(&mut keys.clone()) {
            let help = verb.render_long_help().to_string();
            assert!(help.contains("\n  $ mailseal "), "{help}");
        }
    }
}
