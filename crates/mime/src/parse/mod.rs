//! The one pass that finds the parts ([RFC 2046 §5.1.1](https://www.rfc-editor.org/rfc/rfc2046#section-5.1.1)): a stack of
//! open entities, and lines that begin with `--` held against their boundaries.

mod header;

use header::note_duplicates;

use crate::window::Window;
use crate::{ContentType, Defect, Error, Header, Kind, Limits, LineEnd, Part, Source, TransferEncoding};
use memchr::memmem::Finder;
use std::ops::Range;

/// What the root must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Root {
    Message,
    Entity,
}

/// Longest delimiter line, line end included: RFC 5322 §2.1.1. A longer line is content.
const DELIMITER_LINE: usize = 1000;

/// Longest boundary: RFC 2046 §5.1.1.
const BOUNDARY: usize = 70;

pub(crate) struct Parser<'a> {
    window: Window<'a>,
    limits: &'a Limits,
    root: Root,
    end: u64,
    parts: Vec<Part>,
    /// The entities that are open, the root first.
    open: Vec<Open>,
    headers_total: usize,
    fields_total: usize,
    line_end: LineEnd,
}

struct Open {
    part: usize,
    /// Where a delimiter may still come.
    boundary: Option<Vec<u8>>,
}

struct Delimiter {
    /// Index in `open` of the multipart it belongs to.
    owner: usize,
    closes: bool,
    /// Length of the line.
    len: usize,
}

impl<'a> Parser<'a> {
    pub(crate) fn new(
        source: &'a dyn Source,
        range: Range<u64>,
        limits: &'a Limits,
        root: Root,
    ) -> Result<Self, Error> {
        let end = range.end.min(source.len());
        let start = range.start.min(end);
        if end - start > limits.total {
            return Err(Error::Limit { what: "octets", limit: limits.total });
        }
        Ok(Self {
            window: Window::new(source, start, end),
            limits,
            root,
            end,
            parts: Vec::new(),
            open: Vec::new(),
            headers_total: 0,
            fields_total: 0,
            line_end: LineEnd::CrLf,
        })
    }

    pub(crate) fn run(mut self) -> Result<(Vec<Part>, LineEnd), Error> {
        self.entity(None)?;
        while let Some(delimiter) = self.next_delimiter()? {
            let line = self.window.offset();
            let content_end = line - self.window.line_end_before();
            self.close_above(delimiter.owner, content_end);
            self.window.advance(delimiter.len);
            let after = self.window.offset();
            let owner = self.open[delimiter.owner].part;
            if let Kind::Multipart { preamble, epilogue, closed, .. } = &mut self.parts[owner].kind {
                if preamble.end == u64::MAX {
                    preamble.end = content_end.max(preamble.start);
                }
                if delimiter.closes {
                    *closed = true;
                    *epilogue = after..after;
                }
            }
            if delimiter.closes {
                self.open[delimiter.owner].boundary = None;
            } else {
                self.entity(Some(owner))?;
            }
        }
        self.close_above_root();
        Ok((self.parts, self.line_end))
    }

    /// Reads the header of the entity at the position and those of the messages that it embeds, one in the other.
    fn entity(&mut self, parent: Option<usize>) -> Result<(), Error> {
        let mut parent = parent;
        loop {
            let index = self.part(parent)?;
            match self.parts[index].kind {
                Kind::Message => parent = Some(index),
                _ => return Ok(()),
            }
        }
    }

    /// Reads one header section and opens the part.
    fn part(&mut self, parent: Option<usize>) -> Result<usize, Error> {
        if self.parts.len() >= self.limits.parts {
            return Err(Error::Limit { what: "parts", limit: self.limits.parts as u64 });
        }
        if self.open.len() > self.limits.depth {
            return Err(Error::Limit { what: "levels of nesting", limit: self.limits.depth as u64 });
        }
        let start = self.window.offset();
        let mut defects = Vec::new();
        let header = self.header(parent.is_none(), &mut defects)?;
        let body = self.window.offset();
        let encoding = header.transfer_encoding();
        let content_type = self.content_type(&header, parent, &mut defects);
        note_duplicates(&header, &mut defects);
        let boundary = usable_boundary(&content_type);
        let kind = if content_type.main_type() == "multipart" {
            match &boundary {
                Some(boundary) => Kind::Multipart {
                    boundary: boundary.clone(),
                    preamble: body..u64::MAX,
                    epilogue: 0..0,
                    closed: false,
                },
                None => {
                    defects.push(Defect::UnusableBoundary);
                    Kind::Leaf
                }
            }
        } else if matches!(content_type.media_type(), "message/rfc822" | "message/global") && encoding.is_identity() {
            Kind::Message
        } else {
            Kind::Leaf
        };
        if let Kind::Multipart { boundary, .. } = &kind
            && self.open.iter().any(|o| o.boundary.as_ref().is_some_and(|b| collide(b, boundary.as_bytes())))
        {
            defects.push(Defect::AmbiguousBoundary);
        }
        let composite =
            matches!(content_type.main_type(), "multipart") || content_type.media_type().starts_with("message/rfc822");
        if composite && !encoding.is_identity() {
            defects.push(Defect::EncodedComposite);
        } else if matches!(encoding, TransferEncoding::Unknown(_)) {
            defects.push(Defect::UnknownEncoding);
        }
        let boundary = match &kind {
            Kind::Multipart { boundary, .. } => Some(boundary.clone().into_bytes()),
            _ => None,
        };
        let index = self.parts.len();
        let mut ordinal = 0;
        if let Some(parent) = parent {
            self.parts[parent].children.push(index);
            ordinal = self.parts[parent].children.len() as u32;
        }
        self.parts.push(Part {
            parent,
            children: Vec::new(),
            ordinal,
            header,
            content_type,
            encoding,
            entity: start..u64::MAX,
            body: body..u64::MAX,
            kind,
            defects,
        });
        self.open.push(Open { part: index, boundary });
        Ok(index)
    }

    fn content_type(&self, header: &Header, parent: Option<usize>, defects: &mut Vec<Defect>) -> ContentType {
        let Some(field) = header.get("Content-Type") else {
            let in_digest = parent.is_some_and(|p| self.parts[p].content_type.is("multipart/digest"));
            return if in_digest { ContentType::new("message/rfc822") } else { ContentType::text_plain() };
        };
        let Some(content_type) = ContentType::parse(&field.value()) else {
            defects.push(Defect::MalformedContentType);
            return ContentType::text_plain();
        };
        if content_type.params().is_malformed() {
            defects.push(Defect::MalformedParameter);
        }
        let duplicates = content_type.params().duplicates().iter().cloned().map(Defect::DuplicateParameter);
        defects.extend(duplicates);
        content_type
    }

    /// Moves to the next delimiter line of an open multipart; `None` at the end.
    fn next_delimiter(&mut self) -> Result<Option<Delimiter>, Error> {
        if let Some(delimiter) = self.delimiter()? {
            return Ok(Some(delimiter));
        }
        let finder = Finder::new(b"\n--");
        while self.open.iter().any(|open| open.boundary.is_some()) {
            let ahead = self.window.ahead();
            match finder.find(ahead) {
                Some(at) => {
                    self.window.advance(at + 1);
                    if let Some(delimiter) = self.delimiter()? {
                        return Ok(Some(delimiter));
                    }
                }
                None => {
                    // The last two octets may be the begin of what is looked for.
                    let seen = ahead.len();
                    self.window.advance(seen.saturating_sub(2));
                    if !self.window.fill(3)? || self.window.ahead().len() < 3 {
                        break;
                    }
                }
            }
        }
        Ok(None)
    }

    /// The delimiter that the line at the position is, if it is one: `--`, a boundary, `--` where it closes, white space
    /// (R5). The innermost multipart is asked first.
    fn delimiter(&mut self) -> Result<Option<Delimiter>, Error> {
        if self.open.is_empty() || !self.window.fill(2)? || !self.window.ahead().starts_with(b"--") {
            return Ok(None);
        }
        let Some(line) = self.window.line(DELIMITER_LINE)? else { return Ok(None) };
        if !line.whole {
            return Ok(None);
        }
        let len = line.octets.len();
        let text = line.octets.trim_ascii_end();
        let Some(text) = text.strip_prefix(b"--") else { return Ok(None) };
        for (owner, open) in self.open.iter().enumerate().rev() {
            let Some(boundary) = &open.boundary else { continue };
            let closes = match text.strip_prefix(boundary.as_slice()) {
                Some(b"") => false,
                Some(b"--") => true,
                _ => continue,
            };
            return Ok(Some(Delimiter { owner, closes, len }));
        }
        Ok(None)
    }

    /// Ends all entities that were opened after `open[owner]`.
    fn close_above(&mut self, owner: usize, end: u64) {
        for open in self.open.drain(owner + 1..) {
            close(&mut self.parts[open.part], end);
        }
    }

    fn close_above_root(&mut self) {
        for open in self.open.drain(..) {
            close(&mut self.parts[open.part], self.end);
        }
    }
}

fn close(part: &mut Part, end: u64) {
    // A part without even a line lies in the line end between two delimiters.
    part.entity = part.entity.start.min(end)..end;
    part.body.start = part.body.start.min(part.entity.end);
    part.body.end = part.entity.end;
    let body = part.body.clone();
    if let Kind::Multipart { preamble, epilogue, closed, .. } = &mut part.kind {
        preamble.start = preamble.start.min(body.end);
        preamble.end = preamble.end.clamp(preamble.start, body.end);
        if *closed {
            epilogue.start = epilogue.start.min(body.end);
            epilogue.end = body.end;
        } else {
            *epilogue = body.end..body.end;
            part.defects.push(Defect::Unterminated);
        }
        if part.children.is_empty() {
            part.defects.push(Defect::NoParts);
        }
    }
}

fn usable_boundary(content_type: &ContentType) -> Option<String> {
    let boundary = content_type.param("boundary")?.trim_end_matches([' ', '\t']);
    let printable = boundary.bytes().all(|b| matches!(b, b' '..=b'~'));
    (printable && !boundary.is_empty() && boundary.len() <= BOUNDARY).then(|| boundary.to_owned())
}

/// Whether a line can be a delimiter of both.
fn collide(a: &[u8], b: &[u8]) -> bool {
    let (short, long) = if a.len() < b.len() { (a, b) } else { (b, a) };
    matches!(long.strip_prefix(short), Some(b"" | b"--"))
}
