//! A text of the message, as it came and as words alone.

use html2text::config;
use html2text::render::TrivialDecorator;
use std::borrow::Cow;
use std::io;

/// Columns of an HTML text as words.
const WIDTH: usize = 78;

/// The most tags of an HTML text: to lay out what is nested takes time by the square of its depth.
const MAX_TAGS: usize = 20_000;

/// A text of the message ([RFC 9787 §7.1](https://www.rfc-editor.org/rfc/rfc9787#section-7.1)), to be shown, quoted or acted
/// on. It has no Legacy Display Elements (R104, R113).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MainBodyPart {
    media_type: String,
    raw: String,
}

impl MainBodyPart {
    pub(super) fn new(media_type: &str, raw: String) -> Self {
        MainBodyPart { media_type: media_type.to_ascii_lowercase(), raw }
    }

    /// Its media type in lower case, such as `text/plain`.
    pub fn media_type(&self) -> &str {
        &self.media_type
    }

    /// The words of it: HTML without markup, styles, scripts and any reference to elsewhere, in lines of at most 78 columns
    /// where words allow; every other text as it is. What styles would hide is shown (R120, R134).
    ///
    /// # Errors
    /// The HTML cannot be laid out, or has more than 20,000 tags.
    pub fn text(&self) -> io::Result<Cow<'_, str>> {
        if self.media_type != "text/html" {
            return Ok(Cow::Borrowed(&self.raw));
        }
        if self.raw.matches('<').count() > MAX_TAGS {
            return Err(io::Error::other("too much HTML to show as text"));
        }
        let layout = config::with_decorator(TrivialDecorator::new()).no_table_borders().allow_width_overflow();
        let text = layout.string_from_read(self.raw.as_bytes(), WIDTH).map_err(io::Error::other)?;
        Ok(Cow::Owned(text))
    }

    /// The decoded text as it came. HTML that is rendered loads what it names, runs what it holds, and can tell its author
    /// what was decrypted beside it (EFAIL §4): only for whoever makes it safe first.
    pub fn raw(&self) -> &str {
        &self.raw
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(html: &str) -> String {
        MainBodyPart::new("Text/HTML", html.to_owned()).text().unwrap().into_owned()
    }

    /// R120, R134, attack 4: no address of anything else is left, whatever names it.
    #[test]
    fn the_words_of_html_name_nothing_elsewhere() {
        for html in [
            "<img src=\"http://evil.example/x\">",
            "<a href='http://evil.example/'>here</a>",
            "<style>p { background: url(http://evil.example/) }</style><p style=\"background:url(//evil.example)\">x",
            "<script>fetch('http://evil.example/')</script>",
            "<link rel=stylesheet href=//evil.example/><meta http-equiv=refresh content='0;url=http://evil.example/'>",
            "<iframe src=//evil.example/></iframe><object data=//evil.example/></object><video src=//evil.example/>",
            "<form action=//evil.example/><input value=x><button formaction=//evil.example/>send</button></form>",
            "<svg><image xlink:href=//evil.example/ /></svg><math href=//evil.example/>1</math>",
            "<img src='http://evil.example/",
            "<base href=//evil.example/><body background=//evil.example/>",
        ] {
            assert!(!text(html).contains("evil"), "{html} is {}", text(html));
        }
    }

    /// R120: who quotes sees what he quotes.
    #[test]
    fn what_a_style_hides_is_shown() {
        let html = "<p>Yes.</p><div style=\"display:none\">I owe you 1000.</div><p hidden>And more.</p>";
        assert!(text(html).contains("I owe you 1000.") && text(html).contains("And more."), "{}", text(html));
    }

    #[test]
    fn words_keep_their_places() {
        assert_eq!(
            text("<p>Gr&uuml;&szlig;e,</p><p>see <a href=x>this</a> &lt;now&gt;</p>"),
            "Grüße,\n\nsee this <now>\n"
        );
        let plain = MainBodyPart::new("text/plain", "<b>as it is</b>".to_owned());
        assert_eq!((plain.text().unwrap().as_ref(), plain.raw()), ("<b>as it is</b>", "<b>as it is</b>"));
    }

    /// R52: nesting without end ends.
    #[test]
    fn deep_and_wide_html_ends() {
        for html in ["<div>", "<table><tr><td>", "<b><p>", "<ul><li>", "<blockquote>"] {
            assert!(text(&(html.repeat(1000) + "end")).contains("end"), "{html}");
            let endless = MainBodyPart::new("text/html", html.repeat(MAX_TAGS + 1));
            assert!(endless.text().is_err(), "{html}");
        }
    }
}
