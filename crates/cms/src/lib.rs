//! Streaming Cryptographic Message Syntax (RFC 5652): signed, enveloped and authenticated-enveloped data.

pub mod ber;
mod content_info;
mod error;

pub use content_info::{ContentInfo, ContentType};
pub use error::{BerProblem, Error};
