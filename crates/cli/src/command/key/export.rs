//! `mailseal key export`

use std::sync::Arc;

use mailseal::Cert;
use mailseal_core::{Extent, Readers};
use zeroize::Zeroizing;

use super::{
    new::write,
    own::Own,
    ring::{Files, Held, failure, only},
};
use crate::{
    args::key::{Compat, Export},
    exit::Failure,
    output::file::Destination,
    secret::Asker,
};

/// Writes what answers to the name: certificates, or one key.
pub(super) fn run(args: &Export) -> Result<(), Failure> {
    let files = Files::new(&args.ring)?;
    let destination = Destination::new(args.write.output.as_deref(), args.write.overwrite)?;
    if args.secret {
        return write(&destination, &secret(args, &files)?);
    }
    let mut found = files.find(&args.which)?;
    found.retain(|held| args.force.only().is_none_or(|id| id == held.cert.protocol()));
    let mut certs: Vec<Cert> = Vec::new();
    for Held { cert, .. } in found {
        let (_, key_files) = files.key_files(cert.protocol())?;
        match certs.iter_mut().find(|known| known.fingerprint() == cert.fingerprint()) {
            Some(known) => *known = key_files.merge(known, &cert),
            None => certs.push(cert),
        }
    }
    if certs.is_empty() {
        only(certs.iter(), &args.which)?;
    }
    let (extent, at) = (if args.full { Extent::Full } else { Extent::Minimal }, args.at.moment());
    let mut text = Vec::new();
    for cert in &certs {
        let (_, key_files) = files.key_files(cert.protocol())?;
        text.extend(key_files.share_cert(cert, extent, at).map_err(|error| failure(&args.which, error))?);
    }
    write(&destination, &text)
}

/// The one key that answers to the name.
fn secret(args: &Export, files: &Files) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let asker = Arc::new(Asker::new(&args.passphrases)?);
    let meant = |cert: &Cert| args.force.only().is_none_or(|id| id == cert.protocol());
    let own = Own::find(files, &args.which, meant, asker.clone())?;
    let passphrase = if args.no_passphrase { None } else { Some(asker.new_passphrase(&args.which)?) };
    let readers = match args.compat {
        Some(Compat::Legacy) => Readers::Old,
        None => Readers::Current,
    };
    let written = own.key_files(files)?.write_key(&own.credential, passphrase.as_ref(), readers);
    written.map_err(|error| failure(&own.name, error))
}
