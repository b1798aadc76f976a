//! Parameters of Content-Type and Content-Disposition ([RFC 2045 §5.1](https://www.rfc-editor.org/rfc/rfc2045#section-5.1),
//! [RFC 2231](https://www.rfc-editor.org/rfc/rfc2231)).

mod parser;
mod write;

use parser::Parser;
use write::write_param;

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

    /// What stands before the first parameter, without comments and white space around it, and the parameters.
    pub(crate) fn split(value: &[u8]) -> (Vec<u8>, Self) {
        let mut parser = Parser { rest: value, malformed: false };
        (parser.head(), parser.params())
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
