//! Compressed data whose content is the same compressed data, without end.

/// Repeats the last 20 octets (RFC 1951 §3.2.6).
const REPEAT_20: [u8; 5] = [0x42, 0x88, 0x21, 0xc4, 0];
/// Repeats the last 7 octets, which begin with a packet's header.
const REPEAT_7: [u8; 5] = [0x5a, 0xcc, 0x08, 0xa6, 0];
/// Repeats the last 5 octets, which are itself; the last block.
const REPEAT_ITSELF: [u8; 5] = [0x13, 0x9e, 0x07, 0x24, 0];
/// A packet of type Compressed Data with no length, deflated (RFC 9580 §5.6).
const HEADER: [u8; 2] = [0xa3, 1];

/// An OpenPGP message that contains itself, by R. Cox's
/// [construction](https://research.swtch.com/zip): blocks that are stored and blocks that repeat what was stored.
#[must_use]
pub fn openpgp() -> Vec<u8> {
    let (none, one, four) = (stored(0), stored(5), stored(20));
    let (head, repeat_head, end) = (stored(7), REPEAT_7, REPEAT_ITSELF);
    let blocks: [&[u8]; 32] = [
        &HEADER,
        &head,
        &HEADER,
        &head,
        &repeat_head,
        &one,
        &repeat_head,
        &one,
        &one,
        &four,
        &repeat_head,
        &one,
        &one,
        &four,
        &REPEAT_20,
        &four,
        &REPEAT_20,
        &four,
        &REPEAT_20,
        &four,
        &REPEAT_20,
        &four,
        &REPEAT_20,
        &none,
        &none,
        &one,
        &REPEAT_20,
        &none,
        &none,
        &one,
        &end,
        &end,
    ];
    blocks.concat()
}

/// The beginning of a block that stores so many octets (RFC 1951 §3.2.4).
fn stored(length: u16) -> [u8; 5] {
    let ([a, b], [c, d]) = (length.to_le_bytes(), (!length).to_le_bytes());
    [0, a, b, c, d]
}
