//! A signature over attributes passed off as one over content.
//!
//! With signed attributes the signature is over their DER, without it is over the content. So who has a message with
//! attributes can drop them, put their encoding where the content was, and the signature verifies again. RFC 5652 gives
//! the two no separate domains; a reader has to look at the content
//! ([draft-ietf-lamps-cms-euf-cma-signeddata](https://datatracker.ietf.org/doc/draft-ietf-lamps-cms-euf-cma-signeddata/)).

use crate::ber::{Header, Tag};

/// How much of the content has to be kept for [`starts_like_attributes`]: three headers.
pub(crate) const HEAD: usize = 3 * Header::MAX;

/// Whether content that begins with `head` could be a SET OF Attribute: a SET that begins with a SEQUENCE that begins
/// with an OBJECT IDENTIFIER. No MIME entity looks like that.
pub(crate) fn starts_like_attributes(head: &[u8]) -> bool {
    let mut rest = head;
    for tag in [Tag::SET, Tag::SEQUENCE, Tag::OBJECT_IDENTIFIER] {
        match Header::parse(rest) {
            Ok(Some(header)) if header.tag == tag => rest = &rest[header.size..],
            _ => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attributes::{CONTENT_TYPE, encode_attribute};
    use crate::ber::encode;

    #[test]
    fn attributes_are_recognised_in_der_and_ber() {
        let attribute = encode_attribute(CONTENT_TYPE, &[4; 400]);
        let der = encode::tlv(encode::SET, &attribute);
        let ber = [&[0x31, 0x80], &attribute[..], &[0, 0]].concat();
        assert!(starts_like_attributes(&der[..HEAD]));
        assert!(starts_like_attributes(&ber[..HEAD]));
    }

    #[test]
    fn mail_is_not() {
        for content in [&b"Content-Type: text/plain\r\n"[..], b"", b"1", b"10: 1\r\n", b"1\x80", &[0x31, 2, 5, 0]] {
            assert!(!starts_like_attributes(content));
        }
    }
}
