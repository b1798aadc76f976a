//! Encrypting: [RFC 8551 §3.3](https://www.rfc-editor.org/rfc/rfc8551#section-3.3) and §3.4.

use crate::capabilities;
use crate::certificate::Certificate;
use crate::key::seam_error;
use crate::usable::usable;
use mailseal_cms::algorithm::{ContentCipher, Integrity as CipherIntegrity};
use mailseal_cms::enveloped_data::EnvelopedDataBuilder;
use mailseal_cms::recipient::Recipient;
use mailseal_core::{Content, Encrypted, Error, Integrity, Passphrase, Policy, Purpose, Recipients};
use std::io::Write;

/// Ciphers that authenticate, the most wanted first. All three are strong; AES-256-GCM is what most programs know.
const AUTHENTICATING: [ContentCipher; 3] =
    [ContentCipher::Aes256Gcm, ContentCipher::ChaCha20Poly1305, ContentCipher::Aes128Gcm];

/// The most passwords of one message: as many as are tried on one that is read.
const MAX_PASSWORDS: usize = 8;

/// What is chosen for these recipients: the first cipher with authentication that every one is known to read, else
/// AES-256-CBC, which every reader of RFC 8551 must know in its 128-bit form and in practice knows. Of who knows a password it
/// is not known.
pub(crate) fn choose(to: &Recipients<'_>, policy: &Policy) -> Result<Encrypted, Error> {
    let cipher = cipher(&recipients(to, policy)?, to.passwords);
    let (integrity, smime_type) = match cipher.integrity() {
        CipherIntegrity::Aead => (Integrity::Aead, "authEnveloped-data"),
        CipherIntegrity::None => (Integrity::None, "enveloped-data"),
    };
    Ok(Encrypted::new(cipher.name(), integrity, Some(smime_type)))
}

/// Encrypts `content` to every certificate and every password in `to`, in BER of indefinite length.
pub(crate) fn encrypt(
    content: &dyn Content,
    to: &Recipients<'_>,
    policy: &Policy,
    out: &mut dyn Write,
) -> Result<(), Error> {
    if to.passwords.len() > MAX_PASSWORDS {
        return Err(Error::Limit { what: "passwords", limit: MAX_PASSWORDS as u64 });
    }
    let certificates = recipients(to, policy)?;
    let mut builder = EnvelopedDataBuilder::new(cipher(&certificates, to.passwords));
    for certificate in certificates {
        let recipient = Recipient::from_certificate(certificate.der()).map_err(seam_error)?;
        builder = builder.recipient(recipient.rsa_padding(capabilities::rsa_padding(certificate)));
    }
    for password in to.passwords {
        builder = builder.recipient(Recipient::password(password.reveal().as_bytes()));
    }
    let mut writer = builder.encrypt(out).map_err(seam_error)?;
    content.write_to(&mut writer)?;
    writer.finish().map_err(seam_error)?;
    Ok(())
}

fn cipher(recipients: &[&Certificate], passwords: &[Passphrase]) -> ContentCipher {
    let read_by_all = |cipher: &ContentCipher| {
        passwords.is_empty() && recipients.iter().all(|certificate| capabilities::reads(certificate, *cipher))
    };
    AUTHENTICATING.into_iter().find(read_by_all).unwrap_or(ContentCipher::Aes256Cbc)
}

/// The certificates, each once, if every one may be encrypted to now.
fn recipients<'a>(to: &Recipients<'a>, policy: &Policy) -> Result<Vec<&'a Certificate>, Error> {
    if to.is_empty() {
        return Err(Error::Misuse("encryption to nobody"));
    }
    if !to.hidden.is_empty() {
        return Err(Error::Unsupported("a CMS message that does not name a recipient".to_owned()));
    }
    let mut certificates: Vec<&Certificate> = Vec::new();
    for cert in to.named {
        let cannot = |why: &str| Error::CannotEncrypt { cert: cert.fingerprint().to_string(), why: why.to_owned() };
        let certificate = Certificate::of(cert).ok_or_else(|| cannot("no X.509 certificate"))?;
        usable(certificate, Purpose::Encrypt, policy.at).map_err(|reason| cannot(reason.as_str()))?;
        if certificates.iter().all(|other| other.der() != certificate.der()) {
            certificates.push(certificate);
        }
    }
    Ok(certificates)
}
