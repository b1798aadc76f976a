//! The Content-Type field ([RFC 2045 §5](https://www.rfc-editor.org/rfc/rfc2045#section-5)).

use crate::{Error, Field, Params};

/// A media type with its parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContentType {
    media_type: String,
    params: Params,
}

impl ContentType {
    /// A media type, `type/subtype`, without parameters. It is kept in lower case.
    pub fn new(media_type: &str) -> Self {
        Self { media_type: media_type.to_ascii_lowercase(), params: Params::default() }
    }

    /// `text/plain; charset=us-ascii`, what an entity without Content-Type is (RFC 2045 §5.2).
    pub fn text_plain() -> Self {
        Self::new("text/plain").with("charset", "us-ascii")
    }

    /// The same with a parameter set.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.params.set(name, value);
        self
    }

    /// Parses an unfolded value; `None` where it does not begin with `type/subtype`.
    pub fn parse(value: &[u8]) -> Option<Self> {
        let (media_type, params) = Params::split(value);
        let media_type = std::str::from_utf8(&media_type).ok()?;
        let (main, sub) = media_type.split_once('/')?;
        let token =
            |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_graphic() && !b"()<>@,;:\\\"/[]?=".contains(&b));
        let (main, sub) = (main.trim_ascii(), sub.trim_ascii());
        (token(main) && token(sub)).then(|| Self { media_type: format!("{main}/{sub}").to_ascii_lowercase(), params })
    }

    /// `type/subtype` in lower case.
    pub fn media_type(&self) -> &str {
        &self.media_type
    }

    /// Whether it is this `type/subtype`, without regard to case.
    pub fn is(&self, media_type: &str) -> bool {
        self.media_type.eq_ignore_ascii_case(media_type)
    }

    /// The type before the slash, in lower case.
    pub fn main_type(&self) -> &str {
        self.media_type.split('/').next().unwrap_or_default()
    }

    /// The subtype after the slash, in lower case.
    pub fn subtype(&self) -> &str {
        self.media_type.split('/').nth(1).unwrap_or_default()
    }

    /// A parameter's value.
    pub fn param(&self, name: &str) -> Option<&str> {
        self.params.get(name)
    }

    /// All parameters.
    pub fn params(&self) -> &Params {
        &self.params
    }

    /// All parameters, to change them.
    pub fn params_mut(&mut self) -> &mut Params {
        &mut self.params
    }

    /// The Content-Type field, 7-bit, a line for each parameter.
    pub fn to_field(&self) -> Result<Field, Error> {
        let mut raw = format!("Content-Type: {}", self.media_type);
        self.params.write(&mut raw);
        raw.push_str("\r\n");
        let writable = raw.is_ascii() && Self::parse(self.media_type.as_bytes()).is_some();
        writable
            .then(|| Field::from_raw(raw.into_bytes()))
            .flatten()
            .ok_or(Error::Field { name: "Content-Type".to_owned(), why: "not a media type or parameter name" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parse_and_write() {
        let parsed =
            ContentType::parse(b"Multipart/Signed (x) ; protocol=\"application/pgp-signature\"; BOUNDARY=b").unwrap();
        assert_eq!(parsed.media_type(), "multipart/signed");
        assert_eq!((parsed.main_type(), parsed.subtype()), ("multipart", "signed"));
        assert_eq!(parsed.param("boundary"), Some("b"));
        let field = parsed.to_field().unwrap();
        assert_eq!(
            String::from_utf8_lossy(field.raw()),
            "Content-Type: multipart/signed;\r\n\tprotocol=\"application/pgp-signature\";\r\n\tboundary=\"b\"\r\n"
        );
        assert_eq!(ContentType::parse(&field.value()), Some(parsed));
    }

    /// R13, R90: what stands in a comment is no parameter, wherever the comment stands.
    #[test]
    fn parameters_in_comments_do_not_count() {
        for (value, malformed) in [
            (r#"text/plain (; hp="cipher"; )"#, false),
            (r#"text/plain (a (;) b; hp="cipher"); charset=x"#, false),
            (r#"text/plain (\); hp="cipher")"#, false),
            (r#"text/plain (open; hp="clear""#, true),
            (r#"text/plain; charset=x (; hp="cipher")"#, false),
            (r#"text/plain; charset=x junk (; hp="cipher")"#, true),
            (r#"text/plain; junk junk (; hp="cipher")"#, true),
            (r#"text/plain; junk junk "; hp=cipher""#, true),
        ] {
            let parsed = ContentType::parse(value.as_bytes()).unwrap();
            assert_eq!((parsed.media_type(), parsed.param("hp")), ("text/plain", None), "{value}");
            assert_eq!(parsed.params().is_malformed(), malformed, "{value}");
        }
    }

    #[test]
    fn comments_around_the_media_type() {
        let parsed = ContentType::parse(br#"(a;b) Text (c) / (d) Plain (e; f); hp="clear" (g)"#).unwrap();
        assert_eq!((parsed.media_type(), parsed.param("hp")), ("text/plain", Some("clear")));
    }

    #[test]
    fn what_is_no_media_type() {
        for value in ["", "text", "text/", "/plain", "text plain/x", "a/b/c", "; charset=x", "te(x)xt/plain", "(a/b"] {
            assert_eq!(ContentType::parse(value.as_bytes()), None, "{value}");
        }
    }
}
