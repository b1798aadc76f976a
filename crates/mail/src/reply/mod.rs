//! Answering: to whom, under which subject, with what of the text, and what must not show outside
//! ([RFC 9788 §6](https://www.rfc-editor.org/rfc/rfc9788#section-6), R115-R120).

mod fields;
mod quote;
mod recipients;

pub use quote::Unquoted;
pub use recipients::Recipients;

use crate::{Error, Opened};
use mailseal_core::{Address, Layer};
use mailseal_mime::Header;
use mailseal_mime::header_protection::{HeaderPolicy, response_policy};
use std::fmt;

/// To whom an answer goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Answer {
    /// To Reply-To, else to From.
    #[default]
    Author,
    /// To To and Cc as well.
    All,
}

/// What an answer starts from. The client writes the draft, and [`Compose::answering`](crate::Compose::answering) keeps
/// inside what must not show.
#[derive(Clone)]
pub struct Reply {
    /// To, Cc, Subject, In-Reply-To and References, those that there are, 7-bit. Without a To the message names nobody to
    /// answer. From is the client's.
    pub header: Header,
    /// What says that To and Cc are those to whom the answer should go.
    pub recipients: Recipients,
    pub(crate) response: HeaderPolicy,
    came_encrypted: bool,
    text: Option<String>,
}

/// Without what was decrypted.
impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply").field("recipients", &self.recipients).finish_non_exhaustive()
    }
}

impl Opened<'_> {
    /// Begins an answer. `own` are the addresses of whoever answers: an answer to all does not go to them, and an answer to
    /// one's own message goes to those to whom that went.
    ///
    /// Where the header is protected, only its protected fields count, also where a reader is shown the From outside
    /// (R101, R115, [RFC 9788 §4.4.4](https://www.rfc-editor.org/rfc/rfc9788#section-4.4.4)); else all there is are those
    /// outside. A message of the older draft that repeats a few fields inside, and no From, is answered by these and by
    /// those outside that they do not name.
    ///
    /// # Errors
    /// [`Error::Misuse`] for a layer that was opened by itself ([`Mail::open_part`](crate::Mail::open_part)): it is no
    /// message, and its text is never quoted (R119). [`Error::Io`] when reading failed.
    pub fn reply(&self, answer: Answer, own: &[Address]) -> Result<Reply, Error> {
        if !self.is_message() {
            return Err(Error::Misuse("a layer that was opened by itself is no message to answer"));
        }
        let (outer, confirmed) = self.payload.headers();
        let is_inside = confirmed.names_author();
        let source = if is_inside { confirmed.protected().clone() } else { merged(outer, confirmed.protected()) };
        let header = fields::respond(&source, answer, own);
        let plain_text = self.payload.main_body()?.into_iter().find(|part| part.media_type() == "text/plain");
        Ok(Reply {
            recipients: Recipients::of(self, is_inside, &header),
            response: response_policy(confirmed, |header| fields::respond(header, answer, own)),
            header,
            came_encrypted: self.layers.iter().any(|found| matches!(found.layer, Layer::Encrypted(_))),
            text: plain_text.map(|part| part.raw().to_owned()),
        })
    }
}

/// The protected fields, and those outside of other names.
fn merged(outer: &Header, protected: &Header) -> Header {
    let mut header = outer.clone();
    header.retain(|field| protected.count(field.name()) == 0);
    protected.iter().for_each(|field| header.push(field.clone()));
    header
}
