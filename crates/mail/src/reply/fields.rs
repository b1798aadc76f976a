//! The header fields of an answer ([RFC 5322 §3.6.3](https://www.rfc-editor.org/rfc/rfc5322#section-3.6.3) to §3.6.5).

use super::Answer;
use mailseal_core::Address;
use mailseal_mime::{AddressList, Field, Header, Mailbox};

/// The longest message identifier that is taken over, in octets: one line holds it.
const MAX_IDENTIFIER: usize = 900;

/// The fields of an answer to the message with this header. A field that stands twice, or a list of addresses that cannot
/// be read with one meaning, says nothing; what cannot be written in ASCII is left out.
pub(super) fn respond(header: &Header, answer: Answer, own: &[Address]) -> Header {
    let (to, cc) = recipients(header, answer, own);
    let mut fields = Vec::new();
    for (name, list) in [("To", to), ("Cc", cc)] {
        let values: Vec<String> = list.iter().filter_map(written).collect();
        if !values.is_empty() {
            fields.extend(Field::structured(name, &values.join(", ")).ok());
        }
    }
    if let Some(subject) = once(header, "Subject") {
        fields.extend(Field::new("Subject", &again(&subject.text())).ok());
    }
    if let [id] = identifiers(header, "Message-ID").as_slice() {
        let mut references = identifiers(header, "References");
        if references.is_empty() {
            references = identifiers(header, "In-Reply-To");
            if references.len() > 1 {
                references.clear();
            }
        }
        references.push(id.clone());
        fields.extend(Field::structured("In-Reply-To", id).ok());
        fields.extend(Field::structured("References", &references.join(" ")).ok());
    }
    fields.into()
}

/// The addresses in To and Cc.
pub(super) fn addresses(header: &Header) -> Vec<Address> {
    let all = ["To", "Cc"].into_iter().flat_map(|name| mailboxes(header, name));
    all.filter_map(|mailbox| address(&mailbox)).collect()
}

/// Who stands in To and who in Cc, each once.
fn recipients(header: &Header, answer: Answer, own: &[Address]) -> (Vec<Mailbox>, Vec<Mailbox>) {
    let list = |name| mailboxes(header, name);
    let is_own = |mailbox: &Mailbox| address(mailbox).is_some_and(|address| own.contains(&address));
    let not_own =
        |list: Vec<Mailbox>| -> Vec<Mailbox> { list.into_iter().filter(|mailbox| !is_own(mailbox)).collect() };
    let (from, to, cc) = (list("From"), list("To"), not_own(list("Cc")));
    let is_own_mail = !from.is_empty() && from.iter().all(is_own);
    let (mut first, mut second) = if is_own_mail && !to.is_empty() {
        let others = not_own(to.clone());
        (if others.is_empty() { to } else { others }, cc)
    } else {
        let author = if header.count("Reply-To") > 0 { list("Reply-To") } else { from };
        (author, [not_own(to), cc].concat())
    };
    if answer == Answer::Author {
        second.clear();
    }
    let mut seen = Vec::new();
    let mut is_new = |mailbox: &Mailbox| {
        let found = address(mailbox).filter(|found| !seen.contains(found));
        found.map(|found| seen.push(found)).is_some()
    };
    first.retain(&mut is_new);
    second.retain(&mut is_new);
    (first, second)
}

/// The mailboxes of a list that stands once and is well-formed.
fn mailboxes(header: &Header, name: &str) -> Vec<Mailbox> {
    let list = once(header, name).map(|field| AddressList::parse(&field.value()));
    list.filter(|list| list.malformed().is_none()).map(|list| list.mailboxes).unwrap_or_default()
}

fn once<'h>(header: &'h Header, name: &str) -> Option<&'h Field> {
    (header.count(name) == 1).then(|| header.get(name)).flatten()
}

fn address(mailbox: &Mailbox) -> Option<Address> {
    Address::parse(&mailbox.addr_spec).ok()
}

/// The mailbox as it is written; without its name where that cannot be.
fn written(mailbox: &Mailbox) -> Option<String> {
    let bare = || Mailbox { display_name: None, addr_spec: mailbox.addr_spec.clone() }.to_value();
    mailbox.to_value().or_else(|_| bare()).ok()
}

/// The subject with one `Re: ` before it, without control characters.
fn again(subject: &str) -> String {
    let subject: String = subject.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let mut rest = subject.trim();
    while let Some(start) = rest.get(..3).filter(|start| start.eq_ignore_ascii_case("re:")) {
        rest = rest[start.len()..].trim_start();
    }
    format!("Re: {rest}")
}

/// The message identifiers of a field that stands once, angle brackets included.
fn identifiers(header: &Header, name: &str) -> Vec<String> {
    let value = once(header, name).map(|field| String::from_utf8_lossy(&field.value()).into_owned());
    let value = value.unwrap_or_default();
    let pieces = value.split_inclusive('>').filter_map(|piece| piece.get(piece.find('<')?..));
    let is_written =
        |id: &&str| id.ends_with('>') && id.len() <= MAX_IDENTIFIER && id.bytes().all(|b| b.is_ascii_graphic());
    pieces.filter(is_written).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(fields: &str, answer: Answer) -> Vec<String> {
        let own = ["me@example.org", "I@example.org"].map(|own| Address::parse(own).unwrap());
        let fields = respond(&Header::from_raw(fields.as_bytes()), answer, &own);
        let mut raw = Vec::new();
        fields.write_to(&mut raw).unwrap();
        String::from_utf8(raw).unwrap().lines().map(str::to_owned).collect()
    }

    /// R115: Reply-To before From, everybody once, oneself not.
    #[test]
    fn to_the_author_and_to_all() {
        let fields = "From: A <a@b>\r\nTo: me@example.org, C <c@d>, A@b\r\nCc: i@EXAMPLE.org, e@f, c@d\r\n";
        assert_eq!(answered(fields, Answer::Author), ["To: \"A\" <a@b>"]);
        assert_eq!(answered(fields, Answer::All), ["To: \"A\" <a@b>", "Cc: \"C\" <c@d>, e@f"]);
        let elsewhere = format!("{fields}Reply-To: L <l@m>, c@d\r\n");
        assert_eq!(answered(&elsewhere, Answer::Author), ["To: \"L\" <l@m>, c@d"]);
        assert_eq!(answered(&elsewhere, Answer::All), ["To: \"L\" <l@m>, c@d", "Cc: A@b, e@f"]);
    }

    /// R115: an answer to one's own message goes on to those who got it; a note to oneself stays one.
    #[test]
    fn ones_own_mail() {
        let fields =
            "From: Me <me@example.org>\r\nReply-To: l@m\r\nTo: a@b, i@example.org\r\nCc: c@d, me@example.org\r\n";
        assert_eq!(answered(fields, Answer::Author), ["To: a@b"]);
        assert_eq!(answered(fields, Answer::All), ["To: a@b", "Cc: c@d"]);
        assert_eq!(answered("From: me@example.org\r\nTo: I@example.org\r\n", Answer::All), ["To: I@example.org"]);
        assert_eq!(answered("From: me@example.org\r\n", Answer::All), ["To: me@example.org"]);
    }

    /// R10, R115: what can be read in two ways names nobody.
    #[test]
    fn ambiguous_fields() {
        for fields in ["From: a@b\r\nFrom: c@d\r\n", "From: a@b, <\r\n", "From: a@b\r\nReply-To: x@\r\n", "X: y\r\n"] {
            assert!(answered(fields, Answer::All).is_empty(), "{fields}");
        }
        assert_eq!(
            answered("From: a@b\r\nTo: c@d\r\nTo: e@f\r\nSubject: a\r\nSubject: b\r\n", Answer::All),
            ["To: a@b"]
        );
        assert_eq!(answered("From: =?utf-8?q?A=0AB?= <a@b>, \u{fc}@b\r\n", Answer::Author), ["To: a@b"]);
    }

    /// R137: text of others breaks no line.
    #[test]
    fn subjects() {
        for (subject, expect) in [
            ("x", "Re: x"),
            ("RE: re:x", "Re: x"),
            ("=?utf-8?q?x=0D=0ABcc:_y?=", "Re: x  Bcc: y"),
            ("", "Re:"),
            ("=?utf-8?q?K=C3=A4se?=", "Re: =?utf-8?B?S8Okc2U=?="),
        ] {
            assert_eq!(answered(&format!("Subject: {subject}\r\n"), Answer::Author), [format!("Subject: {expect}")]);
        }
    }

    /// RFC 5322 §3.6.4
    #[test]
    fn threads() {
        for (fields, expect) in [
            ("Message-ID: <1@a>\r\n", vec!["In-Reply-To: <1@a>", "References: <1@a>"]),
            (
                "Message-ID: <1@a>\r\nReferences: <0@a>(x)<9@a>\r\n",
                vec!["In-Reply-To: <1@a>", "References: <0@a> <9@a> <1@a>"],
            ),
            ("Message-ID: <1@a>\r\nIn-Reply-To: <0@a>\r\n", vec!["In-Reply-To: <1@a>", "References: <0@a> <1@a>"]),
            ("Message-ID: <1@a>\r\nIn-Reply-To: <0@a> <9@a>\r\n", vec!["In-Reply-To: <1@a>", "References: <1@a>"]),
            ("Message-ID: <a b>\r\nReferences: <0@a>\r\n", vec![]),
            ("Message-ID: <1@a> <2@a>\r\n", vec![]),
        ] {
            assert_eq!(answered(fields, Answer::Author), expect, "{fields}");
        }
    }
}
