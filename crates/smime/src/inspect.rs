//! Looking at a CMS object without any key.

use crate::{handle, verify};
use mailseal_cms::enveloped_data::Envelope;
use mailseal_cms::recipient::RecipientId;
use mailseal_cms::{ContentInfo, ContentType};
use mailseal_core::{Compression, Decryption, Encryption, Error, Integrity, Layer, NoCerts, Peeled};
use std::io::{self, Read};

/// Layers, algorithms and recipients of `blob`; decrypts nothing. Signatures are checked with the certificates that came
/// along.
pub(crate) fn inspect(blob: &mut dyn Read) -> Result<Peeled, Error> {
    let info = match ContentInfo::open(blob) {
        Ok(info) => info,
        Err(error) => return no_cms(error),
    };
    match info.content_type {
        ContentType::SignedData => match verify::embedded(info, &NoCerts, &mut io::sink()) {
            Ok(report) if report.embedded.is_none() && report.signers.is_empty() => {
                let mut certs_only = verify::peeled(report);
                certs_only.layers.clear();
                Ok(certs_only)
            }
            Ok(report) => Ok(verify::peeled(report)),
            Err(mailseal_cms::Error::Io(error)) => Err(Error::Io(error)),
            Err(error) => Ok(verify::unreadable(&error)),
        },
        outer @ (ContentType::EnvelopedData | ContentType::AuthEnvelopedData) => match Envelope::open(info) {
            Ok(envelope) => Ok(layer(Layer::Encrypted(encryption(outer, &envelope)))),
            Err(error) => bad_envelope(outer, error),
        },
        ContentType::CompressedData => Ok(compressed()),
        other => Ok(not_opened(other)),
    }
}

/// The layer of compressed data: zlib is the only algorithm there is (RFC 3274 §2).
pub(crate) fn compressed() -> Peeled {
    layer(Layer::Compressed(Compression::new("zlib")))
}

/// What an envelope says of itself.
pub(crate) fn encryption<R: Read>(outer: ContentType, envelope: &Envelope<R>) -> Encryption {
    let mut encryption = Encryption::new(Decryption::NotTried);
    encryption.cipher = envelope.cipher().ok().map(|cipher| cipher.name().to_owned());
    encryption.integrity = Some(integrity(outer));
    let ids: Vec<&RecipientId> = envelope.recipients().filter_map(|recipient| recipient.id.as_ref()).collect();
    encryption.passwords = ids.iter().filter(|id| ***id == RecipientId::Password).count();
    encryption.recipients = ids.into_iter().filter_map(handle::of_recipient).collect();
    encryption
}

/// The form promises integrity, the cipher keeps it: one without the other is not decrypted.
fn integrity(outer: ContentType) -> Integrity {
    match outer {
        ContentType::AuthEnvelopedData => Integrity::Aead,
        _ => Integrity::None,
    }
}

/// An envelope whose recipients cannot be read: nobody can open it.
pub(crate) fn bad_envelope(outer: ContentType, error: mailseal_cms::Error) -> Result<Peeled, Error> {
    if let mailseal_cms::Error::Io(error) = error {
        return Err(Error::Io(error));
    }
    let mut encryption = Encryption::new(Decryption::Failed);
    encryption.integrity = Some(integrity(outer));
    Ok(layer(Layer::Encrypted(encryption)))
}

/// A content type that is no layer of S/MIME.
pub(crate) fn not_opened(content_type: ContentType) -> Peeled {
    let mut peeled = Peeled::default();
    peeled.defects.push(format!("content type {} is no layer of S/MIME", content_type.oid()));
    peeled
}

/// Octets that are no CMS at all.
pub(crate) fn no_cms(error: mailseal_cms::Error) -> Result<Peeled, Error> {
    if let mailseal_cms::Error::Io(error) = error {
        return Err(Error::Io(error));
    }
    let mut peeled = Peeled::default();
    peeled.defects.push(format!("no CMS object: {error}"));
    Ok(peeled)
}

fn layer(layer: Layer) -> Peeled {
    let mut peeled = Peeled::default();
    peeled.layers.push(layer);
    peeled
}
