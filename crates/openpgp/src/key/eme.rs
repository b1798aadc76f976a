//! A session key out of EME-PKCS1-v1_5 (RFC 9580 §5.1.3 and §12.1.2), in constant time.
//!
//! Padding, cipher, length and checksum are one question with one answer, and when it is no, there is a session key all the
//! same. Whoever learnt which of them was wrong could decrypt with the key (Bleichenbacher, Marvin; attack 8).

use crate::key::unseal::Unsealed;
use sequoia_openpgp::crypto::SessionKey;
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};
use zeroize::Zeroizing;

/// The lengths of keys, each with the ciphers that have it (RFC 9580 §9.3), AES first or where it is usual.
const CIPHERS: [(usize, &[u8]); 3] = [(16, &[7, 1, 3, 4, 11]), (24, &[8, 2, 12]), (32, &[9, 10, 13])];
/// Octets of the checksum.
const SUM: usize = 2;
/// A cipher, the longest key, the checksum.
const LONGEST: usize = 1 + 32 + SUM;
/// Octets of padding with its type and its end, at least.
const PADDING: usize = 2 + 8 + 1;

/// What stands around a session key.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Cipher, key, checksum: PKESK version 3.
    WithCipher,
    /// Key, checksum: PKESK version 6.
    KeyAlone,
}

impl Form {
    fn around(self, key: usize) -> usize {
        match self {
            Form::WithCipher => 1 + key + SUM,
            Form::KeyAlone => key + SUM,
        }
    }
}

/// Reads `block`, which has the length of the modulus. What has no session key gives `made_up` in the form of one: of `length`
/// octets in all, or for AES-256 where nothing tells the length.
///
/// Nothing for a `length` that no session key has.
pub(crate) fn decode(block: &[u8], length: Option<usize>, made_up: &[u8; 32]) -> Option<Unsealed> {
    let (form, allowed) = match length {
        None => (Form::WithCipher, &CIPHERS[..]),
        Some(length) => [Form::WithCipher, Form::KeyAlone].into_iter().find_map(|form| {
            let one = CIPHERS.iter().position(|(key, _)| form.around(*key) == length)?;
            Some((form, &CIPHERS[one..=one]))
        })?,
    };

    let (key, ciphers) = *allowed.last()?;
    let mut plain = sealed(form, ciphers[0], &made_up[..key]);
    let mut length = form.around(key) as u64;
    let mut is_real = Choice::from(0);
    for (key, ciphers) in allowed {
        let all = form.around(*key);
        let Some(end) = block.len().checked_sub(all).filter(|end| *end >= PADDING) else { continue };
        let (padding, payload) = block.split_at(end);
        let fits = is_padding(padding) & is_payload(form, payload, ciphers);
        for (octet, ours) in plain.iter_mut().zip(payload) {
            octet.conditional_assign(ours, fits);
        }
        length.conditional_assign(&(all as u64), fits);
        is_real |= fits;
    }
    // How long the key is shows with whatever it opens.
    let length = usize::try_from(length).ok()?;
    Some(Unsealed { plain: SessionKey::from(&plain[..length]), is_real })
}

/// `0x00 || 0x02 || PS || 0x00`, and no zero in PS.
fn is_padding(octets: &[u8]) -> Choice {
    let [version, kind, string @ .., end] = octets else { return Choice::from(0) };
    let has_no_zero = string.iter().fold(Choice::from(1), |none, octet| none & !octet.ct_eq(&0));
    version.ct_eq(&0) & kind.ct_eq(&2) & has_no_zero & end.ct_eq(&0)
}

/// A key of one of these ciphers with its checksum.
fn is_payload(form: Form, payload: &[u8], ciphers: &[u8]) -> Choice {
    let (cipher, rest) = match form {
        Form::WithCipher => payload.split_at(1),
        Form::KeyAlone => payload.split_at(0),
    };
    let is_known = cipher.iter().fold(Choice::from(1), |known, octet| {
        known & ciphers.iter().fold(Choice::from(0), |one, number| one | octet.ct_eq(number))
    });
    let (key, sum) = rest.split_at(rest.len() - SUM);
    is_known & checksum(key).ct_eq(sum)
}

/// The sum of all octets, modulo 65,536.
fn checksum(key: &[u8]) -> [u8; SUM] {
    key.iter().fold(0_u16, |sum, octet| sum.wrapping_add(u16::from(*octet))).to_be_bytes()
}

/// A key in its form, with zeros up to the longest.
fn sealed(form: Form, cipher: u8, key: &[u8]) -> Zeroizing<[u8; LONGEST]> {
    let mut plain = Zeroizing::new([0; LONGEST]);
    let from = form.around(0) - SUM;
    plain[..from].fill(cipher);
    plain[from..from + key.len()].copy_from_slice(key);
    plain[from + key.len()..from + key.len() + SUM].copy_from_slice(&checksum(key));
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    const MADE_UP: [u8; 32] = [0xAA; 32];

    /// A block of 256 octets that ends in `payload`.
    fn block(payload: &[u8]) -> Vec<u8> {
        let string = vec![0xFF; 256 - 3 - payload.len()];
        [&[0, 2][..], &string, &[0], payload].concat()
    }

    fn payload(form: Form, cipher: u8, key: &[u8]) -> Vec<u8> {
        sealed(form, cipher, key)[..form.around(key.len())].to_vec()
    }

    fn is_real(block: &[u8], length: Option<usize>) -> bool {
        decode(block, length, &MADE_UP).expect("the length exists").is_real.into()
    }

    #[test]
    fn every_length_is_read() {
        for (length, ciphers) in CIPHERS {
            let key: Vec<u8> = (0..length).map(|n| n as u8 ^ 0xF0).collect();
            for cipher in ciphers {
                let with = payload(Form::WithCipher, *cipher, &key);
                for told in [None, Some(with.len())] {
                    let read = decode(&block(&with), told, &MADE_UP).expect("the length exists");
                    assert!(bool::from(read.is_real));
                    assert_eq!(read.plain.as_ref(), with.as_slice());
                }
            }
            let alone = payload(Form::KeyAlone, 0, &key);
            let read = decode(&block(&alone), Some(alone.len()), &MADE_UP).expect("the length exists");
            assert!(bool::from(read.is_real));
            assert_eq!(read.plain.as_ref(), alone.as_slice());
        }
    }

    /// Attack 8: whatever is wrong, the answer is the same, and looks like a session key.
    #[test]
    fn whatever_is_wrong_gives_what_was_made_up() {
        let key = [7; 32];
        let good = payload(Form::WithCipher, 9, &key);
        let good_block = block(&good);
        assert!(is_real(&good_block, None));
        let end = good_block.len() - good.len();
        let with = |at: usize, octet: u8| {
            let mut block = good_block.clone();
            block[at] = octet;
            block
        };
        let mut bad = vec![
            with(0, 1),
            with(1, 0),
            with(1, 1),
            with(1, 3),
            with(2, 0),
            with(end / 2, 0),
            with(end - 2, 0),
            with(end - 1, 1),
            with(end, 0),
            with(end, 7),
            with(end, 110),
            with(end + 1, 8),
            with(end + 33, 1),
            with(end + 34, 0xFF),
            block(&[]),
            block(&good[..34]),
            block(&[&good[..], &[0]].concat()),
            vec![0; 256],
            vec![0xFF; 256],
            [&[0, 2][..], &[0xFF; 254]].concat(),
        ];
        // Seven octets of padding.
        bad.push([&[0, 2][..], &[0xFF; 7], &[0], &good].concat());
        let expected = payload(Form::WithCipher, 9, &MADE_UP);
        for (number, block) in bad.iter().enumerate() {
            let read = decode(block, None, &MADE_UP).expect("there is always an answer");
            assert!(!bool::from(read.is_real), "{number}");
            assert_eq!(read.plain.as_ref(), expected.as_slice(), "{number}");
        }
        // Eight are enough.
        assert!(is_real(&[&[0, 2][..], &[0xFF; 8], &[0], &good].concat(), None));
    }

    #[test]
    fn a_told_length_is_the_only_one() {
        let short = block(&payload(Form::WithCipher, 7, &[7; 16]));
        assert!(is_real(&short, None) && is_real(&short, Some(19)));
        for other in [18, 26, 27, 34, 35] {
            assert!(!is_real(&short, Some(other)), "{other}");
            let read = decode(&short, Some(other), &MADE_UP).expect("the length exists");
            assert_eq!(read.plain.len(), other);
        }
        assert!(decode(&short, Some(20), &MADE_UP).is_none());
    }
}
