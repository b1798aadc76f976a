//! Ed25519 in CMS (RFC 8419): signed here and verified here, with and without signed attributes, and with openssl 3.6;
//! openssl 3.0 cannot do it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail anywhere")]

mod support;

use std::io::Write;

use mailseal_cms::algorithm::SignatureScheme;
use mailseal_cms::ber::encode::{self, OCTET_STRING, SEQUENCE, SET, constructed, context, tlv};
use mailseal_cms::engine::{Hash, KeyType, SigningKey};
use mailseal_cms::recipient::Recipient;
use mailseal_cms::signed_data::{
    Check, Content, Flaw, Limits, SignedData, SignedDataBuilder, Signer, SignerId, Verifier,
};
use mailseal_cms::{ContentInfo, ContentType, Error};
use support::envelopes::{Person, vector};
use support::peer::{Peer, TEXT};
use support::{no_lookup, verify_detached, verify_opaque};

/// Carlos of RFC 9216.
fn carlos() -> Option<Person> {
    let folder = vector("rfc9216-keys")?;
    Some(Person::read(&folder.join("carlos.sign.crt"), &folder.join("carlos.sign.key")))
}

fn signed(person: &Person) -> Vec<u8> {
    let signer = Signer::new(&person.cert, &person.key).unwrap();
    let mut writer = SignedDataBuilder::new().signer(signer).detached().unwrap();
    writer.write_all(TEXT).unwrap();
    writer.finish().unwrap()
}

/// RFC 8419 §3.1: the digest is SHA-512.
#[test]
fn with_attributes() {
    let Some(carlos) = carlos() else { return };
    assert_eq!(carlos.key.key_type(), KeyType::Ed25519);
    let report = verify_detached(&signed(&carlos), TEXT).unwrap();
    assert_eq!(report.signers[0].check, Check::Valid);
    assert_eq!(report.signers[0].scheme, Some(SignatureScheme::Ed25519));
    assert_eq!(report.signers[0].digest, Some(Hash::Sha512));
    let altered = verify_detached(&signed(&carlos), b"other").unwrap();
    assert_eq!(altered.signers[0].check, Check::DigestMismatch);
}

/// A SignedData by Carlos over `content` and without attributes, with this digestAlgorithm; `content` is inside.
fn without_attributes(carlos: &Person, signed: &[u8], content: &[u8], digest: Hash) -> Vec<u8> {
    let id = match verify_detached(&self::signed(carlos), TEXT).unwrap().signers[0].sid.clone() {
        Some(SignerId::IssuerAndSerial { issuer, serial }) => constructed(SEQUENCE, &[&issuer, &serial]),
        other => panic!("{other:?}"),
    };
    let digest = tlv(SEQUENCE, &encode::oid(digest.oid()));
    let ed25519 = tlv(SEQUENCE, &[6, 3, 0x2b, 0x65, 0x70]);
    let signature = tlv(OCTET_STRING, &carlos.key.sign(&SignatureScheme::Ed25519, signed).unwrap());
    let version = encode::small_integer(1);
    let signer = constructed(SEQUENCE, &[&version, &id, &digest, &ed25519, &signature]);
    let data = encode::oid(ContentType::Data.oid());
    let content = constructed(SEQUENCE, &[&data, &tlv(context(0), &tlv(OCTET_STRING, content))]);
    let certificates = tlv(context(0), &carlos.cert);
    let all = constructed(SEQUENCE, &[&version, &tlv(SET, &digest), &content, &certificates, &tlv(SET, &signer)]);
    constructed(SEQUENCE, &[&encode::oid(ContentType::SignedData.oid()), &tlv(context(0), &all)])
}

fn verified(message: &[u8], held_content: usize) -> Check {
    let limits = Limits { held_content, ..Limits::default() };
    let info = ContentInfo::open(message).unwrap();
    let report = Verifier::new(&no_lookup).limits(limits).verify(info, Content::Embedded(&mut std::io::sink()));
    report.unwrap().signers[0].check.clone()
}

/// RFC 8419 §2.2: the message itself is signed. It is held to a limit, and a longer one has no verdict.
#[test]
fn without_attributes_the_content_is_signed() {
    let Some(carlos) = carlos() else { return };
    let good = without_attributes(&carlos, TEXT, TEXT, Hash::Sha512);
    assert_eq!(verified(&good, TEXT.len()), Check::Valid);
    let too_long = Check::ContentTooLong(SignatureScheme::Ed25519.to_algorithm().unwrap().oid);
    assert_eq!(verified(&good, TEXT.len() - 1), too_long);
    assert_eq!(verified(&without_attributes(&carlos, TEXT, b"other", Hash::Sha512), 1000), Check::BadSignature);
    let digest = without_attributes(&carlos, &Hash::Sha512.digest(TEXT), TEXT, Hash::Sha512);
    assert_eq!(verified(&digest, 1000), Check::BadSignature, "HashEdDSA is not used with CMS (RFC 8419 §2)");
}

/// RFC 8419 §3.1: another digest than SHA-512.
#[test]
fn another_digest_is_refused() {
    let Some(carlos) = carlos() else { return };
    let message = without_attributes(&carlos, TEXT, TEXT, Hash::Sha256);
    assert_eq!(verified(&message, 1000), Check::Malformed(Flaw::AlgorithmsDisagree));
}

/// Attack 13: the attributes of a signature put where the content was.
#[test]
fn attributes_passed_off_as_content() {
    let Some(carlos) = carlos() else { return };
    let content_type = encode::oid(ContentType::Data.oid());
    let attribute = [encode::oid(const_oid::db::rfc6268::ID_CONTENT_TYPE), tlv(SET, &content_type)].concat();
    let attributes = tlv(SET, &tlv(SEQUENCE, &attribute));
    let message = without_attributes(&carlos, &attributes, &attributes, Hash::Sha512);
    assert_eq!(verified(&message, 1000), Check::Malformed(Flaw::ContentIsAttributes));
}

#[test]
fn a_key_to_sign_is_not_encrypted_to() {
    let Some(carlos) = carlos() else { return };
    assert!(matches!(Recipient::from_certificate(&carlos.cert), Err(Error::Key { .. })));
}

/// PKCS#8 of either version, as openssl 3.0 writes it.
#[test]
fn keys_of_openssl() {
    let Some(peer) = Peer::new(&["ed25519"]) else { return };
    let report = verify_detached(&signed(&peer.person()), TEXT).unwrap();
    assert_eq!(report.signers[0].check, Check::Valid);
}

/// With OpenSSL 3.6, both ways, with signed attributes; it cannot do without.
#[test]
fn with_openssl_36() {
    let Some(peer) = Peer::new_36(&["ed25519"]) else { return };
    let valid = |(report, content): (SignedData, Vec<u8>)| {
        assert_eq!((&report.signers[0].check, &content[..]), (&Check::Valid, TEXT));
    };
    valid(verify_opaque(&peer.sign(&["-md", "sha512"])).unwrap());
    valid(verify_opaque(&peer.sign(&["-md", "sha512", "-stream", "-keyid"])).unwrap());
    let person = peer.person();
    peer.verifies(Signer::new(&person.cert, &person.key).unwrap()).unwrap();
}
