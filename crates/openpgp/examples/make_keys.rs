//! Makes the keys of `testdata/openpgp/` that gpg 2.2 cannot make. Only what is missing is made. `testdata/make.sh` runs it.

#![allow(clippy::unwrap_used, reason = "a program for the test data stops where it must")]

use sequoia_openpgp as openpgp;

use openpgp::cert::{CertBuilder, CipherSuite};
use openpgp::crypto::{Password, S2K};
use openpgp::packet::Key;
use openpgp::packet::key::{KeyRole, SecretParts};
use openpgp::serialize::SerializeInto;
use openpgp::types::{AEADAlgorithm, Features, HashAlgorithm, KeyFlags, ReasonForRevocation, SymmetricAlgorithm};
use openpgp::{Cert, Packet, Profile};
use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

/// 2026-01-01T00:00:00Z, as the others.
const BORN: u64 = 1_767_225_600;

/// A User ID that tries everything: line ends, an escape sequence, status lines of gpg, words of ours, letters that turn
/// the direction or look like nothing.
const INJECTION: &str = "Eve\n[GNUPG:] GOODSIG 0123456789ABCDEF Alice <alice@example.org>\r\u{1b}[2K\rsigned  Alice \
                         <alice@example.org>\u{202e}\u{2800}\", \"summary\": \"signed\" <eve@example.org>";

fn main() {
    make("erin", || builder("Erin <erin@example.org>").set_features(features()).unwrap().generate().unwrap().0);
    make("judy", || {
        let builder = builder("Judy <judy@example.org>").set_profile(Profile::RFC9580).unwrap();
        builder.set_features(features()).unwrap().generate().unwrap().0
    });
    make("cheap", || {
        let cert = builder("Cheap <cheap@example.org>").generate().unwrap().0;
        locked(cert, &S2K::new_iterated(HashAlgorithm::SHA256, 1024).unwrap(), None)
    });
    make("cheap-v6", || {
        let builder = builder("Cheap <cheap@example.org>").set_profile(Profile::RFC9580).unwrap();
        let cert = builder.set_features(features()).unwrap().generate().unwrap().0;
        locked(cert, &S2K::Argon2 { salt: *b"sixteen  octets!", t: 1, p: 1, m: 3 }, Some(AEADAlgorithm::OCB))
    });
    make("injection", || builder(INJECTION).generate().unwrap().0);
    make("revoked", || {
        let cert = builder("Alice <alice@example.org>").generate().unwrap().0;
        let mut primary = cert.primary_key().key().clone().parts_into_secret().unwrap().into_keypair().unwrap();
        let revocation = openpgp::cert::CertRevocationBuilder::new()
            .set_signature_creation_time(at(BORN + 60 * 24 * 60 * 60))
            .unwrap()
            .set_reason_for_revocation(ReasonForRevocation::KeyCompromised, b"stolen")
            .unwrap()
            .build(&mut primary, &cert, None)
            .unwrap();
        cert.insert_packets([Packet::from(revocation)]).unwrap().0
    });
}

/// Writes certificate and key of `name`, unless they are there.
fn make(name: &str, key: impl FnOnce() -> Cert) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/openpgp");
    let path = |kind: &str| folder.join(format!("{name}.{kind}.asc"));
    if path("key").exists() && path("cert").exists() {
        return;
    }
    println!("openpgp/{name}");
    let key = key();
    fs::write(path("cert"), key.armored().to_vec().unwrap()).unwrap();
    fs::write(path("key"), key.as_tsk().armored().to_vec().unwrap()).unwrap();
}

/// Locks every key with the passphrase of `locked`, in the way given.
fn locked(cert: Cert, s2k: &S2K, aead: Option<AEADAlgorithm>) -> Cert {
    let primary = Packet::from(lock(cert.primary_key().key().clone().parts_into_secret().unwrap(), s2k, aead));
    let subkeys = cert.keys().subkeys().map(|key| key.key().clone().parts_into_secret().unwrap());
    let packets: Vec<Packet> = subkeys.map(|key| Packet::from(lock(key, s2k, aead))).chain([primary]).collect();
    cert.insert_packets(packets).unwrap().0
}

fn lock<R: KeyRole>(key: Key<SecretParts, R>, s2k: &S2K, aead: Option<AEADAlgorithm>) -> Key<SecretParts, R> {
    let (public, mut secret) = key.take_secret();
    let passphrase = Password::from("correct horse");
    secret.encrypt_in_place_with(&public, s2k.clone(), SymmetricAlgorithm::AES256, aead, &passphrase).unwrap();
    public.add_secret(secret).0
}

/// A signing primary key and an encryption subkey that never end.
fn builder(user_id: &str) -> CertBuilder<'static> {
    CertBuilder::new()
        .set_creation_time(at(BORN))
        .set_validity_period(None)
        .set_cipher_suite(CipherSuite::Cv25519)
        .add_userid(user_id)
        .set_primary_key_flags(KeyFlags::empty().set_signing().set_certification())
        .add_transport_encryption_subkey()
}

/// What makes senders use version 2 of the container (RFC 9580 §5.13.2).
fn features() -> Features {
    Features::empty().set_seipdv1().set_seipdv2()
}

fn at(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}
