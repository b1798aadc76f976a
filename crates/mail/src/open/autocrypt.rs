//! What a message says of keys in its Autocrypt fields
//! ([Autocrypt Level 1](https://docs.autocrypt.org/level1.html#updating-autocrypt-peer-state)).

use super::Opened;
use mailseal_core::Address;
use mailseal_mime::autocrypt::{AUTOCRYPT, AUTOCRYPT_GOSSIP, Autocrypt as Said, PreferEncrypt};
use mailseal_mime::header_protection::Scheme;
use mailseal_mime::{AddressList, Field, Header};

/// The keys that a message tells of: claims of whoever wrote the fields, for a client that keeps Autocrypt's peer state.
///
/// Nothing of it is used in judging the message, and no key is trusted for having come this way (R131).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Autocrypt {
    /// The author's, where the message has exactly one valid Autocrypt field.
    pub from: Option<AutocryptKey>,
    /// Those of recipients, told inside of the encryption; one for each address.
    pub gossip: Vec<AutocryptKey>,
}

/// A key that somebody told of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AutocryptKey {
    /// Whose it is said to be: the From, or one of To, Cc and Reply-To for gossip.
    pub address: Address,
    /// What the owner asks for; gossip never says.
    pub prefer_encrypt: PreferEncrypt,
    /// The certificate, or what is claimed to be one: octets for [`Protocol::parse_certs`](crate::Protocol::parse_certs).
    pub keydata: Vec<u8>,
}

impl Opened<'_> {
    /// The keys that the message tells of in Autocrypt and Autocrypt-Gossip fields.
    ///
    /// There are none in a multipart/report, in an answer of a program (`Auto-Submitted: auto-replied`) and where the From is
    /// not exactly one address, inside and outside the same (R129). What a message declares to be protected (RFC 9788) is read
    /// from inside alone. The header says who wrote it as little as any other: see [`Opened::summary`].
    pub fn autocrypt(&self) -> Autocrypt {
        match self.only_author() {
            Some(author) if !self.is_automatic() => Autocrypt { from: self.announced(author), gossip: self.gossiped() },
            _ => Autocrypt::default(),
        }
    }

    /// The one address of the From.
    fn only_author(&self) -> Option<Address> {
        let outside = single(&self.payload.outer)?;
        (single(self.counted("From"))? == outside).then_some(outside)
    }

    fn is_automatic(&self) -> bool {
        let is_report = |header: &Header| header.content_type().is_some_and(|found| found.is("multipart/report"));
        let is_reply = |field: &Field| {
            let value = field.text();
            let keyword = value.split([';', '(']).next().unwrap_or_default();
            keyword.trim().eq_ignore_ascii_case("auto-replied")
        };
        let headers = [&self.payload.outer, &self.payload.root().header];
        headers.iter().any(|header| is_report(header) || header.get_all("Auto-Submitted").any(is_reply))
    }

    /// The header in which a field of that name counts: the protected one where the message declares one or it has the field.
    fn counted(&self, name: &str) -> &Header {
        let protected = self.payload.confirmed.protected();
        match self.payload.confirmed.scheme() {
            Some(Scheme::Rfc9788) => protected,
            Some(_) if protected.count(name) > 0 => protected,
            _ => &self.payload.outer,
        }
    }

    /// The one valid Autocrypt field; several cancel each other (R128).
    fn announced(&self, author: Address) -> Option<AutocryptKey> {
        let fields = self.counted(AUTOCRYPT).get_all(AUTOCRYPT);
        let mut valid = fields.filter_map(key).filter(|key| key.address == author);
        valid.next().filter(|_| valid.next().is_none())
    }

    /// The gossip at the root of what was decrypted, about those whom the message names (R130). Two keys for one address
    /// cancel each other.
    fn gossiped(&self) -> Vec<AutocryptKey> {
        if !self.payload.encrypted {
            return Vec::new();
        }
        let named: Vec<Address> = ["To", "Cc", "Reply-To"].iter().flat_map(|name| self.addresses(name)).collect();
        let fields = self.payload.root().header.get_all(AUTOCRYPT_GOSSIP);
        let mut told: Vec<AutocryptKey> = Vec::new();
        let mut disputed: Vec<Address> = Vec::new();
        for key in fields.filter_map(key).filter(|key| named.contains(&key.address)) {
            let key = AutocryptKey { prefer_encrypt: PreferEncrypt::NoPreference, ..key };
            match told.iter().find(|known| known.address == key.address) {
                Some(known) if *known == key => {}
                Some(_) => disputed.push(key.address),
                None => told.push(key),
            }
        }
        told.retain(|key| !disputed.contains(&key.address));
        told
    }

    fn addresses(&self, name: &str) -> Vec<Address> {
        let lists = self.counted(name).get_all(name).map(|field| AddressList::parse(&field.value()));
        let mailboxes = lists.filter(|list| list.malformed().is_none()).flat_map(|list| list.mailboxes);
        mailboxes.filter_map(|mailbox| Address::parse(&mailbox.addr_spec).ok()).collect()
    }
}

/// The address of the one From field with one mailbox.
fn single(header: &Header) -> Option<Address> {
    let mut fields = header.get_all("From");
    let (first, second) = (fields.next()?, fields.next());
    let list = AddressList::parse(&first.value());
    Address::parse(&list.single().filter(|_| second.is_none())?.addr_spec).ok()
}

/// What a valid field says.
fn key(field: &Field) -> Option<AutocryptKey> {
    let said = Said::parse(field).ok()?;
    let address = Address::parse(&said.addr).ok()?;
    Some(AutocryptKey { address, prefer_encrypt: said.prefer_encrypt, keydata: said.keydata })
}
