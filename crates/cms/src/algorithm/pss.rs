use der::asn1::AnyRef;
use der::{Any, Sequence};
use spki::{AlgorithmIdentifier, AlgorithmIdentifierOwned};

use super::{encode, hash_parameter, mgf1_hash, oid};
use crate::Error;
use crate::engine::Hash;

const WHAT: &str = "RSASSA-PSS-params";

/// How RSASSA-PSS pads; also what an id-RSASSA-PSS key is restricted to
/// ([RFC 4055 §3.1](https://www.rfc-editor.org/rfc/rfc4055#section-3.1)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PssParameters {
    /// Hash of what is signed.
    pub hash: Hash,
    /// Hash of the mask generation function MGF1.
    pub mgf_hash: Hash,
    /// Length of the salt in octets; for a key the least one.
    pub salt_len: u16,
}

impl PssParameters {
    /// The restriction of an id-RSASSA-PSS key, `None` where it has no parameters
    /// ([RFC 4055 §3.3](https://www.rfc-editor.org/rfc/rfc4055#section-3.3)).
    pub(crate) fn of_key(parameters: Option<AnyRef<'_>>) -> Result<Option<Self>, Error> {
        parameters.map(|parameters| read(Some(parameters))).transpose()
    }

    /// Whether a key with these parameters may make or have made a signature with those (RFC 4055 §3.3).
    pub(crate) fn allow(&self, used: &Self) -> bool {
        self.hash == used.hash && self.mgf_hash == used.mgf_hash && self.salt_len <= used.salt_len
    }
}

/// The parameters on the wire. A decoder of our own, for some write salts longer than 255 octets.
///
/// ```text
/// RSASSA-PSS-params ::= SEQUENCE {
///     hashAlgorithm [0] HashAlgorithm DEFAULT sha1Identifier,
///     maskGenAlgorithm [1] MaskGenAlgorithm DEFAULT mgf1SHA1Identifier,
///     saltLength [2] INTEGER DEFAULT 20,
///     trailerField [3] INTEGER DEFAULT 1 }
/// ```
/// [RFC 4055 §3.1](https://www.rfc-editor.org/rfc/rfc4055#section-3.1)
#[derive(Sequence)]
struct RsassaPssParams {
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", default = "sha1")]
    hash: AlgorithmIdentifierOwned,
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT", default = "mgf1_sha1")]
    mask_gen: AlgorithmIdentifier<AlgorithmIdentifierOwned>,
    #[asn1(context_specific = "2", tag_mode = "EXPLICIT", default = "default_salt_len")]
    salt_len: u16,
    #[asn1(context_specific = "3", tag_mode = "EXPLICIT", default = "default_trailer")]
    trailer: u8,
}

fn sha1() -> AlgorithmIdentifierOwned {
    with_null(Hash::Sha1)
}

fn mgf1_sha1() -> AlgorithmIdentifier<AlgorithmIdentifierOwned> {
    mgf1(Hash::Sha1)
}

fn default_salt_len() -> u16 {
    20
}

fn default_trailer() -> u8 {
    1
}

/// Reads the parameters of a signature, where they must be present
/// ([RFC 4056 §3](https://www.rfc-editor.org/rfc/rfc4056#section-3)).
pub(super) fn read(parameters: Option<AnyRef<'_>>) -> Result<PssParameters, Error> {
    let parameters = parameters.ok_or_else(|| Error::malformed(WHAT))?;
    let parameters: RsassaPssParams = parameters.decode_as().map_err(Error::der(WHAT))?;
    if parameters.trailer != default_trailer() {
        return Err(Error::malformed(WHAT));
    }
    Ok(PssParameters {
        hash: hash_parameter(WHAT, &parameters.hash)?,
        mgf_hash: mgf1_hash(WHAT, &parameters.mask_gen)?,
        salt_len: parameters.salt_len,
    })
}

/// Writes the parameters of a signature.
pub(super) fn write(parameters: &PssParameters) -> Result<Any, Error> {
    let PssParameters { hash, mgf_hash, salt_len } = *parameters;
    encode(&RsassaPssParams { hash: with_null(hash), mask_gen: mgf1(mgf_hash), salt_len, trailer: default_trailer() })
}

/// With NULL parameters, as RFC 4055 §2.1 has it.
fn with_null(hash: Hash) -> AlgorithmIdentifierOwned {
    AlgorithmIdentifierOwned { oid: hash.oid(), parameters: Some(Any::null()) }
}

fn mgf1(hash: Hash) -> AlgorithmIdentifier<AlgorithmIdentifierOwned> {
    AlgorithmIdentifier { oid: oid::MGF1, parameters: Some(with_null(hash)) }
}
