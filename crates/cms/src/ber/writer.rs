use std::io::{self, Write};

/// Octets to a segment of a segmented OCTET STRING.
const SEGMENT: usize = 16 * 1024;

/// Writes a BER structure whose size is not known beforehand: indefinite lengths outside, DER inside.
#[derive(Debug)]
pub struct Writer<W> {
    out: W,
    open: usize,
    segment: Vec<u8>,
}

impl<W: Write> Writer<W> {
    /// Writes to `out`, which need not be buffered for [`octets`](Self::octets).
    pub fn new(out: W) -> Self {
        Writer { out, open: 0, segment: Vec::new() }
    }

    /// Begins a constructed value of indefinite length; `identifier` is its identifier octet.
    ///
    /// # Errors
    /// What the output says, here as below.
    pub fn begin(&mut self, identifier: u8) -> io::Result<()> {
        self.open += 1;
        self.out.write_all(&[identifier | 0x20, 0x80])
    }

    /// Ends the value begun last, after the octets that wait for a segment.
    pub fn end(&mut self) -> io::Result<()> {
        self.write_segment()?;
        self.open = self.open.saturating_sub(1);
        self.out.write_all(&[0, 0])
    }

    /// Writes whole values, already encoded.
    pub fn encoded(&mut self, values: &[u8]) -> io::Result<()> {
        self.out.write_all(values)
    }

    /// Adds octets to the OCTET STRING begun last, whatever its tag; segments have 16 KiB.
    pub fn octets(&mut self, mut octets: &[u8]) -> io::Result<()> {
        while !octets.is_empty() {
            let (now, later) = octets.split_at(octets.len().min(SEGMENT - self.segment.len()));
            self.segment.extend_from_slice(now);
            octets = later;
            if self.segment.len() == SEGMENT {
                self.write_segment()?;
            }
        }
        Ok(())
    }

    /// Ends all values that are still open, flushes and returns the output.
    pub fn finish(mut self) -> io::Result<W> {
        while self.open > 0 {
            self.end()?;
        }
        self.out.flush()?;
        Ok(self.out)
    }

    fn write_segment(&mut self) -> io::Result<()> {
        if !self.segment.is_empty() {
            self.out.write_all(&super::encode::header(super::encode::OCTET_STRING, self.segment.len()))?;
            self.out.write_all(&self.segment)?;
            self.segment.clear();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Reader, Tag, encode};
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let content: Vec<u8> = (0..40_000u32).map(|i| i as u8).collect();
        let mut writer = Writer::new(Vec::new());
        writer.begin(encode::SEQUENCE).unwrap();
        writer.encoded(&encode::small_integer(3)).unwrap();
        writer.begin(encode::context(0)).unwrap();
        writer.begin(encode::OCTET_STRING).unwrap();
        content.chunks(977).for_each(|chunk| writer.octets(chunk).unwrap());
        writer.end().unwrap();
        let written = writer.finish().unwrap();

        let mut reader = Reader::new(&written[..]);
        reader.enter(Tag::SEQUENCE).unwrap();
        assert_eq!(reader.element(3).unwrap(), [2, 1, 3]);
        reader.enter(Tag::context(0)).unwrap();
        assert_eq!(reader.octet_string(Tag::OCTET_STRING, content.len()).unwrap(), content);
        reader.leave().unwrap();
        reader.leave().unwrap();
        reader.finish().unwrap();
    }
}
