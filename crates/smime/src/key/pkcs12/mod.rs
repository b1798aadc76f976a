//! PKCS#12 ([RFC 7292](https://www.rfc-editor.org/rfc/rfc7292)): password integrity (MAC), password privacy (PBES2 and
//! the ciphers of PKCS#12 itself).
//!
//! The outer structure may be BER (NSS and Firefox write it so); the MAC is over the octets of `authSafe` as they are.

mod kdf;
mod mac;
pub(super) mod pbe;
mod types;
mod write;

use super::pbes2::{self, Password};
use super::work::Work;
use super::{Bundle, PlainKey};
use der::asn1::{AnyRef, OctetStringRef};
use der::{Decode, SliceReader, Tag, Tagged};
pub(super) use kdf::{bmp_string, widened};
use mailseal_cms::ber;
use mailseal_core::{Error, Locked, Prompt};
pub(super) use types::EncryptedPrivateKeyInfo;
use types::{
    Attribute, CERT_BAG, CertBag, ContentInfo, EncryptedData, ID_DATA, ID_ENCRYPTED_DATA, KEY_BAG, LOCAL_KEY_ID,
    MacData, Pfx, SAFE_CONTENTS_BAG, SHROUDED_KEY_BAG, SafeBag, X509_CERTIFICATE,
};
pub(super) use write::{Contents, write};
use zeroize::Zeroizing;

const WHAT: &str = "PKCS#12";
/// The most bags of one file.
const BAGS: usize = 10_000;

/// Opens a PKCS#12 file; `None` when `encoded` is none. The empty passphrase is tried before anybody is asked.
///
/// # Errors
/// [`Error::Malformed`], [`Error::Unsupported`] with the identifier of what is not known, [`Error::Locked`].
pub(super) fn open(encoded: &[u8], locked: &Locked, prompt: &dyn Prompt) -> Result<Option<Bundle>, Error> {
    let Ok(der) = ber::canonical(encoded) else { return Ok(None) };
    let Ok(pfx) = Pfx::from_der(&der) else { return Ok(None) };
    if pfx.version != 3 {
        return Err(Error::malformed(WHAT, format!("version {}", pfx.version)));
    }
    if pfx.auth_safe.content_type != ID_DATA {
        return Err(Error::Unsupported(format!("PKCS#12 integrity by {}", pfx.auth_safe.content_type)));
    }
    let safe: &OctetStringRef = pfx.auth_safe.content.decode_as().map_err(malformed)?;
    let safe = safe.as_bytes();

    // An empty passphrase is derived from its NUL by most programs, from nothing by some.
    for bmp in [bmp_string(""), Zeroizing::default()] {
        if let Some(bundle) = try_password(safe, pfx.mac_data.as_ref(), "", &bmp)? {
            return Ok(Some(bundle));
        }
    }
    for attempt in 0.. {
        let Some(passphrase) = prompt.passphrase(locked, attempt) else { break };
        let text = passphrase.reveal();
        let mut bundle = try_password(safe, pfx.mac_data.as_ref(), text, &bmp_string(text))?;
        if bundle.is_none() && !text.is_ascii() {
            bundle = try_password(safe, pfx.mac_data.as_ref(), text, &widened(text))?;
        }
        if bundle.is_some() {
            return Ok(bundle);
        }
    }
    Err(Error::Locked(locked.name.clone()))
}

/// The contents, or `None` when the passphrase does not fit.
fn try_password(safe: &[u8], mac: Option<&MacData<'_>>, text: &str, bmp: &[u8]) -> Result<Option<Bundle>, Error> {
    let mut work = Work::new();
    let password = Password { pbes2: text.as_bytes(), bmp };
    if let Some(mac) = mac
        && !mac::verify(mac, &password, safe, &mut work)?
    {
        return Ok(None);
    }
    let opened = authenticated_safe(safe, &password, &mut work);
    if matches!(opened, Ok(None) | Err(Error::Malformed { .. })) && !text.is_empty() {
        // Old versions of NSS gave UTF-16 to PBES2 too.
        let password = Password { pbes2: bmp, bmp };
        if let Ok(Some(bundle)) = authenticated_safe(safe, &password, &mut work) {
            return Ok(Some(bundle));
        }
    }
    match opened {
        // Without a MAC a wrong passphrase shows only in what it decrypts to.
        Err(Error::Malformed { .. }) if mac.is_none() => Ok(None),
        opened => opened,
    }
}

/// `AuthenticatedSafe` (RFC 7292 §4.1).
fn authenticated_safe(safe: &[u8], password: &Password<'_>, work: &mut Work) -> Result<Option<Bundle>, Error> {
    let mut bundle = Bundle::default();
    let safe = canonical(safe)?;
    for info in Vec::<ContentInfo<'_>>::from_der(&safe).map_err(malformed)? {
        let found = match info.content_type {
            ID_DATA => {
                let contents: &OctetStringRef = info.content.decode_as().map_err(malformed)?;
                safe_contents(contents.as_bytes(), password, &mut bundle, work)?
            }
            ID_ENCRYPTED_DATA => {
                let data: EncryptedData<'_> = info.content.decode_as().map_err(malformed)?;
                let ciphertext = encrypted_content(&data.info.content)?;
                match pbes2::decrypt(&data.info.algorithm, password, &ciphertext, work)? {
                    Some(contents) => safe_contents(&contents, password, &mut bundle, work)?,
                    None => None,
                }
            }
            other => return Err(Error::Unsupported(format!("PKCS#12 privacy by {other}"))),
        };
        if found.is_none() {
            return Ok(None);
        }
    }
    Ok(Some(bundle))
}

/// `[0] IMPLICIT OCTET STRING`, whole or in segments.
fn encrypted_content(content: &AnyRef<'_>) -> Result<Vec<u8>, Error> {
    match content.tag() {
        Tag::ContextSpecific { constructed: false, .. } => Ok(content.value().to_vec()),
        Tag::ContextSpecific { constructed: true, .. } => {
            let mut octets = Vec::new();
            let mut segments = content.value();
            while !segments.is_empty() {
                let (segment, rest) = <&OctetStringRef>::from_der_partial(segments).map_err(malformed)?;
                octets.extend_from_slice(segment.as_bytes());
                segments = rest;
            }
            Ok(octets)
        }
        _ => Err(Error::malformed(WHAT, "encrypted content of another type")),
    }
}

/// `SafeContents` (RFC 7292 §4.2), nested ones included. `None` when the passphrase does not fit a key.
fn safe_contents(
    contents: &[u8],
    password: &Password<'_>,
    bundle: &mut Bundle,
    work: &mut Work,
) -> Result<Option<()>, Error> {
    let contents = canonical(contents)?;
    let mut pending = vec![AnyRef::from_der(&contents).map_err(malformed)?];
    let mut count = 0;
    while let Some(list) = pending.pop() {
        for bag in list.decode_as::<Vec<SafeBag<'_>>>().map_err(malformed)? {
            count += 1;
            if count > BAGS {
                return Err(Error::Limit { what: "bags of a PKCS#12 file", limit: BAGS as u64 });
            }
            match bag.id {
                SAFE_CONTENTS_BAG => pending.push(bag.value),
                KEY_BAG => bundle.keys.push(PlainKey {
                    pkcs8: Zeroizing::new(der::Encode::to_der(&bag.value).map_err(malformed)?),
                    local_id: local_key_id(&bag),
                }),
                SHROUDED_KEY_BAG => {
                    let info: EncryptedPrivateKeyInfo<'_> = bag.value.decode_as().map_err(malformed)?;
                    let Some(pkcs8) = pbes2::decrypt(&info.algorithm, password, info.data.as_bytes(), work)? else {
                        return Ok(None);
                    };
                    bundle.keys.push(PlainKey { pkcs8, local_id: local_key_id(&bag) });
                }
                CERT_BAG => {
                    let cert: CertBag<'_> = bag.value.decode_as().map_err(malformed)?;
                    if cert.id == X509_CERTIFICATE {
                        let der: &OctetStringRef = cert.value.decode_as().map_err(malformed)?;
                        bundle.push_cert(der.as_bytes(), local_key_id(&bag))?;
                    }
                }
                // crlBag, secretBag and whatever else holds neither key nor certificate
                _ => {}
            }
        }
    }
    Ok(Some(()))
}

/// The `localKeyId` that pairs a key with its certificate.
fn local_key_id(bag: &SafeBag<'_>) -> Option<Vec<u8>> {
    let attributes = bag.attributes.as_ref()?.value();
    let mut reader = SliceReader::new(attributes).ok()?;
    while !der::Reader::is_finished(&reader) {
        let attribute = Attribute::decode(&mut reader).ok()?;
        if attribute.id == LOCAL_KEY_ID {
            return <&OctetStringRef>::from_der(attribute.values.value()).ok().map(|id| id.as_bytes().to_vec());
        }
    }
    None
}

fn canonical(octets: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
    ber::canonical(octets).map(Zeroizing::new).map_err(|error| Error::malformed(WHAT, error))
}

pub(super) fn malformed(error: der::Error) -> Error {
    Error::malformed(WHAT, error)
}
