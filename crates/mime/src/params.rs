//! Parameters of Content-Type and Content-Disposition ([RFC 2045 §5.1](https://www.rfc-editor.org/rfc/rfc2045#section-5.1),
//! [RFC 2231](https://www.rfc-editor.org/rfc/rfc2231)).

use crate::text::decode_charset;
use std::collections::BTreeMap;

/// Parameters in their order, continuations joined and charsets decoded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Params {
    list: Vec<(String, String)>,
    duplicates: Vec<String>,
    malformed: bool,
}

impl Params {
    /// Parses `; name=value; ..`, the leading semicolon optional.
    pub fn parse(value: &[u8]) -> Self {
        Parser { rest: value, malformed: false }.params()
    }

    /// The value of a parameter; names compare without regard to case.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.list.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// All parameters in their order, names in lower case.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.list.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Gives a parameter its value, in the place of an earlier one of that name.
    pub fn set(&mut self, name: &str, value: &str) {
        self.duplicates.retain(|n| !n.eq_ignore_ascii_case(name));
        match self.list.iter_mut().find(|(n, _)| n.eq_ignore_ascii_case(name)) {
            Some((_, old)) => *old = value.to_owned(),
            None => self.list.push((name.to_ascii_lowercase(), value.to_owned())),
        }
    }

    /// Removes a parameter; says whether it was there.
    pub fn remove(&mut self, name: &str) -> bool {
        let before = self.list.len();
        self.list.retain(|(n, _)| !n.eq_ignore_ascii_case(name));
        self.list.len() < before
    }

    /// Names that stood more than once; the first value counts. A plain and an RFC 2231 form of one name are two, except
    /// for `name` and `filename`, where the plain one is a usual fallback.
    pub fn duplicates(&self) -> &[String] {
        &self.duplicates
    }

    /// Whether some text between the semicolons was no `name=value`.
    pub fn is_malformed(&self) -> bool {
        self.malformed
    }

    /// Appends `;`, a fold and `name=value` for each parameter, 7-bit.
    pub(crate) fn write(&self, out: &mut String) {
        for (name, value) in &self.list {
            write_param(name, value, out);
        }
    }
}

fn is_token(b: u8) -> bool {
    b.is_ascii_graphic() && !b"()<>@,;:\\\"/[]?=".contains(&b)
}

fn write_param(name: &str, value: &str, out: &mut String) {
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

/// What stood for one name: plain values, and RFC 2231 sections by number.
#[derive(Default)]
struct Found {
    plain: Option<String>,
    sections: BTreeMap<u32, (bool, Vec<u8>)>,
    twice: bool,
}

impl Found {
    /// Joins the sections 0, 1, 2 .. ; the charset is that of the first.
    fn extended(&self) -> Option<String> {
        let (first_encoded, first) = self.sections.get(&0)?;
        let (charset, first) = if *first_encoded { split_charset(first) } else { (String::new(), first.as_slice()) };
        let mut octets = if *first_encoded { percent_decode(first) } else { first.to_vec() };
        for (_, (_, (encoded, value))) in (1..).zip(self.sections.range(1..)).take_while(|(n, (at, _))| n == *at) {
            octets.extend(if *encoded { percent_decode(value) } else { value.clone() });
        }
        Some(decode_charset(&charset, &octets))
    }
}

fn split_charset(value: &[u8]) -> (String, &[u8]) {
    let mut parts = value.splitn(3, |&b| b == b'\'');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(charset), Some(_language), Some(rest)) => (String::from_utf8_lossy(charset).into_owned(), rest),
        _ => (String::new(), value),
    }
}

fn percent_decode(value: &[u8]) -> Vec<u8> {
    let hex = |b: u8| char::from(b).to_digit(16);
    let mut out = Vec::with_capacity(value.len());
    let mut rest = value;
    while let Some((&b, tail)) = rest.split_first() {
        rest = tail;
        if let (b'%', [high, low, after @ ..]) = (b, tail)
            && let (Some(high), Some(low)) = (hex(*high), hex(*low))
        {
            out.push((high * 16 + low) as u8);
            rest = after;
        } else {
            out.push(b);
        }
    }
    out
}

struct Parser<'a> {
    rest: &'a [u8],
    malformed: bool,
}

impl<'a> Parser<'a> {
    fn params(mut self) -> Params {
        let mut order: Vec<String> = Vec::new();
        let mut found: BTreeMap<String, Found> = BTreeMap::new();
        loop {
            self.skip(|b| b.is_ascii_whitespace() || b == b';');
            self.skip_comments();
            if self.rest.is_empty() {
                break;
            }
            if self.rest[0] == b';' {
                continue;
            }
            let Some((name, value)) = self.param() else {
                self.malformed = true;
                self.skip(|b| b != b';');
                continue;
            };
            let (base, section, encoded) = split_name(&name);
            let entry = found.entry(base.to_owned()).or_insert_with(|| {
                order.push(base.to_owned());
                Found::default()
            });
            match section {
                Some(number) => {
                    let twice = entry.sections.contains_key(&number);
                    entry.twice |= twice;
                    entry.sections.entry(number).or_insert((encoded, value));
                }
                None if entry.plain.is_some() => entry.twice = true,
                None => entry.plain = Some(String::from_utf8_lossy(&value).into_owned()),
            }
        }
        let mut params = Params { malformed: self.malformed, ..Params::default() };
        for name in order {
            let Some(entry) = found.get(&name) else { continue };
            let extended = entry.extended();
            if !entry.sections.is_empty() && extended.is_none() {
                params.malformed = true;
            }
            let both = entry.plain.is_some() && extended.is_some() && !matches!(name.as_str(), "name" | "filename");
            if entry.twice || both {
                params.duplicates.push(name.clone());
            }
            if let Some(value) = extended.or_else(|| entry.plain.clone()) {
                params.list.push((name, value));
            }
        }
        params
    }

    fn param(&mut self) -> Option<(String, Vec<u8>)> {
        let name = self.take(is_token);
        self.skip_comments();
        if name.is_empty() || self.rest.first() != Some(&b'=') {
            return None;
        }
        self.rest = &self.rest[1..];
        self.skip_comments();
        let value = if self.rest.first() == Some(&b'"') { self.quoted() } else { self.unquoted() };
        self.skip_comments();
        if !matches!(self.rest.first(), None | Some(b';')) {
            self.malformed = true;
            self.skip(|b| b != b';');
        }
        Some((String::from_utf8_lossy(name).to_ascii_lowercase(), value))
    }

    /// A token; octets that should have been quoted are taken too.
    fn unquoted(&mut self) -> Vec<u8> {
        self.take(|b| !b.is_ascii_whitespace() && !matches!(b, b';' | b'(')).to_vec()
    }

    fn quoted(&mut self) -> Vec<u8> {
        let mut value = Vec::new();
        let mut octets = self.rest[1..].iter();
        loop {
            match octets.next() {
                Some(b'"') => break,
                Some(b'\\') => value.extend(octets.next()),
                Some(&b) => value.push(b),
                None => {
                    self.malformed = true;
                    break;
                }
            }
        }
        self.rest = octets.as_slice();
        value
    }

    /// Skips white space and comments, which nest; one without end reaches to the end.
    fn skip_comments(&mut self) {
        loop {
            self.skip(|b| b.is_ascii_whitespace());
            if self.rest.first() != Some(&b'(') {
                return;
            }
            let mut depth = 0_usize;
            let mut octets = self.rest.iter();
            while let Some(b) = octets.next() {
                match b {
                    b'(' => depth += 1,
                    b')' => depth -= 1,
                    b'\\' => {
                        octets.next();
                    }
                    _ => {}
                }
                if depth == 0 {
                    break;
                }
            }
            self.malformed |= depth > 0;
            self.rest = octets.as_slice();
        }
    }

    fn skip(&mut self, which: impl Fn(u8) -> bool) {
        self.take(which);
    }

    fn take(&mut self, which: impl Fn(u8) -> bool) -> &'a [u8] {
        let end = self.rest.iter().position(|&b| !which(b)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken
    }
}

/// `name*1*` as its name, section number and whether it is percent-encoded; a name without `*` has no section.
fn split_name(name: &str) -> (&str, Option<u32>, bool) {
    let Some((base, tail)) = name.split_once('*') else { return (name, None, false) };
    let (number, encoded) = tail.strip_suffix('*').map_or((tail, false), |number| (number, true));
    match number {
        "" => (base, Some(0), true),
        number => match number.parse() {
            Ok(number) if number < 10_000 => (base, Some(number), encoded),
            _ => (name, None, false),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn get(value: &str, name: &str) -> Option<String> {
        Params::parse(value.as_bytes()).get(name).map(str::to_owned)
    }

    /// R13
    #[test]
    fn tokens_quoted_strings_and_comments() {
        assert_eq!(get("; charset=us-ascii (Plain text)", "Charset").unwrap(), "us-ascii");
        assert_eq!(get(r#"; boundary = "a \"b\\" ; x=y"#, "boundary").unwrap(), r#"a "b\"#);
        assert_eq!(get("; (c(d)) boundary=----=_Part_1;x=y", "boundary").unwrap(), "----=_Part_1");
        assert_eq!(get("; a=b;;; c=d", "c").unwrap(), "d");
        assert!(Params::parse(b"; name=two words; x=y").is_malformed());
        assert!(Params::parse(b"; name=\"open; x=y").is_malformed());
        assert!(Params::parse(b"; novalue; x=y").is_malformed());
        assert!(Params::parse(b"; a=b (((").is_malformed());
        assert!(!Params::parse(b"; a=b;").is_malformed());
    }

    /// R13: the example of RFC 2231 §4.1.
    #[test]
    fn continuations_and_charsets() {
        let value = "; title*0*=us-ascii'en'This%20is%20even%20more%20; title*1*=%2A%2A%2Afun%2A%2A%2A%20; title*2=\"isn't it!\"";
        assert_eq!(get(value, "title").unwrap(), "This is even more ***fun*** isn't it!");
        assert_eq!(get("; filename*=iso-8859-1''K%E4se; filename=Kaese", "filename").unwrap(), "Käse");
        assert_eq!(get("; a*1=y; a*0=x; a*3=lost", "a").unwrap(), "xy");
        assert!(Params::parse(b"; a*1=x").is_malformed());
    }

    /// R13
    #[test]
    fn duplicates_are_named() {
        assert_eq!(Params::parse(b"; a=1; A=2").duplicates(), ["a"]);
        assert_eq!(Params::parse(b"; a*0=1; a*0=2").duplicates(), ["a"]);
        assert_eq!(Params::parse(b"; boundary=1; boundary*=''2").duplicates(), ["boundary"]);
        assert!(Params::parse(b"; filename=1; filename*=''2").duplicates().is_empty());
        assert_eq!(get("; a=1; A=2", "a").unwrap(), "1");
    }

    proptest! {
        #[test]
        fn written_parameters_read_the_same(value in "\\PC{0,300}") {
            let mut params = Params::default();
            params.set("name", &value);
            let mut out = String::new();
            params.write(&mut out);
            prop_assert!(out.is_ascii());
            prop_assert!(out.lines().all(|line| line.len() < 500));
            let parsed = Params::parse(out.replace("\r\n", "").as_bytes());
            prop_assert_eq!(parsed.get("name"), Some(value.as_str()));
        }

        #[test]
        fn any_octets(value in proptest::collection::vec(any::<u8>(), 0..300)) {
            Params::parse(&value);
        }
    }
}
