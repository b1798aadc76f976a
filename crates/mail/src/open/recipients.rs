//! Whether a message was meant for who reads it: what was signed for others can be encrypted anew and passed on
//! (R140, attack 14).

use super::Encryption;
use mailseal_core::{Address, Handle, KeySource, Signature};
use mailseal_mime::{AddressList, Header};

/// Whether a signature that names its intended recipients counts here: only inside an encryption, and only for one of them
/// ([RFC 9580 §5.2.3.36](https://www.rfc-editor.org/rfc/rfc9580#section-5.2.3.36)).
pub(super) fn is_for_us(signature: &Signature, encryption: Encryption, keys: &dyn KeySource) -> bool {
    let intended = &signature.intended_recipients;
    let is_ours = |handle: &Handle| keys.by_handle(handle).iter().any(|key| key.cert.is_called(handle));
    intended.is_empty() || (encryption == Encryption::Full && intended.iter().any(is_ours))
}

/// What a person should hear of signed and encrypted mail whose protected To and Cc name others alone. It is no refusal: a
/// blind copy and mail of a list look the same. Nobody is warned of mail of his own.
pub(super) fn warning(protected: &Header, author: Option<&Address>, keys: &dyn KeySource) -> Option<String> {
    let ours: Vec<Address> = keys.all().iter().flat_map(|key| key.cert.addresses().to_vec()).collect();
    let fields = protected.iter().filter(|field| field.is("To") || field.is("Cc"));
    let mailboxes: Vec<_> = fields.flat_map(|field| AddressList::parse(&field.value()).mailboxes).collect();
    let is_ours = |spec: &str| Address::parse(spec).is_ok_and(|address| ours.contains(&address));
    let is_from_us = author.is_some_and(|author| ours.contains(author));
    let names_somebody = !ours.is_empty() && !mailboxes.is_empty();
    let is_for_others = names_somebody && !is_from_us && !mailboxes.iter().any(|to| is_ours(&to.addr_spec));
    is_for_others.then(|| "it was signed for others: To and Cc name none of your addresses".to_owned())
}
