//! Canonical S-expressions (RFC 9804 §6), as the agent sends and takes them.

/// The deepest list; the agent's have three levels.
const DEEPEST: usize = 8;

/// One expression.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Sexp<'a> {
    /// `LENGTH:OCTETS`.
    Atom(&'a [u8]),
    /// `( … )`.
    List(Vec<Sexp<'a>>),
}

impl<'a> Sexp<'a> {
    /// Reads one expression to the end, which GnuPG marks with a NUL more; `None` when it is none.
    pub(crate) fn read(octets: &'a [u8]) -> Option<Sexp<'a>> {
        let octets = octets.strip_suffix(b"\0").unwrap_or(octets);
        let (sexp, rest) = expression(octets, 0)?;
        rest.is_empty().then_some(sexp)
    }

    /// What follows `name` in a list that begins with it.
    pub(crate) fn after(&self, name: &str) -> Option<&[Sexp<'a>]> {
        match self {
            Sexp::List(list) => match list.as_slice() {
                [Sexp::Atom(first), rest @ ..] if *first == name.as_bytes() => Some(rest),
                _ => None,
            },
            Sexp::Atom(_) => None,
        }
    }

    /// The one value of a list `(NAME VALUE)`.
    pub(crate) fn value(&self, name: &str) -> Option<&'a [u8]> {
        match self.after(name)? {
            [Sexp::Atom(value)] => Some(value),
            _ => None,
        }
    }
}

/// Writes an atom.
pub(crate) fn atom(octets: &[u8], into: &mut Vec<u8>) {
    into.extend_from_slice(format!("{}:", octets.len()).as_bytes());
    into.extend_from_slice(octets);
}

fn expression(octets: &[u8], depth: usize) -> Option<(Sexp<'_>, &[u8])> {
    let Some(mut rest) = octets.strip_prefix(b"(") else {
        return atom_of(octets);
    };
    if depth == DEEPEST {
        return None;
    }
    let mut list = Vec::new();
    loop {
        if let Some(rest) = rest.strip_prefix(b")") {
            return Some((Sexp::List(list), rest));
        }
        let (sexp, after) = expression(rest, depth + 1)?;
        list.push(sexp);
        rest = after;
    }
}

/// An atom; its length has no zeros in front.
fn atom_of(octets: &[u8]) -> Option<(Sexp<'_>, &[u8])> {
    let digits = octets.iter().take(8).take_while(|octet| octet.is_ascii_digit()).count();
    let (length, rest) = octets.split_at(digits);
    if length.is_empty() || (length.len() > 1 && length[0] == b'0') {
        return None;
    }
    let length: usize = std::str::from_utf8(length).ok()?.parse().ok()?;
    let (atom, rest) = rest.strip_prefix(b":")?.split_at_checked(length)?;
    Some((Sexp::Atom(atom), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_of_an_agent() {
        let sexp = Sexp::read(b"(7:sig-val(3:rsa(1:s3:\0)():)))\0").unwrap_or(Sexp::Atom(b""));
        assert_eq!(sexp, Sexp::Atom(b""), "one parenthesis too many");
        let sexp = Sexp::read(b"(7:sig-val(3:rsa(1:s3:\0)()))\0").unwrap();
        let rsa = sexp.after("sig-val").unwrap();
        assert_eq!(rsa[0].after("rsa").unwrap()[0].value("s"), Some(&b"\0)("[..]));
        assert!(sexp.after("sig").is_none() && rsa[0].value("rsa").is_none());
    }

    #[test]
    fn what_is_none() {
        for bad in [
            &b""[..],
            b"(",
            b")",
            b"(1:a",
            b"(1:a))",
            b"1:",
            b"01:a",
            b":a",
            b"2:a",
            b"99999999:a",
            b"18446744073709551616:a",
            b"-1:a",
            b"(1:a 1:b)",
            b"1:a1:b",
            b"((((((((()))))))))",
        ] {
            assert!(Sexp::read(bad).is_none(), "{bad:?}");
        }
        assert!(Sexp::read(b"(((((((())))))))").is_some());
        let mut written = Vec::new();
        atom(b"abc", &mut written);
        assert_eq!(Sexp::read(&written), Some(Sexp::Atom(b"abc")));
    }
}
