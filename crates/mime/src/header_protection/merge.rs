//! The header of a message as it was meant to be read.

use super::{Confirmed, fields};
use crate::{Error, Field, Header};

/// Parameters that mean something to readers of the protected message only.
const PARAMETERS: [&str; 3] = ["hp", "hp-legacy-display", "protected-headers"];

/// The header of an opened message: `outer` is the one that came, `body` that of the part which is now the body (the
/// Cryptographic Payload; the inner message of RFC8551HP).
///
/// With header protection it is the protected fields and the Structural ones of `body`, in the octets and order of `body`;
/// HP-Outer and the parameters of header protection are gone. Of the outer header there remain, before them, only what
/// transport and mailing lists wrote and no protected field names, without fields in which a bare CR could be read as the
/// start of another. A message of the older draft that repeats a few fields inside, often the Subject alone, keeps all
/// others as they stand outside (R122). Without header protection it is the outer header with the Structural fields of
/// `body`.
///
/// Fails only where the Content-Type cannot be written again.
pub fn merged(outer: &Header, body: &Header, confirmed: &Confirmed) -> Result<Header, Error> {
    let has_protection = confirmed.scheme().is_some();
    let is_whole = has_protection && confirmed.names_author();
    let mut header = Header::new();
    for field in confirmed.outer_only(outer) {
        let is_of_transport = fields::is_trace_field(field) || fields::is_list_field(field);
        let is_kept = !is_whole || is_of_transport;
        if is_kept && !(has_protection && has_bare_cr(field)) {
            header.push(ended(field));
        }
    }
    for field in body {
        if field.is_structural() || (has_protection && !field.is("HP-Outer")) {
            header.push(ended(field));
        }
    }
    if let Some(mut content_type) = header.content_type() {
        let mut removed = false;
        for name in PARAMETERS {
            removed |= content_type.params_mut().remove(name);
        }
        if removed {
            header.set_content_type(&content_type)?;
        }
    }
    if header.get("MIME-Version").is_none() {
        header.push(Field::structured("MIME-Version", "1.0")?);
    }
    Ok(header)
}

/// Whether a CR stands in it that ends no line: there are readers that begin a new field after it.
fn has_bare_cr(field: &Field) -> bool {
    let raw = field.raw();
    raw.iter().enumerate().any(|(at, &octet)| octet == b'\r' && raw.get(at + 1) != Some(&b'\n'))
}

/// The field with a line end, which the last one of a message cut off in its header has not.
fn ended(field: &Field) -> Field {
    if field.raw().ends_with(b"\n") {
        return field.clone();
    }
    Field::from_raw([field.raw(), b"\r\n"].concat()).unwrap_or_else(|| field.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn merge(outer: &str, payload: &str) -> String {
        let (outer, payload) = (Header::from_raw(outer.as_bytes()), Header::from_raw(payload.as_bytes()));
        let confirmed = Confirmed::read(&payload, true, true);
        let mut out = Vec::new();
        merged(&outer, &payload, &confirmed).unwrap().write_to(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    const OUTER: &str = "Received: x\r\nList-Id: <l>\r\nSubject: [...]\r\nFrom: m@x\r\nCc: m@x\r\nX-Spam: no\r\n\
                         Message-ID: <out>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/encrypted\r\n";

    /// R98, R99, R28: protected values win with their octets; transport and list fields stay, others from outside do not.
    #[test]
    fn protected_fields_win() {
        let payload = "Subject:  secret\r\nFrom: a@b\r\nMessage-ID: <in>\r\nMIME-Version: 1.0\r\n\
                       Content-Type: text/plain; charset=utf-8; hp=\"cipher\"; hp-legacy-display=1; protected-headers=v1\r\n\
                       HP-Outer: Subject: [...]\r\n";
        assert_eq!(
            merge(OUTER, payload),
            "Received: x\r\nList-Id: <l>\r\nSubject:  secret\r\nFrom: a@b\r\nMessage-ID: <in>\r\nMIME-Version: 1.0\r\n\
             Content-Type: text/plain;\r\n\tcharset=\"utf-8\"\r\n"
        );
    }

    /// R98, attack 3: a field of transport does not bring another one that a reader of bare CRs would see.
    #[test]
    fn a_bare_cr_brings_no_field() {
        let payload = "From: a@b\r\nContent-Type: text/plain; hp=\"cipher\"\r\n";
        let merged = "From: a@b\r\nContent-Type: text/plain\r\nMIME-Version: 1.0\r\n";
        for field in ["List-Id: <l>\rFrom: m@x\r\n", "Received: x\r\n y\rFrom: m@x\n", "ARC-Seal: x\r\r\n"] {
            assert_eq!(merge(field, payload), merged, "{field:?}");
        }
        assert_eq!(merge("List-Id:\r\n <l>\n", payload), format!("List-Id:\r\n <l>\n{merged}"));
    }

    /// R90, R103: without header protection the outer fields are the message's.
    #[test]
    fn without_protection_the_outer_header_stays() {
        assert_eq!(
            merge(OUTER, "Content-Type: text/plain; x=y\r\nSubject: not protected\r\n"),
            "Received: x\r\nList-Id: <l>\r\nSubject: [...]\r\nFrom: m@x\r\nCc: m@x\r\nX-Spam: no\r\n\
             Message-ID: <out>\r\nContent-Type: text/plain; x=y\r\nMIME-Version: 1.0\r\n"
        );
    }

    /// R98: a field that ends with the message, without a line end, does not run into what comes after it.
    #[test]
    fn a_field_without_a_line_end_gets_one() {
        assert_eq!(
            merge("Received: x", "Content-Type: text/plain; hp=\"cipher\"\r\nSubject: secret"),
            "Received: x\r\nContent-Type: text/plain\r\nSubject: secret\r\nMIME-Version: 1.0\r\n"
        );
    }
}
