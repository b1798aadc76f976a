//! Algorithms by the names that micalg and the verdict print, and handles both ways.

use mailseal_core::{Address, Handle, HashName};
use sequoia_openpgp::packet::key::{KeyRole, PublicParts};
use sequoia_openpgp::packet::{Key, UserID};
use sequoia_openpgp::types::{
    AEADAlgorithm, CompressionAlgorithm, HashAlgorithm, PublicKeyAlgorithm, SymmetricAlgorithm,
};
use sequoia_openpgp::{Fingerprint, KeyHandle, KeyID};

/// The hash algorithms of RFC 9580 §9.5 with their names in lower case.
const HASHES: [(HashAlgorithm, HashName); 9] = [
    (HashAlgorithm::MD5, "md5"),
    (HashAlgorithm::SHA1, "sha1"),
    (HashAlgorithm::RipeMD, "ripemd160"),
    (HashAlgorithm::SHA224, "sha224"),
    (HashAlgorithm::SHA256, "sha256"),
    (HashAlgorithm::SHA384, "sha384"),
    (HashAlgorithm::SHA512, "sha512"),
    (HashAlgorithm::SHA3_256, "sha3-256"),
    (HashAlgorithm::SHA3_512, "sha3-512"),
];

/// The name of a hash algorithm; `None` when RFC 9580 does not know it.
pub(crate) fn hash(algorithm: HashAlgorithm) -> Option<HashName> {
    HASHES.iter().find(|(known, _)| *known == algorithm).map(|(_, name)| *name)
}

/// The hash algorithm of a name.
pub(crate) fn hash_by_name(name: HashName) -> Option<HashAlgorithm> {
    HASHES.iter().find(|(_, known)| *known == name).map(|(algorithm, _)| *algorithm)
}

/// The name of a public-key algorithm.
#[allow(deprecated, reason = "old algorithms are named too")]
pub(crate) fn public_key(algorithm: PublicKeyAlgorithm) -> String {
    match algorithm {
        PublicKeyAlgorithm::RSAEncryptSign | PublicKeyAlgorithm::RSASign | PublicKeyAlgorithm::RSAEncrypt => {
            "rsa".to_owned()
        }
        PublicKeyAlgorithm::DSA => "dsa".to_owned(),
        PublicKeyAlgorithm::ECDSA => "ecdsa".to_owned(),
        PublicKeyAlgorithm::EdDSA | PublicKeyAlgorithm::Ed25519 => "ed25519".to_owned(),
        PublicKeyAlgorithm::Ed448 => "ed448".to_owned(),
        PublicKeyAlgorithm::MLDSA65_Ed25519 => "ml-dsa-65+ed25519".to_owned(),
        PublicKeyAlgorithm::MLDSA87_Ed448 => "ml-dsa-87+ed448".to_owned(),
        PublicKeyAlgorithm::SLHDSA128s => "slh-dsa-128s".to_owned(),
        PublicKeyAlgorithm::SLHDSA128f => "slh-dsa-128f".to_owned(),
        PublicKeyAlgorithm::SLHDSA256s => "slh-dsa-256s".to_owned(),
        other => format!("{other:?}").to_lowercase(),
    }
}

/// The name of a content cipher: key length and mode; SEIPD version 1 is CFB (RFC 9580 §5.13.1).
#[allow(deprecated, reason = "old algorithms are named too")]
pub(crate) fn cipher(algorithm: SymmetricAlgorithm, aead: Option<AEADAlgorithm>) -> String {
    let mode = match aead {
        None => "cfb".to_owned(),
        Some(AEADAlgorithm::OCB) => "ocb".to_owned(),
        Some(AEADAlgorithm::GCM) => "gcm".to_owned(),
        Some(AEADAlgorithm::EAX) => "eax".to_owned(),
        Some(other) => format!("{other:?}").to_lowercase(),
    };
    let name = match algorithm {
        SymmetricAlgorithm::AES128 => "aes-128",
        SymmetricAlgorithm::AES192 => "aes-192",
        SymmetricAlgorithm::AES256 => "aes-256",
        SymmetricAlgorithm::TripleDES => "3des",
        SymmetricAlgorithm::IDEA => "idea",
        SymmetricAlgorithm::CAST5 => "cast5",
        SymmetricAlgorithm::Blowfish => "blowfish",
        SymmetricAlgorithm::Twofish => "twofish",
        SymmetricAlgorithm::Camellia128 => "camellia-128",
        SymmetricAlgorithm::Camellia192 => "camellia-192",
        SymmetricAlgorithm::Camellia256 => "camellia-256",
        _ => "unknown",
    };
    format!("{name}-{mode}")
}

/// The name of a compression algorithm.
pub(crate) fn compression(algorithm: CompressionAlgorithm) -> String {
    match algorithm {
        CompressionAlgorithm::Uncompressed => "uncompressed".to_owned(),
        CompressionAlgorithm::Zip => "zip".to_owned(),
        CompressionAlgorithm::Zlib => "zlib".to_owned(),
        CompressionAlgorithm::BZip2 => "bzip2".to_owned(),
        other => format!("{other:?}").to_lowercase(),
    }
}

/// A fingerprint as a handle.
pub(crate) fn fingerprint(fingerprint: &Fingerprint) -> Handle {
    Handle::Fingerprint(fingerprint.as_bytes().to_vec())
}

/// A Key ID as a handle; one of an impossible length is the wildcard.
pub(crate) fn key_id(id: &KeyID) -> Handle {
    Handle::KeyId(id.as_bytes().try_into().unwrap_or_default())
}

/// What a packet calls a key by, as a handle.
pub(crate) fn handle(handle: &KeyHandle) -> Handle {
    match handle {
        KeyHandle::Fingerprint(known) => fingerprint(known),
        KeyHandle::KeyID(id) => key_id(id),
    }
}

/// Whether a message that says `called` may mean this key.
pub(crate) fn is_called<R: KeyRole>(key: &Key<PublicParts, R>, called: &Handle) -> bool {
    fingerprint(&key.fingerprint()) == *called || key_id(&key.keyid()) == *called
}

/// The address that a User ID names, if it names one.
pub(crate) fn address(user_id: &UserID) -> Option<Address> {
    let text = user_id.email().ok().flatten()?;
    Address::parse(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R31: the names of RFC 3156 §5 and RFC 9580.
    #[test]
    fn hash_names_go_both_ways() {
        for (algorithm, name) in HASHES {
            assert_eq!(hash(algorithm), Some(name));
            assert_eq!(hash_by_name(name), Some(algorithm));
        }
        assert_eq!(hash(HashAlgorithm::Unknown(99)), None);
    }

    #[test]
    fn ciphers_name_their_mode() {
        assert_eq!(cipher(SymmetricAlgorithm::AES256, Some(AEADAlgorithm::OCB)), "aes-256-ocb");
        assert_eq!(cipher(SymmetricAlgorithm::AES128, None), "aes-128-cfb");
    }
}
