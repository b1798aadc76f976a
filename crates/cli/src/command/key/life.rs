//! `mailseal key extend`, `revoke`, `passphrase`, `add`

use std::{sync::Arc, time::SystemTime};

use mailseal::{Address, Handle};
use mailseal_core::{Digits, Extent, Lock, Part, Purpose, Revised, Revision, RevocationReason};

use super::{
    new::{refused, write},
    own::Own,
    ring::{Files, failure, line, say},
};
use crate::{
    args::key::{Add, Change, End, Extend, Passphrase, Reason, Revoke, Use},
    command::protect,
    exit::{Exit, Failure},
    output::file::Destination,
    secret::{self, Asker},
};

/// Says anew when a key ends.
pub(super) fn extend(args: &Extend) -> Result<(), Failure> {
    let key = Changing::new(&args.which, &args.change)?;
    let end = match args.until {
        End::Never => None,
        End::Time(end) => Some(end),
    };
    key.change(&Revision::End(end))
}

/// Adds an address or a subkey.
pub(super) fn add(args: &Add) -> Result<(), Failure> {
    if let Some(text) = &args.user_id {
        let address = protect::address(text)?;
        let key = Changing::new(&args.which, &args.change)?;
        return key.change(&Revision::AddAddress { address: &address, name: args.name.as_deref() });
    }
    let purpose = match args.subkey {
        Some(Use::Sign) => Purpose::Sign,
        Some(Use::Encrypt) => Purpose::Encrypt,
        None => return Err(Failure::new(Exit::Usage, "neither --user-id nor --subkey")),
    };
    let key = Changing::new(&args.which, &args.change)?;
    let to = args.until.map(|until| until.moment());
    key.change(&Revision::AddKey { purpose, algorithm: args.algorithm.as_deref(), to })
}

/// Takes a key or a part of it back, in the keyring or in a file.
pub(super) fn revoke(args: &Revoke) -> Result<(), Failure> {
    let destination = Destination::new(args.write.output.as_deref(), args.write.overwrite)?;
    let address: Option<Address> = args.user_id.as_deref().map(protect::address).transpose()?;
    let subkey: Option<Handle> = args.subkey.as_deref().map(whole_handle).transpose()?;
    let part = match (&address, &subkey) {
        (Some(address), _) => Part::Address(address),
        (_, Some(handle)) => Part::Key(handle),
        _ => Part::Whole,
    };
    let reason = match args.reason {
        None => RevocationReason::Unspecified,
        Some(Reason::Compromised) => RevocationReason::Compromised,
        Some(Reason::Superseded) => RevocationReason::Superseded,
        Some(Reason::Retired) => RevocationReason::Retired,
    };
    let key = Changing::new(&args.which, &args.change)?;
    let revision = Revision::Revoke { part, reason, message: &args.message };
    if args.write.output.is_some() {
        let revised = key.revised(&revision)?;
        let text = key.own.key_files(&key.files)?.share_cert(&revised.cert, Extent::Full, key.at);
        return write(&destination, &text.map_err(|error| failure(&key.own.name, error))?);
    }
    if !args.yes {
        let what = match part {
            Part::Whole => "the key".to_owned(),
            Part::Address(address) => format!("the address {address} of"),
            Part::Key(handle) => format!("the subkey {handle} of"),
        };
        let question = format!("Take back for good {what} {}? [y/N] ", line(&key.own.credential.cert));
        if args.change.passphrases.batch || !secret::agreed(&question) {
            return Err(Failure::new(Exit::Usage, "nothing was taken back")
                .hint("--yes does not ask, --output leaves the keyring as it is"));
        }
    }
    key.change(&revision)
}

/// Locks a key with another passphrase, or with none.
pub(super) fn passphrase(args: &Passphrase) -> Result<(), Failure> {
    if args.new.fd == Some(0) && args.passphrases.fds.contains(&0) {
        return Err(Failure::new(Exit::IncompatibleOptions, "standard input can be read only once"));
    }
    let files = Files::new(&args.ring)?;
    let own = Own::find(&files, &args.which, |_| true, Arc::new(Asker::new(&args.passphrases)?))?;
    let key_files = own.key_files(&files)?;
    // Whoever cannot open it need not think of a new one.
    let open = key_files.keep_key(&own.credential, Lock::Open).map_err(|error| failure(&own.name, error))?;
    let kept = if args.no_passphrase {
        open
    } else {
        let asker = Asker::new(&args.new.source(args.passphrases.batch))?;
        let new = asker.new_passphrase(&args.which).map_err(|failure| match failure.exit {
            Exit::KeyIsProtected => {
                failure.hint("--new-passphrase-file and its like give one, --no-passphrase leaves the key unlocked")
            }
            _ => failure,
        })?;
        key_files.keep_key(&own.credential, Lock::With(&new)).map_err(|error| failure(&own.name, error))?
    };
    own.replace(&files, &own.credential.cert, &kept)?;
    say(&line(&own.credential.cert))
}

/// A key that is to be changed.
struct Changing {
    files: Files,
    own: Own,
    at: SystemTime,
}

impl Changing {
    fn new(which: &str, args: &Change) -> Result<Changing, Failure> {
        let files = Files::new(&args.ring)?;
        let own = Own::find(&files, which, |_| true, Arc::new(Asker::new(&args.passphrases)?))?;
        Ok(Changing { files, own, at: args.at.moment() })
    }

    fn revised(&self, revision: &Revision<'_>) -> Result<Revised, Failure> {
        self.own.key_files(&self.files)?.revise(&self.own.credential, revision, self.at).map_err(refused)
    }

    /// Changes it in the keyring.
    fn change(&self, revision: &Revision<'_>) -> Result<(), Failure> {
        let revised = self.revised(revision)?;
        self.own.replace(&self.files, &revised.cert, &revised.kept)?;
        say(&line(&revised.cert))
    }
}

/// `--subkey`: the whole fingerprint or key ID of a key.
fn whole_handle(text: &str) -> Result<Handle, Failure> {
    let handle = Digits::parse(text).and_then(|digits| digits.whole());
    handle.ok_or_else(|| {
        Failure::new(Exit::Usage, format!("{text} is not the whole fingerprint or key ID of a subkey"))
            .hint("`gpg --list-keys --with-subkey-fingerprint` and `mailseal key list --json` show it")
    })
}
