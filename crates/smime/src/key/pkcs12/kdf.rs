//! Key derivation of PKCS#12.

use mailseal_cms::engine::Hash;
use zeroize::Zeroizing;

/// What the derived octets are for (RFC 7292 App. B.3).
#[derive(Debug, Clone, Copy)]
pub(super) enum Use {
    /// A cipher's key.
    Key = 1,
    /// A cipher's initialisation vector.
    Iv = 2,
    /// A key for the MAC.
    Mac = 3,
}

/// A passphrase as the key derivation takes it: UTF-16 in big-endian order with its NUL
/// ([RFC 7292 App. B.1](https://www.rfc-editor.org/rfc/rfc7292#appendix-B.1)).
pub(in crate::key) fn bmp_string(passphrase: &str) -> Zeroizing<Vec<u8>> {
    let units = passphrase.encode_utf16().chain([0]);
    let mut octets = Zeroizing::new(Vec::with_capacity(2 * passphrase.len() + 2));
    units.for_each(|unit| octets.extend_from_slice(&unit.to_be_bytes()));
    octets
}

/// A passphrase as OpenSSL before 1.1.0 took it: each octet of its UTF-8 as a character.
pub(in crate::key) fn widened(passphrase: &str) -> Zeroizing<Vec<u8>> {
    let octets = passphrase.bytes().chain([0]);
    let mut widened = Zeroizing::new(Vec::with_capacity(2 * passphrase.len() + 2));
    octets.for_each(|octet| widened.extend_from_slice(&[0, octet]));
    widened
}

/// `len` octets from a passphrase, by [RFC 7292 App. B.2](https://www.rfc-editor.org/rfc/rfc7292#appendix-B.2).
pub(super) fn derive(
    hash: Hash,
    usage: Use,
    passphrase: &[u8],
    salt: &[u8],
    iterations: u32,
    len: usize,
) -> Zeroizing<Vec<u8>> {
    let block = block_len(hash);
    // Step 1 to 4: D || S || P, S and P repeated to whole blocks.
    let diversifier = vec![usage as u8; block];
    let mut input = Zeroizing::new(repeated(salt, block));
    input.extend_from_slice(&Zeroizing::new(repeated(passphrase, block)));
    let mut derived = Zeroizing::new(Vec::with_capacity(len + hash.output_len()));
    while derived.len() < len {
        // Step 6A: A = H^r(D || I).
        let mut context = hash.context();
        context.update(&diversifier);
        context.update(&input);
        let mut round = Zeroizing::new(context.finish());
        for _ in 1..iterations {
            round = Zeroizing::new(hash.digest(&round));
        }
        derived.extend_from_slice(&round);
        // Step 6B and 6C: each block of I becomes itself + B + 1.
        for chunk in input.chunks_mut(block) {
            let mut carry = 1;
            for (i, octet) in chunk.iter_mut().enumerate().rev() {
                let sum = u16::from(*octet) + u16::from(round[i % round.len()]) + carry;
                *octet = sum as u8;
                carry = sum >> 8;
            }
        }
    }
    derived.truncate(len);
    derived
}

/// The hash's own block length in octets (FIPS 180-4).
fn block_len(hash: Hash) -> usize {
    match hash {
        Hash::Sha384 | Hash::Sha512 => 128,
        _ => 64,
    }
}

fn repeated(octets: &[u8], block: usize) -> Vec<u8> {
    let len = octets.len().next_multiple_of(block);
    octets.iter().copied().cycle().take(len).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The test vectors of the PKCS#12 key derivation that Bouncy Castle and OpenSSL share ("smeg", "queeg").
    #[test]
    fn known_answers() {
        let cases: [(Use, &str, [u8; 8], u32, &str); 4] = [
            (
                Use::Key,
                "smeg",
                [0x0a, 0x58, 0xcf, 0x64, 0x53, 0x0d, 0x82, 0x3f],
                1,
                "8aaae6297b6cb04642ab5b077851284eb7128f1a2a7fbca3",
            ),
            (Use::Iv, "smeg", [0x0a, 0x58, 0xcf, 0x64, 0x53, 0x0d, 0x82, 0x3f], 1, "79993dfe048d3b76"),
            (
                Use::Key,
                "queeg",
                [0x05, 0xde, 0xc9, 0x59, 0xac, 0xff, 0x72, 0xf7],
                1000,
                "ed2034e36328830ff09df1e1a07dd357185dac0d4f9eb3d4",
            ),
            (
                Use::Mac,
                "smeg",
                [0x3d, 0x83, 0xc0, 0xe4, 0x54, 0x6a, 0xc1, 0x40],
                1,
                "8d967d88f6caa9d714800ab3d48051d63f73a312",
            ),
        ];
        for (usage, passphrase, salt, iterations, expected) in cases {
            let derived = derive(Hash::Sha1, usage, &bmp_string(passphrase), &salt, iterations, expected.len() / 2);
            let hex: String = derived.iter().map(|octet| format!("{octet:02x}")).collect();
            assert_eq!(hex, expected);
        }
    }
}
