//! Messages as trees, for changing them.

use mailseal_cms::ber::{Header, Reader, encode};

/// A message as a tree.
#[derive(Debug, Clone)]
pub(crate) enum Node {
    Primitive(u8, Vec<u8>),
    Constructed(u8, Vec<Node>),
}

impl Node {
    pub(crate) fn parse(element: &[u8]) -> Node {
        let mut reader = Reader::new(element);
        let Header { tag, constructed, size, .. } = reader.peek().unwrap().unwrap();
        if !constructed {
            return Node::Primitive(element[0], element[size..].to_vec());
        }
        let inner = reader.elements(tag, element.len(), 1_000).unwrap();
        Node::Constructed(element[0], inner.iter().map(|element| Node::parse(element)).collect())
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        match self {
            Node::Primitive(identifier, octets) => encode::tlv(*identifier, octets),
            Node::Constructed(identifier, inner) => {
                encode::tlv(*identifier, &inner.iter().map(Node::encode).collect::<Vec<_>>().concat())
            }
        }
    }

    /// The node to which the places lead, from here down.
    #[allow(dead_code, reason = "each test program uses its part")]
    pub(crate) fn at(&mut self, places: &[usize]) -> Option<&mut Node> {
        let Some((first, rest)) = places.split_first() else { return Some(self) };
        let Node::Constructed(_, inner) = self else { return None };
        inner.get_mut(*first)?.at(rest)
    }

    /// All trees that differ from this one by one change below its root.
    pub(crate) fn mutations(&self) -> Vec<Node> {
        let Node::Constructed(identifier, inner) = self else { return Vec::new() };
        let with = |inner: Vec<Node>| Node::Constructed(*identifier, inner);
        let mut mutations = Vec::new();
        for (i, node) in inner.iter().enumerate() {
            let replaced = |nodes: &[Node]| with([&inner[..i], nodes, &inner[i + 1..]].concat());
            mutations.push(replaced(&[]));
            mutations.push(replaced(&[node.clone(), node.clone()]));
            for other in [0x02, 0x04, 0x05, 0x06, 0x24, 0x30, 0x31, 0x80, 0xa0, 0xa1, 0xa3] {
                mutations.push(replaced(&[node.retyped(other)]));
            }
            mutations.push(replaced(&[Node::Constructed(0x30, vec![node.clone()])]));
            mutations.push(replaced(&[match node {
                Node::Primitive(identifier, _) => Node::Primitive(*identifier, Vec::new()),
                Node::Constructed(identifier, _) => Node::Constructed(*identifier, Vec::new()),
            }]));
            if i > 0 {
                let mut swapped = inner.clone();
                swapped.swap(i - 1, i);
                mutations.push(with(swapped));
            }
            mutations.extend(node.mutations().into_iter().map(|node| replaced(&[node])));
        }
        mutations
    }

    fn retyped(&self, identifier: u8) -> Node {
        match self {
            Node::Primitive(_, octets) => Node::Primitive(identifier, octets.clone()),
            Node::Constructed(_, inner) => Node::Constructed(identifier, inner.clone()),
        }
    }
}
