//! Basic Encoding Rules ([X.690](https://www.itu.int/rec/T-REC-X.690)), streaming.
//!
//! Mail programs write CMS in BER with indefinite lengths and segmented OCTET STRINGs, since that lets content pass
//! through unseen. [`Reader`] walks such a structure from any [`Read`](std::io::Read) within a fixed window; only OCTET
//! STRINGs are handed on piecemeal, everything else comes as one bounded element, octet for octet as received.
//! [`canonical`] turns such an element into DER for a decoder. [`Writer`] writes the indefinite form, [`encode`] the DER.

mod canonical;
pub mod encode;
mod reader;
mod tag;
mod writer;

pub(crate) use canonical::retag_set;
pub use canonical::{canonical, canonical_set};
pub use reader::{Limits, Reader};
pub use tag::{Class, Header, Tag};
pub use writer::Writer;
