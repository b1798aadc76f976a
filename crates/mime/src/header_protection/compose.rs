//! Composing: from a draft's header to the inner and the outer one
//! ([RFC 9788 §5.2](https://www.rfc-editor.org/rfc/rfc9788#section-5.2)).

use super::{Confidential, HeaderPolicy, fields};
use crate::autocrypt::{self, AUTOCRYPT_GOSSIP};
use crate::{ContentType, Error, Field, Header};

/// How the header of a draft is protected.
///
/// ```
/// use mailseal_mime::{Header, header_protection::{Compose, HeaderPolicy}};
///
/// let draft = Header::from_raw(b"From: alice@example.org\r\nSubject: Secret plans\r\nContent-Type: text/plain\r\n");
/// let composed = Compose::encrypted(&HeaderPolicy::default()).header(&draft)?;
/// assert_eq!(composed.outer.text("Subject").as_deref(), Some("[...]"));
/// assert_eq!(composed.payload.text("Subject").as_deref(), Some("Secret plans"));
/// # Ok::<(), mailseal_mime::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Compose<'a> {
    policies: Vec<&'a HeaderPolicy>,
    encrypted: bool,
    protected_headers_v1: bool,
    keeps_bcc: bool,
}

/// A draft's header, made ready for both sides of the cryptography.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Composed {
    /// The header of the Cryptographic Payload's root: the draft's fields in their order and octets, the Content-Type with
    /// its `hp`, then the HP-Outer fields.
    pub payload: Header,
    /// The Non-Structural fields of the outer header; the cryptography adds MIME-Version and Content-*.
    pub outer: Header,
    /// User-Facing fields that the outer header hides or changes: what a Legacy Display Element shows. Always empty for
    /// a message that is only signed.
    pub hidden: Vec<Field>,
}

impl<'a> Compose<'a> {
    /// For a message that is signed and not encrypted: the outer header is the inner one.
    pub fn signed() -> Self {
        Self { policies: Vec::new(), encrypted: false, protected_headers_v1: false, keeps_bcc: false }
    }

    /// For an encrypted message: the outer header is what the policy makes of the inner one.
    pub fn encrypted(policy: &'a HeaderPolicy) -> Self {
        Self { policies: vec![policy], encrypted: true, protected_headers_v1: false, keeps_bcc: false }
    }

    /// Adds the policy that answering another message calls for ([`response_policy`](super::response_policy)). It is asked
    /// about fields that the sender's own leaves as they are.
    #[must_use]
    pub fn responding(mut self, response: &'a HeaderPolicy) -> Self {
        if self.encrypted {
            self.policies.push(response);
        }
        self
    }

    /// Writes `protected-headers="v1"` beside `hp`, for readers that know only the older scheme.
    #[must_use]
    pub fn protected_headers_v1(mut self, yes: bool) -> Self {
        self.protected_headers_v1 = yes;
        self
    }

    /// Keeps Bcc inside of an encryption, for a draft that only its author gets (R126). It never stands outside.
    #[must_use]
    pub fn keep_bcc(mut self, yes: bool) -> Self {
        self.keeps_bcc = yes;
        self
    }

    /// Makes both headers. Left out are Bcc, fields of transport and delivery, and any HP-Outer that stands in the draft;
    /// Autocrypt fields beyond 10 KiB, and Autocrypt-Gossip where nothing is encrypted.
    /// Nothing is added but MIME-Version and Content-Type where they are missing, `hp` and HP-Outer.
    ///
    /// Fails with [`Error::Field`] where a field holds octets that no header may hold, the Content-Type is no media type, or
    /// a policy answers what it may not.
    pub fn header(&self, draft: &Header) -> Result<Composed, Error> {
        let mut payload = Header::new();
        let mut outer = Header::new();
        let mut hidden = Vec::new();
        for field in draft {
            let is_kept = self.encrypted && (!is_bcc(field) || self.keeps_bcc);
            if is_left_out(field) || (is_inner(field) && !is_kept) {
                continue;
            }
            let field = without_blank_lines(field)?;
            if !field.is_structural() {
                let answer = self.confidential(&field)?;
                if answer != Confidential::Keep && fields::is_user_facing(&field) {
                    hidden.push(field.clone());
                }
                match answer {
                    Confidential::Keep => outer.push(field.clone()),
                    Confidential::Remove => {}
                    Confidential::Replace(value) => outer.push(Field::structured(field.name(), &value)?),
                }
            }
            payload.push(field);
        }
        self.declare(&mut payload)?;
        if self.encrypted {
            for field in &outer {
                payload.push(hp_outer(field)?);
            }
        }
        Ok(Composed { payload, outer, hidden })
    }

    /// The first answer that is not to keep the field; Autocrypt-Gossip (R130) and Bcc are hidden whatever they answer.
    fn confidential(&self, field: &Field) -> Result<Confidential, Error> {
        if is_inner(field) {
            return Ok(Confidential::Remove);
        }
        for policy in &self.policies {
            match policy.apply(field)? {
                Confidential::Keep => {}
                answer => return Ok(answer),
            }
        }
        Ok(Confidential::Keep)
    }

    fn declare(&self, payload: &mut Header) -> Result<(), Error> {
        let mut content_type = match payload.get("Content-Type") {
            Some(field) => field.clone(),
            None => ContentType::text_plain().to_field()?,
        };
        if self.protected_headers_v1 {
            content_type = fields::with_parameter(&content_type, "protected-headers", "v1")?;
        }
        let hp = if self.encrypted { "cipher" } else { "clear" };
        payload.replace(fields::with_parameter(&content_type, "hp", hp)?);
        if payload.get("MIME-Version").is_none() {
            payload.push(Field::structured("MIME-Version", "1.0")?);
        }
        Ok(())
    }
}

/// Whether the field never stands outside, and inside only of an encryption.
fn is_inner(field: &Field) -> bool {
    field.is(AUTOCRYPT_GOSSIP) || is_bcc(field)
}

fn is_bcc(field: &Field) -> bool {
    field.is("Bcc") || field.is("Resent-Bcc")
}

fn is_left_out(field: &Field) -> bool {
    autocrypt::is_too_long(field) || field.is("HP-Outer") || fields::is_trace_field(field)
}

/// The field without continuation lines of nothing but white space, which transport may drop (R18). Fails where the field
/// cannot be sent: control characters, or octets that are no UTF-8.
fn without_blank_lines(field: &Field) -> Result<Field, Error> {
    let fail = |why| Error::Field { name: field.name().to_owned(), why };
    let value = std::str::from_utf8(fields::raw_value(field)).map_err(|_| fail("octets that are not UTF-8"))?;
    if value.replace("\r\n", "\n").contains(|c: char| c.is_control() && !matches!(c, '\n' | '\t')) {
        return Err(fail("control character in the value"));
    }
    let lines = field.raw().split_inclusive(|&b| b == b'\n').enumerate();
    let kept = lines.filter(|(at, line)| *at == 0 || !line.trim_ascii().is_empty());
    Field::from_raw(kept.flat_map(|(_, line)| line).copied().collect()).ok_or(fail("not a field"))
}

/// `HP-Outer: name: value` with the folds of the value, and one before the name where the line is long
/// ([RFC 9788 §2.2.1](https://www.rfc-editor.org/rfc/rfc9788#section-2.2.1)).
fn hp_outer(field: &Field) -> Result<Field, Error> {
    let value = fields::raw_value(field).trim_ascii_end();
    let space = if matches!(value.first(), None | Some(b' ' | b'\t' | b'\r' | b'\n')) { "" } else { " " };
    let first_line = value.split(|&b| b == b'\n').next().unwrap_or_default().trim_ascii_end();
    let fold = if "HP-Outer: :".len() + field.name().len() + first_line.len() > 78 { "\r\n " } else { " " };
    let mut raw = format!("HP-Outer:{fold}{}:{space}", field.name()).into_bytes();
    raw.extend_from_slice(value);
    raw.extend_from_slice(b"\r\n");
    Field::from_raw(raw).ok_or(Error::Field { name: field.name().to_owned(), why: "cannot stand in HP-Outer" })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(header: &Header) -> String {
        let mut out = Vec::new();
        header.write_to(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn draft(fields: &str) -> Header {
        Header::from_raw(fields.as_bytes())
    }

    /// R71, R73, R74, R76, R28: signed only, both headers are the draft's octets, and there is no HP-Outer.
    #[test]
    fn signed_only() {
        let composed = Compose::signed()
            .header(&draft(
                "From:  alice@example.org\r\nSubject: a\r\n  b\r\nContent-Type: text/plain\r\nMIME-Version: 1.0\r\n",
            ))
            .unwrap();
        assert_eq!(raw(&composed.outer), "From:  alice@example.org\r\nSubject: a\r\n  b\r\n");
        assert_eq!(
            raw(&composed.payload),
            "From:  alice@example.org\r\nSubject: a\r\n  b\r\nContent-Type: text/plain; hp=\"clear\"\r\nMIME-Version: 1.0\r\n"
        );
        assert!(composed.hidden.is_empty());
    }

    /// R73, R74, R77: whatever the policy, an encrypted message says cipher, and HP-Outer is the outer header.
    #[test]
    fn encrypted_with_each_policy() {
        let draft =
            draft("From: A <a@example.org>\r\nSubject: s\r\nKeywords: k\r\nX: y\r\nContent-Type: text/plain\r\n");
        for (policy, outer, hidden) in [
            (HeaderPolicy::baseline(), "From: A <a@example.org>\r\nSubject: [...]\r\nX: y\r\n", "Subject Keywords"),
            (HeaderPolicy::shy(), "From: a@example.org\r\nSubject: [...]\r\nX: y\r\n", "From Subject Keywords"),
            (
                HeaderPolicy::no_confidentiality(),
                "From: A <a@example.org>\r\nSubject: s\r\nKeywords: k\r\nX: y\r\n",
                "",
            ),
        ] {
            let composed = Compose::encrypted(&policy).header(&draft).unwrap();
            assert_eq!(raw(&composed.outer), outer);
            let inner = "From: A <a@example.org>\r\nSubject: s\r\nKeywords: k\r\nX: y\r\n";
            let structural = "Content-Type: text/plain; hp=\"cipher\"\r\nMIME-Version: 1.0\r\n";
            let hp_outer: String = outer.lines().map(|line| format!("HP-Outer: {line}\r\n")).collect();
            assert_eq!(raw(&composed.payload), format!("{inner}{structural}{hp_outer}"));
            let names: Vec<_> = composed.hidden.iter().map(Field::name).collect();
            assert_eq!(names.join(" "), hidden, "{policy:?}");
        }
    }

    /// R80, R81, R124
    #[test]
    fn what_is_left_out() {
        let fields = "Received: x\r\nReturn-Path: <x>\r\nARC-Seal: x\r\nDKIM-Signature: x\r\nFrom: a@b\r\nbcc: c@d\r\n\
                      Resent-Bcc: c@d\r\nHP-Outer: Subject: lie\r\nDelivered-To: x\r\n";
        let policy = HeaderPolicy::baseline();
        let composed = Compose::encrypted(&policy).header(&draft(fields)).unwrap();
        assert_eq!(raw(&composed.outer), "From: a@b\r\n");
        assert!(!raw(&composed.payload).contains("c@d"));
        assert_eq!(composed.payload.count("HP-Outer"), 1);
        assert_eq!(raw(&Compose::signed().header(&draft(fields)).unwrap().outer), "From: a@b\r\n");
    }

    /// R128, R130: gossip is inside alone and only where something is encrypted; fields beyond 10 KiB are nowhere.
    #[test]
    fn autocrypt_fields() {
        let own = "Autocrypt: addr=a@b; keydata=Zm9v\r\n";
        let gossip = "autocrypt-gossip: addr=c@d; keydata=Zm9v\r\n";
        let long = format!("Autocrypt: addr=a@b; keydata={}\r\n", "Zm9v".repeat(3000));
        let draft = draft(&format!("{own}{gossip}{long}"));
        let policy = HeaderPolicy::no_confidentiality();
        let composed = Compose::encrypted(&policy).header(&draft).unwrap();
        assert_eq!(raw(&composed.outer), own);
        assert!(composed.hidden.is_empty());
        let inside = raw(&composed.payload);
        assert!(inside.starts_with(&format!("{own}{gossip}Content-Type")), "{inside}");
        assert_eq!(composed.payload.count("HP-Outer"), 1);
        let composed = Compose::signed().header(&draft).unwrap();
        assert_eq!((raw(&composed.outer), composed.payload.count("Autocrypt-Gossip")), (own.to_owned(), 0));
    }

    /// R124, R126: in a draft for oneself Bcc is inside an encryption, whatever the policy shows, and nowhere else.
    #[test]
    fn bcc_of_a_draft() {
        let policy = HeaderPolicy::no_confidentiality();
        let fields = draft("From: a@b\r\nbcc: c@d\r\n");
        let composed = Compose::encrypted(&policy).keep_bcc(true).header(&fields).unwrap();
        assert_eq!(raw(&composed.outer), "From: a@b\r\n");
        assert_eq!(composed.payload.text("Bcc").as_deref(), Some("c@d"));
        assert_eq!(composed.payload.text("HP-Outer").as_deref(), Some("From: a@b"));
        assert!(!raw(&Compose::signed().keep_bcc(true).header(&fields).unwrap().payload).contains("c@d"));
    }

    /// R127: nothing of the tool's own.
    #[test]
    fn what_is_added() {
        let composed = Compose::signed().header(&draft("From: a@b\r\n")).unwrap();
        assert_eq!(
            raw(&composed.payload),
            "From: a@b\r\nContent-Type: text/plain;\r\n\tcharset=\"us-ascii\"; hp=\"clear\"\r\nMIME-Version: 1.0\r\n"
        );
    }

    /// R72, R78, R79: an `hp` of the draft's own does not stay.
    #[test]
    fn parameters_of_the_root() {
        let policy = HeaderPolicy::baseline();
        let composed = Compose::encrypted(&policy)
            .protected_headers_v1(true)
            .header(&draft("Content-Type: multipart/mixed; boundary=x\r\n"))
            .unwrap();
        assert_eq!(
            raw(&composed.payload),
            "Content-Type: multipart/mixed; boundary=x; protected-headers=\"v1\"; hp=\"cipher\"\r\nMIME-Version: 1.0\r\n"
        );
        let composed = Compose::signed().header(&draft("Content-Type: text/plain; hp=cipher\r\n")).unwrap();
        assert_eq!(composed.payload.content_type().unwrap().param("hp"), Some("clear"));
        assert!(composed.payload.content_type().unwrap().params().duplicates().is_empty());
    }

    /// R75: folds of the value are kept, long lines get one more, and what is read is what was outside.
    #[test]
    fn hp_outer_is_folded_as_unstructured() {
        let long = format!("<{}@example.org>", "x".repeat(60));
        let fields =
            format!("Message-ID: {long}\r\nReferences:\r\n {long}\r\n {long}\r\nX:y\r\nEmpty:\r\nTo: a@b,\n c@d\n");
        let policy = HeaderPolicy::baseline();
        let composed = Compose::encrypted(&policy).header(&draft(&fields)).unwrap();
        let hp_outer: Vec<_> =
            composed.payload.get_all("HP-Outer").map(|field| raw(&vec![field.clone()].into())).collect();
        assert_eq!(
            hp_outer,
            [
                format!("HP-Outer:\r\n Message-ID: {long}\r\n"),
                format!("HP-Outer: References:\r\n {long}\r\n {long}\r\n"),
                "HP-Outer: X: y\r\n".to_owned(),
                "HP-Outer: Empty:\r\n".to_owned(),
                "HP-Outer: To: a@b,\n c@d\r\n".to_owned(),
            ]
        );
        let read = crate::header_protection::Confirmed::read(&composed.payload, true, true);
        assert_eq!(read.shown().len(), composed.outer.len());
        assert!(read.statuses().all(|(_, status)| status == crate::header_protection::FieldStatus::SignedOnly));
    }

    /// R75: a line of 78 characters is not folded, one of 79 is.
    #[test]
    fn hp_outer_is_folded_beyond_78() {
        for (length, fold) in [(78, " "), (79, "\r\n ")] {
            let value = "x".repeat(length - "HP-Outer: X: ".len());
            let composed = Compose::encrypted(&HeaderPolicy::baseline()).header(&draft(&format!("X: {value}\r\n")));
            let hp_outer = composed.unwrap().payload.get_all("HP-Outer").next().unwrap().raw().to_vec();
            assert_eq!(String::from_utf8(hp_outer).unwrap(), format!("HP-Outer:{fold}X: {value}\r\n"));
        }
    }

    /// R18, R20, R86: what no header may hold is refused, lines of white space go.
    #[test]
    fn octets_that_cannot_be_sent() {
        for value in ["a\0b", "a\rb", "a\x1bb", "\u{85}"] {
            assert!(Compose::signed().header(&draft(&format!("Subject: {value}\r\n"))).is_err(), "{value:?}");
        }
        assert!(Compose::signed().header(&Header::from_raw(b"Subject: \xff\r\n")).is_err());
        assert!(Compose::signed().header(&draft("Content-Type: nonsense\r\n")).is_err());
        let composed = Compose::signed().header(&draft("Subject: a\r\n \t\r\n b\r\n")).unwrap();
        assert_eq!(raw(&composed.outer), "Subject: a\r\n b\r\n");
        for only_blank in ["Subject: a\r\n \r\n", "Subject: a\r\n\t\r\n \r\n"] {
            assert_eq!(raw(&Compose::signed().header(&draft(only_blank)).unwrap().outer), "Subject: a\r\n");
        }
        // The first line stays, whatever it holds.
        let empty = Compose::signed().header(&draft("Subject:\r\n a\r\n \r\n")).unwrap();
        assert_eq!(raw(&empty.outer), "Subject:\r\n a\r\n");
    }

    /// R77, R117: the response policy is asked only where the sender's own keeps the field, and only when encrypting.
    #[test]
    fn own_policy_first() {
        let own = HeaderPolicy::baseline();
        let response = HeaderPolicy::new(|name, _| match name {
            "Subject" | "X" => Confidential::Replace("response".to_owned()),
            _ => Confidential::Keep,
        });
        let draft = draft("Subject: s\r\nX: y\r\nY: z\r\n");
        let composed = Compose::encrypted(&own).responding(&response).header(&draft).unwrap();
        assert_eq!(raw(&composed.outer), "Subject: [...]\r\nX: response\r\nY: z\r\n");
        assert_eq!(raw(&Compose::signed().responding(&response).header(&draft).unwrap().outer), raw(&draft));
    }
}
