//! The prefix of SEIPD version 1 (RFC 9580 §5.13.1): a block of random octets, and its last two again.

use sequoia_openpgp::crypto::SessionKey;
use sequoia_openpgp::crypto::symmetric::{BlockCipherMode, Decryptor, UnpaddingMode};
use sequoia_openpgp::parse::PacketParser;
use sequoia_openpgp::parse::buffered_reader::{BufferedReader, Memory};
use sequoia_openpgp::types::SymmetricAlgorithm;
use std::io::Read;
use subtle::{Choice, ConstantTimeEq};

/// The longest block of any cipher.
const LONGEST: usize = 16;
/// How many octets are repeated.
const REPEATED: usize = 2;

/// Whether the octets are repeated when the container is decrypted with this key: of a wrong one in one case of 65,536.
/// Nothing is taken off the container.
pub(crate) fn repeats(container: &mut PacketParser<'_>, cipher: SymmetricAlgorithm, key: &SessionKey) -> Choice {
    decrypted(container, cipher, key).unwrap_or(Choice::from(0))
}

fn decrypted(container: &mut PacketParser<'_>, cipher: SymmetricAlgorithm, key: &SessionKey) -> Option<Choice> {
    let block = cipher.block_size().ok().filter(|block| *block <= LONGEST)?;
    cipher.key_size().ok().filter(|size| *size == key.len())?;
    let octets = container.data_hard(block + REPEATED).ok()?.get(..block + REPEATED)?;
    let reader = Memory::with_cookie(octets, Default::default());
    let mut decryptor = Decryptor::new(cipher, BlockCipherMode::CFB, UnpaddingMode::None, key, None, reader).ok()?;
    let mut prefix = [0; LONGEST + REPEATED];
    let prefix = prefix.get_mut(..block + REPEATED)?;
    decryptor.read_exact(prefix).ok()?;
    let (random, repeated) = prefix.split_at(block);
    Some(random[block - REPEATED..].ct_eq(repeated))
}
