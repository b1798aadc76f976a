//! What `sign` and `encrypt` share: who signs, and a protected message on its way out.

use std::io::{BufWriter, Write as _};

use mailseal::{Address, Handle, KeySource, Outgoing, User};
use mailseal_core::Digits;

use crate::{
    command::failure,
    exit::{Exit, Failure},
    output::file::{Destination, Output},
};

/// `--user`, as it was typed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Who {
    /// An address.
    Address(Address),
    /// Digits of a handle, by the same rule as the verbs of `key` have.
    Digits { typed: String, digits: Digits },
}

/// Reads `--user`: an address, or a fingerprint, its beginning or a key ID in hexadecimal.
pub(crate) fn user(text: &str) -> Result<Who, Failure> {
    if text.contains('@') {
        return address(text).map(Who::Address);
    }
    let digits = Digits::parse(text).ok_or_else(|| {
        Failure::new(Exit::Usage, format!("{text} is neither an address nor a fingerprint"))
            .hint("a fingerprint, the beginning of one, at least 8 digits, or a whole key ID")
    })?;
    Ok(Who::Digits { typed: text.to_owned(), digits })
}

impl Who {
    /// The one credential that is meant.
    ///
    /// # Errors
    /// 61 when there is none, 67 when it may be in a file that stays locked, 2 when several answer.
    pub(crate) fn among(self, keys: &dyn KeySource) -> Result<User, Failure> {
        let (typed, digits) = match self {
            Who::Address(address) => return Ok(User::Address(address)),
            Who::Digits { typed, digits } => (typed, digits),
        };
        // A whole handle asks for no passphrase of another key.
        let called = |handle: &Handle| keys.by_handle(handle).iter().any(|key| key.cert.is_called(handle));
        if let Some(handle) = digits.whole().filter(called) {
            return Ok(User::Handle(handle));
        }
        let mut found: Vec<Handle> = Vec::new();
        for credential in keys.all().iter().filter(|credential| digits.name(&credential.cert)) {
            if !found.contains(credential.cert.fingerprint()) {
                found.push(credential.cert.fingerprint().clone());
            }
        }
        match (found.len(), keys.locked().first()) {
            (1, _) => Ok(User::Handle(found.remove(0))),
            (0, Some(name)) => Err(failure::locked(format!("the secret key {name} is locked"))),
            (0, None) => Err(Failure::new(Exit::MissingInput, format!("there is no secret key {typed}"))
                .hint("--key FILE names one for this run, `mailseal key list` shows those of the keyring")),
            _ => Err(Failure::new(Exit::Usage, format!("{typed} names several secret keys"))
                .hint("`mailseal key list` shows their fingerprints")),
        }
    }
}

/// An address of the command line.
pub(crate) fn address(text: &str) -> Result<Address, Failure> {
    Address::parse(text).map_err(|error| {
        Failure::new(Exit::Usage, format!("{text} is not an address: {error}")).hint("write it bare: name@example.org")
    })
}

/// Writes one message where it will go; it appears there with [`Output::commit`]. `name` is the draft's.
pub(crate) fn write(name: &str, outgoing: &Outgoing<'_>, destination: &Destination) -> Result<Output, Failure> {
    let mut output = destination.create_held()?;
    let mut buffered = BufWriter::with_capacity(64 << 10, &mut output);
    outgoing.write_to(&mut buffered).map_err(|error| failure::of(name, error))?;
    let flushed = buffered.flush();
    drop(buffered);
    flushed.map_err(|e| Failure::writing(output.name(), &e))?;
    Ok(output)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users() {
        assert_eq!(user("alice@example.org").unwrap(), Who::Address(Address::parse("alice@example.org").unwrap()));
        for good in ["D1A6 6E1A 23B1 82C9 980F  788C FBFC C82A 015E 7330", "0xFBFCC82A015E7330", "d1a66e1a"] {
            assert!(matches!(user(good), Ok(Who::Digits { .. })), "{good}");
        }
        for bad in ["", "alice", "@", "a@b@", "abc", "FBFCC82", "0xFBFCC82A015E733g"] {
            assert_eq!(user(bad).map_err(|failure| failure.exit), Err(Exit::Usage), "{bad}");
        }
    }
}
