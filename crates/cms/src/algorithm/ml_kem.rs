//! The parameter sets of ML-KEM.

use const_oid::ObjectIdentifier;

/// A parameter set of ML-KEM ([FIPS 203 §8](https://doi.org/10.6028/NIST.FIPS.203)).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MlKem {
    /// ML-KEM-512, category 1.
    Set512,
    /// ML-KEM-768, category 3.
    Set768,
    /// ML-KEM-1024, category 5.
    Set1024,
}

impl MlKem {
    /// Every parameter set, weakest first.
    pub const ALL: [Self; 3] = [Self::Set512, Self::Set768, Self::Set1024];

    /// The object identifier of its keys and of its use in CMS
    /// ([RFC 9935 §3](https://www.rfc-editor.org/rfc/rfc9935#section-3)).
    pub const fn oid(self) -> ObjectIdentifier {
        ObjectIdentifier::new_unwrap(match self {
            Self::Set512 => "2.16.840.1.101.3.4.4.1",
            Self::Set768 => "2.16.840.1.101.3.4.4.2",
            Self::Set1024 => "2.16.840.1.101.3.4.4.3",
        })
    }

    /// The parameter set of an object identifier, `None` for any other.
    pub fn from_oid(oid: &ObjectIdentifier) -> Option<Self> {
        Self::ALL.into_iter().find(|set| set.oid() == *oid)
    }

    /// Its name in lower case: `ml-kem-768`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Set512 => "ml-kem-512",
            Self::Set768 => "ml-kem-768",
            Self::Set1024 => "ml-kem-1024",
        }
    }
}
