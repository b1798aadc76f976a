//! `certdata.txt`: one attribute a line, `NAME TYPE VALUE`; octets follow as lines of `\ooo` up to `END`. An object begins
//! with its `CKA_CLASS`.

use super::{Email, Object};
use mailseal_core::Error;
use std::fmt::Write as _;

/// The line before the first object.
const BEGIN: &str = "BEGINDATA";

/// Whether the text has that line.
pub(super) fn is_one(encoded: &[u8]) -> bool {
    std::str::from_utf8(encoded).is_ok_and(|text| text.lines().any(|line| line.trim() == BEGIN))
}

/// The certificates and trusts in it.
///
/// # Errors
/// [`Error::Malformed`].
pub(super) fn objects(encoded: &[u8]) -> Result<Vec<Object>, Error> {
    let malformed = |why: &str| Error::malformed("certdata", why);
    let text = std::str::from_utf8(encoded).map_err(|_| malformed("it is not text"))?;
    let mut lines = text.lines().map(str::trim);
    lines.find(|line| *line == BEGIN).ok_or_else(|| malformed("it has no BEGINDATA"))?;
    let mut objects: Vec<Object> = Vec::new();
    // Objects of other classes are passed over.
    let mut known = false;
    while let Some(line) = lines.next() {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let mut words = line.splitn(3, ' ');
        let (name, kind, word) = (words.next(), words.next(), words.next().unwrap_or_default());
        let octets = if kind == Some("MULTILINE_OCTAL") {
            octal(&mut lines).ok_or_else(|| malformed("octets are broken or have no end"))?
        } else {
            Vec::new()
        };
        if name == Some("CKA_CLASS") {
            known = matches!(word, "CKO_CERTIFICATE" | "CKO_NSS_TRUST");
            if known {
                objects.push(Object { is_certificate: word == "CKO_CERTIFICATE", ..Object::default() });
            }
        }
        let Some(object) = objects.last_mut().filter(|_| known) else { continue };
        match name.unwrap_or_default() {
            "CKA_VALUE" => object.value = octets,
            "CKA_ISSUER" => object.issuer = octets,
            "CKA_SERIAL_NUMBER" => object.serial = octets,
            "CKA_CERT_SHA1_HASH" => object.sha1 = octets,
            "CKA_NSS_EMAIL_DISTRUST_AFTER" => object.distrust_after = octets,
            "CKA_TRUST_EMAIL_PROTECTION" => object.email = email(word),
            _ => {}
        }
    }
    Ok(objects)
}

/// The octets up to `END`.
fn octal<'t>(lines: &mut impl Iterator<Item = &'t str>) -> Option<Vec<u8>> {
    let mut octets = Vec::new();
    loop {
        let line = lines.next()?;
        if line == "END" {
            return Some(octets);
        }
        for number in line.strip_prefix('\\')?.split('\\') {
            octets.push(u8::from_str_radix(number, 8).ok()?);
        }
    }
}

const ISSUER: &str = "CKT_NSS_TRUSTED_DELEGATOR";
const REJECTED: &str = "CKT_NSS_NOT_TRUSTED";

fn email(word: &str) -> Email {
    match word {
        ISSUER => Email::Issuer,
        REJECTED => Email::Rejected,
        _ => Email::Nothing,
    }
}

/// The objects as text.
pub(super) fn write(objects: &[Object]) -> String {
    let mut text = format!("# Roots that NSS trusts or rejects for e-mail.\n{BEGIN}\n");
    let octets = |text: &mut String, name: &str, octets: &[u8]| {
        if octets.is_empty() {
            return;
        }
        let _ = writeln!(text, "{name} MULTILINE_OCTAL");
        for line in octets.chunks(16) {
            for octet in line {
                let _ = write!(text, "\\{octet:03o}");
            }
            text.push('\n');
        }
        text.push_str("END\n");
    };
    for object in objects {
        let class = if object.is_certificate { "CKO_CERTIFICATE" } else { "CKO_NSS_TRUST" };
        let _ = writeln!(text, "\nCKA_CLASS CK_OBJECT_CLASS {class}");
        octets(&mut text, "CKA_ISSUER", &object.issuer);
        octets(&mut text, "CKA_SERIAL_NUMBER", &object.serial);
        octets(&mut text, "CKA_VALUE", &object.value);
        octets(&mut text, "CKA_CERT_SHA1_HASH", &object.sha1);
        octets(&mut text, "CKA_NSS_EMAIL_DISTRUST_AFTER", &object.distrust_after);
        let word = match object.email {
            Email::Issuer => ISSUER,
            Email::Rejected => REJECTED,
            Email::Nothing => continue,
        };
        let _ = writeln!(text, "CKA_TRUST_EMAIL_PROTECTION CK_TRUST {word}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# c\nCVS_ID \"x\"\nBEGINDATA\nCKA_CLASS CK_OBJECT_CLASS CKO_NSS_BUILTIN_ROOT_LIST\nCKA_VALUE MULTILINE_OCTAL\n\\001\nEND\n\
        CKA_CLASS CK_OBJECT_CLASS CKO_CERTIFICATE\nCKA_LABEL UTF8 \"A \\ B\"\nCKA_VALUE MULTILINE_OCTAL\n\\060\\003\n\\377\nEND\n\
        CKA_NSS_EMAIL_DISTRUST_AFTER CK_BBOOL CK_FALSE\n\nCKA_CLASS CK_OBJECT_CLASS CKO_NSS_TRUST\n\
        CKA_TRUST_SERVER_AUTH CK_TRUST CKT_NSS_NOT_TRUSTED\nCKA_TRUST_EMAIL_PROTECTION CK_TRUST CKT_NSS_TRUSTED_DELEGATOR\n";

    #[test]
    fn objects_and_their_octets() {
        let certificate = Object { is_certificate: true, value: vec![0x30, 3, 0xff], ..Object::default() };
        let trust = Object { email: Email::Issuer, ..Object::default() };
        assert_eq!(objects(TEXT.as_bytes()).unwrap(), [certificate, trust]);
        let read = objects(TEXT.as_bytes()).unwrap();
        assert_eq!(objects(write(&read).as_bytes()).unwrap(), read);
        for word in ["CKT_NSS_MUST_VERIFY_TRUST", "CKT_NSS_TRUSTED", "", "CKT_NSS_NOT_TRUSTED "] {
            assert_eq!(email(word), Email::Nothing, "{word}");
        }
        assert_eq!(email("CKT_NSS_NOT_TRUSTED"), Email::Rejected);
    }

    #[test]
    fn broken_text() {
        assert!(!is_one(b"-----BEGIN CERTIFICATE-----\n"));
        assert!(objects(b"CKA_CLASS CK_OBJECT_CLASS CKO_CERTIFICATE\n").is_err());
        for octets in ["\\060", "\\400\nEND", "060\nEND", "\\8\nEND", "\\\nEND"] {
            let text =
                format!("BEGINDATA\nCKA_CLASS CK_OBJECT_CLASS CKO_CERTIFICATE\nCKA_VALUE MULTILINE_OCTAL\n{octets}\n");
            assert!(objects(text.as_bytes()).is_err(), "{octets}");
        }
    }
}
