//! Making keys, and writing them down.

use crate::OpenPgp;
use crate::cert::certificate;
use crate::error::engine;
use crate::key::software::SoftwareKey;
use mailseal_core::{Cert, Credential, Endings, Error, KeyFiles, Lock, MadeKey, NewKey, Passphrase, Readers};
use sequoia_openpgp as openpgp;
use sequoia_openpgp::Packet;
use sequoia_openpgp::cert::{CertBuilder, CipherSuite};
use sequoia_openpgp::packet::UserID;
use sequoia_openpgp::serialize::SerializeInto;
use sequoia_openpgp::types::KeyFlags;
use zeroize::Zeroizing;

impl KeyFiles for OpenPgp {
    /// ASCII armor for all.
    fn endings(&self) -> Endings {
        Endings { cert: "cert.asc", key: "key.asc", kept: "key.asc", anchor: None }
    }

    /// Version 4, a primary key that certifies and signs, and a subkey to encrypt to; Curve25519, or by name `rsa3072`,
    /// `rsa4096`, `p256`, `p384`, `p521`. The revocation is the whole certificate, revoked: whatever imports it revokes.
    fn generate(&self, new: &NewKey<'_>) -> Result<MadeKey, Error> {
        let validity = match new.to {
            None => None,
            Some(to) => match to.duration_since(new.from) {
                Ok(validity) if !validity.is_zero() => Some(validity),
                _ => return Err(Error::malformed("validity", "it ends before it begins")),
            },
        };
        let (cert, revocation) = CertBuilder::new()
            .set_creation_time(new.from)
            .set_validity_period(validity)
            .set_cipher_suite(suite(new.algorithm)?)
            .add_userid(user_id(new)?)
            .set_primary_key_flags(KeyFlags::empty().set_signing().set_certification())
            .add_subkey(KeyFlags::empty().set_transport_encryption().set_storage_encryption(), None, None)
            .set_password(new.passphrase.map(|passphrase| passphrase.reveal().into()))
            .generate()
            .map_err(engine)?;
        let kept = armored_key(&cert)?;
        let (revoked, _) = cert.clone().insert_packets([Packet::from(revocation)]).map_err(engine)?;
        let revocation = revoked.strip_secret_key_material().armored().to_vec().map_err(engine)?;
        Ok(MadeKey::new(certificate::wrap(cert)?, kept, Some(revocation)))
    }

    fn merge(&self, known: &Cert, new: &Cert) -> Cert {
        certificate::merge(known, new).unwrap_or_else(|| new.clone())
    }

    fn write_cert(&self, cert: &Cert) -> Result<Vec<u8>, Error> {
        certificate::parsed(cert)?.armored().to_vec().map_err(engine)
    }

    /// A transferable secret key (RFC 9580 §10.2), each of its keys locked anew. Old readers get the same.
    fn write_key(
        &self,
        credential: &Credential,
        passphrase: Option<&Passphrase>,
        _: Readers,
    ) -> Result<Zeroizing<Vec<u8>>, Error> {
        armored_key(&software(credential)?.locked_anew(passphrase)?)
    }

    fn keep_key(&self, credential: &Credential, lock: Lock<'_>) -> Result<Zeroizing<Vec<u8>>, Error> {
        let key = software(credential)?;
        match lock {
            Lock::With(passphrase) => armored_key(&key.locked_anew(Some(passphrase))?),
            Lock::Open => armored_key(&key.locked_anew(None)?),
            Lock::AsItWas => {
                key.locked_anew(None)?; // it opens
                armored_key(key.cert())
            }
        }
    }
}

fn software(credential: &Credential) -> Result<&SoftwareKey, Error> {
    let key = credential.key.as_any().downcast_ref();
    key.ok_or_else(|| Error::Unsupported("writing a secret key that is not in memory".to_owned()))
}

fn armored_key(cert: &openpgp::Cert) -> Result<Zeroizing<Vec<u8>>, Error> {
    cert.as_tsk().armored().to_vec().map(Zeroizing::new).map_err(engine)
}

fn suite(algorithm: Option<&str>) -> Result<CipherSuite, Error> {
    match algorithm.unwrap_or("cv25519") {
        "cv25519" => Ok(CipherSuite::Cv25519),
        "rsa3072" => Ok(CipherSuite::RSA3k),
        "rsa4096" => Ok(CipherSuite::RSA4k),
        "p256" => Ok(CipherSuite::P256),
        "p384" => Ok(CipherSuite::P384),
        "p521" => Ok(CipherSuite::P521),
        other => {
            let known = "cv25519, rsa3072, rsa4096, p256, p384 and p521";
            Err(Error::Unsupported(format!("new OpenPGP keys of the kind {other}; known are {known}")))
        }
    }
}

/// `Name <address>`, or the address alone (RFC 9580 §5.11).
fn user_id(new: &NewKey<'_>) -> Result<UserID, Error> {
    match new.name {
        Some(name) => UserID::from_address(Some(name), None, new.address.as_str())
            .map_err(|_| Error::malformed("name", "a User ID cannot hold it")),
        None => Ok(UserID::from(new.address.as_str())),
    }
}
