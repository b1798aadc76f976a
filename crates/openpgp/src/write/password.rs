//! The session key under a password (RFC 9580 §5.3).

use mailseal_core::Passphrase;
use sequoia_openpgp::Packet;
use sequoia_openpgp::Result;
use sequoia_openpgp::crypto::{Password, S2K, SessionKey, random};
use sequoia_openpgp::packet::SKESK;
use sequoia_openpgp::packet::skesk::{SKESK4, SKESK6};
use sequoia_openpgp::types::{AEADAlgorithm, SymmetricAlgorithm};

/// Version 6 with Argon2 for SEIPD version 2, which only a program of RFC 9580 reads anyhow; else version 4 with the largest
/// count of iterations of SHA-256, the strongest that gpg 2.2 reads.
pub(crate) fn packet(
    passphrase: &Passphrase,
    session_key: &SessionKey,
    cipher: SymmetricAlgorithm,
    aead: Option<AEADAlgorithm>,
) -> Result<Packet> {
    let password = Password::from(passphrase.reveal());
    let packet = match aead {
        Some(aead) => SKESK::from(SKESK6::with_password(cipher, cipher, aead, argon2()?, session_key, &password)?),
        None => SKESK::from(SKESK4::with_password(cipher, cipher, S2K::default(), session_key, &password)?),
    };
    Ok(Packet::from(packet))
}

/// The second choice of RFC 9106 §4: three passes over 64 MiB in four lanes.
fn argon2() -> Result<S2K> {
    let mut salt = [0; 16];
    random(&mut salt)?;
    Ok(S2K::Argon2 { salt, t: 3, p: 4, m: 16 })
}
