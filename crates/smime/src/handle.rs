//! Handles of the seams and identifiers of CMS: the same names in two languages.

use der::Decode;
use mailseal_cms::recipient::RecipientId;
use mailseal_cms::signed_data::SignerId;
use mailseal_core::Handle;
use x509_cert::name::Name;

/// The handle that a signer identifier stands for.
pub(crate) fn of_signer(id: &SignerId) -> Handle {
    match id {
        SignerId::IssuerAndSerial { issuer, serial } => issuer_serial(issuer, serial),
        SignerId::SubjectKeyId(id) => Handle::KeyIdentifier(id.clone()),
    }
}

/// The handle that a recipient identifier stands for, if it names a certificate.
pub(crate) fn of_recipient(id: &RecipientId) -> Option<Handle> {
    match id {
        RecipientId::IssuerAndSerial { issuer, serial } => Some(issuer_serial(issuer, serial)),
        RecipientId::SubjectKeyId(id) => Some(Handle::KeyIdentifier(id.clone())),
        _ => None,
    }
}

/// A handle for people: of an issuer and serial the issuer's name ([RFC 4514](https://www.rfc-editor.org/rfc/rfc4514)),
/// as in `CN=Example CA,O=Example, serial 11`; others as they are printed. The name is text of the message's author:
/// escape it before showing.
pub fn describe(handle: &Handle) -> String {
    match handle {
        Handle::IssuerSerial { issuer, serial } => match Name::from_der(issuer) {
            Ok(name) => format!("{name}, serial {}", hex(serial)),
            Err(_) => handle.to_string(),
        },
        handle => handle.to_string(),
    }
}

fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

/// IssuerAndSerialNumber from the Name and the INTEGER, both in DER.
fn issuer_serial(issuer: &[u8], serial: &[u8]) -> Handle {
    Handle::IssuerSerial { issuer: issuer.to_vec(), serial: integer_contents(serial).to_vec() }
}

/// The content octets of an INTEGER in DER, which is at most as long as a certificate.
fn integer_contents(der: &[u8]) -> &[u8] {
    let contents = |header: usize| der.get(header..).unwrap_or_default();
    match der.get(1) {
        Some(length) if length & 0x80 == 0 => contents(2),
        Some(length) => contents(2 + usize::from(length & 0x7f)),
        None => der,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mailseal_cms::ber::encode;

    #[test]
    fn serials_lose_their_header() {
        let serial = |contents: &[u8]| match issuer_serial(&[0x30, 0], &encode::tlv(2, contents)) {
            Handle::IssuerSerial { serial, .. } => serial,
            _ => Vec::new(),
        };
        assert_eq!(serial(&[7]), [7]);
        assert_eq!(serial(&[1; 200]), [1; 200]);
    }

    #[test]
    fn people_read_the_issuers_name() {
        let name = |der: &[u8]| describe(&Handle::IssuerSerial { issuer: der.to_vec(), serial: vec![0x0a, 0x11] });
        let common_name = [0x30, 12, 0x31, 10, 0x30, 8, 6, 3, 0x55, 4, 3, 0x0c, 1, b'A'];
        assert_eq!(name(&common_name), "CN=A, serial 0a11");
        assert_eq!(name(&[1, 2, 3]), "010203+0a11");
        assert_eq!(describe(&Handle::KeyIdentifier(vec![1, 0xff])), "01ff");
    }
}
