//! Secret keys: the forms in which they are kept, and their certificates.

mod adapter;
mod asn1;
mod kdf;
mod lock;
mod pbes2;
mod pkcs12;
mod public;
mod software;
mod work;

pub(crate) use adapter::{KeyAdapter, seam_error};
pub(crate) use public::{public_key, same_key};
pub use software::SoftwareKey;
use software::{LockedKey, Material, OpenKey};

use crate::{Certificate, certs_only, parse, pem};
use mailseal_core::{Cert, Credential, Error, Lock, Locked, Passphrase, Prompt, ProtocolId, Readers};
use std::sync::{Arc, OnceLock};
use zeroize::Zeroizing;

/// What was found in one source.
#[derive(Default)]
struct Bundle {
    keys: Vec<PlainKey>,
    /// The one key that is locked apart from its certificate.
    locked: Option<LockedKey>,
    certs: Vec<FoundCert>,
}

/// A key, unlocked.
struct PlainKey {
    /// PKCS#8 PrivateKeyInfo (RFC 5958) in DER.
    pkcs8: Zeroizing<Vec<u8>>,
    /// The `localKeyId` that a PKCS#12 file gives it.
    local_id: Option<Vec<u8>>,
}

/// A certificate beside the keys.
struct FoundCert {
    cert: Cert,
    local_id: Option<Vec<u8>>,
}

impl Bundle {
    fn push_cert(&mut self, der: &[u8], local_id: Option<Vec<u8>>) -> Result<(), Error> {
        self.certs.push(FoundCert { cert: Certificate::from_der(der)?.into_cert(), local_id });
        Ok(())
    }

    fn push_key(&mut self, pkcs8: Zeroizing<Vec<u8>>) {
        self.keys.push(PlainKey { pkcs8, local_id: None });
    }
}

/// Reads secret keys: PKCS#12, PKCS#8 plain or encrypted, PKCS#1, SEC1; binary or PEM, with certificates beside them in
/// the same source or in `certs`. Nobody is asked for the passphrase of a single PEM key before it is used, where its
/// certificate stands beside it.
///
/// A key is paired with every certificate of its public key; a `localKeyId` decides where the public key cannot be
/// computed. The other certificates go along as intermediates where they lead up from the key's own.
///
/// # Errors
/// [`Error::Malformed`] for no key, a broken one, or one without certificate; [`Error::Unsupported`]; [`Error::Locked`].
pub(crate) fn parse_keys(
    encoded: &[u8],
    name: &str,
    certs: &[Cert],
    prompt: Arc<dyn Prompt>,
) -> Result<Vec<Credential>, Error> {
    parse::check_size(encoded)?;
    let locked = Locked::new(ProtocolId::SMIME, name);
    let mut bundle = match pem::blocks(encoded)? {
        Some(blocks) => from_pem(&blocks, &locked, prompt)?,
        None => from_binary(encoded, &locked, prompt.as_ref())?,
    };
    let outside = certs.iter().filter(|cert| cert.protocol() == ProtocolId::SMIME).cloned();
    bundle.certs.extend(outside.map(|cert| FoundCert { cert, local_id: None }));
    credentials(bundle)
}

fn from_pem(blocks: &[pem::Block], locked: &Locked, prompt: Arc<dyn Prompt>) -> Result<Bundle, Error> {
    let mut bundle = Bundle::default();
    let apart = cert_apart(blocks);
    for block in blocks {
        match block.label.as_str() {
            "PRIVATE KEY" => bundle.push_key(block.octets.clone()),
            "ENCRYPTED PRIVATE KEY" => match &apart {
                Some(cert) => {
                    bundle.locked = Some(LockedKey {
                        encrypted: block.octets.to_vec(),
                        name: locked.clone(),
                        public: cert.public_key_info().to_vec(),
                        prompt: prompt.clone(),
                        opened: OnceLock::new(),
                    });
                }
                None => bundle.push_key(unlock(&block.octets, locked, prompt.as_ref())?),
            },
            "RSA PRIVATE KEY" => bundle.push_key(asn1::from_pkcs1(&block.octets)?),
            "EC PRIVATE KEY" => bundle.push_key(asn1::from_sec1(&block.octets)?),
            "CERTIFICATE" | "X509 CERTIFICATE" => bundle.push_cert(&block.octets, None)?,
            "PKCS7" | "CMS" => {
                for der in certs_only::read(&block.octets)?.certs {
                    bundle.push_cert(&der, None)?;
                }
            }
            "PKCS12" => {
                let inner = from_binary(&block.octets, locked, prompt.as_ref())?;
                bundle.keys.extend(inner.keys);
                bundle.certs.extend(inner.certs);
            }
            _ => {}
        }
    }
    Ok(bundle)
}

/// The certificate of the one key in these blocks, when it can be told without the key: the first that is no authority's.
fn cert_apart(blocks: &[pem::Block]) -> Option<Certificate> {
    let keys = blocks.iter().filter(|block| block.label.ends_with("PRIVATE KEY") || block.label == "PKCS12");
    if keys.count() != 1 {
        return None;
    }
    let certs = blocks.iter().filter(|block| block.label == "CERTIFICATE" || block.label == "X509 CERTIFICATE");
    certs.filter_map(|block| Certificate::from_der(&block.octets).ok()).find(|cert| cert.is_ca() == Ok(false))
}

/// Tells the binary forms apart by their structure.
fn from_binary(encoded: &[u8], locked: &Locked, prompt: &dyn Prompt) -> Result<Bundle, Error> {
    if let Some(bundle) = pkcs12::open(encoded, locked, prompt)? {
        return Ok(bundle);
    }
    let mut bundle = Bundle::default();
    match asn1::form(encoded) {
        Some(asn1::Form::Pkcs8) => bundle.push_key(Zeroizing::new(encoded.to_vec())),
        Some(asn1::Form::EncryptedPkcs8) => bundle.push_key(unlock(encoded, locked, prompt)?),
        Some(asn1::Form::Pkcs1) => bundle.push_key(asn1::from_pkcs1(encoded)?),
        Some(asn1::Form::Sec1) => bundle.push_key(asn1::from_sec1(encoded)?),
        None => return Err(Error::malformed("private key", "neither PKCS#12, PKCS#8, PKCS#1 nor SEC1")),
    }
    Ok(bundle)
}

/// Decrypts a PKCS#8 EncryptedPrivateKeyInfo (RFC 5958 §3).
fn unlock(encoded: &[u8], locked: &Locked, prompt: &dyn Prompt) -> Result<Zeroizing<Vec<u8>>, Error> {
    use der::Decode;
    let info = pkcs12::EncryptedPrivateKeyInfo::from_der(encoded)
        .map_err(|error| Error::malformed("encrypted private key", error))?;
    for attempt in 0.. {
        let Some(passphrase) = prompt.passphrase(locked, attempt) else { break };
        let text = passphrase.reveal();
        for bmp in [pkcs12::bmp_string(text), pkcs12::widened(text)] {
            let password = pbes2::Password { pbes2: text.as_bytes(), bmp: &bmp };
            let opened = pbes2::decrypt(&info.algorithm, &password, info.data.as_bytes(), &mut work::Work::new())?;
            match opened.filter(|pkcs8| asn1::form(pkcs8) == Some(asn1::Form::Pkcs8)) {
                Some(pkcs8) => return Ok(pkcs8),
                None if text.is_ascii() => break, // both are the same
                None => {}
            }
        }
    }
    Err(Error::Locked(locked.name.clone()))
}

/// Pairs keys with certificates.
fn credentials(bundle: Bundle) -> Result<Vec<Credential>, Error> {
    if let Some(locked) = bundle.locked {
        let public = locked.public.clone();
        mailseal_cms::engine::KeyType::from_spki(&public).map_err(key_error)?;
        let own = certs_of(&public, &bundle.certs);
        return Ok(with_chains(own, Arc::new(Material::Locked(locked)), &bundle.certs));
    }
    if bundle.keys.is_empty() {
        return Err(Error::malformed("private key", "there is none in it"));
    }
    let (mut credentials, mut problem) = (Vec::new(), None);
    for key in bundle.keys {
        match credentials_of(key, &bundle.certs) {
            Ok(found) => credentials.extend(found),
            Err(error) => problem = problem.or(Some(error)),
        }
    }
    // A key that cannot be used does not stand in the way of those that can.
    match problem {
        Some(problem) if credentials.is_empty() => Err(problem),
        _ => Ok(credentials),
    }
}

/// One key with each of its certificates.
fn credentials_of(key: PlainKey, certs: &[FoundCert]) -> Result<Vec<Credential>, Error> {
    let PlainKey { pkcs8, local_id } = key;
    // First of all: of a key that is not known nobody can tell which certificate is its own.
    let open = OpenKey::new(pkcs8.clone())?;
    let own = match public::public_key(&pkcs8)? {
        Some(public) => certs_of(&public, certs),
        None => certs_by_id(local_id, certs),
    };
    if own.is_empty() {
        return Err(Error::malformed("private key", "its certificate is not at hand"));
    }
    Ok(with_chains(own, Arc::new(Material::Open(open)), certs))
}

fn with_chains(own: Vec<Cert>, material: Arc<Material>, certs: &[FoundCert]) -> Vec<Credential> {
    let credential = |cert: Cert| {
        let key = SoftwareKey::new(material.clone(), chain(&cert, certs));
        Credential { key: Arc::new(key), cert }
    };
    own.into_iter().map(credential).collect()
}

/// The certificates of a public key, each once.
fn certs_of(public: &[u8], certs: &[FoundCert]) -> Vec<Cert> {
    let is_own =
        |found: &&FoundCert| Certificate::of(&found.cert).is_some_and(|cert| same_key(cert.public_key_info(), public));
    each_once(certs.iter().filter(is_own))
}

/// The certificates that a PKCS#12 file pairs with a key whose public half is not known here.
fn certs_by_id(id: Option<Vec<u8>>, certs: &[FoundCert]) -> Vec<Cert> {
    each_once(certs.iter().filter(|found| id.is_some() && found.local_id == id))
}

fn each_once<'a>(found: impl Iterator<Item = &'a FoundCert>) -> Vec<Cert> {
    let mut certs: Vec<Cert> = Vec::new();
    for found in found {
        if !certs.contains(&found.cert) {
            certs.push(found.cert.clone());
        }
    }
    certs
}

/// The certificates that lead up from `cert` by their names, without a self-issued end: what a message should carry.
fn chain(cert: &Cert, certs: &[FoundCert]) -> Vec<Cert> {
    const LONGEST: usize = 8;
    let mut chain: Vec<Cert> = Vec::new();
    let mut last = cert.clone();
    while chain.len() < LONGEST {
        let Some(child) = Certificate::of(&last) else { break };
        let next = certs.iter().map(|found| &found.cert).find(|candidate| {
            Certificate::of(candidate).is_some_and(|parent| {
                parent.subject() == child.issuer() && parent.is_ca() == Ok(true) && !parent.is_self_issued()
            }) && *candidate != cert
                && !chain.contains(candidate)
        });
        let Some(next) = next else { break };
        chain.push(next.clone());
        last = next.clone();
    }
    chain
}

/// What the engine says of a key, in the words of the seam.
fn key_error(error: mailseal_cms::Error) -> Error {
    match error {
        mailseal_cms::Error::Unsupported { what, oid } => Error::Unsupported(format!("{what} {oid}")),
        error => Error::malformed("private key", error),
    }
}

/// Writes a key with its certificates as PKCS#12; without a passphrase it is locked with the empty one, which every program
/// tries.
///
/// # Errors
/// [`Error::Locked`], [`Error::Unsupported`] for a key that is not in memory, [`Error::Engine`].
pub(crate) fn write_pkcs12(
    credential: &Credential,
    passphrase: Option<&Passphrase>,
    readers: Readers,
) -> Result<Zeroizing<Vec<u8>>, Error> {
    let key = software(credential)?;
    let contents = pkcs12::Contents {
        pkcs8: key.pkcs8()?,
        cert: credential.cert.encoded(),
        chain: key.chain().iter().map(Cert::encoded).collect(),
        name: credential.cert.names().first().map_or("", String::as_str),
    };
    pkcs12::write(&contents, passphrase.map_or("", Passphrase::reveal), readers).map(Zeroizing::new)
}

/// Writes a key with its certificates as PEM: certificate, those above it, PKCS#8.
///
/// # Errors
/// As [`write_pkcs12`].
pub(crate) fn write_pem(credential: &Credential, lock: Lock<'_>) -> Result<Zeroizing<Vec<u8>>, Error> {
    let key = software(credential)?;
    let certs = std::iter::once(&credential.cert).chain(key.chain());
    let mut file: Vec<u8> =
        certs.flat_map(|cert| pem::write("CERTIFICATE", cert.encoded()).as_bytes().to_vec()).collect();
    let pkcs8 = key.pkcs8()?;
    let key = match (lock, key.locked()) {
        (Lock::AsItWas, Some(locked)) => pem::write("ENCRYPTED PRIVATE KEY", locked),
        (Lock::With(passphrase), _) => pem_key(pkcs8, Some(passphrase))?,
        _ => pem_key(pkcs8, None)?,
    };
    file.reserve_exact(key.len()); // so that no half of the key is left behind by growing
    file.extend_from_slice(key.as_bytes());
    Ok(Zeroizing::new(file))
}

/// One PKCS#8 key as PEM, locked where there is a passphrase.
///
/// # Errors
/// [`Error::Engine`].
pub(crate) fn pem_key(pkcs8: &[u8], passphrase: Option<&Passphrase>) -> Result<Zeroizing<String>, Error> {
    match passphrase {
        Some(passphrase) => {
            let locked = lock::locked_key(pkcs8, passphrase.reveal(), Readers::Current)?;
            Ok(pem::write("ENCRYPTED PRIVATE KEY", &locked))
        }
        None => Ok(pem::write("PRIVATE KEY", pkcs8)),
    }
}

fn software(credential: &Credential) -> Result<&SoftwareKey, Error> {
    let key = credential.key.as_any().downcast_ref();
    key.ok_or_else(|| Error::Unsupported("writing a secret key that is not in memory".into()))
}
