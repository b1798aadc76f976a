//! Secret keys (RFC 9580 §10.2): used, made, written down, kept elsewhere.

pub(crate) mod files;
pub(crate) mod software;
pub(crate) mod token;
