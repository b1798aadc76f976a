//! Encrypted messages and opaque signed ones, by ourselves and by openssl, both ways.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod common;

use common::forged::{self, Forged};
use common::{Ring, cert, credential, policy};
use mailseal_cms::algorithm::ContentCipher;
use mailseal_cms::ber::encode;
use mailseal_core::{
    Check, Context, Credential, Decryption, Encryption, Error, Handle, Integrity, Layer, MemorySink, NoCerts, NoKeys,
    Peeled, Policy, Protocol, Purpose, Reason,
};
use mailseal_smime::Smime;
use mailseal_testkit::personas::{ALICE, BOB, DAVE, EXPIRED, Persona};
use mailseal_testkit::program::Program;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

const TEXT: &[u8] = b"Content-Type: text/plain\r\n\r\nHello, Bob\r\n";

fn open_with(mut blob: &[u8], keys: &[Credential], policy: &Policy) -> (Result<Peeled, Error>, Option<Vec<u8>>) {
    let keys = Ring(keys.to_vec());
    let with = Context { policy, certs: &NoCerts, keys: &keys };
    let mut sink = MemorySink::new();
    let peeled = Smime.open(&mut blob, &with, &mut sink);
    (peeled, sink.into_committed())
}

fn open(blob: &[u8], keys: &[Credential]) -> (Peeled, Option<Vec<u8>>) {
    let (peeled, content) = open_with(blob, keys, &policy());
    (peeled.unwrap(), content)
}

fn encryption(peeled: &Peeled) -> &Encryption {
    match &peeled.layers[..] {
        [Layer::Encrypted(encryption)] => encryption,
        layers => panic!("{layers:?}"),
    }
}

fn openssl() -> Option<Program> {
    Program::find("openssl")
}

/// A folder with the text in it.
fn folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let content = folder.path().join("content");
    std::fs::write(&content, TEXT).unwrap();
    (folder, content)
}

/// RSA and P-256 in one message, opened by openssl with either key.
#[test]
fn openssl_opens_what_we_encrypt() {
    let (folder, _) = folder();
    let file = folder.path().join("message");
    let to = [cert(ALICE), cert(BOB)];
    let chosen = Smime.choose(&to, &policy()).unwrap();
    assert_eq!((chosen.cipher.as_str(), chosen.smime_type), ("aes-256-cbc", Some("enveloped-data")));
    let mut out = Vec::new();
    Smime.encrypt(&TEXT.to_vec(), &to, &[], &policy(), &mut out).unwrap();
    std::fs::write(&file, &out).unwrap();
    for persona in [ALICE, BOB] {
        let Some(openssl) = openssl() else { return };
        let command = openssl.args(["cms", "-decrypt", "-binary", "-inform", "DER", "-in"]).arg(&file);
        let command = command.arg("-recip").arg(persona.smime_cert()).arg("-inkey").arg(persona.smime_key());
        assert_eq!(command.succeed(), TEXT, "{}", persona.name);
    }
}

/// CBC and GCM, DER and indefinite length, RSA PKCS#1 and OAEP, ECDH.
#[test]
fn we_open_what_openssl_encrypts() {
    let (_folder, content) = folder();
    let oaep: &[&str] = &["-keyopt", "rsa_padding_mode:oaep", "-keyopt", "rsa_oaep_md:sha256"];
    let sha256kdf: &[&str] = &["-keyopt", "ecdh_kdf_md:sha256"];
    let variants: [(Persona, &str, &[&str]); 9] = [
        (ALICE, "aes-256-cbc", &[]),
        (ALICE, "aes-128-cbc", &["-stream"]),
        (ALICE, "aes-256-gcm", &[]),
        (ALICE, "aes-128-gcm", &["-stream"]),
        (ALICE, "aes-256-gcm", oaep),
        (BOB, "aes-256-cbc", &[]),
        (BOB, "aes-256-cbc", sha256kdf),
        (BOB, "aes-256-gcm", &["-stream"]),
        (BOB, "aes-192-cbc", &["-stream", "-keyid"]),
    ];
    for (persona, cipher, options) in variants {
        let Some(openssl) = openssl() else { return };
        let command = openssl.args(["cms", "-encrypt", "-binary", "-outform", "DER", &format!("-{cipher}"), "-in"]);
        let (before, after): (Vec<_>, Vec<_>) =
            options.iter().copied().partition(|option| ["-stream", "-keyid"].contains(option));
        let command = command.arg(&content).args(before).arg("-recip").arg(persona.smime_cert()).args(after);
        let blob = command.succeed();
        let (peeled, opened) = open(&blob, &[credential(DAVE), credential(persona)]);
        let found = encryption(&peeled);
        assert_eq!(found.decryption, Decryption::Done, "{cipher} {options:?}");
        assert_eq!(found.cipher.as_deref(), Some(cipher));
        let integrity = if cipher.ends_with("gcm") { Integrity::Aead } else { Integrity::None };
        assert_eq!(found.integrity, Some(integrity));
        assert!(found.recipients.iter().all(|handle| cert(persona).answers_to(handle)));
        assert_eq!(opened.as_deref(), Some(TEXT), "{cipher} {options:?}");
    }
}

/// R66, R135, attack 4: any changed octet of a GCM message gives one word and not an octet of plaintext.
#[test]
fn a_changed_gcm_message_gives_nothing() {
    let (_folder, content) = folder();
    let Some(openssl) = openssl() else { return };
    let command = openssl.args(["cms", "-encrypt", "-binary", "-outform", "DER", "-aes-256-gcm", "-in"]);
    let good = command.arg(&content).arg("-recip").arg(BOB.smime_cert()).succeed();
    let keys = [credential(BOB)];
    for i in 0..good.len() {
        let mut bad = good.clone();
        bad[i] ^= 1;
        let (peeled, opened) = open(&bad, &keys);
        // The version of a RecipientInfo and the like are not authenticated; the text is.
        assert!(opened.is_none() || opened.as_deref() == Some(TEXT), "octet {i}");
        let done =
            peeled.layers.iter().any(|layer| matches!(layer, Layer::Encrypted(e) if e.decryption == Decryption::Done));
        assert_eq!(done, opened.is_some(), "octet {i}");
    }
    for cut in 0..good.len() {
        assert_eq!(open(&good[..cut], &keys).1, None, "cut at {cut}");
    }
}

/// R50: AES-256-GCM and OAEP when the certificates of all recipients announce them (RFC 4262).
#[test]
fn announced_capabilities_are_used() {
    let folder = tempfile::tempdir().unwrap();
    let Some(able) = certificate_that_announces(folder.path()) else { return };
    let policy = Policy::at(UNIX_EPOCH + Duration::from_secs(4_102_444_800));
    let chosen = Smime.choose(std::slice::from_ref(&able.cert), &policy).unwrap();
    assert_eq!((chosen.cipher.as_str(), chosen.smime_type), ("aes-256-gcm", Some("authEnveloped-data")));
    assert_eq!(Smime.choose(&[able.cert.clone(), cert(BOB)], &policy).unwrap().cipher, "aes-256-cbc");

    let mut out = Vec::new();
    Smime.encrypt(&TEXT.to_vec(), std::slice::from_ref(&able.cert), &[], &policy, &mut out).unwrap();
    let oaep = [0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 7];
    assert!(out.windows(oaep.len()).any(|octets| octets == oaep), "id-RSAES-OAEP is in the message");
    let (peeled, opened) = open_with(&out, &[able], &policy);
    let peeled = peeled.unwrap();
    assert_eq!(encryption(&peeled).integrity, Some(Integrity::Aead));
    assert_eq!(opened.as_deref(), Some(TEXT));
}

/// R50: the first of AES-256-GCM, ChaCha20-Poly1305 and AES-128-GCM that everybody announces (RFC 4262), else AES-256-CBC;
/// whatever is announced, nothing weaker.
#[test]
fn the_best_cipher_that_everybody_announces() {
    use ContentCipher::{Aes128Cbc, Aes128Gcm, Aes256Gcm, ChaCha20Poly1305, TripleDesCbc};
    let who = |announced: &[ContentCipher]| {
        let announced: Vec<Vec<u8>> = announced
            .iter()
            .map(|cipher| encode::constructed(encode::SEQUENCE, &[&encode::oid(cipher.oid())]))
            .collect();
        let capabilities = encode::tlv(encode::SEQUENCE, &announced.concat());
        let (name, key) = (forged::name("Able"), forged::key(1));
        let extensions = [forged::extension("1.2.840.113549.1.9.15", &capabilities)];
        Forged { subject: &name, issuer: &name, serial: 1, of: &key, by: &key, extensions: &extensions }.cert()
    };
    for (to, expected) in [
        (vec![who(&[Aes128Gcm, Aes256Gcm]), who(&[Aes256Gcm])], "aes-256-gcm"),
        (vec![who(&[ChaCha20Poly1305, Aes256Gcm]), who(&[Aes128Gcm, ChaCha20Poly1305])], "chacha20-poly1305"),
        (vec![who(&[Aes128Gcm])], "aes-128-gcm"),
        (vec![who(&[Aes128Gcm]), who(&[ChaCha20Poly1305])], "aes-256-cbc"),
        (vec![who(&[TripleDesCbc, Aes128Cbc])], "aes-256-cbc"),
        (vec![who(&[Aes256Gcm]), who(&[])], "aes-256-cbc"),
    ] {
        let chosen = Smime.choose(&to, &policy()).unwrap();
        let integrity = if expected.ends_with("cbc") { Integrity::None } else { Integrity::Aead };
        assert_eq!((chosen.cipher.as_str(), chosen.integrity), (expected, integrity));
        let mut blob = Vec::new();
        Smime.encrypt(&TEXT.to_vec(), &to, &[], &policy(), &mut blob).unwrap();
        let inspected = Smime.inspect(&mut &blob[..], &policy()).unwrap();
        assert_eq!(encryption(&inspected).cipher.as_deref(), Some(expected));
    }
}

/// A self-signed certificate with smimeCapabilities: AES-256-GCM and OAEP with its default parameters. Openssl 3.0 only
/// makes certificates that begin now, so it is judged in 2100.
fn certificate_that_announces(folder: &Path) -> Option<Credential> {
    let file = folder.join("able.pem");
    let gcm = "300b060960864801650304012e";
    let oaep = "300d06092a864886f70d0101073000";
    let capabilities = format!("1.2.840.113549.1.9.15=DER:301c{gcm}{oaep}");
    let _ = openssl()?
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=Able", "-days", "36500"])
        .args(["-addext", "basicConstraints=critical,CA:FALSE", "-addext", &capabilities])
        .arg("-keyout")
        .arg(&file)
        .arg("-out")
        .arg(folder.join("able.crt"))
        .succeed();
    let pem = [common::read(&file), common::read(&folder.join("able.crt"))].concat();
    Smime.parse_keys(&pem, "able", &[], Arc::new(mailseal_core::NoPrompt)).unwrap().pop()
}

/// Who may not be encrypted to is named, and nothing is written.
#[test]
fn an_expired_certificate_is_not_encrypted_to() {
    let mut out = Vec::new();
    let to = [cert(BOB), cert(EXPIRED)];
    let result = Smime.encrypt(&TEXT.to_vec(), &to, &[], &policy(), &mut out);
    let expected = cert(EXPIRED).fingerprint().to_string();
    assert!(matches!(result, Err(Error::CannotEncrypt { cert, why }) if cert == expected && why == "expired"));
    assert!(out.is_empty());
    assert_eq!(Smime.usable(&cert(EXPIRED), Purpose::Encrypt, &policy()), Err(Reason::Expired));
    let nobody = Smime.encrypt(&TEXT.to_vec(), &[], &[], &policy(), &mut out);
    assert!(matches!(nobody, Err(Error::Misuse(_))));
}

/// Without a key the message says whose is missing.
#[test]
fn a_missing_key_is_wanted() {
    let mut out = Vec::new();
    Smime.encrypt(&TEXT.to_vec(), &[cert(ALICE), cert(BOB)], &[], &policy(), &mut out).unwrap();
    let (peeled, opened) = open(&out, &[credential(DAVE)]);
    assert_eq!((encryption(&peeled).decryption, opened), (Decryption::NoKey, None));
    let named = |persona| peeled.wanted.iter().any(|handle| cert(persona).answers_to(handle));
    assert!(named(ALICE) && named(BOB) && !named(DAVE));
    let inspected = Smime.inspect(&mut &out[..], &policy()).unwrap();
    let found = encryption(&inspected);
    assert_eq!((found.decryption, found.cipher.as_deref()), (Decryption::NotTried, Some("aes-256-cbc")));
    assert_eq!(found.recipients, peeled.wanted);
    assert!(found.recipients.iter().all(|handle| matches!(handle, Handle::IssuerSerial { .. })));
}

/// The limit on plaintext holds for both forms, and nothing is released.
#[test]
fn plaintext_is_limited() {
    let mut small = policy();
    small.max_plaintext = TEXT.len() as u64 - 1;
    let (mut sealed, mut signed) = (Vec::new(), Vec::new());
    Smime.encrypt(&TEXT.to_vec(), &[cert(BOB)], &[], &policy(), &mut sealed).unwrap();
    Smime.sign_opaque(&TEXT.to_vec(), &[credential(BOB)], &policy(), &mut signed).unwrap();
    for blob in [sealed, signed] {
        let (peeled, opened) = open_with(&blob, &[credential(BOB)], &small);
        assert!(matches!(peeled, Err(Error::Limit { .. })));
        assert_eq!(opened, None);
        small.max_plaintext += 1;
        let (peeled, opened) = open_with(&blob, &[credential(BOB)], &small);
        assert!(peeled.is_ok());
        assert_eq!(opened.as_deref(), Some(TEXT));
        small.max_plaintext -= 1;
    }
}

/// Opaque signed-data of ours and of openssl: the content is shown, also when the signature is broken.
#[test]
fn opaque_signed_data_shows_its_content() {
    let (_folder, content) = folder();
    let mut ours = Vec::new();
    assert_eq!(
        Smime.sign_opaque(&TEXT.to_vec(), &[credential(ALICE)], &policy(), &mut ours).unwrap().micalg,
        "sha-256"
    );
    let mut blobs = vec![ours];
    for options in [&["-outform", "DER"][..], &["-outform", "DER", "-stream"]] {
        let Some(openssl) = openssl() else { return };
        let command = openssl.args(["cms", "-sign", "-binary", "-nodetach", "-in"]).arg(&content).args(options);
        blobs.push(command.arg("-signer").arg(ALICE.smime_cert()).arg("-inkey").arg(ALICE.smime_key()).succeed());
    }
    for blob in blobs {
        let check = |blob: &[u8]| {
            let (peeled, opened) = open(blob, &[]);
            let Layer::Signed(signatures) = &peeled.layers[0] else { panic!("{peeled:?}") };
            (signatures[0].check, opened)
        };
        assert_eq!(check(&blob), (Check::Valid, Some(TEXT.to_vec())));
        let at = blob.windows(5).position(|octets| octets == b"Hello").unwrap();
        let mut altered = blob.clone();
        altered[at] = b'J';
        let (found, shown) = check(&altered);
        assert_eq!(found, Check::DigestMismatch);
        assert!(shown.unwrap().ends_with(b"Jello, Bob\r\n"));
        let (found, shown) = check(&blob[..blob.len() - 1]);
        assert_eq!((found, shown), (Check::Malformed, None));
    }
}

/// certs-only is no layer: its certificates are offered.
#[test]
fn certs_only_offers_certificates() {
    let Some(openssl) = openssl() else { return };
    let command = openssl.args(["crl2pkcs7", "-nocrl", "-outform", "DER", "-certfile"]);
    let blob = command.arg(ALICE.smime_cert()).arg("-certfile").arg(BOB.smime_cert()).succeed();
    let (peeled, opened) = open(&blob, &[]);
    assert!(peeled.layers.is_empty() && opened.is_none());
    assert_eq!(peeled.certs, [cert(ALICE), cert(BOB)]);
    assert_eq!(Smime.parse_certs(&blob).unwrap(), [cert(ALICE), cert(BOB)]);
}

/// What is no layer is said so, and nothing is released.
#[test]
fn other_content_is_a_defect() {
    for blob in [&b"hello"[..], b"", &[0x30, 0x80, 6, 3, 42, 3, 4, 0xa0, 0x80, 4, 0, 0, 0, 0, 0]] {
        let (peeled, opened) = open(blob, &[credential(BOB)]);
        assert!(peeled.layers.is_empty() && opened.is_none());
        assert_eq!(peeled.defects.len(), 1, "{:?}", peeled.defects);
    }
    let with = Context { policy: &policy(), certs: &NoCerts, keys: &NoKeys };
    let compressed = [0x30, 0x0f, 6, 11, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 16, 1, 9, 0xa0, 0];
    let mut sink = MemorySink::new();
    let peeled = Smime.open(&mut &compressed[..], &with, &mut sink).unwrap();
    assert!(matches!(&peeled.layers[..], [Layer::Compressed(_)]) && sink.into_committed().is_none());
    assert_eq!(peeled.defects.len(), 1, "{:?}", peeled.defects);
}
