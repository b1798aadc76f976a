//! The parameter sets of ML-DSA.

use const_oid::ObjectIdentifier;

/// A parameter set of ML-DSA ([FIPS 204 §4](https://doi.org/10.6028/NIST.FIPS.204)).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MlDsa {
    /// ML-DSA-44, category 2.
    Set44,
    /// ML-DSA-65, category 3.
    Set65,
    /// ML-DSA-87, category 5.
    Set87,
}

impl MlDsa {
    /// Every parameter set, weakest first.
    pub const ALL: [Self; 3] = [Self::Set44, Self::Set65, Self::Set87];

    /// The object identifier of its keys and signatures ([RFC 9881 §3](https://www.rfc-editor.org/rfc/rfc9881#section-3)).
    pub const fn oid(self) -> ObjectIdentifier {
        ObjectIdentifier::new_unwrap(match self {
            Self::Set44 => "2.16.840.1.101.3.4.3.17",
            Self::Set65 => "2.16.840.1.101.3.4.3.18",
            Self::Set87 => "2.16.840.1.101.3.4.3.19",
        })
    }

    /// The parameter set of an object identifier, `None` for any other, the pre-hash variants among them.
    pub fn from_oid(oid: &ObjectIdentifier) -> Option<Self> {
        Self::ALL.into_iter().find(|set| set.oid() == *oid)
    }

    /// Its name in lower case: `ml-dsa-65`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Set44 => "ml-dsa-44",
            Self::Set65 => "ml-dsa-65",
            Self::Set87 => "ml-dsa-87",
        }
    }
}
