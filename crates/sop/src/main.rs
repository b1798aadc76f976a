//! `mailseal-sop`: the OpenPGP of mailseal behind the command line of the Stateless OpenPGP interface
//! ([draft-dkg-openpgp-stateless-cli](https://datatracker.ietf.org/doc/draft-dkg-openpgp-stateless-cli/)), which test suites
//! and other people's tools drive.
//!
//! It has no keyring, no settings and no trust: everything it knows is on its command line. The command line itself is the
//! crate `sop`'s; here are its verbs, each glue between that crate and `mailseal_openpgp::stateless`. Named `mailseal-sopv`
//! (a link is enough) it has the verbs of the verification subset alone.

mod armor;
mod certs;
mod content;
mod decrypt;
mod encrypt;
mod generate;
mod inline;
mod keys;
mod objects;
mod program;
mod refusal;
mod sign;
mod verify;
mod version;

use program::Program;
use sop::cli::{self, Variant};
use std::path::Path;
use std::time::SystemTime;

fn main() {
    let name = std::env::args_os().next().unwrap_or_default();
    let subset = Path::new(&name).file_stem().is_some_and(|name| name.to_string_lossy().ends_with("sopv"));
    let variant = if subset { Variant::Verification } else { Variant::Full };
    cli::main(&mut Program { at: SystemTime::now() }, variant)
}
