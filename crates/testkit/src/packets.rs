//! OpenPGP packets octet by octet (RFC 9580 §4.2), for what no program would write.

use base64ct::{Base64, Encoding};

/// The octets inside an ASCII armor (RFC 9580 §6.2) or a PEM; a checksum line is left out.
///
/// # Panics
/// If there is no Base64 in it.
#[must_use]
pub fn dearmored(armor: &[u8]) -> Vec<u8> {
    let armor = std::str::from_utf8(armor).expect("ASCII");
    let lines = armor.lines().skip(1).take_while(|line| !line.starts_with(['-', '=']));
    let body: String = lines.filter(|line| !line.contains(':')).map(str::trim_ascii_end).collect();
    Base64::decode_vec(&body).expect("Base64")
}

/// The body of the first packet.
///
/// # Panics
/// If it is no packet of one length octet, new or old format.
#[must_use]
pub fn first(packets: &[u8]) -> &[u8] {
    assert!(packets[0] & 0xc0 == 0xc0 && packets[1] < 192 || packets[0] & 0xc3 == 0x80, "a short packet");
    &packets[2..2 + usize::from(packets[1])]
}

/// A packet in the new format.
///
/// # Panics
/// If its body has 192 octets or more.
#[must_use]
pub fn packet(tag: u8, body: &[u8]) -> Vec<u8> {
    let length = u8::try_from(body.len()).ok().filter(|length| *length < 192).expect("a short body");
    [&[0xc0 | tag, length], body].concat()
}
