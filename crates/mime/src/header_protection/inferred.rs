//! The older schemes, recognised and never declared
//! ([RFC 9788 §4.10](https://www.rfc-editor.org/rfc/rfc9788#section-4.10), App. F).

use super::confirm::{Confirmed, Protection, Scheme, protected_fields, root_parameter};
use crate::{ContentType, Header};

impl Confirmed {
    /// RFC8551HP: the payload is one message/rfc822 whose header is the protected one. `child` is the header of that
    /// message, `child_is_layer` whether its root is a Cryptographic Layer, `outer` the outer header of the whole.
    ///
    /// `None` where it is something else. Body and Structural fields are then those of the child. What was confidential is
    /// guessed from the outer header, which anyone on the way may have changed.
    pub fn infer_rfc8551(
        payload: &Header,
        child: &Header,
        child_is_layer: bool,
        outer: &Header,
        encrypted: bool,
        signature_valid: bool,
    ) -> Option<Self> {
        let is_message = payload.count("Content-Type") == 1
            && payload.content_type().is_some_and(|content_type| content_type.is("message/rfc822"));
        if !is_message || child_is_layer || has_hp(payload) || has_hp(child) {
            return None;
        }
        Some(Self::inferred(Scheme::Rfc8551, child, outer, encrypted, signature_valid))
    }

    /// `protected-headers="v1"` on the root of the payload, and no `hp`: its fields are as good as its signature. What was
    /// confidential is not known, so [`Confirmed::status`] claims no encryption of any field; [`Confirmed::shown`] is the
    /// outer header, for the one purpose of not leaking in a reply what was not outside.
    pub fn infer_protected_headers_v1(
        payload: &Header,
        outer: &Header,
        encrypted: bool,
        signature_valid: bool,
    ) -> Option<Self> {
        let is_v1 = root_parameter(payload, "protected-headers").is_some_and(|version| version == "v1");
        if !is_v1 || has_hp(payload) {
            return None;
        }
        Some(Self::inferred(Scheme::ProtectedHeadersV1, payload, outer, encrypted, signature_valid))
    }

    fn inferred(scheme: Scheme, inner: &Header, outer: &Header, encrypted: bool, signature_valid: bool) -> Self {
        let (protection, shown) =
            if encrypted { (Protection::Cipher, protected_fields(outer)) } else { (Protection::Clear, Header::new()) };
        Self::new(Some(scheme), protection, (encrypted, signature_valid), protected_fields(inner), shown)
    }

    /// Whether a part is the one in which the `protected-headers="v1"` scheme repeats hidden fields for older readers; only
    /// the first child of the payload's root, a multipart/mixed, is one. It is not shown.
    pub fn is_v1_legacy_display(part: &ContentType) -> bool {
        (part.is("text/rfc822-headers") || part.is("text/plain")) && part.param("protected-headers") == Some("v1")
    }
}

/// Whether any Content-Type of the header has an `hp` parameter, whatever its value.
fn has_hp(header: &Header) -> bool {
    header
        .get_all("Content-Type")
        .any(|field| ContentType::parse(&field.value()).is_some_and(|content_type| content_type.param("hp").is_some()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::header_protection::FieldStatus::{self, SignedAndEncrypted, SignedOnly, Unprotected};

    fn header(raw: &str) -> Header {
        Header::from_raw(raw.as_bytes())
    }

    fn statuses(confirmed: &Confirmed) -> Vec<FieldStatus> {
        confirmed.statuses().map(|(_, status)| status).collect()
    }

    /// R121, R123
    #[test]
    fn rfc8551() {
        let payload = header("Content-Type: message/rfc822\r\n");
        let child = header("Content-Type: text/plain\r\nSubject: x\r\nFrom: a@b\r\n");
        let outer = header("Subject: [...]\r\nFrom: a@b\r\n");
        let infer = |payload: &Header, child: &Header, layer, encrypted| {
            Confirmed::infer_rfc8551(payload, child, layer, &outer, encrypted, true)
        };
        let confirmed = infer(&payload, &child, false, true).unwrap();
        assert_eq!((confirmed.scheme(), confirmed.is_inferred()), (Some(Scheme::Rfc8551), true));
        assert_eq!(statuses(&confirmed), [SignedAndEncrypted, SignedOnly]);
        let signed = infer(&payload, &child, false, false).unwrap();
        assert_eq!(statuses(&signed), [SignedOnly, SignedOnly]);
        assert_eq!(signed.protection(), Protection::Clear);

        assert!(infer(&payload, &child, true, true).is_none());
        assert!(infer(&header("Content-Type: multipart/mixed; boundary=x\r\n"), &child, false, true).is_none());
        assert!(infer(&header("Content-Type: message/rfc822; hp=clear\r\n"), &child, false, true).is_none());
        assert!(infer(&payload, &header("Content-Type: text/plain; hp=x\r\nSubject: x\r\n"), false, true).is_none());
        assert!(infer(&header(""), &child, false, true).is_none());
    }

    /// R122, R123
    #[test]
    fn protected_headers_v1() {
        let payload = header("Content-Type: text/plain; protected-headers=\"v1\"\r\nSubject: x\r\nFrom: a@b\r\n");
        let outer = header("Subject: ...\r\nFrom: a@b\r\nContent-Type: multipart/encrypted\r\n");
        let confirmed = Confirmed::infer_protected_headers_v1(&payload, &outer, true, true).unwrap();
        assert!(confirmed.is_inferred());
        assert_eq!(statuses(&confirmed), [SignedOnly, SignedOnly]);
        assert_eq!(confirmed.shown().fields().len(), 2);
        let unsigned = Confirmed::infer_protected_headers_v1(&payload, &outer, true, false).unwrap();
        assert_eq!(statuses(&unsigned), [Unprotected, Unprotected]);

        for payload in [
            "Content-Type: text/plain; protected-headers=v1; hp=cipher\r\n",
            "Content-Type: text/plain; protected-headers=v2\r\n",
            "Content-Type: text/plain\r\n",
        ] {
            assert!(Confirmed::infer_protected_headers_v1(&header(payload), &outer, true, true).is_none());
        }
        let part = |value: &str| Confirmed::is_v1_legacy_display(&ContentType::parse(value.as_bytes()).unwrap());
        assert!(part("text/rfc822-headers; protected-headers=\"v1\""));
        assert!(!part("text/rfc822-headers"));
        assert!(!part("multipart/mixed; protected-headers=v1"));
    }

    /// R121, R122: neither is read as declared protection.
    #[test]
    fn nothing_is_declared() {
        for payload in
            ["Content-Type: message/rfc822\r\n", "Content-Type: text/plain; protected-headers=v1\r\nSubject: x\r\n"]
        {
            let confirmed = Confirmed::read(&header(payload), true, true);
            assert_eq!((confirmed.protection(), confirmed.scheme()), (Protection::None, None));
        }
    }
}
