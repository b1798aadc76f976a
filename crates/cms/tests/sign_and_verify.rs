//! What is signed here is verified here, and nothing else is.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail anywhere")]

use std::io::Write;
use std::time::{Duration, UNIX_EPOCH};

use mailseal_cms::algorithm::{MlDsa, SignatureScheme};
use mailseal_cms::attributes::Capability;
use mailseal_cms::engine::Hash;
use mailseal_cms::signed_data::{Check, SignedDataBuilder, Signer, SignerId, certs_only};
use mailseal_cms::{ContentInfo, ContentType, Error};

mod support;
use support::{certificate, key, verify_detached, verify_detached_with, verify_opaque};

const CONTENT: &[u8] = b"Content-Type: text/plain\r\n\r\nThe cake is in the kitchen.\r\n";

/// Every scheme and hash, both ways to name the signer.
fn schemes(name: &str) -> Vec<SignatureScheme> {
    let hashes = [Hash::Sha256, Hash::Sha384, Hash::Sha512];
    match name {
        "heidi" => vec![SignatureScheme::Ed25519],
        "ivan" => hashes.into_iter().map(|hash| SignatureScheme::MlDsa { set: MlDsa::Set65, hash }).collect(),
        "bob" => hashes.into_iter().map(|hash| SignatureScheme::Ecdsa { hash }).collect(),
        _ => {
            let pkcs1 = hashes.into_iter().map(|hash| SignatureScheme::RsaPkcs1v15 { hash });
            pkcs1.chain(hashes.into_iter().map(SignatureScheme::pss)).collect()
        }
    }
}

#[test]
fn every_scheme_opaque_and_detached() {
    for name in ["alice", "bob", "heidi", "ivan"] {
        let (certificate, key) = (certificate(name), key(name));
        for scheme in schemes(name) {
            for by_key_id in [false, true] {
                let builder = || {
                    let signer = Signer::new(&certificate, &key).unwrap().scheme(scheme).unwrap();
                    let signer = if by_key_id { signer.by_subject_key_id().unwrap() } else { signer };
                    SignedDataBuilder::new().signer(signer)
                };
                let mut detached = builder().detached().unwrap();
                detached.write_all(CONTENT).unwrap();
                let detached = verify_detached(&detached.finish().unwrap(), CONTENT).unwrap();

                let mut opaque = builder().opaque(Vec::new()).unwrap();
                opaque.write_all(CONTENT).unwrap();
                let (opaque, content) = verify_opaque(&opaque.finish().unwrap()).unwrap();
                assert_eq!(content, CONTENT);
                assert_eq!((detached.embedded, opaque.embedded), (None, Some(CONTENT.len() as u64)));

                for report in [detached, opaque] {
                    assert_eq!(report.content_type, ContentType::Data);
                    assert_eq!(report.certificates, std::slice::from_ref(&certificate));
                    let [signer] = &report.signers[..] else { panic!("one signer") };
                    assert_eq!(signer.check, Check::Valid, "{name} {scheme:?}");
                    assert_eq!(signer.certificate.as_ref(), Some(&certificate));
                    assert_eq!((signer.digest, signer.scheme), (Some(scheme.hash()), Some(scheme)));
                    assert_eq!(matches!(signer.sid, Some(SignerId::SubjectKeyId(_))), by_key_id);
                }
            }
        }
    }
}

#[test]
fn attributes_are_told() {
    let time = UNIX_EPOCH + Duration::from_millis(1_780_000_000_700);
    let (certificate, key) = (certificate("bob"), key("bob"));
    let signer = Signer::new(&certificate, &key).unwrap();
    let signer = signer.signing_time(time).capabilities(Capability::of_this_crate());
    let mut detached = SignedDataBuilder::new().signer(signer).detached().unwrap();
    detached.write_all(CONTENT).unwrap();
    let report = verify_detached(&detached.finish().unwrap(), CONTENT).unwrap();
    let signer = &report.signers[0];
    assert_eq!(signer.signing_time(), Some(UNIX_EPOCH + Duration::from_secs(1_780_000_000)));
    let attributes = signer.attributes.as_ref().unwrap();
    assert_eq!(attributes.capabilities, Capability::of_this_crate());
    assert_eq!(attributes.content_type, ContentType::Data.oid());
    assert_eq!(attributes.message_digest, Hash::Sha256.digest(CONTENT));
    assert_eq!(attributes.types.len(), 5);
}

/// R47: each signer is judged by itself.
#[test]
fn several_signers_are_told_apart() {
    let (alice, bob) = (key("alice"), key("bob"));
    let builder = SignedDataBuilder::new()
        .signer(Signer::new(&certificate("alice"), &alice).unwrap())
        .signer(Signer::new(&certificate("bob"), &bob).unwrap())
        .certificate(&certificate("intermediate"))
        .unwrap();
    let mut detached = builder.detached().unwrap();
    detached.write_all(CONTENT).unwrap();
    let mut signature = detached.finish().unwrap();
    let report = verify_detached(&signature, CONTENT).unwrap();
    assert_eq!(report.certificates.len(), 3);
    assert_eq!(checks(&report.signers), [Check::Valid, Check::Valid]);

    // The last octets are those of the second SignerInfo's signature: Alice's, whose SignerInfo is the longer one.
    *signature.last_mut().unwrap() ^= 1;
    let report = verify_detached(&signature, CONTENT).unwrap();
    assert_eq!(report.signers.iter().filter(|signer| signer.check == Check::Valid).count(), 1);
    assert_eq!(report.signers.iter().filter(|signer| signer.check == Check::BadSignature).count(), 1);
}

#[test]
fn altered_content_is_a_digest_mismatch() {
    let key = key("bob");
    let signer = Signer::new(&certificate("bob"), &key).unwrap();
    let mut opaque = SignedDataBuilder::new().signer(signer).opaque(Vec::new()).unwrap();
    opaque.write_all(CONTENT).unwrap();
    let mut message = opaque.finish().unwrap();
    let cake = message.windows(4).position(|window| window == b"cake").unwrap();
    message[cake] = b'r';
    let (report, content) = verify_opaque(&message).unwrap();
    assert_eq!(checks(&report.signers), [Check::DigestMismatch]);
    assert_eq!(report.signers[0].signing_time(), None);
    assert!(content.windows(4).any(|window| window == b"rake"));
}

#[test]
fn certificates_come_from_the_caller_too() {
    let bob = certificate("bob");
    let key = key("bob");
    let signer = Signer::new(&bob, &key).unwrap();
    let mut detached = SignedDataBuilder::new().signer(signer).detached().unwrap();
    detached.write_all(CONTENT).unwrap();
    let signature = without_certificates(&detached.finish().unwrap(), &bob);
    assert_eq!(checks(&verify_detached(&signature, CONTENT).unwrap().signers), [Check::CertificateMissing]);

    let asked = std::cell::RefCell::new(Vec::new());
    let lookup = |sid: &SignerId| {
        asked.borrow_mut().push(sid.clone());
        vec![b"no certificate".to_vec(), certificate("alice"), bob.clone()]
    };
    let report = verify_detached_with(&signature, CONTENT, &lookup).unwrap();
    assert_eq!(checks(&report.signers), [Check::Valid]);
    assert_eq!(report.signers[0].certificate.as_ref(), Some(&bob));
    assert!(report.certificates.is_empty());
    assert!(matches!(&asked.borrow()[..], [SignerId::IssuerAndSerial { .. }]));
}

/// R46: no signers is an empty list, not a verdict.
#[test]
fn certificates_alone() {
    let message = certs_only(&[&certificate("alice"), &certificate("intermediate"), &certificate("alice")]).unwrap();
    let (report, content) = verify_opaque(&message).unwrap();
    assert_eq!((report.signers.len(), report.certificates.len(), report.embedded), (0, 2, None));
    assert!(content.is_empty());
    assert!(certs_only(&[b"no certificate"]).is_err());
}

#[test]
fn a_key_of_another_does_not_sign() {
    let eve = key("eve");
    let signer = Signer::new(&certificate("bob"), &eve).unwrap();
    let detached = SignedDataBuilder::new().signer(signer).detached().unwrap();
    assert!(matches!(detached.finish(), Err(Error::Key { .. })));
}

/// Attack 21: weak hashes are not written.
#[test]
fn weak_hashes_are_not_written() {
    let alice = key("alice");
    for hash in [Hash::Md5, Hash::Sha1] {
        let signer = Signer::new(&certificate("alice"), &alice).unwrap();
        assert!(matches!(signer.scheme(SignatureScheme::RsaPkcs1v15 { hash }), Err(Error::Unsupported { .. })));
    }
    assert!(matches!(SignedDataBuilder::new().detached(), Err(Error::Misuse(_))));
}

#[test]
fn nothing_may_follow_the_message() {
    let message = certs_only(&[&certificate("alice")]).unwrap();
    assert!(matches!(verify_opaque(&[&message[..], b"\n"].concat()), Err(Error::Ber { .. })));
    assert!(matches!(verify_opaque(&message[..message.len() - 1]), Err(Error::Ber { .. })));
    let info = ContentInfo::open(&message[..]).unwrap();
    assert_eq!(info.content_type, ContentType::SignedData);
}

fn checks(signers: &[mailseal_cms::signed_data::SignerReport]) -> Vec<Check> {
    signers.iter().map(|signer| signer.check.clone()).collect()
}

/// The detached signature with its only certificate cut out.
fn without_certificates(signature: &[u8], certificate: &[u8]) -> Vec<u8> {
    use mailseal_cms::ber::{Reader, Tag, encode};
    let mut reader = Reader::new(signature);
    reader.enter(Tag::SEQUENCE).unwrap();
    let oid = reader.element(100).unwrap();
    reader.enter(Tag::context(0)).unwrap();
    reader.enter(Tag::SEQUENCE).unwrap();
    let mut parts = Vec::new();
    while reader.peek().unwrap().is_some() {
        parts.push(reader.element(10_000).unwrap());
    }
    let removed = parts.remove(3);
    assert_eq!(removed, encode::tlv(encode::context(0), certificate));
    let signed_data = encode::tlv(encode::SEQUENCE, &parts.concat());
    encode::constructed(encode::SEQUENCE, &[&oid, &encode::tlv(encode::context(0), &signed_data)])
}
