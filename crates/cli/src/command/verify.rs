//! `mailseal verify`

use std::io::{self, Write as _};

use mailseal::{Decryption, Mail, Opened};

use crate::{
    args::verify::{FailOn, Verify},
    command::failure,
    exit::{Exit, Failure},
    input,
    output::{colour::Colour, json, words},
    setup,
};

/// Judges every message and exits with the worst.
pub(crate) fn run(args: &Verify) -> Result<Exit, Failure> {
    let (mails, maildirs, mboxes, lists) = (&args.mails, &args.maildirs, &args.mboxes, &args.files_from);
    input::stdin_once(&[mails, maildirs, mboxes, lists], &args.keys.passphrases.fds)?;
    let mail = setup::mail(&args.certificates, Some(&args.keys))?;
    let several = mails.len() > 1 || !maildirs.is_empty() || !mboxes.is_empty() || !lists.is_empty();

    let mut worst = Exit::Success;
    for message in input::mails(mails, maildirs, mboxes, lists) {
        let judged = match message {
            Ok(message) => judge(&mail, &message, args.json, several),
            Err(unreadable) => Err(unreadable),
        };
        let exit = match judged {
            Ok(exit) => exit,
            // Nobody reads any more.
            Err(failure) if failure.message.is_empty() => return Err(failure),
            Err(failure) => {
                let _ = write!(io::stderr(), "{failure}");
                failure.exit
            }
        };
        worst = worst.worst(if args.fail_on == FailOn::Never { operational(exit) } else { exit });
    }
    Ok(worst)
}

/// Judges one message and prints the verdict.
fn judge(mail: &Mail, message: &input::Mail, as_json: bool, several: bool) -> Result<Exit, Failure> {
    let opened = mail.open(&*message.source).map_err(|error| failure::of(&message.name, error))?;
    if as_json {
        json::line(opened.verdict(Some(&message.path)).to_json())?;
    } else {
        let text = words::verdict(&opened, &*message.source, Colour::of(&io::stdout()));
        words::print(several.then_some(&message.name), &text)?;
    }
    Ok(exit(&opened))
}

/// What a verdict is as an exit code.
fn exit(opened: &Opened<'_>) -> Exit {
    match opened.undecrypted() {
        Some(Decryption::Locked) => Exit::KeyIsProtected,
        Some(_) => Exit::CannotDecrypt,
        None if opened.summary.is_signed() => Exit::Success,
        None => Exit::NoSignature,
    }
}

/// With `--fail-on never` what a message is like is no failure; that it could not be read still is.
fn operational(exit: Exit) -> Exit {
    if matches!(exit, Exit::MissingInput | Exit::Failure) { exit } else { Exit::Success }
}
