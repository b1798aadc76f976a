//! Header Confidentiality Policies ([RFC 9788 §3](https://www.rfc-editor.org/rfc/rfc9788#section-3)): what the outside of
//! an encrypted message shows of each field.

use crate::{AddressList, Error, Field};
use jiff::{fmt::rfc2822, tz::TimeZone};
use std::{fmt, sync::Arc};

/// What the outer header shows of one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Confidential {
    /// The field as it is: it is not confidential.
    Keep,
    /// Nothing.
    Remove,
    /// Another value: printable ASCII, space and tab, and of the field's own syntax.
    Replace(String),
}

type Decide = dyn Fn(&str, &str) -> Confidential + Send + Sync;

/// A Header Confidentiality Policy. It is asked about Non-Structural fields only, and only for encrypted messages. The
/// default is [`HeaderPolicy::baseline`].
#[derive(Clone)]
pub struct HeaderPolicy {
    name: &'static str,
    decide: Arc<Decide>,
}

impl Default for HeaderPolicy {
    fn default() -> Self {
        Self::baseline()
    }
}

impl HeaderPolicy {
    /// hcp_baseline: Subject is `[...]`, Comments and Keywords are removed
    /// ([RFC 9788 §3.2.1](https://www.rfc-editor.org/rfc/rfc9788#section-3.2.1)).
    pub fn baseline() -> Self {
        Self::named("hcp_baseline", baseline)
    }

    /// hcp_shy: as baseline, and From, To and Cc are bare addresses and Date is in UTC. A value that is no mailbox list or
    /// no date is kept ([RFC 9788 §3.2.2](https://www.rfc-editor.org/rfc/rfc9788#section-3.2.2)).
    pub fn shy() -> Self {
        Self::named("hcp_shy", shy)
    }

    /// hcp_no_confidentiality: everything is kept. Never a default
    /// ([RFC 9788 §3.2.3](https://www.rfc-editor.org/rfc/rfc9788#section-3.2.3)).
    pub fn no_confidentiality() -> Self {
        Self::named("hcp_no_confidentiality", |_, _| Confidential::Keep)
    }

    /// A policy of the caller's own: a function of a field's name, as written, and its unfolded value.
    ///
    /// Its answers are checked where they are used: see [`HeaderPolicy::apply`].
    pub fn new(decide: impl Fn(&str, &str) -> Confidential + Send + Sync + 'static) -> Self {
        Self::named("custom", decide)
    }

    pub(super) fn named(
        name: &'static str,
        decide: impl Fn(&str, &str) -> Confidential + Send + Sync + 'static,
    ) -> Self {
        Self { name, decide: Arc::new(decide) }
    }

    /// What the policy says of a field; a replacement by the same value is [`Confidential::Keep`]. Structural fields are
    /// always kept.
    ///
    /// Fails with [`Error::Field`] where the answer may not be used: a value that is empty or not printable ASCII, space and
    /// tab ([RFC 9788 §3.1](https://www.rfc-editor.org/rfc/rfc9788#section-3.1)), one that is no address list or date
    /// where the field holds one, or a From whose addresses differ or that is removed
    /// ([RFC 9788 §3.1.1](https://www.rfc-editor.org/rfc/rfc9788#section-3.1.1)).
    pub fn apply(&self, field: &Field) -> Result<Confidential, Error> {
        if field.is_structural() {
            return Ok(Confidential::Keep);
        }
        let value = field.value();
        let value = String::from_utf8_lossy(&value);
        let answer = match (self.decide)(field.name(), &value) {
            Confidential::Replace(new) if new == value => Confidential::Keep,
            answer => answer,
        };
        check(field.name(), &value, &answer).map_err(|why| Error::Field { name: field.name().to_owned(), why })?;
        Ok(answer)
    }
}

impl fmt::Debug for HeaderPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HeaderPolicy({})", self.name)
    }
}

fn baseline(name: &str, _value: &str) -> Confidential {
    match name.to_ascii_lowercase().as_str() {
        "subject" => Confidential::Replace("[...]".to_owned()),
        "comments" | "keywords" => Confidential::Remove,
        _ => Confidential::Keep,
    }
}

fn shy(name: &str, value: &str) -> Confidential {
    let shown = match name.to_ascii_lowercase().as_str() {
        "from" => addr_specs(value).filter(|list| list.len() == 1).map(|list| list.join(", ")),
        "to" | "cc" => addr_specs(value).map(|list| list.join(", ")),
        "date" => utc(value),
        _ => return baseline(name, value),
    };
    match shown {
        Some(shown) if is_printable(&shown) => Confidential::Replace(shown),
        _ => Confidential::Keep,
    }
}

/// The addr-specs of a mailbox list; `None` where the value is none.
fn addr_specs(value: &str) -> Option<Vec<String>> {
    let list = AddressList::parse(value.as_bytes());
    let addr_specs = list.mailboxes.iter().map(|mailbox| mailbox.addr_spec.clone()).collect();
    (list.malformed().is_none() && !list.has_group).then_some(addr_specs)
}

/// Whether both values are mailbox lists of the same addr-specs in the same order, ASCII case-insensitively.
fn same_addresses(one: &str, other: &str) -> bool {
    match (addr_specs(one), addr_specs(other)) {
        (Some(one), Some(other)) => {
            one.len() == other.len() && one.iter().zip(&other).all(|(a, b)| a.eq_ignore_ascii_case(b))
        }
        _ => false,
    }
}

/// The UTC form of a date-time of RFC 5322 §3.3.
fn utc(value: &str) -> Option<String> {
    let date = rfc2822::parse(value).ok()?;
    rfc2822::to_string(&date.with_time_zone(TimeZone::UTC)).ok()
}

fn is_printable(value: &str) -> bool {
    value.bytes().all(|b| matches!(b, b'\t' | b' '..=b'~'))
}

/// Holds RFC 9788 §3.1 and §3.1.1.
pub(super) fn check(name: &str, value: &str, answer: &Confidential) -> Result<(), &'static str> {
    let is = |other: &str| name.eq_ignore_ascii_case(other);
    let new = match answer {
        Confidential::Keep => return Ok(()),
        Confidential::Remove if is("From") => return Err("a policy may not remove it"),
        Confidential::Remove => return Ok(()),
        Confidential::Replace(new) => new.as_str(),
    };
    if !is_printable(new) || new.trim().is_empty() {
        return Err("the policy's value is not printable ASCII");
    }
    if is("From") && !same_addresses(value, new) {
        return Err("a policy may not change its address");
    }
    if ["Sender", "To", "Cc", "Reply-To"].iter().any(|other| is(other))
        && AddressList::parse(new.as_bytes()).malformed().is_some()
    {
        return Err("the policy's value is not a list of addresses");
    }
    if is("Date") && rfc2822::parse(new).is_err() {
        return Err("the policy's value is not a date");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use Confidential::{Keep, Remove};

    fn apply(policy: &HeaderPolicy, raw: &str) -> Result<Confidential, Error> {
        policy.apply(&Field::from_raw(raw.as_bytes().to_vec()).unwrap())
    }

    fn replace(value: &str) -> Confidential {
        Confidential::Replace(value.to_owned())
    }

    /// R82, R83, R88, R89
    #[test]
    fn baseline_is_the_default_and_hides_what_is_informational() {
        let policy = HeaderPolicy::default();
        assert_eq!(format!("{policy:?}"), "HeaderPolicy(hcp_baseline)");
        for (raw, expect) in [
            ("Subject: secret\r\n", replace("[...]")),
            ("SUBJECT: secret\r\n", replace("[...]")),
            ("Subject: [...]\r\n", Keep),
            ("comments: x\r\n", Remove),
            ("Keywords: x\r\n", Remove),
            ("To: Bob <bob@example.org>\r\n", Keep),
            ("Date: Sat, 20 Feb 2021 10:19:02 -0500\r\n", Keep),
        ] {
            assert_eq!(apply(&policy, raw).unwrap(), expect, "{raw}");
        }
    }

    /// R84
    #[test]
    fn shy_shows_bare_addresses_and_utc() {
        for (raw, expect) in [
            ("From: Alice <alice@smime.example>\r\n", replace("alice@smime.example")),
            ("From: alice@smime.example\r\n", Keep),
            ("From: A <a@example.org>, B <b@example.org>\r\n", Keep),
            ("To: \"B, Bob\" <bob@x.example>,\r\n c@x.example (Carol)\r\n", replace("bob@x.example, c@x.example")),
            ("Cc: Friends: bob@x.example;\r\n", Keep),
            ("Cc: not an address\r\n", Keep),
            ("Date: Sat, 20 Feb 2021 10:19:02 -0500\r\n", replace("Sat, 20 Feb 2021 15:19:02 +0000")),
            ("Date: Sat, 20 Feb 2021 23:59:60 -0100 (x)\r\n", replace("Sun, 21 Feb 2021 00:59:59 +0000")),
            ("Date: yesterday\r\n", Keep),
            ("To: K\u{e4}te <k\u{e4}te@example.org>\r\n", Keep),
            ("Subject: x\r\n", replace("[...]")),
            ("Keywords: x\r\n", Remove),
            ("Message-ID: <x@example.org>\r\n", Keep),
        ] {
            assert_eq!(apply(&HeaderPolicy::shy(), raw).unwrap(), expect, "{raw}");
        }
    }

    /// R85
    #[test]
    fn no_confidentiality_keeps_everything() {
        assert_eq!(apply(&HeaderPolicy::no_confidentiality(), "Subject: x\r\n").unwrap(), Keep);
    }

    /// R86
    #[test]
    fn what_a_policy_of_ones_own_may_answer() {
        let answer = |value: &'static str| HeaderPolicy::new(move |_, _| replace(value));
        assert_eq!(apply(&answer("fine\tvalue"), "X: y\r\n").unwrap(), replace("fine\tvalue"));
        for (value, raw) in [
            ("a\r\nBcc: x", "Subject: y\r\n"),
            ("nul\0", "Subject: y\r\n"),
            ("Käse", "Subject: y\r\n"),
            ("  ", "Subject: y\r\n"),
            ("[...]", "To: bob@example.org\r\n"),
            ("[...]", "Date: Sat, 20 Feb 2021 10:19:02 -0500\r\n"),
        ] {
            assert!(apply(&answer(value), raw).is_err(), "{value:?}");
        }
    }

    /// R87
    #[test]
    fn from_keeps_its_address() {
        let answer = |value: &'static str| HeaderPolicy::new(move |_, _| replace(value));
        let from = "From: Alice <alice@example.org>\r\n";
        assert_eq!(apply(&answer("Al <ALICE@Example.org>"), from).unwrap(), replace("Al <ALICE@Example.org>"));
        assert!(apply(&answer("mallory@example.org"), from).is_err());
        assert!(apply(&answer("alice@example.org, mallory@example.org"), from).is_err());
        assert!(apply(&HeaderPolicy::new(|_, _| Remove), from).is_err());
    }

    /// R88
    #[test]
    fn structural_fields_are_never_touched() {
        let all = HeaderPolicy::new(|_, _| Remove);
        for raw in ["Content-Type: text/plain\r\n", "mime-version: 1.0\r\n", "Content-Disposition: inline\r\n"] {
            assert_eq!(apply(&all, raw).unwrap(), Keep);
        }
    }
}
