//! The Content-Disposition field and file names ([RFC 2183](https://www.rfc-editor.org/rfc/rfc2183)).

use crate::text::decode_unstructured;
use crate::{Header, Params};

/// How a part wishes to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disposition {
    /// `inline`, `attachment` or another word, in lower case.
    pub kind: String,
    /// `filename` and others.
    pub params: Params,
}

impl Disposition {
    /// The Content-Disposition of a header; `None` where there is none.
    pub fn of(header: &Header) -> Option<Self> {
        let value = header.get("Content-Disposition")?.value();
        let (kind, params) = Params::split(&value);
        Some(Self { kind: String::from_utf8_lossy(&kind).to_ascii_lowercase(), params })
    }

    /// Whether the part is an attachment; unknown words count as one (RFC 2183 §2.8).
    pub fn is_attachment(&self) -> bool {
        self.kind != "inline"
    }
}

/// The file name a part gives itself (`filename`, else `name`): its last path component, without control characters,
/// never empty, `.` or `..`.
pub fn file_name(header: &Header) -> Option<String> {
    let disposition = Disposition::of(header);
    let content_type = header.content_type();
    let name = disposition
        .as_ref()
        .and_then(|d| d.params.get("filename"))
        .or_else(|| content_type.as_ref().and_then(|c| c.param("name")))?;
    // Encoded words do not belong into parameters, yet are common there.
    let name = decode_unstructured(name.as_bytes());
    let base = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: String = base.chars().filter(|c| !c.is_control() && !is_direction(*c)).collect();
    let clean = clean.trim();
    (!matches!(clean, "" | "." | "..")).then(|| clean.to_owned())
}

/// Characters that turn the direction of what follows, and so hide a file's real ending.
fn is_direction(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R142
    #[test]
    fn file_names_are_base_names() {
        for (raw, expect) in [
            ("Content-Disposition: attachment; filename=\"../../etc/passwd\"", Some("passwd")),
            ("Content-Disposition: attachment; filename=\"C:\\\\x\\\\a.txt\"", Some("a.txt")),
            ("Content-Disposition: attachment; filename=\"..\"", None),
            ("Content-Disposition: attachment; filename*=utf-8''a%0Ab%E2%80%AEfdp.exe", Some("a bfdp.exe")),
            ("Content-Type: application/pdf; name=\"=?utf-8?Q?K=C3=A4se?=\"", Some("Käse")),
            ("Content-Type: application/pdf", None),
        ] {
            assert_eq!(file_name(&Header::from_raw(raw.as_bytes())).as_deref(), expect, "{raw}");
        }
    }

    #[test]
    fn disposition_words() {
        let of = |raw: &str| Disposition::of(&Header::from_raw(raw.as_bytes()));
        assert!(!of("Content-Disposition: INLINE; x=y").unwrap().is_attachment());
        assert!(of("Content-Disposition: other").unwrap().is_attachment());
        assert_eq!(of("Subject: x"), None);
        let comment = of("Content-Disposition: (a; b) inline (; filename=evil.exe); size=1").unwrap();
        assert_eq!((comment.kind.as_str(), comment.params.get("filename")), ("inline", None));
        assert_eq!(comment.params.get("size"), Some("1"));
    }
}
