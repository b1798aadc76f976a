//! Recipients: how each gets the content key.
//!
//! [RFC 5652 §6.2](https://www.rfc-editor.org/rfc/rfc5652#section-6.2) has five kinds of RecipientInfo, one file each.
//! Key transport (RSA), key agreement (ECDH, X25519), key encapsulation (ML-KEM), shared keys and passwords are written and
//! opened; others are listed.
//!
//! Each file has both directions: `parse`, which makes an entry with its sealed key, and `seal`.

mod content_key;
mod id;
mod info;
mod key_agreement;
mod key_encapsulation;
mod key_encryption_key;
mod key_transport;
mod password;
mod to;

pub(crate) use content_key::recover;
pub use id::RecipientId;
pub(crate) use info::{Entry, SealedKey, parse};
pub use info::{RecipientInfo, RecipientKind};
pub use to::Recipient;
