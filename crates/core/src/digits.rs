//! Certificates by the digits that a person types.

use crate::{Cert, Handle};

/// Hexadecimal digits that name a certificate: the beginning of its fingerprint, at least eight digits, or the Key ID of its
/// primary key. Whether they name one certificate alone is the caller's to see.
///
/// The keys below the primary one name nothing: anybody can put somebody else's key below his own, and even bind an
/// encryption key (RFC 9580 §5.2.1.8 asks only signing keys for a signature of their own).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digits(String);

impl Digits {
    /// The least digits.
    pub const LEAST: usize = 8;

    /// Reads digits as programs print them: with `0x`, blanks or colons, in either case. `None` for fewer than
    /// [`Digits::LEAST`], or anything else.
    pub fn parse(text: &str) -> Option<Digits> {
        let text = text.strip_prefix("0x").unwrap_or(text);
        let digits: String = text.chars().filter(|c| !matches!(c, ' ' | ':')).collect();
        let good = digits.len() >= Digits::LEAST && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        good.then(|| Digits(digits.to_ascii_lowercase()))
    }

    /// The Key ID (16 digits) or fingerprint (40 or 64) that they are.
    pub fn whole(&self) -> Option<Handle> {
        let octets = self.0.as_bytes().chunks_exact(2).map(|pair| {
            let digit = |at: usize| char::from(pair[at]).to_digit(16);
            u8::try_from(digit(0)? << 4 | digit(1)?).ok()
        });
        let octets = octets.collect::<Option<Vec<u8>>>()?;
        match self.0.len() {
            16 => octets.try_into().ok().map(Handle::KeyId),
            40 | 64 => Some(Handle::Fingerprint(octets)),
            _ => None,
        }
    }

    /// Whether they name this certificate.
    pub fn name(&self, cert: &Cert) -> bool {
        let is_beginning = cert.fingerprint().to_string().starts_with(&self.0);
        is_beginning || self.whole().is_some_and(|handle| cert.is_called(&handle))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{CertBuilder, ProtocolId};

    fn cert(fingerprint: &[u8], handles: Vec<Handle>) -> Cert {
        CertBuilder {
            protocol: ProtocolId::OPENPGP,
            fingerprint: Handle::Fingerprint(fingerprint.to_vec()),
            handles,
            addresses: vec![],
            names: vec![],
            not_before: None,
            not_after: None,
            encoded: vec![1],
            parsed: Box::new(()),
        }
        .build()
    }

    #[test]
    fn digits_as_programs_print_them() {
        for good in ["0xD1A66E1A", "D1A6 6E1A", "d1:a6:6e:1a", "D1A66E1A 23b1"] {
            assert!(Digits::parse(good).is_some(), "{good}");
        }
        for bad in ["", "D1A66E1", "0xD1A66E1", "D1A66E1G", "alice@example.org", "D1A66E1A\n"] {
            assert_eq!(Digits::parse(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn whole_handles() {
        let whole = |text: &str| Digits::parse(text).and_then(|digits| digits.whole());
        assert_eq!(whole("0xABABABABABABABAB"), Some(Handle::KeyId([0xab; 8])));
        assert_eq!(whole(&"1F".repeat(20)), Some(Handle::Fingerprint(vec![0x1f; 20])));
        assert_eq!(whole(&"1F".repeat(32)), Some(Handle::Fingerprint(vec![0x1f; 32])));
        assert_eq!((whole("1F1F1F1F"), whole(&"1F".repeat(21))), (None, None));
    }

    /// Attack 20: a key that stands below another names nothing, whoever put it there.
    #[test]
    fn what_names_a_certificate() {
        let fingerprint = [[0x11; 12].as_slice(), &[0x33; 8]].concat();
        let foreign = vec![Handle::Fingerprint(vec![0x22; 20]), Handle::KeyId([0x22; 8])];
        let cert = cert(&fingerprint, foreign);
        let names = |text: &str| Digits::parse(text).is_some_and(|digits| digits.name(&cert));
        assert!(
            names("11111111") && names(&format!("{}{}", "11".repeat(12), "33".repeat(8))) && names(&"33".repeat(8))
        );
        assert!(!names(&"22".repeat(20)) && !names(&"22".repeat(8)) && !names("22222222") && !names("33333333"));
        assert!(!names(&"11".repeat(21)));
    }
}
