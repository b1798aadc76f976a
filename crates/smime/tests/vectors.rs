//! CMS objects that others made. Messages in MIME are judged by the tests of the message layer.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod common;

use common::{Ring, certs, policy, read};
use mailseal_core::{
    Address, By, Cert, CertSource, Check, Context, Credential, Decryption, Handle, Judgement, KeySource, Layer,
    MemorySink, NoPrompt, Peeled, Policy, Protocol, Purpose, Question, Reason, Trust,
};
use mailseal_smime::{Pkix, Smime};
use mailseal_testkit::corpus::{self, Case, Operation};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

/// Certificates in memory.
struct Certs(Vec<Cert>);

impl CertSource for Certs {
    fn by_handle(&self, handle: &Handle) -> Vec<Cert> {
        self.0.iter().filter(|cert| cert.answers_to(handle)).cloned().collect()
    }

    fn by_address(&self, address: &Address) -> Vec<Cert> {
        self.0.iter().filter(|cert| cert.addresses().contains(address)).cloned().collect()
    }
}

fn open(blob: &[u8], known: &[Cert], keys: &[Credential]) -> (Peeled, Option<Vec<u8>>) {
    let (policy, certs, keys) = (policy(), Certs(known.to_vec()), Ring(keys.to_vec()));
    let with = Context { policy: &policy, certs: &certs, keys: &keys as &dyn KeySource };
    let mut sink = MemorySink::new();
    let peeled = Smime.open(&mut &blob[..], &with, &mut sink).unwrap();
    (peeled, sink.into_committed())
}

fn checks(peeled: &Peeled) -> Vec<Check> {
    match &peeled.layers[..] {
        [Layer::Signed(signatures)] => signatures.iter().map(|signature| signature.check).collect(),
        layers => panic!("{layers:?}"),
    }
}

fn decryption(peeled: &Peeled) -> Decryption {
    match &peeled.layers[..] {
        [Layer::Encrypted(encryption)] => encryption.decryption,
        layers => panic!("{layers:?}"),
    }
}

fn key(certificate: &Path, key: &Path) -> Vec<Credential> {
    Smime.parse_keys(&read(key), "key", &certs(certificate), Arc::new(NoPrompt)).unwrap()
}

/// draft-ireland-examples-cms: RSA, PSS and Ed25519 signatures, OAEP, X25519 and mixed recipients, ChaCha20-Poly1305.
/// Nobody has the key of KEKRI.
#[test]
fn rfc9216_examples() {
    let Some(vectors) = corpus::vectors() else { return };
    let file = |name: &str| read(&vectors.join(format!("rfc9216-examples-cms/binary-files/{name}.p7m")));
    let keys = |name: &str| vectors.join(format!("rfc9216-examples-cms/certs-and-keys/lamps-{name}"));
    let alice = certs(&keys("alice.crt"));

    let (peeled, content) = open(&file("signedByAliceRSA"), &[], &[]);
    assert_eq!(checks(&peeled), [Check::Valid]);
    assert!(content.is_some());
    assert_eq!(checks(&open(&file("signedByAliceRSAPSS"), &[], &[]).0), [Check::Valid]);
    let both = [alice.clone(), certs(&keys("carlos.crt"))].concat();
    assert_eq!(checks(&open(&file("signedByAliceAndCarlosNoCerts"), &both, &[]).0), [Check::Valid, Check::Valid]);
    let mut one = checks(&open(&file("signedByAliceAndCarlosNoCerts"), &alice, &[]).0);
    one.sort_by_key(|check| *check != Check::Valid);
    assert_eq!(one, [Check::Valid, Check::CertificateMissing]);
    assert_eq!(checks(&open(&file("signedByCarlosEd25519"), &[], &[]).0), [Check::Valid]);

    let anchors = certs(&vectors.join("rfc9216-keys/ca.rsa.crt"));
    let policy = policy();
    let question =
        Question { cert: &alice[0], address: None, purpose: Purpose::Sign, policy: &policy, helpers: &[], crls: &[] };
    let judgement = Pkix::new(&anchors, &[], &[]).judge(&question);
    assert_eq!(judgement, Judgement::Trusted(By::Chain("Sample LAMPS RSA Certification Authority".into())));

    let bob = key(&keys("bob.encrypt.crt"), &keys("bob.decrypt.p8.pem"));
    for name in ["encryptedForBobAndDana", "encryptedForBobRSAOaep", "authEnvelopedForBobChaCha20Poly1305"] {
        let (peeled, content) = open(&file(name), &[], &bob);
        assert_eq!(decryption(&peeled), Decryption::Done, "{name}");
        assert!(content.is_some());
    }
    let dana = key(&keys("dana.encrypt.crt"), &keys("dana.decrypt.p8.pem"));
    for name in ["encryptedForBobAndDana", "authEnvelopedForDanaX25519HKDF"] {
        let (peeled, content) = open(&file(name), &[], &dana);
        assert_eq!(decryption(&peeled), Decryption::Done, "{name}");
        assert!(content.is_some());
    }
    for name in ["authEnvelopedForDanaX25519HKDF", "encryptedKekri"] {
        let (peeled, content) = open(&file(name), &[], &bob);
        assert_eq!((decryption(&peeled), content), (Decryption::NoKey, None), "{name}");
    }
}

/// Damaged attributes and parameters of OpenSSL's own tests (attacks 11 and 13), and a message of its version 1.1.1.
#[test]
fn openssl_objects() {
    let Some(cases) = corpus::cases("openssl-cms") else { return };
    let mut judged = 0;
    for case in
        cases.iter().filter(|case| case.file.extension().is_some_and(|ending| ending == "cms" || ending == "der"))
    {
        let blob = decoded(&read(&case.file));
        let (peeled, content) = open(&blob, &[], &secrets(case));
        let valid = peeled.layers.iter().any(|layer| {
            matches!(layer, Layer::Signed(signatures) if signatures.iter().any(|found| found.check == Check::Valid))
        });
        assert!(!valid, "{}", case.id);
        match case.expected.as_str() {
            "decrypts" => assert!(content.is_some(), "{} {peeled:?}", case.id),
            "rejects" => assert_eq!(content, None, "{}", case.id),
            _ => {}
        }
        judged += 1;
    }
    assert!(judged >= 8, "{judged}");
}

fn secrets(case: &Case) -> Vec<Credential> {
    let known: Vec<Cert> =
        case.certs.iter().flat_map(|path| Smime.parse_certs(&read(path)).unwrap_or_default()).collect();
    let files = case.secrets.iter().map(|secret| read(&secret.file));
    files.flat_map(|file| Smime.parse_keys(&file, "x", &known, Arc::new(NoPrompt)).unwrap_or_default()).collect()
}

/// Without the base64 around it, where there is one.
fn decoded(blob: &[u8]) -> Vec<u8> {
    use base64ct::{Base64, Encoding};
    let Ok(text) = std::str::from_utf8(blob) else { return blob.to_vec() };
    let body = text.split_once("\n\n").map_or(text, |(_, body)| body);
    let lines = body.lines().map(str::trim).filter(|line| !line.starts_with("-----"));
    Base64::decode_vec(&lines.collect::<String>()).unwrap_or_else(|_| blob.to_vec())
}

/// Whatever else is CMS in the vectors: looked at and opened without keys, no panic, nothing decrypted.
#[test]
fn objects_of_other_projects() {
    let mut seen = 0;
    for folder in [
        "rustcrypto-cms",
        "smallstep-pkcs7",
        "digitorus-pkcs7",
        "bc-test-data",
        "pyca-vectors",
        "lamps-pqc",
        "ietf-cms",
        "smimesign",
    ] {
        let Some(cases) = corpus::cases(folder) else { return };
        for case in cases.iter().filter(|case| case.operation != Operation::ImportKey && is_cms(&case.file)) {
            let blob = decoded(&read(&case.file));
            let (peeled, _) = open(&blob, &[], &[]);
            let inspected = Smime.inspect(&mut &blob[..], &policy()).unwrap();
            assert!(peeled.layers.len() <= 1 && inspected.layers.len() <= 1, "{}", case.id);
            if let Some(Layer::Encrypted(encryption)) = peeled.layers.first() {
                assert_ne!(encryption.decryption, Decryption::Done, "{}", case.id);
            }
            seen += 1;
        }
    }
    assert!(seen > 60, "{seen}");
}

fn is_cms(file: &PathBuf) -> bool {
    let ending = Path::new(file).extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    ["bin", "pem", "der", "p7b", "p7m", "ber", "cms"].contains(&ending)
}

/// RFC 9881: certificates by ML-DSA issuers, of three implementations.
#[test]
fn ml_dsa_issuers() {
    let Some(vectors) = corpus::vectors() else { return };
    let folder = vectors.join("lamps-pqc/pqc-certificates");
    for (files, name) in [
        ("ossl35", "ml-dsa-65-2.16.840.1.101.3.4.3.18"),
        ("bc/artifacts_cms_v3", "ml-dsa-87-2.16.840.1.101.3.4.3.19"),
        ("cryptonext/artifacts_cms_v3", "ML-DSA-44-2.16.840.1.101.3.4.3.17"),
    ] {
        let (peeled, _) = open(&read(&folder.join(files).join(format!("{name}_signed_attrs.der"))), &[], &[]);
        let Layer::Signed(signatures) = &peeled.layers[0] else { panic!("{peeled:?}") };
        let signer = signatures[0].signer.as_ref().unwrap();
        let policy = Policy::at(signer.not_before().unwrap() + Duration::from_secs(86_400));
        let judge = |anchor: &Path| {
            let pkix = Pkix::with_anchors(&read(anchor)).unwrap();
            let question = Question {
                cert: signer,
                address: None,
                purpose: Purpose::Sign,
                policy: &policy,
                helpers: &[],
                crls: &[],
            };
            pkix.judge(&question)
        };
        let found = judge(&folder.join(files).join("ta.der"));
        assert!(found.is_trusted(), "{files} {found:?}");
        assert!(!judge(&folder.join("carl-redhound/artifacts_cms_v3/ta.der")).is_trusted());
    }
}

/// The people of the corpora of mail chain to the anchors that their rows name.
#[test]
fn people_of_the_mail_corpora() {
    let Some(vectors) = corpus::vectors() else { return };
    let at = |seconds| Policy::at(UNIX_EPOCH + Duration::from_secs(seconds));
    let judge = |anchor: &str, cert: &Cert, purpose, policy: &Policy| {
        let pkix = Pkix::with_anchors(&read(&vectors.join(anchor))).unwrap();
        pkix.judge(&Question { cert, address: None, purpose, policy, helpers: &[], crls: &[] })
    };
    // 2027-01-15, as the rows say.
    for name in ["Alice", "Bob", "Dave"] {
        let file = read(&vectors.join(format!("thunderbird/mailnews/test/data/smime/{name}.p12")));
        let key = Smime.parse_keys(&file, name, &[], Arc::new(common::Answers(&["nss"]))).unwrap().remove(0);
        for purpose in [Purpose::Sign, Purpose::Encrypt] {
            let found =
                judge("thunderbird/mailnews/test/data/smime/TestCA.pem", &key.cert, purpose, &at(1_799_971_200));
            assert!(found.is_trusted(), "{name} {purpose:?} {found:?}");
        }
    }
    for (name, usage, purpose) in [
        ("alice", "sign", Purpose::Sign),
        ("alice", "encrypt", Purpose::Encrypt),
        ("bob", "sign", Purpose::Sign),
        ("bob", "encrypt", Purpose::Encrypt),
    ] {
        let cert = certs(&vectors.join(format!("rfc9216-keys/{name}.{usage}.crt"))).remove(0);
        let found = judge("rfc9216-keys/ca.rsa.crt", &cert, purpose, &policy());
        assert!(found.is_trusted(), "{name} {found:?}");
    }
    // Ed25519 issuers, one of them certified by RSA, and RSA certified by Ed25519 (RFC 9216 §5).
    let cross = |name: &str| certs(&vectors.join(format!("rfc9216-keys/{name}.cross.crt")));
    for (name, anchor, helpers) in [
        ("carlos", "ca.25519", vec![]),
        ("dana", "ca.25519", vec![]),
        ("carlos", "ca.rsa", cross("ca.25519")),
        ("alice", "ca.25519", cross("ca.rsa")),
    ] {
        let cert = certs(&vectors.join(format!("rfc9216-keys/{name}.sign.crt"))).remove(0);
        let pkix = Pkix::with_anchors(&read(&vectors.join(format!("rfc9216-keys/{anchor}.crt")))).unwrap();
        let (purpose, policy) = (Purpose::Sign, policy());
        let question = |helpers| Question { cert: &cert, address: None, purpose, policy: &policy, helpers, crls: &[] };
        let found = pkix.judge(&question(&helpers));
        assert!(found.is_trusted(), "{name} {anchor} {found:?}");
        assert_eq!(pkix.judge(&question(&[])).is_trusted(), helpers.is_empty(), "{name} {anchor}");
    }
    // The rows of protected-headers say "no password"; openssl too opens the file with this one only.
    for (key, anchor) in [
        ("protected-headers/bob.p12", "protected-headers/sample-ca.pem"),
        ("notmuch/test/smime/bob.p12", "notmuch/test/smime/ca.crt"),
    ] {
        let keys = Smime.parse_keys(&read(&vectors.join(key)), key, &[], Arc::new(common::Answers(&["bob"]))).unwrap();
        for key in keys {
            let found = judge(anchor, &key.cert, Purpose::Sign, &at(1_799_971_200));
            assert!(found.is_trusted(), "{:?} {found:?}", key.cert);
        }
    }
    // RSA-1024 and SHA-1, for which openssl still had a good word.
    let weak = "kde-messagelib/keys/smime-0x212B49DC.crt";
    let found = judge(weak, &certs(&vectors.join(weak))[0], Purpose::Sign, &at(1_290_000_000));
    assert_eq!(found, Judgement::Untrusted(Reason::WeakAlgorithm));
}
