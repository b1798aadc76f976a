//! People with all that decryption needs, vectors, and decryption in one line.

use std::path::{Path, PathBuf};

use super::testdata;
use mailseal_cms::algorithm::ContentCipher;
use mailseal_cms::engine::{DecryptionKey, SoftwareKey};
use mailseal_cms::enveloped_data::{Decrypted, Envelope, MemorySink};
use mailseal_cms::recipient::RecipientId;
use mailseal_cms::{ContentInfo, Error};

/// Every cipher that is written.
pub(crate) const CIPHERS: [ContentCipher; 7] = [
    ContentCipher::Aes128Cbc,
    ContentCipher::Aes192Cbc,
    ContentCipher::Aes256Cbc,
    ContentCipher::Aes128Gcm,
    ContentCipher::Aes192Gcm,
    ContentCipher::Aes256Gcm,
    ContentCipher::ChaCha20Poly1305,
];

/// A person with a certificate and its private key. Alice and Dave have RSA-3072, Bob has P-256, Frank P-384, Grace P-521,
/// Heidi X25519 (`heidi-reads`).
pub(crate) struct Person {
    pub(crate) cert: Vec<u8>,
    pub(crate) key: SoftwareKey,
    pub(crate) ids: Vec<RecipientId>,
}

impl Person {
    pub(crate) fn named(name: &str) -> Self {
        Self::read(&testdata(&format!("{name}.crt.pem")), &testdata(&format!("{name}.key.pem")))
    }

    /// From a certificate and a PKCS#8 key, in PEM or DER.
    pub(crate) fn read(cert: &Path, key: &Path) -> Self {
        let cert = der(cert, "CERTIFICATE");
        let ids = RecipientId::of_certificate(&cert).unwrap();
        Self { cert, key: SoftwareKey::from_pkcs8_der(&der(key, "PRIVATE KEY")).unwrap(), ids }
    }
}

/// A file of the vectors, or `None`, said plainly, where they are absent.
pub(crate) fn vector(file: &str) -> Option<PathBuf> {
    let default = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors");
    let root = std::env::var_os("MAILSEAL_VECTORS").map_or(default, PathBuf::from);
    let path = root.join(file);
    if !path.exists() {
        eprintln!("skipped: no {file} in the vectors");
        return None;
    }
    Some(path)
}

/// The block of this label in a PEM file, or the whole of a file that is not PEM.
pub(crate) fn der(path: &Path, label: &str) -> Vec<u8> {
    let octets = std::fs::read(path).unwrap();
    let Ok(text) = std::str::from_utf8(&octets) else { return octets };
    let (begin, end) = (format!("-----BEGIN {label}-----"), format!("-----END {label}-----"));
    let Some((_, rest)) = text.split_once(&begin) else { return octets };
    let (base64, _) = rest.split_once(&end).unwrap();
    from_base64(base64)
}

/// The octets of Base64 with line breaks.
pub(crate) fn from_base64(base64: &str) -> Vec<u8> {
    let lines: Vec<&str> = base64.split_whitespace().collect();
    let pem = format!("-----BEGIN X-----\n{}\n-----END X-----\n", lines.join("\n"));
    der::pem::decode_vec(pem.as_bytes()).unwrap().1
}

/// Decrypts `message` with the keys of `people`: what is known of it and the plaintext, or the error; nothing may be
/// committed along with an error.
pub(crate) fn open(message: &[u8], people: &[&Person]) -> Result<(Decrypted, Vec<u8>), Error> {
    let lookup = |id: &RecipientId| {
        let person = people.iter().find(|person| person.ids.contains(id))?;
        Some(&person.key as &dyn DecryptionKey)
    };
    open_with(message, &lookup)
}

/// Decrypts `message` with the keys of `lookup`, else like [`open`].
pub(crate) fn open_with<'k>(
    message: &[u8],
    lookup: &dyn Fn(&RecipientId) -> Option<&'k dyn DecryptionKey>,
) -> Result<(Decrypted, Vec<u8>), Error> {
    let mut sink = MemorySink::new();
    let decrypted = ContentInfo::open(message).and_then(Envelope::open).and_then(|e| e.decrypt(lookup, &mut sink));
    let plaintext = sink.into_plaintext().map(|plaintext| plaintext.to_vec());
    assert_eq!(decrypted.is_ok(), plaintext.is_some(), "plaintext is committed if and only if all went well");
    decrypted.map(|decrypted| (decrypted, plaintext.unwrap()))
}
