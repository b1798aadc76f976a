//! How the header of a message is protected, and what of it is repeated for readers that know no header protection.

use super::Compose;
use crate::{Error, Reply};
use mailseal_mime::header_protection::{Compose as Rfc9788, Confidential, HeaderPolicy};
use mailseal_mime::{Field, Header};
use std::borrow::Cow;

/// What the author decided of the header ([RFC 9788 §5.2](https://www.rfc-editor.org/rfc/rfc9788#section-5.2)).
#[derive(Debug, Clone, Default)]
pub(super) struct Headers {
    policy: HeaderPolicy,
    response: Option<HeaderPolicy>,
    pub(super) legacy_display: bool,
    protected_headers_v1: bool,
    /// Whether nobody but the author gets it (R126).
    pub(super) for_oneself: bool,
}

impl Headers {
    /// As a recipe for one message.
    pub(super) fn recipe(&self, encrypted: bool) -> Rfc9788<'_> {
        let recipe = if encrypted { Rfc9788::encrypted(&self.policy) } else { Rfc9788::signed() };
        let recipe = recipe.protected_headers_v1(self.protected_headers_v1).keep_bcc(self.for_oneself);
        self.response.iter().fold(recipe, Rfc9788::responding)
    }

    /// The header as the message may have it. What was confidential in the message that it answers stands nowhere in one
    /// that is not encrypted: its inside is as visible as its outside (R116).
    pub(super) fn disclosed<'h>(&self, header: &'h Header, encrypted: bool) -> Result<Cow<'h, Header>, Error> {
        let Some(response) = self.response.as_ref().filter(|_| !encrypted) else { return Ok(Cow::Borrowed(header)) };
        let mut disclosed = Header::new();
        for field in header {
            match response.apply(field)? {
                Confidential::Keep => disclosed.push(field.clone()),
                Confidential::Remove => {}
                Confidential::Replace(value) => disclosed.push(Field::structured(field.name(), &value)?),
            }
        }
        Ok(Cow::Owned(disclosed))
    }
}

impl Compose<'_> {
    /// What the outer header of an encrypted message shows (RFC 9788 §3). A policy of the caller's own is
    /// [`HeaderPolicy::new`].
    pub fn headers(mut self, policy: HeaderPolicy) -> Self {
        self.headers.policy = policy;
        self
    }

    /// The draft answers a message: what was confidential there does not show outside, in addition to what the policy of
    /// [`Compose::headers`] hides, which comes first (R116, R117,
    /// [RFC 9788 §6.1](https://www.rfc-editor.org/rfc/rfc9788#section-6.1)). An answer that is not encrypted loses it inside
    /// as well. Only header fields are looked at; for the text see [`Reply::quote`].
    pub fn answering(mut self, reply: &Reply) -> Self {
        self.headers.response = Some(reply.response.clone());
        self
    }

    /// Repeats the fields that the outside hides at the start of the text, marked so that a reader that knows RFC 9788
    /// leaves them out: an older one then still shows the Subject. Encrypted messages only
    /// ([RFC 9788 §5.2.2](https://www.rfc-editor.org/rfc/rfc9788#section-5.2.2)).
    ///
    /// It is not done by itself: it changes the text that the author wrote, and a reader that knows no header protection
    /// shows it as such, in replies also where they are not encrypted.
    pub fn legacy_display(mut self, yes: bool) -> Self {
        self.headers.legacy_display = yes;
        self
    }

    /// Writes `protected-headers="v1"` beside `hp` for readers that know only the draft before RFC 9788, as Thunderbird, K-9
    /// and mutt do.
    ///
    /// It is not done by itself: the parameter is of no standard, and what such a reader makes of it is not what RFC 9788
    /// means (it knows of no HP-Outer).
    pub fn protected_headers_v1(mut self, yes: bool) -> Self {
        self.headers.protected_headers_v1 = yes;
        self
    }
}
