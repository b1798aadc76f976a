//! A header section: fields in their order.

use crate::{ContentType, Error, Field, TransferEncoding, canonical::Canonical};
use std::io::{self, Write};

/// The fields of one entity, in order, each with its raw octets. The blank line that ends a header section is no part of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Header {
    fields: Vec<Field>,
}

impl Header {
    /// A header without fields.
    pub fn new() -> Self {
        Self::default()
    }

    /// The fields of a raw header section, up to a blank line or the end. Lines that are no fields are left out.
    pub fn from_raw(raw: &[u8]) -> Self {
        let mut builder = HeaderBuilder::default();
        for line in raw.split_inclusive(|&b| b == b'\n') {
            if matches!(line, b"\n" | b"\r\n") {
                break;
            }
            builder.push_line(line);
        }
        builder.finish()
    }

    /// All fields in order.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// All fields in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Field> {
        self.fields.iter()
    }

    /// The first field of that name.
    pub fn get(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.is(name))
    }

    /// All fields of that name in order.
    pub fn get_all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Field> {
        self.fields.iter().filter(move |field| field.is(name))
    }

    /// How often a field of that name stands.
    pub fn count(&self, name: &str) -> usize {
        self.get_all(name).count()
    }

    /// The decoded text of the first field of that name.
    pub fn text(&self, name: &str) -> Option<String> {
        self.get(name).map(Field::text)
    }

    /// The Content-Type field, parsed; `None` where there is none or it has no `type/subtype`.
    pub fn content_type(&self) -> Option<ContentType> {
        self.get("Content-Type").and_then(|field| ContentType::parse(&field.value()))
    }

    /// The Content-Transfer-Encoding; 7bit where there is none.
    pub fn transfer_encoding(&self) -> TransferEncoding {
        self.get("Content-Transfer-Encoding")
            .map_or(TransferEncoding::SevenBit, |f| TransferEncoding::parse(&f.value()))
    }

    /// Puts a field at the end.
    pub fn push(&mut self, field: Field) {
        self.fields.push(field);
    }

    /// Puts a field at `index`, or at the end where there are fewer.
    pub fn insert(&mut self, index: usize, field: Field) {
        self.fields.insert(index.min(self.fields.len()), field);
    }

    /// Puts `field` in the place of the first of its name and removes the others; at the end where there is none.
    pub fn replace(&mut self, field: Field) {
        match self.fields.iter().position(|old| old.is(field.name())) {
            None => self.fields.push(field),
            Some(first) => {
                let mut index = 0;
                self.fields.retain(|old| {
                    index += 1;
                    index - 1 == first || !old.is(field.name())
                });
                self.fields[first] = field;
            }
        }
    }

    /// Removes all fields of that name; gives how many.
    pub fn remove(&mut self, name: &str) -> usize {
        let before = self.fields.len();
        self.fields.retain(|field| !field.is(name));
        before - self.fields.len()
    }

    /// Keeps the fields for which `keep` says so.
    pub fn retain(&mut self, keep: impl FnMut(&Field) -> bool) {
        self.fields.retain(keep);
    }

    /// Replaces the Content-Type.
    pub fn set_content_type(&mut self, content_type: &ContentType) -> Result<(), Error> {
        self.replace(content_type.to_field()?);
        Ok(())
    }

    /// Writes all fields as they are, without the blank line.
    pub fn write_to(&self, out: &mut dyn Write) -> io::Result<()> {
        self.fields.iter().try_for_each(|field| out.write_all(field.raw()))
    }

    /// Writes all fields with CRLF line ends, without the blank line.
    pub fn write_canonical(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut canonical = Canonical::new(out);
        for field in &self.fields {
            canonical.write_all(field.raw())?;
            if !field.raw().ends_with(b"\n") {
                canonical.write_all(b"\n")?;
            }
        }
        Ok(())
    }

    pub(crate) fn len(&self) -> usize {
        self.fields.len()
    }
}

impl From<Vec<Field>> for Header {
    fn from(fields: Vec<Field>) -> Self {
        Self { fields }
    }
}

impl<'a> IntoIterator for &'a Header {
    type Item = &'a Field;
    type IntoIter = std::slice::Iter<'a, Field>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// Puts lines together to fields.
#[derive(Debug, Default)]
pub(crate) struct HeaderBuilder {
    fields: Vec<Field>,
    open: Vec<u8>,
    junk: bool,
}

/// What a line of a header section was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HeaderLine {
    Field,
    Continuation,
    Junk,
}

impl HeaderBuilder {
    /// What `line` would be, given what came before it.
    pub(crate) fn classify(&self, line: &[u8]) -> HeaderLine {
        if matches!(line.first(), Some(b' ' | b'\t')) && !self.open.is_empty() {
            HeaderLine::Continuation
        } else if crate::field::split(line).is_some() {
            HeaderLine::Field
        } else {
            HeaderLine::Junk
        }
    }

    /// Takes the next line, its line end included. A continuation of a line that is no field is none either.
    pub(crate) fn push_line(&mut self, line: &[u8]) -> HeaderLine {
        let kind = self.classify(line);
        match kind {
            HeaderLine::Continuation => self.open.extend_from_slice(line),
            HeaderLine::Field => {
                self.close();
                self.open.extend_from_slice(line);
            }
            HeaderLine::Junk => {
                self.close();
                self.junk = true;
            }
        }
        kind
    }

    /// Octets of the field that is being put together.
    pub(crate) fn open_len(&self) -> usize {
        self.open.len()
    }

    /// Fields so far, the open one included.
    pub(crate) fn count(&self) -> usize {
        self.fields.len() + usize::from(!self.open.is_empty())
    }

    /// Whether a line was left out.
    pub(crate) fn has_junk(&self) -> bool {
        self.junk
    }

    pub(crate) fn finish(mut self) -> Header {
        self.close();
        Header { fields: self.fields }
    }

    fn close(&mut self) {
        if !self.open.is_empty() {
            self.fields.extend(Field::from_raw(std::mem::take(&mut self.open)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_keep_order_case_and_octets() {
        let raw = b"From: a@example.org\nsubject: x\r\n y\r\nTo: b\r\n\r\nbody";
        let header = Header::from_raw(raw);
        assert_eq!(header.fields().len(), 3);
        assert_eq!(header.get("SUBJECT").unwrap().name(), "subject");
        let mut out = Vec::new();
        header.write_to(&mut out).unwrap();
        assert_eq!(out, &raw[..raw.len() - 6]);
        out.clear();
        header.write_canonical(&mut out).unwrap();
        assert_eq!(out, b"From: a@example.org\r\nsubject: x\r\n y\r\nTo: b\r\n");
    }

    #[test]
    fn replace_keeps_the_place_and_removes_duplicates() {
        let mut header = Header::from_raw(b"A: 1\r\nB: 2\r\na: 3\r\nC: 4\r\n");
        header.replace(Field::new("A", "5").unwrap());
        let names: Vec<_> = header.iter().map(|f| (f.name().to_owned(), f.text())).collect();
        assert_eq!(names, [("A".into(), "5".into()), ("B".into(), "2".into()), ("C".into(), "4".to_owned())]);
        assert_eq!(header.remove("b"), 1);
        assert_eq!(header.count("B"), 0);
    }

    #[test]
    fn junk_and_what_continues_it_is_left_out() {
        let header = Header::from_raw(b"A: 1\r\njunk\r\n more: junk\r\nB: 2\r\n");
        assert_eq!(header.fields().len(), 2);
        assert_eq!(&*header.get("A").unwrap().value(), b"1");
    }
}
