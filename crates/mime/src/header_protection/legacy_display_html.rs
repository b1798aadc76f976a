//! Legacy Display Elements in HTML. A tokenizer that knows tags, comments and raw text, and no more
//! ([HTML §13.2.5](https://html.spec.whatwg.org/multipage/parsing.html#tokenization)): one pass, no tree.

use std::ops::Range;

const CLASS: &str = "header-protection-legacy-display";

/// Elements whose content is text up to their end tag.
const RAW_TEXT: [&str; 8] = ["script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes"];

/// Puts the lines at the start of the body.
pub(super) fn insert(html: &str, lines: &[String], line_end: &str) -> String {
    let (head, body) = html.split_at(start_of_body(html));
    format!("{head}{}{body}", element(lines, line_end))
}

/// The element that shows the lines.
pub(super) fn element(lines: &[String], line_end: &str) -> String {
    let lines: Vec<String> = lines.iter().map(|line| escape(line)).collect();
    let lines = lines.join(line_end);
    format!("{line_end}<div class=\"{CLASS}\">{line_end}<pre>{lines}</pre>{line_end}</div>")
}

/// Every `div` of the class that has an end, the outermost where they are nested.
pub(super) fn elements(html: &str) -> Vec<Range<usize>> {
    let mut open = Vec::new();
    let mut found: Vec<Range<usize>> = Vec::new();
    for tag in Tags::new(html).filter(|tag| tag.is("div")) {
        match tag.kind {
            Kind::Start => open.push((tag.range.start, has_class(tag.attributes))),
            Kind::End => {
                if let Some((start, true)) = open.pop() {
                    // One that is inside goes with the one around it.
                    while found.last().is_some_and(|inner| inner.start > start) {
                        found.pop();
                    }
                    found.push(start..tag.range.end);
                }
            }
            Kind::Declaration => {}
        }
    }
    found
}

/// RFC 9788 §10.3: the characters that must be escaped.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '\'' => escaped.push_str("&apos;"),
            '"' => escaped.push_str("&quot;"),
            '&' => escaped.push_str("&amp;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// Where the content of the body starts: after the `body` tag, or where it would stand. Without a `body` tag: behind what belongs to the head.
pub(super) fn start_of_body(html: &str) -> usize {
    let mut at = if html.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    for tag in Tags::new(html) {
        match (tag.kind, tag.name.to_ascii_lowercase().as_str()) {
            (Kind::Start, "body") => return tag.range.end,
            (Kind::Start, "title" | "style" | "script") => {}
            (Kind::Declaration | Kind::Start | Kind::End, "!doctype" | "html" | "head" | "meta" | "link" | "base") => {
                at = tag.range.end;
            }
            (Kind::End, "title" | "style" | "script") => at = tag.range.end,
            (Kind::Declaration, _) => {}
            _ => return at,
        }
    }
    at
}

/// Whether the first `class` attribute holds the class.
fn has_class(attributes: &str) -> bool {
    let class = Attributes { rest: attributes }.find(|(name, _)| name.eq_ignore_ascii_case("class"));
    class.is_some_and(|(_, value)| value.split_ascii_whitespace().any(|class| class == CLASS))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Start,
    End,
    /// `<!doctype ..>` and other things that are no element; comments are left out.
    Declaration,
}

struct Tag<'a> {
    kind: Kind,
    range: Range<usize>,
    name: &'a str,
    attributes: &'a str,
}

impl Tag<'_> {
    fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }
}

/// The tags of a document in their order. Something that has no end ends it.
struct Tags<'a> {
    html: &'a str,
    at: usize,
}

impl<'a> Tags<'a> {
    fn new(html: &'a str) -> Self {
        Self { html, at: 0 }
    }

    /// The tag at `start`, where a `<` stands; `None` where it has no end.
    fn tag(&self, start: usize, kind: Kind, name_at: usize) -> Option<Tag<'a>> {
        let rest = &self.html[name_at..];
        let name_end = rest.find(|c: char| c.is_ascii_whitespace() || matches!(c, '/' | '>'))?;
        let (name, rest) = rest.split_at(name_end);
        let length = match kind {
            Kind::Declaration => rest.find('>')?,
            Kind::Start | Kind::End => attributes_length(rest)?,
        };
        Some(Tag { kind, range: start..name_at + name_end + length + 1, name, attributes: &rest[..length] })
    }

    /// Where the text of a raw text element ends: at its end tag, or at the end of all.
    fn end_of_raw_text(&self, from: usize, name: &str) -> usize {
        let octets = self.html.as_bytes();
        let mut tags = memchr::memchr_iter(b'<', &octets[from..]).map(|at| from + at);
        let end = tags.find(|&at| {
            let tag = &octets[at + 1..];
            tag.first() == Some(&b'/')
                && tag.get(1..=name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name.as_bytes()))
                && tag.get(name.len() + 1).is_none_or(|b| !b.is_ascii_alphanumeric())
        });
        end.unwrap_or(octets.len())
    }
}

impl<'a> Iterator for Tags<'a> {
    type Item = Tag<'a>;

    fn next(&mut self) -> Option<Tag<'a>> {
        loop {
            let start = self.at + self.html[self.at..].find('<')?;
            let rest = &self.html[start + 1..];
            let (kind, name_at) = if let Some(comment) = rest.strip_prefix("!--") {
                self.at = start + 4 + end_of_comment(comment)?;
                continue;
            } else if rest.starts_with(['!', '?']) {
                (Kind::Declaration, start + 1)
            } else if rest.starts_with(|c: char| c.is_ascii_alphabetic()) {
                (Kind::Start, start + 1)
            } else if rest.strip_prefix('/').is_some_and(|name| name.starts_with(|c: char| c.is_ascii_alphabetic())) {
                (Kind::End, start + 2)
            } else if rest.starts_with('/') {
                (Kind::Declaration, start + 1)
            } else {
                self.at = start + 1;
                continue;
            };
            let tag = self.tag(start, kind, name_at)?;
            self.at = tag.range.end;
            if let Some(name) = RAW_TEXT.iter().find(|name| kind == Kind::Start && tag.is(name)) {
                self.at = self.end_of_raw_text(self.at, name);
            }
            return Some(tag);
        }
    }
}

/// Length of a comment's text with its end, from behind `<!--`; `<!-->` is a whole one.
fn end_of_comment(comment: &str) -> Option<usize> {
    let is_end = |text: &str| matches!(text, "" | "-") || text.ends_with("--") || text.ends_with("--!");
    comment.match_indices('>').map(|(at, _)| at).find(|&at| is_end(&comment[..at])).map(|at| at + 1)
}

/// Length up to the `>` that is in no quoted value.
fn attributes_length(text: &str) -> Option<usize> {
    let mut attributes = Attributes { rest: text };
    while attributes.next().is_some() {}
    attributes.rest.starts_with('>').then(|| text.len() - attributes.rest.len())
}

/// `name=value` pairs up to a `>`, which is left, or the end.
struct Attributes<'a> {
    rest: &'a str,
}

impl<'a> Attributes<'a> {
    fn take(&mut self, end: impl Fn(char) -> bool) -> &'a str {
        let (taken, rest) = self.rest.split_at(self.rest.find(end).unwrap_or(self.rest.len()));
        self.rest = rest;
        taken
    }

    fn skip_space(&mut self) {
        self.rest = self.rest.trim_start_matches(|c: char| c.is_ascii_whitespace());
    }
}

impl<'a> Iterator for Attributes<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<(&'a str, &'a str)> {
        self.take(|c| !c.is_ascii_whitespace() && c != '/');
        if self.rest.is_empty() || self.rest.starts_with('>') {
            return None;
        }
        // An equals sign at the very start belongs to the name.
        let start = self.rest;
        self.rest = &self.rest[self.rest.chars().next().map_or(0, char::len_utf8)..];
        self.take(|c| c.is_ascii_whitespace() || matches!(c, '/' | '>' | '='));
        let name = &start[..start.len() - self.rest.len()];
        self.skip_space();
        let Some(value) = self.rest.strip_prefix('=') else { return Some((name, "")) };
        self.rest = value;
        self.skip_space();
        let quote = self.rest.chars().next().filter(|c| matches!(c, '"' | '\''));
        let Some(quote) = quote else {
            return Some((name, self.take(|c| c.is_ascii_whitespace() || c == '>')));
        };
        self.rest = &self.rest[1..];
        let value = self.take(|c| c == quote);
        self.rest = self.rest.get(1..).unwrap_or_default();
        Some((name, value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::header_protection::LegacyDisplay;
    use std::borrow::Cow;

    fn remove(html: &str) -> Cow<'_, str> {
        LegacyDisplay::Html.remove(html)
    }
    use proptest::prelude::*;

    fn element(text: &str) -> String {
        format!("<div class=\"{CLASS}\">{text}</div>")
    }

    /// R108: first in the body, whatever the document is like.
    #[test]
    fn inserted_at_the_start_of_the_body() {
        let lines = ["Subject: a".to_owned()];
        for (before, after) in [
            ("<html><head><title></title></head><body>", "\n<p>x</p></body></html>"),
            ("<!DOCTYPE html><html><title><body></title><!-- <body> --><BODY onload=\"a>b\" class='x'>", "x"),
            ("<html><head><style>body > p {}</style></head>", "<p>x"),
            ("<!doctype html>\n<meta charset=utf-8><title>t</title>", "\n<p>x"),
            ("", "just text"),
            ("", "<p>a <b>b</b>"),
            ("", ""),
            ("<html>", "a <b"),
        ] {
            let html = format!("{before}{after}");
            let with = insert(&html, &lines, "\n");
            assert_eq!(with, format!("{before}\n<div class=\"{CLASS}\">\n<pre>Subject: a</pre>\n</div>{after}"));
            assert_eq!(remove(&with), format!("{before}\n{after}"));
        }
    }

    /// R108
    #[test]
    fn values_are_escaped() {
        let html = insert("<body>", &["Subject: </pre></div><script>'\"&amp;".to_owned()], "\n");
        assert!(
            html.contains("<pre>Subject: &lt;/pre&gt;&lt;/div&gt;&lt;script&gt;&apos;&quot;&amp;amp;</pre>"),
            "{html}"
        );
        assert_eq!(remove(&html), "<body>\n");
    }

    /// R112: every such div, with all that it holds, and nothing else.
    #[test]
    fn removed_wherever_it_stands() {
        let nested = element(&format!("a<div>b</div>{}", element("c")));
        for (html, expect) in [
            (format!("<body>{}x{}</body>", element("a"), element("b")), "<body>x</body>".to_owned()),
            (format!("<body><div>{nested}x</div></body>"), "<body><div>x</div></body>".to_owned()),
            (format!("<DIV id=a CLASS='x {CLASS}\ty'>a</Div >b"), "b".to_owned()),
            (format!("<div class={CLASS}>a</div>b"), "b".to_owned()),
            (format!("<div title=\"</div>\" class={CLASS}>a<!-- </div> --></div>b"), "b".to_owned()),
        ] {
            assert_eq!(remove(&html), expect, "{html}");
        }
    }

    /// R112
    #[test]
    fn what_is_no_element_of_that_class_stays() {
        for html in [
            format!("<div class=\"{CLASS}-not\">a</div>"),
            format!("<div id=\"{CLASS}\">a</div>"),
            format!("<div class=\"x\" class=\"{CLASS}\">a</div>"),
            format!("<p class=\"{CLASS}\">a</p>"),
            format!("<!-- {} -->", element("a")),
            format!("<textarea>{}</textarea>", element("a")),
            format!("<div class=\"{CLASS}\">no end"),
            format!("<p title='{}'>a</p>", element("a")),
            format!("<div class=\"{CLASS}\" title=\"open>a</div>"),
        ] {
            assert_eq!(remove(&html), html);
        }
    }

    proptest! {
        #[test]
        fn any_text(html in "(<|>|/|!|-|\"|'|=|div|body|class|header-protection-legacy-display|title|\\PC){0,60}") {
            remove(&html);
            let with = insert(&html, &["Subject: x".to_owned()], "\n");
            prop_assert!(with.len() > html.len());
        }
    }

    #[test]
    fn time_is_linear() {
        let html =
            format!("<div class={CLASS}>").repeat(50_000) + &"<!-- -->".repeat(50_000) + &"<title>".repeat(50_000);
        assert_eq!(remove(&html), html);
    }
}
