//! How the body of one leaf is written.

use super::{Insert, Scan, Segment, Stored};
use crate::canonical::copy;
use crate::{ContentType, LineEnd, Part, Source, TransferEncoding};
use std::io::{self, Read};

/// A leaf's body, and what its header must say of it.
pub(super) struct Leaf {
    pub(super) segment: Segment,
    pub(super) encoding: TransferEncoding,
    /// A Content-Type to write in the place of the one there is.
    pub(super) content_type: Option<ContentType>,
}

/// Charsets in which an ASCII octet is not always the ASCII character, so that LF need not be a line end.
const NOT_ASCII: [&str; 4] = ["utf-16", "utf-32", "ucs-2", "iso-10646"];

/// Plans a leaf; `Err` in the inner result is the rule that cannot be held.
pub(super) fn leaf(
    source: &dyn Source,
    part: &Part,
    line_end: LineEnd,
    insert: Option<&Insert>,
) -> io::Result<Result<Leaf, &'static str>> {
    let text = is_text(part);
    let encoded = matches!(part.encoding, TransferEncoding::Base64 | TransferEncoding::QuotedPrintable);
    let lines = text || encoded || line_end == LineEnd::Lf;
    let stored = Stored { range: part.body.clone(), encoding: part.encoding.clone(), lines };
    let raw = scan(&mut stored.raw(source))?;
    let odd_lines = encoded && text && scan(&mut stored.decoded(source))?.bare_lf;
    if raw.is_clean() && !odd_lines && insert.is_none() {
        let encoding = if part.encoding.is_identity() { TransferEncoding::SevenBit } else { part.encoding.clone() };
        return Ok(Ok(Leaf { segment: Segment::Copy(stored), encoding, content_type: None }));
    }
    if let Some(why) = must_stay(part) {
        return Ok(Err(why));
    }
    let content = if encoded || insert.is_some() { scan(&mut stored.content(source, text, insert))? } else { raw };
    let to = match &part.encoding {
        TransferEncoding::Base64 => TransferEncoding::Base64,
        TransferEncoding::QuotedPrintable if text => TransferEncoding::QuotedPrintable,
        _ if !text => TransferEncoding::Base64,
        _ if content.is_clean() => TransferEncoding::SevenBit,
        _ if is_flowed(part) || content.octets + 2 * content.escapes <= content.octets / 3 * 4 + 4 => {
            TransferEncoding::QuotedPrintable
        }
        _ => TransferEncoding::Base64,
    };
    let content_type = match part.header.get("Content-Type") {
        None if content.eight_bit => {
            let utf8 = is_utf8(&mut stored.content(source, text, insert))?;
            Some(ContentType::new("text/plain").with("charset", if utf8 { "utf-8" } else { "unknown-8bit" }))
        }
        _ => None,
    };
    let segment = Segment::Recode { stored, to: to.clone(), text, insert: insert.cloned() };
    Ok(Ok(Leaf { segment, encoding: to, content_type }))
}

pub(super) fn scan(input: &mut dyn Read) -> io::Result<Scan> {
    let mut scan = Scan::new();
    copy(input, &mut scan)?;
    Ok(scan.finish())
}

/// Text, or a machine-readable report, in a charset whose line ends can be seen.
fn is_text(part: &Part) -> bool {
    let charset = part.content_type.param("charset").unwrap_or_default().to_ascii_lowercase();
    matches!(part.content_type.main_type(), "text" | "message")
        && !NOT_ASCII.iter().any(|name| charset.starts_with(name))
}

fn is_flowed(part: &Part) -> bool {
    part.content_type.param("format").is_some_and(|format| format.eq_ignore_ascii_case("flowed"))
}

/// Why the body may not be encoded in another way.
fn must_stay(part: &Part) -> Option<&'static str> {
    let media_type = part.content_type.media_type();
    if part.content_type.main_type() == "multipart" {
        Some("it is a multipart without parts, and its octets cannot be sent as they are")
    } else if matches!(media_type, "message/rfc822" | "message/partial" | "message/external-body") {
        Some("a message may not be encoded, and its octets cannot be sent as they are")
    } else if matches!(part.encoding, TransferEncoding::Unknown(_)) {
        Some("its transfer encoding is unknown, and its octets cannot be sent as they are")
    } else {
        None
    }
}

fn is_utf8(input: &mut dyn Read) -> io::Result<bool> {
    let mut buf = vec![0; 32 << 10];
    let mut held = 0;
    loop {
        let count = input.read(&mut buf[held..])?;
        if count == 0 {
            return Ok(held == 0);
        }
        let seen = held + count;
        held = match std::str::from_utf8(&buf[..seen]) {
            Ok(_) => 0,
            Err(e) if e.error_len().is_none() => {
                buf.copy_within(e.valid_up_to()..seen, 0);
                seen - e.valid_up_to()
            }
            Err(_) => return Ok(false),
        };
    }
}
