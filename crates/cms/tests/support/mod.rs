//! People of `testdata/smime`, and verification in one line.
#![allow(dead_code, reason = "each test program uses its part")]

pub(crate) mod envelopes;
pub(crate) mod peer;
pub(crate) mod tree;

use std::io::Write;
use std::path::{Path, PathBuf};

use mailseal_cms::engine::SoftwareKey;
use mailseal_cms::signed_data::{Content, SignedData, SignedDataBuilder, Signer, SignerId, Verifier};
use mailseal_cms::{ContentInfo, Error};

pub(crate) fn testdata(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/smime").join(file)
}

pub(crate) fn from_pem(pem: &[u8]) -> Vec<u8> {
    der::pem::decode_vec(pem).unwrap().1
}

/// The certificate of a person, in DER: Alice and Dave have RSA-3072, Bob has P-256.
pub(crate) fn certificate(name: &str) -> Vec<u8> {
    from_pem(&std::fs::read(testdata(&format!("{name}.crt.pem"))).unwrap())
}

pub(crate) fn key(name: &str) -> SoftwareKey {
    let pkcs8 = from_pem(&std::fs::read(testdata(&format!("{name}.key.pem"))).unwrap());
    SoftwareKey::from_pkcs8_der(&pkcs8).unwrap()
}

pub(crate) fn no_lookup(_: &SignerId) -> Vec<Vec<u8>> {
    Vec::new()
}

/// Signs `content` opaque.
pub(crate) fn sign_opaque(signer: Signer<'_>, content: &[u8]) -> Result<Vec<u8>, Error> {
    let mut writer = SignedDataBuilder::new().signer(signer).opaque(Vec::new())?;
    writer.write_all(content)?;
    writer.finish()
}

/// Verifies an opaque message; also returns its content.
pub(crate) fn verify_opaque(message: &[u8]) -> Result<(SignedData, Vec<u8>), Error> {
    let mut content = Vec::new();
    let report = Verifier::new(&no_lookup).verify(ContentInfo::open(message)?, Content::Embedded(&mut content))?;
    Ok((report, content))
}

/// Verifies a detached signature over `content`.
pub(crate) fn verify_detached(signature: &[u8], content: &[u8]) -> Result<SignedData, Error> {
    verify_detached_with(signature, content, &no_lookup)
}

pub(crate) fn verify_detached_with(
    signature: &[u8],
    content: &[u8],
    lookup: &dyn Fn(&SignerId) -> Vec<Vec<u8>>,
) -> Result<SignedData, Error> {
    let mut write = |out: &mut dyn Write| out.write_all(content);
    Verifier::new(lookup).verify(ContentInfo::open(signature)?, Content::Detached(&mut write))
}
