//! Making keys, changing them, and writing them down: the seam's verbs.

use crate::OpenPgp;
use crate::cert::bound::bound;
use crate::cert::{certificate, export};
use crate::error::engine;
use crate::key::generate::{Recipe, generate};
use crate::key::merge;
use crate::key::revise::revise;
use crate::key::software::SoftwareKey;
use crate::key::write::{armored, locked_anew, software};
use mailseal_core::{
    Cert, Credential, Endings, Error, Extent, KeyFiles, Lock, MadeKey, NewKey, Passphrase, Readers, Revised, Revision,
};
use sequoia_openpgp as openpgp;
use sequoia_openpgp::Packet;
use sequoia_openpgp::serialize::SerializeInto;
use std::time::SystemTime;
use zeroize::Zeroizing;

impl KeyFiles for OpenPgp {
    /// ASCII armor for all.
    fn endings(&self) -> Endings {
        Endings { cert: "cert.asc", key: "key.asc", kept: "key.asc", anchor: None }
    }

    /// A primary key that certifies and signs, and a subkey to encrypt to. Profiles: `default` (version 4), `rfc9580` (version 6),
    /// `pqc` (version 6 of RFC 9980, where the back end knows it). Kinds: Curve25519, or by name `rsa3072`, `rsa4096`, `p256`,
    /// `p384`, `p521`, in version 6 `cv448` too; of `pqc` `mldsa65-ed25519` and `mldsa87-ed448`. The revocation is the whole
    /// certificate, revoked: whatever imports it revokes.
    fn generate(&self, new: &NewKey<'_>) -> Result<MadeKey, Error> {
        let (cert, revocation) = generate(&Recipe::of(new)?)?;
        let kept = armored(&cert)?;
        let (revoked, _) = cert.clone().insert_packets([Packet::from(revocation)]).map_err(engine)?;
        let revocation = revoked.strip_secret_key_material().armored().to_vec().map_err(engine)?;
        Ok(MadeKey::new(certificate::wrap(cert)?, kept, Some(revocation)))
    }

    fn revise(&self, credential: &Credential, revision: &Revision<'_>, at: SystemTime) -> Result<Revised, Error> {
        let cert = revise(software(credential)?, revision, at)?;
        Ok(Revised::new(certificate::wrap(cert.clone())?, armored(&cert)?))
    }

    fn merge(&self, known: &Cert, new: &Cert) -> Cert {
        let both = certificate::merged(known, new).and_then(|both| certificate::wrap(bound(both)));
        both.unwrap_or_else(|_| new.clone())
    }

    fn update(&self, kept: &[u8], cert: &Cert) -> Option<Zeroizing<Vec<u8>>> {
        merge::update(kept, cert)
    }

    fn join(&self, kept: &[u8], new: &Credential, lock: Lock<'_>) -> Result<Option<Zeroizing<Vec<u8>>>, Error> {
        let new = software(new)?;
        merge::join(kept, new, &as_kept(new, lock)?)
    }

    fn write_cert(&self, cert: &Cert) -> Result<Vec<u8>, Error> {
        bound(certificate::parsed(cert)?.into_owned()).armored().to_vec().map_err(engine)
    }

    fn share_cert(&self, cert: &Cert, extent: Extent, at: SystemTime) -> Result<Vec<u8>, Error> {
        export::armored(cert, extent, at)
    }

    /// A transferable secret key (RFC 9580 §10.2), each of its keys locked anew. Old readers get a lock that they know, and nothing
    /// of version 6.
    fn write_key(
        &self,
        credential: &Credential,
        passphrase: Option<&Passphrase>,
        readers: Readers,
    ) -> Result<Zeroizing<Vec<u8>>, Error> {
        armored(&locked_anew(software(credential)?, passphrase, readers)?)
    }

    fn keep_key(&self, credential: &Credential, lock: Lock<'_>) -> Result<Zeroizing<Vec<u8>>, Error> {
        armored(&as_kept(software(credential)?, lock)?)
    }
}

/// A key as a keyring keeps it. It is opened in any case.
fn as_kept(key: &SoftwareKey, lock: Lock<'_>) -> Result<openpgp::Cert, Error> {
    match lock {
        Lock::With(passphrase) => locked_anew(key, Some(passphrase), Readers::Current),
        Lock::Open => locked_anew(key, None, Readers::Current),
        Lock::AsItWas => {
            locked_anew(key, None, Readers::Current)?; // it opens
            Ok(key.cert().clone())
        }
    }
}
