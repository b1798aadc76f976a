//! `mailseal key import`

use std::{
    fs,
    io::{self, Read as _},
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use mailseal::{
    Cert, Prompt,
    smime::{MailRoots, parse_crls},
};
use mailseal_core::{Error as CoreError, Lock, Locked, Passphrase};
use mailseal_keyring::{Place, Store};
use zeroize::Zeroizing;

use super::{
    new::name_of,
    own::Ring,
    ring::{Files, failure, line, problem, say},
};
use crate::{
    args::{common::At, key::Import},
    command::failure::locked,
    exit::{Exit, Failure},
    output::{escape::escape, talk::note},
    secret::Asker,
    setup,
};

/// The most octets of one file.
const LARGEST: u64 = 64 << 20;

/// Reads every file first, so that a key finds its certificate in another; then puts all into the keyring.
pub(super) fn run(args: &Import) -> Result<(), Failure> {
    let files = Files::new(&args.ring)?;
    if args.roots {
        return args.sources.iter().try_for_each(|path| roots(&files, path));
    }
    let asker: Arc<Asker> = Arc::new(Asker::new(&args.passphrases)?);
    let mut read = Vec::new();
    for path in &args.sources {
        read.push((name_of(path), octets(path)?));
    }
    let store = Store::new(files.protocols.as_slice());
    let mut known = files.certs()?;
    known.extend(read.iter().flat_map(|(name, octets)| store.parse_certs(name, octets).unwrap_or_default()));

    let mut ring = Ring { held: files.all()?, files };
    let mut done = Vec::new();
    for (name, octets) in &read {
        let before = done.len();
        let refused = keys(&mut ring, name, octets, &known, &asker, &mut done)?;
        if done.len() == before {
            match store.parse_certs(name, octets) {
                Ok(certs) => certificates(&mut ring, certs, &mut done)?,
                Err(error) if !revocation(&ring.files, name, octets)? => {
                    return Err(refused.unwrap_or_else(|| Failure::from(error)));
                }
                Err(_) => {}
            }
        }
    }
    let now = setup::policy(At::Now)?;
    for cert in &done {
        say(&line(cert))?;
        let (protocol, _) = ring.files.key_files(cert.protocol())?;
        if let Some(reason) = problem(protocol.as_ref(), cert, &now) {
            note(&format!("{} is kept, but neither signs nor encrypts: {reason}", cert.fingerprint()));
        }
    }
    Ok(())
}

/// Puts the secret keys of one file into the keyring. Where there are none, says what is most telling.
fn keys(
    ring: &mut Ring,
    name: &str,
    octets: &[u8],
    known: &[Cert],
    asker: &Arc<Asker>,
    done: &mut Vec<Cert>,
) -> Result<Option<Failure>, Failure> {
    let mut refused = None;
    let mut whys = Vec::new();
    for protocol in ring.files.protocols.clone().iter() {
        let prompt = Arc::new(Remembering { asker: asker.clone(), last: Mutex::default() });
        match protocol.parse_keys(octets, name, known, prompt.clone()) {
            Ok(credentials) => {
                let passphrase = prompt.last();
                for credential in credentials {
                    let lock = passphrase.as_ref().map_or(Lock::AsItWas, Lock::With);
                    done.push(ring.keep(name, &credential, lock)?);
                }
                return Ok(None);
            }
            Err(error @ CoreError::Locked(_)) => return Err(locked(error.to_string())),
            Err(error @ CoreError::Unsupported(_)) => refused = Some(failure(name, error)),
            Err(error) => whys.push(format!("{}: {error}", protocol.id())),
        }
    }
    let message = format!("{name} is neither certificate nor secret key: {}", whys.join("; "));
    let hint = "a key without its certificate (PKCS#8, PKCS#1, SEC1) needs it in another FILE";
    Ok(Some(refused.unwrap_or_else(|| Failure::new(Exit::BadData, message).hint(hint))))
}

/// Puts certificates into the keyring: those that answer a request with its key, the others by themselves.
fn certificates(ring: &mut Ring, certs: Vec<Cert>, done: &mut Vec<Cert>) -> Result<(), Failure> {
    let mut requests = ring.files.folder.files(Place::Requests)?;
    for cert in certs {
        let (_, key_files) = ring.files.key_files(cert.protocol())?;
        let mut unanswered = Vec::new();
        for (path, waiting) in requests {
            match key_files.answer(&waiting, &cert) {
                Some(kept) => {
                    ring.files.put(Place::Keys, &cert, &kept)?;
                    ring.files.folder.remove(&path)?;
                    note(&format!("{} answers the request in {}", cert.fingerprint(), path.display()));
                }
                None => unanswered.push((path, waiting)),
            }
        }
        requests = unanswered;
        done.push(ring.tell(&cert)?);
    }
    Ok(())
}

/// Puts revocation lists and OCSP responses into the keyring, under the name of their file. Says whether they are any.
fn revocation(files: &Files, name: &str, octets: &[u8]) -> Result<bool, Failure> {
    let Ok(found) = parse_crls(octets) else { return Ok(false) };
    let file = Path::new(name).file_name().map_or("list".to_owned(), |name| name.to_string_lossy().into_owned());
    let path = files.folder.add(Place::Crls, &file, octets)?;
    note(&format!("{} of revocation, in {}", found.len(), path.display()));
    Ok(true)
}

/// Makes anchors of the roots for mail in a file of NSS's, and nothing of those for other uses.
fn roots(files: &Files, path: &Path) -> Result<(), Failure> {
    let name = name_of(path);
    let roots = MailRoots::read(&octets(path)?)
        .map_err(|error| Failure::new(Exit::BadData, format!("{name} has no roots: {error}")))?;
    let path = files.folder.write(Place::Anchors, "nss.certdata.txt", roots.to_certdata().as_bytes())?;
    let (trusted, rejected) = (roots.trusted(), roots.rejected());
    say(&format!(
        "{trusted} roots are trusted for mail, {rejected} rejected, in {}",
        escape(&path.display().to_string())
    ))
}

/// One file, or standard input.
fn octets(path: &Path) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let name = name_of(path);
    let failed = |e: io::Error| Failure::reading(&name, &e);
    let mut octets = Zeroizing::new(Vec::new());
    if path == Path::new("-") {
        io::stdin().lock().take(LARGEST + 1).read_to_end(&mut octets).map_err(failed)?;
    } else {
        fs::File::open(path).and_then(|file| file.take(LARGEST + 1).read_to_end(&mut octets)).map_err(failed)?;
    }
    if octets.len() as u64 > LARGEST {
        return Err(Failure::new(Exit::BadData, format!("{name} is larger than 64 MiB")));
    }
    Ok(octets)
}

/// Remembers the passphrase that was given last: the one that fitted.
struct Remembering {
    asker: Arc<Asker>,
    last: Mutex<Option<Passphrase>>,
}

impl Remembering {
    fn last(&self) -> Option<Passphrase> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Prompt for Remembering {
    fn passphrase(&self, key: &Locked, attempt: usize) -> Option<Passphrase> {
        let given = self.asker.passphrase(key, attempt);
        self.last.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&given);
        given
    }
}
