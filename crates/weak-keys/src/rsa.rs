//! RSA public keys (RFC 8017 §3.1).

use std::fmt;
use std::sync::OnceLock;

use num_bigint::BigUint;
use num_integer::Integer as _;

use crate::close::has_close_factors;
use crate::lately::LATELY;

/// The bits of a modulus under which nothing is proved (RFC 8550 §4.3, RFC 9580 §12.4).
pub const LEAST_BITS: u32 = 2048;
/// The bits that an exponent may have (FIPS 186-5 §5.1): one that is larger hides a small secret one.
const MOST_EXPONENT_BITS: u64 = 256;
/// Primes below this are tried one and all.
const SMALL: u32 = 1 << 16;

/// What is wrong with an RSA key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Weakness {
    /// The modulus has less than 2048 bits.
    Short,
    /// The exponent is even, one, or has more than 256 bits.
    Exponent,
    /// The modulus has a prime factor below 65536.
    SmallFactor,
    /// Most octets of the modulus are alike, so that little of it is secret.
    Pattern,
    /// It was made by the chips of CVE-2017-15361 (ROCA).
    Roca,
    /// The two primes are close together (CVE-2022-26320).
    CloseFactors,
}

impl fmt::Display for Weakness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Weakness::Short => "an RSA key of less than 2048 bits",
            Weakness::Exponent => "an RSA key with a bad exponent",
            Weakness::SmallFactor => "an RSA key with a small factor",
            Weakness::Pattern => "an RSA key that follows a pattern",
            Weakness::Roca => "an RSA key of a bad generator (ROCA)",
            Weakness::CloseFactors => "an RSA key with primes close together",
        })
    }
}

/// What is wrong with the RSA key of this modulus and exponent, both big-endian; `None` when nothing was found. Takes a
/// fraction of a millisecond, and next to nothing for a key that was asked for lately.
pub fn weakness(modulus: &[u8], exponent: &[u8]) -> Option<Weakness> {
    LATELY.remember(modulus, exponent, look)
}

fn look(modulus: &[u8], exponent: &[u8]) -> Option<Weakness> {
    let (n, e) = (BigUint::from_bytes_be(modulus), BigUint::from_bytes_be(exponent));
    let found = if e.is_even() || e.bits() < 2 || e.bits() > MOST_EXPONENT_BITS {
        Weakness::Exponent
    } else if n.bits() < u64::from(LEAST_BITS) {
        Weakness::Short
    } else if follows_a_pattern(&n) {
        Weakness::Pattern
    } else if has_small_factor(&n) {
        Weakness::SmallFactor
    } else if is_of_roca(&n) {
        Weakness::Roca
    } else if has_close_factors(&n) {
        Weakness::CloseFactors
    } else {
        return None;
    };
    Some(found)
}

/// Whether more than an eighth of the octets are the same; of 256 random ones about one is.
fn follows_a_pattern(n: &BigUint) -> bool {
    let octets = n.to_bytes_be();
    let mut counts = [0usize; 256];
    octets.iter().for_each(|octet| counts[usize::from(*octet)] += 1);
    counts.iter().any(|count| count * 8 > octets.len())
}

/// Whether a prime below [`SMALL`] divides it: one greatest common divisor with the product of all.
fn has_small_factor(n: &BigUint) -> bool {
    static PRODUCT: OnceLock<BigUint> = OnceLock::new();
    let product = PRODUCT.get_or_init(|| product(&primes(SMALL)));
    n.gcd(&(product % n)).bits() != 1
}

/// The product, by halves: numbers of the same length are multiplied fastest.
fn product(numbers: &[u32]) -> BigUint {
    match numbers {
        [] => BigUint::from(1u8),
        [one] => BigUint::from(*one),
        more => {
            let (first, second) = more.split_at(more.len() / 2);
            product(first) * product(second)
        }
    }
}

/// The primes below `end` (the sieve of Eratosthenes).
fn primes(end: u32) -> Vec<u32> {
    let mut is_prime = vec![true; end as usize];
    let mut found = Vec::new();
    for number in 2..end {
        if is_prime[number as usize] {
            found.push(number);
            (number.saturating_mul(number)..end)
                .step_by(number as usize)
                .for_each(|one| is_prime[one as usize] = false);
        }
    }
    found
}

/// Whether it is a power of 65537 modulo every prime from 3 to 167: so are all moduli of that generator, and of others one
/// in 2^80.
fn is_of_roca(n: &BigUint) -> bool {
    let is_power = |prime: u32| {
        let rest = (n % prime).iter_u32_digits().next().unwrap_or(0);
        let mut power = 1;
        (0..prime).any(|_| {
            power = power * (65537 % prime) % prime;
            power == rest
        })
    };
    primes(168).into_iter().skip(1).all(is_power)
}

#[cfg(test)]
mod tests {
    use super::*;
    use mailseal_testkit::hex::unhex;
    use proptest::prelude::*;

    const E: &[u8] = &[1, 0, 1];

    /// A modulus of 2048 bits that openssl made.
    fn good() -> Vec<u8> {
        const HEX: &str = "c5d8fd80714fd4d2b5005265ed42e747b2d12b48a6dab6d8e7e62d5355326e219ee173da93dcabd5441af1b6a4906f0c\
                           af0658cc0a19397cf1978d537348f69e421feb3445b1903bce58f18a1bcb45f7901c5a604d8c9c8f6d317c6eacf2ded0\
                           929a375d6f8e2c0ac1c79f8abda5e6b898c130a1958853aea92d634a90a32638c98f250d0acc7a16c4420984ed1964cd\
                           3cd2f771d32dd12b9634a96b13996bac5b1795462c77db2decf4b79a305c0784569bdd3458ff8a1b2f3fca726d944edc\
                           b48ec3caad96fb99e43e3909d62dfd37a3d85163b8cfeed8b2abab0dbb06cd827f1cf4623a0ce3515caa2a4024f1db29\
                           461f559790eeb93516da29da00cb9925";
        unhex(HEX)
    }

    #[test]
    fn a_good_key_is_good() {
        assert_eq!(weakness(&good(), E), None);
        assert_eq!(weakness(&good(), &[3]), None);
        assert_eq!(weakness(&[&[0, 0], &good()[..]].concat(), E), None);
    }

    #[test]
    fn exponents() {
        for exponent in [&[][..], &[0], &[1], &[2], &[1, 0, 0], &[0xff; 33]] {
            assert_eq!(weakness(&good(), exponent), Some(Weakness::Exponent), "{exponent:?}");
        }
    }

    #[test]
    fn nothing_and_little_is_short() {
        for modulus in [&[][..], &[0], &[1], &good()[1..]] {
            assert_eq!(weakness(modulus, E), Some(Weakness::Short));
        }
    }

    #[test]
    fn a_small_factor_is_found() {
        let n = BigUint::from_bytes_be(&good()) * 65521u32;
        assert_eq!(weakness(&n.to_bytes_be(), E), Some(Weakness::SmallFactor));
    }

    #[test]
    fn there_are_6542_primes_of_16_bits() {
        assert_eq!(primes(SMALL).len(), 6542);
    }

    proptest! {
        #[test]
        fn anything_can_be_asked(modulus in prop::collection::vec(any::<u8>(), 0..300), exponent in prop::collection::vec(any::<u8>(), 0..40)) {
            prop_assert!(modulus.len() >= 256 || weakness(&modulus, &exponent).is_some());
        }
    }
}
