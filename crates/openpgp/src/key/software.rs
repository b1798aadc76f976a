//! Transferable secret keys (RFC 9580 §10.2) in memory, unlocked as late as possible.

use crate::cert::certificate::{parse_packets, wrap};
use crate::key::belong::belongs;
use crate::key::keygrip::of_owner;
#[cfg(feature = "openssl")]
use crate::key::rsa as in_memory;
use crate::key::token::Token;
use crate::key::unseal::Unseal;
use crate::names;
use crate::read::password::is_affordable;
use mailseal_core::{
    Credential, DigestSignature, Error, Handle, HashName, Locked, Prompt, ProtocolId, SecretKey, Unlock,
};
use sequoia_openpgp as openpgp;
use sequoia_openpgp::crypto::{Decryptor, KeyPair, Password, Signer, mpi};
use sequoia_openpgp::packet::Key;
use sequoia_openpgp::packet::key::{PublicParts, SecretKeyMaterial, SecretParts, UnspecifiedRole};
use sequoia_openpgp::types::HashAlgorithm;
use std::any::Any;
use std::sync::{Arc, Mutex, PoisonError};
use zeroize::Zeroizing;

/// Reads secret keys; certificates without one are left out. Nothing is unlocked yet.
pub(crate) fn parse(encoded: &[u8], name: &str, prompt: Arc<dyn Prompt>) -> Result<Vec<Credential>, Error> {
    let certs = parse_packets(encoded, "OpenPGP secret key")?;
    let mut credentials = Vec::new();
    for cert in certs.into_iter().filter(openpgp::Cert::is_tsk) {
        credentials.push(Credential {
            cert: wrap(cert.clone())?,
            key: Arc::new(SoftwareKey::new(cert, name, prompt.clone())),
        });
    }
    if credentials.is_empty() {
        return Err(Error::malformed("OpenPGP secret key", "there are only public keys"));
    }
    Ok(credentials)
}

/// Something that signs with the key `public` of a credential.
pub(crate) fn signer(
    credential: &Credential,
    public: &Key<PublicParts, UnspecifiedRole>,
) -> Result<Box<dyn Signer + Send + Sync>, Error> {
    Ok(match credential.key.as_any().downcast_ref::<SoftwareKey>() {
        Some(software) => in_memory::signer(software.pair(public)?),
        None => Box::new(Token::new(public.clone(), credential.key.clone())),
    })
}

/// What does the operations of a key that is here.
#[cfg(not(feature = "openssl"))]
mod in_memory {
    use super::{KeyPair, Signer, Unseal};

    pub(super) fn signer(pair: KeyPair) -> Box<dyn Signer + Send + Sync> {
        Box::new(pair)
    }

    pub(super) fn decryptor(pair: KeyPair) -> Box<dyn Unseal> {
        Box::new(pair)
    }
}

/// Something that decrypts with the key `public` of a credential.
pub(crate) fn decryptor(
    credential: &Credential,
    public: &Key<PublicParts, UnspecifiedRole>,
) -> Result<Box<dyn Unseal>, Error> {
    Ok(match credential.key.as_any().downcast_ref::<SoftwareKey>() {
        Some(software) => in_memory::decryptor(software.pair(public)?),
        None => Box::new(Token::new(public.clone(), credential.key.clone())),
    })
}

/// Whether a credential may have the secret of this key; of one that is kept elsewhere this is what it says.
pub(crate) fn may_have(credential: &Credential, public: &Key<PublicParts, UnspecifiedRole>) -> bool {
    match credential.key.as_any().downcast_ref::<SoftwareKey>() {
        Some(software) => software.has_secret(public),
        None => credential.key.has(&names::fingerprint(&public.fingerprint())),
    }
}

/// The secret keys of one certificate. What was unlocked stays so as long as the object lives.
pub(crate) struct SoftwareKey {
    cert: openpgp::Cert,
    name: String,
    prompt: Arc<dyn Prompt>,
    unlocked: Mutex<Unlocked>,
}

#[derive(Default)]
struct Unlocked {
    pairs: Vec<Opened>,
    passphrases: Vec<Password>,
}

/// A key that was locked, and with what.
struct Opened {
    pair: KeyPair,
    passphrase: Password,
}

impl SoftwareKey {
    fn new(cert: openpgp::Cert, name: &str, prompt: Arc<dyn Prompt>) -> SoftwareKey {
        SoftwareKey::with(cert, name, prompt, Vec::new())
    }

    /// With passphrases that are tried before the prompt is asked.
    pub(crate) fn with(
        cert: openpgp::Cert,
        name: &str,
        prompt: Arc<dyn Prompt>,
        passphrases: Vec<Password>,
    ) -> SoftwareKey {
        let unlocked = Mutex::new(Unlocked { pairs: Vec::new(), passphrases });
        SoftwareKey { cert, name: name.to_owned(), prompt, unlocked }
    }

    /// Another copy of the certificate, asked for in the same words.
    pub(crate) fn beside(&self, cert: openpgp::Cert) -> SoftwareKey {
        SoftwareKey::new(cert, &self.name, self.prompt.clone())
    }

    /// What stands in the place of a key's secret part, be it a mark only.
    pub(crate) fn material(
        &self,
        public: &Key<PublicParts, UnspecifiedRole>,
    ) -> Option<Key<SecretParts, UnspecifiedRole>> {
        self.cert
            .keys()
            .secret()
            .map(|key| key.key().clone().role_into_unspecified())
            .find(|key| key.fingerprint() == public.fingerprint())
    }

    /// Whether the secret part of a key is here.
    pub(crate) fn has_secret(&self, public: &Key<PublicParts, UnspecifiedRole>) -> bool {
        self.secret(public).is_some()
    }

    /// The secret part of a key, when it is here: keys of tokens and keys kept elsewhere have only a mark in its place.
    fn secret(&self, public: &Key<PublicParts, UnspecifiedRole>) -> Option<Key<SecretParts, UnspecifiedRole>> {
        self.material(public).filter(|key| match key.secret() {
            SecretKeyMaterial::Unencrypted(_) => true,
            SecretKeyMaterial::Encrypted(encrypted) => encrypted.s2k().is_supported(),
        })
    }

    /// The key, unlocked: with a passphrase that was right before, else with one that the prompt gives. Nobody is asked for a lock
    /// that cannot be afforded.
    pub(crate) fn pair(&self, public: &Key<PublicParts, UnspecifiedRole>) -> Result<KeyPair, Error> {
        let key = self.secret(public).ok_or_else(|| Error::Key("its secret part is not here".to_owned()))?;
        if !key.secret().is_encrypted() {
            return key.into_keypair().map_err(|error| Error::Key(error.to_string()));
        }

        if let SecretKeyMaterial::Encrypted(encrypted) = key.secret()
            && !is_affordable(encrypted.s2k())
        {
            return Err(Error::Unsupported(format!("the lock of {}, which takes too much memory or time", self.name)));
        }

        let mut unlocked = self.unlocked.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(opened) =
            unlocked.pairs.iter().find(|opened| opened.pair.public().fingerprint() == key.fingerprint())
        {
            return Ok(opened.pair.clone());
        }
        let asked = Locked::new(ProtocolId::OPENPGP, self.name.as_str());
        let known: Vec<Password> = unlocked.passphrases.clone();
        let prompted = (0..)
            .map_while(|attempt| self.prompt.passphrase(&asked, attempt))
            .map(|passphrase| Password::from(passphrase.reveal()));
        for passphrase in known.into_iter().chain(prompted) {
            let Ok(pair) = self.opened(key.clone(), &passphrase).and_then(Key::into_keypair) else { continue };
            unlocked.pairs.push(Opened { pair: pair.clone(), passphrase: passphrase.clone() });
            if !unlocked.passphrases.contains(&passphrase) {
                unlocked.passphrases.push(passphrase);
            }
            return Ok(pair);
        }
        Err(Error::Locked(self.name.clone()))
    }

    /// The key, unlocked, when its secret belongs to its public part: for what is kept and for what others are to believe.
    pub(crate) fn own_pair(&self, public: &Key<PublicParts, UnspecifiedRole>) -> Result<KeyPair, Error> {
        let pair = self.pair(public)?;
        if belongs(&pair) {
            Ok(pair)
        } else {
            Err(Error::Key(format!("a secret of {} is that of another key", self.name)))
        }
    }

    /// The key without its lock. The lock of a version 6 key is bound to its place in the certificate (RFC 9580 §5.5.3).
    fn opened(
        &self,
        key: Key<SecretParts, UnspecifiedRole>,
        passphrase: &Password,
    ) -> openpgp::Result<Key<SecretParts, UnspecifiedRole>> {
        match key.fingerprint() == self.cert.fingerprint() {
            true => Ok(key.role_into_primary().decrypt_secret(passphrase)?.role_into_unspecified()),
            false => Ok(key.role_into_subordinate().decrypt_secret(passphrase)?.role_into_unspecified()),
        }
    }

    /// The certificate with its secret keys as they were read.
    pub(crate) fn cert(&self) -> &openpgp::Cert {
        &self.cert
    }

    /// What opened a key: nothing when it was not locked, or not opened yet.
    pub(crate) fn passphrase_of(&self, public: &Key<PublicParts, UnspecifiedRole>) -> Option<Password> {
        let unlocked = self.unlocked.lock().unwrap_or_else(PoisonError::into_inner);
        let opened = unlocked.pairs.iter().find(|opened| opened.pair.public().fingerprint() == public.fingerprint());
        opened.map(|opened| opened.passphrase.clone())
    }

    /// The unlocked key that `handle` names.
    fn pair_by_handle(&self, handle: &Handle) -> Result<KeyPair, Error> {
        let mut keys = self.cert.keys().map(|key| key.key().clone().role_into_unspecified());
        let public = keys.find(|key| names::is_called(key, handle));
        self.pair(&public.ok_or(Error::Misuse("the key has no part with this handle"))?)
    }
}

/// For callers that know keys only by this seam; this crate uses the object itself.
impl SecretKey for SoftwareKey {
    fn sign(&self, key: &Handle, scheme: DigestSignature, digest: &[u8]) -> Result<Vec<u8>, Error> {
        let mut pair = self.pair_by_handle(key)?;
        let hash: HashName = match scheme {
            DigestSignature::RsaPkcs1v15 { hash } | DigestSignature::Ecdsa { hash } => hash,
            DigestSignature::Ed25519 => "sha256",
            _ => return Err(Error::Unsupported("OpenPGP has no such signature".to_owned())),
        };
        let hash = names::hash_by_name(hash).ok_or_else(|| Error::Unsupported(hash.to_owned()))?;
        let length = field_length(pair.public());
        let signature = pair.sign(hash, digest).map_err(|error| Error::Key(error.to_string()))?;
        let padded = |value: &mpi::MPI| {
            value.value_padded(length).map(|octets| octets.to_vec()).map_err(|error| Error::Key(error.to_string()))
        };
        match (scheme, signature) {
            (DigestSignature::RsaPkcs1v15 { .. }, mpi::Signature::RSA { s }) => padded(&s),
            (DigestSignature::Ecdsa { .. }, mpi::Signature::ECDSA { r, s })
            | (DigestSignature::Ed25519, mpi::Signature::EdDSA { r, s }) => Ok([padded(&r)?, padded(&s)?].concat()),
            (DigestSignature::Ed25519, mpi::Signature::Ed25519 { s }) => Ok(s.to_vec()),
            _ => Err(Error::Unsupported("the key makes other signatures".to_owned())),
        }
    }

    fn unlock(&self, key: &Handle, what: Unlock<'_>) -> Result<Zeroizing<Vec<u8>>, Error> {
        let mut pair = self.pair_by_handle(key)?;
        match what {
            Unlock::RsaPkcs1v15 { ciphertext } => {
                let packed = mpi::Ciphertext::RSA { c: mpi::MPI::new(ciphertext) };
                match pair.decrypt(&packed, None) {
                    Ok(plain) => Ok(Zeroizing::new(plain.to_vec())),
                    Err(_) => implicit_rejection(&pair, ciphertext),
                }
            }
            _ => Err(Error::Unsupported("OpenPGP keys in memory do only RSA by this seam".to_owned())),
        }
    }

    fn is_owners(&self) -> bool {
        let of_owner = of_owner(&self.cert);
        let secrets =
            self.cert.keys().secret().map(|key| key.key().clone().parts_into_public().role_into_unspecified());
        secrets.filter(|key| of_owner.contains(&key.fingerprint())).any(|key| self.has_secret(&key))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// The answer to a ciphertext with bad padding: it depends on the secret key and the ciphertext alone, so that nobody can
/// tell it from a good one (Bleichenbacher's attack).
fn implicit_rejection(pair: &KeyPair, ciphertext: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
    let failed = |error: openpgp::anyhow::Error| Error::Key(error.to_string());
    let mut context = HashAlgorithm::SHA256.context().map_err(failed)?.for_digest();
    pair.secret().map(|secret| match secret {
        mpi::SecretKeyMaterial::RSA { d, .. } => {
            context.update(d.value());
            context.update(ciphertext);
            Ok(Zeroizing::new(context.into_digest().map_err(failed)?))
        }
        _ => Err(Error::Unsupported("the key is not RSA".to_owned())),
    })
}

/// The length in octets of a value of the key: its modulus or its curve's field.
pub(crate) fn field_length(key: &Key<PublicParts, UnspecifiedRole>) -> usize {
    key.mpis().bits().unwrap_or(0).div_ceil(8)
}
