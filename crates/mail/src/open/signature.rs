//! One signature with what its certificate is worth.

use super::timing::Timing;
use mailseal_core::{Judgement, Signature};

/// One signature: the fact, and what its certificate is worth for the From.
#[derive(Debug, Clone)]
pub struct JudgedSignature {
    /// What the mathematics says.
    pub fact: Signature,
    /// What the signer's certificate is worth.
    pub judgement: Judgement,
    /// Whether the certificate claims the protected From (R102).
    pub address_match: bool,
    /// Whether it names no intended recipients, or us among them and the message came encrypted (RFC 9580 §5.2.3.36).
    pub is_for_us: bool,
    /// Whether the time that it claims fits to the Date and to the time of judgement.
    pub timing: Timing,
}
