//! Tokens of an address list ([RFC 5322 §3.2](https://www.rfc-editor.org/rfc/rfc5322#section-3.2)).

#[derive(Debug)]
pub(super) enum Token {
    Atom(Vec<u8>),
    Quoted(Vec<u8>),
    Literal(Vec<u8>),
    Comment(Vec<u8>),
    Special(u8),
}

impl Token {
    pub(super) fn is(&self, special: u8) -> bool {
        matches!(self, Self::Special(b) if *b == special)
    }

    pub(super) fn is_word(&self) -> bool {
        matches!(self, Self::Atom(_) | Self::Quoted(_))
    }
}

/// The tokens of a value, and the first thing that is none.
pub(super) fn tokens(value: &[u8]) -> (Vec<Token>, Option<&'static str>) {
    let mut fault = None;
    if value.iter().any(|&b| b.is_ascii_control() && b != b'\t') {
        fault = Some("control character");
    } else if std::str::from_utf8(value).is_err() {
        fault = Some("octets that are no UTF-8");
    }
    let mut tokens = Vec::new();
    let mut rest = value;
    while let Some((&b, tail)) = rest.split_first() {
        match b {
            b'"' | b'[' | b'(' => {
                let (content, after, closed) = delimited(b, tail);
                if !closed {
                    fault = fault.or(Some("quoted string, comment or domain literal without end"));
                }
                tokens.push(match b {
                    b'"' => Token::Quoted(content),
                    b'[' => Token::Literal(content),
                    _ => Token::Comment(content),
                });
                rest = after;
            }
            b if is_atext(b) => {
                let end = rest.iter().position(|&b| !is_atext(b)).unwrap_or(rest.len());
                tokens.push(Token::Atom(rest[..end].to_vec()));
                rest = &rest[end..];
            }
            b'<' | b'>' | b'@' | b',' | b';' | b':' | b'.' => {
                tokens.push(Token::Special(b));
                rest = tail;
            }
            b' ' | b'\t' => rest = tail,
            _ => {
                fault = fault.or(Some("character that must be quoted"));
                rest = tail;
            }
        }
    }
    (tokens, fault)
}

pub(super) fn is_atext(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b >= 0x80 || b"!#$%&'*+-/=?^_`{|}~".contains(&b)
}

/// What stands up to the end of a quoted string, domain literal or comment (which nests), escapes resolved; the rest; and
/// whether there was an end.
fn delimited(open: u8, text: &[u8]) -> (Vec<u8>, &[u8], bool) {
    let close = match open {
        b'"' => b'"',
        b'[' => b']',
        _ => b')',
    };
    let mut content = Vec::new();
    let mut depth = 0_usize;
    let mut octets = text.iter();
    while let Some(&b) = octets.next() {
        match b {
            b'\\' => content.extend(octets.next()),
            b if b == close && depth == 0 => return (content, octets.as_slice(), true),
            b => {
                if open == b'(' {
                    match b {
                        b'(' => depth += 1,
                        b')' => depth -= 1,
                        _ => {}
                    }
                }
                content.push(b);
            }
        }
    }
    (content, &[], false)
}
