//! Header sections, read line by line within their limits.

use super::{Parser, Root};
use crate::header::{HeaderBuilder, HeaderLine};
use crate::{Defect, Error, Header, LineEnd};

/// Fields that may stand once and decide what a message is or from whom (R10).
const ONCE: [&str; 10] = [
    "content-type",
    "content-transfer-encoding",
    "from",
    "sender",
    "reply-to",
    "to",
    "cc",
    "subject",
    "date",
    "message-id",
];

impl Parser<'_> {
    /// Reads a header section with its blank line. A delimiter of an enclosing multipart ends it too.
    pub(super) fn header(&mut self, is_root: bool, defects: &mut Vec<Defect>) -> Result<Header, Error> {
        let must_be_message = is_root && self.root == Root::Message;
        let mut builder = HeaderBuilder::default();
        let mut section = 0;
        let mut first = true;
        let mut no_blank_line = false;
        loop {
            if self.delimiter()?.is_some() {
                break;
            }
            // Two octets more than a field may have, so that a longer one is seen to be longer.
            let Some(line) = self.window.line(self.limits.field.saturating_add(2))? else { break };
            let (len, whole) = (line.octets.len(), line.whole);
            if is_root && first {
                self.line_end = if line.octets.ends_with(b"\r\n") || !whole { LineEnd::CrLf } else { LineEnd::Lf };
            }
            if matches!(line.octets, b"\n" | b"\r\n") {
                self.window.advance(len);
                break;
            }
            let kind = builder.classify(line.octets);
            if kind == HeaderLine::Junk && builder.count() == 0 {
                let mbox = line.octets.starts_with(b"From ") || line.octets.starts_with(b">From ");
                if first && whole && mbox {
                    defects.push(Defect::MboxFromLine);
                    self.window.advance(len);
                    first = false;
                    continue;
                }
                if must_be_message {
                    return Err(Error::Malformed);
                }
                no_blank_line = true;
                break;
            }
            if !whole || (kind == HeaderLine::Continuation && builder.open_len() + len > self.limits.field) {
                return Err(Error::Limit { what: "octets in a header field", limit: self.limits.field as u64 });
            }
            section += len;
            self.headers_total += len;
            builder.push_line(line.octets);
            self.window.advance(len);
            first = false;
            self.check_header_limits(section, builder.count())?;
        }
        if builder.has_junk() {
            defects.push(Defect::MalformedHeaderLine);
        }
        let header = builder.finish();
        self.fields_total += header.len();
        if header.fields().is_empty() {
            if must_be_message {
                return Err(Error::Malformed);
            }
            // In a multipart, a part without header fields is right as long as the blank line is there.
            if is_root || no_blank_line {
                defects.push(Defect::NoHeader);
            }
        }
        Ok(header)
    }

    fn check_header_limits(&self, section: usize, fields: usize) -> Result<(), Error> {
        let limits = self.limits;
        for (count, limit, what) in [
            (section, limits.header_section, "octets in a header section"),
            (self.headers_total, limits.headers_total, "octets of header sections"),
            (self.fields_total + fields, limits.fields_total, "header fields"),
        ] {
            if count > limit {
                return Err(Error::Limit { what, limit: limit as u64 });
            }
        }
        Ok(())
    }
}

/// Notes the fields that stand twice and may not.
pub(super) fn note_duplicates(header: &Header, defects: &mut Vec<Defect>) {
    let mut seen = [false; ONCE.len()];
    for field in header {
        if let Some(at) = ONCE.iter().position(|name| field.is(name)) {
            let defect = Defect::DuplicateField(ONCE[at].to_owned());
            if seen[at] && !defects.contains(&defect) {
                defects.push(defect);
            }
            seen[at] = true;
        }
    }
}
