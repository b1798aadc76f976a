//! AES in Galois/counter mode as a stream, [NIST SP 800-38D](https://doi.org/10.6028/NIST.SP.800-38D).
//!
//! In AuthEnvelopedData the authenticated attributes follow the ciphertext but are authenticated first. GHASH is
//! a polynomial in its key H, so it can be computed in parts: with c blocks of ciphertext,
//! GHASH(A ‖ C) = GHASH(A) · Hᶜ + GHASH(C). The attributes are given at the end and nothing is read twice.

use aes::cipher::{BlockCipherEncrypt, InnerIvInit, KeyInit, StreamCipher};
use aes::{Aes128, Aes192, Aes256};
use ctr::{Ctr32BE, CtrCore, flavors};
use ghash::universal_hash::UniversalHash;
use ghash::{Block, GHash};
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, Zeroizing};

use super::whole_blocks::WholeBlocks;
use crate::Error;

/// Most octets under one nonce: 2³⁹ − 256 bits (SP 800-38D §5.2.1.1).
const MAX_LEN: u64 = (1 << 36) - 32;

/// Length of the nonce in octets; no other is written or read.
pub(crate) const NONCE_LEN: usize = 12;

/// One message being encrypted or decrypted.
pub(crate) struct Gcm {
    keystream: Box<dyn StreamCipher + Send>,
    ghash: GHash,
    hash_key: Block,
    tag_mask: [u8; 16],
    ciphertext: WholeBlocks,
}

impl Gcm {
    /// Starts with a key of 16, 24 or 32 octets.
    ///
    /// # Errors
    /// [`Error::Misuse`] for a key of another length.
    pub(crate) fn new(key: &[u8], nonce: &[u8; NONCE_LEN]) -> Result<Self, Error> {
        match key.len() {
            16 => Self::with_cipher::<Aes128>(key, nonce),
            24 => Self::with_cipher::<Aes192>(key, nonce),
            _ => Self::with_cipher::<Aes256>(key, nonce),
        }
    }

    fn with_cipher<C>(key: &[u8], nonce: &[u8; NONCE_LEN]) -> Result<Self, Error>
    where
        C: KeyInit + BlockCipherEncrypt<BlockSize = aes::cipher::consts::U16> + Send + 'static,
    {
        let cipher = C::new_from_slice(key).map_err(|_| Error::Misuse("an AES key of this length"))?;
        let mut hash_key = Block::default();
        cipher.encrypt_block(&mut hash_key);

        let mut first_counter = [0; 16];
        first_counter[..NONCE_LEN].copy_from_slice(nonce);
        first_counter[15] = 1;
        let core = CtrCore::<C, flavors::Ctr32BE>::inner_iv_init(cipher, &first_counter.into());
        let mut keystream = Ctr32BE::from_core(core);
        let mut tag_mask = [0; 16];
        keystream.apply_keystream(&mut tag_mask);

        Ok(Self {
            keystream: Box::new(keystream),
            ghash: GHash::new(&hash_key),
            hash_key,
            tag_mask,
            ciphertext: WholeBlocks::new(),
        })
    }

    /// Encrypts `data` in place.
    ///
    /// # Errors
    /// [`Error::Limit`] after 64 GiB.
    pub(crate) fn encrypt(&mut self, data: &mut [u8]) -> Result<(), Error> {
        self.apply_keystream(data)?;
        self.ciphertext.push(data, |blocks| self.ghash.update_padded(blocks));
        Ok(())
    }

    /// Decrypts `data` in place. The result is worth nothing until [`Self::verify`] has said so.
    ///
    /// # Errors
    /// [`Error::Limit`] after 64 GiB.
    pub(crate) fn decrypt(&mut self, data: &mut [u8]) -> Result<(), Error> {
        self.ciphertext.push(data, |blocks| self.ghash.update_padded(blocks));
        self.apply_keystream(data)
    }

    /// The tag over the ciphertext so far and the additional authenticated data `aad`.
    pub(crate) fn tag(mut self, aad: &[u8]) -> [u8; 16] {
        self.ghash.update_padded(self.ciphertext.partial());
        let len = self.ciphertext.len();
        let mut lengths = Block::default();
        lengths[..8].copy_from_slice(&(aad.len() as u64 * 8).to_be_bytes());
        lengths[8..].copy_from_slice(&(len * 8).to_be_bytes());
        self.ghash.update(&[lengths]);
        let mut tag: [u8; 16] = self.ghash.clone().finalize().into();

        let shifted = self.shift(ghash(&self.hash_key, aad), len.div_ceil(16) + 1);
        for ((octet, shifted), mask) in tag.iter_mut().zip(shifted).zip(self.tag_mask) {
            *octet ^= shifted ^ mask;
        }
        tag
    }

    /// Whether `tag`, of 12 to 16 octets, is right; takes the same time wherever it differs.
    ///
    /// # Errors
    /// [`Error::Decrypt`] where it is not.
    pub(crate) fn verify(self, aad: &[u8], tag: &[u8]) -> Result<(), Error> {
        let computed = Zeroizing::new(self.tag(aad));
        let wanted = computed.get(..tag.len()).filter(|wanted| wanted.len() >= 12).ok_or(Error::Decrypt)?;
        if wanted.ct_eq(tag).into() { Ok(()) } else { Err(Error::Decrypt) }
    }

    fn apply_keystream(&mut self, data: &mut [u8]) -> Result<(), Error> {
        self.keystream
            .try_apply_keystream(data)
            .map_err(|_| Error::Limit { what: "octets under one AES-GCM nonce", limit: MAX_LEN })
    }

    /// `value` · Hⁿ, by squaring.
    fn shift(&self, mut value: Block, mut n: u64) -> Block {
        let mut power = self.hash_key;
        while n > 0 {
            if n & 1 == 1 {
                value = multiply(&value, &power);
            }
            power = multiply(&power, &power);
            n >>= 1;
        }
        value
    }
}

impl Drop for Gcm {
    fn drop(&mut self) {
        self.hash_key.zeroize();
        self.tag_mask.zeroize();
    }
}

/// GHASH of `data`, filled up with zeros to whole blocks.
fn ghash(key: &Block, data: &[u8]) -> Block {
    let mut ghash = GHash::new(key);
    ghash.update_padded(data);
    ghash.finalize()
}

/// The product in GF(2¹²⁸): GHASH of one block is that block times the key.
fn multiply(a: &Block, b: &Block) -> Block {
    let mut ghash = GHash::new(a);
    ghash.update(&[*b]);
    ghash.finalize()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::unhex;
    use proptest::prelude::*;

    /// Test cases of the GCM specification (McGrew, Viega), which NIST SP 800-38D refers to: key, nonce, plaintext,
    /// additional data, ciphertext, tag.
    const CASES: [[&str; 6]; 6] = [
        // Test cases 1 and 2
        [
            "00000000000000000000000000000000",
            "000000000000000000000000",
            "",
            "",
            "",
            "58e2fccefa7e3061367f1d57a4e7455a",
        ],
        [
            "00000000000000000000000000000000",
            "000000000000000000000000",
            "00000000000000000000000000000000",
            "",
            "0388dace60b6a392f328c2b971b2fe78",
            "ab6e47d42cec13bdf53a67b21257bddf",
        ],
        // Test case 4
        [
            "feffe9928665731c6d6a8f9467308308",
            "cafebabefacedbaddecaf888",
            "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
            "feedfacedeadbeeffeedfacedeadbeefabaddad2",
            "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091",
            "5bc94fbc3221a5db94fae95ae7121a47",
        ],
        // Test case 10
        [
            "feffe9928665731c6d6a8f9467308308feffe9928665731c",
            "cafebabefacedbaddecaf888",
            "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
            "feedfacedeadbeeffeedfacedeadbeefabaddad2",
            "3980ca0b3c00e841eb06fac4872a2757859e1ceaa6efd984628593b40ca1e19c7d773d00c144c525ac619d18c84a3f4718e2448b2fe324d9ccda2710",
            "2519498e80f1478f37ba55bd6d27618c",
        ],
        // Test cases 13 and 16
        [
            "0000000000000000000000000000000000000000000000000000000000000000",
            "000000000000000000000000",
            "",
            "",
            "",
            "530f8afbc74536b9a963b4f1c4cb738b",
        ],
        [
            "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
            "cafebabefacedbaddecaf888",
            "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
            "feedfacedeadbeeffeedfacedeadbeefabaddad2",
            "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662",
            "76fc6ece0f4e1768cddf8853bb2d551b",
        ],
    ];

    fn gcm(case: &[&str; 6]) -> Gcm {
        Gcm::new(&unhex(case[0]), &unhex(case[1]).try_into().unwrap()).unwrap()
    }

    #[test]
    fn known_answers_whatever_the_pieces() {
        for case in &CASES {
            for piece in [1, 3, 15, 16, 17, 64] {
                let (mut data, aad) = (unhex(case[2]), unhex(case[3]));
                let mut encrypt = gcm(case);
                data.chunks_mut(piece).for_each(|chunk| encrypt.encrypt(chunk).unwrap());
                assert_eq!(data, unhex(case[4]));
                assert_eq!(encrypt.tag(&aad)[..], unhex(case[5]));

                let mut decrypt = gcm(case);
                data.chunks_mut(piece).for_each(|chunk| decrypt.decrypt(chunk).unwrap());
                assert_eq!(data, unhex(case[2]));
                decrypt.verify(&aad, &unhex(case[5])).unwrap();
            }
        }
    }

    proptest! {
        /// Associated data given last counts as if it had come first.
        #[test]
        fn data_given_last_counts_as_first(
            data in proptest::collection::vec(any::<u8>(), 0..300),
            aad in proptest::collection::vec(any::<u8>(), 0..100),
        ) {
            let mut gcm = gcm(&CASES[2]);
            gcm.ciphertext.push(&data, |blocks| gcm.ghash.update_padded(blocks));
            let mut lengths = Block::default();
            lengths[..8].copy_from_slice(&(aad.len() as u64 * 8).to_be_bytes());
            lengths[8..].copy_from_slice(&(data.len() as u64 * 8).to_be_bytes());
            let mut in_order = GHash::new(&gcm.hash_key);
            in_order.update_padded(&aad);
            in_order.update_padded(&data);
            in_order.update(&[lengths]);
            let expected: Vec<u8> = in_order.finalize().iter().zip(gcm.tag_mask).map(|(a, b)| a ^ b).collect();
            prop_assert_eq!(&gcm.tag(&aad)[..], &expected[..]);
        }
    }

    /// Attack 9: a tag of less than 12 octets proves nothing, and every octet of a longer one counts.
    #[test]
    fn short_and_altered_tags_are_refused() {
        let case = &CASES[2];
        let run = |aad: &[u8], tag: &[u8]| {
            let mut decrypt = gcm(case);
            decrypt.decrypt(&mut unhex(case[4])).unwrap();
            decrypt.verify(aad, tag)
        };
        let (aad, tag) = (unhex(case[3]), unhex(case[5]));
        for len in 0..=16 {
            assert_eq!(run(&aad, &tag[..len]).is_ok(), len >= 12, "{len}");
        }
        assert!(run(&aad, &[tag.clone(), vec![0]].concat()).is_err());
        assert!(run(&aad[1..], &tag).is_err());
        for i in 0..tag.len() {
            let mut altered = tag.clone();
            altered[i] ^= 0x80;
            assert!(run(&aad, &altered).is_err());
        }
    }
}
