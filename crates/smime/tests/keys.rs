//! Secret keys in the forms in which programs write them.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod common;

use common::{Answers, cert, certs, read};
use mailseal_core::Protocol;
use mailseal_core::{Error, NoPrompt, Prompt};
use mailseal_smime::{Smime, SoftwareKey};
use mailseal_testkit::personas::{self, ALICE, BOB, FRANK, GRACE, Persona};
use mailseal_testkit::program::Program;
use std::path::Path;
use std::sync::Arc;

fn openssl() -> Option<Program> {
    Program::find("openssl")
}

fn chain_len(key: &mailseal_core::Credential) -> usize {
    key.key.as_any().downcast_ref::<SoftwareKey>().unwrap().chain().len()
}

/// PKCS#12 as openssl 3 writes it (PBES2, AES, HMAC): right, wrong and no passphrase; the intermediate goes along.
#[test]
fn pkcs12_of_the_personas() {
    for persona in [ALICE, BOB] {
        let file = read(&persona.smime_p12());
        let open = |prompt: Arc<dyn Prompt>| Smime.parse_keys(&file, "alice.p12", &[], prompt);
        let passphrase: &'static [&'static str] =
            if persona == ALICE { &["wrong", "alice"] } else { &["wrong", "bob"] };
        let keys = open(Arc::new(Answers(passphrase))).unwrap();
        assert_eq!(keys.len(), 1);
        assert_eq!(keys[0].cert, cert(persona));
        assert_eq!(chain_len(&keys[0]), 1);
        assert!(matches!(open(Arc::new(Answers(&["wrong"]))), Err(Error::Locked(name)) if name == "alice.p12"));
        assert!(matches!(open(Arc::new(NoPrompt)), Err(Error::Locked(_))));
    }
}

/// Every way in which openssl 3 encrypts and authenticates with PBES2.
#[test]
fn pkcs12_of_openssl() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("x.p12");
    let variants: [(&[&str], &'static [&'static str]); 6] = [
        (&["-passout", "pass:pä$$"], &["pä$$"]),
        (&["-passout", "pass:"], &[]),
        (&["-passout", "pass:x", "-nomac"], &["y", "x"]),
        (&["-passout", "pass:x", "-keypbe", "NONE", "-certpbe", "NONE"], &["x"]),
        (&["-passout", "pass:x", "-macalg", "SHA512", "-keypbe", "AES-128-CBC", "-certpbe", "AES-192-CBC"], &["x"]),
        (&["-passout", "pass:x", "-macalg", "SHA1", "-iter", "100000"], &["x"]),
    ];
    for (options, answers) in variants {
        let Some(openssl) = openssl() else { return };
        let _ = openssl
            .args(["pkcs12", "-export", "-inkey"])
            .arg(ALICE.smime_key())
            .arg("-in")
            .arg(ALICE.smime_cert())
            .arg("-certfile")
            .arg(personas::intermediate())
            .args(options)
            .arg("-out")
            .arg(&out)
            .succeed();
        let keys = Smime.parse_keys(&read(&out), "x", &[], Arc::new(Answers(answers)));
        let keys = keys.unwrap_or_else(|error| panic!("{options:?}: {error}"));
        assert_eq!((keys.len(), &keys[0].cert), (1, &cert(ALICE)), "{options:?}");
        assert_eq!(chain_len(&keys[0]), 1, "{options:?}");
    }
}

/// The ciphers of PKCS#12 itself, as NSS, Windows and `openssl -legacy` write them; RC4 is named.
#[test]
fn pkcs12_of_older_dialects() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("x.p12");
    for (cipher, unsupported) in [
        ("PBE-SHA1-3DES", None),
        ("PBE-SHA1-2DES", None),
        ("PBE-SHA1-RC2-128", None),
        ("PBE-SHA1-RC2-40", None),
        (
            "PBE-SHA1-RC4-128",
            Some("unsupported: password-based encryption pbeWithSHAAnd128BitRC4 1.2.840.113549.1.12.1.1"),
        ),
    ] {
        let Some(openssl) = openssl() else { return };
        let _ = openssl
            .args(["pkcs12", "-export", "-legacy", "-keypbe", cipher, "-certpbe", cipher, "-passout", "pass:\u{e9}x"])
            .arg("-inkey")
            .arg(ALICE.smime_key())
            .arg("-in")
            .arg(ALICE.smime_cert())
            .arg("-out")
            .arg(&out)
            .succeed();
        let keys = Smime.parse_keys(&read(&out), "x", &[], Arc::new(Answers(&["no", "\u{e9}x"])));
        match unsupported {
            None => assert_eq!(keys.unwrap()[0].cert, cert(ALICE), "{cipher}"),
            Some(text) => assert_eq!(keys.unwrap_err().to_string(), text),
        }
    }
}

/// Two keys in one file, each with its certificate.
#[test]
fn several_keys_in_one_pem_file() {
    let mut file = Vec::new();
    for path in [ALICE.smime_key(), BOB.smime_cert(), BOB.smime_key(), ALICE.smime_cert(), personas::intermediate()] {
        file.extend_from_slice(&read(&path));
    }
    let keys = Smime.parse_keys(&file, "both", &[], Arc::new(NoPrompt)).unwrap();
    let owners: Vec<_> = keys.iter().map(|key| key.cert.clone()).collect();
    assert_eq!(owners, [cert(ALICE), cert(BOB)]);
    assert!(keys.iter().all(|key| chain_len(key) == 1));
}

/// PKCS#8, PKCS#1 and SEC1, PEM and DER, plain and encrypted, as openssl writes them; the certificate is beside them.
#[test]
fn bare_keys_find_their_certificate() {
    let folder = tempfile::tempdir().unwrap();
    let known = [cert(BOB), cert(ALICE), cert(FRANK), cert(GRACE), certs(&personas::intermediate()).remove(0)];
    let variants: [(Persona, &[&str]); 26] = [
        (ALICE, &["rsa", "-traditional"]),
        (ALICE, &["rsa", "-traditional", "-outform", "DER"]),
        (ALICE, &["pkcs8", "-topk8", "-nocrypt"]),
        (ALICE, &["pkcs8", "-topk8", "-nocrypt", "-outform", "DER"]),
        (ALICE, &["pkcs8", "-topk8", "-passout", "pass:x"]),
        (ALICE, &["pkcs8", "-topk8", "-passout", "pass:x", "-outform", "DER", "-v2", "aes-128-cbc"]),
        (ALICE, &["pkcs8", "-topk8", "-passout", "pass:x", "-v2", "des3", "-v2prf", "hmacWithSHA512"]),
        (ALICE, &["pkcs8", "-topk8", "-passout", "pass:x", "-scrypt"]),
        (ALICE, &["pkcs8", "-topk8", "-passout", "pass:x", "-v1", "PBE-SHA1-3DES"]),
        (BOB, &["pkcs8", "-topk8", "-passout", "pass:x", "-v1", "PBE-SHA1-2DES"]),
        (
            BOB,
            &[
                "pkcs8",
                "-topk8",
                "-passout",
                "pass:x",
                "-v1",
                "PBE-SHA1-RC2-40",
                "-provider",
                "legacy",
                "-provider",
                "default",
            ],
        ),
        (BOB, &["pkcs8", "-topk8", "-passout", "pass:x", "-v2", "aes-192-cbc", "-v2prf", "hmacWithSHA1"]),
        (BOB, &["pkcs8", "-topk8", "-passout", "pass:x", "-v2prf", "hmacWithSHA224"]),
        (BOB, &["pkcs8", "-topk8", "-passout", "pass:x", "-v2prf", "hmacWithSHA384"]),
        (BOB, &["pkcs8", "-topk8", "-passout", "pass:x", "-v2prf", "hmacWithSHA512-224"]),
        (BOB, &["pkcs8", "-topk8", "-passout", "pass:x", "-v2prf", "hmacWithSHA512-256"]),
        (BOB, &["pkcs8", "-topk8", "-passout", "pass:x", "-scrypt", "-scrypt_N", "1024", "-scrypt_p", "3"]),
        (FRANK, &["ec"]),
        (FRANK, &["ec", "-conv_form", "compressed", "-outform", "DER"]),
        (FRANK, &["pkcs8", "-topk8", "-passout", "pass:x"]),
        (GRACE, &["ec"]),
        (GRACE, &["ec", "-no_public"]),
        (GRACE, &["pkcs8", "-topk8", "-nocrypt"]),
        (BOB, &["ec"]),
        (BOB, &["ec", "-outform", "DER"]),
        (BOB, &["pkcs8", "-topk8", "-passout", "pass:x"]),
    ];
    for (persona, arguments) in variants {
        let Some(openssl) = openssl() else { return };
        let out = folder.path().join("key");
        let _ = openssl.args(arguments).arg("-in").arg(persona.smime_key()).arg("-out").arg(&out).succeed();
        let parse = |certs: &[_]| Smime.parse_keys(&read(&out), "key", certs, Arc::new(Answers(&["y", "x"])));
        let keys = parse(&known).unwrap_or_else(|error| panic!("{arguments:?}: {error}"));
        assert_eq!((keys.len(), &keys[0].cert), (1, &cert(persona)), "{arguments:?}");
        assert!(matches!(parse(&[]), Err(Error::Malformed { .. })), "{arguments:?}: no certificate");
        assert!(matches!(parse(&[cert(personas::EVE)]), Err(Error::Malformed { .. })), "{arguments:?}: another's");
    }
}

/// PBES1 of PKCS#5 hashes with MD5 and encrypts with DES: refused by name.
#[test]
fn pbes1_with_des_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("key");
    let Some(openssl) = openssl() else { return };
    let _ = openssl
        .args(["pkcs8", "-topk8", "-passout", "pass:x", "-v1", "PBE-MD5-DES"])
        .args(["-provider", "legacy", "-provider", "default", "-in"])
        .arg(BOB.smime_key())
        .arg("-out")
        .arg(&out)
        .succeed();
    let refused = Smime.parse_keys(&read(&out), "key", &[cert(BOB)], Arc::new(Answers(&["x"]))).unwrap_err();
    assert_eq!(refused.to_string(), "unsupported: password-based encryption pbeWithMD5AndDES-CBC 1.2.840.113549.1.5.3");
}

/// The password of an RFC 9216 persona is the first name; each file is PEM-wrapped and holds a key to sign and one to
/// encrypt. The keys to sign of Carlos and Dana are Ed25519.
#[test]
fn rfc9216_personas() {
    let Some(vectors) = mailseal_testkit::corpus::vectors() else { return };
    let open = |name: &str, answers| {
        let file = read(&vectors.join(format!("rfc9216-keys/{name}.p12.pem")));
        Smime.parse_keys(&file, name, &[], Arc::new(Answers(answers)))
    };
    for (name, answers) in [("alice", &["alice"]), ("bob", &["bob"])] {
        let keys = open(name, answers).unwrap();
        assert_eq!(keys.len(), 2, "{name}");
        assert!(keys.iter().all(|key| key.cert.addresses()[0].as_str() == format!("{name}@smime.example")));
    }
    for (name, answers) in [("carlos", &["carlos"]), ("dana", &["dana"])] {
        let signing = vectors.join(format!("rfc9216-keys/{name}.sign.crt"));
        let keys = open(name, answers).unwrap();
        assert!(keys.iter().any(|key| key.cert == certs(&signing)[0]), "{name}");
    }
}

/// Files of NSS (Thunderbird's test keys): BER of indefinite length, its own ciphers.
#[test]
fn nss_files() {
    let Some(vectors) = mailseal_testkit::corpus::vectors() else { return };
    let folder = vectors.join("thunderbird/mailnews/test/data");
    for file in ["smime/Alice", "smime/Bob", "smime/Dave", "smime/Eve", "smime/Fran", "smime-interop/Fran"] {
        let file = read(&folder.join(format!("{file}.p12")));
        let keys = Smime.parse_keys(&file, "nss", &[], Arc::new(Answers(&["nss"]))).unwrap();
        assert_eq!(keys.len(), 1);
        assert!(keys[0].cert.addresses().iter().any(|address| address.domain() == "example.com"), "{:?}", keys[0].cert);
    }
    for file in ["smime/Alice-ec", "smime/Fran-ec", "smime-interop/Fran-ec"] {
        let file = read(&folder.join(format!("{file}.p12")));
        let keys = Smime.parse_keys(&file, "nss", &[], Arc::new(Answers(&["nss"]))).unwrap();
        assert_eq!(keys.len(), 1, "on P-384");
    }
}

/// The PKCS#12 files of pyca/cryptography: with and without names, passwords, certificates, keys. Those without a
/// certificate for their key, or without key, are said to be so.
#[test]
fn pyca_files() {
    let Some(cases) = mailseal_testkit::corpus::cases("pyca-vectors") else { return };
    let (mut read_well, mut keyless) = (0, Vec::new());
    for case in cases.iter().filter(|case| case.file.extension().is_some_and(|ending| ending == "p12")) {
        let answers = Answers(&["cryptography", "password", "changeit"]);
        match Smime.parse_keys(&read(&case.file), "x", &[], Arc::new(answers)) {
            Ok(keys) => {
                assert_eq!(keys.len(), 1, "{}", case.id);
                read_well += 1;
            }
            Err(Error::Malformed { what: "private key", .. }) => keyless.push(case.id.clone()),
            Err(error) => panic!("{}: {error}", case.id),
        }
    }
    assert!(keyless.iter().all(|id| ["no-cert", "no-key", "java"].iter().any(|what| id.contains(what))), "{keyless:?}");
    assert_eq!((read_well, keyless.len()), (18, 13));
}

/// Damaged files of every kind give an error or, where the damage does not matter, a key; never a panic.
#[test]
fn damaged_files_do_not_panic() {
    let open = |file: &[u8]| Smime.parse_keys(file, "x", &[], Arc::new(Answers(&["alice"])));
    let good = read(&ALICE.smime_p12());
    for i in (0..good.len()).step_by(7) {
        let mut bad = good.clone();
        bad[i] ^= 1 << (i % 8);
        let _ = open(&bad);
        let _ = open(&good[..i]);
        let _ = Smime.parse_certs(&bad);
    }
    assert!(open(b"").is_err());
    assert!(open(b"-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n").is_err());
}

/// `-----BEGIN` files that are no keys at all.
#[test]
fn what_is_no_key_is_said_so() {
    let open = |path: &Path| Smime.parse_keys(&read(path), "x", &[], Arc::new(NoPrompt));
    assert!(matches!(open(&ALICE.smime_cert()), Err(Error::Malformed { what: "private key", .. })));
    assert!(matches!(open(&ALICE.openpgp_key()), Err(Error::Malformed { .. })));
}

/// A key of an algorithm that is not known says so, whatever certificates are at hand.
#[test]
fn a_key_of_an_unknown_algorithm() {
    let mut pkcs8 = vec![0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x71, 4, 0x22, 4, 0x20];
    pkcs8.extend([7; 32]);
    let told = Smime.parse_keys(&pkcs8, "key", &[], Arc::new(NoPrompt)).unwrap_err().to_string();
    assert!(told.contains("1.3.101.113"), "{told}");
}
