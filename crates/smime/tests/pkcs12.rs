//! PKCS#12 files of every program whose files are at hand, and PBMAC1.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod common;

use common::{Answers, cert, read};
use der::asn1::{AnyRef, OctetStringRef};
use der::{Decode, SliceReader, Tagged};
use hmac::{Hmac, KeyInit, Mac};
use mailseal_cms::ber::encode;
use mailseal_core::{Error, Locked, Passphrase, Prompt, Protocol};
use mailseal_smime::Smime;
use mailseal_testkit::personas::ALICE;
use mailseal_testkit::program::Program;
use sha2::{Sha256, Sha512};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What people chose for test files.
const PASSWORDS: Answers = Answers(&[
    "start",
    "qeFGds84/Sf0eKkJwcp6",
    "abc,123456",
    "nss",
    "password",
    "changeit",
    "cryptography",
    "no.secret",
    "abc",
    "test",
    "secret",
    "export",
    "foo",
    "1234",
    "bob",
    "alice",
    "demo",
    "123456",
    "changeme",
    "notmuch",
    "swordfish",
    "opensc",
]);

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|ending| ["p12", "pfx"].iter().any(|known| ending == *known)) {
            found.push(path);
        }
    }
}

/// What has no key or no certificate in it, and what is not opened, each with its reason.
const EXCEPTIONS: &[(&str, &str)] = &[
    // Nobody says its passphrase.
    ("samplekeys/cryptlib-key.p12", "locked"),
    ("cms/tests/examples/example.pfx", "locked"),
    // openssl refuses these too: the padding of the key, and the MAC, which gpgsm does not look at.
    ("samplekeys/edward.tester@demo.gnupg.com.p12", "locked"),
    ("samplekeys/t5793-test.pfx", "locked"),
    ("smime/dsa/smime.pfx", "unsupported: private key 1.2.840.10040.4.1"),
    // Its curve is written out, which RFC 5480 §2.1.1 forbids.
    ("smime/ec/smime.pfx", "malformed ECParameters"),
    // A MAC with BLAKE2b.
    ("pkcs12/tests/examples/example11.pfx", "unsupported: PKCS#12 MAC 1.3.6.1.4.1.1722.12.2.1.16"),
    ("pkcs12/tests/examples/example15.pfx", "there is none in it"),
    ("pkcs12/tests/examples/example16.pfx", "its certificate is not at hand"),
    ("cert-aes256cbc-no-key.p12", "there is none in it"),
    ("java-truststore.p12", "there is none in it"),
    ("no-cert-key-aes256cbc.p12", "its certificate is not at hand"),
    ("pkcs12/no-cert-n", "there is none in it"),
];

/// Firefox, macOS, Windows, Thunderbird, openssl, GnuPG, OpenSC, Java and more.
#[test]
fn every_file_of_the_vectors() {
    let Some(root) = mailseal_testkit::corpus::vectors() else { return };
    let mut found = Vec::new();
    files(&root, &mut found);
    let (mut opened, mut other) = (0, 0);
    for file in &found {
        let name = file.display().to_string();
        let expected = EXCEPTIONS.iter().find(|(part, _)| name.contains(part)).map(|(_, said)| *said);
        match (Smime.parse_keys(&read(file), "x", &[], Arc::new(PASSWORDS)), expected) {
            (Ok(keys), None) => {
                assert_eq!(keys.len(), 1, "{name}");
                opened += 1;
            }
            (Err(error), Some(expected)) => {
                assert!(error.to_string().contains(expected), "{name}: {error}");
                other += 1;
            }
            (Ok(_), Some(expected)) => panic!("{name} opens, where it said: {expected}"),
            (Err(error), None) => panic!("{name}: {error}"),
        }
    }
    assert_eq!((opened, other), (71, 22));
}

/// A file of openssl without MAC, and a PBMAC1 over its contents.
fn with_pbmac1(pfx: &[u8], parameters: &[u8], mac: &[u8]) -> Vec<u8> {
    let algorithm =
        encode::constructed(encode::SEQUENCE, &[&encode::oid("1.2.840.113549.1.5.14".parse().unwrap()), parameters]);
    let digest_info = encode::constructed(encode::SEQUENCE, &[&algorithm, &encode::tlv(encode::OCTET_STRING, mac)]);
    let ignored = encode::tlv(encode::OCTET_STRING, b"ignored");
    let mac_data = encode::constructed(encode::SEQUENCE, &[&digest_info, &ignored, &encode::small_integer(1)]);
    let contents = AnyRef::from_der(pfx).unwrap();
    encode::constructed(encode::SEQUENCE, &[contents.value(), &mac_data])
}

/// The octets that the MAC is over.
fn auth_safe(pfx: &[u8]) -> Vec<u8> {
    let outer = AnyRef::from_der(pfx).unwrap();
    let mut reader = SliceReader::new(outer.value()).unwrap();
    let _version = AnyRef::decode(&mut reader).unwrap();
    let info = AnyRef::decode(&mut reader).unwrap();
    let mut reader = SliceReader::new(info.value()).unwrap();
    let _kind = AnyRef::decode(&mut reader).unwrap();
    let explicit = AnyRef::decode(&mut reader).unwrap();
    assert!(explicit.tag().is_context_specific());
    <&OctetStringRef>::from_der(explicit.value()).unwrap().as_bytes().to_vec()
}

/// `PBMAC1-params` with PBKDF2; HMACs by their last arc.
fn parameters(salt: &[u8], iterations: u8, length: Option<u8>, prf: u8, hmac: u8) -> Vec<u8> {
    let hmac_of = |arc: u8| {
        let oid = encode::oid(format!("1.2.840.113549.2.{arc}").parse().unwrap());
        encode::constructed(encode::SEQUENCE, &[&oid, &[5, 0]])
    };
    let length = length.map(encode::small_integer).unwrap_or_default();
    let salt = encode::tlv(encode::OCTET_STRING, salt);
    let pbkdf2 =
        encode::constructed(encode::SEQUENCE, &[&salt, &encode::small_integer(iterations), &length, &hmac_of(prf)]);
    let kdf = encode::constructed(encode::SEQUENCE, &[&encode::oid("1.2.840.113549.1.5.12".parse().unwrap()), &pbkdf2]);
    encode::constructed(encode::SEQUENCE, &[&kdf, &hmac_of(hmac)])
}

fn hmac<M: Mac + KeyInit>(key: &[u8], content: &[u8]) -> Vec<u8> {
    let mut mac = <M as KeyInit>::new_from_slice(key).unwrap();
    mac.update(content);
    mac.finalize().into_bytes().to_vec()
}

/// 1000 wrong passphrases, then the right one.
struct ManyWrong;

impl Prompt for ManyWrong {
    fn passphrase(&self, _: &Locked, attempt: usize) -> Option<Passphrase> {
        let text = if attempt < 1000 { format!("wrong {attempt}") } else { "1234".to_owned() };
        Some(Passphrase::new(text))
    }
}

/// Without a MAC one in 256 wrong passphrases leaves padding that looks right.
#[test]
fn wrong_passphrases_without_mac() {
    let Some(openssl) = Program::find("openssl") else { return };
    let pfx = openssl
        .args(["pkcs12", "-export", "-nomac", "-certpbe", "NONE", "-iter", "1", "-passout", "pass:1234", "-inkey"])
        .arg(ALICE.smime_key())
        .arg("-in")
        .arg(ALICE.smime_cert())
        .succeed();
    let keys = Smime.parse_keys(&pfx, "x", &[], Arc::new(ManyWrong)).unwrap();
    assert_eq!((keys.len(), &keys[0].cert), (1, &cert(ALICE)));
}

/// PBMAC1 as openssl 3.6 writes it, where that is built (scripts/openssl-3.6).
#[test]
fn pbmac1_of_openssl_3_6() {
    let Some(openssl) = std::env::var_os("MAILSEAL_OPENSSL36").filter(|path| !path.is_empty()) else { return };
    for prf in ["sha256", "sha384", "sha512"] {
        let pfx = Program::at(Path::new(&openssl))
            .args(["pkcs12", "-export", "-passout", "pass:1234", "-pbmac1_pbkdf2", "-pbmac1_pbkdf2_md", prf, "-inkey"])
            .arg(ALICE.smime_key())
            .arg("-in")
            .arg(ALICE.smime_cert())
            .succeed();
        let keys = Smime.parse_keys(&pfx, "x", &[], Arc::new(Answers(&["4321", "1234"]))).unwrap();
        assert_eq!((keys.len(), &keys[0].cert), (1, &cert(ALICE)), "{prf}");
        assert!(matches!(Smime.parse_keys(&pfx, "x", &[], Arc::new(Answers(&["4321"]))), Err(Error::Locked(_))));
    }
}

/// RFC 9579: the combinations of its test vectors, and what it refuses: no key length, another salt or count.
#[test]
fn pbmac1() {
    let Some(openssl) = Program::find("openssl") else { return };
    let pfx = openssl
        .args(["pkcs12", "-export", "-nomac", "-passout", "pass:1234", "-inkey"])
        .arg(ALICE.smime_key())
        .arg("-in")
        .arg(ALICE.smime_cert())
        .succeed();
    let content = auth_safe(&pfx);
    let salt = b"0123456789abcdef";
    let open = |file: &[u8]| Smime.parse_keys(file, "x", &[], Arc::new(Answers(&["4321", "1234"])));
    for (prf, hmac_arc) in [(9, 9), (11, 9), (11, 11)] {
        let mut key = [0; 32];
        match prf {
            9 => pbkdf2::pbkdf2_hmac::<Sha256>(b"1234", salt, 100, &mut key),
            _ => pbkdf2::pbkdf2_hmac::<Sha512>(b"1234", salt, 100, &mut key),
        }
        let mac = match hmac_arc {
            9 => hmac::<Hmac<Sha256>>(&key, &content),
            _ => hmac::<Hmac<Sha512>>(&key, &content),
        };
        let file = |salt: &[u8], iterations, length| {
            with_pbmac1(&pfx, &parameters(salt, iterations, length, prf, hmac_arc), &mac)
        };
        let keys = open(&file(salt, 100, Some(32))).unwrap();
        assert_eq!((keys.len(), &keys[0].cert), (1, &cert(ALICE)));
        assert!(matches!(open(&file(salt, 101, Some(32))), Err(Error::Locked(_))), "another count");
        assert!(matches!(open(&file(b"0123456789abcdeX", 100, Some(32))), Err(Error::Locked(_))), "another salt");
        assert!(matches!(open(&file(salt, 100, None)), Err(Error::Malformed { .. })), "no length");
        assert!(matches!(open(&file(salt, 100, Some(8))), Err(Error::Malformed { .. })), "a short key");
        assert!(matches!(open(&file(salt, 0, Some(32))), Err(Error::Malformed { .. })), "no rounds");
    }
    let unknown = with_pbmac1(&pfx, &parameters(salt, 100, Some(32), 9, 99), &[0; 32]);
    assert!(matches!(open(&unknown), Err(Error::Unsupported(_))));
}
