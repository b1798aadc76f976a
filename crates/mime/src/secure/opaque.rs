//! The one part of S/MIME: application/pkcs7-mime ([RFC 8551 §3.2](https://www.rfc-editor.org/rfc/rfc8551#section-3.2)).

use super::{check_outer, write_field, write_outer};
use crate::transfer::Base64Encoder;
use crate::{ContentType, Error, Part, file_name};
use std::io::{self, Write};

/// An opaque secured part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opaque {
    /// Its media type in lower case, maybe with the older `x-`.
    pub media_type: String,
    /// The `smime-type` parameter as written; a label only, what counts is the CMS content type (R42).
    pub smime_type: Option<String>,
    /// Its file name; never decides what it is (R42).
    pub name: Option<String>,
}

impl Opaque {
    pub(super) fn of(part: &Part) -> Self {
        Self {
            media_type: part.content_type.media_type().to_owned(),
            smime_type: part.content_type.param("smime-type").map(str::to_owned),
            name: file_name(&part.header),
        }
    }
}

/// Writes a message of one opaque part: `outer_header` (whole fields, no Content-* ones), and the octets that `data` writes,
/// in base64.
pub fn write_opaque(
    out: &mut dyn Write,
    outer_header: &[u8],
    media_type: &str,
    smime_type: &str,
    file_name: &str,
    data: &mut dyn FnMut(&mut dyn Write) -> io::Result<()>,
) -> Result<(), Error> {
    check_outer(outer_header)?;
    let content_type = ContentType::new(media_type).with("smime-type", smime_type).with("name", file_name);
    write_outer(out, outer_header)?;
    out.write_all(content_type.to_field()?.raw())?;
    write_field(out, "Content-Disposition", &format!("attachment; filename=\"{file_name}\""))?;
    write_field(out, "Content-Transfer-Encoding", "base64")?;
    out.write_all(b"\r\n")?;
    let mut encoder = Base64Encoder::new(&mut *out);
    data(&mut encoder)?;
    encoder.finish()?;
    out.write_all(b"\r\n")?;
    Ok(())
}
