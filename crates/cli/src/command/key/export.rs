//! `mailseal key export`

use std::{fs, sync::Arc};

use mailseal::Cert;
use mailseal_core::Readers;
use zeroize::Zeroizing;

use super::{
    new::write,
    ring::{Files, Held, failure, only},
};
use crate::{
    args::key::{Compat, Export},
    exit::{Exit, Failure},
    output::file::Destination,
    secret::Asker,
};

/// Writes what answers to the name: certificates, or one key.
pub(super) fn run(args: &Export) -> Result<(), Failure> {
    let files = Files::new(&args.ring)?;
    let destination = Destination::new(args.write.output.as_deref(), args.write.overwrite)?;
    let mut found = files.find(&args.which)?;
    found.retain(|held| args.force.only().is_none_or(|id| id == held.cert.protocol()));
    if args.secret {
        return write(&destination, &secret(args, &files, found)?);
    }
    let mut certs: Vec<Cert> = Vec::new();
    for Held { cert, .. } in found {
        if !certs.contains(&cert) {
            certs.push(cert);
        }
    }
    if certs.is_empty() {
        only(certs.iter(), &args.which)?;
    }
    let mut text = Vec::new();
    for cert in &certs {
        let (_, key_files) = files.key_files(cert.protocol())?;
        text.extend(key_files.write_cert(cert).map_err(|error| failure(&args.which, error))?);
    }
    write(&destination, &text)
}

/// The one key that answers to the name.
fn secret(args: &Export, files: &Files, mut found: Vec<Held>) -> Result<Zeroizing<Vec<u8>>, Failure> {
    found.retain(Held::is_secret);
    if found.is_empty() {
        let message = format!("the keyring has no secret key {}", args.which);
        return Err(Failure::new(Exit::MissingInput, message).hint("`mailseal key list` shows what it has"));
    }
    let cert = only(found.iter().map(|held| &held.cert), &args.which)?;
    let path = &found[0].path;
    let octets = Zeroizing::new(fs::read(path).map_err(|e| Failure::reading(path.display(), &e))?);
    let (protocol, key_files) = files.key_files(cert.protocol())?;
    let asker = Arc::new(Asker::new(&args.passphrases)?);
    let name = path.display().to_string();
    let credentials =
        protocol.parse_keys(&octets, &name, &files.certs()?, asker.clone()).map_err(|error| failure(&name, error))?;
    let credential = credentials.iter().find(|credential| credential.cert.fingerprint() == cert.fingerprint());
    let credential = credential.ok_or_else(|| Failure::new(Exit::BadData, format!("{name} has changed")))?;
    let passphrase = if args.no_passphrase { None } else { Some(asker.new_passphrase(&args.which)?) };
    let readers = match args.compat {
        Some(Compat::Legacy) => Readers::Old,
        None => Readers::Current,
    };
    key_files.write_key(credential, passphrase.as_ref(), readers).map_err(|error| failure(&name, error))
}
