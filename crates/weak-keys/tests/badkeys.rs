//! The keys of badkeys: each RSA key that it calls weak is found, but for those named here with their reasons.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use std::fs;

use mailseal_testkit::corpus::cases;
use mailseal_weak_keys::weakness;

/// Keys that are not found, and why.
const EXCEPTIONS: &[(&str, &str)] = &[
    ("rsa-debianweak.key", "one of 2^15 keys for each length, known only from lists"),
    ("rsa-fermat-hexmodulus.txt", "bare digits, no key file"),
    (
        "rsa-nprime.key",
        "whether a modulus is prime takes as long as a signature; it harms its owner alone, who cannot use it",
    ),
    ("rsa-sharedprimes.key", "only the other key that shares the prime tells it"),
    ("ec-p256-rfc-example.key", "the example of a standard, known only from lists"),
    ("ed25519-rfc-example.key", "the example of a standard, known only from lists"),
    ("jwk-", "no form in which OpenPGP or S/MIME have keys"),
];

/// The first two integers of a SEQUENCE that has at least two, wherever it is; a private key's leading zero is left out.
fn find(der: &[u8]) -> Option<[Vec<u8>; 2]> {
    let mut integers = Vec::new();
    let mut rest = der;
    while let Some((tag, content, after)) = read(rest) {
        rest = after;
        match tag {
            0x02 => integers.push(content.to_vec()),
            0x30 | 0x04 => {
                if let found @ Some(_) = find(content) {
                    return found;
                }
            }
            // A BIT STRING starts with the number of its unused bits.
            0x03 => {
                if let found @ Some(_) = find(content.get(1..)?) {
                    return found;
                }
            }
            _ => {}
        }
    }
    if integers.len() > 2 {
        integers.remove(0);
        integers.truncate(2);
    }
    integers.try_into().ok()
}

/// The first value: tag, content and what follows.
fn read(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = der.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0x81..=0x84 => {
            let (octets, rest) = rest.split_at_checked(usize::from(first & 7))?;
            (octets.iter().fold(0, |length, octet| length << 8 | usize::from(*octet)), rest)
        }
        _ => (usize::from(first), rest),
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}

/// R67, attack 21
#[test]
fn badkeys() {
    let Some(cases) = cases("badkeys") else { return };
    let mut wrong = Vec::new();
    let mut seen = 0;
    for case in &cases {
        let text = fs::read(&case.file).unwrap();
        let text = String::from_utf8_lossy(&text);
        let pem = text.find("-----BEGIN").map(|at| &text[at..]);
        let key = pem.and_then(|pem| der::Document::from_pem(pem).ok()).and_then(|(_, der)| find(der.as_bytes()));
        let found = match &key {
            Some([modulus, exponent]) if case.id.contains("rsa") => weakness(modulus, exponent),
            _ => None,
        };
        seen += usize::from(key.is_some());
        let excused = EXCEPTIONS.iter().any(|(name, _)| case.id.contains(name));
        if (case.expected == "weak-key") != found.is_some() && !excused {
            wrong.push(format!("{}: {} is {found:?}", case.id, case.expected));
        }
        if excused && found.is_some() {
            wrong.push(format!("{}: listed as an exception, and found", case.id));
        }
    }
    assert!(seen > 15 && wrong.is_empty(), "{seen} keys\n{}", wrong.join("\n"));
}
