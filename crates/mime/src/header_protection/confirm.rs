//! Reading: how each field of a message was protected
//! ([RFC 9788 §4](https://www.rfc-editor.org/rfc/rfc9788#section-4)).

use super::fields;
use crate::{ContentType, Field, Header};
use std::collections::HashSet;

/// What the root of the Cryptographic Payload declares with its `hp` parameter: the composer's intent, not a fact
/// ([RFC 9788 §2.1.1](https://www.rfc-editor.org/rfc/rfc9788#section-2.1.1)).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protection {
    /// No `hp` that can be read: the message has no header protection.
    None,
    /// `hp="clear"`: signed and not encrypted.
    Clear,
    /// `hp="cipher"`: encrypted.
    Cipher,
}

/// By which scheme the protected header was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// Declared by the message: RFC 9788.
    Rfc9788,
    /// Inferred from the structure: the message/rfc822 of RFC 8551 §3.1.
    Rfc8551,
    /// Inferred: `protected-headers="v1"` of the draft that came before RFC 9788. What was confidential is not known.
    ProtectedHeadersV1,
}

/// How one field was protected ([RFC 9788 §4.3](https://www.rfc-editor.org/rfc/rfc9788#section-4.3)).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldStatus {
    /// Under a valid signature, and not shown outside.
    SignedAndEncrypted,
    /// Not shown outside.
    EncryptedOnly,
    /// Under a valid signature, and visible in transit.
    SignedOnly,
    /// Neither.
    Unprotected,
}

/// The protected header of a message, and what of it was visible outside.
///
/// Where the message declares header protection, all of it comes from inside: the outer header has no say
/// ([RFC 9788 §11.3](https://www.rfc-editor.org/rfc/rfc9788#section-11.3)).
#[derive(Debug, Clone)]
pub struct Confirmed {
    scheme: Option<Scheme>,
    protection: Protection,
    encrypted: bool,
    signature_valid: bool,
    protected: Header,
    shown: Header,
    protected_pairs: HashSet<Pair>,
    protected_names: HashSet<String>,
    shown_pairs: HashSet<Pair>,
}

impl Confirmed {
    /// Reads the header of the Cryptographic Payload's root. `encrypted` says whether the Cryptographic Envelope has an
    /// encrypting layer, `signature_valid` whether it has a signing layer whose signature is valid.
    ///
    /// Where the root declares nothing, [`Confirmed::protection`] is [`Protection::None`] and no field is protected: then
    /// [`Confirmed::infer_rfc8551`] and [`Confirmed::infer_protected_headers_v1`] may find more.
    pub fn read(payload: &Header, encrypted: bool, signature_valid: bool) -> Self {
        let protection = declared(payload);
        let mut protected = Header::new();
        let mut shown = Header::new();
        if protection != Protection::None {
            protected = protected_fields(payload);
        }
        if protection == Protection::Cipher && encrypted {
            shown = shown_fields(payload);
        }
        let scheme = (protection != Protection::None).then_some(Scheme::Rfc9788);
        Self::new(scheme, protection, (encrypted, signature_valid), protected, shown)
    }

    pub(super) fn new(
        scheme: Option<Scheme>,
        protection: Protection,
        (encrypted, signature_valid): (bool, bool),
        protected: Header,
        shown: Header,
    ) -> Self {
        Self {
            scheme,
            protection,
            encrypted,
            signature_valid,
            protected_pairs: protected.iter().map(pair).collect(),
            protected_names: protected.iter().map(|field| field.name().to_ascii_lowercase()).collect(),
            shown_pairs: shown.iter().map(pair).collect(),
            protected,
            shown,
        }
    }

    /// What the payload declares; for an inferred scheme, what it would have declared.
    pub fn protection(&self) -> Protection {
        self.protection
    }

    /// By which scheme there is a protected header; `None` where there is none.
    pub fn scheme(&self) -> Option<Scheme> {
        self.scheme
    }

    /// Whether the protection was guessed from the structure: no end-to-end guarantee says so, and it must not be reported
    /// as declared ([RFC 9788 §4.10.2](https://www.rfc-editor.org/rfc/rfc9788#section-4.10.2)).
    pub fn is_inferred(&self) -> bool {
        matches!(self.scheme, Some(Scheme::Rfc8551 | Scheme::ProtectedHeadersV1))
    }

    /// Whether the author is the one inside: there is a protected header, declared or with a From. The draft before RFC 9788
    /// protects the fields that it repeats, often the Subject alone.
    pub fn names_author(&self) -> bool {
        self.scheme.is_some() && !(self.is_inferred() && self.protected.count("From") == 0)
    }

    /// Whether the message is encrypted while its composer declared that it is not: encryption was most likely added in
    /// transit, and no field counts as confidential ([RFC 9788 §10.2](https://www.rfc-editor.org/rfc/rfc9788#section-10.2)).
    pub fn is_encrypted_in_transit(&self) -> bool {
        self.encrypted && self.protection == Protection::Clear
    }

    /// The protected Non-Structural fields in their order, without HP-Outer; empty where there is no header protection.
    pub fn protected(&self) -> &Header {
        &self.protected
    }

    /// The fields that the composer placed outside, from HP-Outer (for the inferred schemes, from the outer header); empty
    /// where nothing was confidential.
    pub fn shown(&self) -> &Header {
        &self.shown
    }

    /// How a field was protected. One that is not among [`Confirmed::protected`] with the same name and unfolded value is
    /// unprotected.
    ///
    /// A value that was visible outside is visible, however often it stands inside: multiplicity and order do not count.
    pub fn status(&self, field: &Field) -> FieldStatus {
        let field = pair(field);
        if !self.protected_pairs.contains(&field) {
            return FieldStatus::Unprotected;
        }
        match (self.is_confidential(&field), self.signature_valid) {
            (true, true) => FieldStatus::SignedAndEncrypted,
            (true, false) => FieldStatus::EncryptedOnly,
            (false, true) => FieldStatus::SignedOnly,
            (false, false) => FieldStatus::Unprotected,
        }
    }

    /// The protected fields in their order, each with its status.
    pub fn statuses(&self) -> impl Iterator<Item = (&Field, FieldStatus)> {
        self.protected.iter().map(|field| (field, self.status(field)))
    }

    /// The Non-Structural fields of the outer header whose name no protected field has: added in transit, or by an
    /// attacker. Shown only as unprotected, but for those of a mailing list ([`is_list_field`](super::is_list_field));
    /// never used to fill in recipients ([RFC 9788 §6.2](https://www.rfc-editor.org/rfc/rfc9788#section-6.2)).
    pub fn outer_only<'a>(&'a self, outer: &'a Header) -> impl Iterator<Item = &'a Field> {
        let is_protected = |field: &Field| self.protected_names.contains(&field.name().to_ascii_lowercase());
        outer.iter().filter(move |field| !field.is_structural() && !is_protected(field))
    }

    /// Whether there is anything that an answer must not tell: the message is encrypted and was meant to be.
    pub(super) fn may_hold_secrets(&self) -> bool {
        self.encrypted && self.protection == Protection::Cipher
    }

    fn is_confidential(&self, field: &Pair) -> bool {
        self.may_hold_secrets() && self.scheme != Some(Scheme::ProtectedHeadersV1) && !self.shown_pairs.contains(field)
    }
}

/// A field's name in lower case and its unfolded value: what is compared.
type Pair = (String, Vec<u8>);

fn pair(field: &Field) -> Pair {
    (field.name().to_ascii_lowercase(), field.value().into_owned())
}

/// The value of `hp`; none where the Content-Type or the parameter stands twice.
fn declared(payload: &Header) -> Protection {
    match root_parameter(payload, "hp").as_deref() {
        Some("clear") => Protection::Clear,
        Some("cipher") => Protection::Cipher,
        _ => Protection::None,
    }
}

/// A parameter of the Content-Type, where exactly one field and one parameter say so.
pub(super) fn root_parameter(header: &Header, name: &str) -> Option<String> {
    if header.count("Content-Type") != 1 {
        return None;
    }
    let content_type: ContentType = header.content_type()?;
    let twice = content_type.params().duplicates().iter().any(|duplicate| duplicate.eq_ignore_ascii_case(name));
    content_type.param(name).filter(|_| !twice).map(str::to_owned)
}

/// The Non-Structural fields but HP-Outer.
pub(super) fn protected_fields(header: &Header) -> Header {
    let fields = header.iter().filter(|field| !field.is_structural() && !field.is("HP-Outer"));
    fields.cloned().collect::<Vec<_>>().into()
}

/// What HP-Outer says: the name up to the first colon, then the value
/// ([RFC 9788 §4.2.1](https://www.rfc-editor.org/rfc/rfc9788#section-4.2.1)). What is no field is left out.
fn shown_fields(payload: &Header) -> Header {
    let outer = payload.get_all("HP-Outer").filter_map(|field| {
        let mut raw = fields::raw_value(field).trim_ascii().to_vec();
        raw.extend_from_slice(b"\r\n");
        Field::from_raw(raw)
    });
    outer.filter(|field| !field.is_structural()).collect::<Vec<_>>().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use FieldStatus::{EncryptedOnly, SignedAndEncrypted, SignedOnly, Unprotected};

    fn payload(hp: &str, fields: &str) -> Header {
        Header::from_raw(format!("Content-Type: text/plain{hp}\r\nMIME-Version: 1.0\r\n{fields}").as_bytes())
    }

    fn status(confirmed: &Confirmed, raw: &str) -> FieldStatus {
        confirmed.status(&Field::from_raw(raw.as_bytes().to_vec()).unwrap())
    }

    const FIELDS: &str = "Subject: secret\r\nFrom: a@b\r\nHP-Outer: Subject: [...]\r\nHP-Outer: From: a@b\r\n";

    /// R90
    #[test]
    fn declared_by_hp_on_the_root() {
        for (hp, expect) in [
            ("; hp=clear", Protection::Clear),
            ("; HP=\"cipher\"", Protection::Cipher),
            ("", Protection::None),
            ("; hp=other", Protection::None),
            ("; hp=\"\"", Protection::None),
            ("; hp=clear; hp=cipher", Protection::None),
        ] {
            let confirmed = Confirmed::read(&payload(hp, FIELDS), true, true);
            assert_eq!(confirmed.protection(), expect, "{hp}");
            assert_eq!(confirmed.scheme(), (expect != Protection::None).then_some(Scheme::Rfc9788));
            if expect == Protection::None {
                assert_eq!(status(&confirmed, "Subject: secret\r\n"), Unprotected);
                assert!(confirmed.protected().fields().is_empty());
            }
        }
        let twice = Header::from_raw(b"Content-Type: text/plain; hp=cipher\r\nContent-Type: text/html\r\n");
        assert_eq!(Confirmed::read(&twice, true, true).protection(), Protection::None);
    }

    /// R95
    #[test]
    fn status_of_each_field() {
        for (hp, encrypted, signed, subject, from) in [
            ("cipher", true, true, SignedAndEncrypted, SignedOnly),
            ("cipher", true, false, EncryptedOnly, Unprotected),
            ("cipher", false, true, SignedOnly, SignedOnly),
            ("cipher", false, false, Unprotected, Unprotected),
            ("clear", true, true, SignedOnly, SignedOnly),
            ("clear", true, false, Unprotected, Unprotected),
            ("clear", false, true, SignedOnly, SignedOnly),
        ] {
            let confirmed = Confirmed::read(&payload(&format!("; hp={hp}"), FIELDS), encrypted, signed);
            assert_eq!(status(&confirmed, "subject: secret\r\n"), subject, "{hp} {encrypted} {signed}");
            assert_eq!(status(&confirmed, "From: a@b\r\n"), from, "{hp} {encrypted} {signed}");
            assert_eq!(status(&confirmed, "Subject: other\r\n"), Unprotected);
            assert_eq!(status(&confirmed, "To: c@d\r\n"), Unprotected);
            assert!(!confirmed.is_inferred());
        }
    }

    /// R100, R122: who declares a protected header names its author in it, or nobody; the older draft may protect less.
    #[test]
    fn where_the_author_is_named() {
        for fields in ["From: a@b\r\n", "Subject: x\r\n"] {
            for (hp, expect) in [("; hp=clear", true), ("; hp=cipher", true), ("", false)] {
                assert_eq!(Confirmed::read(&payload(hp, fields), false, false).names_author(), expect, "{hp} {fields}");
            }
            let older = payload("; protected-headers=v1", fields);
            let inferred = Confirmed::infer_protected_headers_v1(&older, &Header::new(), false, false).unwrap();
            assert_eq!(inferred.names_author(), fields.starts_with("From"), "{fields}");
        }
    }

    /// R91, R92: what is declared is no fact; encryption from another hand hides nothing.
    #[test]
    fn intent_and_fact() {
        let cipher = Confirmed::read(&payload("; hp=cipher", "Subject: x\r\n"), false, true);
        assert!(!cipher.is_encrypted_in_transit());
        assert_eq!(status(&cipher, "Subject: x\r\n"), SignedOnly);
        let wrapped = Confirmed::read(&payload("; hp=clear", "Subject: x\r\n"), true, true);
        assert!(wrapped.is_encrypted_in_transit());
        assert!(!Confirmed::read(&payload("; hp=clear", "Subject: x\r\n"), false, true).is_encrypted_in_transit());
        assert!(!Confirmed::read(&payload("; hp=cipher", "Subject: x\r\n"), true, true).is_encrypted_in_transit());
        assert_eq!(status(&wrapped, "Subject: x\r\n"), SignedOnly);
    }

    /// R93: HP-Outer of a message that is not encrypted, or does not say cipher, is nothing.
    #[test]
    fn hp_outer_counts_in_encrypted_messages_only() {
        assert_eq!(Confirmed::read(&payload("; hp=cipher", FIELDS), true, false).shown().fields().len(), 2);
        assert!(Confirmed::read(&payload("; hp=cipher", FIELDS), false, false).shown().fields().is_empty());
        assert!(Confirmed::read(&payload("; hp=clear", FIELDS), true, false).shown().fields().is_empty());
        assert!(Confirmed::read(&payload("", FIELDS), true, false).shown().fields().is_empty());
    }

    /// R94
    #[test]
    fn hp_outer_is_split_at_the_first_colon() {
        let fields = "A: 1:2\r\nB: x\r\nC: y z\r\nD:\r\nE: e\r\n\
                      HP-Outer: a:1:2\r\nHP-Outer:\r\n B: \t x\r\nHP-Outer: C: y\r\n z\r\nHP-Outer: D:\r\n\
                      HP-Outer: E\r\nHP-Outer:\r\nHP-Outer: : e\r\nHP-Outer: Content-Type: text/plain\r\n";
        let confirmed = Confirmed::read(&payload("; hp=cipher", fields), true, true);
        let shown: Vec<_> = confirmed.shown().iter().map(|field| (field.name(), field.text())).collect();
        let expect = [("a", "1:2"), ("B", "x"), ("C", "y z"), ("D", "")].map(|(name, value)| (name, value.to_owned()));
        assert_eq!(shown, expect);
        for (raw, expect) in [("A: 1:2\r\n", SignedOnly), ("B: x\r\n", SignedOnly), ("E: e\r\n", SignedAndEncrypted)] {
            assert_eq!(status(&confirmed, raw), expect, "{raw}");
        }
    }

    /// R96: folds do not count, octets do; order and multiplicity claim nothing.
    #[test]
    fn values_compare_as_unfolded_octets() {
        let fields = "Keywords: a\r\nKeywords: b\r\nKeywords: a\r\nX: one\r\n two\r\nY: CASE\r\n\
                      HP-Outer: Keywords: a\r\nHP-Outer: X: one two\r\nHP-Outer: Y: case\r\n";
        let confirmed = Confirmed::read(&payload("; hp=cipher", fields), true, true);
        let statuses: Vec<_> = confirmed.statuses().map(|(_, status)| status).collect();
        assert_eq!(statuses, [SignedOnly, SignedAndEncrypted, SignedOnly, SignedOnly, SignedAndEncrypted]);
    }

    /// R97, R98: the outer header changes no status; what only it has is unprotected.
    #[test]
    fn the_outer_header_has_no_say() {
        let confirmed = Confirmed::read(&payload("; hp=cipher", FIELDS), true, true);
        let outer = Header::from_raw(
            b"Received: x\r\nSubject: secret\r\nFrom: m@x\r\nCc: m@x\r\nList-Id: <l>\r\nContent-Type: text/plain\r\n",
        );
        let only: Vec<_> = confirmed.outer_only(&outer).map(Field::name).collect();
        assert_eq!(only, ["Received", "Cc", "List-Id"]);
        assert!(confirmed.outer_only(&outer).all(|field| confirmed.status(field) == Unprotected));
        assert_eq!(status(&confirmed, "Subject: secret\r\n"), SignedAndEncrypted);
    }
}
