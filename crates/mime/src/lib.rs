//! Mail messages as byte ranges: part tree, canonical form, secured parts, header protection.
//!
//! A message is a [`Source`] of octets that need not fit in memory. [`Tree::parse`] reads it once and gives its parts as
//! byte ranges ([RFC 2045](https://www.rfc-editor.org/rfc/rfc2045), [RFC 2046](https://www.rfc-editor.org/rfc/rfc2046)).
//! [`prepare`](prepare::prepare) makes the entity that is signed.
//!
//! This crate does no cryptography and does not know OpenPGP from S/MIME; media types and parameters come in as data.
//! It renders nothing, fetches nothing and holds no opinion about who signed.

mod canonical;
mod content_type;
mod defect;
mod disposition;
mod error;
mod field;
mod header;
mod limits;
mod mailbox;
mod params;
mod parse;
mod part;
mod source;
mod text;
mod tree;
mod window;

pub mod autocrypt;
pub mod header_protection;
pub mod prepare;
pub mod secure;
pub mod transfer;

pub use canonical::{Canonical, CanonicalReader, copy, copy_canonical};
pub use content_type::ContentType;
pub use defect::Defect;
pub use disposition::{Disposition, file_name};
pub use error::Error;
pub use field::Field;
pub use header::Header;
pub use limits::Limits;
pub use mailbox::{AddressList, Mailbox};
pub use params::Params;
pub use part::{Kind, LineEnd, Part};
pub use source::{FileSource, Section, Source};
pub use text::decode_charset;
pub use transfer::TransferEncoding;
pub use tree::Tree;
