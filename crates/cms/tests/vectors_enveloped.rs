//! Encrypted messages that others have published.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail anywhere")]

mod support;

use std::path::Path;
use std::process::Command;

use mailseal_cms::engine::{DecryptionKey, KeyEncryptionKey};
use mailseal_cms::enveloped_data::Envelope;
use mailseal_cms::recipient::{RecipientId, RecipientKind};
use mailseal_cms::{ContentInfo, Error};
use support::envelopes::{Person, der, from_base64, open, open_with, vector};

const CMS_OPENSSL: &str = "openssl-cms/80-test_cms_data";
const CMS_RUST: &str = "rustcrypto-cms/cms/tests/examples";
const RFC9216: &str = "rfc9216-examples-cms";
const RFC4134: &str = "bc-test-data/rfc4134";
const THUNDERBIRD: &str = "thunderbird/mailnews/test/data";

/// A person and a message of the vectors, or `None` where they are absent.
fn case(cert: &str, key: &str, message: &str) -> Option<(Person, Vec<u8>)> {
    let person = Person::read(&vector(cert)?, &vector(key)?);
    Some((person, std::fs::read(vector(message)?).unwrap()))
}

fn rfc9216(name: &str, message: &str) -> Option<(Person, Vec<u8>)> {
    let keys = format!("{RFC9216}/certs-and-keys/lamps-{name}");
    case(
        &format!("{keys}.encrypt.crt"),
        &format!("{keys}.decrypt.p8.pem"),
        &format!("{RFC9216}/binary-files/{message}"),
    )
}

/// Whom a message lists.
fn kinds(message: &[u8]) -> Vec<RecipientKind> {
    let envelope = Envelope::open(ContentInfo::open(message).unwrap()).unwrap();
    envelope.recipients().map(|info| info.kind).collect()
}

/// Bob's key is RSA, Dana's X25519.
#[test]
fn rfc9216_keys() {
    for (name, message) in [
        ("bob", "encryptedForBobRSAOaep.p7m"),
        ("bob", "encryptedForBobAndDana.p7m"),
        ("bob", "authEnvelopedForBobChaCha20Poly1305.p7m"),
        ("dana", "encryptedForBobAndDana.p7m"),
        ("dana", "authEnvelopedForDanaX25519HKDF.p7m"),
    ] {
        let Some((person, message)) = rfc9216(name, message) else { return };
        let (facts, plaintext) = open(&message, &[&person]).unwrap();
        assert_eq!(String::from_utf8(plaintext).unwrap(), "This is some sample content.", "{facts:?}");
    }
}

/// The key of the KEKRecipientInfo is not published with the message; a key of the same name does not open it.
#[test]
fn rfc9216_shared_key() {
    let Some((bob, sealed)) = rfc9216("bob", "encryptedKekri.p7m") else { return };
    assert_eq!(kinds(&sealed), [RecipientKind::KeyEncryptionKey]);
    assert!(matches!(open(&sealed, &[&bob]), Err(Error::NoKey)));
    let key = KeyEncryptionKey::new(&[7; 32]).unwrap();
    let lookup = |id: &RecipientId| {
        (*id == RecipientId::KeyEncryptionKey(b"keyid".to_vec())).then_some(&key as &dyn DecryptionKey)
    };
    assert!(matches!(open_with(&sealed, &lookup), Err(Error::Decrypt)));
}

/// RFC 4134 §5.1 is triple DES to an RSA key of 1024 bits, §5.2 is RC2: the one is read, the other refused.
#[test]
fn rfc4134_examples() {
    let (cert, key) = (format!("{RFC4134}/BobRSASignByCarl.cer"), format!("{RFC4134}/BobPrivRSAEncrypt.pri"));
    let Some((bob, message)) = case(&cert, &key, &format!("{RFC4134}/5.1.bin")) else { return };
    let (facts, plaintext) = open(&message, &[&bob]).unwrap();
    assert_eq!((facts.cipher.name(), &plaintext[..]), ("3des-cbc", &b"This is some sample content."[..]));
    let (bob, message) = case(&cert, &key, &format!("{RFC4134}/5.2.bin")).unwrap();
    assert!(matches!(open(&message, &[&bob]), Err(Error::Unsupported { .. })));
}

/// The CMS object of a mail whose body is in Base64.
fn body(mail: &[u8]) -> Vec<u8> {
    let text = std::str::from_utf8(mail).unwrap().replace("\r\n", "\n");
    from_base64(text.split_once("\n\n").unwrap().1)
}

/// A person of Thunderbird's PKCS#12 files, unpacked by openssl; `None`, said plainly, without it.
fn thunderbird_person(p12: &str) -> Option<Person> {
    let p12 = vector(&format!("{THUNDERBIRD}/{p12}"))?;
    let unpacked = tempfile::NamedTempFile::new().unwrap();
    let openssl = Command::new("openssl")
        .args(["pkcs12", "-nodes", "-clcerts", "-passin", "pass:nss", "-in"])
        .args([p12.as_path(), Path::new("-out"), unpacked.path()])
        .output();
    match openssl {
        Ok(output) => assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr)),
        Err(_) => {
            eprintln!("skipped: openssl is not installed");
            return None;
        }
    }
    Some(Person::read(unpacked.path(), unpacked.path()))
}

#[test]
fn thunderbird_envelopes() {
    let (Some(bob), Some(fran)) = (thunderbird_person("smime/Bob.p12"), thunderbird_person("smime-interop/Fran.p12"))
    else {
        return;
    };
    let cases = [
        (&bob, &fran, "smime/alice.env.eml", "This is a test message from Alice to Bob."),
        (&fran, &bob, "smime-interop/fran-oaep-label_ossl.env", "This is a test message to Fran."),
        (&fran, &bob, "smime-interop/fran-oaep_ossl.env", "This is a test message to Fran."),
        (&fran, &bob, "smime-interop/fran-oaep-sha256hash_ossl.env", "This is a test message to Fran."),
        (&fran, &bob, "smime-interop/fran-oaep-sha256hash-sha256mgf_ossl.env", "This is a test message to Fran."),
    ];
    for (person, stranger, file, expected) in cases {
        let message = body(&std::fs::read(vector(&format!("{THUNDERBIRD}/{file}")).unwrap()).unwrap());
        let (_, plaintext) = open(&message, &[person]).unwrap();
        assert!(String::from_utf8(plaintext).unwrap().contains(expected), "{file}");
        assert!(matches!(open(&message, &[stranger]), Err(Error::NoKey)), "{file}");
    }
    for digest in ["SHA1", "SHA256", "SHA384", "SHA512"] {
        for form in ["dsig", "sig", "html.sig"] {
            let kind = if form == "dsig" { "multipart" } else { "opaque" };
            let file = format!("{THUNDERBIRD}/smime/alice.{form}.{digest}.{kind}.env.eml");
            let message = body(&std::fs::read(vector(&file).unwrap()).unwrap());
            let (_, plaintext) = open(&message, &[&bob]).unwrap();
            assert!(plaintext.starts_with(b"Content-Type: "), "{file}: {}", plaintext.escape_ascii());
        }
    }
}

#[test]
fn openssl_1_1_1_key_agreement() {
    let smec3 = "openssl-cms/smime-certs/smec3.pem";
    let Some((person, message)) = case(smec3, smec3, &format!("{CMS_OPENSSL}/ciphertext_from_1_1_1.cms")) else {
        return;
    };
    let (facts, plaintext) = open(&body(&message), &[&person]).unwrap();
    assert_eq!(facts.recipients[facts.opened_by].kind, RecipientKind::KeyAgreement);
    assert!(!plaintext.is_empty());
}

/// CVE-2026-28389, CVE-2026-28390 (attacks 9 and 11): parameters that are missing are an error, not a crash.
#[test]
fn openssl_malformed_recipients() {
    let (rsa, ecdh) = ("openssl-cms/smime-certs/smrsa3", format!("{CMS_OPENSSL}/ecdh"));
    let cases = [
        (format!("{rsa}-cert.pem"), format!("{rsa}-key.pem"), "rsa-malformed.der"),
        (format!("{ecdh}-cert.pem"), format!("{ecdh}-key.pem"), "ecdh-malformed.der"),
    ];
    for (cert, key, message) in cases {
        let Some((person, message)) = case(&cert, &key, &format!("{CMS_OPENSSL}/{message}")) else { return };
        let refused = open(&message, &[&person]);
        assert!(matches!(refused, Err(Error::Malformed { .. })), "{refused:?}");
    }
    for file in ["dh-malformed.der", "pkcs7-md4-encrypted.pem"] {
        let message = der(&vector(&format!("{CMS_OPENSSL}/{file}")).unwrap(), "PKCS7");
        assert!(open(&message, &[]).is_err());
    }
    let bad = std::fs::read(vector("openssl-cms/d2i-tests/bad-cms.der").unwrap()).unwrap();
    assert!(open(&bad, &[]).is_err());
}

#[test]
fn every_kind_is_listed() {
    use RecipientKind::{KeyAgreement, KeyEncryptionKey, KeyTransport, Password};
    let cases = [
        ("enveloped_data_ktri.bin", &[KeyTransport][..]),
        ("enveloped_data_kari.bin", &[KeyAgreement]),
        ("enveloped_data_kekri.bin", &[KeyEncryptionKey]),
        ("enveloped_data_pwri.bin", &[Password]),
        ("enveloped_data_multi.bin", &[KeyTransport, KeyAgreement, KeyEncryptionKey, Password]),
        ("kms_ciphertext_for_recipient_1.ber", &[KeyTransport]),
        ("kms_ciphertext_for_recipient_2.ber", &[KeyTransport]),
        ("kms_ciphertext_for_recipient_3.ber", &[KeyTransport]),
    ];
    for (file, expected) in cases {
        let Some(path) = vector(&format!("{CMS_RUST}/{file}")) else { return };
        let message = std::fs::read(path).unwrap();
        assert_eq!(kinds(&message), expected, "{file}");
        assert!(matches!(open(&message, &[]), Err(Error::NoKey)), "{file}");
    }
}
