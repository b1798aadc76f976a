//! The draft: whom it is from, whom it is to, and its header as it will be sent.

use crate::Error;
use mail_builder::headers::date::Date;
use mailseal_core::Address;
use mailseal_mime::{AddressList, Field, Header, Limits, Source, Tree};
use std::time::SystemTime;

/// A parsed draft.
pub(crate) struct Draft<'m> {
    pub(crate) source: &'m dyn Source,
    pub(crate) tree: Tree,
}

impl<'m> Draft<'m> {
    pub(crate) fn read(source: &'m dyn Source, limits: &Limits) -> Result<Draft<'m>, Error> {
        Ok(Draft { source, tree: Tree::parse(source, limits)? })
    }

    /// The header as it was written.
    pub(crate) fn header(&self) -> &Header {
        &self.tree.root().header
    }

    /// The one author: the From, or the Sender where the From has several mailboxes (RFC 5322 §3.6.2).
    pub(crate) fn author(&self) -> Result<Address, Error> {
        let single = |name: &str| {
            let mut fields = self.header().get_all(name);
            let (first, second) = (fields.next(), fields.next());
            let list = AddressList::parse(&first.filter(|_| second.is_none())?.value());
            Address::parse(&list.single()?.addr_spec).ok()
        };
        single("From").or_else(|| (self.header().count("From") == 1).then(|| single("Sender"))?).ok_or(Error::NoAuthor)
    }

    /// The addresses of one field and its repetitions, each once.
    pub(crate) fn addresses(&self, field: &str) -> Result<Vec<Address>, Error> {
        let mut addresses = Vec::new();
        for found in self.header().get_all(field) {
            let value = found.value();
            if value.trim_ascii().is_empty() {
                continue;
            }
            let list = AddressList::parse(&value);
            let bad = || Error::BadRecipients { field: field.to_owned() };
            if list.malformed().is_some() {
                return Err(bad());
            }
            for mailbox in list.mailboxes {
                let address = Address::parse(&mailbox.addr_spec).map_err(|_| bad())?;
                if !addresses.contains(&address) {
                    addresses.push(address);
                }
            }
        }
        Ok(addresses)
    }

    /// The header as it is sent: with a Date (in UTC, R127) and a Message-ID where the draft has none, so that every copy
    /// has the same.
    pub(crate) fn completed_header(&self, author: &Address, at: SystemTime) -> Result<Header, Error> {
        let mut header = self.header().clone();
        if header.get("Date").is_none() {
            let seconds = at
                .duration_since(SystemTime::UNIX_EPOCH)
                .map_err(|_| Error::Misuse("the time of the policy is before 1970"))?;
            header.push(Field::structured("Date", &Date::new(seconds.as_secs().cast_signed()).to_rfc822())?);
        }
        if header.get("Message-ID").is_none() {
            let unique = mailseal_mime::secure::boundary()?;
            let domain = author.domain();
            header.push(Field::structured("Message-ID", &format!("<{}@{domain}>", unique.trim_matches('=')))?);
        }
        Ok(header)
    }
}
