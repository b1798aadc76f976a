//! Address lists of From, To and their kin ([RFC 5322 §3.4](https://www.rfc-editor.org/rfc/rfc5322#section-3.4), with the
//! obsolete forms of §4.4 and the UTF-8 of [RFC 6532](https://www.rfc-editor.org/rfc/rfc6532)).
//!
//! Who a message is from is decided by the addr-spec alone, so what two readers could read as two addresses is reported.

mod addr_spec;
mod tokens;

use addr_spec::addr_spec;
use tokens::{Token, tokens};

use crate::text::decode_unstructured;
use crate::{Error, Field};
use encodify::{Fold, rfc2047};

/// One mailbox.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Mailbox {
    /// The name shown, encoded words decoded; the comment after a bare address where there is no other.
    pub display_name: Option<String>,
    /// `local-part@domain` without comments and white space; the local part is quoted only where it must be.
    pub addr_spec: String,
}

/// The mailboxes of one field, those in groups included.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AddressList {
    /// In their order.
    pub mailboxes: Vec<Mailbox>,
    /// Whether there was a group (`name: a, b;`), maybe an empty one.
    pub has_group: bool,
    malformed: Option<&'static str>,
}

impl AddressList {
    /// Parses an unfolded value. It never fails: what can be read is read, and [`AddressList::malformed`] tells of the rest.
    pub fn parse(value: &[u8]) -> Self {
        let mut list = Self::default();
        let (tokens, fault) = tokens(value);
        list.malformed = fault;
        list.read(&tokens);
        list
    }

    /// Why the list is not what the standard allows; such a list must not decide who a message is from. An empty list
    /// is none where a group is not.
    pub fn malformed(&self) -> Option<&'static str> {
        self.malformed.or((self.mailboxes.is_empty() && !self.has_group).then_some("no address"))
    }

    /// The mailbox, where the list is well-formed and has exactly one, and not in a group.
    pub fn single(&self) -> Option<&Mailbox> {
        match self.mailboxes.as_slice() {
            [one] if self.malformed().is_none() && !self.has_group => Some(one),
            _ => None,
        }
    }

    fn fault(&mut self, why: &'static str) {
        self.malformed.get_or_insert(why);
    }

    fn read(&mut self, tokens: &[Token]) {
        let mut start = 0;
        let mut in_angle = false;
        let mut in_group = false;
        for (at, token) in tokens.iter().enumerate() {
            match token {
                Token::Special(b'<') if !in_angle => in_angle = true,
                Token::Special(b'>') => in_angle = false,
                Token::Special(b':') if !in_angle => {
                    if in_group || !tokens[start..at].iter().any(Token::is_word) || !is_phrase(&tokens[start..at]) {
                        self.fault("colon outside of a group");
                    }
                    (self.has_group, in_group, start) = (true, true, at + 1);
                }
                Token::Special(b',') if !in_angle => {
                    self.mailbox(&tokens[start..at]);
                    start = at + 1;
                }
                Token::Special(b';') if !in_angle => {
                    if !in_group {
                        self.fault("semicolon outside of a group");
                    }
                    self.mailbox(&tokens[start..at]);
                    (in_group, start) = (false, at + 1);
                }
                _ => {}
            }
        }
        if in_group {
            self.fault("group without end");
        }
        self.mailbox(&tokens[start..]);
    }

    /// Reads one mailbox; empty places between commas are an obsolete form.
    fn mailbox(&mut self, tokens: &[Token]) {
        let comment = tokens.iter().rev().find_map(|token| match token {
            Token::Comment(text) => Some(decode_unstructured(text).trim().to_owned()),
            _ => None,
        });
        let is_comment = |token: &&Token| matches!(token, Token::Comment(_));
        let tokens: Vec<&Token> = tokens.iter().filter(|token| !is_comment(token)).collect();
        if tokens.is_empty() {
            return;
        }
        let open = tokens.iter().position(|token| token.is(b'<'));
        let (phrase, address) = match open {
            None => (&[][..], &tokens[..]),
            Some(open) => {
                let close = tokens.iter().position(|token| token.is(b'>')).filter(|close| *close > open);
                if close != Some(tokens.len() - 1) {
                    self.fault("text after an address, or angle bracket without its counterpart");
                }
                (&tokens[..open], &tokens[open + 1..close.unwrap_or(tokens.len())])
            }
        };
        if !phrase.iter().all(|token| token.is_word() || token.is(b'.')) {
            self.fault("display name with an unquoted special character");
        }
        // The obsolete route `<@a,@b:local@domain>` goes before the last colon.
        let route = address.iter().rposition(|token| token.is(b':')).filter(|_| address[0].is(b'@'));
        let address = &address[route.map_or(0, |colon| colon + 1)..];
        match addr_spec(address) {
            Ok(addr_spec) => {
                let name = (!phrase.is_empty()).then(|| display_name(phrase));
                let display_name = name.or(comment).filter(|name| !name.is_empty());
                self.mailboxes.push(Mailbox { display_name, addr_spec });
            }
            Err(why) => self.fault(why),
        }
    }
}

impl Mailbox {
    /// The mailbox as it stands in a field, 7-bit and unfolded: `name <addr-spec>`, or the addr-spec alone.
    pub fn to_value(&self) -> Result<String, Error> {
        let fail = |why| Error::Field { name: self.addr_spec.clone(), why };
        let single = AddressList::parse(self.addr_spec.as_bytes());
        if !self.addr_spec.is_ascii() || single.single().map(|m| &m.addr_spec) != Some(&self.addr_spec) {
            return Err(fail("not an addr-spec in ASCII"));
        }
        let Some(name) = &self.display_name else { return Ok(self.addr_spec.clone()) };
        if name.chars().any(char::is_control) {
            return Err(fail("control character in the display name"));
        }
        let mut phrase = String::new();
        if name.is_ascii() && !name.contains("=?") && name.len() < 200 {
            phrase.push('"');
            for c in name.chars() {
                if matches!(c, '"' | '\\') {
                    phrase.push('\\');
                }
                phrase.push(c);
            }
            phrase.push('"');
        } else {
            rfc2047::B.encode_words("utf-8", name, &mut 10, Fold::HEADER, &mut phrase);
            phrase = phrase.replace("\r\n", "");
        }
        Ok(format!("{phrase} <{}>", self.addr_spec))
    }

    /// A field with these mailboxes, 7-bit and folded.
    pub fn to_field(name: &str, mailboxes: &[Self]) -> Result<Field, Error> {
        let values: Result<Vec<String>, Error> = mailboxes.iter().map(Self::to_value).collect();
        Field::structured(name, &values?.join(", "))
    }
}

fn is_phrase(tokens: &[Token]) -> bool {
    tokens.iter().all(|token| token.is_word() || token.is(b'.') || matches!(token, Token::Comment(_)))
}

fn display_name(phrase: &[&Token]) -> String {
    let mut text = Vec::new();
    for token in phrase {
        let dot = token.is(b'.');
        if !text.is_empty() && !dot {
            text.push(b' ');
        }
        match token {
            Token::Atom(octets) | Token::Quoted(octets) => text.extend_from_slice(octets),
            _ => text.push(b'.'),
        }
    }
    decode_unstructured(&text).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn list(value: &str) -> AddressList {
        AddressList::parse(value.as_bytes())
    }

    fn shown(value: &str) -> Vec<(String, String)> {
        let list = list(value);
        assert_eq!(list.malformed(), None, "{value}");
        list.mailboxes.into_iter().map(|m| (m.display_name.unwrap_or_default(), m.addr_spec)).collect()
    }

    fn pair(name: &str, addr: &str) -> (String, String) {
        (name.to_owned(), addr.to_owned())
    }

    /// The examples of RFC 5322 App. A and others like them.
    #[test]
    fn well_formed() {
        for (value, expect) in [
            ("John Doe <jdoe@machine.example>", vec![pair("John Doe", "jdoe@machine.example")]),
            (
                "\"Joe Q. Public\" <john.q.public@example.com>, boss@nil.test",
                vec![pair("Joe Q. Public", "john.q.public@example.com"), pair("", "boss@nil.test")],
            ),
            ("Mary Smith <@node.test,@b:mary@example.net>", vec![pair("Mary Smith", "mary@example.net")]),
            ("jdoe@test . example", vec![pair("", "jdoe@test.example")]),
            ("Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>", vec![pair("Pete", "pete@silly.test")]),
            ("a@b (K. Lee)", vec![pair("K. Lee", "a@b")]),
            (
                "A Group(Some people) :Chris Jones <c@public.example>,, joe@example.org, John <jdoe@one.test> ; x@y",
                vec![
                    pair("Chris Jones", "c@public.example"),
                    pair("", "joe@example.org"),
                    pair("John", "jdoe@one.test"),
                    pair("", "x@y"),
                ],
            ),
            ("Undisclosed recipients:;", vec![]),
            ("=?utf-8?Q?K=C3=A4se?= =?utf-8?Q?brot?= <k@b>", vec![pair("Käsebrot", "k@b")]),
            (
                "\"a b\"@c, \"plain\"@c, x@[127.0.0.1]",
                vec![pair("", "\"a b\"@c"), pair("", "plain@c"), pair("", "x@[127.0.0.1]")],
            ),
            ("J. R. Hacker <j@x>", vec![pair("J. R. Hacker", "j@x")]),
            ("\"evil@example.org\" <real@example.com>", vec![pair("evil@example.org", "real@example.com")]),
            ("用户@例子.中国", vec![pair("", "用户@例子.中国")]),
        ] {
            assert_eq!(shown(value), expect, "{value}");
        }
    }

    /// R138: nothing that two readers could read as two senders is well-formed.
    #[test]
    fn ambiguous_lists_are_reported() {
        for value in [
            "",
            "no address",
            "a@b <c@d>",
            "<a@b> <c@d>",
            "<a@b> c@d",
            "a@b c@d",
            "a@b@c",
            "<a@b",
            "a@b>",
            "Name <a@b> x",
            "<<a@b>>",
            "\"open <a@b>",
            "(open <a@b>",
            "a@b\0.example",
            "a@b, c@d>",
            "=?utf-8?q?a=40b?=@c",
            "a..b@c",
            ".a@b",
            "a b@c",
            "a@",
            "@b",
            "g: a@b",
            "a@b;",
            "g: h: a@b;;",
            "a@b\\ <c@d>",
            "a,b <c@d>",
        ] {
            assert!(list(value).malformed().is_some(), "{value}");
            assert_eq!(list(value).single(), None, "{value}");
        }
        assert_eq!(AddressList::parse(b"\xff <a@b>").single(), None);
        assert_eq!(list("a@b, c@d").single(), None);
        assert_eq!(list("g: a@b;").single(), None);
        assert_eq!(list("A <a@b>").single().unwrap().addr_spec, "a@b");
    }

    #[test]
    fn what_cannot_be_written_is_an_error() {
        for (name, addr) in [(None, "a@b, c@d"), (None, "ä@b"), (None, "a"), (Some("x\ny"), "a@b"), (None, "<a@b>")] {
            let mailbox = Mailbox { display_name: name.map(str::to_owned), addr_spec: addr.to_owned() };
            assert!(mailbox.to_value().is_err(), "{addr}");
        }
    }

    proptest! {
        /// R27
        #[test]
        fn written_mailboxes_read_the_same(name in "[^\\p{C}\\s]\\PC{0,60}[^\\p{C}\\s]", local in "[a-z.\"\\\\ ]{1,10}") {
            let local = if local.split('.').all(|a| !a.is_empty() && a.bytes().all(|b| b.is_ascii_lowercase())) { local } else {
                format!("\"{}\"", local.replace('\\', "\\\\").replace('"', "\\\""))
            };
            let mailbox = Mailbox { display_name: Some(name), addr_spec: format!("{local}@example.org") };
            let field = Mailbox::to_field("From", std::slice::from_ref(&mailbox)).unwrap();
            prop_assert!(field.raw().is_ascii());
            let list = AddressList::parse(&field.value());
            prop_assert_eq!(list.single(), Some(&mailbox));
        }

        #[test]
        fn any_octets(value in proptest::collection::vec(any::<u8>(), 0..300)) {
            AddressList::parse(&value);
        }
    }
}
