//! One part of a message: its header, its place and its byte ranges.

use crate::{ContentType, Defect, Header, TransferEncoding};
use std::ops::Range;

/// An entity ([RFC 2045 §2.4](https://www.rfc-editor.org/rfc/rfc2045#section-2.4)) within a message. All ranges are octets
/// of the one source.
#[derive(Debug, Clone)]
pub struct Part {
    /// Index of the part that holds it; `None` for the root.
    pub parent: Option<usize>,
    /// Indices of the parts in it, in order.
    pub children: Vec<usize>,
    /// Its place among its siblings, from 1 on; 0 for the root.
    pub ordinal: u32,
    /// Its header fields.
    pub header: Header,
    /// What it is, defaults applied (text/plain; message/rfc822 in a multipart/digest).
    pub content_type: ContentType,
    /// How its body is encoded.
    pub encoding: TransferEncoding,
    /// Header and body. In a multipart: from after the delimiter line up to, not including, the line end before the next
    /// delimiter, so these are the signed octets of a multipart/signed's first part
    /// ([RFC 1847 §2.1](https://www.rfc-editor.org/rfc/rfc1847#section-2.1)).
    pub entity: Range<u64>,
    /// The body, after the blank line.
    pub body: Range<u64>,
    /// Leaf, multipart or message.
    pub kind: Kind,
    /// What was wrong with it.
    pub defects: Vec<Defect>,
}

/// What a part's body holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// Octets; `children` is empty.
    Leaf,
    /// Parts between delimiters.
    Multipart {
        /// The boundary parameter, trailing white space removed; printable ASCII, 1 to 70 octets.
        boundary: String,
        /// What stands before the first delimiter line, that line's own line end before it excluded.
        preamble: Range<u64>,
        /// What stands after the close delimiter line; empty where there is none.
        epilogue: Range<u64>,
        /// Whether the close delimiter was there.
        closed: bool,
    },
    /// One embedded message; it is the only child.
    Message,
}

/// How the lines of an input end, by the first line of its header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineEnd {
    /// `\r\n`, as on the wire.
    CrLf,
    /// `\n`, as in a maildir.
    Lf,
}

impl Part {
    /// Whether its body holds octets and no parts.
    pub fn is_leaf(&self) -> bool {
        self.kind == Kind::Leaf
    }

    /// Whether a defect makes it ambiguous; see [`Defect::is_ambiguous`].
    pub fn is_ambiguous(&self) -> bool {
        self.defects.iter().any(Defect::is_ambiguous)
    }

    /// The header section with the blank line after it.
    pub fn header_range(&self) -> Range<u64> {
        self.entity.start..self.body.start
    }
}
