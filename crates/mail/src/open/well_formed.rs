//! Whether what came out of an encryption without integrity is a whole, well-formed MIME entity.
//!
//! Whoever changes ciphertext in CBC mode puts noise before each block of his own (EFAIL §4.2). Most of that noise breaks
//! the form of the entity somewhere; such plaintext is not released, and it is not told what was wrong with it.

use mailseal_mime::{Field, Kind, Part, Source, TransferEncoding, Tree, transfer};
use std::io::{self, BufRead, BufReader};

/// Whether the entity at the root says that it is MIME, has no defect anywhere, text alone in its headers, and in every
/// body what its transfer encoding allows. So it is for a message at the root, which RFC 8551 §3.1 wraps for its header;
/// what stands inside attached messages is their own matter. Without any field (`openssl cms -encrypt` of a file) it is a
/// text, all of it.
pub(super) fn is_well_formed(octets: &[u8], tree: &Tree) -> bool {
    let fields = tree.root().header.fields();
    match fields.is_empty() {
        true => is_text(octets),
        false => fields.iter().any(Field::is_structural) && is_part_well_formed(&octets, tree, 0),
    }
}

fn is_part_well_formed(source: &dyn Source, tree: &Tree, index: usize) -> bool {
    let Some(part) = tree.get(index) else { return false };
    let is_clean = part.defects.is_empty() && part.header.fields().iter().all(|field| is_text(field.raw()));
    if !is_clean {
        return false;
    }
    if part.content_type.main_type() == "multipart" {
        return part.children.iter().all(|&child| is_part_well_formed(source, tree, child));
    }
    if index == 0 && part.kind == Kind::Message {
        return part.children.iter().all(|&child| is_part_well_formed(source, tree, child));
    }
    is_body_well_formed(source, tree, index, part)
}

/// Whether a body holds what its encoding allows (RFC 2045 §6.2, §6.7, §6.8). Where no field names one it may be anything:
/// much honest text beyond ASCII has none.
fn is_body_well_formed(source: &dyn Source, tree: &Tree, index: usize, part: &Part) -> bool {
    match part.encoding {
        TransferEncoding::Base64 => is_base64(source, tree, index),
        TransferEncoding::QuotedPrintable => is_seven_bit(source, tree, index),
        TransferEncoding::SevenBit if part.header.get("Content-Transfer-Encoding").is_some() => {
            is_seven_bit(source, tree, index)
        }
        _ => true,
    }
}

/// Whether octets are UTF-8 without control characters but for tabs and line ends (for fields: RFC 6532 §3).
fn is_text(octets: &[u8]) -> bool {
    std::str::from_utf8(octets)
        .is_ok_and(|text| text.chars().all(|each| !each.is_control() || matches!(each, '\t' | '\r' | '\n')))
}

fn is_base64(source: &dyn Source, tree: &Tree, index: usize) -> bool {
    let body = tree.body(source, index);
    io::copy(&mut transfer::strict_decoder(&TransferEncoding::Base64, body), &mut io::sink()).is_ok()
}

/// Whether a body is ASCII without NUL. Escapes are allowed: ISO-2022-JP is 7bit.
fn is_seven_bit(source: &dyn Source, tree: &Tree, index: usize) -> bool {
    let mut body = BufReader::new(tree.body(source, index));
    loop {
        let Ok(octets) = body.fill_buf() else { return false };
        let len = octets.len();
        if len == 0 {
            return true;
        }
        if !octets.iter().all(|octet| matches!(octet, 0x01..=0x7f)) {
            return false;
        }
        body.consume(len);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mailseal_mime::Limits;

    fn is_whole(entity: &[u8]) -> bool {
        let tree = Tree::parse_entity(&entity, 0..entity.len() as u64, &Limits::default()).unwrap();
        is_well_formed(entity, &tree)
    }

    /// R66, attack 4
    #[test]
    fn honest_entities_are() {
        for entity in [
            "Content-Type: text/plain\r\n\r\nanything \u{1} at all\r\n",
            "MIME-Version: 1.0\n\nanything\n",
            "Content-Type: text/plain\r\nX-Name: Gr\u{fc}\u{df}e\r\n\r\n",
            "Content-Transfer-Encoding: base64\r\n\r\nYWJj\r\nZGVm\r\n",
            "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b\r\nContent-Transfer-Encoding: base64\r\n\r\nYQ==\r\n--b--\r\n",
            "This is a test message to Fran.",
            "\r\nonly a body\r\n",
            "Content-Type: message/rfc822\r\n\r\nFrom: a@b\r\nSubject: Gr\u{fc}\u{df}e\r\n\r\nGr\u{fc}\u{df}e\r\n",
            "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nno header, as somebody forwarded it\r\n--b--\r\n",
            "Content-Transfer-Encoding: quoted-printable\r\n\r\nGr=C3=BC=C3=9Fe =\r\n\r\n",
            "Content-Transfer-Encoding: 7bit\r\n\r\n\u{1b}$B\u{1b}(B in ISO-2022-JP\r\n",
            "Content-Transfer-Encoding: 8bit\r\n\r\nGr\u{fc}\u{df}e\r\n",
            "Content-Type: text/plain\r\n\r\nGr\u{fc}\u{df}e without an encoding\r\n",
        ] {
            assert!(is_whole(entity.as_bytes()), "{entity}");
        }
    }

    /// R66, attack 4
    #[test]
    fn damaged_entities_are_not() {
        for entity in [
            &b"\xfe\xc1 noise, and a text\r\n"[..],
            b"\r\n\x02 noise, and a text\r\n",
            b"X-Anything: but nothing of MIME\r\n\r\nx\r\n",
            b"Content-Type: text/plain\r\nX-Noise: \xfe\xc1\r\n\r\nx\r\n",
            b"Content-Type: text/plain\r\nX-Noise: \x07\r\n\r\nx\r\n",
            b"Content-Type: text/plain\r\nnoise\r\nX: y\r\n\r\nx\r\n",
            b"Content-Transfer-Encoding: base64\r\n\r\nYW*Jj\r\n",
            b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n",
            b"Content-Type: multipart/mixed\r\n\r\nx\r\n",
            b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Transfer-Encoding: base64\r\n\r\n*\r\n--b--\r\n",
            b"Content-Transfer-Encoding: quoted-printable\r\n\r\n<img src=3D'\xfe\xc1 secret '>\r\n",
            b"Content-Transfer-Encoding: quoted-printable\r\n\r\na \0\r\n",
            b"Content-Transfer-Encoding: 7bit\r\n\r\n<img src='\xfe\xc1 secret '>\r\n",
            b"Content-Type: message/rfc822\r\n\r\n\xfe\xc1 noise, and a text\r\n",
            b"Content-Type: message/rfc822\r\n\r\nFrom: a@b\r\nX-Noise: \xfe\xc1\r\n\r\nx\r\n",
            b"Content-Type: message/rfc822\r\n\r\nFrom: a@b\r\nContent-Transfer-Encoding: base64\r\n\r\nYW*Jj\r\n",
        ] {
            assert!(!is_whole(entity), "{}", String::from_utf8_lossy(entity));
        }
    }
}
