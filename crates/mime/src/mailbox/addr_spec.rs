//! The address itself ([RFC 5322 §3.4.1](https://www.rfc-editor.org/rfc/rfc5322#section-3.4.1)).

use super::tokens::{Token, is_atext};

/// `local-part@domain` of tokens; white space and comments around dots are an obsolete form and dropped.
pub(super) fn addr_spec(tokens: &[&Token]) -> Result<String, &'static str> {
    let at = tokens.iter().rposition(|token| token.is(b'@')).ok_or("address without @")?;
    let local = dotted(&tokens[..at], true)?;
    let domain = match &tokens[at + 1..] {
        [Token::Literal(octets)] => [b"[", octets.as_slice(), b"]"].concat(),
        domain => dotted(domain, false)?.concat(),
    };
    let local = local.concat();
    let plain = local.split(|&b| b == b'.').all(|atom| !atom.is_empty() && atom.iter().all(|&b| is_atext(b)));
    let mut text = String::new();
    let utf8 = |octets: &[u8]| String::from_utf8_lossy(octets).into_owned();
    if plain {
        text.push_str(&utf8(&local));
    } else {
        text.push('"');
        for c in utf8(&local).chars() {
            if matches!(c, '"' | '\\') {
                text.push('\\');
            }
            text.push(c);
        }
        text.push('"');
    }
    text.push('@');
    text.push_str(&utf8(&domain));
    if text.contains("=?") {
        return Err("encoded word in an address");
    }
    if text.chars().any(|c| c.is_control() || (c.is_whitespace() && c != ' ')) {
        return Err("control character in an address");
    }
    Ok(text)
}

/// Words with dots between them, the dots included.
fn dotted<'a>(tokens: &[&'a Token], quoted: bool) -> Result<Vec<&'a [u8]>, &'static str> {
    let mut pieces: Vec<&[u8]> = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        match token {
            Token::Atom(octets) if index % 2 == 0 => pieces.push(octets),
            Token::Quoted(octets) if index % 2 == 0 && quoted => pieces.push(octets),
            Token::Special(b'.') if index % 2 == 1 => pieces.push(b"."),
            _ => return Err("malformed address"),
        }
    }
    if tokens.len().is_multiple_of(2) { Err("malformed address") } else { Ok(pieces) }
}
