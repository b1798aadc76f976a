//! Certificates (RFC 9580 §10.1) and which of their keys serve what.

pub(crate) mod bound;
pub(crate) mod certificate;
pub(crate) mod export;
pub(crate) mod keybox;
pub(crate) mod keydata;
pub(crate) mod subkey;
