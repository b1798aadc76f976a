//! Poly1305 ([RFC 8439 §2.5](https://www.rfc-editor.org/rfc/rfc8439#section-2.5)) in parts.
//!
//! It evaluates a polynomial in r modulo 2¹³⁰ - 5, whose coefficients are the blocks. With c blocks in C,
//! P(A ‖ C) = P(A) · rᶜ + P(C): what comes first can be given last. The crate `poly1305` keeps its accumulator to itself,
//! so the arithmetic is here; the tests compare the two
//! (ADR 0090).

use zeroize::{Zeroize, ZeroizeOnDrop};

/// A number modulo 2¹³⁰ - 5 in limbs of 44, 44 and 42 bits; a little more than that between steps.
type Number = [u64; 3];

const MASK_44: u64 = (1 << 44) - 1;
const MASK_42: u64 = (1 << 42) - 1;

/// A polynomial being evaluated. Every step takes the same time whatever the numbers.
#[derive(Zeroize, ZeroizeOnDrop)]
pub(super) struct Polynomial {
    r: Number,
    sum: Number,
}

impl Polynomial {
    /// Starts with the first half of the one-time key.
    pub(super) fn new(r: &[u8; 16]) -> Self {
        let clamped = u128::from_le_bytes(*r) & 0x0fff_fffc_0fff_fffc_0fff_fffc_0fff_ffff;
        Self { r: limbs(clamped, 0), sum: [0; 3] }
    }

    /// Takes in the next blocks, the last one filled up with zeros.
    pub(super) fn update_padded(&mut self, data: &[u8]) {
        self.sum = evaluate(&self.r, self.sum, data);
    }

    /// Takes in `data`, filled up with zeros to whole blocks, as if it had come before the `blocks` so far.
    pub(super) fn prepend_padded(&mut self, data: &[u8], mut blocks: u64) {
        let mut value = evaluate(&self.r, [0; 3], data);
        let mut power = self.r;
        while blocks > 0 {
            if blocks & 1 == 1 {
                value = multiply(&value, &power);
            }
            power = multiply(&power, &power);
            blocks >>= 1;
        }
        self.sum = carry(add(self.sum, value).map(u128::from));
    }

    /// The value plus the second half of the one-time key, modulo 2¹²⁸.
    pub(super) fn finish(&self, mask: &[u8; 16]) -> [u8; 16] {
        // Twice, so that no limb holds more than its bits.
        let [a, b, c] = carry(carry(self.sum.map(u128::from)).map(u128::from));
        // Below the modulus: the value less 2¹³⁰ - 5, that is plus 5, wins if it reaches 2¹³⁰.
        let a5 = a + 5;
        let b5 = b + (a5 >> 44);
        let c5 = c + (b5 >> 44);
        let wins = (c5 >> 42).wrapping_neg();
        let pick = |reduced: u64, plain: u64| (reduced & wins) | (plain & !wins);
        let (a, b, c) = (pick(a5 & MASK_44, a), pick(b5 & MASK_44, b), pick(c5 & MASK_42, c));
        let value = u128::from(a) | (u128::from(b) << 44) | (u128::from(c) << 88);
        value.wrapping_add(u128::from_le_bytes(*mask)).to_le_bytes()
    }
}

/// `sum` after the blocks of `data`, each with its 2¹²⁸.
fn evaluate(r: &Number, mut sum: Number, data: &[u8]) -> Number {
    for piece in data.chunks(16) {
        let mut block = [0; 16];
        block[..piece.len()].copy_from_slice(piece);
        sum = multiply(&add(sum, limbs(u128::from_le_bytes(block), 1)), r);
    }
    sum
}

/// The number `high` · 2¹²⁸ + `low`.
fn limbs(low: u128, high: u64) -> Number {
    let limb = |shift: u32| (low >> shift) as u64;
    [limb(0) & MASK_44, limb(44) & MASK_44, limb(88) | (high << 40)]
}

fn add(a: Number, b: Number) -> Number {
    [a[0] + b[0], a[1] + b[1], a[2] + b[2]]
}

/// The product. 2¹³² is 20 modulo 2¹³⁰ - 5.
fn multiply(a: &Number, b: &Number) -> Number {
    let product = |x: u64, y: u64| u128::from(x) * u128::from(y);
    let (b1, b2) = (20 * b[1], 20 * b[2]);
    carry([
        product(a[0], b[0]) + product(a[1], b2) + product(a[2], b1),
        product(a[0], b[1]) + product(a[1], b[0]) + product(a[2], b2),
        product(a[0], b[2]) + product(a[1], b[1]) + product(a[2], b[0]),
    ])
}

/// Limbs of their widths, the middle one perhaps by one more than fits.
fn carry([a, b, c]: [u128; 3]) -> Number {
    let b = b + (a >> 44);
    let c = c + (b >> 44);
    // What is beyond 2¹³⁰ comes back five times.
    let a = u128::from(a as u64 & MASK_44) + (c >> 42) * 5;
    let b = u128::from(b as u64 & MASK_44) + (a >> 44);
    [a as u64 & MASK_44, b as u64, c as u64 & MASK_42]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::unhex;
    use poly1305::universal_hash::{KeyInit, UniversalHash};
    use proptest::prelude::*;

    fn split(key: &[u8]) -> ([u8; 16], [u8; 16]) {
        (key[..16].try_into().unwrap(), key[16..].try_into().unwrap())
    }

    /// `before` given after `text`.
    fn ours(key: &[u8], before: &[u8], text: &[u8]) -> Vec<u8> {
        let (r, mask) = split(key);
        let mut polynomial = Polynomial::new(&r);
        polynomial.update_padded(text);
        polynomial.prepend_padded(before, text.len().div_ceil(16) as u64);
        polynomial.finish(&mask).to_vec()
    }

    /// As the crate `poly1305` computes it.
    fn theirs(key: &[u8], before: &[u8], text: &[u8]) -> Vec<u8> {
        let mut poly1305 = poly1305::Poly1305::new_from_slice(key).unwrap();
        poly1305.update_padded(before);
        poly1305.update_padded(text);
        poly1305.finalize().to_vec()
    }

    /// RFC 8439 §A.3 #7 to #11 (whole blocks): sums that pass 2¹³⁰ - 5 and 2¹²⁸ by little.
    #[test]
    fn rfc8439_edges() {
        let zeros = "00000000000000000000000000000000";
        let ones = "ffffffffffffffffffffffffffffffff";
        let cases = [
            ("02000000000000000000000000000000", zeros, ones.to_owned(), "03000000000000000000000000000000"),
            (
                "02000000000000000000000000000000",
                ones,
                "02000000000000000000000000000000".to_owned(),
                "03000000000000000000000000000000",
            ),
            (
                "01000000000000000000000000000000",
                zeros,
                [ones, "f0ffffffffffffffffffffffffffffff", "11000000000000000000000000000000"].concat(),
                "05000000000000000000000000000000",
            ),
            (
                "01000000000000000000000000000000",
                zeros,
                [ones, "fbfefefefefefefefefefefefefefefe", "01010101010101010101010101010101"].concat(),
                zeros,
            ),
            (
                "02000000000000000000000000000000",
                zeros,
                "fdffffffffffffffffffffffffffffff".to_owned(),
                "faffffffffffffffffffffffffffffff",
            ),
        ];
        for (r, mask, text, expected) in cases {
            let key = unhex(&[r, mask].concat());
            assert_eq!(ours(&key, b"", &unhex(&text)), unhex(expected), "{text}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        /// The same as the crate `poly1305`, wherever the text is cut in two; with many octets of all ones, where carries are.
        #[test]
        fn agrees_with_the_crate(
            key in proptest::collection::vec(prop_oneof![any::<u8>(), Just(0xff), Just(0)], 32),
            before in proptest::collection::vec(prop_oneof![any::<u8>(), Just(0xff)], 0..200),
            text in proptest::collection::vec(prop_oneof![any::<u8>(), Just(0xff)], 0..200),
        ) {
            prop_assert_eq!(ours(&key, &before, &text), theirs(&key, &before, &text));
        }
    }
}
