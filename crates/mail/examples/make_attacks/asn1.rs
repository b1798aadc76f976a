//! DER as trees, for changing it.

/// A message as a tree; indefinite lengths become definite.
#[derive(Debug, Clone)]
pub(crate) enum Node {
    Leaf(u8, Vec<u8>),
    Branch(u8, Vec<Node>),
}

impl Node {
    pub(crate) fn parse(octets: &[u8]) -> Node {
        Node::first(octets).0
    }

    /// The first element, and how long it is.
    fn first(octets: &[u8]) -> (Node, usize) {
        let (tag, length) = (octets[0], octets[1]);
        let (start, end) = match length {
            0x80 => (2, None),
            0..0x80 => (2, Some(2 + usize::from(length))),
            _ => {
                let size = usize::from(length & 0x7f);
                let length = octets[2..2 + size].iter().fold(0, |all, octet| all << 8 | usize::from(*octet));
                (2 + size, Some(2 + size + length))
            }
        };
        if let (Some(end), 0) = (end, tag & 0x20) {
            return (Node::Leaf(tag, octets[start..end].to_vec()), end);
        }
        let (mut inner, mut at) = (Vec::new(), start);
        while end.map_or_else(|| octets[at..at + 2] != [0, 0], |end| at < end) {
            let (node, size) = Node::first(&octets[at..]);
            inner.push(node);
            at += size;
        }
        (Node::Branch(tag, inner), end.unwrap_or(at + 2))
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

pub(crate) fn tlv(tag: u8, contents: &[u8]) -> Vec<u8> {
    let length = contents.len();
    let mut out = match length {
        0..0x80 => vec![tag, length as u8],
        0x80..0x100 => vec![tag, 0x81, length as u8],
        _ => vec![tag, 0x82, (length >> 8) as u8, length as u8],
    };
    assert!(length < 0x1_0000, "test data is small");
    out.extend(contents);
    out
}

/// Changes a message in one place.
pub(crate) fn edited(message: &[u8], change: impl FnOnce(&mut Node)) -> Vec<u8> {
    let mut tree = Node::parse(message);
    change(&mut tree);
    tree.der()
}
