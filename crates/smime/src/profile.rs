//! How S/MIME looks in MIME: [RFC 8551 §3.2](https://www.rfc-editor.org/rfc/rfc8551#section-3.2) and §3.5.

use mailseal_core::{EncryptedForm, MimeProfile, OpaqueForm, SignatureForm};

/// What [`Protocol::profile`](mailseal_core::Protocol::profile) answers: rules R40 to R44.
pub(crate) static PROFILE: MimeProfile = MimeProfile {
    signature: SignatureForm {
        media_type: "application/pkcs7-signature",
        also_read: &["application/x-pkcs7-signature"],
        file_name: "smime.p7s",
        description: "S/MIME digital signature",
        armored: false,
    },
    encrypted: EncryptedForm::Opaque(PKCS7_MIME),
    opaque_signed: Some(PKCS7_MIME),
    unobtrusive: Some("c"),
    combined: false,
    hides_recipients: false,
    inline: &[],
};

/// application/pkcs7-mime; the smime-type says what is in it.
const PKCS7_MIME: OpaqueForm = OpaqueForm {
    media_type: "application/pkcs7-mime",
    also_read: &["application/x-pkcs7-mime"],
    file_name: "smime.p7m",
};
