//! Which fields are which, and small changes to fields that keep their octets.

use crate::field::split;
use crate::{ContentType, Error, Field};

/// Fields that a reader is usually shown ([RFC 9787 §1.1.2](https://www.rfc-editor.org/rfc/rfc9787#section-1.1.2)), and
/// the informational ones that RFC 9788 §1.9 shows in a Legacy Display Element.
const USER_FACING: [&str; 15] = [
    "Subject",
    "From",
    "To",
    "Cc",
    "Date",
    "Reply-To",
    "Followup-To",
    "Sender",
    "Resent-From",
    "Resent-To",
    "Resent-Cc",
    "Resent-Date",
    "Resent-Sender",
    "Comments",
    "Keywords",
];

/// Fields that transport and delivery write (R80).
const TRACE: [&str; 9] = [
    "Received",
    "Return-Path",
    "DKIM-Signature",
    "DomainKey-Signature",
    "Authentication-Results",
    "Received-SPF",
    "Delivered-To",
    "X-Original-To",
    "Envelope-To",
];

/// Whether a reader is usually shown the field (RFC 9787 §1.1.2).
pub fn is_user_facing(field: &Field) -> bool {
    USER_FACING.iter().any(|name| field.is(name))
}

/// Whether transport or delivery wrote the field: Received, DKIM-Signature, ARC-* and the like
/// ([RFC 9788 §7](https://www.rfc-editor.org/rfc/rfc9788#section-7)).
pub fn is_trace_field(field: &Field) -> bool {
    TRACE.iter().any(|name| field.is(name)) || starts_with(field, "ARC-")
}

/// Whether a mailing list wrote the field: List-* and Archived-At
/// ([RFC 9788 §7.1](https://www.rfc-editor.org/rfc/rfc9788#section-7.1)).
pub fn is_list_field(field: &Field) -> bool {
    starts_with(field, "List-") || field.is("Archived-At")
}

fn starts_with(field: &Field, prefix: &str) -> bool {
    field.name().get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

/// Everything after the colon, folds and line end included.
pub(super) fn raw_value(field: &Field) -> &[u8] {
    split(field.raw()).map_or(&[], |(_, value)| &field.raw()[value..])
}

/// A Content-Type field with one more parameter. What stands is kept octet for octet where it can be added to; it is
/// written anew where it already has the parameter or is malformed.
pub(super) fn with_parameter(field: &Field, name: &str, value: &str) -> Result<Field, Error> {
    let malformed = Error::Field { name: "Content-Type".to_owned(), why: "not a media type" };
    let content_type = ContentType::parse(&field.value()).ok_or(malformed)?;
    let wanted = content_type.clone().with(name, value);
    let raw = field.raw().trim_ascii_end();
    let mut raw = raw.strip_suffix(b";").unwrap_or(raw).to_vec();
    let column = raw.iter().rev().take_while(|&&b| b != b'\n').count();
    let parameter = format!("{name}=\"{value}\"");
    let fold = if column + parameter.len() + 2 > 78 { "\r\n " } else { " " };
    raw.extend_from_slice(format!(";{fold}{parameter}\r\n").as_bytes());
    match Field::from_raw(raw) {
        Some(added) if ContentType::parse(&added.value()).as_ref() == Some(&wanted) => Ok(added),
        _ => wanted.to_field(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(raw: &str) -> Field {
        Field::from_raw(raw.as_bytes().to_vec()).unwrap()
    }

    /// R80
    #[test]
    fn trace_and_list_fields() {
        for name in ["received", "ARC-Seal", "Authentication-Results", "Return-Path", "DELIVERED-TO"] {
            assert!(is_trace_field(&field(&format!("{name}: x\r\n"))), "{name}");
        }
        for name in ["list-id", "List-Post", "Archived-At"] {
            assert!(is_list_field(&field(&format!("{name}: x\r\n"))), "{name}");
        }
        assert!(!is_trace_field(&field("Arcana: x\r\n")));
        assert!(!is_list_field(&field("Listing: x\r\n")));
    }

    /// RFC 9787 §1.1.2: what a reader is shown, and what only programs read.
    #[test]
    fn user_facing_fields() {
        for name in ["subject", "From", "To", "CC", "Date", "Reply-To", "Resent-From", "Keywords"] {
            assert!(is_user_facing(&field(&format!("{name}: x\r\n"))), "{name}");
        }
        for name in ["Message-ID", "In-Reply-To", "References", "X-Mailer", "Received"] {
            assert!(!is_user_facing(&field(&format!("{name}: x\r\n"))), "{name}");
        }
    }

    /// R28: the parameters that stand are not written again.
    #[test]
    fn a_parameter_is_added_behind_the_octets_that_stand() {
        let raw = |from, name, value| {
            String::from_utf8(with_parameter(&field(from), name, value).unwrap().raw().to_vec()).unwrap()
        };
        assert_eq!(
            raw("content-type:  text/plain;  charset=utf-8 (x)\n", "hp", "clear"),
            "content-type:  text/plain;  charset=utf-8 (x); hp=\"clear\"\r\n"
        );
        assert_eq!(
            raw("Content-Type: a/b; hp=x; c=d\r\n", "hp", "clear"),
            "Content-Type: a/b;\r\n\thp=\"clear\";\r\n\tc=\"d\"\r\n"
        );
        assert_eq!(raw("Content-Type: a/b; c=d;\r\n", "hp", "clear").matches(';').count(), 2);
        assert_eq!(raw("Content-Type: a/b; c=d (open\r\n", "hp", "clear").matches("(open").count(), 0);
        assert!(with_parameter(&field("Content-Type: nonsense\r\n"), "hp", "clear").is_err());
    }
}
