//! `mailseal key`

mod export;
mod import;
mod life;
mod list;
mod new;
mod own;
mod remove;
mod ring;
mod trust;

use crate::{
    args::key::{Key, KeyVerb},
    exit::Failure,
};

/// Does what was typed after `key`.
pub(crate) fn run(args: &Key) -> Result<(), Failure> {
    match &args.verb {
        KeyVerb::Generate(args) => new::generate(args),
        KeyVerb::Request(args) => new::request(args),
        KeyVerb::Import(args) => import::run(args),
        KeyVerb::Export(args) => export::run(args),
        KeyVerb::List(args) => list::run(args),
        KeyVerb::Trust(args) => trust::run(args),
        KeyVerb::Extend(args) => life::extend(args),
        KeyVerb::Add(args) => life::add(args),
        KeyVerb::Passphrase(args) => life::passphrase(args),
        KeyVerb::Revoke(args) => life::revoke(args),
        KeyVerb::Remove(args) => remove::run(args),
    }
}
