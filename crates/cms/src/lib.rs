//! Streaming Cryptographic Message Syntax (RFC 5652): signed, enveloped and authenticated-enveloped data.

pub mod algorithm;
pub mod attributes;
pub mod ber;
mod certificate;
mod content_info;
pub mod engine;
pub mod enveloped_data;
mod error;
pub mod recipient;
pub mod signed_data;
#[cfg(test)]
mod testing;

pub use content_info::{ContentInfo, ContentType};
pub use error::{BerProblem, Error};
