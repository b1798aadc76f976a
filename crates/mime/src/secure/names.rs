//! File names of S/MIME parts ([RFC 8551 §3.2.1](https://www.rfc-editor.org/rfc/rfc8551#section-3.2.1)).

/// What a CMS object is, as far as its file name tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FileKind {
    /// A signed or enveloped message: `smime.p7m`.
    Message,
    /// Certificates only: `smime.p7c`.
    Certs,
    /// Compressed data: `smime.p7z`.
    Compressed,
    /// A detached signature: `smime.p7s`.
    Signature,
}

/// The file name for a kind of object.
pub fn file_name(kind: FileKind) -> &'static str {
    match kind {
        FileKind::Message => "smime.p7m",
        FileKind::Certs => "smime.p7c",
        FileKind::Compressed => "smime.p7z",
        FileKind::Signature => "smime.p7s",
    }
}
