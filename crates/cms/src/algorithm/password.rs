//! Password-based key encryption.

use const_oid::ObjectIdentifier;
use der::asn1::{AnyRef, OctetStringRef};
use der::{Sequence, Tagged};
use spki::{AlgorithmIdentifierOwned, AlgorithmIdentifierRef};
use zeroize::Zeroizing;

use super::{ContentCipher, ContentEncryption, Integrity, absent_or_null, encode};
use crate::Error;
use crate::engine::{Hash, password_wrap, pbkdf2, random_bytes};

/// `id-PBKDF2`, [RFC 8018 §A.2](https://www.rfc-editor.org/rfc/rfc8018#appendix-A.2).
const PBKDF2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.12");
/// `id-alg-PWRI-KEK`, [RFC 3211 §2.2](https://www.rfc-editor.org/rfc/rfc3211#section-2.2).
const PWRI_KEK: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.3.9");

/// The pseudorandom functions of PBKDF2: `id-hmacWithSHA1` and the like, RFC 8018 §B.1.
const PRFS: [(&str, Hash); 5] = [
    ("1.2.840.113549.2.7", Hash::Sha1),
    ("1.2.840.113549.2.8", Hash::Sha224),
    ("1.2.840.113549.2.9", Hash::Sha256),
    ("1.2.840.113549.2.10", Hash::Sha384),
    ("1.2.840.113549.2.11", Hash::Sha512),
];

/// The most rounds that are computed. OWASP asks for 1.3 million with SHA-1, 600 000 with SHA-256 (2023).
const MAX_ROUNDS: u32 = 2_000_000;

/// How a content key is encrypted under a password: a key by PBKDF2, the wrap of
/// [RFC 3211 §2.3](https://www.rfc-editor.org/rfc/rfc3211#section-2.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasswordEncryption {
    /// Hash of the HMAC in PBKDF2. SHA-1 is read, never written.
    pub hash: Hash,
    /// Rounds of PBKDF2.
    pub rounds: u32,
    salt: Vec<u8>,
    /// The cipher of the wrap, in CBC mode, and its initialisation vector.
    wrap: ContentEncryption,
}

/// `PBKDF2-params`, RFC 8018 §A.2, with the salt as it is always given.
#[derive(Sequence)]
struct Pbkdf2Parameters<'a> {
    salt: &'a OctetStringRef,
    rounds: u32,
    #[asn1(optional = "true")]
    key_len: Option<u16>,
    #[asn1(optional = "true")]
    prf: Option<AlgorithmIdentifierRef<'a>>,
}

impl PasswordEncryption {
    /// PBKDF2 with HMAC-SHA-256 and a fresh salt of 16 octets, AES-256.
    ///
    /// # Errors
    /// [`Error::Random`]; [`Error::Limit`] for more than two million `rounds`.
    pub fn generate(rounds: u32) -> Result<Self, Error> {
        check_rounds(rounds)?;
        let wrap = ContentEncryption::generate(ContentCipher::Aes256Cbc)?;
        Ok(Self { hash: Hash::Sha256, rounds, salt: random_bytes(16)?.to_vec(), wrap })
    }

    /// Reads the `keyDerivationAlgorithm` and the `keyEncryptionAlgorithm` of a PasswordRecipientInfo.
    ///
    /// # Errors
    /// [`Error::Unsupported`] or [`Error::Malformed`], among others for a wrap with a cipher that is not CBC;
    /// [`Error::Limit`] for more than two million rounds.
    pub fn from_algorithms(
        derivation: &AlgorithmIdentifierRef<'_>,
        encryption: &AlgorithmIdentifierRef<'_>,
    ) -> Result<Self, Error> {
        const WHAT: &str = "password-based key derivation";
        if derivation.oid != PBKDF2 {
            return Err(Error::Unsupported { what: WHAT, oid: derivation.oid });
        }
        let parameters = derivation.parameters.ok_or_else(|| Error::malformed(WHAT))?;
        let parameters: Pbkdf2Parameters<'_> = parameters.decode_as().map_err(Error::der(WHAT))?;
        check_rounds(parameters.rounds)?;
        let wrap = wrap_algorithm(encryption)?;
        if parameters.key_len.is_some_and(|len| usize::from(len) != wrap.cipher.key_len()) {
            return Err(Error::malformed(WHAT));
        }
        let hash = parameters.prf.map_or(Ok(Hash::Sha1), |prf| prf_hash(&prf))?;
        Ok(Self { hash, rounds: parameters.rounds, salt: parameters.salt.as_bytes().to_vec(), wrap })
    }

    /// The `keyDerivationAlgorithm` and the `keyEncryptionAlgorithm`.
    ///
    /// # Errors
    /// [`Error::Malformed`] never happens for a value made here.
    pub fn to_algorithms(&self) -> Result<(AlgorithmIdentifierOwned, AlgorithmIdentifierOwned), Error> {
        let (dotted, _) = PRFS
            .iter()
            .find(|(_, hash)| *hash == self.hash)
            .ok_or(Error::Unsupported { what: "pseudorandom function", oid: self.hash.oid() })?;
        let prf = AlgorithmIdentifierRef { oid: ObjectIdentifier::new_unwrap(dotted), parameters: Some(AnyRef::NULL) };
        let parameters = Pbkdf2Parameters {
            salt: OctetStringRef::new(&self.salt).map_err(Error::der("salt"))?,
            rounds: self.rounds,
            key_len: None,
            prf: Some(prf),
        };
        let wrap = encode(&self.wrap.to_algorithm()?)?;
        Ok((
            AlgorithmIdentifierOwned { oid: PBKDF2, parameters: Some(encode(&parameters)?) },
            AlgorithmIdentifierOwned { oid: PWRI_KEK, parameters: Some(wrap) },
        ))
    }

    /// Wraps a content key under `password`.
    ///
    /// # Errors
    /// [`Error::Misuse`] for a key of more than 255 octets or for ciphers that are only read; [`Error::Random`].
    pub fn wrap(&self, password: &[u8], content_key: &[u8]) -> Result<Vec<u8>, Error> {
        password_wrap::wrap(self.wrap.cipher, &self.key(password)?, &self.wrap.iv, content_key)
    }

    /// The content key in `wrapped`. Three octets tell whether the password is right: one in 16 million wrong ones passes.
    ///
    /// # Errors
    /// [`Error::Decrypt`] where the password or anything else is wrong.
    pub fn unwrap(&self, password: &[u8], wrapped: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
        password_wrap::unwrap(self.wrap.cipher, &self.key(password)?, &self.wrap.iv, wrapped)
    }

    fn key(&self, password: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
        pbkdf2(self.hash, password, &self.salt, self.rounds, self.wrap.cipher.key_len())
    }
}

fn check_rounds(rounds: u32) -> Result<(), Error> {
    match rounds {
        0 => Err(Error::malformed("iterationCount")),
        1..=MAX_ROUNDS => Ok(()),
        _ => Err(Error::Limit { what: "rounds of key derivation", limit: MAX_ROUNDS.into() }),
    }
}

fn prf_hash(prf: &AlgorithmIdentifierRef<'_>) -> Result<Hash, Error> {
    let found = PRFS.iter().find(|(dotted, _)| ObjectIdentifier::new_unwrap(dotted) == prf.oid);
    let (_, hash) = found.ok_or(Error::Unsupported { what: "pseudorandom function", oid: prf.oid })?;
    if absent_or_null(prf.parameters) { Ok(*hash) } else { Err(Error::malformed("pseudorandom function")) }
}

/// The cipher inside `id-alg-PWRI-KEK`.
fn wrap_algorithm(encryption: &AlgorithmIdentifierRef<'_>) -> Result<ContentEncryption, Error> {
    const WHAT: &str = "password-based key encryption";
    if encryption.oid != PWRI_KEK {
        return Err(Error::Unsupported { what: WHAT, oid: encryption.oid });
    }
    let parameters = encryption.parameters.filter(|any| any.tag() == der::Tag::Sequence);
    let inner: AlgorithmIdentifierRef<'_> =
        parameters.ok_or_else(|| Error::malformed(WHAT))?.decode_as().map_err(Error::der(WHAT))?;
    match ContentEncryption::from_algorithm(&inner)? {
        wrap if wrap.cipher.integrity() == Integrity::None => Ok(wrap),
        _ => Err(Error::Unsupported { what: WHAT, oid: inner.oid }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use der::Any;
    use der::referenced::OwnedToRef;

    fn read(
        (derivation, encryption): &(AlgorithmIdentifierOwned, AlgorithmIdentifierOwned),
    ) -> Result<PasswordEncryption, Error> {
        PasswordEncryption::from_algorithms(&derivation.owned_to_ref(), &encryption.owned_to_ref())
    }

    #[test]
    fn what_is_written_is_read_back() {
        let mut encryption = PasswordEncryption::generate(1000).unwrap();
        for hash in [Hash::Sha1, Hash::Sha224, Hash::Sha256, Hash::Sha384, Hash::Sha512] {
            encryption.hash = hash;
            assert_eq!(read(&encryption.to_algorithms().unwrap()).unwrap(), encryption);
            let wrapped = encryption.wrap(b"password", &[7; 32]).unwrap();
            assert_eq!(*encryption.unwrap(b"password", &wrapped).unwrap(), [7; 32]);
            assert!(matches!(encryption.unwrap(b"Password", &wrapped), Err(Error::Decrypt)));
        }
    }

    /// Attack 10: rounds without end, none at all, a stream cipher inside, a key of another length, parameters missing.
    #[test]
    fn odd_parameters_are_refused() {
        let good = PasswordEncryption::generate(1).unwrap();
        for rounds in [0, MAX_ROUNDS + 1, u32::MAX] {
            let odd = PasswordEncryption { rounds, ..good.clone() };
            let refused = read(&odd.to_algorithms().unwrap());
            assert!(matches!(refused, Err(Error::Limit { .. } | Error::Malformed { .. })), "{rounds}");
            assert!(PasswordEncryption::generate(rounds).is_err());
        }
        for cipher in [ContentCipher::Aes256Gcm, ContentCipher::ChaCha20Poly1305] {
            let odd = PasswordEncryption { wrap: ContentEncryption::generate(cipher).unwrap(), ..good.clone() };
            assert!(matches!(read(&odd.to_algorithms().unwrap()), Err(Error::Unsupported { .. })), "{cipher:?}");
        }
        let (derivation, encryption) = good.to_algorithms().unwrap();
        for parameters in [None, Some(Any::null())] {
            let bare = |oid| AlgorithmIdentifierOwned { oid, parameters: parameters.clone() };
            assert!(read(&(bare(PBKDF2), encryption.clone())).is_err());
            assert!(read(&(derivation.clone(), bare(PWRI_KEK))).is_err());
        }
        let short =
            Pbkdf2Parameters { salt: OctetStringRef::new(b"salt").unwrap(), rounds: 1, key_len: Some(16), prf: None };
        let derivation = AlgorithmIdentifierOwned { oid: PBKDF2, parameters: Some(encode(&short).unwrap()) };
        assert!(matches!(read(&(derivation, encryption)), Err(Error::Malformed { .. })));
    }
}
