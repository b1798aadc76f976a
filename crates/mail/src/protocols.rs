//! The protocols of one run.

use mailseal_core::{Protocol, ProtocolId};
use std::sync::Arc;

/// The protocols of one run, in the order in which they are preferred where a recipient has more than one.
#[derive(Clone, Default)]
pub struct Protocols {
    list: Vec<Arc<dyn Protocol>>,
}

impl Protocols {
    /// Adds one behind the others. A second one of the same name replaces the first in its place.
    pub fn with(mut self, protocol: impl Protocol + 'static) -> Protocols {
        let protocol: Arc<dyn Protocol> = Arc::new(protocol);
        match self.list.iter_mut().find(|known| known.id() == protocol.id()) {
            Some(known) => *known = protocol,
            None => self.list.push(protocol),
        }
        self
    }

    /// The one of that name.
    pub fn get(&self, id: ProtocolId) -> Option<&Arc<dyn Protocol>> {
        self.list.iter().find(|protocol| protocol.id() == id)
    }

    /// All of them, the preferred first.
    pub fn iter(&self) -> std::slice::Iter<'_, Arc<dyn Protocol>> {
        self.list.iter()
    }

    /// All of them as a slice, the preferred first.
    pub fn as_slice(&self) -> &[Arc<dyn Protocol>] {
        &self.list
    }
}
