//! Whether what names and extensions are made of is of the type that RFC 5280 gives it. The rules of paths compare some of
//! it by its octets alone, or take what they cannot read for something that is not there.

use crate::certificate::Certificate;
use crate::{name, oid};
use der::Tagged;
use mailseal_core::Reason;
use x509_cert::ext::pkix::{AuthorityKeyIdentifier, SubjectKeyIdentifier};
use x509_cert::name::Name;

/// Whether a certificate of a path is sound: names of strings, every extension once, key identifiers and alternative names
/// of their types.
///
/// # Errors
/// [`Reason::Malformed`].
pub(super) fn check(certificate: &Certificate) -> Result<(), Reason> {
    let tbs = certificate.inner().tbs_certificate();
    if !is_name(tbs.subject()) || !is_name(tbs.issuer()) {
        return Err(Reason::Malformed);
    }
    for extension in certificate.extensions() {
        certificate.extension(extension.extn_id)?;
    }
    let _: Option<SubjectKeyIdentifier> = certificate.extension_as(oid::ID_CE_SUBJECT_KEY_IDENTIFIER)?;
    let _: Option<AuthorityKeyIdentifier> = certificate.extension_as(oid::ID_CE_AUTHORITY_KEY_IDENTIFIER)?;
    match certificate.extension(oid::ID_CE_SUBJECT_ALT_NAME)? {
        Some(names) if name::alt_names(names.extn_value.as_bytes()).is_none() => Err(Reason::Malformed),
        _ => Ok(()),
    }
}

/// Whether the values of a distinguished name are strings (RFC 5280 App. A; a bit string is X.520's uniqueIdentifier).
pub(super) fn is_name(name: &Name) -> bool {
    use der::Tag::{
        BitString, BmpString, GeneralString, Ia5String, NumericString, PrintableString, TeletexString, Utf8String,
        VideotexString, VisibleString,
    };
    name.iter().all(|attribute| {
        matches!(
            attribute.value.tag(),
            Utf8String
                | PrintableString
                | Ia5String
                | TeletexString
                | BmpString
                | NumericString
                | VisibleString
                | VideotexString
                | GeneralString
                | BitString
        )
    })
}
