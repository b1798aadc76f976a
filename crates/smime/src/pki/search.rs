//! The search for paths from a certificate up to an anchor, depth first, within firm bounds (attack 22).

use super::node::Node;
use super::validate::Validator;
use std::collections::HashMap;

/// The most signatures that are computed.
const SIGNATURES: usize = 200;
/// The most candidates that are looked at.
const STEPS: usize = 5_000;
/// The most whole paths that are validated.
const PATHS: usize = 20;

/// What the visitor of a path wants next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Another path, if there is one.
    Another,
    /// No more.
    Enough,
}

/// A possible issuer.
#[derive(Clone, Copy)]
struct Candidate<'a> {
    node: &'a Node,
    is_anchor: bool,
}

/// One search.
pub(super) struct Search<'a> {
    validator: &'a Validator,
    /// The most certificates between target and anchor.
    depth: usize,
    anchors: Vec<&'a Node>,
    pool: Vec<&'a Node>,
    /// Whether the second certificate's key verifies the first one, as far as it was computed; by their DER.
    verified: HashMap<(&'a [u8], &'a [u8]), bool>,
}

impl<'a> Search<'a> {
    /// A search among `anchors` and `pool`; earlier certificates of the pool are tried first.
    pub(super) fn new(
        validator: &'a Validator,
        depth: usize,
        anchors: Vec<&'a Node>,
        pool: Vec<&'a Node>,
    ) -> Search<'a> {
        Search { validator, depth, anchors, pool, verified: HashMap::new() }
    }

    /// Visits the paths whose names and signatures fit: the anchor and the certificates between, the target's issuer
    /// first. Nothing else is checked here.
    pub(super) fn run(mut self, target: &'a Node, visit: &mut dyn FnMut(&'a Node, &[&'a Node]) -> Step) {
        let mut path = vec![target];
        let mut open = vec![self.candidates(target)];
        let mut paths = 0;
        for _ in 0..STEPS {
            let Some(candidates) = open.last_mut() else { return };
            let Some(candidate) = candidates.pop() else {
                open.pop();
                path.pop();
                continue;
            };
            let Some(child) = path.last().copied() else { return };
            if path.iter().any(|node| node.is_same_entity(candidate.node)) && !candidate.is_anchor {
                continue;
            }
            match self.is_signed_by(child, candidate.node) {
                None => return,
                Some(false) => continue,
                Some(true) if candidate.is_anchor => {
                    paths += 1;
                    if visit(candidate.node, &path[1..]) == Step::Enough || paths == PATHS {
                        return;
                    }
                }
                Some(true) if path.len() <= self.depth => {
                    path.push(candidate.node);
                    open.push(self.candidates(candidate.node));
                }
                Some(true) => {}
            }
        }
    }

    /// The possible issuers by name, the best last.
    fn candidates(&self, child: &Node) -> Vec<Candidate<'a>> {
        let anchors = self.anchors.iter().copied().filter(|anchor| anchor.may_issue_as_anchor());
        let anchors = anchors.map(|node| Candidate { node, is_anchor: true });
        let pool = self.pool.iter().map(|node| Candidate { node, is_anchor: false });
        let mut found: Vec<_> = anchors.chain(pool).filter(|issuer| child.names_as_issuer(issuer.node)).collect();
        found.sort_by_key(|issuer| (child.doubt_of_issuer(issuer.node), !issuer.is_anchor));
        found.reverse();
        found
    }

    /// `None` when no more signatures may be computed.
    fn is_signed_by(&mut self, child: &'a Node, issuer: &'a Node) -> Option<bool> {
        let key = (child.certificate.der(), issuer.certificate.der());
        if let Some(known) = self.verified.get(&key) {
            return Some(*known);
        }
        if self.verified.len() == SIGNATURES {
            return None;
        }
        let good = self.validator.is_signed_by(child, issuer);
        self.verified.insert(key, good);
        Some(good)
    }
}
