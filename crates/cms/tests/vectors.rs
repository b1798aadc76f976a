//! Signed data that others made, with the verdict of the mathematics alone: no chain, no policy, no mail.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail anywhere")]

use std::io::Write;
use std::path::{Path, PathBuf};

use mailseal_cms::signed_data::{Check, Content, Flaw, SignedData, SignerId, Verifier};
use mailseal_cms::{ContentInfo, Error};

/// The folder of vectors; `None`, said plainly, where it is absent.
fn vectors() -> Option<PathBuf> {
    let default = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors");
    let path = std::env::var_os("MAILSEAL_VECTORS").map_or(default, PathBuf::from);
    if !path.is_dir() {
        eprintln!("skipped: no vectors at {}", path.display());
        return None;
    }
    Some(path)
}

/// DER or PEM.
fn read(path: &Path) -> Vec<u8> {
    let octets = std::fs::read(path).unwrap();
    let pem = octets.windows(10).any(|window| window == b"-----BEGIN");
    let decoded = if pem { der::pem::decode_vec(&octets).ok().map(|(_, der)| der) } else { None };
    decoded.unwrap_or(octets)
}

/// Verifies with every certificate in these files at hand; content is embedded, or `detached`.
fn verify(message: &[u8], detached: Option<&[u8]>, certificates: &[PathBuf]) -> Result<SignedData, Error> {
    let certificates: Vec<_> = certificates.iter().map(|path| read(path)).collect();
    let lookup = |_: &SignerId| certificates.clone();
    let info = ContentInfo::open(message)?;
    let verifier = Verifier::new(&lookup);
    match detached {
        Some(content) => verifier.verify(info, Content::Detached(&mut |out: &mut dyn Write| out.write_all(content))),
        None => verifier.verify(info, Content::Embedded(&mut std::io::sink())),
    }
}

/// The verdicts in short: one word for each signer, sorted, for a SET has no order that means something.
fn verdicts(report: &Result<SignedData, Error>) -> String {
    let Ok(report) = report else { return "error".to_owned() };
    let mut words: Vec<_> = report
        .signers
        .iter()
        .map(|signer| match &signer.check {
            Check::Valid => "valid",
            Check::DigestMismatch => "digest",
            Check::BadSignature => "bad",
            Check::CertificateMissing => "no-certificate",
            Check::WeakAlgorithm(_) => "weak",
            Check::Malformed(_) => "malformed",
            Check::Unsupported(_) => "unsupported",
            _ => "other",
        })
        .collect();
    words.sort_unstable();
    words.join(" ")
}

/// File, verdicts. In the order of `cases.tsv`; what is "good-legacy" or "bad" there is weak, malformed or unsupported
/// here, never valid.
const EMBEDDED: &[(&str, &str)] = &[
    // Attack 21, RFC 4134 examples: DSA, and RSA with SHA-1, are weak.
    ("bc-test-data/rfc4134/4.1.bin", "weak"),
    ("bc-test-data/rfc4134/4.2.bin", "weak"),
    ("bc-test-data/rfc4134/4.4.bin", "weak"),
    ("bc-test-data/rfc4134/4.5.bin", "weak"),
    ("bc-test-data/rfc4134/4.6.bin", "weak weak"),
    ("bc-test-data/rfc4134/4.7.bin", "weak"),
    ("bc-test-data/rfc4134/4.10.bin", "weak"),
    ("bc-test-data/rfc4134/4.11.bin", ""),
    ("bc-test-data/rfc4134/3.1.bin", "error"),
    ("bc-test-data/rfc4134/5.1.bin", "error"),
    // Made with the keys of RFC 9216.
    ("rfc9216-examples-cms/binary-files/signedByAliceRSA.p7m", "valid"),
    ("rfc9216-examples-cms/binary-files/signedByAliceRSAPSS.p7m", "valid"),
    ("rfc9216-examples-cms/binary-files/signedByCarlosEd25519.p7m", "valid"),
    // Odd BER, a UTCTime with a zone, SHA-1, DSA, an unknown curve.
    ("smallstep-pkcs7/extracted/ber_test_go_000.pem", "valid"),
    ("smallstep-pkcs7/extracted/verify_dsa_go1_15_test_go_005.pem", "weak"),
    ("smallstep-pkcs7/extracted/verify_test_go_006.pem", "malformed"),
    ("smallstep-pkcs7/extracted/verify_test_go_007.pem", "weak"),
    ("smallstep-pkcs7/extracted/verify_test_go_008.pem", "weak"),
    ("digitorus-pkcs7/extracted/ber_test_go_000.pem", "valid"),
    ("digitorus-pkcs7/extracted/dsa_test_go_002.pem", "weak"),
    ("digitorus-pkcs7/extracted/verify_test_go_003.pem", "malformed"),
    ("digitorus-pkcs7/extracted/verify_test_go_004.pem", "weak"),
    // Attack 13: signingTime unsigned; contentType missing; messageDigest missing; contentType doubled.
    ("openssl-cms/80-test_cms_data/bad_signtime_attr.cms", "malformed"),
    ("openssl-cms/80-test_cms_data/no_ct_attr.cms", "malformed"),
    ("openssl-cms/80-test_cms_data/no_md_attr.cms", "malformed"),
    ("openssl-cms/80-test_cms_data/ct_multiple_attr.cms", "malformed"),
    // CVE-2023-0401: MD4.
    ("openssl-cms/80-test_cms_data/pkcs7-md4.pem", "weak"),
    ("ietf-cms/extracted/verify_test_go_000.pem", "weak"),
    ("rustcrypto-cms/cms/tests/examples/cms_ber.bin", "valid"),
    ("rustcrypto-cms/cms/tests/examples/cms_der.bin", "valid"),
    ("rustcrypto-cms/cms/tests/examples/scep_der.bin", "valid"),
    ("rustcrypto-cms/cms/tests/examples/sd.cms", "valid"),
    ("rustcrypto-cms/cms/tests/examples/pkits.p7b", ""),
    // PKCS #7 v1.5 content that is no OCTET STRING; SignerInfos with wrong tags.
    ("rustcrypto-cms/cms/tests/examples/apple_mdm_signature_der.bin", "error"),
    ("rustcrypto-cms/cms/tests/examples/authroot.stl", "error"),
    ("rustcrypto-cms/cms/tests/examples/signer_info_explicit_attrs.bin", "error"),
    ("rustcrypto-cms/cms/tests/examples/signer_info_sequence_not_set.bin", "error"),
];

#[test]
fn embedded() {
    let Some(vectors) = vectors() else { return };
    for (file, expected) in EMBEDDED {
        let report = verify(&read(&vectors.join(file)), None, &[]);
        assert_eq!(verdicts(&report), *expected, "{file}: {report:?}");
    }
}

/// Certificates from elsewhere, by both kinds of signer identifier; RSA and Ed25519.
#[test]
fn rfc9216_without_certificates() {
    let Some(vectors) = vectors() else { return };
    let folder = vectors.join("rfc9216-examples-cms");
    let message = read(&folder.join("binary-files/signedByAliceAndCarlosNoCerts.p7m"));
    let missing = verify(&message, None, &[]).unwrap();
    assert!(missing.signers.iter().any(|signer| signer.check == Check::CertificateMissing));
    let certificates = ["lamps-alice.crt", "lamps-carlos.crt"].map(|name| folder.join("certs-and-keys").join(name));
    let report = verify(&message, None, &certificates).unwrap();
    let mut found: Vec<_> = report.signers.iter().map(|signer| signer.certificate.clone().unwrap()).collect();
    let mut expected = certificates.map(|path| read(&path)).to_vec();
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
    assert!(report.signers.iter().all(|signer| signer.check == Check::Valid), "{report:?}");
    // No signed attributes: the signature is over the content itself (RFC 8419 §2.2).
    let detached = read(&folder.join("binary-files/signedByCarlosDetached.p7m"));
    let carlos = [folder.join("certs-and-keys/lamps-carlos.crt")];
    assert_eq!(verdicts(&verify(&detached, Some(b"This is some sample content."), &carlos)), "valid");
    assert_eq!(verdicts(&verify(&detached, Some(b"This is some other content."), &carlos)), "bad");
}

/// Signatures beside their content.
#[test]
fn detached() {
    let Some(vectors) = vectors() else { return };
    let content = std::fs::read(vectors.join("bc-test-data/rfc4134/ExContent.bin")).unwrap();
    let message = read(&vectors.join("bc-test-data/rfc4134/4.3.bin"));
    assert_eq!(verdicts(&verify(&message, Some(&content), &[])), "weak");
    // CVE-2026-45447: the digest of the signer is not announced.
    let mail = std::fs::read_to_string(vectors.join("openssl-cms/smime-eml/pkcs7-empty-digest-set.eml")).unwrap();
    let (content, signature) = multipart_signed(&mail);
    let report = verify(&signature, Some(content.as_bytes()), &[]).unwrap();
    assert_eq!(report.signers[0].check, Check::Malformed(Flaw::DigestNotAnnounced));
}

/// RFC 5652 §5.2: a wrong kind of structure is told from a bad signature, and nothing panics, whatever the file.
#[test]
fn no_file_panics() {
    let Some(vectors) = vectors() else { return };
    let folders =
        ["bc-test-data", "rfc9216-examples-cms", "smallstep-pkcs7", "digitorus-pkcs7", "openssl-cms", "rustcrypto-cms"];
    let mut left: Vec<_> = folders.iter().map(|folder| vectors.join(folder)).collect();
    let mut files = 0;
    while let Some(path) = left.pop() {
        if path.is_dir() {
            left.extend(std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.metadata().unwrap().len() < 1 << 20 {
            files += 1;
            let octets = read(&path);
            let valid = verdicts(&verify(&octets, None, &[])).contains("valid");
            let detached = verdicts(&verify(&octets, Some(b"other content"), &[]));
            assert!(!detached.contains("valid"), "{}", path.display());
            if valid {
                assert!(detached.contains("malformed"), "{}", path.display());
            }
        }
    }
    assert!(files > 100, "only {files} files");
}

/// The first part of a simple multipart/signed with bare LF, and its decoded signature.
fn multipart_signed(mail: &str) -> (String, Vec<u8>) {
    let boundary = mail.split("boundary=\"").nth(1).unwrap().split('"').next().unwrap();
    let delimiter = format!("\n--{boundary}");
    let mut parts = mail.split(&delimiter);
    let content = parts.nth(1).unwrap().strip_prefix('\n').unwrap().replace('\n', "\r\n");
    let base64 = parts.next().unwrap().split("\n\n").nth(1).unwrap();
    let pem = format!("-----BEGIN CMS-----\n{}\n-----END CMS-----\n", base64.trim());
    (content, der::pem::decode_vec(pem.as_bytes()).unwrap().1)
}
