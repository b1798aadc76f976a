//! rfc822Name constraints where the validator does not know better: on SmtpUTF8Mailbox
//! ([RFC 9598 §6](https://www.rfc-editor.org/rfc/rfc9598#section-6)), and on addresses in another spelling.

use crate::certificate::Certificate;
use crate::name::{self, Mailbox};
use crate::oid;
use mailseal_core::{Address, Reason};
use x509_cert::ext::pkix::NameConstraints;
use x509_cert::ext::pkix::constraints::name::GeneralSubtree;
use x509_cert::ext::pkix::name::GeneralName;

/// Whether every SmtpUTF8Mailbox of `target` is within what every issuer permits, and none of the addresses that it claims
/// within what any excludes. The validator compares rfc822Names by their spelling; excluded is an address however it is
/// spelled (R102).
///
/// # Errors
/// [`Reason::NameConstraints`]; [`Reason::Malformed`] when constraints or names cannot be read.
pub(super) fn check_constraints<'a>(
    issuers: impl Iterator<Item = &'a Certificate>,
    target: &Certificate,
) -> Result<(), Reason> {
    let utf8 = utf8_mailboxes(target)?;
    let claimed = target.addresses();
    for issuer in issuers {
        let Some(constraints) = issuer.extension_as::<NameConstraints>(oid::ID_CE_NAME_CONSTRAINTS)? else { continue };
        let permitted = mail_subtrees(constraints.permitted_subtrees.as_deref());
        let excluded = mail_subtrees(constraints.excluded_subtrees.as_deref());
        let within =
            |address: &Address, subtrees: &[String]| subtrees.iter().any(|subtree| is_within(address, subtree));
        let forbidden = claimed.iter().any(|address| within(address, &excluded));
        let is_inside = |address: &Option<Address>| {
            address.as_ref().is_some_and(|address| permitted.is_empty() || within(address, &permitted))
        };
        let outside = !utf8.iter().all(is_inside);
        if forbidden || outside {
            return Err(Reason::NameConstraints);
        }
    }
    Ok(())
}

/// What is in its SmtpUTF8Mailboxes; `None` for one that is no address.
fn utf8_mailboxes(target: &Certificate) -> Result<Vec<Option<Address>>, Reason> {
    let Some(extension) = target.extension(oid::ID_CE_SUBJECT_ALT_NAME)? else { return Ok(Vec::new()) };
    let mailboxes = name::alt_names(extension.extn_value.as_bytes()).ok_or(Reason::Malformed)?;
    let utf8 = mailboxes.iter().filter(|mailbox| matches!(mailbox, Mailbox::SmtpUtf8(_)));
    Ok(utf8.map(Mailbox::address).collect())
}

/// The bases of the rfc822Name subtrees.
fn mail_subtrees(subtrees: Option<&[GeneralSubtree]>) -> Vec<String> {
    let names = subtrees.unwrap_or_default().iter().map(|subtree| &subtree.base);
    let mail = names.filter_map(|name| match name {
        GeneralName::Rfc822Name(text) => Some(text.as_str().to_owned()),
        _ => None,
    });
    mail.collect()
}

/// RFC 5280 §4.2.1.10: a mailbox, a host, or with a leading dot every host in a domain.
fn is_within(address: &Address, subtree: &str) -> bool {
    let subtree = subtree.to_ascii_lowercase();
    if subtree.contains('@') {
        return Address::parse(&subtree).is_ok_and(|mailbox| mailbox == *address);
    }
    match subtree.strip_prefix('.') {
        Some(_) => address.domain().ends_with(&subtree),
        None => address.domain() == subtree,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mailbox_host_and_domain() {
        let address = Address::parse("ö@mail.example.org").unwrap();
        assert!(is_within(&address, "mail.EXAMPLE.org"));
        assert!(is_within(&address, ".example.org"));
        assert!(!is_within(&address, "example.org"));
        assert!(!is_within(&address, ".mail.example.org"));
        assert!(!is_within(&address, "o@mail.example.org"));
        assert!(is_within(&Address::parse("ö@xn--bcher-kva.example").unwrap(), "xn--bcher-kva.example"));
    }
}
