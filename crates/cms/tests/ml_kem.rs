//! ML-KEM recipients (RFC 9629, RFC 9936): messages of other programs, openssl 3.6 both ways, and bad keys and ciphertexts.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail anywhere")]

mod support;

use std::io::Write;
use std::path::Path;

use mailseal_cms::Error;
use mailseal_cms::algorithm::{ContentCipher, MlKem};
use mailseal_cms::ber::encode::{self, OCTET_STRING, SEQUENCE, constructed, tlv};
use mailseal_cms::engine::{DecryptionKey, KeyType, SigningKey, SoftwareKey};
use mailseal_cms::enveloped_data::{Envelope, EnvelopedDataBuilder, MemorySink};
use mailseal_cms::recipient::{Recipient, RecipientId, RecipientKind};
use mailseal_cms::{ContentInfo, ContentType};
use support::envelopes::{Person, open, vector};
use support::peer::{Peer, TEXT};

const NAMES: [(&str, MlKem); 3] =
    [("ml-kem-512", MlKem::Set512), ("ml-kem-768", MlKem::Set768), ("ml-kem-1024", MlKem::Set1024)];

/// Opens with this key, whoever the message names.
fn open_with(message: &[u8], key: &SoftwareKey) -> Result<Vec<u8>, Error> {
    let lookup = |_: &RecipientId| Some(key as &dyn DecryptionKey);
    let mut sink = MemorySink::new();
    Envelope::open(ContentInfo::open(message)?)?.decrypt(&lookup, &mut sink)?;
    Ok(sink.into_plaintext().unwrap().to_vec())
}

fn private_key(path: &Path) -> SoftwareKey {
    let octets = std::fs::read(path).unwrap();
    let der = if octets.starts_with(b"-----") { support::from_pem(&octets) } else { octets };
    SoftwareKey::from_pkcs8_der(&der).unwrap()
}

/// RFC 9936, appendix: a private key as seed, expanded key and both, and the message that each opens.
#[test]
fn example_of_the_rfc() {
    let Some(folder) = vector("lamps-pqc/cms-kyber/example") else { return };
    let message = support::from_pem(&std::fs::read(folder.join("ML-KEM-512.cms")).unwrap());
    let expected = std::fs::read(folder.join("plaintext.txt")).unwrap();
    for form in ["seed", "expanded", "both"] {
        let key = private_key(&folder.join(format!("ML-KEM-512-{form}.priv")));
        assert_eq!(key.key_type(), KeyType::MlKem(MlKem::Set512));
        assert_eq!(open_with(&message, &key).unwrap(), expected, "{form}");
    }
}

/// The files of `vectors/lamps-pqc`: EnvelopedData and AuthEnvelopedData, HKDF with SHA-256 and SHA-512, with and without
/// user keying material.
#[test]
fn files_of_others() {
    let Some(folder) = vector("lamps-pqc/pqc-certificates") else { return };
    let mut opened = 0;
    for program in ["bc", "cht", "cryptonext", "carl-redhound"] {
        let files = folder.join(program).join("artifacts_cms_v3");
        let expected = std::fs::read(files.join("expected_plaintext.txt")).unwrap();
        for entry in std::fs::read_dir(&files).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            let Some((owner, _)) = name.split_once("_kemri") else { continue };
            let Some((_, set)) = NAMES.iter().find(|(_, set)| owner.ends_with(&format!("-{}", set.oid()))) else {
                continue;
            };
            let message = std::fs::read(&path).unwrap();
            let envelope = Envelope::open(ContentInfo::open(&message[..]).unwrap()).unwrap();
            let recipient = envelope.recipients().next().unwrap().clone();
            assert_eq!(recipient.algorithm, Some(set.oid()));
            if (program, recipient.kind) == ("cht", RecipientKind::KeyTransport) {
                // From before RFC 9629: ML-KEM as if it were RSA.
                let key = private_key(&files.join(format!("{owner}_priv.der")));
                assert!(matches!(open_with(&message, &key), Err(Error::Unsupported { .. })), "{name}");
                continue;
            }
            assert_eq!(recipient.kind, RecipientKind::KeyEncapsulation, "{program}/{name}");
            let forms = ["priv", "expandedkey_priv", "seed_priv", "both_priv"];
            for key in forms.iter().map(|form| files.join(format!("{owner}_{form}.der"))).filter(|key| key.exists()) {
                assert_eq!(open_with(&message, &private_key(&key)).unwrap(), expected, "{program}/{name}");
                opened += 1;
            }
        }
    }
    assert!(opened >= 24, "{opened}");
}

fn encrypt(cert: &[u8], cipher: ContentCipher) -> Vec<u8> {
    let builder = EnvelopedDataBuilder::new(cipher).recipient(Recipient::from_certificate(cert).unwrap());
    let mut writer = builder.encrypt(Vec::new()).unwrap();
    writer.write_all(TEXT).unwrap();
    writer.finish().unwrap()
}

fn ivan() -> Person {
    Person::named("ivan-reads")
}

/// RFC 5652 §6.1: an EnvelopedData with an OtherRecipientInfo has version 3; RFC 5083 §2.1: an AuthEnvelopedData always 0.
#[test]
fn what_is_sealed_opens() {
    let ivan = ivan();
    for (cipher, version) in [(ContentCipher::Aes256Cbc, 3), (ContentCipher::Aes128Gcm, 0)] {
        let message = encrypt(&ivan.cert, cipher);
        let (decrypted, plaintext) = open(&message, &[&ivan]).unwrap();
        assert_eq!(plaintext, TEXT);
        assert_eq!(decrypted.recipients[0].kind, RecipientKind::KeyEncapsulation);
        let versions = [2, 1, version];
        assert!(message[..40].windows(3).any(|window| window == versions), "{cipher:?}");
    }
    assert_eq!(ContentType::AuthEnvelopedData.oid().to_string(), "1.2.840.113549.1.9.16.1.23");
}

/// Attack 7: an altered ciphertext and an altered wrapped key look like an altered content, and are one failure.
#[test]
fn failures_look_alike() {
    let ivan = ivan();
    let message = encrypt(&ivan.cert, ContentCipher::Aes256Gcm);
    for at in [400, 800, 1200, message.len() - 120, message.len() - 70, message.len() - 1] {
        let mut altered = message.clone();
        altered[at] ^= 1;
        if let Ok((_, plaintext)) = open(&altered, &[&ivan]) {
            panic!("{at}: {plaintext:?}");
        }
    }
    let at = message.windows(4).position(|window| window == [4, 0x82, 0x04, 0x40]).unwrap() + 4;
    for place in [0, 1, 500, 1087] {
        let mut altered = message.clone();
        altered[at + place] ^= 1;
        assert!(matches!(open(&altered, &[&ivan]), Err(Error::Decrypt)), "{place}");
    }
    let other = constructed(
        SEQUENCE,
        &[
            &encode::small_integer(0),
            &tlv(SEQUENCE, &encode::oid(MlKem::Set768.oid())),
            &tlv(OCTET_STRING, &tlv(0x80, &[9; 64])),
        ],
    );
    let other = SoftwareKey::from_pkcs8_der(&other).unwrap();
    assert!(matches!(open_with(&message, &other), Err(Error::Decrypt)), "the key of somebody else");
}

fn read_key(set: MlKem, key: &[u8]) -> Result<SoftwareKey, Error> {
    let algorithm = tlv(SEQUENCE, &encode::oid(set.oid()));
    SoftwareKey::from_pkcs8_der(&constructed(
        SEQUENCE,
        &[&encode::small_integer(0), &algorithm, &tlv(OCTET_STRING, key)],
    ))
}

/// RFC 9935 §8 and attack 23: seed and expanded key of two keys; an expanded key of which the hash is another's, whose
/// secret vector is another's, or whose public key has coefficients out of range.
#[test]
fn inconsistent_keys_are_refused() {
    let Some(folder) = vector("lamps-pqc/cms-kyber/example") else { return };
    let der = support::from_pem(&std::fs::read(folder.join("ML-KEM-512-expanded.priv")).unwrap());
    let good = der[der.len() - 1632..].to_vec();
    assert!(read_key(MlKem::Set512, &tlv(OCTET_STRING, &good)).is_ok());
    let altered = |at: usize, octets: &[u8]| {
        let mut key = good.clone();
        key[at..at + octets.len()].copy_from_slice(octets);
        key
    };
    let bad_hash = altered(1632 - 64, &[0; 32]);
    let bad_secret = altered(0, &[0; 384]);
    let bad_public = altered(768, &[0xff; 384]);
    for bad in [bad_hash, bad_secret, bad_public, good[1..].to_vec(), vec![0; 64]] {
        assert!(matches!(read_key(MlKem::Set512, &tlv(OCTET_STRING, &bad)), Err(Error::Key { .. })));
    }
    let both = constructed(SEQUENCE, &[&tlv(OCTET_STRING, &[7; 64]), &tlv(OCTET_STRING, &good)]);
    for bad in [both, tlv(0x80, &[7; 63]), tlv(0x80, &[7; 65]), vec![7; 64]] {
        assert!(matches!(read_key(MlKem::Set512, &bad), Err(Error::Key { .. })));
    }
    assert!(read_key(MlKem::Set768, &tlv(OCTET_STRING, &good)).is_err(), "another parameter set");
}

/// FIPS 203 §7.2: a public key with a coefficient that is not below q, and one of another length.
#[test]
fn bad_public_keys_are_refused() {
    let algorithm = tlv(SEQUENCE, &encode::oid(MlKem::Set512.oid()));
    for key in [vec![0xff; 800], vec![0; 799], vec![]] {
        let bits = tlv(3, &[&[0], &key[..]].concat());
        let spki = constructed(SEQUENCE, &[&algorithm, &bits]);
        assert!(matches!(KeyType::from_spki(&spki), Err(Error::Malformed { .. })));
        assert!(Recipient::new(RecipientId::SubjectKeyId(vec![1]), &spki).is_err());
    }
}

/// With OpenSSL 3.6, both ways, AES-GCM and AES-CBC, and its three forms of private keys.
#[test]
fn with_openssl_36() {
    for (name, set) in NAMES {
        let Some(peer) = Peer::new_36(&["ec", "-pkeyopt", "ec_paramgen_curve:P-256"]) else { return };
        peer.run(&["genpkey", "-algorithm", name, "-out", "kem"]);
        peer.run(&["pkey", "-in", "kem", "-pubout", "-out", "public"]);
        let issue = ["x509", "-new", "-subj", "/CN=reader", "-force_pubkey", "public", "-CA", "cert", "-CAkey", "key"];
        peer.run(&[&issue[..], &["-out", "reader"]].concat());
        let reader = Person::read(&peer.path("reader"), &peer.path("kem"));
        assert_eq!(reader.key.key_type(), KeyType::MlKem(set));
        for cipher in ["-aes-256-gcm", "-aes-128-cbc"] {
            let words = ["cms", "-encrypt", "-binary", "-in", "content", "-outform", "DER", "-out", "sealed"];
            peer.run(&[&words[..], &[cipher, "-recip", "reader"]].concat());
            assert_eq!(open(&peer.read("sealed"), &[&reader]).unwrap().1, TEXT, "{name} {cipher}");
        }
        for cipher in [ContentCipher::Aes256Gcm, ContentCipher::Aes128Cbc] {
            std::fs::write(peer.path("ours"), encrypt(&reader.cert, cipher)).unwrap();
            let decrypt = ["cms", "-decrypt", "-binary", "-inform", "DER", "-in", "ours", "-out", "opened"];
            peer.run(&[&decrypt[..], &["-recip", "reader", "-inkey", "kem"]].concat());
            assert_eq!(peer.read("opened"), TEXT, "{name} {cipher:?}");
        }
        for form in ["seed-only", "priv-only", "seed-priv"] {
            peer.run(&["pkey", "-in", "kem", "-provparam", &format!("ml-kem.output_formats={form}"), "-out", form]);
            let reader = Person::read(&peer.path("reader"), &peer.path(form));
            assert_eq!(open(&peer.read("sealed"), &[&reader]).unwrap().1, TEXT, "{name} {form}");
        }
    }
}
