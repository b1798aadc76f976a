//! Key encapsulation: the key derivation and the key wrap after it.

use const_oid::ObjectIdentifier;
use spki::AlgorithmIdentifierRef;
use zeroize::Zeroizing;

use super::KeyWrap;
use crate::Error;
use crate::ber::encode;
use crate::engine::{Hash, hkdf};

/// How a key encryption key comes from an encapsulated secret and wraps the content key:
/// [RFC 9629 §5](https://www.rfc-editor.org/rfc/rfc9629#section-5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KeyEncapsulation {
    /// The hash of HKDF.
    hash: Hash,
    pub(crate) wrap: KeyWrap,
    /// `CMSORIforKEMOtherInfo` in DER, which binds the wrap to the key.
    info: Vec<u8>,
}

/// `id-alg-hkdf-with-sha256` and its kin, [RFC 8619 §2](https://www.rfc-editor.org/rfc/rfc8619#section-2).
const HKDF: [(&str, Hash); 3] = [
    ("1.2.840.113549.1.9.16.3.28", Hash::Sha256),
    ("1.2.840.113549.1.9.16.3.29", Hash::Sha384),
    ("1.2.840.113549.1.9.16.3.30", Hash::Sha512),
];

impl KeyEncapsulation {
    /// Reads `kdf`; `wrap` is the KeyEncryptionAlgorithmIdentifier in DER, `kek_len` what `kekLength` says.
    ///
    /// # Errors
    /// [`Error::Unsupported`], or [`Error::Malformed`] for parameters and for a `kekLength` that is not the wrap's.
    pub(crate) fn read(
        kdf: &AlgorithmIdentifierRef<'_>,
        wrap: (&AlgorithmIdentifierRef<'_>, &[u8]),
        kek_len: u16,
        ukm: Option<&[u8]>,
    ) -> Result<Self, Error> {
        let found = HKDF.iter().find(|(dotted, _)| ObjectIdentifier::new_unwrap(dotted) == kdf.oid);
        let (_, hash) = *found.ok_or(Error::Unsupported { what: "key derivation", oid: kdf.oid })?;
        if kdf.parameters.is_some() {
            return Err(Error::malformed("kdf"));
        }
        let (algorithm, wrap_der) = wrap;
        let wrap = KeyWrap::from_algorithm(algorithm)?;
        if usize::from(kek_len) != wrap.key_len() {
            return Err(Error::malformed("kekLength"));
        }
        Ok(Self { hash, wrap, info: other_info(wrap_der, wrap, ukm) })
    }

    /// HKDF with SHA-256, which every reader must know ([RFC 9936 §2.2](https://www.rfc-editor.org/rfc/rfc9936)).
    pub(crate) fn new(wrap: KeyWrap) -> Self {
        Self { hash: Hash::Sha256, wrap, info: other_info(&wrap_algorithm(wrap), wrap, None) }
    }

    /// `kdf` in DER.
    pub(crate) fn kdf(&self) -> Vec<u8> {
        let found = HKDF.iter().find(|(_, hash)| *hash == self.hash);
        let (dotted, _) = found.expect("a hash of the list");
        encode::constructed(encode::SEQUENCE, &[&encode::oid(ObjectIdentifier::new_unwrap(dotted))])
    }

    /// The key encryption key.
    pub(crate) fn derive(&self, shared_secret: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
        hkdf(self.hash, None, shared_secret, &self.info, self.wrap.key_len())
    }
}

/// `wrap` in DER.
pub(crate) fn wrap_algorithm(wrap: KeyWrap) -> Vec<u8> {
    encode::constructed(encode::SEQUENCE, &[&encode::oid(wrap.oid())])
}

/// ```text
/// CMSORIforKEMOtherInfo ::= SEQUENCE {
///     wrap KeyEncryptionAlgorithmIdentifier,
///     kekLength INTEGER (1..65535),
///     ukm [0] EXPLICIT UserKeyingMaterial OPTIONAL }
/// ```
fn other_info(wrap_der: &[u8], wrap: KeyWrap, ukm: Option<&[u8]>) -> Vec<u8> {
    let kek_len = encode::small_integer(wrap.key_len() as u8);
    let ukm = ukm.map(|ukm| encode::tlv(encode::context(0), &encode::tlv(encode::OCTET_STRING, ukm)));
    encode::constructed(encode::SEQUENCE, &[wrap_der, &kek_len, &ukm.unwrap_or_default()])
}
