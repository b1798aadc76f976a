//! PKCS #1 v1.5 padding that the agent leaves on what RSA gave (RFC 8017 §7.2.2).

use sha2::{Digest, Sha256};
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};
use zeroize::Zeroizing;

/// The message in the padded block; for one that is badly padded 32 octets that depend on `secret` and the ciphertext alone,
/// so that nobody can tell it from a good one by asking again (Bleichenbacher's attack).
///
/// `block` may lack the zero octets in front, as a number does; `length` is that of the modulus.
pub(crate) fn unpadded(block: &[u8], length: usize, secret: &[u8; 32], ciphertext: &[u8]) -> Zeroizing<Vec<u8>> {
    let rejected = Zeroizing::new(Sha256::new().chain_update(secret).chain_update(ciphertext).finalize().to_vec());
    let Some(missing) = length.checked_sub(block.len()) else { return rejected };
    let mut whole = Zeroizing::new(vec![0; missing]);
    whole.extend_from_slice(block);
    if whole.len() < 11 {
        return rejected;
    }

    let mut good = whole[0].ct_eq(&0) & whole[1].ct_eq(&2);
    let mut end = 0_u32;
    let mut found = Choice::from(0);
    for (at, octet) in (0_u32..).zip(whole.iter()).skip(2) {
        let first = octet.ct_eq(&0) & !found;
        end = u32::conditional_select(&end, &at, first);
        found |= first;
    }
    // At least eight octets of padding.
    good &= found & Choice::from(u8::from(end >= 10));
    if bool::from(good) { Zeroizing::new(whole[end as usize + 1..].to_vec()) } else { rejected }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bleichenbacher's attack: every bad block has the same answer for the same ciphertext, and it looks like a good one.
    #[test]
    fn bad_padding_has_an_answer() {
        let open = |block: &[u8]| unpadded(block, 64, &[1; 32], b"ciphertext").to_vec();
        let block = |padding: usize| [&[2][..], &vec![7; padding], &[0], &vec![9; 61 - padding]].concat();
        assert_eq!(open(&block(41)), [9; 20]);
        assert_eq!(open(&[&[0][..], &block(41)].concat()), [9; 20]);
        assert_eq!(open(&block(61)), []);
        assert_eq!(open(&block(8)).len(), 53);

        let rejected = open(&[]);
        assert_eq!(rejected.len(), 32);
        let other_type = [&[1][..], &block(41)[1..]].concat();
        let no_end = vec![2; 63];
        for bad in [block(7), other_type, no_end, vec![0; 64], vec![2; 65], block(41)[1..].to_vec()] {
            assert_eq!(open(&bad), rejected);
        }
        assert_ne!(unpadded(&[], 64, &[1; 32], b"another"), Zeroizing::new(rejected.clone()));
        assert_ne!(unpadded(&[], 64, &[2; 32], b"ciphertext"), Zeroizing::new(rejected));
    }
}
