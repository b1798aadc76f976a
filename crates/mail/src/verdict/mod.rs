//! The verdict as data: one JSON object a message, `mailseal.verdict/1`.
//!
//! These types are the contract that programs are written against; [`schema`] is generated from them. Nothing is decided
//! here: [`Verdict::of`] writes down what [`Opened`] says.

mod json;
mod of;

pub use json::schema;

use crate::open::Why;
use mailseal_core::{ProtocolId, Reason};
use schemars::JsonSchema;
use serde::Serialize;

/// The words of the protocols.
const PROTOCOLS: [&str; 2] = [ProtocolId::OPENPGP.0, ProtocolId::SMIME.0];

/// The version of the verdict.
pub const SCHEMA: &str = "mailseal.verdict/1";

/// The verdict on one message.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Verdict {
    /// Always `mailseal.verdict/1`.
    #[schemars(extend("const" = SCHEMA))]
    pub schema: &'static str,
    /// Where the message was read from; null when it has no name.
    pub path: Option<String>,
    /// The Message-ID, with its angle brackets; the protected one where there is one.
    pub message_id: Option<String>,
    /// The whole message, as RFC 9787 means it: `unprotected`, `signed`, `encrypted` or `signed+encrypted`.
    pub summary: SummaryWord,
    /// Whether the message is its sender's.
    pub sender: SenderVerdict,
    /// The layers of the Cryptographic Envelope, outermost first.
    pub layers: Vec<LayerVerdict>,
    /// Every signature of those layers, judged by itself.
    pub signatures: Vec<SignatureVerdict>,
    /// The header fields and how each is protected.
    pub headers: Vec<HeaderVerdict>,
    /// Layers inside the Payload; they say nothing of the message (RFC 9787 §4.5).
    pub errant: Vec<ErrantVerdict>,
    /// What is wrong with the form of the message; for people.
    pub defects: Vec<String>,
}

/// The whole message in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub enum SummaryWord {
    /// Neither.
    #[serde(rename = "unprotected")]
    Unprotected,
    /// By its sender, and by nobody else.
    #[serde(rename = "signed")]
    Signed,
    /// It came encrypted; who wrote it is not known.
    #[serde(rename = "encrypted")]
    Encrypted,
    /// Both.
    #[serde(rename = "signed+encrypted")]
    SignedAndEncrypted,
}

impl SummaryWord {
    /// As it is printed.
    pub fn as_str(self) -> &'static str {
        match self {
            SummaryWord::Unprotected => "unprotected",
            SummaryWord::Signed => "signed",
            SummaryWord::Encrypted => "encrypted",
            SummaryWord::SignedAndEncrypted => "signed+encrypted",
        }
    }
}

/// Whether the message is its sender's.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct SenderVerdict {
    /// `verified`, `unverified`, `broken` or `none`.
    pub status: SenderStatus,
    /// The protected From's addr-spec; null when there is not exactly one.
    pub address: Option<String>,
    /// Why it is not verified; null when it is, or when there is no signature.
    #[schemars(extend("enum" = or_null(&Why::ALL.map(Why::as_str))))]
    pub reason: Option<&'static str>,
    /// Which of `signatures` makes it verified; not part of the JSON.
    #[serde(skip)]
    pub signature: Option<usize>,
}

/// Whether the message is its sender's, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SenderStatus {
    /// A valid signature, a trusted certificate, and its address is the protected From.
    Verified,
    /// A valid signature that fails one of the other two.
    Unverified,
    /// A signature whose check failed: shown as unsigned.
    Broken,
    /// No signature.
    None,
}

/// One layer of the Cryptographic Envelope.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum LayerVerdict {
    /// Signed data.
    Signed {
        /// Where: `""` is the root of the message, and what is inside a layer `P` is `P.1`.
        part: String,
        /// `openpgp` or `smime`.
        #[schemars(extend("enum" = PROTOCOLS))]
        protocol: &'static str,
        /// Indices into `signatures`.
        signatures: Vec<usize>,
    },
    /// Encrypted data.
    Encrypted {
        /// Where, as above.
        part: String,
        /// `openpgp` or `smime`.
        #[schemars(extend("enum" = PROTOCOLS))]
        protocol: &'static str,
        /// The content cipher, e.g. `aes-256-gcm`; null when it cannot be seen.
        cipher: Option<String>,
        /// `aead`, `mdc` or `none`; null when it cannot be seen.
        #[schemars(extend("enum" = or_null(&["aead", "mdc", "none"])))]
        integrity: Option<&'static str>,
        /// Fingerprints, key ids or issuer+serial, in hexadecimal; `password` for whoever knows one.
        recipients: Vec<String>,
        /// `done`, `no-key`, `failed` or `not-tried`.
        #[schemars(extend("enum" = ["done", "no-key", "failed", "not-tried"]))]
        decryption: &'static str,
        /// Whether a key that fits is at hand but locked.
        locked: bool,
    },
    /// Compressed data: no Cryptographic Layer.
    Compressed {
        /// Where, as above.
        part: String,
        /// `openpgp` or `smime`.
        #[schemars(extend("enum" = PROTOCOLS))]
        protocol: &'static str,
        /// The algorithm, e.g. `zlib`.
        algorithm: String,
    },
}

/// One signature.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct SignatureVerdict {
    /// The mathematics alone: `valid`, `digest-mismatch`, `bad-signature`, `expired`, `revoked`, `unbound`,
    /// `certificate-missing`, `weak-algorithm`, `malformed` or `unsupported`. Three are of the one key that signed: it was not
    /// valid, its owner revoked it, it is not the certificate's.
    #[schemars(extend("enum" = [
        "valid",
        "digest-mismatch",
        "bad-signature",
        "expired",
        "revoked",
        "unbound",
        "certificate-missing",
        "weak-algorithm",
        "malformed",
        "unsupported",
    ]))]
    pub check: &'static str,
    /// More about it, for people.
    pub detail: Option<String>,
    /// `openpgp` or `smime`.
    #[schemars(extend("enum" = PROTOCOLS))]
    pub protocol: &'static str,
    /// The signer's certificate, in hexadecimal.
    pub fingerprint: Option<String>,
    /// What the signature calls its signer by, in hexadecimal.
    pub issuer: Vec<String>,
    /// The addresses that the certificate claims.
    pub addresses: Vec<String>,
    /// The names that the certificate claims.
    pub names: Vec<String>,
    /// Whether one of the addresses is the protected From.
    pub address_match: bool,
    /// What the certificate is worth.
    pub certificate: CertificateVerdict,
    /// When the signer says it was made, RFC 3339.
    pub signed_at: Option<String>,
    /// The hash algorithm, e.g. `sha256`.
    pub hash: Option<&'static str>,
    /// The public-key algorithm, e.g. `rsa`.
    pub algorithm: Option<String>,
}

/// What a certificate is worth.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct CertificateVerdict {
    /// `trusted`, `untrusted` or `unknown`.
    #[schemars(extend("enum" = ["trusted", "untrusted", "unknown"]))]
    pub status: &'static str,
    /// Why it is not trusted; null when it is.
    #[schemars(extend("enum" = or_null(&Reason::ALL.map(Reason::as_str))))]
    pub reason: Option<&'static str>,
    /// `anchor`, `named`, `pinned`, `first-use` or `chain`; null when it is not trusted.
    #[schemars(extend("enum" = or_null(&["anchor", "named", "pinned", "first-use", "chain"])))]
    pub by: Option<&'static str>,
    /// The name of the trust anchor at the end of a chain.
    pub anchor: Option<String>,
}

/// One header field.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct HeaderVerdict {
    /// Its name, as written.
    pub name: String,
    /// Its value, unfolded and decoded (RFC 2047).
    pub value: String,
    /// `signed-and-encrypted`, `encrypted-only`, `signed-only` or `unprotected`.
    #[schemars(extend("enum" = ["signed-and-encrypted", "encrypted-only", "signed-only", "unprotected"]))]
    pub status: &'static str,
}

/// A layer inside the Payload.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct ErrantVerdict {
    /// Where, counted from the Payload as `1.2`.
    pub part: String,
    /// `openpgp` or `smime`; null for a layer of no known protocol.
    #[schemars(extend("enum" = or_null(&PROTOCOLS)))]
    pub protocol: Option<&'static str>,
    /// `signed`, `encrypted` or `compressed`, by its outside alone.
    #[schemars(extend("enum" = ["signed", "encrypted", "compressed"]))]
    pub kind: &'static str,
    /// `part`, or `inline` for a block in the text of the part, which is no Cryptographic Layer.
    #[schemars(extend("enum" = ["part", "inline"]))]
    pub form: &'static str,
}

/// The words of a field that may be null.
fn or_null(words: &[&'static str]) -> Vec<Option<&'static str>> {
    words.iter().copied().map(Some).chain([None]).collect()
}
