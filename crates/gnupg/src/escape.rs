//! The escapes of Assuan: `%XX`, and `+` for a space where words are separated.

use std::fmt::Write as _;
use zeroize::Zeroizing;

/// Hexadecimal digits in upper case, as SETHASH and the names of keys are written.
pub(crate) fn hex(octets: &[u8]) -> String {
    octets.iter().fold(String::new(), |mut text, octet| {
        let _ = write!(text, "{octet:02X}"); // a String takes everything
        text
    })
}

/// Octets for a D line: `%`, CR and LF are escaped.
pub(crate) fn data(octets: &[u8], into: &mut Vec<u8>) {
    for octet in octets {
        match octet {
            b'%' => into.extend_from_slice(b"%25"),
            b'\r' => into.extend_from_slice(b"%0D"),
            b'\n' => into.extend_from_slice(b"%0A"),
            other => into.push(*other),
        }
    }
}

/// A text as one word: everything but letters, digits and a few marks is escaped.
pub(crate) fn word(text: &str) -> String {
    text.bytes().fold(String::new(), |mut word, octet| {
        match octet {
            b' ' => word.push('+'),
            octet if octet.is_ascii_alphanumeric() || b"-._@<>(),:\"'".contains(&octet) => word.push(char::from(octet)),
            octet => {
                let _ = write!(word, "%{octet:02X}"); // a String takes everything
            }
        }
        word
    })
}

/// The octets of a D line; `None` for an escape that is none.
pub(crate) fn undata(line: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let mut octets = Zeroizing::new(Vec::with_capacity(line.len()));
    let mut rest = line;
    while let [first, tail @ ..] = rest {
        let (octet, tail) = match (first, tail) {
            (b'%', [high, low, tail @ ..]) => (digit(*high)? << 4 | digit(*low)?, tail),
            (b'%', _) => return None,
            (octet, tail) => (*octet, tail),
        };
        octets.push(octet);
        rest = tail;
    }
    Some(octets)
}

fn digit(octet: u8) -> Option<u8> {
    u8::try_from(char::from(octet).to_digit(16)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_comes_back() {
        let octets: Vec<u8> = (0..=255).collect();
        let mut line = Vec::new();
        data(&octets, &mut line);
        assert!(!line.contains(&b'\n') && !line.contains(&b'\r'));
        assert_eq!(*undata(&line).unwrap(), octets);
        assert_eq!(undata(b"%0a").unwrap().as_slice(), b"\n");
        for bad in [&b"%"[..], b"%1", b"a%g0", b"%+1"] {
            assert!(undata(bad).is_none(), "{bad:?}");
        }
    }

    #[test]
    fn words_are_one_word() {
        assert_eq!(word("Zoë <z@example.org>\n%+"), "Zo%C3%AB+<z@example.org>%0A%25%2B");
        assert_eq!(hex(&[0, 0xab]), "00AB");
    }
}
