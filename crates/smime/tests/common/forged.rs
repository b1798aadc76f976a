//! Certificates as a hostile author makes them, signed with P-256 keys that everybody knows.

use const_oid::ObjectIdentifier;
use mailseal_cms::ber::encode::{self, SEQUENCE};
use mailseal_core::{Cert, Protocol};
use mailseal_smime::Smime;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use p256::pkcs8::EncodePublicKey;

/// What a certificate says, and who signs it.
pub(crate) struct Forged<'a> {
    /// Names in DER.
    pub(crate) subject: &'a [u8],
    pub(crate) issuer: &'a [u8],
    pub(crate) serial: u16,
    pub(crate) of: &'a SigningKey,
    pub(crate) by: &'a SigningKey,
    /// In DER, from [`authority`] or [`extension`].
    pub(crate) extensions: &'a [Vec<u8>],
}

impl Forged<'_> {
    pub(crate) fn cert(&self) -> Cert {
        let ecdsa = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");
        let algorithm = encode::constructed(SEQUENCE, &[&encode::oid(ecdsa)]);
        let time = |text: &str| encode::tlv(0x18, text.as_bytes());
        let validity = encode::constructed(SEQUENCE, &[&time("20260101000000Z"), &time("21260101000000Z")]);
        let spki = self.of.verifying_key().to_public_key_der().unwrap();
        let serial = encode::tlv(2, &[1, (self.serial >> 8) as u8, self.serial as u8]);
        let extensions: Vec<&[u8]> = self.extensions.iter().map(Vec::as_slice).collect();
        let extensions = encode::tlv(0xa3, &encode::constructed(SEQUENCE, &extensions));
        let (version, extensions) = match self.extensions {
            [] => (&[][..], Vec::new()),
            _ => (&[0xa0, 3, 2, 1, 2][..], extensions),
        };
        let tbs = encode::constructed(
            SEQUENCE,
            &[version, &serial, &algorithm, self.issuer, &validity, self.subject, spki.as_bytes(), &extensions],
        );
        let signature: Signature = self.by.sign(&tbs);
        let signature = encode::tlv(3, &[&[0], signature.to_der().as_bytes()].concat());
        let der = encode::constructed(SEQUENCE, &[&tbs, &algorithm, &signature]);
        Smime.parse_certs(&der).unwrap().remove(0)
    }
}

/// A critical extension.
pub(crate) fn extension(id: &str, value: &[u8]) -> Vec<u8> {
    let id = encode::oid(ObjectIdentifier::new_unwrap(id));
    encode::constructed(SEQUENCE, &[&id, &[1, 1, 0xff], &encode::tlv(4, value)])
}

/// What makes an authority: basicConstraints and keyUsage.
pub(crate) fn authority() -> Vec<Vec<u8>> {
    vec![extension("2.5.29.19", &[0x30, 3, 1, 1, 0xff]), extension("2.5.29.15", &[3, 2, 1, 6])]
}

/// A name with this commonName.
pub(crate) fn name(common: &str) -> Vec<u8> {
    let id = encode::oid(ObjectIdentifier::new_unwrap("2.5.4.3"));
    let attribute = encode::constructed(SEQUENCE, &[&id, &encode::tlv(0x0c, common.as_bytes())]);
    encode::constructed(SEQUENCE, &[&encode::tlv(0x31, &attribute)])
}

/// A key, the same for the same seed.
pub(crate) fn key(seed: u8) -> SigningKey {
    SigningKey::from_slice(&[seed + 1; 32]).unwrap()
}
