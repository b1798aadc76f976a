use std::fmt;

use const_oid::ObjectIdentifier;

/// What the mathematics say of one signature. What the certificate is worth is another question.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Check {
    /// The content and the signed attributes are what the key of the certificate signed.
    Valid,
    /// The content is not what was signed: its digest is another than the messageDigest attribute.
    DigestMismatch,
    /// The signature is not one of this key over these octets.
    BadSignature,
    /// No certificate at hand is named by the signer identifier.
    CertificateMissing,
    /// By an algorithm or a key that can be forged. MD5, SHA-1 and RSA under 2048 bits are told where they are right by the
    /// mathematics; MD2, MD4 and DSA by their names, for they are not computed.
    WeakAlgorithm(ObjectIdentifier),
    /// Against the standard in a way that forbids any verdict.
    Malformed(Flaw),
    /// By an algorithm that this crate does not know.
    Unsupported(ObjectIdentifier),
    /// Without signed attributes, by an algorithm that takes the whole content at once, which is longer than
    /// [`Limits::held_content`](super::Limits::held_content).
    ContentTooLong(ObjectIdentifier),
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Check::Valid => f.write_str("valid"),
            Check::DigestMismatch => f.write_str("the content was altered after signing"),
            Check::BadSignature => f.write_str("the signature does not verify"),
            Check::CertificateMissing => f.write_str("the certificate of the signer is missing"),
            Check::WeakAlgorithm(oid) => write!(f, "signed with a weak algorithm or key ({oid})"),
            Check::Malformed(flaw) => write!(f, "malformed signature: {flaw}"),
            Check::Unsupported(oid) => write!(f, "unsupported algorithm {oid}"),
            Check::ContentTooLong(oid) => write!(f, "content too long for {oid} without signed attributes"),
        }
    }
}

/// What is wrong with a malformed signature.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Flaw {
    /// It is not the ASN.1 type `SignerInfo` (RFC 5652 §5.3).
    Encoding,
    /// A signed attribute that must be there is not (RFC 5652 §11).
    AttributeMissing(ObjectIdentifier),
    /// A signed attribute that may be there once is there again (RFC 5652 §11).
    AttributeRepeated(ObjectIdentifier),
    /// A signed attribute without value, with several, or with one of the wrong type.
    AttributeValue(ObjectIdentifier),
    /// An attribute that must be signed is among the unsigned ones (RFC 5652 §11).
    AttributeUnsigned(ObjectIdentifier),
    /// The contentType attribute is another than eContentType (RFC 5652 §11.1).
    ContentTypeMismatch,
    /// No signed attributes although eContentType is not id-data (RFC 5652 §5.3).
    AttributesRequired,
    /// No signed attributes, and the content is itself an encoding of signed attributes: a signature over attributes
    /// passed off as one over content.
    ContentIsAttributes,
    /// The hash of the signer is not among digestAlgorithms (RFC 5652 §5.1 lets an implementation refuse).
    DigestNotAnnounced,
    /// Digest, signature and protected algorithms (RFC 6211) do not agree.
    AlgorithmsDisagree,
    /// Parameters that the algorithm does not have.
    AlgorithmParameters,
    /// The signing-certificate attribute names another certificate than the signer identifier (RFC 5035 §4).
    WrongCertificate,
    /// The key of the certificate cannot be used with the signature algorithm.
    Key,
    /// A detached signature, where content should be inside.
    ContentMissing,
    /// Content inside a signature that should be detached (RFC 8551 §3.5.3.1).
    ContentEmbedded,
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Flaw::Encoding => f.write_str("no SignerInfo"),
            Flaw::AttributeMissing(oid) => write!(f, "signed attribute {oid} is missing"),
            Flaw::AttributeRepeated(oid) => write!(f, "signed attribute {oid} is repeated"),
            Flaw::AttributeValue(oid) => write!(f, "signed attribute {oid} has no good value"),
            Flaw::AttributeUnsigned(oid) => write!(f, "attribute {oid} is not signed"),
            Flaw::ContentTypeMismatch => f.write_str("signed for another content type"),
            Flaw::AttributesRequired => f.write_str("signed attributes are required for this content type"),
            Flaw::ContentIsAttributes => f.write_str("the content is an encoding of signed attributes"),
            Flaw::DigestNotAnnounced => f.write_str("the digest algorithm is not announced"),
            Flaw::AlgorithmsDisagree => f.write_str("the algorithms do not agree"),
            Flaw::AlgorithmParameters => f.write_str("bad algorithm parameters"),
            Flaw::WrongCertificate => f.write_str("the signer names another certificate"),
            Flaw::Key => f.write_str("the key does not fit the signature algorithm"),
            Flaw::ContentMissing => f.write_str("there is no content"),
            Flaw::ContentEmbedded => f.write_str("a detached signature with content inside"),
        }
    }
}
