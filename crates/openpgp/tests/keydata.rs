//! R128: the key data of an Autocrypt field is five packets that say what the whole certificate says.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails where it must")]

mod common;

use common::{Store, at, builder, cert, checks, encrypt, generate, persona, policy, sign};
use mailseal_core::{Address, Cert, Check, Error, Policy, Protocol, Purpose};
use mailseal_openpgp::OpenPgp;
use mailseal_testkit::gnupg::Home;
use mailseal_testkit::personas::{ALICE, BOB, CAROL, ERIN, REVOKED};
use sequoia_openpgp as openpgp;
use sequoia_openpgp::Packet;
use sequoia_openpgp::PacketPile;
use sequoia_openpgp::cert::amalgamation::{ValidAmalgamation, ValidateAmalgamation};
use sequoia_openpgp::cert::{CertBuilder, CipherSuite};
use sequoia_openpgp::packet::key::{Key4, SecretParts, SubordinateRole};
use sequoia_openpgp::packet::signature::SignatureBuilder;
use sequoia_openpgp::packet::{Key, Tag};
use sequoia_openpgp::parse::Parse;
use sequoia_openpgp::types::{Curve, KeyFlags, ReasonForRevocation, SignatureType};
use std::time::Duration;

const FIVE: [Tag; 5] = [Tag::PublicKey, Tag::UserID, Tag::Signature, Tag::PublicSubkey, Tag::Signature];

fn keydata(cert: &Cert, address: &str) -> Result<Vec<u8>, Error> {
    OpenPgp.keydata(cert, &Address::parse(address).unwrap(), &policy())
}

fn tags(keydata: &[u8]) -> Vec<Tag> {
    PacketPile::from_bytes(keydata).unwrap().descendants().map(Packet::tag).collect()
}

#[track_caller]
fn assert_refused(cert: &Cert, address: &str, why: &str) {
    match keydata(cert, address) {
        Err(Error::CannotEncrypt { why: found, .. }) => assert!(found.contains(why), "{found}"),
        other => panic!("{other:?}"),
    }
}

/// R128, R130: others encrypt to it and verify with it, and gpg takes it.
#[test]
fn five_packets_that_do() {
    let home = Home::new();
    for who in [ALICE, BOB, CAROL, ERIN] {
        let whole = persona(who);
        let keydata = keydata(&whole.cert, who.address).unwrap();
        assert_eq!(tags(&keydata), FIVE, "{}", who.name);
        assert!(keydata.len() <= whole.cert.encoded().len());
        let small = OpenPgp.parse_certs(&keydata).unwrap().remove(0);
        assert_eq!(small.fingerprint(), whole.cert.fingerprint());
        assert_eq!((small.addresses(), small.not_after()), (whole.cert.addresses(), whole.cert.not_after()));

        let text = b"Content-Type: text/plain\r\n\r\nHello\r\n";
        let sealed = encrypt(text, std::slice::from_ref(&small), &[]);
        let store = Store { certs: vec![small], keys: vec![whole.clone()], ..Store::default() };
        assert_eq!(store.open(&sealed).1.as_deref(), Some(text.as_slice()), "{}", who.name);
        let (_, signature) = sign(text, std::slice::from_ref(&whole));
        assert_eq!(checks(&store.verify(text, &signature)), [Check::Valid]);
        if let Some(home) = &home {
            drop(home.gpg().arg("--import").stdin(keydata.as_slice()).succeed());
        }
    }
}

/// R130: one User ID, that of the address, which was not revoked; one subkey, the newest that encrypts.
#[test]
fn the_user_id_and_the_subkey() {
    let (key, _) = CertBuilder::new()
        .set_creation_time(at(common::BORN))
        .set_cipher_suite(CipherSuite::Cv25519)
        .add_userid("First <first@example.org>")
        .add_userid("Second <second@example.org>")
        .set_primary_key_flags(KeyFlags::empty().set_signing().set_certification())
        .add_transport_encryption_subkey()
        .add_signing_subkey()
        .add_subkey(KeyFlags::empty().set_storage_encryption().set_transport_encryption(), None, None)
        .generate()
        .unwrap();
    let whole = cert(&key);
    for address in ["first@example.org", "Second@Example.org"] {
        let keydata = keydata(&whole, address).unwrap();
        assert_eq!(tags(&keydata), FIVE);
        let small = OpenPgp.parse_certs(&keydata).unwrap().remove(0);
        assert_eq!(small.addresses(), [Address::parse(address).unwrap()]);
        OpenPgp.usable(&small, Purpose::Encrypt, &policy()).unwrap();
    }
    assert_refused(&whole, "third@example.org", "does not name third@example.org");

    let mut signer = key.primary_key().key().clone().parts_into_secret().unwrap().into_keypair().unwrap();
    let mut newer: Key<SecretParts, SubordinateRole> = Key4::generate_ecc(false, Curve::Cv25519).unwrap().into();
    newer.set_creation_time(at(common::BORN + 60)).unwrap();
    let binding = SignatureBuilder::new(SignatureType::SubkeyBinding)
        .set_signature_creation_time(at(common::BORN + 60))
        .unwrap()
        .set_key_flags(KeyFlags::empty().set_transport_encryption())
        .unwrap();
    let binding = newer.bind(&mut signer, &key, binding).unwrap();
    let rotated = key.clone().insert_packets([Packet::from(newer.clone()), binding.into()]).unwrap().0;
    let small = openpgp::Cert::from_bytes(&keydata(&cert(&rotated), "first@example.org").unwrap()).unwrap();
    let subkeys: Vec<_> = small.keys().subkeys().map(|subkey| subkey.key().fingerprint()).collect();
    assert_eq!(subkeys, [newer.fingerprint()]);

    let revocation = openpgp::cert::UserIDRevocationBuilder::new()
        .set_signature_creation_time(at(common::BORN + 60))
        .unwrap()
        .set_reason_for_revocation(ReasonForRevocation::UIDRetired, b"moved")
        .unwrap()
        .build(&mut signer, &key, key.userids().next().unwrap().userid(), None)
        .unwrap();
    let revoked = cert(&key.clone().insert_packets(revocation).unwrap().0);
    let names: Vec<_> =
        ["first@example.org", "second@example.org"].iter().map(|a| keydata(&revoked, a).is_ok()).collect();
    let retired = key.userids().next().unwrap().userid().email().unwrap() == Some("first@example.org");
    assert_eq!(names, [!retired, retired]);
}

/// What five packets cannot say is not said in five packets.
#[test]
fn certificates_without_such_a_form() {
    let address = "a@example.org";
    let no_signing_primary = builder(address)
        .set_primary_key_flags(KeyFlags::empty().set_certification())
        .add_signing_subkey()
        .generate()
        .unwrap()
        .0;
    assert_refused(&cert(&no_signing_primary), address, "primary key alone does not sign");
    let flags = KeyFlags::empty().set_certification().set_signing().set_transport_encryption();
    let one_key = CertBuilder::new()
        .set_creation_time(at(common::BORN))
        .set_cipher_suite(CipherSuite::RSA2k)
        .add_userid(format!("<{address}>"))
        .set_primary_key_flags(flags)
        .generate()
        .unwrap()
        .0;
    OpenPgp.usable(&cert(&one_key), Purpose::Encrypt, &policy()).unwrap();
    assert_refused(&cert(&one_key), address, "no encryption subkey");
    let revoked = OpenPgp.parse_certs(&std::fs::read(REVOKED.openpgp_cert()).unwrap()).unwrap().remove(0);
    assert_refused(&revoked, REVOKED.address, "revoked");
    let version_6 = builder(address).set_profile(openpgp::Profile::RFC9580).unwrap().generate().unwrap().0;
    assert_refused(&cert(&version_6), address, "version");
    let mut no_subkey = generate(address, CipherSuite::Cv25519).into_packets().collect::<Vec<_>>();
    no_subkey.retain(|packet| !matches!(packet.tag(), Tag::PublicSubkey | Tag::SecretSubkey));
    let signatures = no_subkey.iter().rposition(|packet| packet.tag() == Tag::Signature).unwrap();
    no_subkey.remove(signatures);
    assert_refused(&cert(&openpgp::Cert::from_packets(no_subkey.into_iter()).unwrap()), address, "usage");

    let brief = builder(address).set_validity_period(Duration::from_secs(60)).generate().unwrap().0;
    let brief = cert(&brief);
    assert_refused(&brief, address, "expired");
    let early = Policy::at(at(common::BORN + 30));
    let keydata = OpenPgp.keydata(&brief, &Address::parse(address).unwrap(), &early).unwrap();
    let small = OpenPgp.parse_certs(&keydata).unwrap().remove(0);
    assert_eq!(small.not_after(), Some(at(common::BORN + 60)));
    OpenPgp.usable(&small, Purpose::Encrypt, &policy()).unwrap_err();
}

/// A certificate whose direct-key signature alone says when it ends would live for ever without it.
#[test]
fn an_end_that_would_be_lost() {
    let key = builder("a@example.org").generate().unwrap().0;
    let mut signer = key.primary_key().key().clone().parts_into_secret().unwrap().into_keypair().unwrap();
    let standard = openpgp::policy::StandardPolicy::new();
    let direct = key.primary_key().with_policy(&standard, at(common::BORN)).unwrap();
    let ends = SignatureBuilder::from(direct.direct_key_signature().unwrap().clone())
        .set_signature_creation_time(at(common::BORN + 60))
        .unwrap()
        .set_key_validity_period(Duration::from_secs(400 * 24 * 60 * 60))
        .unwrap()
        .sign_direct_key(&mut signer, None)
        .unwrap();
    let ending = key.clone().insert_packets(ends).unwrap().0;
    assert_eq!(tags(&keydata(&cert(&key), "a@example.org").unwrap()), FIVE);
    assert_refused(&cert(&ending), "a@example.org", "when it ends");
}
