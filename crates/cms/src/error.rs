use std::fmt;

use const_oid::ObjectIdentifier;
use mailseal_weak_keys::Weakness;

use crate::engine::Hash;

/// Why a job of this crate could not be done.
///
/// What a correspondent or an attacker can cause in a signature (altered content, missing certificate, unknown
/// algorithm) is no error but a fact in the report of that signer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The octets are not BER, or not within the limits of the reader.
    #[error("bad BER at offset {offset}: {problem}")]
    Ber {
        /// Offset of the value in question, in octets from the start of the input.
        offset: u64,
        /// What is wrong with it.
        problem: BerProblem,
    },
    /// Good BER, but not the ASN.1 type that the standard puts here.
    #[error("malformed {what}")]
    Malformed {
        /// The ASN.1 type or field, by its name in the standard.
        what: &'static str,
        /// What the decoder said, if one had a word to say.
        #[source]
        source: Option<der::Error>,
    },
    /// The content type is not one that the called function reads.
    #[error("content type {found} where {expected} is read")]
    ContentType {
        /// The content type found.
        found: ObjectIdentifier,
        /// The content type that was asked for, by its name.
        expected: &'static str,
    },
    /// More of something than the caller's limits allow.
    #[error("more than {limit} {what}")]
    Limit {
        /// What there is too much of.
        what: &'static str,
        /// The limit.
        limit: u64,
    },
    /// An algorithm, or its parameters, that this crate does not know or does not use.
    #[error("unsupported {what} {oid}")]
    Unsupported {
        /// The role of the algorithm, such as "digest algorithm".
        what: &'static str,
        /// The algorithm.
        oid: ObjectIdentifier,
    },
    /// The signature does not verify with this key.
    #[error("the signature does not verify")]
    Signature,
    /// None of the recipients has a key here.
    #[error("no key for any recipient")]
    NoKey,
    /// The content could not be decrypted. Deliberately without detail (RFC 3218, RFC 5083 §4).
    #[error("the content cannot be decrypted")]
    Decrypt,
    /// The `digestAlgorithm` of a SignerInfo is not the hash of its `signatureAlgorithm`.
    #[error("{} announced as digest, {} signed", announced.name(), used.name())]
    DigestMismatch {
        /// The announced hash.
        announced: Hash,
        /// The hash of the signature algorithm.
        used: Hash,
    },
    /// An RSA key that proves and hides nothing (RFC 8551 §4.2).
    #[error("{weakness}")]
    WeakKey {
        /// What is wrong with it.
        weakness: Weakness,
    },
    /// A key that cannot be used as asked.
    #[error("unusable key: {reason}")]
    Key {
        /// Why.
        reason: &'static str,
    },
    /// The private-key operation failed (a token was removed, a PIN refused).
    #[error("the private-key operation failed")]
    KeyOperation(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The random source of the system failed.
    #[error("no random octets from the system")]
    Random,
    /// Reading the input or writing the output failed.
    #[error("input or output failed")]
    Io(#[from] std::io::Error),
    /// The caller's mistake.
    #[error("misuse: {0}")]
    Misuse(&'static str),
}

impl Error {
    /// A malformed `what`, without a decoder's word.
    pub(crate) fn malformed(what: &'static str) -> Self {
        Error::Malformed { what, source: None }
    }

    /// For `map_err` on what the `der` crate says.
    pub(crate) fn der(what: &'static str) -> impl FnOnce(der::Error) -> Self {
        move |source| Error::Malformed { what, source: Some(source) }
    }
}

/// What is wrong with a BER value ([X.690](https://www.itu.int/rec/T-REC-X.690) §8).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum BerProblem {
    /// The input ends within a value.
    Truncated,
    /// A tag number of more than 28 bits, or one in the high form that fits the low one.
    Tag,
    /// A length of more than 63 bits, or a reserved first length octet.
    Length,
    /// A value longer than the value that holds it.
    Overrun,
    /// Indefinite length on a primitive value.
    IndefinitePrimitive,
    /// End-of-contents octets where nothing of indefinite length is open.
    EndOfContents,
    /// Deeper than the limit.
    Depth,
    /// An element longer than the limit for it.
    TooLong,
    /// Another tag than the standard puts here.
    Unexpected,
    /// Something is left where the value should end.
    Trailing,
    /// A segmented string with segments of another type.
    Segment,
}

impl fmt::Display for BerProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            BerProblem::Truncated => "the input ends within a value",
            BerProblem::Tag => "bad tag number",
            BerProblem::Length => "bad length octets",
            BerProblem::Overrun => "longer than the value around it",
            BerProblem::IndefinitePrimitive => "indefinite length on a primitive value",
            BerProblem::EndOfContents => "stray end-of-contents octets",
            BerProblem::Depth => "nested too deep",
            BerProblem::TooLong => "longer than allowed here",
            BerProblem::Unexpected => "another tag than expected",
            BerProblem::Trailing => "something follows where the value should end",
            BerProblem::Segment => "a segment of another type in a segmented string",
        })
    }
}
