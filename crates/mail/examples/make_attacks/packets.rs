//! OpenPGP packets (RFC 9580 §4), taken apart and put together.

use crate::kit::base64;

/// One packet: its type and its body in one piece.
#[derive(Debug, Clone)]
pub(crate) struct Packet {
    pub(crate) tag: u8,
    pub(crate) body: Vec<u8>,
}

pub(crate) fn packet(tag: u8, body: &[u8]) -> Packet {
    Packet { tag, body: body.to_vec() }
}

/// A literal packet with this content.
pub(crate) fn literal(content: &str) -> Packet {
    packet(11, &[b"b\0\0\0\0\0", content.as_bytes()].concat())
}

/// The packets of an armored message.
pub(crate) fn of_armor(armored: &str) -> Vec<Packet> {
    split(&dearmor(armored))
}

pub(crate) fn split(octets: &[u8]) -> Vec<Packet> {
    let (mut packets, mut at) = (Vec::new(), 0);
    while at < octets.len() {
        let first = octets[at];
        at += 1;
        let (tag, mut body) = (if first & 0x40 != 0 { first & 0x3f } else { first >> 2 & 0xf }, Vec::new());
        loop {
            let (length, size, partial) =
                if first & 0x40 != 0 { new_length(&octets[at..]) } else { old_length(first, &octets[at..]) };
            at += size;
            body.extend(&octets[at..at + length]);
            at += length;
            if !partial {
                break;
            }
        }
        packets.push(Packet { tag, body });
    }
    packets
}

fn new_length(octets: &[u8]) -> (usize, usize, bool) {
    match octets[0] {
        first @ 0..192 => (usize::from(first), 1, false),
        first @ 192..224 => (((usize::from(first) - 192) << 8) + usize::from(octets[1]) + 192, 2, false),
        first @ 224..=254 => (1 << (first & 0x1f), 1, true),
        _ => (u32::from_be_bytes(octets[1..5].try_into().unwrap()) as usize, 5, false),
    }
}

fn old_length(first: u8, octets: &[u8]) -> (usize, usize, bool) {
    let size = match first & 3 {
        3 => return (octets.len(), 0, false),
        kind => 1 << kind,
    };
    (octets[..size].iter().fold(0, |all, octet| all << 8 | usize::from(*octet)), size, false)
}

/// Puts packets together, each with a length of five octets.
pub(crate) fn join(packets: &[Packet]) -> Vec<u8> {
    let mut out = Vec::new();
    for packet in packets {
        out.extend([0xc0 | packet.tag, 0xff]);
        out.extend((packet.body.len() as u32).to_be_bytes());
        out.extend(&packet.body);
    }
    out
}

pub(crate) fn dearmor(armored: &str) -> Vec<u8> {
    let lines = armored.lines().skip_while(|line| !line.trim().is_empty()).skip(1);
    let body: Vec<&str> = lines.take_while(|line| !line.starts_with('=') && !line.starts_with('-')).collect();
    let mut octets = Vec::new();
    let mut decoder = mailseal_mime::transfer::Base64Decoder::strict(body.join("\n").into_bytes().leak() as &[u8]);
    std::io::Read::read_to_end(&mut decoder, &mut octets).unwrap();
    octets
}

/// Armor of this kind (`MESSAGE`, `SIGNATURE`), without the checksum that nobody needs.
pub(crate) fn armor(kind: &str, octets: &[u8]) -> String {
    format!("-----BEGIN PGP {kind}-----\r\n\r\n{}-----END PGP {kind}-----\r\n", base64(octets))
}
