//! DER of small values, made in memory.

use const_oid::ObjectIdentifier;

/// The identifier octet of a SEQUENCE.
pub const SEQUENCE: u8 = 0x30;
/// The identifier octet of a SET.
pub const SET: u8 = 0x31;
/// The identifier octet of a primitive OCTET STRING.
pub const OCTET_STRING: u8 = 0x04;

/// The identifier octet of the constructed value `[number]`, for numbers under 31.
pub const fn context(number: u8) -> u8 {
    0xa0 | number
}

/// One value: `identifier`, the length of `contents`, `contents`.
pub fn tlv(identifier: u8, contents: &[u8]) -> Vec<u8> {
    let mut value = header(identifier, contents.len());
    value.extend_from_slice(contents);
    value
}

/// A constructed value of these parts, such as a SEQUENCE.
pub fn constructed(identifier: u8, parts: &[&[u8]]) -> Vec<u8> {
    let mut value = header(identifier, parts.iter().map(|part| part.len()).sum());
    parts.iter().for_each(|part| value.extend_from_slice(part));
    value
}

/// A SET OF these values, sorted as DER wants it ([X.690](https://www.itu.int/rec/T-REC-X.690) §11.6).
///
/// The order of encodings padded with zeros at their end is the plain order of octets, for no encoding is the start of
/// another.
pub fn set_of(identifier: u8, mut values: Vec<Vec<u8>>) -> Vec<u8> {
    values.sort();
    tlv(identifier, &values.concat())
}

/// An OBJECT IDENTIFIER.
pub fn oid(oid: ObjectIdentifier) -> Vec<u8> {
    tlv(0x06, oid.as_bytes())
}

/// An INTEGER under 128.
pub fn small_integer(value: u8) -> Vec<u8> {
    vec![0x02, 0x01, value & 0x7f]
}

/// Identifier and shortest definite length octets.
pub fn header(identifier: u8, length: usize) -> Vec<u8> {
    let octets = length.to_be_bytes();
    let significant = &octets[octets.iter().take_while(|&&octet| octet == 0).count()..];
    match length {
        0..=0x7f => vec![identifier, length as u8],
        _ => [&[identifier, 0x80 | significant.len() as u8], significant].concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_the_shortest() {
        assert_eq!(header(4, 0), [4, 0]);
        assert_eq!(header(4, 127), [4, 127]);
        assert_eq!(header(4, 128), [4, 0x81, 128]);
        assert_eq!(header(4, 65_536), [4, 0x83, 1, 0, 0]);
    }

    #[test]
    fn sets_are_sorted() {
        let set = set_of(SET, vec![tlv(4, &[2]), tlv(4, &[1, 2]), tlv(4, &[1]), vec![5, 0]]);
        assert_eq!(set, [0x31, 12, 4, 1, 1, 4, 1, 2, 4, 2, 1, 2, 5, 0]);
        assert_eq!(constructed(SEQUENCE, &[&[5, 0], &[5, 0]]), [0x30, 4, 5, 0, 5, 0]);
    }
}
