//! Whether a secret key belongs to its public key. Nothing in a file of keys says so: without a lock it may have no checksum at all
//! (RFC 9580 §5.5.3), and nobody signed it.

use sequoia_openpgp::crypto::mpi::PublicKey;
use sequoia_openpgp::crypto::{Decryptor, KeyPair, SessionKey, Signer};
use sequoia_openpgp::types::HashAlgorithm;

/// What is signed and encrypted for a try, of the length of a SHA-512 digest and of an AES-256 key.
const DIGEST: [u8; 64] = [0x5a; 64];
const SESSION_KEY: [u8; 32] = [0xa5; 32];

/// Tries it. What this build cannot do with the public key alone is not held against it.
pub(crate) fn belongs(pair: &KeyPair) -> bool {
    let mut pair = pair.clone();
    if signs_here(&pair) {
        let signature = pair.sign(HashAlgorithm::SHA512, &DIGEST);
        return signature.is_ok_and(|made| pair.public().verify(&made, HashAlgorithm::SHA512, &DIGEST).is_ok());
    }
    let session_key = SessionKey::from(&SESSION_KEY[..]);
    match pair.public().encrypt(&session_key) {
        Ok(ciphertext) => pair.decrypt(&ciphertext, Some(SESSION_KEY.len())).is_ok_and(|opened| opened == session_key),
        Err(_) => true,
    }
}

/// Whether it is a key that signs, and this build can sign with it.
fn signs_here(pair: &KeyPair) -> bool {
    let algorithm = pair.public().pk_algo();
    let knows_curve = match pair.public().mpis() {
        PublicKey::ECDSA { curve, .. } | PublicKey::EdDSA { curve, .. } => curve.is_supported(),
        _ => true,
    };
    algorithm.for_signing() && algorithm.is_supported() && knows_curve
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::OpenPgp;
    use mailseal_core::{Error, KeyFiles, Lock, NoPrompt, Part, Protocol, Revision, RevocationReason};
    use sequoia_openpgp::cert::{CertBuilder, CipherSuite};
    use sequoia_openpgp::packet::Key;
    use sequoia_openpgp::packet::key::{SecretParts, UnspecifiedRole};
    use sequoia_openpgp::{Cert, Packet, Profile};
    use std::sync::Arc;
    use std::time::{Duration, SystemTime};

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn made(profile: Profile, suite: CipherSuite) -> Cert {
        let builder = CertBuilder::new().set_creation_time(at(1_767_225_600)).add_userid("alice@example.org");
        let builder = builder.add_transport_encryption_subkey().set_cipher_suite(suite).set_profile(profile).unwrap();
        builder.generate().unwrap().0
    }

    fn secrets(cert: &Cert) -> Vec<Key<SecretParts, UnspecifiedRole>> {
        cert.keys().secret().map(|key| key.key().clone().role_into_unspecified()).collect()
    }

    /// The secret of one key under the public part of another.
    fn mixed(
        public: &Key<SecretParts, UnspecifiedRole>,
        secret: &Key<SecretParts, UnspecifiedRole>,
    ) -> Key<SecretParts, UnspecifiedRole> {
        public.clone().parts_into_public().add_secret(secret.secret().clone()).0
    }

    #[test]
    fn own_and_foreign_secrets() {
        for (profile, suite) in [
            (Profile::RFC4880, CipherSuite::Cv25519),
            (Profile::RFC4880, CipherSuite::P256),
            (Profile::RFC4880, CipherSuite::RSA2k),
            (Profile::RFC9580, CipherSuite::Cv25519),
            (Profile::RFC9580, CipherSuite::Cv448),
        ] {
            let (alice, eve) = (secrets(&made(profile, suite)), secrets(&made(profile, suite)));
            for (one, other) in alice.iter().zip(&eve) {
                assert!(belongs(&one.clone().into_keypair().unwrap()), "{suite:?}");
                let pair = mixed(one, other).into_keypair();
                assert!(pair.is_err() || !belongs(&pair.unwrap()), "{suite:?} {:?}", one.pk_algo());
            }
        }
    }

    /// Found by fuzzing: with a secret that is another's a key was kept as one's own, and a revocation was made that revokes nothing.
    #[test]
    fn what_does_not_belong_is_neither_kept_nor_used() {
        let (alice, eve) = (made(Profile::RFC9580, CipherSuite::Cv25519), made(Profile::RFC9580, CipherSuite::Cv25519));
        let revision = Revision::Revoke { part: Part::Whole, reason: RevocationReason::Compromised, message: "" };
        for (at_key, of_primary) in [(0, true), (1, false)] {
            let key = mixed(&secrets(&alice)[at_key], &secrets(&eve)[at_key]);
            let packet = match of_primary {
                true => Packet::from(key.role_into_primary()),
                false => Packet::from(key.role_into_subordinate()),
            };
            let cert = alice.clone().insert_packets([packet]).unwrap().0;
            let encoded = crate::key::write::armored(&cert).unwrap();
            let key = OpenPgp.parse_keys(&encoded, "alice.key", &[], Arc::new(NoPrompt)).unwrap().remove(0);
            for lock in [Lock::AsItWas, Lock::Open] {
                assert!(matches!(OpenPgp.keep_key(&key, lock), Err(Error::Key(_))));
            }
            let revised = OpenPgp.revise(&key, &revision, at(1_780_272_000));
            assert_eq!(matches!(revised, Err(Error::Key(_))), of_primary);
        }
    }
}
