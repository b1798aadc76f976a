//! What it costs to look at a good key, for each usual length. `cargo bench -p mailseal-weak-keys`

#![allow(clippy::unwrap_used, reason = "a bench fails by panicking")]

use std::hint::black_box;
use std::time::Instant;

use mailseal_weak_keys::weakness;
use num_bigint::BigUint;

const ROUNDS: u16 = 1_000;

/// A number of so many bits with two distant factors, neither small: as good as a modulus for what is measured.
fn modulus(bits: u32) -> Vec<u8> {
    let half = |start: u32| (1..bits / 2).fold(BigUint::from(start), |number, at| (number << 1u8) + at % 7 % 2);
    let mut candidate = (half(1) * (half(1) + (BigUint::from(1u8) << (bits / 2 - 2)))) | BigUint::from(1u8);
    while weakness(&candidate.to_bytes_be(), &[1, 0, 1]).is_some() {
        candidate += 2u8;
    }
    candidate.to_bytes_be()
}

fn main() {
    for bits in [2048, 3072, 4096] {
        let modulus = modulus(bits + 2);
        // Another exponent makes another key.
        let timed = |exponent: fn(u16) -> u16| {
            let start = Instant::now();
            for round in 0..ROUNDS {
                black_box(weakness(black_box(&modulus), &(exponent(round) | 1).to_be_bytes()));
            }
            start.elapsed() / u32::from(ROUNDS)
        };
        println!("{bits} bits: {:?} a key, {:?} when it comes again", timed(|round| 2 * round + 2), timed(|_| 3));
    }
}
