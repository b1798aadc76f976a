//! Fermat's method: it factors a modulus at once when its two primes are close together (CVE-2022-26320).

use num_bigint::BigUint;

/// How many squares are tried. Primes of a careful generator differ in their first 100 bits (FIPS 186-5 §A.1.3), and need
/// many times the age of the universe.
const ROUNDS: usize = 100;

/// Whether `modulus`, an odd number, is the product of two numbers close together.
pub(crate) fn has_close_factors(modulus: &BigUint) -> bool {
    let mut middle = modulus.sqrt();
    if &middle * &middle < *modulus {
        middle += 1u8;
    }
    // middle² - modulus, for each middle from the square root on.
    let mut difference = &middle * &middle - modulus;
    for _ in 0..ROUNDS {
        if is_square(&difference) {
            return true;
        }
        difference += &middle + &middle + 1u8;
        middle += 1u8;
    }
    false
}

fn is_square(number: &BigUint) -> bool {
    // Few numbers end like a square in four ways at once: most cost no square root.
    if !MODULI.iter().all(|modulus| is_square_modulo(number, *modulus)) {
        return false;
    }
    let root = number.sqrt();
    &root * &root == *number
}

/// Coprime to one another, and each with few squares.
const MODULI: [u32; 4] = [64, 63, 65, 11];

fn is_square_modulo(number: &BigUint, modulus: u32) -> bool {
    let rest = (number % modulus).iter_u32_digits().next().unwrap_or(0);
    (0..modulus).any(|root| root * root % modulus == rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(decimal: &str) -> BigUint {
        decimal.parse().unwrap()
    }

    #[test]
    fn twin_primes_are_close() {
        // Two primes near 10^30.
        let (p, q) = (number("1000000000000000000000000000057"), number("1000000000000000000000000000099"));
        assert!(has_close_factors(&(&p * &q)));
        assert!(has_close_factors(&(&p * &p)));
    }

    #[test]
    fn squares_are_told_apart() {
        let squares: Vec<u32> = (0..5000u32).filter(|number| is_square(&BigUint::from(*number))).collect();
        assert_eq!(squares, (0..71).map(|root| root * root).collect::<Vec<_>>());
    }

    #[test]
    fn distant_primes_are_not() {
        let (p, q) = (number("1000000000000000000000000000057"), number("1999999999999999999999999999957"));
        assert!(!has_close_factors(&(p * q)));
    }
}
