//! What of a message was confidential, piece by piece: addresses, message identifiers, the subject. Somebody who answers
//! changes fields (one more in Cc, a word in the subject), and what was confidential in them stays so.

use super::{Confidential, Confirmed};
use crate::text::decode_unstructured;
use crate::{AddressList, Field, Header, Mailbox};
use std::collections::{HashMap, HashSet};

/// The fields whose addresses are looked at.
const ADDRESSES: [&str; 5] = ["From", "Sender", "Reply-To", "To", "Cc"];

/// The fields whose identifiers are looked at.
const IDENTIFIERS: [&str; 3] = ["Message-ID", "In-Reply-To", "References"];

/// What was protected and not shown outside.
pub(super) struct Secrets {
    /// Each address in lower case, with the mailbox that stood outside in place of the protected one.
    addresses: HashMap<String, Option<Mailbox>>,
    identifiers: HashSet<String>,
    /// Subjects as they are compared, without what stands before an answer's.
    subjects: Vec<String>,
    /// The Subject of the answer to what was outside.
    subject: Option<String>,
}

impl Secrets {
    /// Those of `referenced`, to which the answer would be `outside` if nothing had been protected.
    pub(super) fn of(referenced: &Confirmed, outside: &Header) -> Self {
        let (protected, shown) = (referenced.protected(), referenced.shown());
        let open = mailboxes(shown);
        let hidden = mailboxes(protected).into_iter().filter(|mailbox| !open.contains(mailbox));
        let addresses = hidden.map(|mailbox| {
            let key = key(&mailbox);
            let instead = open.iter().find(|other| self::key(other) == key).cloned();
            (key, instead)
        });
        let identifiers: HashSet<String> = identifiers(protected).difference(&identifiers(shown)).cloned().collect();
        let subjects: HashSet<String> = subjects(protected).difference(&subjects(shown)).cloned().collect();
        Self {
            addresses: addresses.collect(),
            identifiers,
            subjects: subjects.iter().map(|subject| base(subject).to_owned()).filter(|base| !base.is_empty()).collect(),
            subject: outside.get("Subject").map(|field| String::from_utf8_lossy(&field.value()).into_owned()),
        }
    }

    /// What the outside of the answer shows of one of its fields.
    pub(super) fn hide(&self, name: &str, value: &str) -> Confidential {
        let is_one_of = |names: &[&str]| names.iter().any(|other| name.eq_ignore_ascii_case(other));
        if is_one_of(&ADDRESSES) {
            self.hide_addresses(name, value)
        } else if is_one_of(&IDENTIFIERS) {
            let all = split_identifiers(value);
            let kept = all.iter().filter(|id| !self.identifiers.contains(**id)).copied().collect::<Vec<_>>();
            if kept.len() == all.len() { Confidential::Keep } else { shown(&kept, " ") }
        } else if name.eq_ignore_ascii_case("Subject") {
            let text = compared(value.as_bytes());
            match self.subjects.iter().any(|secret| text.contains(secret)) {
                true => self.subject.clone().map_or(Confidential::Remove, Confidential::Replace),
                false => Confidential::Keep,
            }
        } else {
            Confidential::Keep
        }
    }

    /// Each address that was hidden goes, or stands as it stood outside; that of From stays.
    fn hide_addresses(&self, name: &str, value: &str) -> Confidential {
        let list = AddressList::parse(value.as_bytes());
        if !list.mailboxes.iter().any(|mailbox| self.addresses.contains_key(&key(mailbox))) {
            return Confidential::Keep;
        }
        let bare = |mailbox: &Mailbox| name.eq_ignore_ascii_case("From").then(|| mailbox.addr_spec.clone());
        let shows = |mailbox: &Mailbox| match self.addresses.get(&key(mailbox)) {
            None => mailbox.to_value().ok(),
            Some(Some(instead)) => instead.to_value().ok(),
            Some(None) => bare(mailbox),
        };
        shown(&list.mailboxes.iter().filter_map(shows).collect::<Vec<_>>(), ", ")
    }
}

fn shown<S: AsRef<str>>(pieces: &[S], between: &str) -> Confidential {
    let pieces: Vec<&str> = pieces.iter().map(AsRef::as_ref).collect();
    if pieces.is_empty() { Confidential::Remove } else { Confidential::Replace(pieces.join(between)) }
}

fn mailboxes(header: &Header) -> Vec<Mailbox> {
    let fields = ADDRESSES.iter().flat_map(|name| header.get_all(name));
    fields.flat_map(|field| AddressList::parse(&field.value()).mailboxes).collect()
}

fn key(mailbox: &Mailbox) -> String {
    mailbox.addr_spec.to_lowercase()
}

fn identifiers(header: &Header) -> HashSet<String> {
    let fields = IDENTIFIERS.iter().flat_map(|name| header.get_all(name));
    let values = fields.map(|field| String::from_utf8_lossy(&field.value()).into_owned());
    values.flat_map(|value| split_identifiers(&value).into_iter().map(str::to_owned).collect::<Vec<_>>()).collect()
}

/// What stands in angle brackets, brackets included.
fn split_identifiers(value: &str) -> Vec<&str> {
    let ends = value.split_inclusive('>').filter(|piece| piece.ends_with('>'));
    ends.filter_map(|piece| piece.get(piece.find('<')?..)).collect()
}

fn subjects(header: &Header) -> HashSet<String> {
    header.get_all("Subject").map(|field: &Field| compared(&field.value())).collect()
}

/// Text as it is compared: decoded, white space as one, in lower case.
fn compared(value: &[u8]) -> String {
    decode_unstructured(value).split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// A subject without `re:`, `aw:`, `fwd:` and what else of up to four letters stands before it.
fn base(subject: &str) -> &str {
    let mut rest = subject;
    while let Some((word, after)) = rest.split_once(':') {
        if word.is_empty()
            || word.len() > 4
            || !word.bytes().all(|b| b.is_ascii_alphabetic())
            || after.trim().is_empty()
        {
            break;
        }
        rest = after.trim_start();
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use Confidential::{Keep, Remove, Replace};

    const FIELDS: &str = "Subject: AW: Secret  plans\r\nFrom: Bob <bob@b>\r\nTo: a@a\r\nCc: Carol <c@c>, d@d\r\n\
         Message-ID: <2@b>\r\nReferences: <1@b>\r\nHP-Outer: Subject: [...]\r\nHP-Outer: From: bob@b\r\n\
         HP-Outer: To: a@a\r\nHP-Outer: Cc: d@d\r\nHP-Outer: References: <1@b>\r\n";

    fn secrets() -> Secrets {
        let payload = Header::from_raw(format!("Content-Type: text/plain; hp=cipher\r\n{FIELDS}").as_bytes());
        Secrets::of(&Confirmed::read(&payload, true, true), &Header::from_raw(b"Subject: Re: [...]\r\n"))
    }

    fn replace(value: &str) -> Confidential {
        Replace(value.to_owned())
    }

    /// R116: an address that was not outside does not come outside in another field, nor among others.
    #[test]
    fn addresses_in_any_field() {
        let secrets = secrets();
        for (name, value, expect) in [
            ("Cc", "d@d, C@c, Erin <e@e>", replace("d@d, \"Erin\" <e@e>")),
            ("To", "\"Robert\" <BOB@b>", replace("bob@b")),
            ("to", "c@c", Remove),
            ("Reply-To", "Friends: c@c, d@d;", replace("d@d")),
            ("From", "Carol <c@c>", replace("c@c")),
            ("Cc", "d@d, Erin <e@e>", Keep),
            ("X-Other", "c@c", Keep),
        ] {
            assert_eq!(secrets.hide(name, value), expect, "{name}: {value}");
        }
    }

    /// R116: an identifier as well.
    #[test]
    fn identifiers_among_others() {
        let secrets = secrets();
        assert_eq!(secrets.hide("References", "<0@b> <1@b><2@b>"), replace("<0@b> <1@b>"));
        assert_eq!(secrets.hide("In-Reply-To", "<2@b>"), Remove);
        assert_eq!(secrets.hide("References", "<1@b> text"), Keep);
    }

    /// R116: a subject as well, whatever stands around it. One of the author's own is his word.
    #[test]
    fn a_subject_within_another() {
        let secrets = secrets();
        for subject in ["Re: secret plans", "Fwd: SECRET\tplans (was: nothing)", "=?utf-8?q?Sv=3A_Secret?= plans"] {
            assert_eq!(secrets.hide("Subject", subject), replace("Re: [...]"), "{subject}");
        }
        assert_eq!(secrets.hide("Subject", "Re: plans"), Keep);
        assert_eq!(base("re: aw: fyi: x: y"), "y");
        assert_eq!((base("re:"), base("a b: c"), base("longer: c")), ("re:", "a b: c", "longer: c"));
    }
}
