//! Secret keys written down: transferable secret keys (RFC 9580 §10.2) in ASCII armor, locked anew.

use crate::error::engine;
use crate::key::software::SoftwareKey;
use mailseal_core::{Credential, Error, Passphrase, Readers};
use sequoia_openpgp as openpgp;
use sequoia_openpgp::Packet;
use sequoia_openpgp::cert::amalgamation::key::PrimaryKey;
use sequoia_openpgp::crypto::{Password, S2K};
use sequoia_openpgp::packet::Key;
use sequoia_openpgp::packet::key::{KeyRole, SecretParts, UnspecifiedRole};
use sequoia_openpgp::serialize::SerializeInto;
use sequoia_openpgp::types::{HashAlgorithm, SymmetricAlgorithm};
use zeroize::Zeroizing;

/// The key of a credential that is in memory.
///
/// # Errors
/// [`Error::Unsupported`] for one that is kept elsewhere.
pub(crate) fn software(credential: &Credential) -> Result<&SoftwareKey, Error> {
    let key = credential.key.as_any().downcast_ref();
    key.ok_or_else(|| Error::Unsupported("writing a secret key that is not in memory".to_owned()))
}

/// The certificate with the secret keys that it has.
///
/// # Errors
/// [`Error::Engine`].
pub(crate) fn armored(cert: &openpgp::Cert) -> Result<Zeroizing<Vec<u8>>, Error> {
    cert.as_tsk().armored().to_vec().map(Zeroizing::new).map_err(engine)
}

/// The certificate with every secret key that is here locked with `passphrase`, or not at all without one. Marks of keys that
/// are kept elsewhere stay. For old readers the lock is AES-128 in CFB, its key made by SHA-1 (RFC 4880 §3.7.1.3).
///
/// # Errors
/// [`Error::Locked`] when one stays locked, [`Error::Unsupported`] for keys of version 6 and old readers, [`Error::Key`].
pub(crate) fn locked_anew(
    key: &SoftwareKey,
    passphrase: Option<&Passphrase>,
    readers: Readers,
) -> Result<openpgp::Cert, Error> {
    if readers == Readers::Old && key.cert().keys().any(|key| key.key().version() > 4) {
        return Err(Error::Unsupported("old programs do not read OpenPGP keys of version 6".to_owned()));
    }
    let failed = |error: openpgp::anyhow::Error| Error::Key(error.to_string());
    let passphrase = passphrase.map(|passphrase| Password::from(passphrase.reveal()));
    let mut packets = Vec::new();
    for amalgamation in key.cert().keys().secret() {
        let public = amalgamation.key().clone().parts_into_public().role_into_unspecified();
        if !key.has_secret(&public) {
            continue;
        }
        let secret: Key<SecretParts, UnspecifiedRole> = key.own_pair(&public)?.into();
        packets.push(locked_packet(secret, amalgamation.primary(), passphrase.as_ref(), readers).map_err(failed)?);
    }
    let (cert, _) = key.cert().clone().insert_packets(packets).map_err(failed)?;
    Ok(cert)
}

/// The packet of a key that is open, locked where there is a passphrase: the lock of version 6 is bound to its place in the
/// certificate (RFC 9580 §5.5.3).
pub(crate) fn locked_packet(
    key: Key<SecretParts, UnspecifiedRole>,
    is_primary: bool,
    passphrase: Option<&Password>,
    readers: Readers,
) -> openpgp::Result<Packet> {
    Ok(match is_primary {
        true => Packet::from(lock(key.role_into_primary(), passphrase, readers)?),
        false => Packet::from(lock(key.role_into_subordinate(), passphrase, readers)?),
    })
}

fn lock<R: KeyRole>(
    key: Key<SecretParts, R>,
    passphrase: Option<&Password>,
    readers: Readers,
) -> openpgp::Result<Key<SecretParts, R>> {
    match (passphrase, readers) {
        (None, _) => Ok(key),
        (Some(passphrase), Readers::Old) => {
            let s2k = S2K::new_iterated(HashAlgorithm::SHA1, OLD_HASHED)?;
            let (public, mut secret) = key.take_secret();
            secret.encrypt_in_place_with(&public, s2k, SymmetricAlgorithm::AES128, None, passphrase)?;
            Ok(public.add_secret(secret).0)
        }
        (Some(passphrase), _) => key.encrypt_secret(passphrase),
    }
}

/// How many octets a passphrase is hashed to for old readers: the most that RFC 4880 can say. A fuzzer has no patience.
const OLD_HASHED: u32 = if cfg!(fuzzing) { 1024 } else { 0x3e0_0000 };
