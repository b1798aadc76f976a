use const_oid::ObjectIdentifier;
use const_oid::db::rfc5911;

use crate::algorithm::ContentCipher;
use crate::ber::{Reader, Tag, encode};
use crate::content_info::read_oid;
use crate::error::Error;

/// Capabilities of one signer that are read.
const COUNT: usize = 128;

/// An algorithm that the signer's program can receive, most wanted first
/// ([RFC 8551 §2.5.2](https://www.rfc-editor.org/rfc/rfc8551#section-2.5.2)).
///
/// ```text
/// SMIMECapability ::= SEQUENCE {
///     capabilityID OBJECT IDENTIFIER,
///     parameters ANY DEFINED BY capabilityID OPTIONAL }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capability {
    /// The algorithm.
    pub oid: ObjectIdentifier,
    /// Its parameters in DER, such as the key length of RC2.
    pub parameters: Option<Vec<u8>>,
}

impl From<ObjectIdentifier> for Capability {
    fn from(oid: ObjectIdentifier) -> Self {
        Capability { oid, parameters: None }
    }
}

impl Capability {
    /// The content ciphers that this crate decrypts and would like to receive, in that order: AES-256 and AES-128 in GCM,
    /// ChaCha20-Poly1305, then AES in CBC.
    pub fn of_this_crate() -> Vec<Capability> {
        let gcm = [rfc5911::ID_AES_256_GCM, rfc5911::ID_AES_128_GCM];
        let cbc = [rfc5911::ID_AES_256_CBC, rfc5911::ID_AES_128_CBC];
        let chacha = [ContentCipher::ChaCha20Poly1305.oid()];
        gcm.into_iter().chain(chacha).chain(cbc).map(Capability::from).collect()
    }

    /// The value of an `smimeCapabilities` attribute.
    pub(crate) fn encode_all(capabilities: &[Capability]) -> Vec<u8> {
        let encoded = capabilities.iter().map(|capability| {
            let parameters = capability.parameters.as_deref().unwrap_or_default();
            encode::constructed(encode::SEQUENCE, &[&encode::oid(capability.oid), parameters])
        });
        encode::tlv(encode::SEQUENCE, &encoded.collect::<Vec<_>>().concat())
    }

    /// Reads the value of an `smimeCapabilities` attribute.
    pub(crate) fn parse_all(value: &[u8]) -> Result<Vec<Capability>, Error> {
        let mut reader = Reader::over(value);
        let mut capabilities = Vec::new();
        reader.enter(Tag::SEQUENCE)?;
        while reader.peek()?.is_some() {
            if capabilities.len() == COUNT {
                return Err(Error::Limit { what: "capabilities", limit: COUNT as u64 });
            }
            reader.enter(Tag::SEQUENCE)?;
            let oid = read_oid(&mut reader, "capabilityID")?;
            let parameters = reader.peek()?.map(|_| reader.element(value.len())).transpose()?;
            reader.leave()?;
            capabilities.push(Capability { oid, parameters });
        }
        reader.leave()?;
        reader.finish()?;
        Ok(capabilities)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let mut capabilities = Capability::of_this_crate();
        capabilities.push(Capability { oid: rfc5911::ID_AES_128_CBC, parameters: Some(vec![2, 1, 40]) });
        assert_eq!(Capability::parse_all(&Capability::encode_all(&capabilities)).unwrap(), capabilities);
        assert_eq!(Capability::parse_all(&[0x30, 0]).unwrap(), []);
        assert!(Capability::parse_all(&[0x30, 2, 0x30, 0]).is_err());
    }
}
