//! What the verbs do: open the input, call the library, hand the result to [`output`](crate::output).

mod check;
mod encrypt;
mod failure;
mod generated;
mod inspect;
mod key;
mod open;
mod protect;
mod sign;
mod verify;

use crate::{
    args::{Cli, Verb},
    exit::{Exit, Failure},
};

/// Does what was typed.
pub(crate) fn run(cli: &Cli) -> Result<Exit, Failure> {
    let done = |()| Exit::Success;
    match &cli.verb {
        Verb::Sign(args) => sign::run(args).map(done),
        Verb::Encrypt(args) => encrypt::run(args).map(done),
        Verb::Open(args) => open::run(args).map(done),
        Verb::Verify(args) => verify::run(args),
        Verb::Inspect(args) => inspect::run(args),
        Verb::Check(args) => check::run(args),
        Verb::Key(args) => key::run(args).map(done),
        Verb::Completions(args) => generated::completions(args).map(done),
        Verb::Man(args) => generated::man(args).map(done),
        Verb::Schema(_) => generated::schema().map(done),
    }
}
