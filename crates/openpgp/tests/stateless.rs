//! The stateless module: refusals that need certificates which no verb makes, and messages that were changed.

#![allow(clippy::unwrap_used, reason = "a helper of tests fails its test")]

use mailseal_openpgp::stateless::{Certs, Encryptor, Error, Form, Keys, NewKey, Over, Signer, Update, Verifier};
use sequoia_openpgp as openpgp;
use sequoia_openpgp::cert::CertBuilder;
use sequoia_openpgp::crypto::mpi::{MPI, PublicKey};
use sequoia_openpgp::packet::Key;
use sequoia_openpgp::packet::key::{Key4, PublicParts, SubordinateRole};
use sequoia_openpgp::packet::signature::SignatureBuilder;
use sequoia_openpgp::serialize::SerializeInto;
use sequoia_openpgp::types::{KeyFlags, PublicKeyAlgorithm, SignatureType};
use std::time::{Duration, SystemTime};

fn at(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000 + seconds)
}

fn keys(cert: &openpgp::Cert) -> Keys {
    Keys::read(&cert.as_tsk().to_vec().unwrap()).unwrap()
}

/// A key whose primary key certifies and does nothing else.
#[test]
fn a_key_that_may_not_sign_is_told() {
    let builder =
        CertBuilder::new().set_creation_time(at(0)).set_primary_key_flags(KeyFlags::empty().set_certification());
    let (cert, _) = builder.generate().unwrap();
    let signer = Signer { keys: keys(&cert), ..Signer::new(at(10)) };
    assert!(matches!(signer.sign(&b"text".to_vec()), Err(Error::CannotSign { .. })));
}

#[test]
fn a_key_that_ended_is_told() {
    let builder = CertBuilder::new().set_creation_time(at(0)).set_validity_period(Duration::from_secs(60));
    let (cert, _) = builder.add_signing_subkey().generate().unwrap();
    let keys = keys(&cert);
    let signer = |at| Signer { keys: keys.clone(), ..Signer::new(at) };
    assert!(signer(at(10)).sign(&b"text".to_vec()).is_ok());
    assert!(matches!(signer(at(100)).sign(&b"text".to_vec()), Err(Error::CannotSign { .. })));
    assert!(Update::new(at(10)).update(&keys).is_ok());
    assert!(matches!(Update::new(at(100)).update(&keys), Err(Error::PrimaryKey { .. })));
}

/// ElGamal, which no back end of this build encrypts to.
#[test]
#[allow(deprecated, reason = "an old algorithm is what the test is about")]
fn an_unknown_algorithm_is_told() {
    let (cert, _) = CertBuilder::new().set_creation_time(at(0)).generate().unwrap();
    let numbers = PublicKey::Unknown { mpis: [MPI::new(&[0xff; 256])].into(), rest: [].into() };
    let subkey: Key<PublicParts, SubordinateRole> =
        Key4::new(at(0), PublicKeyAlgorithm::Private(100), numbers).unwrap().into();
    let mut primary = cert.primary_key().key().clone().parts_into_secret().unwrap().into_keypair().unwrap();
    let binding = SignatureBuilder::new(SignatureType::SubkeyBinding)
        .set_signature_creation_time(at(0))
        .unwrap()
        .set_key_flags(KeyFlags::empty().set_transport_encryption())
        .unwrap();
    let binding = subkey.bind(&mut primary, &cert, binding).unwrap();
    let (cert, _) = cert.insert_packets([openpgp::Packet::from(subkey), openpgp::Packet::from(binding)]).unwrap();

    let encryptor = Encryptor {
        to: Certs::read(&cert.strip_secret_key_material().to_vec().unwrap()).unwrap(),
        ..Encryptor::new(at(10))
    };
    let refused = encryptor.encrypt(&b"text".to_vec(), &mut Vec::new());
    assert!(matches!(refused, Err(Error::UnsupportedAlgorithm(_))), "{refused:?}");
}

/// Attack: whatever is changed in a signed message, armored, binary or cleartext, it either shows what was signed or nothing.
#[test]
fn a_changed_message_shows_nothing_else() {
    const TEXT: &[u8] = b"Pay Bob ten.\n- at once\n";
    let keys = NewKey::new(at(0)).generate().unwrap();
    let verifier = Verifier { certs: keys.certs().unwrap(), ..Verifier::new(at(10)) };
    let signer = Signer { keys, over: Over::Lines, ..Signer::new(at(10)) };
    let text = TEXT.to_vec();
    let (mut armored, mut binary, mut cleartext) = (Vec::new(), Vec::new(), Vec::new());
    signer.message(&text, Form::Armored, &mut armored).unwrap();
    signer.message(&text, Form::Binary, &mut binary).unwrap();
    signer.cleartext(&text, &mut cleartext).unwrap();

    let shown = |message: &[u8]| {
        let mut out = Vec::new();
        let verified = verifier.message(&mut { message }, &mut out);
        assert!(verified.is_ok() || out.is_empty(), "something is written that does not count");
        verified.ok().map(|_| out)
    };
    for message in [armored, binary, cleartext] {
        assert_eq!(shown(&message).as_deref(), Some(TEXT));
        let mut refused = 0;
        for at in 0..message.len() {
            for bit in [0x01, 0x20] {
                let mut changed = message.clone();
                changed[at] ^= bit;
                match shown(&changed) {
                    Some(out) => assert_eq!(out, TEXT, "at {at}: {}", String::from_utf8_lossy(&changed)),
                    None => refused += 1,
                }
            }
        }
        assert!(refused > message.len() / 2, "{refused} of {}", 2 * message.len());
    }
}
