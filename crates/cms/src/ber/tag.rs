use crate::error::BerProblem;

/// The class of a tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// A type of ASN.1 itself.
    Universal,
    /// A type of an application.
    Application,
    /// A field of the surrounding type.
    Context,
    /// A private type.
    Private,
}

/// Class and number of a tag; whether the value is constructed belongs to its [`Header`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tag {
    /// The class.
    pub class: Class,
    /// The number, at most 28 bits.
    pub number: u32,
}

impl Tag {
    pub(crate) const END_OF_CONTENTS: Tag = Tag::universal(0);
    /// BOOLEAN
    pub const BOOLEAN: Tag = Tag::universal(1);
    /// INTEGER
    pub const INTEGER: Tag = Tag::universal(2);
    /// BIT STRING
    pub const BIT_STRING: Tag = Tag::universal(3);
    /// OCTET STRING
    pub const OCTET_STRING: Tag = Tag::universal(4);
    /// OBJECT IDENTIFIER
    pub const OBJECT_IDENTIFIER: Tag = Tag::universal(6);
    /// SEQUENCE and SEQUENCE OF
    pub const SEQUENCE: Tag = Tag::universal(16);
    /// SET and SET OF
    pub const SET: Tag = Tag::universal(17);

    const fn universal(number: u32) -> Tag {
        Tag { class: Class::Universal, number }
    }

    /// The context-specific tag `[number]`.
    pub const fn context(number: u32) -> Tag {
        Tag { class: Class::Context, number }
    }
}

/// Identifier and length octets of one value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// Class and number.
    pub tag: Tag,
    /// Whether the contents are values themselves.
    pub constructed: bool,
    /// Octets of contents; `None` is the indefinite form.
    pub length: Option<u64>,
    /// How many octets the header itself takes, 2 to [`Header::MAX`].
    pub size: usize,
}

impl Header {
    /// The longest header read: a tag of five octets, a length of nine.
    pub const MAX: usize = 14;

    /// Two zero octets, not one more.
    pub(crate) fn is_end_of_contents(&self) -> bool {
        self.tag == Tag::END_OF_CONTENTS && !self.constructed && self.length == Some(0) && self.size == 2
    }

    /// Reads the header at the start of `octets`; `Ok(None)` if it goes on past their end.
    pub(crate) fn parse(octets: &[u8]) -> Result<Option<Header>, BerProblem> {
        let Some((&first, mut rest)) = octets.split_first() else { return Ok(None) };
        let class = match first >> 6 {
            0 => Class::Universal,
            1 => Class::Application,
            2 => Class::Context,
            _ => Class::Private,
        };
        let constructed = first & 0x20 != 0;
        let number = match first & 0x1f {
            0x1f => match high_tag_number(rest)? {
                Some((number, used)) => {
                    rest = &rest[used..];
                    number
                }
                None => return Ok(None),
            },
            low => u32::from(low),
        };
        let Some((length, used)) = length(rest)? else { return Ok(None) };
        let size = octets.len() - rest.len() + used;
        Ok(Some(Header { tag: Tag { class, number }, constructed, length, size }))
    }
}

/// X.690 §8.1.2.4: seven bits an octet, no leading zeros, only for numbers from 31 on.
fn high_tag_number(octets: &[u8]) -> Result<Option<(u32, usize)>, BerProblem> {
    let mut number = 0;
    for (i, &octet) in octets.iter().take(4).enumerate() {
        if i == 0 && octet == 0x80 {
            return Err(BerProblem::Tag);
        }
        number = number << 7 | u32::from(octet & 0x7f);
        if octet & 0x80 == 0 {
            return if number < 31 { Err(BerProblem::Tag) } else { Ok(Some((number, i + 1))) };
        }
    }
    if octets.len() < 4 { Ok(None) } else { Err(BerProblem::Tag) }
}

/// X.690 §8.1.3: short, long (up to eight octets, leading zeros allowed) or indefinite (`None`).
fn length(octets: &[u8]) -> Result<Option<(Option<u64>, usize)>, BerProblem> {
    let Some((&first, rest)) = octets.split_first() else { return Ok(None) };
    match first {
        0..=0x7f => Ok(Some((Some(u64::from(first)), 1))),
        0x80 => Ok(Some((None, 1))),
        0x81..=0x88 => {
            let count = usize::from(first & 0x7f);
            let Some(octets) = rest.get(..count) else { return Ok(None) };
            let length = octets.iter().fold(0, |length: u64, &octet| length << 8 | u64::from(octet));
            if length > i64::MAX as u64 { Err(BerProblem::Length) } else { Ok(Some((Some(length), 1 + count))) }
        }
        _ => Err(BerProblem::Length),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn low_and_high_tags() {
        let header = Header::parse(&[0x30, 0x03]).unwrap().unwrap();
        assert_eq!((header.tag, header.constructed, header.length, header.size), (Tag::SEQUENCE, true, Some(3), 2));
        let header = Header::parse(&[0xbf, 0x81, 0x00, 0x80]).unwrap().unwrap();
        assert_eq!((header.tag, header.length, header.size), (Tag::context(128), None, 4));
        assert_eq!(Header::parse(&[0x1f, 0x1e, 0x00]), Err(BerProblem::Tag));
        assert_eq!(Header::parse(&[0x1f, 0x80, 0x1f, 0x00]), Err(BerProblem::Tag));
        assert_eq!(Header::parse(&[0x1f, 0xff, 0xff, 0xff, 0xff, 0x7f, 0x00]), Err(BerProblem::Tag));
    }

    #[test]
    fn lengths_need_not_be_minimal() {
        let header = Header::parse(&[0x04, 0x84, 0, 0, 0, 5]).unwrap().unwrap();
        assert_eq!((header.length, header.size), (Some(5), 6));
        assert_eq!(Header::parse(&[0x04, 0x89]), Err(BerProblem::Length));
        assert_eq!(Header::parse(&[0x04, 0xff]), Err(BerProblem::Length));
        assert_eq!(Header::parse(&[4, 0x88, 0x80, 0, 0, 0, 0, 0, 0, 0]), Err(BerProblem::Length));
        assert_eq!(Header::parse(&[0x04, 0x82, 0]), Ok(None));
    }
}
