//! A key that the keyring has comes again: nothing is lost of what its owner said in either copy.

use crate::cert::bound::bound;
use crate::cert::certificate::{self, parse_packets};
use crate::error::engine;
use crate::key::software::SoftwareKey;
use crate::key::write::{armored, locked_packet};
use mailseal_core::{Cert, Error, Readers};
use sequoia_openpgp as openpgp;
use sequoia_openpgp::cert::amalgamation::key::PrimaryKey;
use sequoia_openpgp::crypto::Password;
use sequoia_openpgp::packet::Key;
use sequoia_openpgp::packet::key::{SecretParts, UnspecifiedRole};
use zeroize::Zeroizing;

const WHAT: &str = "OpenPGP secret key";

/// A kept file with what `cert` says of its key more: names, subkeys, revocations. `None` where the file has no such key, or
/// knows all of it.
pub(crate) fn update(kept: &[u8], cert: &Cert) -> Option<Zeroizing<Vec<u8>>> {
    let told = certificate::parsed(cert).ok()?;
    let mut keys = parse_packets(kept, WHAT).ok()?;
    let key = keys.iter_mut().find(|key| key.fingerprint() == told.fingerprint() && key.is_tsk())?;
    let merged = bound(key.clone().merge_public(told.into_owned()).ok()?);
    if merged == *key {
        return None;
    }
    *key = merged;
    all_armored(&keys).ok()
}

/// A kept file with what `new` has of one of its keys more, secret keys too; `None` where the file has no such key. `secrets` is
/// `new` with its secret keys as they would be kept. A secret that both have stays as it was kept, unless it was kept without a
/// lock and comes with one. Where the kept key is locked, a secret that comes without a lock is locked alike.
///
/// # Errors
/// [`Error::Locked`] when the kept key must be opened for that and stays locked.
pub(crate) fn join(
    kept: &[u8],
    new: &SoftwareKey,
    secrets: &openpgp::Cert,
) -> Result<Option<Zeroizing<Vec<u8>>>, Error> {
    let mut keys = parse_packets(kept, WHAT)?;
    let Some(key) = keys.iter_mut().find(|key| key.fingerprint() == secrets.fingerprint() && key.is_tsk()) else {
        return Ok(None);
    };
    let known = new.beside(key.clone());
    let mut packets = Vec::new();
    for coming in secrets.keys().secret() {
        let secret: Key<SecretParts, UnspecifiedRole> = coming.key().clone().role_into_unspecified();
        let there = known.material(&secret.clone().parts_into_public());
        let wanted = match &there {
            None => true,
            Some(there) if !known.has_secret(&there.clone().parts_into_public()) => true,
            Some(there) => !there.secret().is_encrypted() && secret.secret().is_encrypted(),
        };
        if !wanted || (there.is_some() && !new.has_secret(&secret.clone().parts_into_public())) {
            continue;
        }
        let passphrase = if secret.secret().is_encrypted() { None } else { passphrase(&known)? };
        let packet = locked_packet(secret, coming.primary(), passphrase.as_ref(), Readers::Current);
        packets.push(packet.map_err(engine)?);
    }
    let merged = key.clone().merge_public(secrets.clone().strip_secret_key_material()).map_err(engine)?;
    *key = bound(merged.insert_packets(packets).map_err(engine)?.0);
    all_armored(&keys).map(Some)
}

/// What a kept key is locked with, if with anything.
fn passphrase(known: &SoftwareKey) -> Result<Option<Password>, Error> {
    for key in known.cert().keys().secret() {
        let public = key.key().clone().parts_into_public().role_into_unspecified();
        if key.key().secret().is_encrypted() && known.has_secret(&public) {
            known.pair(&public)?;
            return Ok(known.passphrase_of(&public));
        }
    }
    Ok(None)
}

fn all_armored(keys: &[openpgp::Cert]) -> Result<Zeroizing<Vec<u8>>, Error> {
    let mut text = Zeroizing::new(Vec::new());
    for key in keys {
        let one = armored(key)?;
        text.reserve_exact(one.len()); // so that no half of a key is left behind by growing
        text.extend_from_slice(&one);
    }
    Ok(text)
}
