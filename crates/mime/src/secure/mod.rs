//! Secured parts: the multiparts of [RFC 1847](https://www.rfc-editor.org/rfc/rfc1847) and the opaque part of
//! [RFC 8551 §3](https://www.rfc-editor.org/rfc/rfc8551#section-3), recognised and written; and unobtrusive signatures.
//!
//! Which technology a part is of is data here: the `protocol` parameter and media types come from and go to the caller.

mod boundary;
mod encrypted;
mod names;
mod opaque;
mod recognise;
mod repair;
mod signed;
#[cfg(test)]
mod tests;
mod unobtrusive;

pub use boundary::boundary;
pub use encrypted::{Control, Encrypted, control_version, write_encrypted};
pub use names::{FileKind, file_name};
pub use opaque::{Opaque, write_opaque};
pub use recognise::{Secured, is_secured, recognise};
pub use repair::{Mangling, mangling};
pub use signed::{SignatureBody, SignatureEncoding, Signed, signed_content, write_signed};
pub use unobtrusive::{Sig, Unobtrusive, without_empty_end, write_unobtrusive};

use crate::{Error, Field};
use std::io::{self, Write};

/// Writes something, the same octets each time.
pub type Body<'a> = dyn Fn(&mut dyn Write) -> io::Result<()> + 'a;

/// Writes the header fields of the message around: as they are, each whole. The caller leaves out Content-* fields; a
/// MIME-Version is added where there is none (R11).
fn write_outer(out: &mut dyn Write, outer_header: &[u8]) -> io::Result<()> {
    out.write_all(outer_header)?;
    if !outer_header.is_empty() && !outer_header.ends_with(b"\n") {
        out.write_all(b"\r\n")?;
    }
    if crate::Header::from_raw(outer_header).get("MIME-Version").is_none() {
        out.write_all(b"MIME-Version: 1.0\r\n")?;
    }
    Ok(())
}

/// Refuses an outer header that is not whole fields or brings its own structure.
fn check_outer(outer_header: &[u8]) -> Result<(), Error> {
    let header = crate::Header::from_raw(outer_header);
    let octets: usize = header.iter().map(|field| field.raw().len()).sum();
    if octets != outer_header.len() {
        return Err(Error::Misuse("the outer header is not whole header fields"));
    }
    if header.iter().any(|field| field.is_structural() && !field.is("MIME-Version")) {
        return Err(Error::Misuse("the outer header has Content fields of its own"));
    }
    Ok(())
}

/// Refuses a boundary that a reader would not take (RFC 2046 §5.1.1).
fn check_boundary(boundary: &str) -> Result<(), Error> {
    let usable = boundary.bytes().all(|b| b.is_ascii_alphanumeric() || b"'()+_,-./:=? ".contains(&b));
    if usable && (1..=70).contains(&boundary.len()) && !boundary.ends_with(' ') {
        Ok(())
    } else {
        Err(Error::Misuse("not a boundary"))
    }
}

fn write_field(out: &mut dyn Write, name: &str, value: &str) -> Result<(), Error> {
    out.write_all(Field::structured(name, value)?.raw())?;
    Ok(())
}
