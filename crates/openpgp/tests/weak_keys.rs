//! Keys whose secret anybody can find prove nothing and hide nothing, however valid they look (attack 21).

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod common;

use common::{BORN, NOW, Store, at, cert, checks, credential, policy};
use mailseal_core::{Check, Error, Protocol, Purpose, Reason};
use mailseal_openpgp::OpenPgp;
use mailseal_testkit::hex::unhex;
use mailseal_testkit::weak::CLOSE_PRIMES;
use num_bigint::BigUint;
use sequoia_openpgp::packet::key::{Key4, PrimaryRole, SecretParts};
use sequoia_openpgp::packet::signature::SignatureBuilder;
use sequoia_openpgp::packet::{Key, UserID};
use sequoia_openpgp::serialize::SerializeInto;
use sequoia_openpgp::types::{HashAlgorithm, KeyFlags, SignatureType};
use sequoia_openpgp::{Cert, Packet};

/// A certificate with one RSA key, whose primes are close together.
fn close_primes() -> Cert {
    let [p, q] = CLOSE_PRIMES.map(|hex| BigUint::from_bytes_be(&unhex(hex)));
    let phi = (&p - 1u8) * (&q - 1u8);
    let d = BigUint::from(65537u32).modinv(&phi).unwrap();
    let key: Key4<SecretParts, PrimaryRole> =
        Key4::import_secret_rsa(&d.to_bytes_be(), &p.to_bytes_be(), &q.to_bytes_be(), at(BORN)).unwrap();
    let key = Key::from(key);
    let mut signer = key.clone().into_keypair().unwrap();
    let cert = Cert::try_from(vec![Packet::from(key)]).unwrap();
    let user_id = UserID::from("Alice <alice@example.org>");
    let flags = KeyFlags::empty().set_certification().set_signing().set_transport_encryption();
    let binding = SignatureBuilder::new(SignatureType::PositiveCertification)
        .set_signature_creation_time(at(BORN))
        .unwrap()
        .set_key_flags(flags)
        .unwrap();
    let binding = user_id.bind(&mut signer, &cert, binding).unwrap();
    cert.insert_packets(vec![Packet::from(user_id), binding.into()]).unwrap().0
}

/// R67, attack 21: the arithmetic fits, the key does not.
#[test]
fn a_signature_by_close_primes_proves_nothing() {
    let alice = close_primes();
    let mut signer = alice.primary_key().key().clone().parts_into_secret().unwrap().into_keypair().unwrap();
    let signature = SignatureBuilder::new(SignatureType::Binary)
        .set_hash_algo(HashAlgorithm::SHA256)
        .set_signature_creation_time(at(NOW - 60))
        .unwrap()
        .sign_message(&mut signer, b"text")
        .unwrap();
    let signature = Packet::from(signature).to_vec().unwrap();
    let store = Store::of(&[&alice]);
    assert_eq!(checks(&store.verify(b"text", &signature)), [Check::WeakAlgorithm]);
    assert_ne!(checks(&store.verify(b"tex", &signature)), [Check::WeakAlgorithm]);
}

/// Attack 21
#[test]
fn nothing_is_signed_or_encrypted_by_close_primes() {
    let alice = close_primes();
    for purpose in [Purpose::Sign, Purpose::Encrypt] {
        assert_eq!(OpenPgp.usable(&cert(&alice), purpose, &policy()), Err(Reason::WeakAlgorithm));
    }
    let text = b"text".to_vec();
    let sealed = OpenPgp.encrypt(&text, &[cert(&alice)], &[], &policy(), &mut Vec::new());
    assert!(matches!(sealed, Err(Error::CannotEncrypt { .. })), "{sealed:?}");
    let signed = OpenPgp.sign(&text, &[credential(&alice)], &policy(), &mut Vec::new());
    assert!(matches!(signed, Err(Error::CannotSign { .. })), "{signed:?}");
}
