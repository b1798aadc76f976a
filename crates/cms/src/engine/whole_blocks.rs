//! Ciphertext that comes in pieces of any length, for a polynomial that takes whole blocks.

/// Length of a block in octets.
const BLOCK: usize = 16;

/// Hands on whole blocks and keeps what does not fill one yet.
pub(super) struct WholeBlocks {
    partial: Vec<u8>,
    len: u64,
}

impl WholeBlocks {
    pub(super) fn new() -> Self {
        Self { partial: Vec::with_capacity(BLOCK), len: 0 }
    }

    /// Takes `data` in; `absorb` is given what is whole, in order.
    pub(super) fn push(&mut self, mut data: &[u8], mut absorb: impl FnMut(&[u8])) {
        self.len = self.len.saturating_add(data.len() as u64);
        if !self.partial.is_empty() {
            let (head, rest) = data.split_at(data.len().min(BLOCK - self.partial.len()));
            self.partial.extend_from_slice(head);
            data = rest;
            if self.partial.len() < BLOCK {
                return;
            }
            absorb(&self.partial);
            self.partial.clear();
        }
        let (blocks, rest) = data.split_at(data.len() / BLOCK * BLOCK);
        absorb(blocks);
        self.partial.extend_from_slice(rest);
    }

    /// What does not fill a block.
    pub(super) fn partial(&self) -> &[u8] {
        &self.partial
    }

    /// Octets so far.
    pub(super) fn len(&self) -> u64 {
        self.len
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_make_the_same_blocks() {
        let data: Vec<u8> = (0..100).collect();
        for piece in 1..50 {
            let (mut blocks, mut whole) = (WholeBlocks::new(), Vec::new());
            for data in data.chunks(piece) {
                blocks.push(data, |octets| {
                    assert!(octets.len().is_multiple_of(BLOCK));
                    whole.extend_from_slice(octets);
                });
            }
            assert_eq!((&whole[..], blocks.partial(), blocks.len()), (&data[..96], &data[96..], 100));
        }
    }
}
