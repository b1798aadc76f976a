//! Makes the messages of `testdata/attacks/20-bindings/`, each with the certificate that its author would have believed. Only
//! what is missing is made. `testdata/make.sh` runs it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a program for the test data stops where it must")]

use sequoia_openpgp as openpgp;

use openpgp::cert::{CertBuilder, CipherSuite};
use openpgp::crypto::KeyPair;
use openpgp::packet::key::{Key4, KeyParts, SecretParts, SubordinateRole};
use openpgp::packet::signature::SignatureBuilder;
use openpgp::packet::signature::subpacket::{Subpacket, SubpacketValue};
use openpgp::packet::{Key, UserID};
use openpgp::parse::Parse;
use openpgp::serialize::SerializeInto;
use openpgp::types::{Curve, KeyFlags, SignatureType};
use openpgp::{Cert, Packet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// 2026-01-01T00:00:00Z, as other keys.
const BORN: u64 = 1_767_225_600;
/// 2026-05-31T23:59:00Z, when messages are signed.
const SIGNED: u64 = 1_780_271_940;

const FORGED: &str = "Content-Type: text/plain\r\n\r\nPay Eve 1000 euro.\r\n";
const LETTER: &str = "Content-Type: text/plain\r\n\r\nMeet me at noon.\r\n";
const ALICE: &str = "Alice <alice@example.org>";
const BOB: &str = "Bob <bob@example.org>";
const EVE: &str = "Eve <eve@example.org>";
const FRANK: &str = "Frank <frank@example.org>";

fn main() {
    let (alice, eve) = (persona("alice"), persona("eve"));
    let frank = builder(FRANK).add_signing_subkey().add_userid("Frank <frank@example.com>").generate().unwrap().0;
    let theirs = signing_key();
    let mut their_pair = theirs.clone().into_keypair().unwrap();

    // A signing key of Eve's in Alice's certificate.
    let unbound = with(&alice, vec![public(&theirs)]);
    put("subkey-without-binding", ALICE, FORGED, &mut their_pair, &unbound);
    let by_eve = signing_binding(&eve, &theirs, &mut their_pair);
    let bound_by_eve = with(&alice, vec![public(&theirs), by_eve]);
    put("subkey-bound-by-another", ALICE, FORGED, &mut their_pair, &bound_by_eve);

    // Bob's key for encryption, stolen or lent, and what anybody can write into the unhashed part of its binding.
    let bob = persona("bob");
    let mut encryption = secret(bob.keys().subkeys().secret().next().unwrap().key().clone());
    put("by-an-encryption-subkey", BOB, FORGED, &mut encryption, &bob);
    put("by-an-encryption-subkey-flagged", BOB, FORGED, &mut encryption, &flagged(&bob));

    // Frank's signing subkey in Eve's certificate: she wants to have written what he wrote.
    let franks = frank.keys().subkeys().secret().find(|key| key.key().pk_algo().for_signing()).unwrap().key().clone();
    let adoption = template(SignatureType::SubkeyBinding).set_key_flags(KeyFlags::empty().set_signing()).unwrap();
    let adoption = adoption.sign_subkey_binding(&mut primary(&eve), None, &franks).unwrap();
    let adopted = with(&eve, vec![public(&franks), adoption.into()]);
    put("adopted-subkey", EVE, LETTER, &mut secret(franks.clone()), &adopted);
    put("control-subkey", FRANK, LETTER, &mut secret(franks), &frank);

    // Alice's name in Eve's certificate.
    let name = || Packet::from(UserID::from(ALICE));
    put("user-id-without-signature", ALICE, FORGED, &mut primary(&eve), &with(&eve, vec![name()]));
    let moved = alice.userids().next().unwrap().self_signatures().next().unwrap().clone();
    put("user-id-with-its-signature", ALICE, FORGED, &mut primary(&eve), &with(&eve, vec![name(), moved.into()]));
    let other = builder(EVE).generate().unwrap().0;
    let certification = template(SignatureType::PositiveCertification);
    let certification = UserID::from(ALICE).bind(&mut primary(&other), &eve, certification).unwrap();
    put(
        "user-id-certified-by-another",
        ALICE,
        FORGED,
        &mut primary(&eve),
        &with(&eve, vec![name(), certification.into()]),
    );
    put("control-second-user-id", "Frank <frank@example.com>", LETTER, &mut primary(&frank), &frank);
    put("control-plain", ALICE, LETTER, &mut primary(&alice), &alice);
}

/// Writes certificate and message of this name, unless they are there.
fn put(name: &str, from: &str, entity: &str, by: &mut KeyPair, cert: &Cert) {
    let folder = testdata().join("attacks/20-bindings");
    let (message, certificate) = (folder.join(format!("{name}.eml")), folder.join(format!("{name}.cert.asc")));
    if message.exists() && certificate.exists() {
        return;
    }
    println!("{}", message.display());
    let signature = SignatureBuilder::new(SignatureType::Binary).set_signature_creation_time(at(SIGNED)).unwrap();
    let signature = signature.sign_message(by, entity).unwrap();
    let mut writer = openpgp::armor::Writer::new(Vec::new(), openpgp::armor::Kind::Signature).unwrap();
    openpgp::serialize::Serialize::serialize(&Packet::from(signature), &mut writer).unwrap();
    let armored = String::from_utf8(writer.finalize().unwrap()).unwrap().replace('\n', "\r\n");
    fs::create_dir_all(&folder).unwrap();
    fs::write(certificate, cert.armored().to_vec().unwrap()).unwrap();
    fs::write(
        message,
        format!(
            "From: {from}\r\nTo: carol@example.org, dave@example.org\r\nSubject: Noon\r\n\
             Date: Mon, 01 Jun 2026 00:00:00 +0000\r\nMessage-ID: <noon@example.org>\r\nMIME-Version: 1.0\r\n\
             Content-Type: multipart/signed; micalg=pgp-sha512; protocol=\"application/pgp-signature\"; boundary=signed\r\n\r\n\
             --signed\r\n{entity}\r\n--signed\r\nContent-Type: application/pgp-signature\r\n\r\n{armored}\r\n--signed--\r\n"
        ),
    )
    .unwrap();
}

/// The certificate with what anybody may add to the binding of its encryption subkey: it is for signing now.
fn flagged(cert: &Cert) -> Cert {
    let flags = Subpacket::new(SubpacketValue::KeyFlags(KeyFlags::empty().set_signing()), false).unwrap();
    let packets = cert.clone().strip_secret_key_material().into_packets().map(|packet| match packet {
        Packet::Signature(mut signature) if signature.typ() == SignatureType::SubkeyBinding => {
            signature.unhashed_area_mut().add(flags.clone()).unwrap();
            Packet::Signature(signature)
        }
        other => other,
    });
    Cert::from_packets(packets).unwrap()
}

/// A signing key of nobody's.
fn signing_key() -> Key<SecretParts, SubordinateRole> {
    let mut key: Key<SecretParts, SubordinateRole> = Key4::generate_ecc(true, Curve::Ed25519).unwrap().into();
    key.set_creation_time(at(BORN)).unwrap();
    key
}

/// A whole binding, with the back signature, to another certificate.
fn signing_binding(cert: &Cert, subkey: &Key<SecretParts, SubordinateRole>, pair: &mut KeyPair) -> Packet {
    let back = template(SignatureType::PrimaryKeyBinding);
    let back = back.sign_primary_key_binding(pair, cert.primary_key().key(), subkey).unwrap();
    let binding = template(SignatureType::SubkeyBinding).set_key_flags(KeyFlags::empty().set_signing()).unwrap();
    let binding = binding.set_embedded_signature(back).unwrap();
    binding.sign_subkey_binding(&mut primary(cert), None, subkey).unwrap().into()
}

fn public<P: KeyParts>(key: &Key<P, SubordinateRole>) -> Packet {
    Packet::PublicSubkey(key.clone().parts_into_public())
}

fn secret(key: Key<SecretParts, SubordinateRole>) -> KeyPair {
    key.into_keypair().unwrap()
}

fn primary(cert: &Cert) -> KeyPair {
    cert.primary_key().key().clone().parts_into_secret().unwrap().into_keypair().unwrap()
}

/// The certificate and these packets behind it, whatever they are worth.
fn with(cert: &Cert, packets: Vec<Packet>) -> Cert {
    cert.clone().strip_secret_key_material().insert_packets(packets).unwrap().0
}

fn template(kind: SignatureType) -> SignatureBuilder {
    SignatureBuilder::new(kind).set_signature_creation_time(at(BORN)).unwrap()
}

fn builder(user_id: &str) -> CertBuilder<'static> {
    CertBuilder::new()
        .set_creation_time(at(BORN))
        .set_validity_period(None)
        .set_cipher_suite(CipherSuite::Cv25519)
        .add_userid(user_id)
        .set_primary_key_flags(KeyFlags::empty().set_signing().set_certification())
}

fn persona(name: &str) -> Cert {
    Cert::from_file(testdata().join(format!("openpgp/{name}.key.asc"))).unwrap()
}

fn testdata() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata")
}

fn at(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}
