//! ASCII armor put on and taken off any packets.

use crate::cert::certificate::blocks;
use crate::stateless::Error;
use crate::write::armor::{self, Form};
use sequoia_openpgp::Profile;
use sequoia_openpgp::armor::{Kind, Reader, ReaderMode};
use sequoia_openpgp::packet::{Packet, Tag};
use sequoia_openpgp::parse::{PacketParser, PacketParserResult, Parse};
use std::io::{Read, Write};

/// Every packet begins with this bit (RFC 9580 §4.2); no armor does.
const PACKET: u8 = 0x80;

/// Writes packets in armor that says what they are: keys, certificates, signatures alone, or a message. What is armored
/// already is left as it is.
///
/// # Errors
/// [`Error::BadData`] for what is no OpenPGP.
pub fn armor(input: &[u8], out: &mut dyn Write) -> Result<(), Error> {
    if is_armored(input) {
        return Ok(out.write_all(input)?);
    }
    let (kind, profile) = kind(input)?;
    Ok(armor::write(input, kind, profile, Form::Armored, out)?)
}

/// Writes the packets that are in armor. What has none is left as it is.
///
/// # Errors
/// [`Error::BadData`] for what is no OpenPGP, or armor with a fault.
pub fn dearmor(input: &[u8], out: &mut dyn Write) -> Result<(), Error> {
    if !is_armored(input) {
        kind(input)?;
        return Ok(out.write_all(input)?);
    }
    Ok(out.write_all(&packets(input)?)?)
}

/// The octets of the packets, armored or not; several armored blocks are one after another.
pub(crate) fn packets(input: &[u8]) -> Result<Vec<u8>, Error> {
    if !is_armored(input) {
        return Ok(input.to_vec());
    }
    let mut packets = Vec::new();
    for block in blocks(input) {
        let mut reader = Reader::from_bytes(block, ReaderMode::Tolerant(None));
        reader.read_to_end(&mut packets).map_err(|error| Error::BadData(format!("the armor has a fault: {error}")))?;
    }
    Ok(packets)
}

fn is_armored(input: &[u8]) -> bool {
    input.first().is_some_and(|first| first & PACKET == 0) && input.trim_ascii_start().starts_with(b"-----BEGIN PGP ")
}

/// What the packets are, by the first of them; signatures are a message if anything else follows.
fn kind(input: &[u8]) -> Result<(Kind, Profile), Error> {
    let bad = || Error::BadData("this is no OpenPGP packet".to_owned());
    if input.first().is_none_or(|first| first & PACKET == 0) {
        return Err(bad());
    }
    let mut parser = PacketParser::from_bytes(input).map_err(|_| bad())?;
    let mut signatures = 0;
    while let PacketParserResult::Some(parsed) = parser {
        let tag = parsed.packet.tag();
        let version = parsed.packet.version();
        let profile = if version.unwrap_or(4) > 4 { Profile::RFC9580 } else { Profile::RFC4880 };
        match tag {
            Tag::SecretKey | Tag::SecretSubkey => return Ok((Kind::SecretKey, profile)),
            Tag::PublicKey | Tag::PublicSubkey => return Ok((Kind::PublicKey, profile)),
            Tag::Signature => signatures += 1,
            Tag::Marker | Tag::Padding => {}
            Tag::Reserved | Tag::Unknown(_) | Tag::Private(_) => return Err(bad()),
            Tag::PKESK | Tag::SKESK => return Ok((Kind::Message, message_profile(&parsed.packet))),
            _ => return Ok((Kind::Message, Profile::RFC4880)),
        }
        // A fault further on is the reader's to find.
        let Ok((_, next)) = parsed.next() else { break };
        parser = next;
    }
    if signatures == 0 {
        return Err(bad());
    }
    Ok((Kind::Signature, Profile::RFC4880))
}

fn message_profile(packet: &Packet) -> Profile {
    match packet.version() {
        Some(6) => Profile::RFC9580,
        _ => Profile::RFC4880,
    }
}
