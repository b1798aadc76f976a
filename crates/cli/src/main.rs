//! The command `mailseal`.
//!
//! `args` is what was typed, `command` what each verb does with the library, `output` what comes out; `exit` holds
//! the codes. Only this crate prints or reads arguments, the environment or the clock.

mod args;
mod command;
mod exit;
mod gnupg;
mod input;
mod output;
mod password;
mod secret;
mod setup;
mod system_rules;

use std::{
    io::{self, Write as _},
    process::ExitCode,
};

use clap::Parser as _;

use args::{Cli, usage};
use exit::Exit;

fn main() -> ExitCode {
    let done = match Cli::try_parse() {
        Ok(cli) => command::run(&cli),
        Err(answer) if usage::is_answer(&answer) => {
            // A reader that hangs up has read enough of the help.
            let _ = answer.print();
            Ok(Exit::Success)
        }
        Err(mistake) => Err(usage::failure(&mistake)),
    };
    match done {
        Ok(exit) => exit.into(),
        Err(failure) => {
            // Where standard error is closed, the exit code still tells.
            let _ = write!(io::stderr(), "{failure}");
            failure.exit.into()
        }
    }
}
