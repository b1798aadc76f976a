//! Message digests.

use const_oid::{AssociatedOid, ObjectIdentifier};
use digest::Digest;
use md5::Md5;
use sha1::Sha1;
use sha2::{Sha224, Sha256, Sha384, Sha512};

/// A message digest algorithm: [RFC 5754 §2](https://www.rfc-editor.org/rfc/rfc5754#section-2) and
/// [RFC 3370 §2](https://www.rfc-editor.org/rfc/rfc3370#section-2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Hash {
    /// 128 bits; collisions are made in seconds. Known so that it can be named, never good.
    Md5,
    /// 160 bits; collisions have been bought. Known so that it can be named, never good for signatures.
    Sha1,
    /// SHA-2 with 224 bits.
    Sha224,
    /// SHA-2 with 256 bits.
    Sha256,
    /// SHA-2 with 384 bits.
    Sha384,
    /// SHA-2 with 512 bits.
    Sha512,
}

/// What is publicly known about the collision resistance of a [`Hash`](enum@Hash).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strength {
    /// Collisions are practical: a signature over it says nothing.
    Weak,
    /// No practical collisions known.
    Strong,
}

impl Hash {
    /// Every hash known here, weakest first.
    pub const ALL: [Self; 6] = [Self::Md5, Self::Sha1, Self::Sha224, Self::Sha256, Self::Sha384, Self::Sha512];

    /// The object identifier in `DigestAlgorithmIdentifier`.
    pub const fn oid(self) -> ObjectIdentifier {
        match self {
            Self::Md5 => ObjectIdentifier::new_unwrap("1.2.840.113549.2.5"),
            Self::Sha1 => Sha1::OID,
            Self::Sha224 => Sha224::OID,
            Self::Sha256 => Sha256::OID,
            Self::Sha384 => Sha384::OID,
            Self::Sha512 => Sha512::OID,
        }
    }

    /// The hash of an object identifier, `None` if it is not known here.
    pub fn from_oid(oid: &ObjectIdentifier) -> Option<Self> {
        Self::ALL.into_iter().find(|hash| hash.oid() == *oid)
    }

    /// Its name in lower case: `sha256`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Md5 => "md5",
            Self::Sha1 => "sha1",
            Self::Sha224 => "sha224",
            Self::Sha256 => "sha256",
            Self::Sha384 => "sha384",
            Self::Sha512 => "sha512",
        }
    }

    /// Length of the digest in octets.
    pub const fn output_len(self) -> usize {
        match self {
            Self::Md5 => 16,
            Self::Sha1 => 20,
            Self::Sha224 => 28,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    /// Whether collisions are practical.
    pub const fn strength(self) -> Strength {
        match self {
            Self::Md5 | Self::Sha1 => Strength::Weak,
            _ => Strength::Strong,
        }
    }

    /// A new context, to be fed in pieces.
    pub fn context(self) -> HashContext {
        match self {
            Self::Md5 => HashContext::Md5(Md5::new()),
            Self::Sha1 => HashContext::Sha1(Sha1::new()),
            Self::Sha224 => HashContext::Sha224(Sha224::new()),
            Self::Sha256 => HashContext::Sha256(Sha256::new()),
            Self::Sha384 => HashContext::Sha384(Sha384::new()),
            Self::Sha512 => HashContext::Sha512(Sha512::new()),
        }
    }

    /// The digest of `data`.
    pub fn digest(self, data: &[u8]) -> Vec<u8> {
        let mut context = self.context();
        context.update(data);
        context.finish()
    }
}

/// A digest in the making.
#[derive(Clone)]
#[non_exhaustive]
#[allow(missing_docs, reason = "each variant is the hash of its name")]
pub enum HashContext {
    Md5(Md5),
    Sha1(Sha1),
    Sha224(Sha224),
    Sha256(Sha256),
    Sha384(Sha384),
    Sha512(Sha512),
}

impl HashContext {
    /// The algorithm of this context.
    pub fn hash(&self) -> Hash {
        match self {
            Self::Md5(_) => Hash::Md5,
            Self::Sha1(_) => Hash::Sha1,
            Self::Sha224(_) => Hash::Sha224,
            Self::Sha256(_) => Hash::Sha256,
            Self::Sha384(_) => Hash::Sha384,
            Self::Sha512(_) => Hash::Sha512,
        }
    }

    /// Takes in the next octets.
    pub fn update(&mut self, data: &[u8]) {
        match self {
            Self::Md5(h) => h.update(data),
            Self::Sha1(h) => h.update(data),
            Self::Sha224(h) => h.update(data),
            Self::Sha256(h) => h.update(data),
            Self::Sha384(h) => h.update(data),
            Self::Sha512(h) => h.update(data),
        }
    }

    /// The digest of everything taken in, [`Hash::output_len`] octets.
    pub fn finish(self) -> Vec<u8> {
        match self {
            Self::Md5(h) => h.finalize().to_vec(),
            Self::Sha1(h) => h.finalize().to_vec(),
            Self::Sha224(h) => h.finalize().to_vec(),
            Self::Sha256(h) => h.finalize().to_vec(),
            Self::Sha384(h) => h.finalize().to_vec(),
            Self::Sha512(h) => h.finalize().to_vec(),
        }
    }
}

impl std::fmt::Debug for HashContext {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("HashContext").field(&self.hash()).finish()
    }
}

/// Runs `$body` with `$D` as the digest type of `$hash`: the one place where a value becomes a type parameter.
macro_rules! with_hash {
    ($hash:expr, $D:ident => $body:expr) => {
        match $hash {
            $crate::engine::Hash::Md5 => {
                type $D = md5::Md5;
                $body
            }
            $crate::engine::Hash::Sha1 => {
                type $D = sha1::Sha1;
                $body
            }
            $crate::engine::Hash::Sha224 => {
                type $D = sha2::Sha224;
                $body
            }
            $crate::engine::Hash::Sha256 => {
                type $D = sha2::Sha256;
                $body
            }
            $crate::engine::Hash::Sha384 => {
                type $D = sha2::Sha384;
                $body
            }
            $crate::engine::Hash::Sha512 => {
                type $D = sha2::Sha512;
                $body
            }
        }
    };
}
pub(crate) use with_hash;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_of_abc() {
        // RFC 1321 §A.5, FIPS 180-4 examples.
        assert_eq!(hex(&Hash::Md5.digest(b"abc")), "900150983cd24fb0d6963f7d28e17f72");
        assert_eq!(hex(&Hash::Sha1.digest(b"abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
        assert_eq!(
            hex(&Hash::Sha256.digest(b"abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn every_hash_has_its_own_oid_and_length() {
        for hash in Hash::ALL {
            assert_eq!(Hash::from_oid(&hash.oid()), Some(hash));
            assert_eq!(hash.digest(b"").len(), hash.output_len());
            assert_eq!(hash.context().hash(), hash);
        }
    }

    /// Attack 21: MD5 and SHA-1 are weak, and only they.
    #[test]
    fn md5_and_sha1_are_weak() {
        let weak: Vec<_> = Hash::ALL.into_iter().filter(|h| h.strength() == Strength::Weak).collect();
        assert_eq!(weak, [Hash::Md5, Hash::Sha1]);
    }

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|b| format!("{b:02x}")).collect()
    }
}
