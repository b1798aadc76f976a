//! The private keys of ML-DSA and ML-KEM, which have three forms.

use der::asn1::AnyRef;
use der::{Decode, Tag, TagNumber, Tagged};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::Error;

/// What stands in the OCTET STRING of PKCS#8 ([RFC 9881 §6](https://www.rfc-editor.org/rfc/rfc9881#section-6),
/// [RFC 9935 §6](https://www.rfc-editor.org/rfc/rfc9935#section-6)).
///
/// ```text
/// CHOICE {
///     seed [0] IMPLICIT OCTET STRING,
///     expandedKey OCTET STRING,
///     both SEQUENCE { seed OCTET STRING, expandedKey OCTET STRING } }
/// ```
pub(super) enum Seeded<'a> {
    /// From which everything is made.
    Seed(&'a [u8]),
    /// What was made from a seed that is not known.
    Expanded(&'a [u8]),
    /// Both, which must agree.
    Both {
        /// As in `Seed`.
        seed: &'a [u8],
        /// As in `Expanded`.
        expanded: &'a [u8],
    },
}

impl<'a> Seeded<'a> {
    /// Reads one of the forms; the lengths are for the algorithm to check.
    pub(super) fn parse(octets: &'a [u8]) -> Result<Self, Error> {
        const BAD: Error = Error::Key { reason: "a private key that is neither seed nor expanded key" };
        const SEED: Tag = Tag::ContextSpecific { constructed: false, number: TagNumber(0) };
        let any = AnyRef::from_der(octets).map_err(|_| BAD)?;
        match any.tag() {
            SEED => Ok(Self::Seed(any.value())),
            Tag::OctetString => Ok(Self::Expanded(any.value())),
            Tag::Sequence => {
                let (seed, rest) = AnyRef::from_der_partial(any.value()).map_err(|_| BAD)?;
                let expanded = AnyRef::from_der(rest).map_err(|_| BAD)?;
                if (seed.tag(), expanded.tag()) != (Tag::OctetString, Tag::OctetString) {
                    return Err(BAD);
                }
                Ok(Self::Both { seed: seed.value(), expanded: expanded.value() })
            }
            _ => Err(BAD),
        }
    }
}

/// Whether what was made from the seed is what came with it (RFC 9881 §8.2, RFC 9935 §8).
pub(super) fn agree(made: Zeroizing<Vec<u8>>, given: &[u8]) -> Result<(), Error> {
    if bool::from(made.ct_eq(given)) {
        return Ok(());
    }
    Err(Error::Key { reason: "a private key whose seed and expanded key disagree" })
}
