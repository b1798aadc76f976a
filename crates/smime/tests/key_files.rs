//! Keys that this crate makes and writes: read back by itself, and by openssl, NSS, gpgsm and Java.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod common;

use common::{Answers, cert, policy, read};
use mailseal_core::{
    Address, Cert, Credential, Error, KeyFiles, Lock, NewKey, NoPrompt, Passphrase, Prompt, Protocol, Purpose,
    Question, Readers, Trust,
};
use mailseal_smime::{Pkix, Smime, SoftwareKey};
use mailseal_testkit::personas::{self, ALICE, BOB, Persona};
use mailseal_testkit::program::Program;
use proptest::prelude::*;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

const READERS: [Readers; 2] = [Readers::Current, Readers::Old];

fn passphrase(text: &str) -> Passphrase {
    Passphrase::new(text.to_owned())
}

/// Gives one passphrase and counts how often it is asked.
struct Asked(String, AtomicUsize);

impl Asked {
    fn new(text: &str) -> Arc<Asked> {
        Arc::new(Asked(text.to_owned(), AtomicUsize::new(0)))
    }

    fn count(&self) -> usize {
        self.1.load(Ordering::Relaxed)
    }
}

impl Prompt for Asked {
    fn passphrase(&self, _: &mailseal_core::Locked, attempt: usize) -> Option<Passphrase> {
        self.1.fetch_add(1, Ordering::Relaxed);
        (attempt == 0).then(|| passphrase(&self.0))
    }
}

fn persona_key(persona: Persona) -> Credential {
    let answers = if persona == ALICE { Answers(&["alice"]) } else { Answers(&["bob"]) };
    Smime.parse_keys(&read(&persona.smime_p12()), "x", &[], Arc::new(answers)).unwrap().remove(0)
}

fn new_key<'a>(address: &'a Address, algorithm: &'a str, passphrase: Option<&'a Passphrase>) -> NewKey<'a> {
    let from = personas::now() - Duration::from_secs(60);
    let to = Some(personas::now() + Duration::from_secs(86_400));
    NewKey {
        address,
        also: &[],
        name: Some("Ann O'Nym"),
        profile: None,
        algorithm: Some(algorithm),
        from,
        to,
        passphrase,
    }
}

fn signs(key: &Credential) -> Result<(), Error> {
    Smime.sign(&b"text\r\n".to_vec(), std::slice::from_ref(key), &policy(), &mut Vec::new()).map(|_| ())
}

/// What is written is read back: key, certificate, intermediate; the passphrase is needed, another does not fit.
#[test]
fn pkcs12_is_read_back() {
    for persona in [ALICE, BOB] {
        let key = persona_key(persona);
        for readers in READERS {
            let file = Smime.write_key(&key, Some(&passphrase("größe")), readers).unwrap();
            let open = |text: &str| Smime.parse_keys(&file, "x", &[], Asked::new(text));
            let again = open("größe").unwrap();
            assert_eq!((again.len(), &again[0].cert), (1, &key.cert), "{readers:?}");
            assert_eq!(again[0].key.as_any().downcast_ref::<SoftwareKey>().unwrap().chain().len(), 1);
            signs(&again[0]).unwrap();
            assert!(matches!(open("grösse"), Err(Error::Locked(_))), "{readers:?}");
        }
        let open = Smime.write_key(&key, None, Readers::Current).unwrap();
        assert_eq!(Smime.parse_keys(&open, "x", &[], Arc::new(NoPrompt)).unwrap()[0].cert, key.cert);
    }
}

/// A key as a keyring keeps it says whose it is without its passphrase, and asks when it is used.
#[test]
fn a_kept_key_is_locked_apart_from_its_certificate() {
    let key = persona_key(BOB);
    let file = Smime.keep_key(&key, Lock::With(&passphrase("horse"))).unwrap();
    let right = Asked::new("horse");
    let kept = Smime.parse_keys(&file, "x", &[], right.clone()).unwrap().remove(0);
    assert_eq!((&kept.cert, right.count()), (&key.cert, 0));
    assert_eq!(kept.key.as_any().downcast_ref::<SoftwareKey>().unwrap().chain().len(), 1);
    signs(&kept).unwrap();
    signs(&kept).unwrap();
    assert_eq!(right.count(), 1);
    assert_eq!(Smime.keep_key(&kept, Lock::AsItWas).unwrap(), file);
    let wrong = Smime.parse_keys(&file, "x", &[], Asked::new("donkey")).unwrap().remove(0);
    assert!(matches!(signs(&wrong), Err(Error::Locked(_))));
    // Another's certificate in its place.
    let text = String::from_utf8(file.to_vec()).unwrap();
    let (_, rest) = text.split_once("-----END CERTIFICATE-----").unwrap();
    let forged = [&read(&ALICE.smime_cert()), rest.as_bytes()].concat();
    let forged = Smime.parse_keys(&forged, "x", &[], Asked::new("horse")).unwrap().remove(0);
    assert!(matches!(signs(&forged), Err(Error::Malformed { .. })));
    assert_eq!(
        Smime.parse_keys(&Smime.keep_key(&key, Lock::Open).unwrap(), "x", &[], Arc::new(NoPrompt)).unwrap().len(),
        1
    );
}

/// openssl 3.0 reads both forms.
#[test]
fn openssl_reads_what_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.p12");
    for (persona, readers) in [(ALICE, READERS[0]), (ALICE, READERS[1]), (BOB, READERS[0]), (BOB, READERS[1])] {
        let Some(openssl) = Program::find("openssl") else { return };
        let file = Smime.write_key(&persona_key(persona), Some(&passphrase("p\u{e4}ss")), readers).unwrap();
        std::fs::write(&path, &file[..]).unwrap();
        let text = openssl.args(["pkcs12", "-nodes", "-passin", "pass:p\u{e4}ss", "-in"]).arg(&path).succeed();
        let text = String::from_utf8(text).unwrap();
        assert_eq!(text.matches("BEGIN CERTIFICATE").count(), 2, "{readers:?}: {text}");
        assert!(text.contains("BEGIN PRIVATE KEY") && text.contains("localKeyID"), "{readers:?}: {text}");
        let again = Smime.parse_keys(text.as_bytes(), "x", &[], Arc::new(NoPrompt)).unwrap();
        assert_eq!(again[0].cert, cert(persona));
    }
}

/// NSS reads both forms.
#[test]
fn nss_reads_what_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.p12");
    let database = format!("sql:{}", folder.path().display());
    let Some(certutil) = Program::find("certutil") else { return };
    let _ = certutil.args(["-N", "--empty-password", "-d", &database]).succeed();
    for readers in READERS {
        let Some(pk12util) = Program::find("pk12util") else { return };
        std::fs::write(&path, &Smime.write_key(&persona_key(BOB), Some(&passphrase("pass")), readers).unwrap()[..])
            .unwrap();
        let _ = pk12util.args(["-W", "pass", "-d", &database, "-i"]).arg(&path).succeed();
        let Some(certutil) = Program::find("certutil") else { return };
        let listed = certutil.args(["-K", "-d", &database]).succeed();
        assert!(String::from_utf8_lossy(&listed).contains("ec"), "{readers:?}");
    }
}

/// gpgsm 2.2 knows only the old form. Version 2.2.40 refused 6 of 200 such files that openssl wrote and read, so it is given
/// three of ours.
#[test]
fn gpgsm_reads_the_old_form() {
    let mut said = String::new();
    for _ in 0..3 {
        let Some(gpgsm) = Program::find("gpgsm") else { return };
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.p12");
        let file = Smime.write_key(&persona_key(ALICE), Some(&passphrase("pass")), Readers::Old).unwrap();
        std::fs::write(&path, &file[..]).unwrap();
        let home = folder.path().display().to_string();
        let words = ["--homedir", &home, "--batch", "--pinentry-mode", "loopback", "--passphrase-fd", "0", "--import"];
        said = gpgsm.args(words).arg(&path).stdin("pass\n").run().stderr;
        if let Some(gpgconf) = Program::find("gpgconf") {
            let _ = gpgconf.args(["--homedir", &home, "--kill", "all"]).run();
        }
        if said.contains("secret keys imported: 1") {
            return;
        }
    }
    panic!("{said}");
}

fn judged(cert: &Cert, address: &Address, anchor: &[u8]) -> bool {
    let policy = policy();
    let pkix = Pkix::with_anchors(anchor).unwrap();
    let question =
        Question { cert, address: Some(address), purpose: Purpose::Sign, policy: &policy, helpers: &[], crls: &[] };
    pkix.judge(&question).is_trusted()
}

fn x509(path: &Path) -> Option<String> {
    let openssl = Program::find("openssl")?;
    Some(String::from_utf8(openssl.args(["x509", "-noout", "-text", "-in"]).arg(path).succeed()).unwrap())
}

/// Certificates that a key signs for itself: openssl and our own path code take them for S/MIME, and nothing else.
#[test]
fn self_signed_certificates() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.pem");
    for algorithm in ["p256", "p384", "p521", "rsa3072", "ed25519"] {
        let address = Address::parse("ann@example.org").unwrap();
        let pass = passphrase("pass");
        let made = Smime.generate(&new_key(&address, algorithm, Some(&pass))).unwrap();
        assert_eq!(made.cert.addresses(), std::slice::from_ref(&address));
        assert_eq!(made.cert.names(), ["Ann O'Nym"]);
        let key = Smime.parse_keys(&made.kept, "x", &[], Asked::new("pass")).unwrap().remove(0);
        assert_eq!(key.cert, made.cert);
        signs(&key).unwrap();
        assert_eq!(
            Smime.usable(&made.cert, Purpose::Encrypt, &policy()).is_ok(),
            algorithm != "ed25519",
            "{algorithm}"
        );
        let text = Smime.write_cert(&made.cert).unwrap();
        assert!(judged(&made.cert, &address, &text), "{algorithm}");
        std::fs::write(&path, &text).unwrap();
        let Some(shown) = x509(&path) else { return };
        for part in
            ["Digital Signature", "E-mail Protection", "email:ann@example.org", "CA:FALSE", "Subject Key Identifier"]
        {
            assert!(shown.contains(part), "{algorithm}: {part} in {shown}");
        }
        let at = personas::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs().to_string();
        let Some(openssl) = Program::find("openssl") else { return };
        let _ = openssl
            .args(["verify", "-x509_strict", "-purpose", "smimesign", "-attime", &at, "-check_ss_sig", "-CAfile"])
            .args([&path, &path])
            .succeed();
    }
}

/// RFC 9598: an address whose local part needs UTF-8, and one whose domain does.
#[test]
fn international_addresses() {
    for (text, domain) in [("ñandú@example.org", "example.org"), ("ann@exämple.org", "xn--exmple-cua.org")] {
        let address = Address::parse(text).unwrap();
        let made = Smime.generate(&new_key(&address, "p256", None)).unwrap();
        assert_eq!(made.cert.addresses(), std::slice::from_ref(&address));
        assert!(made.cert.addresses()[0].as_str().ends_with(domain));
        assert!(judged(&made.cert, &address, &Smime.write_cert(&made.cert).unwrap()));
    }
}

#[test]
fn what_cannot_be_made() {
    let address = Address::parse("ann@example.org").unwrap();
    let good = new_key(&address, "p256", None);
    let unknown = |new: NewKey<'_>| matches!(Smime.generate(&new), Err(Error::UnknownName { .. }));
    assert!(unknown(NewKey { algorithm: Some("dsa"), ..good }));
    assert!(unknown(NewKey { profile: Some("rfc9580"), ..good }));
    let malformed = |new: NewKey<'_>| matches!(Smime.generate(&new), Err(Error::Malformed { .. }));
    assert!(malformed(NewKey { to: Some(good.from), ..good }));
    assert!(malformed(NewKey { name: Some(" "), ..good }));
    assert!(malformed(NewKey { name: Some(&"x".repeat(65)), ..good }));
    let endless = Smime.generate(&NewKey { to: None, name: None, ..good }).unwrap();
    assert_eq!(endless.cert.names(), ["ann@example.org"]);
    assert_eq!(endless.cert.not_after(), Some(SystemTime::UNIX_EPOCH + Duration::from_secs(253_402_300_799)));
}

/// A request is good for openssl, which makes a certificate of it; that certificate, and no other, finds the kept key.
#[test]
fn requests_are_answered() {
    let folder = tempfile::tempdir().unwrap();
    let (request, answer) = (folder.path().join("x.csr"), folder.path().join("x.crt"));
    let address = Address::parse("ann@example.org").unwrap();
    let pass = passphrase("pass");
    for algorithm in ["p256", "rsa3072"] {
        let requested = Smime.request(&new_key(&address, algorithm, Some(&pass))).unwrap();
        std::fs::write(&request, &requested.request).unwrap();
        let Some(openssl) = Program::find("openssl") else { return };
        let shown = openssl.args(["req", "-verify", "-noout", "-text", "-in"]).arg(&request).succeed();
        let shown = String::from_utf8(shown).unwrap();
        for part in ["E-mail Protection", "email:ann@example.org", "Key Usage: critical", "CN = Ann O'Nym"] {
            assert!(shown.contains(part), "{algorithm}: {part} in {shown}");
        }
        let made = Smime.generate(&new_key(&address, "p256", None)).unwrap();
        let authority = folder.path().join("authority.pem");
        std::fs::write(&authority, &made.kept[..]).unwrap();
        let Some(openssl) = Program::find("openssl") else { return };
        let _ = openssl
            .args(["x509", "-req", "-copy_extensions", "copy", "-days", "9000", "-in"])
            .arg(&request)
            .arg("-CA")
            .arg(&authority)
            .arg("-CAkey")
            .arg(&authority)
            .arg("-out")
            .arg(&answer)
            .succeed();
        let certificate = common::certs(&answer).remove(0);
        assert_eq!(certificate.addresses(), std::slice::from_ref(&address));
        assert!(Smime.answer(&requested.kept, &made.cert).is_none());
        let names = folder.path().join("other.cnf");
        std::fs::write(&names, "subjectAltName=email:ann@example.org,email:mallory@example.net\n").unwrap();
        let other = folder.path().join("other.crt");
        let openssl = Program::find("openssl").unwrap().args(["x509", "-req", "-days", "9000", "-in"]).arg(&request);
        let openssl = openssl.arg("-CA").arg(&authority).arg("-CAkey").arg(&authority).arg("-extfile").arg(&names);
        let _ = openssl.arg("-out").arg(&other).succeed();
        assert!(Smime.answer(&requested.kept, &common::certs(&other)[0]).is_none(), "it names somebody else too");
        let kept = Smime.answer(&requested.kept, &certificate).unwrap();
        let key = Smime.parse_keys(&kept, "x", &[], Asked::new("pass")).unwrap().remove(0);
        assert_eq!(key.cert, certificate);
        // Unlocks, and fits: it is written once more.
        let again = Smime.write_key(&key, Some(&pass), Readers::Old).unwrap();
        assert_eq!(Smime.parse_keys(&again, "x", &[], Asked::new("pass")).unwrap()[0].cert, certificate);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever the passphrase is, it opens what it locked, in both forms, and nothing else does.
    #[test]
    fn every_passphrase_opens_its_file(text in "\\PC{1,40}", other in "\\PC{1,40}") {
        let key = persona_key(BOB);
        let pkcs12 = Smime.write_key(&key, Some(&passphrase(&text)), Readers::Old).unwrap();
        let opened = Smime.parse_keys(&pkcs12, "x", &[], Asked::new(&text)).unwrap();
        prop_assert_eq!(&opened[0].cert, &key.cert);
        if other != text {
            let refused = Smime.parse_keys(&pkcs12, "x", &[], Asked::new(&other));
            prop_assert!(matches!(refused, Err(Error::Locked(_))));
        }
        let kept = Smime.keep_key(&key, Lock::With(&passphrase(&text))).unwrap();
        let opened = Smime.parse_keys(&kept, "x", &[], Asked::new(&text)).unwrap();
        prop_assert!(signs(&opened[0]).is_ok());
    }
}
