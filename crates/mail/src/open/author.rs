//! The protected From: the one address that a signature must stand for
//! ([RFC 9788 §4.4](https://www.rfc-editor.org/rfc/rfc9788#section-4.4), R62, R100-R102, R138).

use super::peel::Unwrapped;
use super::sender::Author;
use mailseal_core::Address;
use mailseal_mime::header_protection::Confirmed;
use mailseal_mime::secure;
use mailseal_mime::{AddressList, Header};

/// The author as the message declares him, inside where the header is protected, else outside.
pub(crate) struct Protected {
    /// Who must have signed.
    pub(crate) author: Author,
    /// Whether that comes from inside.
    inside: bool,
    /// The values of its From fields.
    written: Vec<String>,
}

impl Protected {
    /// Reads the From of the header that counts. It does not depend on any signature.
    pub(crate) fn read(outer: &Header, confirmed: &Confirmed) -> Protected {
        let protected = confirmed.protected();
        let inside = confirmed.names_author();
        let counts = if inside { protected } else { outer };
        Protected { author: author(counts), inside, written: written(counts) }
    }

    /// The author of what is no message: nobody, whatever stands in it.
    pub(crate) fn nobody() -> Protected {
        Protected { author: Author::Ambiguous, inside: false, written: Vec::new() }
    }

    /// Whether the From inside is another one than outside and no signature settles which: then a person is warned, and the
    /// one outside is shown (R101, [RFC 9788 §4.4](https://www.rfc-editor.org/rfc/rfc9788#section-4.4)).
    pub(crate) fn is_disputed(&self, outer: &Header, signed: bool) -> bool {
        let is_same = match (&self.author, author(outer)) {
            (Author::One(inside), Author::One(outside)) => *inside == outside,
            // Two that are not one address each may still name quite different people.
            (Author::Ambiguous, Author::Ambiguous) => self.written == written(outer),
            _ => false,
        };
        self.inside && !signed && !is_same
    }

    /// What a person should hear of a From that is disputed.
    pub(crate) fn warning(&self, outer: &Header) -> String {
        let shown = |author: &Author| author.address().map_or("not one address".to_owned(), ToString::to_string);
        format!("the From inside ({}) is not the From outside ({})", shown(&self.author), shown(&author(outer)))
    }
}

/// The protected header, with the status of every field: declared (RFC 9788), else inferred from the older schemes, which
/// only a message with a layer can have (R121, R122). `signed` says whether the sender signed.
pub(crate) fn confirm(outer: &Header, payload: &Unwrapped<'_>, encrypted: bool, signed: bool) -> Confirmed {
    let tree = &payload.tree;
    let root = &tree.parts()[payload.at];
    let declared = Confirmed::read(&root.header, encrypted, signed);
    if declared.scheme().is_some() || payload.layers.is_empty() {
        return declared;
    }
    let wrapped = || {
        let child = *root.children.first()?;
        let is_layer = secure::recognise(tree, child).is_some();
        Confirmed::infer_rfc8551(&root.header, &tree.parts()[child].header, is_layer, outer, encrypted, signed)
    };
    let repeated = || Confirmed::infer_protected_headers_v1(&root.header, outer, encrypted, signed);
    wrapped().or_else(repeated).unwrap_or(declared)
}

/// Exactly one From field with exactly one mailbox; of several mailboxes the one that Sender names.
fn author(header: &Header) -> Author {
    let Some(from) = one_list(header, "From") else { return Author::Ambiguous };
    let mailbox = match from.single() {
        Some(mailbox) => mailbox.clone(),
        None => {
            let Some(sender) = one_list(header, "Sender") else { return Author::Ambiguous };
            match sender.single() {
                Some(mailbox) if from.mailboxes.iter().any(|other| same(&other.addr_spec, &mailbox.addr_spec)) => {
                    mailbox.clone()
                }
                _ => return Author::Ambiguous,
            }
        }
    };
    Address::parse(&mailbox.addr_spec).map_or(Author::Ambiguous, Author::One)
}

fn written(header: &Header) -> Vec<String> {
    header.get_all("From").map(|field| field.text()).collect()
}

fn same(a: &str, b: &str) -> bool {
    matches!((Address::parse(a), Address::parse(b)), (Ok(a), Ok(b)) if a == b)
}

/// The list of a field that stands exactly once and is well-formed.
fn one_list(header: &Header, name: &str) -> Option<AddressList> {
    let mut fields = header.get_all(name);
    let field = fields.next()?;
    let list = AddressList::parse(&field.value());
    (fields.next().is_none() && list.malformed().is_none()).then_some(list)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(raw: &str) -> Author {
        author(&Header::from_raw(raw.as_bytes()))
    }

    fn one(address: &str) -> Author {
        Author::One(Address::parse(address).unwrap())
    }

    /// R138: one mailbox; display names are never looked at.
    #[test]
    fn the_addr_spec_of_one_mailbox() {
        assert_eq!(of("From: \"bob@example.org\" <alice@example.org>\r\n"), one("alice@example.org"));
        assert_eq!(of("From: alice@example.org (bob@example.org)\r\n"), one("alice@example.org"));
    }

    /// R10, R138: two fields, several mailboxes, groups and broken lists are ambiguous.
    #[test]
    fn ambiguous() {
        for raw in [
            "From: alice@example.org\r\nFrom: bob@example.org\r\n",
            "From: alice@example.org\r\nfrom: alice@example.org\r\n",
            "From: alice@example.org, bob@example.org\r\n",
            "From: alice@example.org <bob@example.org>\r\n",
            "From: <alice@example.org> bob@example.org\r\n",
            "From: team: alice@example.org;\r\n",
            "From:\r\n",
            "Subject: none\r\n",
        ] {
            assert_eq!(of(raw), Author::Ambiguous, "{raw}");
        }
    }

    /// R138: several mailboxes are settled by a Sender who is one of them.
    #[test]
    fn sender_settles_several() {
        assert_eq!(of("From: a@example.org, b@example.org\r\nSender: B@example.org\r\n"), one("b@example.org"));
        assert_eq!(of("From: a@example.org, b@example.org\r\nSender: c@example.org\r\n"), Author::Ambiguous);
        assert_eq!(of("From: a@example.org\r\nSender: c@example.org\r\n"), one("a@example.org"));
    }
}
