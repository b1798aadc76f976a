//! What is wrong with a part that could be read nevertheless.

/// A breach of the message format, noted on the part where it was seen.
///
/// Some of them make the meaning of a part ambiguous ([`Defect::is_ambiguous`]): two readers may see two messages.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Defect {
    /// A mailbox separator (`From ` line) stands before the first field.
    MboxFromLine,
    /// A line of the header section is neither field nor continuation; it was skipped.
    MalformedHeaderLine,
    /// The entity begins with a line that is no header field; all of it is taken as the body.
    NoHeader,
    /// A field that may stand once stands more often; the first is used. The name in lower case.
    DuplicateField(String),
    /// Content-Type has no `type/subtype`; taken as text/plain ([RFC 2045 §5.2]).
    ///
    /// [RFC 2045 §5.2]: https://www.rfc-editor.org/rfc/rfc2045#section-5.2
    MalformedContentType,
    /// A Content-Type parameter is not `name=value`.
    MalformedParameter,
    /// A Content-Type parameter stands twice; the first is used. The name in lower case.
    DuplicateParameter(String),
    /// A multipart without usable boundary (none, empty, over 70 octets, not ASCII); taken as a leaf.
    UnusableBoundary,
    /// A multipart's boundary can be taken for one of an enclosing multipart.
    AmbiguousBoundary,
    /// A multipart without its close delimiter.
    Unterminated,
    /// A multipart without any part.
    NoParts,
    /// A multipart or message with a Content-Transfer-Encoding other than 7bit, 8bit or binary.
    EncodedComposite,
    /// A Content-Transfer-Encoding that is not known; the part stays as it is.
    UnknownEncoding,
}

impl Defect {
    /// Whether two correct readers may disagree about what the part is; such a part bears no positive verdict.
    pub fn is_ambiguous(&self) -> bool {
        match self {
            Self::DuplicateField(_)
            | Self::MalformedContentType
            | Self::DuplicateParameter(_)
            | Self::UnusableBoundary
            | Self::AmbiguousBoundary
            | Self::EncodedComposite => true,
            Self::MboxFromLine
            | Self::MalformedHeaderLine
            | Self::NoHeader
            | Self::MalformedParameter
            | Self::Unterminated
            | Self::NoParts
            | Self::UnknownEncoding => false,
        }
    }
}

impl std::fmt::Display for Defect {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::MboxFromLine => f.write_str("mailbox separator before the header"),
            Self::MalformedHeaderLine => f.write_str("header line that is no field"),
            Self::NoHeader => f.write_str("no header field"),
            Self::DuplicateField(name) => write!(f, "field {name} stands more than once"),
            Self::MalformedContentType => f.write_str("malformed content-type"),
            Self::MalformedParameter => f.write_str("malformed content-type parameter"),
            Self::DuplicateParameter(name) => write!(f, "content-type parameter {name} stands more than once"),
            Self::UnusableBoundary => f.write_str("multipart without usable boundary"),
            Self::AmbiguousBoundary => f.write_str("multipart boundary is ambiguous with an enclosing one"),
            Self::Unterminated => f.write_str("multipart without close delimiter"),
            Self::NoParts => f.write_str("multipart without parts"),
            Self::EncodedComposite => f.write_str("multipart or message with a transfer encoding"),
            Self::UnknownEncoding => f.write_str("unknown content-transfer-encoding"),
        }
    }
}
