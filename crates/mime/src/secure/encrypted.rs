//! multipart/encrypted ([RFC 1847 §2.2](https://www.rfc-editor.org/rfc/rfc1847#section-2.2),
//! [RFC 3156 §4](https://www.rfc-editor.org/rfc/rfc3156#section-4)).

use super::recognise::protocol;
use super::{check_boundary, check_outer, write_field, write_outer};
use crate::{Canonical, ContentType, Error, Part, Source, Tree};
use std::io::{self, Read, Write};

/// A multipart/encrypted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encrypted {
    /// The `protocol` parameter, in lower case.
    pub protocol: String,
    /// Index of the part with the control information; see [`control_version`].
    pub control: usize,
    /// Index of the part with the encrypted octets, an application/octet-stream.
    pub data: usize,
}

impl Encrypted {
    pub(super) fn of(tree: &Tree, part: &Part, (control, data): (usize, usize)) -> Result<Self, &'static str> {
        let (control_part, data_part) = (&tree.parts()[control], &tree.parts()[data]);
        if !control_part.is_leaf() || !data_part.is_leaf() {
            return Err("a part of it is no leaf");
        }
        let protocol = protocol(part, control_part)?;
        if !data_part.content_type.is("application/octet-stream") {
            return Err("the second part is no application/octet-stream");
        }
        Ok(Self { protocol, control, data })
    }
}

/// The value of `Version:` in a control part, such as `1` (RFC 3156 §4); `None` where it has no such line or is longer than
/// a control part can be.
pub fn control_version(source: &dyn Source, tree: &Tree, control: usize) -> io::Result<Option<String>> {
    let mut text = Vec::new();
    tree.decoded(source, control).take(4096).read_to_end(&mut text)?;
    if text.len() == 4096 {
        return Ok(None);
    }
    let header = crate::Header::from_raw(text.trim_ascii_start());
    Ok(match header.count("Version") {
        1 => header.text("Version"),
        _ => None,
    })
}

/// The control part of a new multipart/encrypted.
#[derive(Debug, Clone, Copy)]
pub struct Control<'a> {
    /// Its media type; the `protocol` of the multipart.
    pub media_type: &'a str,
    /// Its Content-Description.
    pub description: Option<&'a str>,
    /// What it says, such as `Version: 1`.
    pub text: &'a str,
    /// Name of the part with the encrypted octets.
    pub data_file_name: &'a str,
}

/// Writes a multipart/encrypted message: `outer_header` (whole fields, no Content-* ones), the control part, and the
/// encrypted octets, which `data` writes as armored ASCII; its line ends become CRLF.
pub fn write_encrypted(
    out: &mut dyn Write,
    outer_header: &[u8],
    control: &Control<'_>,
    data: &mut dyn FnMut(&mut dyn Write) -> io::Result<()>,
    boundary: &str,
) -> Result<(), Error> {
    check_outer(outer_header)?;
    check_boundary(boundary)?;
    let content_type =
        ContentType::new("multipart/encrypted").with("boundary", boundary).with("protocol", control.media_type);
    write_outer(out, outer_header)?;
    out.write_all(content_type.to_field()?.raw())?;
    write!(out, "\r\n--{boundary}\r\n")?;
    out.write_all(ContentType::new(control.media_type).to_field()?.raw())?;
    if let Some(description) = control.description {
        write_field(out, "Content-Description", description)?;
    }
    write!(out, "\r\n{}\r\n\r\n--{boundary}\r\n", control.text)?;
    let data_type = ContentType::new("application/octet-stream").with("name", control.data_file_name);
    out.write_all(data_type.to_field()?.raw())?;
    write_field(out, "Content-Disposition", &format!("inline; filename=\"{}\"", control.data_file_name))?;
    out.write_all(b"\r\n")?;
    data(&mut Canonical::new(&mut *out))?;
    write!(out, "\r\n--{boundary}--\r\n")?;
    Ok(())
}
