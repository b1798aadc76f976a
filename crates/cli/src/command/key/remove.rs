//! `mailseal key remove`

use super::ring::{Files, Held, line, only, say};
use crate::{
    args::key::Remove,
    exit::{Exit, Failure},
    secret,
};

/// Removes every file of a certificate, and its pins.
pub(super) fn run(args: &Remove) -> Result<(), Failure> {
    let files = Files::new(&args.ring)?;
    let found = files.one(&args.which)?;
    let cert = only(found.iter().map(|held| &held.cert), &args.which)?;
    let is_secret = found.iter().any(Held::is_secret);
    if is_secret && !args.secret {
        return Err(Failure::new(Exit::Usage, format!("{} has its secret key here", args.which))
            .hint("--secret removes that too: what was encrypted to it can then never be read again"));
    }
    if let Some(held) = found.iter().find(|held| held.beside > 1) {
        let message = format!("{} holds other certificates too", held.path.display());
        return Err(Failure::new(Exit::Failure, message).hint("import it again and remove the file by hand"));
    }
    if let Some(held) = found.iter().find(|held| held.path.is_symlink()) {
        let message = format!("{} is a link: what it leads to would stay", held.path.display());
        return Err(Failure::new(Exit::Failure, message).hint("remove the file and the link by hand"));
    }
    if !args.yes {
        let what = if is_secret { "Remove the certificate and its SECRET KEY, " } else { "Remove " };
        let agreed = !args.batch && secret::agreed(&format!("{what}{}? [y/N] ", line(cert)));
        if !agreed {
            return Err(Failure::new(Exit::Usage, "nothing was removed").hint("--yes does not ask"));
        }
    }
    for held in &found {
        files.folder.remove(&held.path)?;
    }
    files.folder.unpin(cert)?;
    say(&line(cert))
}
