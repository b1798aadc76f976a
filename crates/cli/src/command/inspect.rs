//! `mailseal inspect`

use std::io::{self, Write as _};

use crate::{
    args::inspect::Inspect,
    command::failure,
    exit::{Exit, Failure},
    input,
    output::{inspection, json, words},
    setup,
};

/// Tells what can be seen of each message from outside.
pub(crate) fn run(args: &Inspect) -> Result<Exit, Failure> {
    input::stdin_once(&[&args.mails], &[])?;
    let mail = setup::blind(args.at);
    let mut worst = Exit::Success;
    for message in input::mails(&args.mails, &[], &[], &[]) {
        let inspected = message.and_then(|message| {
            let seen = mail.inspect(&*message.source).map_err(|error| failure::of(&message.name, error))?;
            if args.json {
                return json::line(seen.verdict(Some(&message.path)).to_json());
            }
            words::print((args.mails.len() > 1).then_some(&message.name), &inspection::lines(&seen))
        });
        match inspected {
            Ok(()) => {}
            // Nobody reads any more.
            Err(failure) if failure.message.is_empty() => return Err(failure),
            Err(failure) => {
                let _ = write!(io::stderr(), "{failure}");
                worst = worst.worst(failure.exit);
            }
        }
    }
    Ok(worst)
}
