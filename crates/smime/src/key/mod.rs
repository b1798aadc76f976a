//! Secret keys: the forms in which they are kept, and their certificates.

mod adapter;
mod asn1;
mod kdf;
mod pbes2;
mod pkcs12;
mod public;
mod software;
mod work;

pub(crate) use adapter::{KeyAdapter, seam_error};
pub(crate) use public::same_key;
pub use software::SoftwareKey;

use crate::{Certificate, certs_only, parse, pem};
use mailseal_core::{Cert, Credential, Error, Locked, Prompt, ProtocolId};
use std::sync::Arc;
use zeroize::Zeroizing;

/// What was found in one source.
#[derive(Default)]
struct Bundle {
    keys: Vec<PlainKey>,
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
/// the same source or in `certs`.
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
    prompt: &dyn Prompt,
) -> Result<Vec<Credential>, Error> {
    parse::check_size(encoded)?;
    let locked = Locked::new(ProtocolId::SMIME, name);
    let mut bundle = match pem::blocks(encoded)? {
        Some(blocks) => from_pem(&blocks, &locked, prompt)?,
        None => from_binary(encoded, &locked, prompt)?,
    };
    let outside = certs.iter().filter(|cert| cert.protocol() == ProtocolId::SMIME).cloned();
    bundle.certs.extend(outside.map(|cert| FoundCert { cert, local_id: None }));
    credentials(bundle)
}

fn from_pem(blocks: &[pem::Block], locked: &Locked, prompt: &dyn Prompt) -> Result<Bundle, Error> {
    let mut bundle = Bundle::default();
    for block in blocks {
        match block.label.as_str() {
            "PRIVATE KEY" => bundle.push_key(block.octets.clone()),
            "ENCRYPTED PRIVATE KEY" => bundle.push_key(unlock(&block.octets, locked, prompt)?),
            "RSA PRIVATE KEY" => bundle.push_key(asn1::from_pkcs1(&block.octets)?),
            "EC PRIVATE KEY" => bundle.push_key(asn1::from_sec1(&block.octets)?),
            "CERTIFICATE" | "X509 CERTIFICATE" => bundle.push_cert(&block.octets, None)?,
            "PKCS7" | "CMS" => {
                for der in certs_only::read(&block.octets)?.certs {
                    bundle.push_cert(&der, None)?;
                }
            }
            "PKCS12" => {
                let inner = from_binary(&block.octets, locked, prompt)?;
                bundle.keys.extend(inner.keys);
                bundle.certs.extend(inner.certs);
            }
            _ => {}
        }
    }
    Ok(bundle)
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
    if bundle.keys.is_empty() {
        return Err(Error::malformed("private key", "there is none in it"));
    }
    let (mut credentials, mut problem) = (Vec::new(), None);
    for key in &bundle.keys {
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
fn credentials_of(key: &PlainKey, certs: &[FoundCert]) -> Result<Vec<Credential>, Error> {
    // First of all: of a key that is not known nobody can tell which certificate is its own.
    let software = mailseal_cms::engine::SoftwareKey::from_pkcs8_der(&key.pkcs8).map_err(key_error)?;
    let own = own_certs(key, certs)?;
    if own.is_empty() {
        return Err(Error::malformed("private key", "its certificate is not at hand"));
    }
    let software = Arc::new(software);
    let with_chain = own.into_iter().map(|cert| {
        let key = SoftwareKey::new(software.clone(), chain(&cert, certs));
        Credential { key: Arc::new(key), cert }
    });
    Ok(with_chain.collect())
}

/// The certificates of a key's public key, each once; by `localKeyId` where the public key is not known.
fn own_certs(key: &PlainKey, certs: &[FoundCert]) -> Result<Vec<Cert>, Error> {
    let public = public::public_key(&key.pkcs8)?;
    let mut own: Vec<Cert> = Vec::new();
    for found in certs {
        let matches = match &public {
            Some(public) => Certificate::of(&found.cert).is_some_and(|cert| same_key(cert.public_key_info(), public)),
            None => found.local_id.is_some() && found.local_id == key.local_id,
        };
        if matches && !own.contains(&found.cert) {
            own.push(found.cert.clone());
        }
    }
    Ok(own)
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
