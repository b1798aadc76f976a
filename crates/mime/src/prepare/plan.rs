//! The walk over the parts that gives the segments, without recursion.

use super::leaf::{Leaf, leaf, scan};
use super::{Options, Prepared, Segment, Stored, prepare_field};
use crate::{ContentType, Defect, Error, Field, Header, Kind, Source, TransferEncoding, Tree};

pub(super) struct Plan<'a, 't> {
    source: &'a dyn Source,
    tree: &'t Tree,
    options: &'t Options,
    segments: Vec<Segment>,
    header: Header,
    root: usize,
}

/// What is still to be written.
enum Step {
    Part(usize),
    Delimiter(String),
}

impl<'a, 't> Plan<'a, 't> {
    pub(super) fn new(source: &'a dyn Source, tree: &'t Tree, options: &'t Options) -> Self {
        Self { source, tree, options, segments: Vec::new(), header: Header::new(), root: 0 }
    }

    pub(super) fn make(mut self, root: usize) -> Result<Prepared<'a>, Error> {
        if self.tree.get(root).is_none() {
            return Err(Error::Misuse("no part of that index"));
        }
        if self.options.inserts.keys().any(|&index| self.tree.get(index).is_none_or(|part| !part.is_leaf())) {
            return Err(Error::Misuse("octets are to be put into a part that is no leaf"));
        }
        self.root = root;
        let mut steps = vec![Step::Part(root)];
        while let Some(step) = steps.pop() {
            match step {
                Step::Delimiter(line) => self.segments.push(Segment::Octets(line.into_bytes())),
                Step::Part(index) => self.part(index, &mut steps)?,
            }
        }
        Ok(Prepared { source: self.source, header: self.header, segments: self.segments })
    }

    fn part(&mut self, index: usize, steps: &mut Vec<Step>) -> Result<(), Error> {
        let part = &self.tree.parts()[index];
        // One without parts has nothing that is signed (R12), and is a leaf like any multipart without parts.
        let signed = part.content_type.is("multipart/signed") && !part.children.is_empty();
        let is_root_leaf = index == self.root && part.children.is_empty();
        for defect in &part.defects {
            let why = match defect {
                Defect::AmbiguousBoundary => "its boundary can be taken for that of a multipart around it",
                Defect::UnusableBoundary => "it is a multipart without usable boundary",
                Defect::EncodedComposite if is_root_leaf => "it is a message or multipart with a transfer encoding",
                _ => continue,
            };
            return Err(self.refuse(index, why));
        }
        match &part.kind {
            Kind::Multipart { .. } if signed => {
                let stored = Stored { range: part.body.clone(), encoding: TransferEncoding::SevenBit, lines: true };
                if let Some(why) = scan(&mut stored.raw(self.source))?.why() {
                    return Err(self.refuse(index, why));
                }
                self.put_header(index, &TransferEncoding::SevenBit, None)?;
                self.segments.push(Segment::Copy(stored));
            }
            Kind::Multipart { boundary, .. } if !part.children.is_empty() => {
                self.put_header(index, &TransferEncoding::SevenBit, None)?;
                // The line end after it is that of an empty epilogue, without which GMime (notmuch), which puts
                // a multipart together anew to verify it, calls the signature bad.
                steps.push(Step::Delimiter(format!("\r\n--{boundary}--\r\n")));
                for (place, &child) in part.children.iter().enumerate().rev() {
                    steps.push(Step::Part(child));
                    let before = if place == 0 { "" } else { "\r\n" };
                    steps.push(Step::Delimiter(format!("{before}--{boundary}\r\n")));
                }
            }
            Kind::Message => {
                self.put_header(index, &TransferEncoding::SevenBit, None)?;
                steps.extend(part.children.iter().map(|&child| Step::Part(child)));
            }
            _ => {
                let insert = self.options.inserts.get(&index);
                let leaf = leaf(self.source, part, self.tree.line_end(), insert)?;
                let Leaf { segment, encoding, mut content_type } = leaf.map_err(|why| self.refuse(index, why))?;
                for (name, value) in insert.iter().flat_map(|insert| &insert.parameters) {
                    content_type = Some(content_type.unwrap_or_else(|| part.content_type.clone()).with(name, value));
                }
                self.put_header(index, &encoding, content_type.as_ref())?;
                let last_line_open = encoding == TransferEncoding::Base64 && matches!(segment, Segment::Recode { .. });
                self.segments.push(segment);
                if index == self.root && last_line_open {
                    self.segments.push(Segment::Octets(b"\r\n".to_vec()));
                }
            }
        }
        Ok(())
    }

    /// Puts the header of a part with its blank line; that of the root is kept apart and has Content-* fields only,
    /// each once.
    fn put_header(
        &mut self,
        index: usize,
        encoding: &TransferEncoding,
        content_type: Option<&ContentType>,
    ) -> Result<(), Error> {
        let part = &self.tree.parts()[index];
        let is_root = index == self.root;
        let mut header = Header::new();
        for field in &part.header {
            // Content-Length counts octets that are others now, and MIME-Version belongs to the message around.
            let keep = !is_root || (field.is_structural() && !field.is("MIME-Version") && !field.is("Content-Length"));
            // Of a field that stands twice, the first is what the root was read by.
            if keep && !(is_root && header.get(field.name()).is_some()) {
                header.push(prepare_field(field, self.options.allow_utf8_fields)?);
            }
        }
        // The root always says what it is, and says it once.
        let unclear = match header.content_type() {
            None => true,
            Some(content_type) => !content_type.params().duplicates().is_empty(),
        };
        if let Some(content_type) = content_type.or((is_root && unclear).then_some(&part.content_type)) {
            header.set_content_type(content_type)?;
        }
        let declared = header.get("Content-Transfer-Encoding").is_some();
        if part.encoding != *encoding && (declared || *encoding != TransferEncoding::SevenBit) {
            header.replace(Field::structured("Content-Transfer-Encoding", encoding.as_str())?);
        }
        if is_root {
            self.header = header;
            return Ok(());
        }
        let mut octets = Vec::new();
        header.write_canonical(&mut octets)?;
        octets.extend_from_slice(b"\r\n");
        self.segments.push(Segment::Octets(octets));
        Ok(())
    }

    fn refuse(&self, index: usize, why: &'static str) -> Error {
        Error::Unpreparable { part: self.tree.number(index), why }
    }
}
