//! The agent: which keys it has, and what it does with them.

use crate::assuan::{Answer, Conversation, Replies};
use crate::error::Error;
use crate::escape::{self, hex, word};
use crate::sexp::{Sexp, atom};
use crate::socket::Home;
use mailseal_core::{Locked, Prompt};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use zeroize::Zeroizing;

/// How long an answer may take where no person is asked; cards take seconds.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long an answer may take where the agent asks a person.
const PATIENCE_WITH_PEOPLE: Duration = Duration::from_secs(600);

/// The most octets of what a pinentry shows, escaped.
const DESCRIPTION: usize = 600;

/// Keys in one HAVEKEY: the line has at most 1000 octets.
const AT_ONCE: usize = 20;

/// What the agent calls a key by.
pub(crate) type Keygrip = [u8; 20];

/// Who gives passphrases for keys that the agent has locked. What the agent remembers is asked of nobody.
#[derive(Clone)]
pub enum Asking {
    /// The agent's own pinentry.
    Pinentry(Terminal),
    /// The agent hands its question on to this one, where it allows that (`allow-loopback-pinentry`).
    Loopback(Arc<dyn Prompt>),
    /// Nobody: a locked key stays locked.
    Nobody,
}

/// Where a pinentry may show itself: what the user's environment says.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Terminal {
    /// Options of the agent by their names: `ttyname`, `ttytype`, `display`, `lc-ctype`, `lc-messages`, `xauthority`.
    pub options: Vec<(&'static str, String)>,
}

/// The user's gpg-agent. One conversation, begun when it is first needed.
pub struct Agent {
    home: Home,
    asking: Asking,
    patience: Duration,
    conversation: Mutex<Option<Conversation>>,
    secret: [u8; 32],
}

impl Agent {
    /// The agent of this home.
    ///
    /// # Errors
    /// [`Error::Unreachable`] without randomness.
    pub fn new(home: Home, asking: Asking) -> Result<Agent, Error> {
        let patience = match &asking {
            Asking::Pinentry(_) => PATIENCE_WITH_PEOPLE,
            Asking::Loopback(_) | Asking::Nobody => PATIENCE,
        };
        let mut secret = [0; 32];
        getrandom::fill(&mut secret).map_err(|error| Error::Unreachable(error.to_string()))?;
        Ok(Agent { home, asking, patience, conversation: Mutex::default(), secret })
    }

    /// The same, which gives up on an answer after `patience`.
    #[must_use]
    pub fn with_patience(self, patience: Duration) -> Agent {
        Agent { patience, ..self }
    }

    /// What depends on this run alone.
    pub(crate) fn secret(&self) -> &[u8; 32] {
        &self.secret
    }

    /// Of these keys the ones that it has.
    pub(crate) fn held(&self, keys: &[Keygrip]) -> Result<Vec<Keygrip>, Error> {
        let mut held = Vec::new();
        for some in keys.chunks(AT_ONCE) {
            if self.has_any(some)? {
                for key in some {
                    if some.len() == 1 || self.has_any(std::slice::from_ref(key))? {
                        held.push(*key);
                    }
                }
            }
        }
        Ok(held)
    }

    fn has_any(&self, keys: &[Keygrip]) -> Result<bool, Error> {
        let names: String = keys.iter().flat_map(|key| [" ".to_owned(), hex(key)]).collect();
        match self.converse(|conversation| conversation.say(&format!("HAVEKEY{names}"))) {
            Ok(_) => Ok(true),
            Err(error) if error.is_no_key() => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// A signature over a digest; `hash` is the number of its algorithm (RFC 9580 §9.5). Gives the canonical S-expression.
    pub(crate) fn sign(&self, key: &Keygrip, what: &Locked, hash: u8, digest: &[u8]) -> Result<Answer, Error> {
        self.with_passphrase(what, &mut |conversation, reply| {
            conversation.say(&format!("SIGKEY {}", hex(key)))?;
            describe(conversation, what)?;
            conversation.say(&format!("SETHASH {hash} {}", hex(digest)))?;
            conversation.ask("PKSIGN", reply)
        })
    }

    /// Undoes a ciphertext, an S-expression as [`rsa`] and [`ecdh`] make it. Gives the value, with its padding where the agent
    /// left that.
    pub(crate) fn decrypt(&self, key: &Keygrip, what: &Locked, ciphertext: &[u8]) -> Result<Plain, Error> {
        let answer = self.with_passphrase(what, &mut |conversation, reply| {
            conversation.say(&format!("SETKEY {}", hex(key)))?;
            describe(conversation, what)?;
            conversation.ask("PKDECRYPT", &mut |keyword| match keyword {
                "CIPHERTEXT" => Some(Zeroizing::new(ciphertext.to_vec())),
                other => reply(other),
            })
        })?;
        let value = Sexp::read(&answer.data).and_then(|sexp| sexp.value("value").map(<[u8]>::to_vec));
        let value = value.map(Zeroizing::new).ok_or(Error::Protocol("a plaintext that is none"))?;
        Ok(Plain { value, is_padded: !answer.status.iter().any(|line| line == "PADDING 0") })
    }

    /// Runs an operation; as long as the passphrase was wrong and another one is given, again.
    fn with_passphrase(
        &self,
        what: &Locked,
        run: &mut dyn FnMut(&mut Conversation, Replies<'_>) -> Result<Answer, Error>,
    ) -> Result<Answer, Error> {
        let mut attempt = 0;
        loop {
            let before = attempt;
            let mut reply = |keyword: &str| match (keyword, &self.asking) {
                ("PASSPHRASE", Asking::Loopback(prompt)) => {
                    let given = prompt.passphrase(what, attempt)?;
                    attempt += 1;
                    Some(Zeroizing::new(given.reveal().as_bytes().to_vec()))
                }
                ("PINENTRY_LAUNCHED", _) => Some(Zeroizing::default()),
                _ => None,
            };
            match self.converse(|conversation| run(conversation, &mut reply)) {
                Err(error) if error.is_wrong_passphrase() && attempt > before => {}
                other => return other,
            }
        }
    }

    /// Says something in the one conversation; one that broke off is not gone on with.
    fn converse<T>(&self, say: impl FnOnce(&mut Conversation) -> Result<T, Error>) -> Result<T, Error> {
        let mut slot = self.conversation.lock().unwrap_or_else(PoisonError::into_inner);
        let mut conversation = match slot.take() {
            Some(conversation) => conversation,
            None => self.begin()?,
        };
        let said = say(&mut conversation);
        if !matches!(said, Err(Error::Lost(_) | Error::Protocol(_))) {
            *slot = Some(conversation);
        }
        said
    }

    fn begin(&self) -> Result<Conversation, Error> {
        let stream = self.home.connect(self.patience.min(PATIENCE))?;
        let mut conversation = Conversation::begin(stream, self.patience)?;
        match &self.asking {
            Asking::Pinentry(terminal) => {
                for (name, value) in &terminal.options {
                    // One that this agent does not know is no obstacle.
                    refused_is_none(conversation.say(&format!("OPTION {name}={value}")))?;
                }
            }
            Asking::Loopback(_) => {
                if refused_is_none(conversation.say("OPTION pinentry-mode=loopback"))?.is_none() {
                    conversation.say("OPTION pinentry-mode=error")?; // it is forbidden
                }
            }
            Asking::Nobody => drop(conversation.say("OPTION pinentry-mode=error")?),
        }
        Ok(conversation)
    }
}

/// What a ciphertext gave.
pub(crate) struct Plain {
    pub(crate) value: Zeroizing<Vec<u8>>,
    /// Whether an RSA value has its PKCS #1 padding.
    pub(crate) is_padded: bool,
}

/// An RSA ciphertext for [`Agent::decrypt`].
pub(crate) fn rsa(ciphertext: &[u8]) -> Vec<u8> {
    let mut sexp = b"(7:enc-val(3:rsa(1:a".to_vec();
    atom(ciphertext, &mut sexp);
    sexp.extend_from_slice(b")))");
    sexp
}

/// The other side's point for [`Agent::decrypt`]. What it shares with the wrapped key is our own work, so in the wrapped key's
/// place stands a zero octet.
pub(crate) fn ecdh(point: &[u8]) -> Vec<u8> {
    let mut sexp = b"(7:enc-val(4:ecdh(1:s1:\0)(1:e".to_vec();
    atom(point, &mut sexp);
    sexp.extend_from_slice(b")))");
    sexp
}

/// What a pinentry shows.
fn describe(conversation: &mut Conversation, what: &Locked) -> Result<(), Error> {
    conversation.say(&format!("SETKEYDESC {}", description(&what.name))).map(drop)
}

/// The sentence in which a pinentry names a key, as one word. Others may have written the name: it has no line breaks and turns
/// no reading direction.
fn description(name: &str) -> String {
    let mut word = word("mailseal needs the secret key of ");
    for character in name.chars().filter(|character| is_shown(*character)) {
        let next = escape::word(character.encode_utf8(&mut [0; 4]));
        if word.len() + next.len() > DESCRIPTION {
            break;
        }
        word.push_str(&next);
    }
    word
}

/// No control character, and none of those that turn the reading direction, break lines or are not seen.
fn is_shown(character: char) -> bool {
    !character.is_control()
        && !matches!(character, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

fn refused_is_none(said: Result<Answer, Error>) -> Result<Option<Answer>, Error> {
    match said {
        Ok(answer) => Ok(Some(answer)),
        Err(Error::Refused { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R137, attack 17: a User ID breaks no line, and whatever it is the command is short enough.
    #[test]
    fn names_in_the_pinentry() {
        let said = |name: &str| description(name).strip_prefix("mailseal+needs+the+secret+key+of+").unwrap().to_owned();
        assert_eq!(said("Alice <alice@example.org>"), "Alice+<alice@example.org>");
        assert_eq!(said("a\nOK\r\u{1b}b\u{202e}c\u{2028}d"), "aOKbcd");
        assert_eq!(said("100%c"), "100%25c");
        for long in ["x".repeat(10_000), "\u{1f600}".repeat(100), "%".repeat(1000)] {
            let whole = description(&long);
            assert!((300..=DESCRIPTION).contains(&whole.len()), "{}", whole.len());
        }
    }
}
