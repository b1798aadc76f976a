//! Cryptographic Layers as facts: what was found and what the mathematics says of it.

use crate::{Address, Cert, Handle, HashName, ProtocolId};
use std::time::SystemTime;

/// One layer that a protocol removed, outermost first.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Layer {
    /// Signed data; each signature is judged by itself (R38, R47). Empty when it has no signer (R46).
    Signed(Vec<Signature>),
    /// Encrypted data.
    Encrypted(Encryption),
    /// Compressed data: removed, but no Cryptographic Layer (R52).
    Compressed(Compression),
}

/// What the mathematics says of one signature; nothing of trust, nothing of addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Check {
    /// It is the signer's signature over this content, and the algorithms are strong.
    Valid,
    /// The content is not what was signed.
    DigestMismatch,
    /// The signature does not fit the signer's key.
    BadSignature,
    /// It is the signer's signature over this content, by a key that was not valid when it was made, or is not now, while the
    /// certificate as a whole may be; or the signature itself has ended.
    Expired,
    /// As [`Check::Expired`], by a key that its owner revoked.
    Revoked,
    /// It is a signature over this content, by a key that nobody bound to the certificate that has it.
    Unbound,
    /// No certificate of the signer is at hand.
    CertificateMissing,
    /// Hash, key or signature algorithm is too weak to prove anything (MD5, SHA-1, RSA under 2048 bits).
    WeakAlgorithm,
    /// It breaks the rules of its own format.
    Malformed,
    /// An algorithm or version that this build does not know.
    Unsupported,
}

/// What of a content a signature is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Over {
    /// Its octets.
    #[default]
    Octets,
    /// Its lines, whatever ends them (RFC 9580 §5.2.1.2).
    Lines,
}

/// One signature (SignerInfo of RFC 5652 §5.3, Signature packet of RFC 9580 §5.2).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Signature {
    /// Its protocol.
    pub protocol: ProtocolId,
    /// What the mathematics says.
    pub check: Check,
    /// More about `check`, for diagnostics; may hold text of the signer, so escape it.
    pub detail: Option<String>,
    /// The certificate that made it (or that claims to), when at hand.
    pub signer: Option<Cert>,
    /// The key of `signer` that `check` is about, where a certificate has several.
    pub key: Option<Handle>,
    /// What of the content it is over.
    pub over: Over,
    /// What the signature calls its signer by.
    pub issuer: Vec<Handle>,
    /// When the signer says it was made. A claim.
    pub signed_at: Option<SystemTime>,
    /// The hash algorithm, e.g. `sha256`.
    pub hash: Option<HashName>,
    /// The public-key algorithm in lower case, e.g. `rsa`, `rsa-pss`, `ecdsa`, `ed25519`.
    pub algorithm: Option<String>,
    /// Whom the signer meant it for (RFC 9580 §5.2.3.36); empty when it does not say.
    pub intended_recipients: Vec<Handle>,
}

impl Signature {
    /// A signature of `protocol` with this outcome and nothing else known; fill in the rest.
    pub fn new(protocol: ProtocolId, check: Check) -> Signature {
        Signature {
            protocol,
            check,
            detail: None,
            signer: None,
            key: None,
            over: Over::default(),
            issuer: Vec::new(),
            signed_at: None,
            hash: None,
            algorithm: None,
            intended_recipients: Vec::new(),
        }
    }

    /// The addresses that the signer's certificate claims.
    pub fn addresses(&self) -> &[Address] {
        self.signer.as_ref().map_or(&[], Cert::addresses)
    }
}

/// What protects the ciphertext from being changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Integrity {
    /// Authenticated encryption: GCM, OCB.
    Aead,
    /// OpenPGP's modification detection code (SEIPD version 1).
    Mdc,
    /// Nothing (CBC): whoever carried the message may have changed the text (EFAIL).
    None,
}

impl Integrity {
    /// The word that the verdict prints.
    pub fn as_str(self) -> &'static str {
        match self {
            Integrity::Aead => "aead",
            Integrity::Mdc => "mdc",
            Integrity::None => "none",
        }
    }
}

/// How decryption went. One word for every failure: wrong key, padding, tag and inner structure are never told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Decryption {
    /// Decrypted and, where the cipher can tell, authentic.
    Done,
    /// No secret key of a recipient is at hand.
    NoKey,
    /// A recipient's secret key is at hand but locked.
    Locked,
    /// It could not be decrypted.
    Failed,
    /// Nobody tried.
    NotTried,
}

/// Encrypted data (EnvelopedData, AuthEnvelopedData, SEIPD).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Encryption {
    /// The content cipher in lower case, e.g. `aes-256-gcm`; unknown before decryption in OpenPGP SEIPD version 1.
    pub cipher: Option<String>,
    /// What protects the ciphertext; `None` when the form is not known.
    pub integrity: Option<Integrity>,
    /// Whom it is encrypted to, as the message says.
    pub recipients: Vec<Handle>,
    /// How many passwords open it besides; whose they are, it does not say.
    pub passwords: usize,
    /// How it went.
    pub decryption: Decryption,
}

impl Encryption {
    /// Encrypted data of which only the outcome is known; fill in the rest.
    pub fn new(decryption: Decryption) -> Encryption {
        Encryption { cipher: None, integrity: None, recipients: Vec::new(), passwords: 0, decryption }
    }
}

/// Compressed data (CompressedData of RFC 3274, Compressed Data packet).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Compression {
    /// The algorithm in lower case, e.g. `zlib`.
    pub algorithm: String,
}

impl Compression {
    /// Compressed with `algorithm`.
    pub fn new(algorithm: impl Into<String>) -> Compression {
        Compression { algorithm: algorithm.into() }
    }
}
