//! DER as trees, for changing it.

pub(crate) use mailseal_cms::ber::encode::tlv;
use mailseal_cms::ber::{Header, Reader};

/// A message as a tree; indefinite lengths become definite.
#[derive(Debug, Clone)]
pub(crate) enum Node {
    Leaf(u8, Vec<u8>),
    Branch(u8, Vec<Node>),
}

impl Node {
    pub(crate) fn parse(element: &[u8]) -> Node {
        let mut reader = Reader::new(element);
        let Header { tag, constructed, size, .. } = reader.peek().unwrap().unwrap();
        if !constructed {
            return Node::Leaf(element[0], element[size..].to_vec());
        }
        let inner = reader.elements(tag, element.len(), element.len()).unwrap();
        Node::Branch(element[0], inner.iter().map(|element| Node::parse(element)).collect())
    }

    pub(crate) fn der(&self) -> Vec<u8> {
        match self {
            Node::Leaf(tag, octets) => tlv(*tag, octets),
            Node::Branch(tag, inner) => tlv(*tag, &inner.iter().flat_map(Node::der).collect::<Vec<_>>()),
        }
    }

    /// The node at the end of these steps.
    pub(crate) fn at(&mut self, steps: &[usize]) -> &mut Node {
        steps.iter().fold(self, |node, step| &mut node.inner()[*step])
    }

    pub(crate) fn inner(&mut self) -> &mut Vec<Node> {
        match self {
            Node::Branch(_, inner) => inner,
            Node::Leaf(tag, _) => panic!("no elements in {tag:02x}"),
        }
    }

    /// The octets of a string in one piece or in several.
    pub(crate) fn octets(&self) -> Vec<u8> {
        match self {
            Node::Leaf(_, octets) => octets.clone(),
            Node::Branch(_, inner) => inner.iter().flat_map(Node::octets).collect(),
        }
    }

    pub(crate) fn tag(&self) -> u8 {
        match self {
            Node::Leaf(tag, _) | Node::Branch(tag, _) => *tag,
        }
    }
}

/// Changes a message in one place.
pub(crate) fn edited(message: &[u8], change: impl FnOnce(&mut Node)) -> Vec<u8> {
    let mut tree = Node::parse(message);
    change(&mut tree);
    tree.der()
}
