//! What stands around ASCII armor (RFC 9580 §6.2), which Sequoia passes over: text is noted, a second block is refused.

use memchr::memchr;

/// The most octets of a line that are looked at; a longer one is no header line.
const HEAD: usize = 80;

/// Watches the octets of a message go by, line by line.
#[derive(Default)]
pub(crate) struct Armor {
    /// The first octet told that it is binary, so there is nothing to watch.
    binary: bool,
    started: bool,
    inside: bool,
    /// The beginning of the current line.
    line: Vec<u8>,
    pub(crate) blocks: usize,
    pub(crate) text_around: bool,
}

impl Armor {
    /// Takes the next octets.
    pub(crate) fn watch(&mut self, octets: &[u8]) {
        if !self.started {
            let Some(first) = octets.first() else { return };
            self.started = true;
            // Every packet has this bit (RFC 9580 §4.2), no armor has it.
            self.binary = first & 0x80 != 0;
        }
        if self.binary {
            return;
        }
        let mut rest = octets;
        while let Some(end) = memchr(b'\n', rest) {
            self.gather(&rest[..end]);
            self.end_line();
            rest = &rest[end + 1..];
        }
        self.gather(rest);
    }

    /// No more octets come.
    pub(crate) fn finish(&mut self) {
        self.end_line();
    }

    fn gather(&mut self, octets: &[u8]) {
        let room = HEAD - self.line.len().min(HEAD);
        self.line.extend_from_slice(&octets[..octets.len().min(room)]);
    }

    fn end_line(&mut self) {
        let line = self.line.trim_ascii();
        if line.starts_with(b"-----BEGIN PGP ") {
            self.blocks += 1;
            self.inside = true;
        } else if line.starts_with(b"-----END PGP ") {
            self.inside = false;
        } else if !self.inside && !line.is_empty() {
            self.text_around = true;
        }
        self.line.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn watch(text: &[u8], piece: usize) -> (usize, bool) {
        let mut armor = Armor::default();
        text.chunks(piece).for_each(|octets| armor.watch(octets));
        armor.finish();
        (armor.blocks, armor.text_around)
    }

    #[test]
    fn counts_blocks_and_sees_text_around() {
        const BLOCK: &str = "-----BEGIN PGP MESSAGE-----\r\n\r\nAAAA\r\n-----END PGP MESSAGE-----\r\n";
        for piece in [1, 7, 1000] {
            assert_eq!(watch(BLOCK.as_bytes(), piece), (1, false));
            assert_eq!(watch(format!("\r\n{BLOCK}\r\n \n").as_bytes(), piece), (1, false));
            assert_eq!(watch(format!("{BLOCK}{BLOCK}").as_bytes(), piece), (2, false));
            assert_eq!(watch(format!("{BLOCK}-- \r\nfooter").as_bytes(), piece), (1, true));
            assert_eq!(watch(format!("hello\n{BLOCK}").as_bytes(), piece), (1, true));
            assert_eq!(watch(b"\xc0 binary\n-----BEGIN PGP MESSAGE-----\n", piece), (0, false));
            assert_eq!(watch(&[b'x'; 5000], piece), (0, true));
            assert_eq!(watch(b"", piece), (0, false));
        }
    }
}
