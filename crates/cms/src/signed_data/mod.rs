//! SignedData ([RFC 5652 §5](https://www.rfc-editor.org/rfc/rfc5652#section-5)): [`Verifier`] reads it,
//! [`SignedDataBuilder`] writes it.
//!
//! ```text
//! SignedData ::= SEQUENCE {
//!     version CMSVersion,
//!     digestAlgorithms DigestAlgorithmIdentifiers,
//!     encapContentInfo EncapsulatedContentInfo,
//!     certificates [0] IMPLICIT CertificateSet OPTIONAL,
//!     crls [1] IMPLICIT RevocationInfoChoices OPTIONAL,
//!     signerInfos SignerInfos }
//! ```

mod builder;
mod check;
mod confusion;
mod digesting;
mod judge;
mod report;
mod signer;
mod signer_info;
mod verifier;

pub use builder::{DetachedWriter, OpaqueWriter, SignedDataBuilder, certs_only};
pub use check::{Check, Flaw};
pub use report::{SignedData, SignerId, SignerReport};
pub use signer::Signer;
pub(crate) use signer_info::SignerInfo;
pub use verifier::{Content, Limits, Verifier};
