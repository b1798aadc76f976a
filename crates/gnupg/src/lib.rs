//! What GnuPG keeps, used where it lies: the certificates of its public keyring and the secret keys of its agent.
//!
//! [`Ring`] is a [`CertSource`](mailseal_core::CertSource) of the one and a [`KeySource`](mailseal_core::KeySource) of the
//! other. The secret keys stay in the agent's process (or in the card that it speaks to); each operation is one more
//! conversation over its socket, in the protocol of
//! [libassuan](https://www.gnupg.org/documentation/manuals/assuan/).
//!
//! This crate makes no keys, writes nothing into GnuPG's folder, believes nothing of its trust, and reads no environment:
//! the caller says where the [`Home`] is and who may be [asked](Asking).

mod agent;
mod assuan;
mod error;
mod escape;
mod key;
mod padding;
mod ring;
mod sexp;
mod socket;

pub use agent::{Agent, Asking, Terminal};
pub use error::Error;
pub use ring::{Credentials, Ring};
pub use socket::Home;
