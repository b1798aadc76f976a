//! Key files that are opened no earlier than they are needed.

use crate::Error;
use mailseal_core::{Cert, Credential, Error as CoreError, Handle, Locked, Passphrase, Prompt, Protocol};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use zeroize::Zeroizing;

/// One file of secret keys: read at once where its format allows, else (PKCS#12 hides even the certificates behind the
/// passphrase) at the first question.
pub(crate) struct KeyFile {
    name: String,
    state: State,
}

enum State {
    Open(Vec<Credential>),
    Closed {
        protocol: Arc<dyn Protocol>,
        encoded: Zeroizing<Vec<u8>>,
        certs: Vec<Cert>,
        prompt: Arc<dyn Prompt>,
        opened: OnceLock<Option<Vec<Credential>>>,
    },
}

impl KeyFile {
    /// Asks each protocol whether it knows the file. Nobody is asked for a passphrase yet.
    pub(crate) fn read(
        protocols: &[Arc<dyn Protocol>],
        name: &str,
        encoded: &[u8],
        certs: &[Cert],
        prompt: Arc<dyn Prompt>,
    ) -> Result<KeyFile, Error> {
        let mut whys = Vec::new();
        for protocol in protocols {
            let deferred = Arc::new(Deferred { asks: AtomicBool::new(false), prompt: prompt.clone() });
            let state = match protocol.parse_keys(encoded, name, certs, deferred.clone()) {
                Ok(credentials) => State::Open(credentials),
                Err(CoreError::Locked(_)) => State::Closed {
                    protocol: protocol.clone(),
                    encoded: Zeroizing::new(encoded.to_vec()),
                    certs: certs.to_vec(),
                    prompt,
                    opened: OnceLock::new(),
                },
                Err(error) => {
                    whys.push(format!("{}: {error}", protocol.id()));
                    continue;
                }
            };
            deferred.asks.store(true, Ordering::Relaxed);
            return Ok(KeyFile { name: name.to_owned(), state });
        }
        Err(Error::NotRecognised { name: name.to_owned(), expected: "a secret key", why: whys.join("; ") })
    }

    /// What the file calls itself.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Its credentials as far as they can be seen without asking anybody.
    pub(crate) fn visible(&self) -> &[Credential] {
        match &self.state {
            State::Open(credentials) => credentials,
            State::Closed { opened, .. } => opened.get().and_then(Option::as_deref).unwrap_or_default(),
        }
    }

    /// Whether it may have the key of a certificate that a message calls `handle`: a file of another protocol has not.
    pub(crate) fn may_answer_to(&self, handle: &Handle) -> bool {
        match &self.state {
            State::Open(_) => true,
            State::Closed { protocol, .. } => handle.protocol().is_none_or(|id| id == protocol.id()),
        }
    }

    /// Whether it was asked for, and stayed locked.
    pub(crate) fn is_locked(&self) -> bool {
        match &self.state {
            State::Open(_) => false,
            State::Closed { opened, .. } => matches!(opened.get(), Some(None)),
        }
    }

    /// Its credentials; asks for a passphrase when it must, once. `None` when it stays locked.
    pub(crate) fn credentials(&self) -> Option<&[Credential]> {
        match &self.state {
            State::Open(credentials) => Some(credentials),
            State::Closed { protocol, encoded, certs, prompt, opened } => {
                opened.get_or_init(|| protocol.parse_keys(encoded, &self.name, certs, prompt.clone()).ok()).as_deref()
            }
        }
    }
}

/// A prompt that asks nobody while a file is only being looked at.
struct Deferred {
    asks: AtomicBool,
    prompt: Arc<dyn Prompt>,
}

impl Prompt for Deferred {
    fn passphrase(&self, key: &Locked, attempt: usize) -> Option<Passphrase> {
        if self.asks.load(Ordering::Relaxed) { self.prompt.passphrase(key, attempt) } else { None }
    }
}
