//! `openssl cms` verifies what is signed here, and the other way round.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail anywhere")]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, UNIX_EPOCH};

use mailseal_cms::algorithm::SignatureScheme;
use mailseal_cms::attributes::Capability;
use mailseal_cms::engine::Hash;
use mailseal_cms::signed_data::{Check, SignedDataBuilder, Signer};

mod support;
use support::{certificate, key, testdata, verify_detached, verify_opaque};

/// Seconds since 1970 of 2026-06-01, when the certificates of the test data are valid.
const AT: &str = "1780272000";

/// Runs `openssl` in a directory of its own with the content in `content`; `None` if it is not installed.
struct OpenSsl(tempfile::TempDir);

impl OpenSsl {
    fn new(content: &[u8]) -> Option<Self> {
        if Command::new("openssl").arg("version").output().is_err() {
            eprintln!("skipped: openssl is not installed");
            return None;
        }
        let openssl = OpenSsl(tempfile::tempdir().unwrap());
        std::fs::write(openssl.path("content"), content).unwrap();
        Some(openssl)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Runs `openssl cms` with these words; what it said if it failed.
    fn cms(&self, words: &[&str]) -> Result<(), String> {
        let output = Command::new("openssl").arg("cms").args(words).current_dir(self.0.path()).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        if output.status.success() { Ok(()) } else { Err(said) }
    }

    fn sign(&self, people: &[&str], words: &[&str]) -> Vec<u8> {
        let mut all = vec!["-sign", "-binary", "-in", "content", "-outform", "DER", "-out", "signed"];
        let files: Vec<_> = people
            .iter()
            .map(|name| (shown(&testdata(&format!("{name}.crt.pem"))), shown(&testdata(&format!("{name}.key.pem")))))
            .collect();
        for (certificate, key) in &files {
            all.extend(["-signer", certificate, "-inkey", key]);
        }
        all.extend(words);
        self.cms(&all).unwrap();
        std::fs::read(self.path("signed")).unwrap()
    }

    /// Verifies `signed`, certificate chain and ESS signing certificate included, and returns the content.
    fn verify(&self, signed: &[u8], words: &[&str]) -> Result<Vec<u8>, String> {
        std::fs::write(self.path("signed"), signed).unwrap();
        let root = shown(&testdata("root.crt.pem"));
        let mut all = vec!["-verify", "-binary", "-cades", "-inform", "DER", "-in", "signed", "-out", "verified"];
        all.extend(["-CAfile", &root, "-attime", AT, "-purpose", "smimesign"]);
        all.extend(words);
        self.cms(&all)?;
        Ok(std::fs::read(self.path("verified")).unwrap())
    }
}

fn shown(path: &Path) -> String {
    path.canonicalize().unwrap().to_str().unwrap().to_owned()
}

/// Longer than our segments and openssl's, with every octet in it.
fn content() -> Vec<u8> {
    (0..100_000u32).map(|i| i.wrapping_mul(i) as u8 ^ (i >> 8) as u8).collect()
}

#[test]
fn theirs_is_verified_here() {
    let content = content();
    let Some(openssl) = OpenSsl::new(&content) else { return };
    let variants: [&[&str]; 6] =
        [&[], &["-md", "sha384"], &["-md", "sha512"], &["-keyid"], &["-noattr"], &["-cades", "-nosmimecap"]];
    for name in ["alice", "bob"] {
        for variant in variants {
            for form in [&[][..], &["-stream"]] {
                let opaque = openssl.sign(&[name], &[form, variant, &["-nodetach"]].concat());
                assert_eq!(opaque[1] == 0x80, form == ["-stream"], "indefinite length");
                let (report, read) = verify_opaque(&opaque).unwrap();
                assert!(read == content, "{name} {variant:?} {form:?}");
                assert_eq!(report.signers[0].check, Check::Valid, "{name} {variant:?} {form:?}");
            }
            let detached = openssl.sign(&[name], variant);
            let report = verify_detached(&detached, &content).unwrap();
            assert_eq!(report.signers[0].check, Check::Valid, "{name} {variant:?} detached");
            let with_attributes = !variant.contains(&"-noattr");
            assert_eq!(report.signers[0].signing_time().is_some(), with_attributes);
            let altered = verify_detached(&detached, &content[1..]).unwrap();
            let expected = if with_attributes { Check::DigestMismatch } else { Check::BadSignature };
            assert_eq!(altered.signers[0].check, expected, "{name} {variant:?} altered");
        }
    }
}

#[test]
fn their_pss_is_verified_here() {
    let content = content();
    let Some(openssl) = OpenSsl::new(&content) else { return };
    for md in ["sha256", "sha384", "sha512"] {
        let detached = openssl.sign(&["alice"], &["-md", md, "-keyopt", "rsa_padding_mode:pss"]);
        let report = verify_detached(&detached, &content).unwrap();
        assert_eq!(report.signers[0].check, Check::Valid, "{md}");
        assert!(matches!(report.signers[0].scheme, Some(SignatureScheme::RsaPss { .. })));
    }
}

/// Attack 21: SHA-1 is right by the mathematics and still not good.
#[test]
fn their_sha1_is_weak() {
    let content = content();
    let Some(openssl) = OpenSsl::new(&content) else { return };
    for name in ["alice", "bob"] {
        let detached = openssl.sign(&[name], &["-md", "sha1"]);
        let report = verify_detached(&detached, &content).unwrap();
        assert_eq!(report.signers[0].check, Check::WeakAlgorithm(Hash::Sha1.oid()), "{name}");
    }
}

#[test]
fn their_two_signers_and_missing_certificates() {
    let content = content();
    let Some(openssl) = OpenSsl::new(&content) else { return };
    let signed = openssl.sign(&["alice", "bob"], &["-stream", "-nodetach"]);
    let (report, _) = verify_opaque(&signed).unwrap();
    let checks: Vec<_> = report.signers.iter().map(|signer| &signer.check).collect();
    assert_eq!(checks, [&Check::Valid, &Check::Valid]);
    assert_eq!(report.certificates.len(), 2);

    let signed = openssl.sign(&["alice"], &["-nocerts"]);
    let report = verify_detached(&signed, &content).unwrap();
    assert_eq!(report.signers[0].check, Check::CertificateMissing);
    let lookup = |_: &_| vec![certificate("alice")];
    let report = support::verify_detached_with(&signed, &content, &lookup).unwrap();
    assert_eq!(report.signers[0].check, Check::Valid);
}

#[test]
fn ours_is_verified_there() {
    let content = content();
    let Some(openssl) = OpenSsl::new(&content) else { return };
    let (alice, bob) = (key("alice"), key("bob"));
    let time = UNIX_EPOCH + Duration::from_secs(AT.parse().unwrap());
    let signer = |name: &str, scheme, by_key_id| {
        let key = if name == "bob" { &bob } else { &alice };
        let signer = Signer::new(&certificate(name), key).unwrap().scheme(scheme).unwrap();
        let signer = signer.signing_time(time).capabilities(Capability::of_this_crate());
        if by_key_id { signer.by_subject_key_id().unwrap() } else { signer }
    };
    let with_issuer = || SignedDataBuilder::new().certificate(&certificate("intermediate")).unwrap();
    for hash in [Hash::Sha256, Hash::Sha384, Hash::Sha512] {
        for (name, scheme) in [
            ("alice", SignatureScheme::RsaPkcs1v15 { hash }),
            ("alice", SignatureScheme::pss(hash)),
            ("bob", SignatureScheme::Ecdsa { hash }),
        ] {
            for by_key_id in [false, true] {
                let builder = || with_issuer().signer(signer(name, scheme, by_key_id));
                let mut opaque = builder().opaque(Vec::new()).unwrap();
                opaque.write_all(&content).unwrap();
                let verified = openssl.verify(&opaque.finish().unwrap(), &[]);
                assert!(verified.as_ref() == Ok(&content), "{name} {scheme:?} opaque: {:?}", verified.err());
                let mut detached = builder().detached().unwrap();
                detached.write_all(&content).unwrap();
                let detached = detached.finish().unwrap();
                let verified = openssl.verify(&detached, &["-content", "content"]);
                assert!(verified.as_ref() == Ok(&content), "{name} {scheme:?} detached: {:?}", verified.err());
            }
        }
    }
    let both = with_issuer().signer(signer("alice", SignatureScheme::pss(Hash::Sha512), true)).signer(signer(
        "bob",
        SignatureScheme::Ecdsa { hash: Hash::Sha256 },
        false,
    ));
    let mut both = both.detached().unwrap();
    both.write_all(&content).unwrap();
    let both = both.finish().unwrap();
    openssl.verify(&both, &["-content", "content"]).unwrap();
    std::fs::write(openssl.path("altered"), &content[1..]).unwrap();
    assert!(openssl.verify(&both, &["-content", "altered"]).is_err());
}
