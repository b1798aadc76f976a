//! The curves of ECDSA and ECDH.

use const_oid::ObjectIdentifier;
use der::asn1::AnyRef;
use spki::AlgorithmIdentifierRef;

use crate::Error;
use crate::algorithm::oid;

/// A named curve of [RFC 5480 §2.1.1.1](https://www.rfc-editor.org/rfc/rfc5480#section-2.1.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Curve {
    /// secp256r1.
    P256,
    /// secp384r1.
    P384,
    /// secp521r1.
    P521,
}

impl Curve {
    const ALL: [Self; 3] = [Self::P256, Self::P384, Self::P521];

    /// The object identifier in `ECParameters`.
    pub const fn oid(self) -> ObjectIdentifier {
        match self {
            Self::P256 => oid::SECP256R1,
            Self::P384 => oid::SECP384R1,
            Self::P521 => oid::SECP521R1,
        }
    }

    /// The curve of an object identifier, `None` if it is not known here.
    pub fn from_oid(oid: &ObjectIdentifier) -> Option<Self> {
        Self::ALL.into_iter().find(|curve| curve.oid() == *oid)
    }

    /// Its name: `p-256`, `p-384` or `p-521`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::P256 => "p-256",
            Self::P384 => "p-384",
            Self::P521 => "p-521",
        }
    }

    /// Length of a coordinate, and of `r` and `s` of a signature, in octets.
    pub const fn field_len(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }
}

/// The `namedCurve` of an `id-ecPublicKey` algorithm; explicit parameters are refused (RFC 5480 §2.1.1).
pub(crate) fn named_curve(algorithm: &AlgorithmIdentifierRef<'_>) -> Result<Curve, Error> {
    let parameters: AnyRef<'_> = algorithm.parameters.ok_or_else(|| Error::malformed("ECParameters"))?;
    let curve: ObjectIdentifier = parameters.decode_as().map_err(Error::der("ECParameters"))?;
    Curve::from_oid(&curve).ok_or(Error::Unsupported { what: "curve", oid: curve })
}

/// Calls `$body` with `$C` as the curve's type.
macro_rules! with_curve {
    ($curve:expr, $C:ident => $body:expr) => {
        match $curve {
            $crate::engine::Curve::P256 => {
                type $C = p256::NistP256;
                $body
            }
            $crate::engine::Curve::P384 => {
                type $C = p384::NistP384;
                $body
            }
            $crate::engine::Curve::P521 => {
                type $C = p521::NistP521;
                $body
            }
        }
    };
}
pub(super) use with_curve;
