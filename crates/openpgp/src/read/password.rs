//! From a symmetric-key encrypted session key (RFC 9580 §5.3) to the session key: passphrases, within limits.

use crate::read::librepgp::Wrapped;
use crate::read::session_key::SHORTEST;
use mailseal_core::{Decryption, KeySource, Locked, ProtocolId};
use sequoia_openpgp::Result;
use sequoia_openpgp::crypto::{Password, S2K, SessionKey};
use sequoia_openpgp::packet::SKESK;
use sequoia_openpgp::types::SymmetricAlgorithm;

/// The most passwords of one message.
pub(crate) const MAX_PASSWORDS: usize = 16;

/// Passphrases that are tried on one message.
const ATTEMPTS: usize = 32;

/// A session key that a password opens.
pub(crate) enum Packet {
    /// Of RFC 9580, version 4 or 6.
    Standard(SKESK),
    /// Of LibrePGP.
    LibrePgp(Wrapped),
}

impl Packet {
    fn s2k(&self) -> Option<(&S2K, SymmetricAlgorithm)> {
        match self {
            Packet::Standard(SKESK::V4(one)) => Some((one.s2k(), one.symmetric_algo())),
            Packet::Standard(SKESK::V6(one)) => Some((one.s2k(), one.symmetric_algo())),
            Packet::LibrePgp(one) => Some((&one.s2k, one.cipher)),
            _ => None,
        }
    }

    /// The session key, and the cipher for which it is where the packet says so.
    fn decrypt(&self, password: &Password) -> Result<(Option<SymmetricAlgorithm>, SessionKey)> {
        match self {
            Packet::Standard(one) => one.decrypt(password),
            Packet::LibrePgp(one) => Ok((Some(one.cipher), one.decrypt(password)?)),
        }
    }
}

/// The containers, each of which has its own version of the packet for passwords.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Container {
    /// SEIPD version 1: version 4.
    One,
    /// SEIPD version 2: version 6.
    Two,
    /// LibrePGP's: version 5.
    LibrePgp,
}

impl Container {
    fn takes(self, packet: &Packet) -> bool {
        self == match packet {
            Packet::Standard(SKESK::V6(_)) => Container::Two,
            Packet::Standard(_) => Container::One,
            Packet::LibrePgp(_) => Container::LibrePgp,
        }
    }
}

/// Tries the passphrases that `keys` gives, each on every packet that fits the container, until `accept` takes a session key.
/// Whoever has no passphrase has no key.
///
/// What `accept` refuses early, by the repeated octets of SEIPD version 1, and what is refused at the end, by the integrity
/// of the whole, gives the same outcome.
pub(crate) fn find(
    packets: &[Packet],
    container: Container,
    keys: &dyn KeySource,
    accept: &mut dyn FnMut(Option<SymmetricAlgorithm>, &SessionKey) -> bool,
) -> Decryption {
    let fitting: Vec<&Packet> = packets.iter().filter(|packet| container.takes(packet)).collect();
    let mut outcome = Decryption::NoKey;
    if fitting.is_empty() {
        return outcome;
    }
    let message = Locked::new(ProtocolId::OPENPGP, "this message");
    let mut budget = Budget::default();
    for attempt in 0..ATTEMPTS {
        let Some(passphrase) = keys.passphrase(&message, attempt) else { break };
        outcome = Decryption::Failed;
        let passphrase = Password::from(passphrase.reveal());
        for packet in &fitting {
            if !budget.spend(packet) {
                continue;
            }
            let Ok((announced, key)) = packet.decrypt(&passphrase) else { continue };
            if key.len() >= SHORTEST && accept(announced, &key) {
                return Decryption::Done;
            }
        }
    }
    outcome
}

/// What may still be computed for one message, however many passwords and passphrases there are: whoever wrote the message
/// chose the costs (attack 23).
struct Budget {
    /// Octets that are hashed (RFC 9580 §3.7.1.3): thirty-three times the largest count.
    hashed: u64,
    /// KiB that Argon2 fills (§3.7.1.4), memory times passes: twice its largest memory.
    filled: u64,
}

/// 2 GiB, the first choice of RFC 9106 §4, as an exponent over KiB. A fuzzer has no patience, here and below.
const MAX_ARGON2_MEMORY: u8 = if cfg!(fuzzing) { 6 } else { 21 };

/// Octets.
const HASHED: u64 = if cfg!(fuzzing) { 128 << 10 } else { 2 << 30 };

/// Whether a single derivation costs no more than all of one message may: whoever wrote a file with a locked key chose the cost
/// of that too.
pub(crate) fn is_affordable(s2k: &S2K) -> bool {
    match s2k {
        S2K::Argon2 { t, m, .. } => *m <= MAX_ARGON2_MEMORY && u64::from(*t) << m <= Budget::default().filled,
        S2K::Iterated { hash_bytes, .. } => u64::from(*hash_bytes) <= Budget::default().hashed,
        _ => true,
    }
}

impl Default for Budget {
    fn default() -> Budget {
        Budget { hashed: HASHED, filled: 2 << MAX_ARGON2_MEMORY }
    }
}

impl Budget {
    /// Takes one derivation off, if it is affordable.
    fn spend(&mut self, packet: &Packet) -> bool {
        let Some((s2k, cipher)) = packet.s2k() else { return false };
        let Ok(key_size) = cipher.key_size() else { return false };
        let (left, cost) = match s2k {
            S2K::Argon2 { m, .. } if *m > MAX_ARGON2_MEMORY => return false,
            S2K::Argon2 { t, m, .. } => (&mut self.filled, u64::from(*t) << m),
            S2K::Iterated { hash, hash_bytes, .. } => {
                let Ok(digest) = hash.digest_size() else { return false };
                (&mut self.hashed, u64::from(*hash_bytes) * key_size.div_ceil(digest) as u64)
            }
            _ => return true,
        };
        match left.checked_sub(cost) {
            Some(rest) => *left = rest,
            None => return false,
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sequoia_openpgp::packet::skesk::SKESK4;
    use sequoia_openpgp::types::HashAlgorithm;

    fn packet(s2k: S2K) -> Packet {
        SKESK4::new(SymmetricAlgorithm::AES256, s2k, None).map(|one| Packet::Standard(one.into())).expect("a packet")
    }

    fn affordable(s2k: &S2K) -> usize {
        let mut budget = Budget::default();
        (0..1000).take_while(|_| budget.spend(&packet(s2k.clone()))).count()
    }

    /// Attack 23: what other programs write is tried often enough, the largest that the format allows is not.
    #[test]
    fn a_message_has_a_budget() {
        let iterated = |hash, hash_bytes| S2K::Iterated { hash, salt: [0; 8], hash_bytes };
        assert_eq!(affordable(&iterated(HashAlgorithm::SHA256, 0x03e0_0000)), 33);
        assert_eq!(affordable(&iterated(HashAlgorithm::SHA1, 0x03e0_0000)), 16);
        assert_eq!(affordable(&iterated(HashAlgorithm::SHA256, 65536)), 1000);
        let argon2 = |t, m| S2K::Argon2 { salt: [0; 16], t, p: 4, m };
        assert_eq!(affordable(&argon2(3, 16)), 21);
        assert_eq!(affordable(&argon2(1, 21)), 2);
        assert_eq!(affordable(&argon2(1, 22)), 0);
        assert_eq!(affordable(&argon2(255, 21)), 0);
        assert_eq!(affordable(&argon2(1, 255)), 0);
    }
}
