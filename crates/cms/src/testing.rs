//! Small things for the tests.

use der::{Decode, Encode};

use crate::engine::SoftwareKey;
pub(crate) use mailseal_testkit::hex::unhex;

/// The certificate of a person in `testdata/smime`, in DER.
pub(crate) fn cert_der(name: &str) -> Vec<u8> {
    let pem = std::fs::read(testdata(&format!("{name}.crt.pem"))).unwrap();
    der::pem::decode_vec(&pem).unwrap().1
}

/// The `SubjectPublicKeyInfo` of a person, in DER.
pub(crate) fn spki_der(name: &str) -> Vec<u8> {
    let cert = x509_cert::Certificate::from_der(&cert_der(name)).unwrap();
    cert.tbs_certificate().subject_public_key_info().to_der().unwrap()
}

/// The private key of a person: Alice and Dave have RSA-3072, Bob has P-256.
pub(crate) fn private_key(name: &str) -> SoftwareKey {
    let pem = std::fs::read(testdata(&format!("{name}.key.pem"))).unwrap();
    SoftwareKey::from_pkcs8_der(&der::pem::decode_vec(&pem).unwrap().1).unwrap()
}

fn testdata(file: &str) -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/smime").join(file)
}
