//! Secret keys (RFC 9580 §10.2): used, made, changed, written down, kept elsewhere.

pub(crate) mod belong;
#[cfg(feature = "openssl")]
pub(crate) mod eme;
pub(crate) mod extend;
pub(crate) mod files;
pub(crate) mod generate;
pub(crate) mod keygrip;
pub(crate) mod merge;
pub(crate) mod refresh;
pub(crate) mod revise;
pub(crate) mod revoke;
#[cfg(feature = "openssl")]
pub(crate) mod rsa;
pub(crate) mod software;
pub(crate) mod token;
pub(crate) mod unseal;
pub(crate) mod write;
