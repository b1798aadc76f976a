use super::encode;
use super::reader::Reader;
use super::tag::{Class, Header, Tag};
use crate::error::{BerProblem, Error};

/// The DER of one BER element, as far as it can be had without knowing its type: definite and shortest lengths,
/// strings in one piece, SETs sorted, BOOLEANs of 00 or FF, INTEGERs without idle octets.
///
/// What lies under context tags with IMPLICIT types keeps its order and its segments, since its type does not show.
/// DER comes out as it went in. Memory and time grow with its length alone.
///
/// # Errors
/// [`Error::Ber`] if `element` is not exactly one good element; [`BerProblem::Segment`] for a segmented BIT STRING,
/// which nobody writes.
pub fn canonical(element: &[u8]) -> Result<Vec<u8>, Error> {
    let mut reader = Reader::over(element);
    let mut open: Vec<Open> = Vec::new();
    loop {
        let value = match reader.peek()? {
            Some(header) if header.constructed && !header.is_string() => {
                reader.enter(header.tag)?;
                open.push(Open { header, contents: Vec::new(), starts: Vec::new() });
                continue;
            }
            Some(header) => primitive(&mut reader, header, element.len())?,
            None => match open.pop() {
                Some(open) => {
                    reader.leave()?;
                    open.close()
                }
                None => return Err(reader.bad(BerProblem::Unexpected)),
            },
        };
        match open.last_mut() {
            Some(open) => open.push(&value),
            None => {
                reader.finish()?;
                return Ok(value);
            }
        }
    }
}

/// [`canonical`] for a SET OF under an IMPLICIT tag: the element as a universal SET, sorted.
///
/// # Errors
/// As [`canonical`]; [`BerProblem::Unexpected`] if the element is not constructed under a low tag.
pub fn canonical_set(element: &[u8]) -> Result<Vec<u8>, Error> {
    canonical(&retag_set(element)?)
}

/// The element as received but for its first octet, which becomes that of a SET ([RFC 5652 §5.4]).
///
/// [RFC 5652 §5.4]: https://www.rfc-editor.org/rfc/rfc5652#section-5.4
pub(crate) fn retag_set(element: &[u8]) -> Result<Vec<u8>, Error> {
    match element {
        [first, rest @ ..] if first & 0x20 != 0 && first & 0x1f != 0x1f => Ok([&[encode::SET], rest].concat()),
        _ => Err(Error::Ber { offset: 0, problem: BerProblem::Unexpected }),
    }
}

/// A constructed value whose contents are being collected, in DER.
struct Open {
    header: Header,
    contents: Vec<u8>,
    /// Where the values of a SET begin in `contents`.
    starts: Vec<usize>,
}

impl Open {
    fn push(&mut self, value: &[u8]) {
        if self.header.tag == Tag::SET {
            self.starts.push(self.contents.len());
        }
        self.contents.extend_from_slice(value);
    }

    fn close(self) -> Vec<u8> {
        let ends = self.starts.iter().skip(1).copied().chain([self.contents.len()]);
        let mut values: Vec<&[u8]> =
            self.starts.iter().zip(ends).map(|(&start, end)| &self.contents[start..end]).collect();
        values.sort_unstable();
        match self.header.tag {
            Tag::SET => self.header.with(&values.concat()),
            _ => self.header.with(&self.contents),
        }
    }
}

/// A value without values inside: primitive, or a string in segments.
fn primitive(reader: &mut Reader<&[u8]>, header: Header, limit: usize) -> Result<Vec<u8>, Error> {
    if header.constructed && header.tag == Tag::BIT_STRING {
        return Err(reader.bad(BerProblem::Segment));
    }
    let octets = reader.octet_string(header.tag, limit)?;
    let contents = match (header.tag, &octets[..]) {
        (Tag::BOOLEAN, [octet]) => &[if *octet == 0 { 0 } else { 0xff }],
        (Tag::INTEGER, octets) => shortest_integer(octets),
        (_, octets) => octets,
    };
    Ok(Header { constructed: false, ..header }.with(contents))
}

/// Two's complement without idle leading octets.
fn shortest_integer(mut octets: &[u8]) -> &[u8] {
    while let [0x00, 0x00..=0x7f, ..] | [0xff, 0x80..=0xff, ..] = octets {
        octets = &octets[1..];
    }
    octets
}

impl Header {
    /// Whether this is one of the universal string types, which BER may cut into segments (X.690 §8.6, 8.7, 8.23, 8.25).
    fn is_string(&self) -> bool {
        self.tag.class == Class::Universal && matches!(self.tag.number, 3 | 4 | 12 | 18..=28 | 30)
    }

    /// The value with this tag and these contents.
    fn with(&self, contents: &[u8]) -> Vec<u8> {
        let mut value = self.identifier();
        value.extend_from_slice(&encode::header(0, contents.len())[1..]);
        value.extend_from_slice(contents);
        value
    }

    /// The identifier octets.
    fn identifier(&self) -> Vec<u8> {
        let class = match self.tag.class {
            Class::Universal => 0,
            Class::Application => 0x40,
            Class::Context => 0x80,
            Class::Private => 0xc0,
        };
        let first = class | if self.constructed { 0x20 } else { 0 };
        let number = self.tag.number;
        if number < 31 {
            return vec![first | number as u8];
        }
        let mut identifier = vec![first | 0x1f];
        for shift in [21, 14, 7, 0] {
            if shift == 0 || number >> shift > 0 {
                identifier.push((number >> shift) as u8 & 0x7f | if shift > 0 { 0x80 } else { 0 });
            }
        }
        identifier
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::ber::Limits;

    #[test]
    fn ber_becomes_der() {
        let ber = [
            0x30, 0x80, // SEQUENCE
            0x24, 0x80, 4, 1, 1, 4, 0x81, 1, 2, 0, 0, // OCTET STRING in two segments
            0x31, 6, 2, 1, 3, 1, 1, 7, // SET, unsorted, TRUE as 07
            2, 3, 0, 0, 0x80, // INTEGER 128
            0xbf, 0x81, 0x00, 0x80, 5, 0, 0, 0, // [128]
            0, 0,
        ];
        let der = [0x30, 22, 4, 2, 1, 2, 0x31, 6, 1, 1, 0xff, 2, 1, 3, 2, 2, 0, 0x80, 0xbf, 0x81, 0x00, 2, 5, 0];
        assert_eq!(canonical(&ber).unwrap(), der);
        assert!(canonical(&[&ber[..], &[0]].concat()).is_err());
        assert!(canonical(&ber[..ber.len() - 1]).is_err());
        assert!(canonical(&[]).is_err());
    }

    #[test]
    fn sets_under_other_tags() {
        assert_eq!(canonical_set(&[0xa0, 0x80, 5, 0, 2, 1, 1, 0, 0]).unwrap(), [0x31, 5, 2, 1, 1, 5, 0]);
        assert!(canonical_set(&[0x80, 0]).is_err());
    }

    /// A value as a tree, to be written in DER or in some BER.
    #[derive(Debug, Clone)]
    enum Tree {
        Octets(Vec<u8>),
        Integer(i32),
        Sequence(Vec<Tree>),
        Set(Vec<Tree>),
        Context(u8, Vec<Tree>),
    }

    fn tree() -> impl Strategy<Value = Tree> {
        let leaf = prop_oneof![
            prop::collection::vec(any::<u8>(), 0..300).prop_map(Tree::Octets),
            any::<i32>().prop_map(Tree::Integer)
        ];
        leaf.prop_recursive(5, 40, 5, |inner| {
            let inner = prop::collection::vec(inner, 0..5);
            prop_oneof![
                inner.clone().prop_map(Tree::Sequence),
                inner.clone().prop_map(Tree::Set),
                (0u8..31, inner).prop_map(|(number, inner)| Tree::Context(number, inner)),
            ]
        })
    }

    fn der(tree: &Tree) -> Vec<u8> {
        match tree {
            Tree::Octets(octets) => encode::tlv(4, octets),
            Tree::Integer(value) => encode::tlv(2, shortest_integer(&value.to_be_bytes())),
            Tree::Sequence(inner) => encode::tlv(0x30, &inner.iter().map(der).collect::<Vec<_>>().concat()),
            Tree::Set(inner) => encode::set_of(0x31, inner.iter().map(der).collect()),
            Tree::Context(number, inner) => {
                encode::tlv(0xa0 | number, &inner.iter().map(der).collect::<Vec<_>>().concat())
            }
        }
    }

    /// Indefinite lengths, long lengths, segments and sets as they came, by the whim of `dice`.
    fn ber(tree: &Tree, dice: &mut dyn FnMut() -> bool) -> Vec<u8> {
        let (identifier, contents) = match tree {
            Tree::Octets(octets) if dice() => {
                let segments: Vec<_> = octets.chunks(7).map(|chunk| encode::tlv(4, chunk)).collect();
                (0x24, segments.concat())
            }
            Tree::Octets(octets) => (4, octets.clone()),
            Tree::Integer(value) => (2, value.to_be_bytes().to_vec()),
            Tree::Sequence(inner) => (0x30, inner.iter().map(|tree| ber(tree, dice)).collect::<Vec<_>>().concat()),
            Tree::Set(inner) => (0x31, inner.iter().map(|tree| ber(tree, dice)).collect::<Vec<_>>().concat()),
            Tree::Context(number, inner) => {
                (0xa0 | number, inner.iter().map(|tree| ber(tree, dice)).collect::<Vec<_>>().concat())
            }
        };
        if identifier & 0x20 != 0 && dice() {
            return [&[identifier, 0x80], &contents[..], &[0, 0]].concat();
        }
        [&[identifier, 0x88], &(contents.len() as u64).to_be_bytes()[..], &contents[..]].concat()
    }

    proptest! {
        #[test]
        fn every_ber_of_a_value_has_its_der(tree in tree(), seed in any::<u64>()) {
            let mut seed = seed;
            let mut dice = || { seed = seed.rotate_left(1) ^ 0x9e37_79b9; seed & 1 == 1 };
            prop_assert_eq!(canonical(&ber(&tree, &mut dice)).unwrap(), der(&tree));
            prop_assert_eq!(canonical(&der(&tree)).unwrap(), der(&tree));
        }

        /// However small the window and wherever it ends, an element is read octet for octet and a string whole.
        #[test]
        fn windows_do_not_matter(tree in tree(), octets in prop::collection::vec(any::<u8>(), 0..300),
                                 seed in any::<u64>(), window in 0usize..64) {
            let mut seed = seed;
            let mut dice = || { seed = seed.rotate_left(1) ^ 0x9e37_79b9; seed & 1 == 1 };
            let encoded = [ber(&tree, &mut dice), ber(&Tree::Octets(octets.clone()), &mut dice)].concat();
            let mut reader = Reader::with_limits(&encoded[..], Limits { window, ..Limits::default() });
            let element = reader.element(encoded.len()).unwrap();
            prop_assert!(encoded.starts_with(&element));
            prop_assert_eq!(canonical(&element).unwrap(), der(&tree));
            prop_assert_eq!(reader.octet_string(Tag::OCTET_STRING, 300).unwrap(), octets);
            reader.finish().unwrap();
        }

        #[test]
        fn idempotent_on_anything(octets in prop::collection::vec(any::<u8>(), 0..64)) {
            if let Ok(once) = canonical(&octets) {
                prop_assert_eq!(canonical(&once).unwrap(), once);
            }
        }
    }
}
