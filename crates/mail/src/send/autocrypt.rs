//! What an outgoing message tells of keys: Autocrypt outside, Autocrypt-Gossip inside of an encryption
//! ([Autocrypt Level 1](https://docs.autocrypt.org/level1.html#header-injection-in-outbound-mail)).

use super::draft::Draft;
use super::plan::Group;
use super::{Compose, User};
use crate::{AutocryptKey, Error};
use mailseal_core::{Address, Policy};
use mailseal_mime::autocrypt::{AUTOCRYPT, AUTOCRYPT_GOSSIP, Autocrypt, PreferEncrypt};
use mailseal_mime::{Field, Header};

/// What the author wants to tell; nothing by default.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Told {
    own: Option<PreferEncrypt>,
    gossip: bool,
}

impl Compose<'_> {
    /// Tells the author's key in an Autocrypt field, in place of one that stands in the draft; see
    /// [`Plan::autocrypt`](crate::Plan::autocrypt). It is the same in every message, whoever gets it, and part of the
    /// protected header like any other field.
    ///
    /// It is not done by itself: a key that was once announced is what others encrypt to from then on.
    pub fn autocrypt(mut self, prefer_encrypt: PreferEncrypt) -> Self {
        self.told.own = Some(prefer_encrypt);
        self
    }

    /// Tells everybody in To and Cc the keys of the others, where a message is encrypted to more than one of them: then all
    /// can encrypt their answer. Nothing of it is visible outside, and nothing is told of Bcc.
    pub fn gossip(mut self, yes: bool) -> Self {
        self.told.gossip = yes;
        self
    }

    /// The key that the messages will announce: the first of the author's that has a form for Autocrypt.
    pub(super) fn announced(&self, author: &Address) -> Option<AutocryptKey> {
        let prefer_encrypt = self.told.own?;
        if self.draft.addresses("From").ok()?.as_slice() != std::slice::from_ref(author) {
            return None;
        }
        let keys = self.mail.keys();
        let mut own = match &self.user {
            Some(user @ User::Handle(_)) => user.among(keys),
            _ => Vec::new(),
        };
        own.extend(keys.by_address(author));
        let form = |protocol: &dyn mailseal_core::Protocol| {
            let mut mine = own.iter().filter(|credential| credential.cert.protocol() == protocol.id());
            mine.find_map(|credential| protocol.keydata(&credential.cert, author, self.mail.policy()).ok())
        };
        let keydata = self.mail.protocols().iter().find_map(|protocol| form(protocol.as_ref()))?;
        let key = AutocryptKey { address: author.clone(), prefer_encrypt, keydata };
        key.said().to_field().is_ok().then_some(key)
    }

    /// The header of one group's message.
    pub(super) fn header_for(&self, group: &Group, header: &Header) -> Result<Header, Error> {
        let mut header = header.clone();
        if self.told.gossip {
            header.remove(AUTOCRYPT_GOSSIP);
            for field in gossip(&self.draft, group, self.mail.policy())? {
                header.push(field);
            }
        }
        Ok(header)
    }
}

/// Puts the author's key into the header.
pub(super) fn announce(header: &mut Header, key: &AutocryptKey) -> Result<(), Error> {
    header.remove(AUTOCRYPT);
    header.push(key.said().to_field()?);
    Ok(())
}

/// A field for each recipient of an encrypted message whom the others see; none where there is only one, as in the copies for
/// Bcc.
fn gossip(draft: &Draft<'_>, group: &Group, policy: &Policy) -> Result<Vec<Field>, Error> {
    if group.encryption.is_none() {
        return Ok(Vec::new());
    }
    let named = [draft.addresses("To")?, draft.addresses("Cc")?].concat();
    // The certificates stand in the order of the recipients, the sender's own after them; who is hidden comes last.
    let shown = &group.rcpt_to[..group.rcpt_to.len().saturating_sub(group.hidden.len())];
    let told: Vec<_> = shown.iter().zip(&group.certs).filter(|(address, _)| named.contains(address)).collect();
    if told.len() < 2 {
        return Ok(Vec::new());
    }
    let field = |(address, cert): (&Address, _)| {
        let keydata = group.protocol.keydata(cert, address, policy).ok()?;
        let key = AutocryptKey { address: address.clone(), prefer_encrypt: PreferEncrypt::NoPreference, keydata };
        key.said().to_gossip_field().ok()
    };
    Ok(told.into_iter().filter_map(field).collect())
}

impl AutocryptKey {
    /// As it stands in a field.
    fn said(&self) -> Autocrypt {
        Autocrypt { addr: self.address.to_string(), prefer_encrypt: self.prefer_encrypt, keydata: self.keydata.clone() }
    }
}
