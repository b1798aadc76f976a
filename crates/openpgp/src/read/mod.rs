//! Reading: messages (RFC 9580 §10.3), detached signatures, and what each signature is worth.

pub(crate) mod armor;
pub(crate) mod budget;
pub(crate) mod cleartext;
pub(crate) mod detached;
pub(crate) mod facts;
pub(crate) mod inline;
pub(crate) mod inspect;
pub(crate) mod librepgp;
pub(crate) mod message;
pub(crate) mod open;
pub(crate) mod password;
pub(crate) mod prefix;
pub(crate) mod session_key;
pub(crate) mod signature;
pub(crate) mod unlock;
