//! What a message calls a certificate by.

use crate::ProtocolId;
use std::fmt;

/// A name that a message, a key or a store gives to a certificate. Only ever compared.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Handle {
    /// A fingerprint: OpenPGP v4 (20 octets) or v6 (32 octets), of any key of a certificate; X.509: SHA-256 of the DER
    /// certificate (32 octets).
    Fingerprint(Vec<u8>),
    /// An OpenPGP Key ID (RFC 9580 §5.5.4). All zero octets stand for a hidden recipient.
    KeyId([u8; 8]),
    /// IssuerAndSerialNumber (RFC 5652 §10.2.4): the issuer's Name as DER, the serial's content octets.
    IssuerSerial {
        /// DER of the issuer's Name.
        issuer: Vec<u8>,
        /// Content octets of the serial number.
        serial: Vec<u8>,
    },
    /// SubjectKeyIdentifier (RFC 5280 §4.2.1.2).
    KeyIdentifier(Vec<u8>),
}

impl Handle {
    /// The protocol whose messages call certificates so; `None` where both do.
    pub fn protocol(&self) -> Option<ProtocolId> {
        match self {
            Handle::Fingerprint(octets) if octets.len() == 20 => Some(ProtocolId::OPENPGP),
            Handle::Fingerprint(_) => None,
            Handle::KeyId(_) => Some(ProtocolId::OPENPGP),
            Handle::IssuerSerial { .. } | Handle::KeyIdentifier(_) => Some(ProtocolId::SMIME),
        }
    }

    /// The OpenPGP Key ID that it is, or that a key with this fingerprint has (RFC 9580 §5.5.4): the end of a fingerprint of
    /// version 4, the beginning of one of version 6. `None` where there is none.
    pub fn key_id(&self) -> Option<[u8; 8]> {
        match self {
            Handle::KeyId(id) => Some(*id),
            Handle::Fingerprint(octets) if octets.len() == 20 => octets.last_chunk().copied(),
            Handle::Fingerprint(octets) if octets.len() == 32 => octets.first_chunk().copied(),
            _ => None,
        }
    }

    /// Whether this is the OpenPGP wildcard of a hidden recipient (RFC 9580 §5.1.8).
    pub fn is_wildcard(&self) -> bool {
        matches!(self, Handle::KeyId(id) if *id == [0; 8])
    }
}

/// Lower-case hexadecimal without separators; `issuer+serial` joined by `+`.
impl fmt::Display for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Handle::Fingerprint(octets) | Handle::KeyIdentifier(octets) => hex(f, octets),
            Handle::KeyId(octets) => hex(f, octets),
            Handle::IssuerSerial { issuer, serial } => {
                hex(f, issuer)?;
                f.write_str("+")?;
                hex(f, serial)
            }
        }
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self {
            Handle::Fingerprint(_) => "Fingerprint",
            Handle::KeyId(_) => "KeyId",
            Handle::IssuerSerial { .. } => "IssuerSerial",
            Handle::KeyIdentifier(_) => "KeyIdentifier",
        };
        write!(f, "{kind}({self})")
    }
}

fn hex(f: &mut fmt::Formatter<'_>, octets: &[u8]) -> fmt::Result {
    octets.iter().try_for_each(|octet| write!(f, "{octet:02x}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_hexadecimal_only() {
        assert_eq!(Handle::Fingerprint(vec![0xab, 0x01]).to_string(), "ab01");
        assert_eq!(Handle::IssuerSerial { issuer: vec![0x30, 0], serial: vec![7] }.to_string(), "3000+07");
    }

    #[test]
    fn wildcard_is_the_all_zero_key_id() {
        assert!(Handle::KeyId([0; 8]).is_wildcard());
        assert!(!Handle::KeyId([1; 8]).is_wildcard());
    }
}
