//! Pins: certificates that a person vouched for, address by address.

use crate::Error;
use mailseal_core::{Address, By, Judgement, Question, Reason, Trust};
use std::path::Path;

/// Certificates that a person vouched for, each for one address.
///
/// The text form has one pin a line, `protocol fingerprint address`, separated by blanks; empty lines and lines that begin
/// with `#` are notes.
#[derive(Debug, Clone, Default)]
pub struct Pins {
    pins: Vec<Pin>,
}

#[derive(Debug, Clone)]
struct Pin {
    protocol: String,
    fingerprint: String,
    address: Address,
}

impl Pins {
    /// Reads the text form; `path` is named in errors only.
    ///
    /// # Errors
    /// [`Error::Pin`] for the first line of another form.
    pub fn parse(text: &str, path: &Path) -> Result<Pins, Error> {
        let mut pins = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let words: Vec<&str> = line.split_whitespace().collect();
            let pin = match words[..] {
                [protocol, fingerprint, address] => Address::parse(address).ok().map(|address| Pin {
                    protocol: protocol.to_owned(),
                    fingerprint: fingerprint.to_ascii_lowercase(),
                    address,
                }),
                _ => None,
            };
            pins.push(pin.ok_or_else(|| Error::Pin { path: path.to_owned(), line: index + 1 })?);
        }
        Ok(Pins { pins })
    }
}

/// A pin counts only for its address, and only when the certificate claims that address.
impl Trust for Pins {
    fn judge(&self, question: &Question<'_>) -> Judgement {
        let cert = question.cert;
        let fingerprint = cert.fingerprint().to_string();
        let pinned = question.address.is_some_and(|address| {
            cert.addresses().contains(address)
                && self.pins.iter().any(|pin| {
                    pin.protocol == cert.protocol().0 && pin.fingerprint == fingerprint && pin.address == *address
                })
        });
        if pinned { Judgement::Trusted(By::Pinned) } else { Judgement::Unknown(Reason::Untrusted) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mailseal_core::{Cert, CertBuilder, Handle, Policy, ProtocolId, Purpose};
    use std::time::SystemTime;

    fn cert(address: &str) -> Cert {
        CertBuilder {
            protocol: ProtocolId::OPENPGP,
            fingerprint: Handle::Fingerprint(vec![0xab; 2]),
            handles: vec![],
            addresses: vec![Address::parse(address).unwrap()],
            names: vec![],
            not_before: None,
            not_after: None,
            encoded: vec![1],
            parsed: Box::new(()),
        }
        .build()
    }

    fn judge(pins: &str, cert: &Cert, address: &str) -> Judgement {
        let address = Address::parse(address).unwrap();
        let policy = Policy::at(SystemTime::UNIX_EPOCH);
        let question = Question {
            cert,
            address: Some(&address),
            purpose: Purpose::Sign,
            policy: &policy,
            helpers: &[],
            crls: &[],
        };
        Pins::parse(pins, Path::new("pins")).unwrap().judge(&question)
    }

    #[test]
    fn a_pin_counts_for_its_own_address_only() {
        let pins = "# by hand\nopenpgp ABAB alice@example.org\n";
        assert_eq!(judge(pins, &cert("alice@example.org"), "Alice@example.org"), Judgement::Trusted(By::Pinned));
        assert!(!judge(pins, &cert("alice@example.org"), "bob@example.org").is_trusted());
        assert!(!judge(pins, &cert("bob@example.org"), "alice@example.org").is_trusted());
        assert!(!judge("smime abab alice@example.org", &cert("alice@example.org"), "alice@example.org").is_trusted());
    }

    #[test]
    fn a_broken_line_is_named() {
        let error = Pins::parse("\nopenpgp abab\n", Path::new("pins")).unwrap_err();
        assert!(matches!(error, Error::Pin { line: 2, .. }), "{error}");
    }
}
