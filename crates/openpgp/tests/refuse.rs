//! Keys and signatures that prove nothing: expired, revoked, unbound, of the wrong kind (attacks 16, 20 and 21).

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

mod common;

use common::{BORN, NOW, Store, at, builder, cert, checks, credential, generate, policy, sign, signatures};
use mailseal_core::{CertBuilder, Check, Error, Handle, Protocol, ProtocolId, Purpose, Reason};
use mailseal_openpgp::OpenPgp;
use sequoia_openpgp as openpgp;
use sequoia_openpgp::cert::CipherSuite;
use sequoia_openpgp::crypto::KeyPair;
use sequoia_openpgp::packet::key::{Key4, SecretParts, SubordinateRole};
use sequoia_openpgp::packet::signature::SignatureBuilder;
use sequoia_openpgp::packet::signature::subpacket::{Subpacket, SubpacketValue};
use sequoia_openpgp::packet::{Key, Packet, Signature, UserID};
use sequoia_openpgp::serialize::MarshalInto;
use sequoia_openpgp::types::{Curve, HashAlgorithm, KeyFlags, ReasonForRevocation, SignatureType};
use std::time::Duration;

const TEXT: &[u8] = b"Content-Type: text/plain\r\n\r\nHello\r\n";
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A signature by any key at all, at a time.
fn signed(by: &mut KeyPair, seconds: u64, hash: HashAlgorithm) -> Vec<u8> {
    packet(template(SignatureType::Binary, seconds).set_hash_algo(hash).sign_message(by, TEXT).unwrap())
}

fn packet(signature: Signature) -> Vec<u8> {
    Packet::from(signature).to_vec().unwrap()
}

fn template(kind: SignatureType, seconds: u64) -> SignatureBuilder {
    SignatureBuilder::new(kind).set_signature_creation_time(at(seconds)).unwrap()
}

fn primary(key: &openpgp::Cert) -> KeyPair {
    key.primary_key().key().clone().parts_into_secret().unwrap().into_keypair().unwrap()
}

fn with(cert: &openpgp::Cert, packets: Vec<Packet>) -> openpgp::Cert {
    cert.clone().insert_packets(packets).unwrap().0
}

fn usable(key: &openpgp::Cert, purpose: Purpose) -> Result<(), Reason> {
    OpenPgp.usable(&cert(key), purpose, &policy())
}

fn check(key: &openpgp::Cert, signature: &[u8]) -> Check {
    let peeled = Store::of(&[key]).verify(TEXT, signature);
    let found = checks(&peeled);
    assert_eq!(found.len(), 1, "{peeled:?}");
    found[0]
}

#[test]
fn expired() {
    let alice = builder("alice@example.org").set_validity_period(DAY).generate().unwrap().0;
    assert_eq!(usable(&alice, Purpose::Sign), Err(Reason::Expired));
    assert_eq!(usable(&alice, Purpose::Encrypt), Err(Reason::Expired));
    assert_eq!(cert(&alice).not_after(), Some(at(BORN) + DAY));
    assert_eq!(cert(&alice).not_before(), Some(at(BORN)));

    let mut out = Vec::new();
    let failed = OpenPgp.sign(&TEXT.to_vec(), &[credential(&alice)], &policy(), &mut out);
    assert!(matches!(failed, Err(Error::CannotSign { .. })), "{failed:?}");
    let failed = OpenPgp.encrypt(&TEXT.to_vec(), &[cert(&alice)], &[], &policy(), &mut out);
    assert!(matches!(failed, Err(Error::CannotEncrypt { .. })), "{failed:?}");
    assert!(matches!(OpenPgp.choose(&[cert(&alice)], &policy()), Err(Error::CannotEncrypt { .. })));
    assert!(out.is_empty());

    // Made while it was alive or after: the mathematics is right, the certificate's end is told by `usable`.
    let signature = signed(&mut primary(&alice), BORN + 60, HashAlgorithm::SHA256);
    assert_eq!(check(&alice, &signature), Check::Valid);
}

/// Before a key exists it is not valid either.
#[test]
fn not_yet_made() {
    let alice = generate("alice@example.org", CipherSuite::Cv25519);
    let early = mailseal_core::Policy::at(at(BORN - 60));
    assert_eq!(OpenPgp.usable(&cert(&alice), Purpose::Sign, &early), Err(Reason::Expired));
}

/// Attack 16, and a stale copy of the certificate hides no revocation.
#[test]
fn revoked() {
    let alice = generate("alice@example.org", CipherSuite::Cv25519);
    let (_, signature) = sign(TEXT, &[credential(&alice)]);
    let revocation = alice.revoke(&mut primary(&alice), ReasonForRevocation::KeyCompromised, b"stolen").unwrap();
    let revoked = with(&alice, vec![revocation.into()]);
    assert_eq!(usable(&revoked, Purpose::Sign), Err(Reason::Revoked));
    assert_eq!(usable(&revoked, Purpose::Encrypt), Err(Reason::Revoked));

    let store = Store { certs: vec![cert(&alice), cert(&revoked)], keys: vec![], ..Store::default() };
    let peeled = store.verify(TEXT, &signature);
    let signer = signatures(&peeled)[0].signer.clone().unwrap();
    assert_eq!(OpenPgp.usable(&signer, Purpose::Sign, &policy()), Err(Reason::Revoked));
}

/// The certificate is good and has another signing key, but the one that signed is revoked: only `Check` can tell.
#[test]
fn revoked_subkey() {
    let alice = builder("alice@example.org").add_signing_subkey().generate().unwrap().0;
    let subkey = alice.keys().subkeys().find(|key| key.key().pk_algo().for_signing()).unwrap();
    let mut pair = subkey.key().clone().parts_into_secret().unwrap().into_keypair().unwrap();
    let signature = signed(&mut pair, NOW, HashAlgorithm::SHA256);
    assert_eq!(check(&alice, &signature), Check::Valid);

    let revocation = openpgp::cert::SubkeyRevocationBuilder::new()
        .set_signature_creation_time(at(BORN + 60))
        .unwrap()
        .set_reason_for_revocation(ReasonForRevocation::KeySuperseded, b"")
        .unwrap()
        .build(&mut primary(&alice), &alice, subkey.key(), None)
        .unwrap();
    let revoked = with(&alice, vec![revocation.into()]);
    assert_eq!(usable(&revoked, Purpose::Sign), Ok(()));
    assert_eq!(check(&revoked, &signature), Check::Revoked);
}

/// Attack 20: a subkey that never agreed to be this certificate's (no back signature), and one whose flags stand where
/// anybody can write them.
#[test]
fn unbound_signing_subkeys() {
    let alice = builder("alice@example.org").set_primary_key_flags(KeyFlags::empty().set_certification());
    let alice = alice.generate().unwrap().0;
    let theirs: Key<SecretParts, SubordinateRole> = Key4::generate_ecc(true, Curve::Ed25519).unwrap().into();
    let mut theirs = theirs;
    theirs.set_creation_time(at(BORN)).unwrap();
    let mut pair = theirs.clone().into_keypair().unwrap();
    let signature = signed(&mut pair, NOW, HashAlgorithm::SHA256);
    let signing = KeyFlags::empty().set_signing();
    let base = || template(SignatureType::SubkeyBinding, BORN);

    let no_back_signature = base().set_key_flags(signing.clone()).unwrap();
    let mut unhashed = base();
    let flags = Subpacket::new(SubpacketValue::KeyFlags(signing.clone()), false).unwrap();
    unhashed.unhashed_area_mut().add(flags).unwrap();
    for (binding, refused) in [(no_back_signature, Check::Unbound), (unhashed, Check::BadSignature)] {
        let binding = binding.sign_subkey_binding(&mut primary(&alice), None, &theirs).unwrap();
        let forged = with(&alice, vec![theirs.clone().into(), binding.into()]);
        assert_eq!(check(&forged, &signature), refused);
        assert!(usable(&forged, Purpose::Sign).is_err());
    }

    // With both signatures it is hers.
    let back = template(SignatureType::PrimaryKeyBinding, BORN)
        .sign_primary_key_binding(&mut pair, alice.primary_key().key(), &theirs)
        .unwrap();
    let binding = base().set_key_flags(signing).unwrap().set_embedded_signature(back).unwrap();
    let binding = binding.sign_subkey_binding(&mut primary(&alice), None, &theirs).unwrap();
    let good = with(&alice, vec![theirs.into(), binding.into()]);
    assert_eq!(check(&good, &signature), Check::Valid);
}

/// Attack 20: the signature of a key that is only for encryption.
#[test]
fn signed_by_an_encryption_key() {
    let alice = generate("alice@example.org", CipherSuite::RSA2k);
    let subkey = alice.keys().subkeys().next().unwrap().key().clone();
    let mut pair = subkey.parts_into_secret().unwrap().into_keypair().unwrap();
    let signature = signed(&mut pair, NOW, HashAlgorithm::SHA256);
    assert_eq!(check(&alice, &signature), Check::BadSignature);
}

/// Attack 20: User IDs without the owner's signature or revoked by the owner are no addresses.
#[test]
fn user_ids_that_do_not_count() {
    let alice = generate("alice@example.org", CipherSuite::Cv25519);
    let foreign = with(&alice, vec![UserID::from("Boss <boss@example.org>").into()]);
    let addresses = |key| cert(key).addresses().iter().map(|one| one.as_str().to_owned()).collect::<Vec<_>>();
    assert_eq!(addresses(&foreign), ["alice@example.org"]);

    let other = UserID::from("Alice <alice@example.com>");
    let binding = template(SignatureType::PositiveCertification, BORN + 1);
    let binding = other.bind(&mut primary(&alice), &alice, binding).unwrap();
    let both = with(&alice, vec![other.clone().into(), binding.into()]);
    assert_eq!(addresses(&both).len(), 2);
    let revocation = openpgp::cert::UserIDRevocationBuilder::new()
        .set_signature_creation_time(at(BORN + 2))
        .unwrap()
        .build(&mut primary(&alice), &both, &other, None)
        .unwrap();
    assert_eq!(addresses(&with(&both, vec![revocation.into()])), ["alice@example.org"]);
}

/// Attack 21
#[test]
fn weak_hashes() {
    let alice = generate("alice@example.org", CipherSuite::Cv25519);
    let signature = signed(&mut primary(&alice), NOW, HashAlgorithm::SHA1);
    assert_eq!(check(&alice, &signature), Check::WeakAlgorithm);
    // A claim to be old doesn't help.
    let past = mailseal_core::Policy::at(at(1_300_000_000));
    let store = Store::of(&[&alice]);
    let peeled = OpenPgp.verify(&TEXT.to_vec(), &signature, &store.context(&past)).unwrap();
    assert_eq!(checks(&peeled), [Check::WeakAlgorithm]);
}

#[test]
fn signatures_out_of_time() {
    let alice = generate("alice@example.org", CipherSuite::Cv25519);
    let mut pair = primary(&alice);
    let short = template(SignatureType::Binary, NOW - 100).set_signature_validity_period(Duration::from_secs(10));
    let expired = packet(short.unwrap().sign_message(&mut pair, TEXT).unwrap());
    assert_eq!(check(&alice, &expired), Check::Expired);
    let future = signed(&mut pair, NOW + 3600, HashAlgorithm::SHA256);
    assert_eq!(check(&alice, &future), Check::BadSignature);
    let clock_ahead = signed(&mut pair, NOW + 60, HashAlgorithm::SHA256);
    assert_eq!(check(&alice, &clock_ahead), Check::Valid);
    let older_than_the_key = signed(&mut pair, BORN - 60, HashAlgorithm::SHA256);
    assert_eq!(check(&alice, &older_than_the_key), Check::BadSignature);
}

/// R34, and what is not the signature of a document at all.
#[test]
fn kinds_of_signatures() {
    let alice = generate("alice@example.org", CipherSuite::Cv25519);
    let mut pair = primary(&alice);
    let text = packet(template(SignatureType::Text, NOW).sign_message(&mut pair, TEXT).unwrap());
    assert_eq!(check(&alice, &text), Check::Valid);
    let unix: Vec<u8> = TEXT.iter().copied().filter(|octet| *octet != b'\r').collect();
    assert_eq!(checks(&Store::of(&[&alice]).verify(&unix, &text)), [Check::Valid], "line endings don't count in text");
    assert_eq!(checks(&Store::of(&[&alice]).verify(b"other", &text)), [Check::DigestMismatch]);

    // CR, LF and CRLF hash alike, but a CR ends no line in MIME: this is another entity (R141).
    for swapped in [TEXT.split(|octet| *octet == b'\n').collect::<Vec<_>>().concat(), [TEXT, b"\r"].concat()] {
        let peeled = Store::of(&[&alice]).verify(&swapped, &text);
        assert_eq!(checks(&peeled), [Check::Malformed], "{peeled:?}");
    }
    let binary = packet(template(SignatureType::Binary, NOW).sign_message(&mut pair, b"a\rb").unwrap());
    assert_eq!(checks(&Store::of(&[&alice]).verify(b"a\rb", &binary)), [Check::Valid], "binary signatures say it all");

    let standalone = packet(template(SignatureType::Standalone, NOW).sign_standalone(&mut pair).unwrap());
    assert_eq!(check(&alice, &standalone), Check::Malformed);
    // A message with content of its own in the place of the signature (attack 1).
    let literal = [0xcb, 0x08, b'b', 0, 0, 0, 0, 0, b'h', b'i'];
    assert_eq!(check(&alice, &[&text[..], &literal].concat()), Check::Malformed);
    assert_eq!(check(&alice, b"no signature"), Check::Malformed);
    assert_eq!(check(&alice, b""), Check::Malformed);
}

/// A certificate that another program parsed is parsed again from its octets; one of another protocol is a misuse.
#[test]
fn certificates_of_others() {
    let alice = generate("alice@example.org", CipherSuite::Cv25519);
    let known = cert(&alice);
    let foreign = |protocol, encoded: &[u8]| {
        CertBuilder {
            protocol,
            fingerprint: known.fingerprint().clone(),
            handles: known.handles().to_vec(),
            addresses: vec![],
            names: vec![],
            not_before: None,
            not_after: None,
            encoded: encoded.to_vec(),
            parsed: Box::new(()),
        }
        .build()
    };
    let again = foreign(ProtocolId::OPENPGP, known.encoded());
    assert_eq!(OpenPgp.usable(&again, Purpose::Sign, &policy()), Ok(()));
    let (_, signature) = sign(TEXT, &[credential(&alice)]);
    let store = Store { certs: vec![again], keys: vec![], ..Store::default() };
    assert_eq!(checks(&store.verify(TEXT, &signature)), [Check::Valid]);

    let broken = foreign(ProtocolId::OPENPGP, b"broken");
    assert_eq!(OpenPgp.usable(&broken, Purpose::Sign, &policy()), Err(Reason::Malformed));
    let other = foreign(ProtocolId::SMIME, known.encoded());
    assert!(matches!(OpenPgp.choose(std::slice::from_ref(&other), &policy()), Err(Error::Misuse(_))));
    let store = Store { certs: vec![other], keys: vec![], ..Store::default() };
    assert_eq!(checks(&store.verify(TEXT, &signature)), [Check::CertificateMissing]);
}

/// Handles of the primary key and all subkeys; names, addresses; secrets never in the certificate (R36).
#[test]
fn certificates_as_data() {
    let alice = builder("alice@example.org").add_signing_subkey().generate().unwrap().0;
    let known = credential(&alice).cert;
    assert_eq!(known, cert(&alice));
    for key in alice.keys() {
        assert!(known.answers_to(&Handle::Fingerprint(key.key().fingerprint().as_bytes().to_vec())));
        assert!(known.answers_to(&Handle::KeyId(key.key().keyid().as_bytes().try_into().unwrap())));
    }
    assert_eq!(known.names(), ["Somebody <alice@example.org>"]);
    let secret = alice.as_tsk().to_vec().unwrap();
    let certs = OpenPgp.parse_certs(&secret).unwrap();
    assert_eq!(certs, [known]);
    assert!(certs[0].encoded().len() < secret.len());
}

/// Binary, armored, one after another in both forms, with text between; empty and broken input.
#[test]
fn forms_of_certificates() {
    let (alice, bob) =
        (generate("alice@example.org", CipherSuite::Cv25519), generate("bob@example.org", CipherSuite::P256));
    let both = [cert(&alice), cert(&bob)];
    let binary = [alice.to_vec().unwrap(), bob.to_vec().unwrap()].concat();
    assert_eq!(OpenPgp.parse_certs(&binary).unwrap(), both);
    let armored =
        [alice.armored().to_vec().unwrap(), b"\r\nand Bob:\r\n".to_vec(), bob.armored().to_vec().unwrap()].concat();
    assert_eq!(OpenPgp.parse_certs(&armored).unwrap(), both);
    for broken in [&b""[..], b"no certificate", &binary[..40], &armored[..80]] {
        assert!(matches!(OpenPgp.parse_certs(broken), Err(Error::Malformed { .. })));
    }
}
