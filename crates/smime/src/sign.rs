//! Signing: [RFC 8551 §3.5](https://www.rfc-editor.org/rfc/rfc8551#section-3.5).

use crate::certificate::Certificate;
use crate::key::{KeyAdapter, SoftwareKey, seam_error};
use crate::usable::usable;
use der::Encode;
use der::referenced::OwnedToRef;
use mailseal_cms::algorithm::{RsaPadding, SignatureScheme};
use mailseal_cms::attributes::Capability;
use mailseal_cms::engine::{Hash, KeyType, SigningKey};
use mailseal_cms::signed_data::{SignedDataBuilder, Signer};
use mailseal_core::{Content, Credential, Error, Policy, Purpose, Signed};
use std::io::Write;

/// The hash of every signature made here, but for keys that have their own.
const HASH: Hash = Hash::Sha256;

/// Writes a detached signature over `content`, in DER.
pub(crate) fn detached(
    content: &dyn Content,
    by: &[Credential],
    policy: &Policy,
    out: &mut dyn Write,
) -> Result<Signed, Error> {
    let keys = keys(by, policy)?;
    let builder = builder(by, &keys, policy)?;
    let micalg = micalg(&builder)?;
    let mut writer = builder.detached().map_err(seam_error)?;
    content.write_to(&mut writer)?;
    out.write_all(&writer.finish().map_err(seam_error)?)?;
    Ok(Signed::new(micalg))
}

/// Writes signed-data that holds its content, in BER of indefinite length.
pub(crate) fn opaque(
    content: &dyn Content,
    by: &[Credential],
    policy: &Policy,
    out: &mut dyn Write,
) -> Result<Signed, Error> {
    let keys = keys(by, policy)?;
    let builder = builder(by, &keys, policy)?;
    let micalg = micalg(&builder)?;
    let mut writer = builder.opaque(out).map_err(seam_error)?;
    content.write_to(&mut writer)?;
    writer.finish().map_err(seam_error)?;
    Ok(Signed::new(micalg))
}

/// The hashes over the content by their names in `micalg`, each once (RFC 8551 §3.5.3.2).
fn micalg(builder: &SignedDataBuilder<'_>) -> Result<String, Error> {
    let names: Option<Vec<_>> = builder.hashes().into_iter().map(micalg_name).collect();
    Ok(names.ok_or(Error::Misuse("a hash that micalg has no name for"))?.join(","))
}

fn micalg_name(hash: Hash) -> Option<&'static str> {
    match hash {
        Hash::Sha224 => Some("sha-224"),
        Hash::Sha256 => Some("sha-256"),
        Hash::Sha384 => Some("sha-384"),
        Hash::Sha512 => Some("sha-512"),
        _ => None,
    }
}

/// The keys, if every certificate may sign now.
fn keys<'a>(by: &'a [Credential], policy: &Policy) -> Result<Vec<KeyAdapter<'a>>, Error> {
    if by.is_empty() {
        return Err(Error::Misuse("a signature by nobody"));
    }
    by.iter()
        .map(|credential| {
            let cannot =
                |why: &str| Error::CannotSign { cert: credential.cert.fingerprint().to_string(), why: why.to_owned() };
            let certificate = Certificate::of(&credential.cert).ok_or_else(|| cannot("no X.509 certificate"))?;
            usable(certificate, Purpose::Sign, policy.at).map_err(|reason| cannot(reason.as_str()))?;
            KeyAdapter::new(credential).ok_or_else(|| cannot("unknown kind of key"))
        })
        .collect()
}

/// The signers, and their certificates' issuers where they are at hand.
fn builder<'a>(by: &[Credential], keys: &'a [KeyAdapter<'a>], policy: &Policy) -> Result<SignedDataBuilder<'a>, Error> {
    let mut builder = SignedDataBuilder::new();
    let mut issuers: Vec<&[u8]> = Vec::new();
    for (credential, key) in by.iter().zip(keys) {
        builder = builder.signer(signer(credential, key, policy)?);
        if let Some(software) = credential.key.as_any().downcast_ref::<SoftwareKey>() {
            issuers.extend(software.chain().iter().map(|cert| cert.encoded()));
        }
    }
    issuers.sort_unstable();
    issuers.dedup();
    for issuer in issuers {
        builder = builder.certificate(issuer).map_err(seam_error)?;
    }
    Ok(builder)
}

fn signer<'a>(credential: &Credential, key: &'a KeyAdapter<'a>, policy: &Policy) -> Result<Signer<'a>, Error> {
    let scheme = SignatureScheme::for_key(key.key_type(), HASH).map_err(seam_error)?;
    let signer = Signer::new(credential.cert.encoded(), key).and_then(|signer| signer.scheme(scheme));
    let signer = signer.map_err(seam_error)?;
    Ok(signer.signing_time(policy.at).capabilities(capabilities(key.key_type())?))
}

/// What this program can receive (RFC 8551 §2.5.2): the ciphers, and OAEP for those who encrypt to an RSA key.
fn capabilities(key_type: KeyType) -> Result<Vec<Capability>, Error> {
    let mut capabilities = Capability::of_this_crate();
    if matches!(key_type, KeyType::Rsa { .. }) {
        let oaep = RsaPadding::oaep(HASH).to_algorithm().map_err(seam_error)?;
        let parameters = oaep.owned_to_ref().parameters.and_then(|parameters| parameters.to_der().ok());
        capabilities.push(Capability { oid: oaep.oid, parameters });
    }
    Ok(capabilities)
}
