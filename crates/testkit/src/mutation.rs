//! Changes to encrypted octets as an attacker would make them, the same in every run.

use std::collections::HashSet;

/// Octets of plaintext in a row that are a leak.
const WINDOW: usize = 8;

/// xorshift64: the same numbers in every run.
#[derive(Debug)]
pub struct Random(u64);

impl Random {
    /// Starts with a seed, which must not be 0.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Random(seed)
    }

    /// A number below `limit`.
    ///
    /// # Panics
    /// If `limit` is 0.
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit as u64).expect("it is below a usize")
    }

    fn octet(&mut self) -> u8 {
        u8::try_from(self.below(256)).expect("it is below 256")
    }
}

/// Text that stands nowhere by chance, and where it stands all the same.
#[derive(Debug)]
pub struct Secret {
    text: String,
    windows: HashSet<[u8; WINDOW]>,
}

impl Secret {
    /// Twelve lines of 60 letters and digits.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "there is nothing default about it")]
    pub fn new() -> Self {
        let mut random = Random::new(0x9e37_79b9_7f4a_7c15);
        let letters = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
        let mut line =
            || (0..60).map(|_| char::from(letters[random.below(62)])).chain("\r\n".chars()).collect::<String>();
        let text: String = (0..12).map(|_| line()).collect();
        let windows = text.as_bytes().windows(WINDOW).map(window).collect();
        Secret { text, windows }
    }

    /// The lines, each with CRLF.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Eight octets in a row of it that stand in `written`.
    #[must_use]
    pub fn leaked<'w>(&self, written: &'w [u8]) -> Option<&'w [u8]> {
        written.windows(WINDOW).find(|octets| self.windows.contains(&window(octets)))
    }
}

fn window(octets: &[u8]) -> [u8; WINDOW] {
    octets.try_into().expect("a window is as long as that")
}

/// One change: bits, cuts, pieces lost, doubled and moved, and identifiers of packets and ASN.1 elements. Half of them
/// hit the first 700 octets, where recipients and parameters stand.
#[must_use]
pub fn changed(octets: &[u8], random: &mut Random) -> Vec<u8> {
    let mut changed = octets.to_vec();
    let reach = if random.below(2) == 0 { octets.len().min(700) } else { octets.len() };
    let at = random.below(reach);
    let end = (at + 1 + random.below(48)).min(octets.len());
    match random.below(9) {
        0 => changed[at] ^= 1 << random.below(8),
        1 => changed[at] = random.octet(),
        2 => changed.truncate(at),
        3 => drop(changed.drain(at..end)),
        4 => drop(changed.splice(at..at, octets[at..end].to_vec())),
        5 => changed[at..end].fill(0),
        6 => changed[at..end].reverse(),
        7 => retyped(&mut changed, random),
        _ => (0..3).for_each(|_| {
            let at = random.below(reach);
            changed[at] ^= 1 << random.below(8);
        }),
    }
    changed
}

/// Another type for a packet, or for something that looks like an element of ASN.1.
fn retyped(octets: &mut [u8], random: &mut Random) {
    if octets[0] & 0xc0 == 0xc0 && octets[0] != 0xff {
        // The first packet ends where its length says; the container is the next one.
        let next = 2 + usize::from(octets[1]);
        let at = if random.below(2) == 0 || next >= octets.len() { 0 } else { next };
        octets[at] = 0xc0 | (random.octet() & 0x3f);
        return;
    }
    let types = [0x02, 0x04, 0x05, 0x06, 0x24, 0x30, 0x31, 0x80, 0xa0, 0xa1, 0xa2];
    let places: Vec<usize> = (0..octets.len().min(900)).filter(|at| types.contains(&octets[*at])).collect();
    let at = places[random.below(places.len())];
    octets[at] = types[random.below(types.len())];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_counts_as_a_leak() {
        let secret = Secret::new();
        let text = secret.text().as_bytes();
        assert_eq!(text.len(), 12 * 62);
        assert_eq!(secret.leaked(text), Some(&text[..WINDOW]));
        assert_eq!(secret.leaked(&text[1..WINDOW]), None);
    }

    #[test]
    fn the_same_in_every_run() {
        let changes = || {
            let mut random = Random::new(7);
            (0..50).map(|_| changed(&[0x30; 900], &mut random)).collect::<Vec<_>>()
        };
        assert_eq!(changes(), changes());
    }
}
