//! Secret keys written down: transferable secret keys (RFC 9580 §10.2) in ASCII armor, locked anew.

use crate::error::engine;
use crate::key::software::SoftwareKey;
use mailseal_core::{Credential, Error, Passphrase};
use sequoia_openpgp as openpgp;
use sequoia_openpgp::Packet;
use sequoia_openpgp::cert::amalgamation::key::PrimaryKey;
use sequoia_openpgp::crypto::Password;
use sequoia_openpgp::packet::Key;
use sequoia_openpgp::packet::key::{KeyRole, SecretParts, UnspecifiedRole};
use sequoia_openpgp::serialize::SerializeInto;
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
/// are kept elsewhere stay.
///
/// # Errors
/// [`Error::Locked`] when one stays locked, [`Error::Key`].
pub(crate) fn locked_anew(key: &SoftwareKey, passphrase: Option<&Passphrase>) -> Result<openpgp::Cert, Error> {
    let failed = |error: openpgp::anyhow::Error| Error::Key(error.to_string());
    let passphrase = passphrase.map(|passphrase| Password::from(passphrase.reveal()));
    let mut packets = Vec::new();
    for amalgamation in key.cert().keys().secret() {
        let public = amalgamation.key().clone().parts_into_public().role_into_unspecified();
        if !key.has_secret(&public) {
            continue;
        }
        let secret: Key<SecretParts, UnspecifiedRole> = key.pair(&public)?.into();
        packets.push(match amalgamation.primary() {
            true => Packet::from(locked(secret.role_into_primary(), passphrase.as_ref()).map_err(failed)?),
            false => Packet::from(locked(secret.role_into_subordinate(), passphrase.as_ref()).map_err(failed)?),
        });
    }
    let (cert, _) = key.cert().clone().insert_packets(packets).map_err(failed)?;
    Ok(cert)
}

fn locked<R: KeyRole>(key: Key<SecretParts, R>, passphrase: Option<&Password>) -> openpgp::Result<Key<SecretParts, R>> {
    match passphrase {
        Some(passphrase) => key.encrypt_secret(passphrase),
        None => Ok(key),
    }
}
