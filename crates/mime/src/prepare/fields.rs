//! Header fields inside a signed entity.

use super::Scan;
use crate::{AddressList, ContentType, Error, Field, Mailbox, Params};
use std::io::Write;

/// Fields whose values are address lists (RFC 5322 §3.6.2, §3.6.3, §3.6.6).
const ADDRESSES: [&str; 10] =
    ["From", "Sender", "Reply-To", "To", "Cc", "Bcc", "Resent-From", "Resent-Sender", "Resent-To", "Resent-Cc"];

/// The field as it may stand in a signed entity: CRLF line ends, no white space at the end of a line, no line of white
/// space only, 7-bit. A field that is so already keeps its octets; with `allow_utf8`, UTF-8 stays.
///
/// Fails where that cannot be without changing what it says: an address beyond ASCII, a word of more than 998 octets.
pub fn prepare_field(field: &Field, allow_utf8: bool) -> Result<Field, Error> {
    let fail = |why| Error::Field { name: field.name().to_owned(), why };
    let mut raw = Vec::with_capacity(field.raw().len() + 2);
    for line in field.raw().split(|&b| b == b'\n') {
        let line = line.trim_ascii_end();
        if !line.is_empty() {
            raw.extend_from_slice(line);
            raw.extend_from_slice(b"\r\n");
        }
    }
    let mut scan = scan(&raw);
    if scan.eight_bit && allow_utf8 && std::str::from_utf8(&raw).is_ok() {
        scan.eight_bit = false;
    }
    let cleaned = Field::from_raw(raw).ok_or(fail("not a header field"))?;
    match scan.why() {
        // White space at the end of a line can stand in a quoted parameter, such as a boundary.
        None if field.is_structural() && cleaned.value() != field.value() => checked(encode(field)?),
        None => Ok(cleaned),
        Some(_) if scan.eight_bit && !scan.nul && !scan.bare_cr => checked(encode(&cleaned)?),
        Some(_) if scan.long_line => {
            let value = String::from_utf8_lossy(&cleaned.value()).into_owned();
            checked(Field::structured(cleaned.name(), &value)?)
        }
        Some(why) => Err(fail(why)),
    }
}

fn checked(field: Field) -> Result<Field, Error> {
    match scan(field.raw()).why() {
        None => Ok(field),
        Some(why) => Err(Error::Field { name: field.name().to_owned(), why }),
    }
}

fn scan(octets: &[u8]) -> Scan {
    let mut scan = Scan::new();
    scan.write_all(octets).expect("a scan takes all octets");
    scan.finish()
}

/// A field with octets beyond ASCII, written 7-bit.
fn encode(field: &Field) -> Result<Field, Error> {
    let fail = |why| Error::Field { name: field.name().to_owned(), why };
    if field.is("Content-Type")
        && let Some(content_type) = ContentType::parse(&field.value())
    {
        return content_type.to_field();
    }
    if field.is("Content-Disposition") {
        let value = field.value();
        let (kind, params) = Params::split(&value);
        let mut raw = format!("{}: {}", field.name(), String::from_utf8_lossy(&kind));
        params.write(&mut raw);
        raw.push_str("\r\n");
        return Field::from_raw(raw.into_bytes()).ok_or(fail("not a disposition"));
    }
    if ADDRESSES.iter().any(|name| field.is(name)) {
        let list = AddressList::parse(&field.value());
        if list.malformed().is_some() || list.has_group {
            return Err(fail("addresses beyond ASCII that cannot be encoded"));
        }
        return Mailbox::to_field(field.name(), &list.mailboxes);
    }
    Field::new(field.name(), &field.text())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prepared(raw: &[u8], allow_utf8: bool) -> Result<Vec<u8>, Error> {
        prepare_field(&Field::from_raw(raw.to_vec()).unwrap(), allow_utf8).map(|f| f.raw().to_vec())
    }

    /// R28
    #[test]
    fn clean_fields_keep_their_octets() {
        let raw = b"SUBJECT:  odd   spacing\r\n\t and folding\r\n";
        assert_eq!(prepared(raw, false).unwrap(), raw);
        assert_eq!(prepared(b"A: b\n c\n", false).unwrap(), b"A: b\r\n c\r\n");
    }

    /// R18
    #[test]
    fn white_space_at_line_ends_goes() {
        assert_eq!(prepared(b"A: b \r\n  \r\n c\t\r\n", false).unwrap(), b"A: b\r\n c\r\n");
        assert_eq!(prepared(b"A: \r\n", false).unwrap(), b"A:\r\n");
        let folded = b"Content-Type: multipart/mixed; boundary=\"a \r\n b\"\r\n";
        let header = crate::Header::from_raw(&prepared(folded, false).unwrap());
        assert_eq!(header.content_type().unwrap().param("boundary"), Some("a  b"));
    }

    /// R17, R27
    #[test]
    fn octets_beyond_ascii_are_encoded_or_kept() {
        let text = |raw: &[u8]| Field::from_raw(raw.to_vec()).unwrap().text();
        let subject = prepared("Subject: Käse\r\n".as_bytes(), false).unwrap();
        assert!(subject.is_ascii());
        assert_eq!(text(&subject), "Käse");
        assert_eq!(prepared("Subject: Käse\r\n".as_bytes(), true).unwrap(), "Subject: Käse\r\n".as_bytes());
        assert!(prepared(b"Subject: K\xe4se\r\n", true).unwrap().is_ascii());
        let from = prepared("From: Käse <k@example.org>\r\n".as_bytes(), false).unwrap();
        assert!(from.is_ascii());
        let list = AddressList::parse(&Field::from_raw(from).unwrap().value());
        assert_eq!(list.single().unwrap().display_name.as_deref(), Some("Käse"));
        let raw = "Content-Disposition: attachment; filename=\"ä.txt\"\r\n".as_bytes();
        let field = prepared(raw, false).unwrap();
        assert!(field.is_ascii());
        assert_eq!(crate::file_name(&crate::Header::from_raw(&field)).as_deref(), Some("ä.txt"));
        assert!(prepared("To: ä@example.org\r\n".as_bytes(), false).is_err());
        assert!(prepared("To: ä@example.org\r\n".as_bytes(), true).is_ok());
    }

    /// R20
    #[test]
    fn long_lines_are_folded_or_refused() {
        let raw = format!("References: {}\r\n", "<id@example.org> ".repeat(100));
        assert!(prepared(raw.as_bytes(), false).unwrap().split(|&b| b == b'\n').all(|line| line.len() < 100));
        assert!(prepared(format!("A: {}\r\n", "x".repeat(1000)).as_bytes(), false).is_err());
        assert!(prepared(b"A: b\0\r\n", false).is_err());
        assert!(prepared(b"A: b\rc\r\n", false).is_err());
    }
}
