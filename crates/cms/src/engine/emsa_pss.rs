//! EMSA-PSS ([RFC 8017 §9.1](https://www.rfc-editor.org/rfc/rfc8017#section-9.1)) with any two hashes: that of the
//! message and that of MGF1 may differ, which the `rsa` crate cannot do.

use super::Hash;
use crate::algorithm::PssParameters;

/// The octet before the trailing one of `EM`: RFC 8017 §9.1.1, step 12.
const TRAILER: u8 = 0xbc;

/// `EM` for a message with this digest; `None` where a modulus of `em_bits + 1` bits has no room for it.
pub(super) fn encode(parameters: &PssParameters, digest: &[u8], salt: &[u8], em_bits: usize) -> Option<Vec<u8>> {
    let (em_len, hash_len) = (em_bits.div_ceil(8), parameters.hash.output_len());
    let padding = em_len.checked_sub(hash_len + salt.len() + 2)?;
    let hash = salted(parameters.hash, digest, salt);
    let mut em = [&vec![0; padding][..], &[1], salt].concat();
    mask(parameters.mgf_hash, &hash, &mut em);
    em[0] &= 0xff >> (8 * em_len - em_bits);
    em.extend(hash);
    em.push(TRAILER);
    Some(em)
}

/// Whether `em` is an encoding of this digest with a salt of just the length that the parameters say.
pub(super) fn verify(parameters: &PssParameters, digest: &[u8], em: &[u8], em_bits: usize) -> bool {
    let (em_len, hash_len, salt_len) =
        (em_bits.div_ceil(8), parameters.hash.output_len(), usize::from(parameters.salt_len));
    let Some(padding) = em_len.checked_sub(hash_len + salt_len + 2).filter(|_| em.len() == em_len) else {
        return false;
    };
    let unused = 8 * em_len - em_bits;
    let (masked, rest) = em.split_at(em_len - hash_len - 1);
    let (hash, trailer) = rest.split_at(hash_len);
    if trailer != [TRAILER] || u16::from(masked[0]) >> (8 - unused) != 0 {
        return false;
    }
    let mut block = masked.to_vec();
    mask(parameters.mgf_hash, hash, &mut block);
    block[0] &= 0xff >> unused;
    let (zeros, salted_part) = block.split_at(padding);
    let (one, salt) = salted_part.split_at(1);
    zeros.iter().all(|octet| *octet == 0) && one == [1] && salted(parameters.hash, digest, salt) == hash
}

/// `H`: the hash of eight zeros, the digest and the salt.
fn salted(hash: Hash, digest: &[u8], salt: &[u8]) -> Vec<u8> {
    let mut context = hash.context();
    for part in [&[0; 8][..], digest, salt] {
        context.update(part);
    }
    context.finish()
}

/// XORs MGF1 of `seed` into `block` ([RFC 8017 §B.2.1](https://www.rfc-editor.org/rfc/rfc8017#appendix-B.2.1)).
fn mask(hash: Hash, seed: &[u8], block: &mut [u8]) {
    for (counter, piece) in (0u32..).zip(block.chunks_mut(hash.output_len())) {
        let mut context = hash.context();
        context.update(seed);
        context.update(&counter.to_be_bytes());
        piece.iter_mut().zip(context.finish()).for_each(|(octet, mask)| *octet ^= mask);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameters(hash: Hash, mgf_hash: Hash, salt_len: u16) -> PssParameters {
        PssParameters { hash, mgf_hash, salt_len }
    }

    #[test]
    fn what_is_encoded_verifies_and_nothing_else() {
        let salt = [7; 90];
        for (hash, mgf_hash) in [(Hash::Sha256, Hash::Sha256), (Hash::Sha512, Hash::Sha1), (Hash::Sha384, Hash::Sha256)]
        {
            let digest = hash.digest(b"text");
            for salt_len in [0, 1, 20, 64, 90] {
                let parameters = parameters(hash, mgf_hash, salt_len);
                for em_bits in [2040, 2041, 2046, 2047] {
                    let em = encode(&parameters, &digest, &salt[..salt_len.into()], em_bits).unwrap();
                    assert!(verify(&parameters, &digest, &em, em_bits));
                    assert!(!verify(&parameters, &hash.digest(b"other"), &em, em_bits));
                    let longer = PssParameters { salt_len: salt_len + 1, ..parameters };
                    assert!(!verify(&longer, &digest, &em, em_bits));
                    let other = PssParameters { mgf_hash: Hash::Sha224, ..parameters };
                    assert!(!verify(&other, &digest, &em, em_bits));
                    for at in 0..em.len() {
                        let mut altered = em.clone();
                        altered[at] ^= 1;
                        assert!(!verify(&parameters, &digest, &altered, em_bits), "{at}");
                    }
                    assert!(!verify(&parameters, &digest, &em[1..], em_bits));
                }
            }
        }
    }

    /// RFC 8017 §9.1.2, step 6: the bits beyond those of the modulus are zero.
    #[test]
    fn unused_bits_are_zero() {
        let parameters = parameters(Hash::Sha256, Hash::Sha256, 32);
        let digest = Hash::Sha256.digest(b"text");
        let mut em = encode(&parameters, &digest, &[9; 32], 2041).unwrap();
        em[0] |= 0x80;
        assert!(!verify(&parameters, &digest, &em, 2041));
    }

    /// RFC 8017 §9.1.1, step 3.
    #[test]
    fn a_short_modulus_has_no_room() {
        let parameters = parameters(Hash::Sha512, Hash::Sha512, 64);
        let digest = Hash::Sha512.digest(b"text");
        assert!(encode(&parameters, &digest, &[0; 64], 8 * 130).is_some());
        assert!(encode(&parameters, &digest, &[0; 64], 8 * 129).is_none());
        assert!(!verify(&parameters, &digest, &[0; 129], 8 * 129));
    }
}
