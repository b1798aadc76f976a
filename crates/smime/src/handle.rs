//! Handles of the seams and identifiers of CMS: the same names in two languages.

use mailseal_cms::recipient::RecipientId;
use mailseal_cms::signed_data::SignerId;
use mailseal_core::Handle;

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
}
