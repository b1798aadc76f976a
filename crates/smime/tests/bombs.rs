//! Attack 22: what a message may bring along must not cost the reader more than a moment.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod common;

use common::{cert, certs, policy};
use const_oid::ObjectIdentifier;
use mailseal_cms::ber::encode::{self, SEQUENCE};
use mailseal_core::{By, Cert, Judgement, Protocol, Purpose, Question, Reason, Trust};
use mailseal_smime::{Certificate, Pkix, Smime};
use mailseal_testkit::personas::{self, ALICE};
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use p256::pkcs8::EncodePublicKey;
use std::time::{Duration, Instant};

/// The authority's certificate of key `of`, signed by key `by`, for `name` as subject and issuer.
fn authority(name: &[u8], serial: u16, of: &SigningKey, by: &SigningKey) -> Cert {
    let ecdsa = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");
    let algorithm = encode::constructed(SEQUENCE, &[&encode::oid(ecdsa)]);
    let time = |text: &str| encode::tlv(0x18, text.as_bytes());
    let validity = encode::constructed(SEQUENCE, &[&time("20260101000000Z"), &time("21260101000000Z")]);
    let spki = of.verifying_key().to_public_key_der().unwrap();
    let extension = |id: &str, value: &[u8]| {
        let id = encode::oid(ObjectIdentifier::new_unwrap(id));
        encode::constructed(SEQUENCE, &[&id, &[1, 1, 0xff], &encode::tlv(4, value)])
    };
    let extensions = encode::constructed(
        SEQUENCE,
        &[&extension("2.5.29.19", &[0x30, 3, 1, 1, 0xff]), &extension("2.5.29.15", &[3, 2, 1, 6])],
    );
    let serial = encode::tlv(2, &[1, (serial >> 8) as u8, serial as u8]);
    let extensions = encode::tlv(0xa3, &extensions);
    let tbs = encode::constructed(
        SEQUENCE,
        &[&[0xa0, 3, 2, 1, 2], &serial, &algorithm, name, &validity, name, spki.as_bytes(), &extensions],
    );
    let signature: Signature = by.sign(&tbs);
    let signature = encode::tlv(3, &[&[0], signature.to_der().as_bytes()].concat());
    let der = encode::constructed(SEQUENCE, &[&tbs, &algorithm, &signature]);
    Smime.parse_certs(&der).unwrap().remove(0)
}

fn key(seed: u8) -> SigningKey {
    SigningKey::from_slice(&[seed + 1; 32]).unwrap()
}

/// Thirty authorities of one name that all certify each other: paths without end, none to the anchor.
fn web(name: &[u8]) -> Vec<Cert> {
    let keys: Vec<_> = (0..30).map(key).collect();
    let pairs = (0..30).flat_map(|of| (0..30).map(move |by| (of, by)));
    pairs.map(|(of, by)| authority(name, 30 * of as u16 + by as u16, &keys[of], &keys[by])).collect()
}

fn judge(cert: &Cert, helpers: &[Cert]) -> Judgement {
    let pkix = Pkix::new(&certs(&personas::root()), &[], &[]);
    let policy = policy();
    let began = Instant::now();
    let question = Question { cert, address: None, purpose: Purpose::Sign, policy: &policy, helpers, crls: &[] };
    let judgement = pkix.judge(&question);
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    judgement
}

/// 900 authorities that call themselves like the issuer of Alice's certificate.
#[test]
fn a_web_of_authorities_ends() {
    let issuer = Certificate::of(&cert(ALICE)).unwrap().issuer().to_vec();
    let mut helpers = web(&issuer);
    assert_eq!(judge(&cert(ALICE), &helpers), Judgement::Unknown(Reason::NoPath));
    // The true one is still found, since key identifiers point to it.
    helpers.extend(certs(&personas::intermediate()));
    assert_eq!(judge(&cert(ALICE), &helpers), Judgement::Trusted(By::Chain("Mailseal Test Root".into())));
}

/// A certificate within the web itself, where every signature is good.
#[test]
fn a_path_in_circles_ends() {
    let name = encode::constructed(
        SEQUENCE,
        &[&encode::tlv(
            0x31,
            &encode::constructed(
                SEQUENCE,
                &[&encode::oid(ObjectIdentifier::new_unwrap("2.5.4.3")), &encode::tlv(0x0c, b"web")],
            ),
        )],
    );
    let helpers = web(&name);
    // An authority's certificate is no person's, so the search is entered through one with no extensions.
    let person = person_in(&name);
    assert_eq!(judge(&person, &helpers), Judgement::Unknown(Reason::NoPath));
}

/// A certificate without extensions, issued by the first authority of the web.
fn person_in(issuer: &[u8]) -> Cert {
    let ecdsa = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");
    let algorithm = encode::constructed(SEQUENCE, &[&encode::oid(ecdsa)]);
    let time = |text: &str| encode::tlv(0x18, text.as_bytes());
    let validity = encode::constructed(SEQUENCE, &[&time("20260101000000Z"), &time("21260101000000Z")]);
    let spki = key(100).verifying_key().to_public_key_der().unwrap();
    let subject = encode::constructed(SEQUENCE, &[]);
    let tbs = encode::constructed(SEQUENCE, &[&[2, 1, 1], &algorithm, issuer, &validity, &subject, spki.as_bytes()]);
    let signature: Signature = key(0).sign(&tbs);
    let signature = encode::tlv(3, &[&[0], signature.to_der().as_bytes()].concat());
    Smime.parse_certs(&encode::constructed(SEQUENCE, &[&tbs, &algorithm, &signature])).unwrap().remove(0)
}
