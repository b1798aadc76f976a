//! `mailseal key generate`, `mailseal key request`

use std::{
    io::Write as _,
    path::Path,
    time::{Duration, SystemTime},
};

use mailseal::{Address, ProtocolId};
use mailseal_core::{Error as CoreError, NewKey, Passphrase};
use mailseal_keyring::Place;
use serde_json::json;

use super::ring::{Files, failure, line, object, say};
use crate::{
    args::key::{End, Generate, New, Profile, Request},
    command::protect,
    exit::{Exit, Failure},
    output::{file::Destination, json, talk::note},
    secret::Asker,
};

/// How long a key lasts when nobody says: three years.
const LASTS: Duration = Duration::from_secs(3 * 365 * 86_400);

/// Makes a key and puts it into the keyring.
pub(super) fn generate(args: &Generate) -> Result<(), Failure> {
    let id = args.force.only().ok_or_else(|| Failure::new(Exit::Usage, "neither --pgp nor --smime"))?;
    let files = Files::new(&args.ring)?;
    let (_, key_files) = files.key_files(id)?;
    let addresses = addresses(&args.new)?;
    let from = args.at.moment();
    let to = match args.until {
        Some(End::Never) => None,
        Some(End::Time(to)) => Some(to),
        None => from.checked_add(LASTS),
    };
    let passphrase = passphrase(&args.new, &Asker::new(&args.passphrases)?)?;
    let profile = args.profile.map(Profile::name);
    let new = NewKey { profile, to, ..new_key(&args.new, &addresses, from, passphrase.as_ref()) };
    let made = key_files.generate(&new).map_err(refused)?;
    let mut published = None;
    if let Some(revocation) = &made.revocation {
        let name = format!("{}.{}", made.cert.fingerprint(), key_files.endings().cert);
        let path = files.folder.write(Place::Revocations, &name, revocation)?;
        note(&format!("{} takes the key back when it is published: keep a copy elsewhere", path.display()));
        published = Some(path);
    }
    let path = files.put(Place::Keys, &made.cert, &made.kept)?;
    note(&format!("the key is in {}", path.display()));
    if !args.new.json {
        return say(&line(&made.cert));
    }
    let mut told = object(&made.cert);
    told["key"] = path.display().to_string().into();
    told["revocation"] = published.map(|path| path.display().to_string()).into();
    json::line(told)
}

/// Makes a key and asks for a certificate. Authorities are X.509's.
pub(super) fn request(args: &Request) -> Result<(), Failure> {
    let files = Files::new(&args.ring)?;
    let (_, key_files) = files.key_files(ProtocolId::SMIME)?;
    let addresses = addresses(&args.new)?;
    let destination = Destination::new(args.write.output.as_deref(), args.write.overwrite)?;
    let passphrase = passphrase(&args.new, &Asker::new(&args.passphrases)?)?;
    let new = new_key(&args.new, &addresses, args.at.moment(), passphrase.as_ref());
    let requested = key_files.request(&new).map_err(refused)?;
    let name = format!("{}.{}", requested.handle, key_files.endings().kept);
    let path = files.folder.write(Place::Requests, &name, &requested.kept)?;
    note(&format!("the key waits for its certificate in {}", path.display()));
    if !args.new.json {
        return write(&destination, &requested.request);
    }
    if args.write.output.is_some() {
        write(&destination, &requested.request)?;
    }
    json::line(json!({
        "key_identifier": requested.handle.to_string(),
        "protocol": ProtocolId::SMIME.0,
        "addresses": addresses.iter().map(Address::as_str).collect::<Vec<_>>(),
        "request": String::from_utf8_lossy(&requested.request),
        "key": path.display().to_string(),
    }))
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

/// What the command line says of a key, or that it cannot be: nothing else was read.
pub(super) fn refused(error: CoreError) -> Failure {
    match &error {
        CoreError::Malformed { .. } => Failure::new(Exit::Usage, error.to_string()),
        _ => failure("new key", error),
    }
}

/// The addresses of the command line, each once; never none.
fn addresses(args: &New) -> Result<Vec<Address>, Failure> {
    let mut addresses = Vec::new();
    for text in &args.addresses {
        let address = protect::address(text)?;
        if !addresses.contains(&address) {
            addresses.push(address);
        }
    }
    Ok(addresses)
}

fn new_key<'a>(
    args: &'a New,
    addresses: &'a [Address],
    from: SystemTime,
    passphrase: Option<&'a Passphrase>,
) -> NewKey<'a> {
    NewKey {
        address: &addresses[0],
        also: &addresses[1..],
        name: args.name.as_deref(),
        profile: None,
        algorithm: args.algorithm.as_deref(),
        from,
        to: None,
        passphrase,
    }
}

fn passphrase(args: &New, asker: &Asker) -> Result<Option<Passphrase>, Failure> {
    match (args.no_passphrase, asker.is_given_any()) {
        (true, true) => Err(Failure::new(Exit::IncompatibleOptions, "a passphrase is given beside --no-passphrase")),
        (true, false) => Ok(None),
        (false, _) => asker.new_passphrase(&args.addresses[0]).map(Some),
    }
}
