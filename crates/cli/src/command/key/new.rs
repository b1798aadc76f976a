//! `mailseal key generate`, `mailseal key request`

use std::{
    io::Write as _,
    path::Path,
    time::{Duration, SystemTime},
};

use mailseal::{Address, ProtocolId};
use mailseal_core::{NewKey, Passphrase};
use mailseal_keyring::Place;

use super::ring::{Files, failure, line, say};
use crate::{
    args::key::{End, Generate, New, Request},
    command::protect,
    exit::{Exit, Failure},
    output::{file::Destination, talk::note},
    secret::Asker,
};

/// How long a key lasts when nobody says: three years.
const LASTS: Duration = Duration::from_secs(3 * 365 * 86_400);

/// Makes a key and puts it into the keyring.
pub(super) fn generate(args: &Generate) -> Result<(), Failure> {
    let id = args.force.only().ok_or_else(|| Failure::new(Exit::Usage, "neither --pgp nor --smime"))?;
    let files = Files::new(&args.ring)?;
    let (_, key_files) = files.key_files(id)?;
    let address = protect::address(&args.new.address)?;
    let passphrase = passphrase(&args.new, &Asker::new(&args.passphrases)?)?;
    let from = args.at.moment();
    let to = match args.until {
        Some(End::Never) => None,
        Some(End::Time(to)) => Some(to),
        None => from.checked_add(LASTS),
    };
    let new = new_key(&args.new, &address, from, to, passphrase.as_ref());
    let made = key_files.generate(&new).map_err(|error| failure("new key", error))?;
    if let Some(revocation) = &made.revocation {
        let name = format!("{}.{}", made.cert.fingerprint(), key_files.endings().cert);
        let path = files.folder.write(Place::Revocations, &name, revocation)?;
        note(&format!("{} takes the key back when it is published: keep a copy elsewhere", path.display()));
    }
    let path = files.put(Place::Keys, &made.cert, &made.kept)?;
    note(&format!("the key is in {}", path.display()));
    say(&line(&made.cert))
}

/// Makes a key and asks for a certificate. Authorities are X.509's.
pub(super) fn request(args: &Request) -> Result<(), Failure> {
    let files = Files::new(&args.ring)?;
    let (_, key_files) = files.key_files(ProtocolId::SMIME)?;
    let address = protect::address(&args.new.address)?;
    let destination = Destination::new(args.write.output.as_deref(), args.write.overwrite)?;
    let passphrase = passphrase(&args.new, &Asker::new(&args.passphrases)?)?;
    let new = new_key(&args.new, &address, args.at.moment(), None, passphrase.as_ref());
    let requested = key_files.request(&new).map_err(|error| failure("new key", error))?;
    let name = format!("{}.{}", requested.handle, key_files.endings().kept);
    let path = files.folder.write(Place::Requests, &name, &requested.kept)?;
    note(&format!("the key waits for its certificate in {}", path.display()));
    write(&destination, &requested.request)
}

/// Writes a result as it is.
pub(super) fn write(destination: &Destination, octets: &[u8]) -> Result<(), Failure> {
    let mut output = destination.create()?;
    output.write_all(octets).map_err(|e| Failure::writing(output.name(), &e))?;
    output.commit()
}

/// Which files are one.
pub(super) fn name_of(path: &Path) -> String {
    if path == Path::new("-") { "standard input".to_owned() } else { path.display().to_string() }
}

fn new_key<'a>(
    args: &'a New,
    address: &'a Address,
    from: SystemTime,
    to: Option<SystemTime>,
    passphrase: Option<&'a Passphrase>,
) -> NewKey<'a> {
    NewKey { address, name: args.name.as_deref(), algorithm: args.algorithm.as_deref(), from, to, passphrase }
}

fn passphrase(args: &New, asker: &Asker) -> Result<Option<Passphrase>, Failure> {
    match (args.no_passphrase, asker.is_given_any()) {
        (true, true) => Err(Failure::new(Exit::IncompatibleOptions, "a passphrase is given beside --no-passphrase")),
        (true, false) => Ok(None),
        (false, _) => asker.new_passphrase(&args.address).map(Some),
    }
}
