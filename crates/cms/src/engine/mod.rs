//! The arithmetic: hashes, signatures, private-key operations, key derivation, key wrap and content ciphers.
//!
//! Everything here is done by the RustCrypto crates. Private keys are reached through two traits, [`SigningKey`] and
//! [`DecryptionKey`]; [`SoftwareKey`] is the implementation in memory, a token is another. [`KeyEncryptionKey`] and
//! [`Passwords`] are what sender and recipient both know.
//!
//! Nothing here decides what is good enough: [`Hash::strength`] and [`Error::WeakKey`](crate::Error::WeakKey) say
//! what is known, the caller has the policy.

mod cbc;
mod chacha20_poly1305;
mod content;
mod curve;
mod ed25519;
mod emsa_pss;
mod ephemeral;
mod gcm;
mod hash;
mod kdf;
mod key;
mod key_wrap;
mod ml_dsa;
mod ml_kem;
pub(crate) mod password_wrap;
mod poly1305;
mod random;
pub(crate) mod rsa_public;
mod shared_secret;
mod software_key;
mod verify;
mod whole_blocks;
mod x25519;

pub use content::{ContentDecryptor, ContentEncryptor};
pub use curve::Curve;
pub(crate) use ephemeral::ephemeral_agreement;
pub(crate) use hash::with_hash;
pub use hash::{Hash, HashContext, Strength};
pub use kdf::{hkdf, pbkdf2, x963_kdf};
pub use key::{DecryptionKey, KeyType, SigningKey};
pub use key_wrap::{unwrap_key, unwrap_key_triple_des, wrap_key};
pub(crate) use ml_kem::encapsulate;
pub(crate) use random::random_bytes;
pub use rsa_public::key_weakness;
pub use shared_secret::{KeyEncryptionKey, Passwords};
pub use software_key::SoftwareKey;
pub use verify::verify;
