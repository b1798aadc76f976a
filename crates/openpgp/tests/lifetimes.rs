//! When a key was good and when it is not: at the time of signing, and at the time of judgement (attacks 16 and 20).

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

mod common;

use common::{BORN, NOW, Store, at, builder, cert, checks, generate, signatures};
use mailseal_core::{Check, Policy, Protocol, Purpose, Reason};
use mailseal_openpgp::OpenPgp;
use sequoia_openpgp as openpgp;
use sequoia_openpgp::cert::amalgamation::ValidateAmalgamation;
use sequoia_openpgp::cert::{CertRevocationBuilder, CipherSuite, SubkeyRevocationBuilder};
use sequoia_openpgp::crypto::KeyPair;
use sequoia_openpgp::packet::Packet;
use sequoia_openpgp::packet::key::{Key4, SecretParts, SubordinateRole};
use sequoia_openpgp::packet::signature::SignatureBuilder;
use sequoia_openpgp::serialize::MarshalInto;
use sequoia_openpgp::types::{Curve, ReasonForRevocation, SignatureType};
use std::time::Duration;

const TEXT: &[u8] = b"Content-Type: text/plain\r\n\r\nHello\r\n";
const HOUR: u64 = 60 * 60;
const DAY: u64 = 24 * HOUR;

fn signed(by: &mut KeyPair, seconds: u64) -> Vec<u8> {
    let template = SignatureBuilder::new(SignatureType::Binary).set_signature_creation_time(at(seconds)).unwrap();
    Packet::from(template.sign_message(by, TEXT).unwrap()).to_vec().unwrap()
}

fn primary(key: &openpgp::Cert) -> KeyPair {
    key.primary_key().key().clone().parts_into_secret().unwrap().into_keypair().unwrap()
}

/// A certificate with a signing subkey, and that subkey's pair.
fn with_signing_subkey(validity: Option<u64>) -> (openpgp::Cert, KeyPair) {
    let builder = builder("alice@example.org");
    let flags = openpgp::types::KeyFlags::empty().set_signing();
    let key = builder.add_subkey(flags, validity.map(Duration::from_secs), None).generate().unwrap().0;
    let subkey = key.keys().subkeys().find(|key| key.key().pk_algo().for_signing()).unwrap().key().clone();
    let pair = subkey.parts_into_secret().unwrap().into_keypair().unwrap();
    (key, pair)
}

/// What the check says, and what the certificate is worth by itself, when both are judged at a time.
fn judged(key: &openpgp::Cert, signature: &[u8], seconds: u64) -> (Check, Result<(), Reason>) {
    let policy = Policy::at(at(seconds));
    let store = Store::of(&[key]);
    let peeled = OpenPgp.verify(&TEXT.to_vec(), signature, &store.context(&policy)).unwrap();
    assert_eq!(checks(&peeled).len(), 1, "{peeled:?}");
    let fact = signatures(&peeled).remove(0);
    (fact.check, OpenPgp.usable(&fact.signer.unwrap(), Purpose::Sign, &policy))
}

/// A certificate that ended after signing is told, and one that signs after its end: `expired` both times, since the time of
/// signing is only claimed. Once it is extended, what was signed in between still is.
#[test]
fn a_certificate_that_ends() {
    let key = builder("alice@example.org").set_validity_period(Duration::from_secs(DAY)).generate().unwrap().0;
    let before = signed(&mut primary(&key), BORN + HOUR);
    let after = signed(&mut primary(&key), BORN + 2 * DAY);
    assert_eq!(judged(&key, &before, BORN + 2 * HOUR), (Check::Valid, Ok(())));
    assert_eq!(judged(&key, &before, NOW), (Check::Valid, Err(Reason::Expired)));
    assert_eq!(judged(&key, &after, NOW), (Check::Valid, Err(Reason::Expired)));

    let standard = openpgp::policy::StandardPolicy::new();
    let valid = key.primary_key().with_policy(&standard, at(BORN)).unwrap();
    let mut pair = primary(&key);
    let mut longer = Vec::new();
    let base = valid.binding_signature().clone();
    let renew = |template: SignatureBuilder| {
        let template = template.set_signature_creation_time(at(BORN + 10 * DAY)).unwrap();
        template.set_key_validity_period(Duration::from_secs(4000 * DAY)).unwrap()
    };
    let user_id = key.userids().next().unwrap();
    let own = user_id.self_signatures().next().unwrap().clone();
    longer.push(Packet::from(user_id.userid().bind(&mut pair, &key, renew(SignatureBuilder::from(own))).unwrap()));
    if base.typ() == SignatureType::DirectKey {
        longer.push(renew(SignatureBuilder::from(base)).sign_direct_key(&mut pair, None).unwrap().into());
    }
    let extended = key.clone().insert_packets(longer).unwrap().0;
    assert_eq!(judged(&extended, &before, NOW), (Check::Valid, Ok(())));
    assert_eq!(judged(&extended, &after, NOW), (Check::Expired, Ok(())));
    assert_eq!(judged(&extended, &signed(&mut pair, BORN + 11 * DAY), NOW), (Check::Valid, Ok(())));
}

/// Before its time a soft revocation says nothing; afterwards the certificate is revoked, whatever time a signature claims. A hard
/// one counts always.
#[test]
fn a_certificate_that_is_revoked() {
    let key = generate("alice@example.org", CipherSuite::Cv25519);
    let mut pair = primary(&key);
    let signature = signed(&mut pair, BORN + HOUR);
    for (reason, before) in [
        (ReasonForRevocation::KeyRetired, Ok(())),
        (ReasonForRevocation::KeySuperseded, Ok(())),
        (ReasonForRevocation::KeyCompromised, Err(Reason::Revoked)),
        (ReasonForRevocation::Unspecified, Err(Reason::Revoked)),
    ] {
        let revocation = CertRevocationBuilder::new()
            .set_signature_creation_time(at(BORN + DAY))
            .unwrap()
            .set_reason_for_revocation(reason, b"")
            .unwrap()
            .build(&mut pair, &key, None)
            .unwrap();
        let revoked = key.clone().insert_packets(revocation).unwrap().0;
        assert_eq!(judged(&revoked, &signature, BORN + 2 * HOUR).1, before, "{reason}");
        assert_eq!(judged(&revoked, &signature, NOW).1, Err(Reason::Revoked), "{reason}");
        let later = signed(&mut pair, BORN + 2 * DAY);
        assert_eq!(judged(&revoked, &later, NOW).1, Err(Reason::Revoked), "{reason}");
    }
}

/// The certificate has another key that signs, so only the check can tell of the one that did.
#[test]
fn a_subkey_that_ends_or_is_revoked() {
    let (key, mut pair) = with_signing_subkey(Some(DAY));
    let before = signed(&mut pair, BORN + HOUR);
    assert_eq!(judged(&key, &before, BORN + 2 * HOUR), (Check::Valid, Ok(())));
    assert_eq!(judged(&key, &before, NOW), (Check::Expired, Ok(())));
    assert_eq!(judged(&key, &signed(&mut pair, BORN + 2 * DAY), NOW), (Check::Expired, Ok(())));

    let (key, mut pair) = with_signing_subkey(None);
    let signature = signed(&mut pair, BORN + HOUR);
    let subkey = key.keys().subkeys().find(|key| key.key().pk_algo().for_signing()).unwrap().key().clone();
    for (reason, before) in
        [(ReasonForRevocation::KeyRetired, Check::Valid), (ReasonForRevocation::KeyCompromised, Check::Revoked)]
    {
        let revocation = SubkeyRevocationBuilder::new()
            .set_signature_creation_time(at(BORN + DAY))
            .unwrap()
            .set_reason_for_revocation(reason, b"")
            .unwrap()
            .build(&mut primary(&key), &key, &subkey, None)
            .unwrap();
        let revoked = key.clone().insert_packets(revocation).unwrap().0;
        assert_eq!(judged(&revoked, &signature, BORN + 2 * HOUR), (before, Ok(())), "{reason}");
        assert_eq!(judged(&revoked, &signature, NOW), (Check::Revoked, Ok(())), "{reason}");
    }
}

/// Attack 20: somebody put a subkey of theirs into the certificate, without any signature of its owner.
#[test]
fn a_subkey_that_nobody_bound() {
    let key = generate("alice@example.org", CipherSuite::Cv25519);
    let mut theirs: openpgp::packet::Key<SecretParts, SubordinateRole> =
        Key4::generate_ecc(true, Curve::Ed25519).unwrap().into();
    theirs.set_creation_time(at(BORN)).unwrap();
    let signature = signed(&mut theirs.clone().into_keypair().unwrap(), NOW);
    let packets = key.clone().into_packets().chain([Packet::from(theirs.parts_into_public())]);
    let forged = openpgp::Cert::from_packets(packets).unwrap();
    assert_eq!(judged(&forged, &signature, NOW), (Check::Unbound, Ok(())));
    let handles = cert(&forged).handles().len();
    assert!(handles > cert(&key).handles().len(), "it is found by its handle, and told");
}
