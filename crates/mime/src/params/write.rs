//! Writing parameters, 7-bit.

use super::is_token;

/// Appends `;`, a fold and `name=value`: quoted, or in the sections of RFC 2231 where it is long or beyond ASCII.
pub(super) fn write_param(name: &str, value: &str, out: &mut String) {
    let printable = value.bytes().all(|b| matches!(b, b' '..=b'~'));
    if printable && value.len() <= 200 {
        // RFC 1847 and RFC 3156 write protocol quoted; a token may always be quoted.
        out.push_str(";\r\n\t");
        out.push_str(name);
        out.push_str("=\"");
        for c in value.chars() {
            if matches!(c, '"' | '\\') {
                out.push('\\');
            }
            out.push(c);
        }
        out.push('"');
        return;
    }
    let mut encoded = String::with_capacity(value.len() * 3);
    for b in value.bytes() {
        if is_token(b) && !b"*'%".contains(&b) {
            encoded.push(char::from(b));
        } else {
            encoded.push_str(&format!("%{b:02X}"));
        }
    }
    let mut rest = encoded.as_str();
    let single = rest.len() <= 60;
    for index in 0.. {
        let mut end = rest.len().min(60);
        // A percent triplet stays in one piece.
        if end < rest.len() {
            end -= rest[..end].len() - rest[..end].rfind('%').filter(|at| end - at < 3).unwrap_or(end);
        }
        let (piece, tail) = rest.split_at(end);
        let charset = if index == 0 { "utf-8''" } else { "" };
        let section = if single { String::new() } else { format!("*{index}") };
        out.push_str(&format!(";\r\n\t{name}{section}*={charset}{piece}"));
        rest = tail;
        if rest.is_empty() {
            break;
        }
    }
}
