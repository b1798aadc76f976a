//! How a protocol looks in MIME, as data: the message layer never asks which protocol it has.

/// How a protocol's messages are wrapped in MIME; a protocol crate writes it as one literal.
#[derive(Debug, Clone, Copy)]
pub struct MimeProfile {
    /// The detached signature of multipart/signed (RFC 1847 §2.1).
    pub signature: SignatureForm,
    /// The form of encrypted data.
    pub encrypted: EncryptedForm,
    /// The opaque signed form, where the protocol has one (RFC 8551 §3.5.2).
    pub opaque_signed: Option<OpaqueForm>,
    /// The tag `t` of its Sig fields, where the protocol has unobtrusive signatures
    /// (draft-ietf-mailmaint-unobtrusive-signatures-02).
    pub unobtrusive: Option<&'static str>,
    /// Whether the protocol signs and encrypts in one operation (RFC 3156 §6.2). Otherwise the signed entity is wrapped
    /// in MIME first and then encrypted (RFC 8551 §3.7).
    pub combined: bool,
    /// Whether a message can be encrypted to somebody whom it does not name (RFC 9580 §5.1.8).
    pub hides_recipients: bool,
    /// How protected text may stand in the middle of other text; no Cryptographic Layer (R39). Empty where that is not known.
    pub inline: &'static [InlineForm],
}

/// A block in a text part, from one line to another.
#[derive(Debug, Clone, Copy)]
pub struct InlineForm {
    /// The line that begins it.
    pub begin: &'static str,
    /// The line that ends it.
    pub end: &'static str,
    /// `signed` or `encrypted`: what it is by its outside.
    pub kind: &'static str,
}

/// The second part of multipart/signed.
#[derive(Debug, Clone, Copy)]
pub struct SignatureForm {
    /// Its media type, which is also the `protocol` parameter.
    pub media_type: &'static str,
    /// Older media types that are read, never written.
    pub also_read: &'static [&'static str],
    /// Its file name.
    pub file_name: &'static str,
    /// Its Content-Description, for readers whose program cannot verify it.
    pub description: &'static str,
    /// Whether it is text already (ASCII armor) and needs no base64.
    pub armored: bool,
}

/// How encrypted data stands in MIME.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum EncryptedForm {
    /// multipart/encrypted: a control part, then the octets (RFC 1847 §2.2, RFC 3156 §4).
    ControlAndOctets {
        /// Media type of the control part, which is also the `protocol` parameter.
        protocol: &'static str,
        /// Content of the control part.
        control: &'static str,
        /// File name of the octets.
        file_name: &'static str,
    },
    /// One opaque part with an smime-type (RFC 8551 §3.2).
    Opaque(OpaqueForm),
}

/// One opaque part: its media type, its older names, its smime-types and file name.
#[derive(Debug, Clone, Copy)]
pub struct OpaqueForm {
    /// Media type, e.g. `application/pkcs7-mime`.
    pub media_type: &'static str,
    /// Older media types that are read, never written.
    pub also_read: &'static [&'static str],
    /// File name.
    pub file_name: &'static str,
}
