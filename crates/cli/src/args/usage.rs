//! Mistakes on the command line, in our form: one line, a hint, and the code of the contract.

use clap::error::ErrorKind;

use crate::exit::{Exit, Failure};

/// What becomes of clap's answer: help and version are an answer (`Ok`), everything else a failure.
///
/// Options that exclude each other are 83, a value that an option does not have is 37, the rest is 2.
pub(crate) fn failure(error: &clap::Error) -> Failure {
    let exit = match error.kind() {
        ErrorKind::ArgumentConflict => Exit::IncompatibleOptions,
        ErrorKind::InvalidValue => Exit::UnsupportedOption,
        _ => Exit::Usage,
    };
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        return Failure::new(exit, "a verb is missing").hint("mailseal --help lists the verbs");
    }
    let text = error.render().to_string();
    let mut paragraphs = text.split("\n\n");
    let message = one_line(paragraphs.next().unwrap_or_default());
    let message = message.strip_prefix("error: ").unwrap_or(&message);
    let mut tips = paragraphs.map(one_line).filter_map(|paragraph| paragraph.strip_prefix("tip: ").map(str::to_owned));
    // Nobody who mistypes an option means it as a value.
    let tip = tips.find(|tip| !tip.starts_with("to pass "));
    Failure::new(exit, message).hint(tip.unwrap_or_else(|| "--help shows what is understood".to_owned()))
}

/// Whether clap answers with help or the version, to be printed as it is.
pub(crate) fn is_answer(error: &clap::Error) -> bool {
    matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion)
}

fn one_line(paragraph: &str) -> String {
    paragraph.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::Cli;
    use clap::Parser as _;

    fn failure_of(line: &str) -> Failure {
        let words = std::iter::once("mailseal").chain(line.split_whitespace());
        failure(&Cli::try_parse_from(words).unwrap_err())
    }

    #[test]
    fn codes() {
        for (line, exit) in [
            ("", Exit::Usage),
            ("frobnicate", Exit::Usage),
            ("verify --frobnicate", Exit::Usage),
            ("sign a b", Exit::Usage),
            ("check", Exit::Usage),
            ("open --passphrase-fd x", Exit::Usage),
            ("verify --at yesterday", Exit::Usage),
            ("encrypt --hp loud", Exit::UnsupportedOption),
            ("encrypt --missing guess", Exit::UnsupportedOption),
            ("verify --revocation maybe", Exit::UnsupportedOption),
            ("verify --fail-on tuesday", Exit::UnsupportedOption),
            ("completions csh5", Exit::UnsupportedOption),
            ("sign --pgp --smime", Exit::IncompatibleOptions),
            ("sign --pgp --opaque", Exit::IncompatibleOptions),
            ("encrypt --no-sign -u alice@example.org", Exit::IncompatibleOptions),
            ("open --no-keyring --keyring x", Exit::IncompatibleOptions),
        ] {
            let failure = failure_of(line);
            assert_eq!(failure.exit, exit, "{line}: {failure}");
            assert!(!failure.message.contains('\n') && !failure.message.is_empty(), "{line}: {failure}");
        }
    }

    #[test]
    fn words() {
        assert_eq!(
            failure_of("verify --jsn").to_string(),
            "error: unexpected argument '--jsn' found\n\nhint: a similar argument exists: '--json'\n"
        );
        assert_eq!(failure_of("").to_string(), "error: a verb is missing\n\nhint: mailseal --help lists the verbs\n");
        assert_eq!(
            failure_of("verify --frobnicate").to_string(),
            "error: unexpected argument '--frobnicate' found\n\nhint: --help shows what is understood\n"
        );
        assert_eq!(
            failure_of("check").to_string(),
            "error: the following required arguments were not provided: <ADDR>...\n\nhint: --help shows what is understood\n"
        );
    }

    #[test]
    fn repeating_is_no_mistake() {
        assert!(Cli::try_parse_from(["mailseal", "verify", "--json", "--json", "--at", "now", "--at", "now"]).is_ok());
    }
}
