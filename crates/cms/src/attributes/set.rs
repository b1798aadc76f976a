use const_oid::ObjectIdentifier;

use crate::ber::{Reader, Tag, encode};
use crate::content_info::read_oid;
use crate::error::Error;

/// Attributes of one SignerInfo, and values of one attribute, that are read.
const COUNT: usize = 128;

/// One attribute, its values in DER.
///
/// ```text
/// Attribute ::= SEQUENCE {
///     attrType OBJECT IDENTIFIER,
///     attrValues SET OF AttributeValue }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Attribute {
    pub(crate) oid: ObjectIdentifier,
    pub(crate) values: Vec<Vec<u8>>,
}

/// Reads a SET OF Attribute from its DER.
pub(crate) fn parse_attributes(set: &[u8]) -> Result<Vec<Attribute>, Error> {
    let mut reader = Reader::over(set);
    let mut attributes = Vec::new();
    reader.enter(Tag::SET)?;
    while reader.peek()?.is_some() {
        if attributes.len() == COUNT {
            return Err(Error::Limit { what: "attributes", limit: COUNT as u64 });
        }
        reader.enter(Tag::SEQUENCE)?;
        let oid = read_oid(&mut reader, "attrType")?;
        let values = reader.elements(Tag::SET, set.len(), COUNT)?;
        reader.leave()?;
        attributes.push(Attribute { oid, values });
    }
    reader.leave()?;
    reader.finish()?;
    Ok(attributes)
}

/// An attribute of one value.
pub(crate) fn encode_attribute(oid: ObjectIdentifier, value: &[u8]) -> Vec<u8> {
    encode::constructed(encode::SEQUENCE, &[&encode::oid(oid), &encode::tlv(encode::SET, value)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attributes::{CONTENT_TYPE, SIGNING_TIME};

    #[test]
    fn what_is_written_is_read() {
        let set = encode::set_of(
            encode::SET,
            vec![encode_attribute(SIGNING_TIME, &[4, 1, 9]), encode_attribute(CONTENT_TYPE, &[5, 0])],
        );
        let read = parse_attributes(&set).unwrap();
        assert_eq!(read.len(), 2);
        assert_eq!(read[0], Attribute { oid: CONTENT_TYPE, values: vec![vec![5, 0]] }, "sorted by encoding");
        assert_eq!(read[1], Attribute { oid: SIGNING_TIME, values: vec![vec![4, 1, 9]] });
    }

    /// Attack 13: a SEQUENCE in place of a SET, around the attributes or around the values.
    #[test]
    fn a_sequence_is_no_set() {
        let attribute = encode_attribute(CONTENT_TYPE, &[5, 0]);
        assert!(parse_attributes(&encode::tlv(encode::SEQUENCE, &attribute)).is_err());
        let values = encode::tlv(encode::SEQUENCE, &[5, 0]);
        let attribute = encode::constructed(encode::SEQUENCE, &[&encode::oid(CONTENT_TYPE), &values]);
        assert!(parse_attributes(&encode::tlv(encode::SET, &attribute)).is_err());
    }
}
