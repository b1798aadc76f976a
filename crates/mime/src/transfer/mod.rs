//! Content-Transfer-Encoding ([RFC 2045 §6](https://www.rfc-editor.org/rfc/rfc2045#section-6)), streaming: decoders are
//! [`Read`] over [`Read`], encoders [`Write`](std::io::Write) over [`Write`](std::io::Write).

mod base64;
#[cfg(test)]
mod chunked;
mod quoted_printable;

pub use base64::{Base64Decoder, Base64Encoder};
#[cfg(test)]
pub(crate) use chunked::Chunked;
pub use quoted_printable::{QuotedPrintableDecoder, QuotedPrintableEncoder};

use std::io::Read;

/// How a body is encoded.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum TransferEncoding {
    /// Lines of at most 998 ASCII octets; the default.
    SevenBit,
    /// Lines of at most 998 octets.
    EightBit,
    /// Any octets.
    Binary,
    /// base64.
    Base64,
    /// quoted-printable.
    QuotedPrintable,
    /// Anything else, in lower case; the body cannot be decoded.
    Unknown(String),
}

impl TransferEncoding {
    /// Parses a field value.
    pub fn parse(value: &[u8]) -> Self {
        let word = value.split(|b| matches!(b, b'(' | b';')).next().unwrap_or_default().trim_ascii();
        let word = String::from_utf8_lossy(word).to_ascii_lowercase();
        match word.as_str() {
            "7bit" => Self::SevenBit,
            "8bit" => Self::EightBit,
            "binary" => Self::Binary,
            "base64" => Self::Base64,
            "quoted-printable" => Self::QuotedPrintable,
            _ => Self::Unknown(word),
        }
    }

    /// The word that stands in the field.
    pub fn as_str(&self) -> &str {
        match self {
            Self::SevenBit => "7bit",
            Self::EightBit => "8bit",
            Self::Binary => "binary",
            Self::Base64 => "base64",
            Self::QuotedPrintable => "quoted-printable",
            Self::Unknown(word) => word,
        }
    }

    /// Whether the body is its own encoded form: 7bit, 8bit, binary.
    pub fn is_identity(&self) -> bool {
        matches!(self, Self::SevenBit | Self::EightBit | Self::Binary)
    }
}

/// A lenient decoder of `input`. An unknown encoding is passed through.
pub fn decoder<'a>(encoding: &TransferEncoding, input: impl Read + 'a) -> Box<dyn Read + 'a> {
    match encoding {
        TransferEncoding::Base64 => Box::new(Base64Decoder::lenient(input)),
        TransferEncoding::QuotedPrintable => Box::new(QuotedPrintableDecoder::new(input)),
        _ => Box::new(input),
    }
}

/// A decoder of `input` for cryptographic objects: octets outside the alphabet, missing padding and what follows it are
/// errors of kind [`std::io::ErrorKind::InvalidData`] in base64. White space is skipped.
pub fn strict_decoder<'a>(
    encoding: &TransferEncoding,
    input: impl Read + Send + Sync + 'a,
) -> Box<dyn Read + Send + Sync + 'a> {
    match encoding {
        TransferEncoding::Base64 => Box::new(Base64Decoder::strict(input)),
        TransferEncoding::QuotedPrintable => Box::new(QuotedPrintableDecoder::new(input)),
        _ => Box::new(input),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words() {
        for (value, expect) in [
            (" BASE64 ", TransferEncoding::Base64),
            ("7bit (plain)", TransferEncoding::SevenBit),
            ("8bit;", TransferEncoding::EightBit),
            ("x-UUencode", TransferEncoding::Unknown("x-uuencode".to_owned())),
        ] {
            assert_eq!(TransferEncoding::parse(value.as_bytes()), expect);
        }
    }
}
