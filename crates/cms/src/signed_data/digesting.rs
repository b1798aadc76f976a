use std::io::{self, Write};

use super::confusion::HEAD;
use crate::engine::{Hash, HashContext};

/// Takes content in and keeps nothing of it but its digests and its beginning, or the whole where it is short.
#[derive(Debug)]
pub(crate) struct Digesting {
    contexts: Vec<HashContext>,
    head: Vec<u8>,
    whole: Whole,
}

/// The content itself, which some signatures are over.
#[derive(Debug)]
enum Whole {
    /// So far, and how long it may become.
    Held(Vec<u8>, usize),
    /// It became longer.
    TooLong,
}

impl Digesting {
    /// Digests by each of these hashes, once where one is named twice.
    pub(crate) fn new(hashes: impl IntoIterator<Item = Hash>) -> Self {
        let mut contexts: Vec<HashContext> = Vec::new();
        for hash in hashes {
            if contexts.iter().all(|context| context.hash() != hash) {
                contexts.push(hash.context());
            }
        }
        Digesting { contexts, head: Vec::new(), whole: Whole::TooLong }
    }

    /// Also holds the content, where it has no more than `limit` octets.
    pub(crate) fn holding(mut self, limit: usize) -> Self {
        self.whole = Whole::Held(Vec::new(), limit);
        self
    }

    pub(crate) fn update(&mut self, octets: &[u8]) {
        self.head.extend(octets.iter().take(HEAD - self.head.len()));
        self.contexts.iter_mut().for_each(|context| context.update(octets));
        match &mut self.whole {
            Whole::Held(whole, limit) if whole.len() + octets.len() <= *limit => whole.extend_from_slice(octets),
            whole => *whole = Whole::TooLong,
        }
    }

    pub(crate) fn finish(self) -> Digests {
        let digests = self.contexts.into_iter().map(|context| (context.hash(), context.finish()));
        let whole = match self.whole {
            Whole::Held(whole, _) => Some(whole),
            Whole::TooLong => None,
        };
        Digests { digests: digests.collect(), head: self.head, whole }
    }
}

impl Write for Digesting {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.update(octets);
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What is known of content that has passed.
#[derive(Debug)]
pub(crate) struct Digests {
    digests: Vec<(Hash, Vec<u8>)>,
    /// The first [`HEAD`] octets of the content.
    pub(crate) head: Vec<u8>,
    /// The content, unless it was too long to hold.
    pub(crate) whole: Option<Vec<u8>>,
}

impl Digests {
    pub(crate) fn get(&self, hash: Hash) -> Option<&[u8]> {
        self.digests.iter().find(|(of, _)| *of == hash).map(|(_, digest)| &digest[..])
    }
}
