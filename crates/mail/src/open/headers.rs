//! The header fields that a reader sees, each with how it is protected.

use mailseal_mime::header_protection::{Confirmed, FieldStatus, is_user_facing};
use mailseal_mime::{Field, Header};

/// One header field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeaderField {
    /// Its name, as written.
    pub name: String,
    /// Its value, unfolded and decoded; text of its author.
    pub value: String,
    /// How it is protected.
    pub status: FieldStatus,
}

/// The protected fields in their order, then those user-facing ones that stand outside only. Where the From is disputed,
/// the one outside comes first, and both are listed (R101).
pub(crate) fn list(confirmed: &Confirmed, outer: &Header, from_outside: bool) -> Vec<HeaderField> {
    let entry = |field: &Field, status| HeaderField { name: field.name().to_owned(), value: field.text(), status };
    let protected = confirmed.statuses().map(|(field, status)| entry(field, status));
    let outside = confirmed
        .outer_only(outer)
        .filter(|field| is_user_facing(field))
        .map(|field| entry(field, FieldStatus::Unprotected));
    let disputed = outer.get_all("From").filter(|_| from_outside).map(|field| entry(field, FieldStatus::Unprotected));
    disputed.chain(protected).chain(outside).collect()
}
