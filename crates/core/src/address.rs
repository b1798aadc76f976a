//! E-mail addresses: an addr-spec that was parsed, and when two of them are the same.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

/// An addr-spec ([RFC 5322 §3.4.1](https://www.rfc-editor.org/rfc/rfc5322#section-3.4.1), with the UTF-8 of RFC 6532).
///
/// Two addresses are equal when their domains are the same A-labels, ASCII case-insensitively, and their local parts are
/// the same ASCII case-insensitively ([RFC 9788 §4.4.5](https://www.rfc-editor.org/rfc/rfc9788#section-4.4.5), R102).
/// Display names are never part of an address.
#[derive(Clone)]
pub struct Address {
    text: String,
    key: String,
}

/// Why a text is not an addr-spec.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AddressError {
    /// No `@`, or nothing on one side of it.
    #[error("an address is local-part@domain")]
    Form,
    /// White space, control characters, angle brackets, commas or the like where none may be.
    #[error("the address has characters that an address cannot have")]
    Character,
    /// The domain is not a domain name (RFC 5890).
    #[error("the domain of the address is not a domain name")]
    Domain,
    /// Longer than 320 octets (64 + 1 + 255, RFC 5321 §4.5.3.1).
    #[error("the address is longer than 320 octets")]
    Length,
}

impl Address {
    /// Parses a bare addr-spec, without display name, angle brackets or comments.
    pub fn parse(text: &str) -> Result<Address, AddressError> {
        let text = text.trim_matches([' ', '\t']);
        if text.len() > 320 {
            return Err(AddressError::Length);
        }
        let (local, domain) = text.rsplit_once('@').ok_or(AddressError::Form)?;
        if local.is_empty() || domain.is_empty() {
            return Err(AddressError::Form);
        }
        let local = unquoted(local)?;
        let domain = domain_key(domain)?;
        let key = format!("{}@{domain}", local.to_ascii_lowercase());
        Ok(Address { text: text.to_owned(), key })
    }

    /// The address as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The domain as A-labels in lower case.
    pub fn domain(&self) -> &str {
        self.key.rsplit_once('@').map_or("", |(_, domain)| domain)
    }

    /// The form that is compared: unquoted local part and A-labels, both ASCII lower case. A key for look-up tables.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Whether the local part needs UTF-8 on the wire (RFC 6531).
    pub fn is_ascii(&self) -> bool {
        self.text.is_ascii()
    }
}

/// The local part without its quotes (RFC 5321 §4.1.2: `"a.b"@x` is `a.b@x`), after a check of its characters.
fn unquoted(local: &str) -> Result<String, AddressError> {
    if let Some(inner) = local.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        let mut out = String::with_capacity(inner.len());
        let mut chars = inner.chars();
        while let Some(c) = chars.next() {
            let c = match c {
                '\\' => chars.next().ok_or(AddressError::Character)?,
                '"' => return Err(AddressError::Character),
                c => c,
            };
            if c.is_control() {
                return Err(AddressError::Character);
            }
            out.push(c);
        }
        return if out.is_empty() { Err(AddressError::Form) } else { Ok(out) };
    }
    let bad = |c: char| {
        c.is_control()
            || c.is_whitespace()
            || matches!(c, '"' | '(' | ')' | '<' | '>' | '[' | ']' | ',' | ';' | ':' | '\\' | '@')
    };
    if local.contains(bad) { Err(AddressError::Character) } else { Ok(local.to_owned()) }
}

/// A domain as lower-case A-labels; a literal (`[192.0.2.1]`) stays as it is.
fn domain_key(domain: &str) -> Result<String, AddressError> {
    if domain.starts_with('[') && domain.ends_with(']') {
        let literal = &domain[1..domain.len() - 1];
        let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | ':' | '-');
        return if !literal.is_empty() && literal.chars().all(good) {
            Ok(domain.to_ascii_lowercase())
        } else {
            Err(AddressError::Domain)
        };
    }
    let name = domain.strip_suffix('.').unwrap_or(domain);
    if name.is_ascii() {
        let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        let fine = name.split('.').all(|label| !label.is_empty() && label.len() <= 63 && label.chars().all(good));
        if !fine {
            return Err(AddressError::Domain);
        }
        if !name.to_ascii_lowercase().split('.').any(|label| label.starts_with("xn--")) {
            return Ok(name.to_ascii_lowercase());
        }
    }
    let labels = idna::domain_to_ascii_strict(name).map_err(|_| AddressError::Domain)?;
    if labels.is_empty() { Err(AddressError::Domain) } else { Ok(labels) }
}

impl PartialEq for Address {
    fn eq(&self, other: &Address) -> bool {
        self.key == other.key
    }
}

impl Eq for Address {}

impl Hash for Address {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key.hash(state);
    }
}

impl PartialOrd for Address {
    fn partial_cmp(&self, other: &Address) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Address {
    fn cmp(&self, other: &Address) -> std::cmp::Ordering {
        self.key.cmp(&other.key)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.text)
    }
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Address, AddressError> {
        Address::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Address {
        Address::parse(text).unwrap()
    }

    /// R102: domains compare as A-labels, both sides ASCII case-insensitively.
    #[test]
    fn equal_when_only_case_or_label_form_differs() {
        assert_eq!(address("Alice@Example.ORG"), address("alice@example.org"));
        assert_eq!(address("a@bücher.example"), address("A@xn--bcher-kva.example"));
        assert_eq!(address("\"alice\"@example.org"), address("alice@example.org"));
        assert_eq!(address("a@example.org."), address("a@example.org"));
    }

    /// R102: nothing else is folded: no plus tags, no dots, no non-ASCII case in local parts.
    #[test]
    fn different_when_anything_else_differs() {
        assert_ne!(address("a.b@example.org"), address("ab@example.org"));
        assert_ne!(address("a+x@example.org"), address("a@example.org"));
        assert_ne!(address("É@example.org"), address("é@example.org"));
        assert_ne!(address("a@example.org"), address("a@example.com"));
    }

    #[test]
    fn refuses_what_is_not_an_addr_spec() {
        for text in
            ["", "a", "@b", "a@", "a b@c", "<a@b>", "a@b c", "a\n@b", "a@b,c@d", "a@[x y]", "a@b..c", "a@b@c\u{0}"]
        {
            assert!(Address::parse(text).is_err(), "{text:?}");
        }
        assert_eq!(Address::parse(&format!("{}@b", "a".repeat(400))), Err(AddressError::Length));
    }
}
