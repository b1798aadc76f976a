//! Messages that carry what is signed.

use crate::read::{cleartext, detached, open};
use crate::stateless::verification::some;
use crate::stateless::{Error, Form, Signatures, Signer, Verification, Verifier};
use crate::write::inline;
use mailseal_core::{Content, Context, Layer, MemorySink, NoCerts, NoKeys, Peeled, Policy};
use std::io::{Read, Write};

impl Signer {
    /// Writes a signed message.
    ///
    /// # Errors
    /// As [`Signer::sign`].
    pub fn message(&self, content: &dyn Content, form: Form, out: &mut dyn Write) -> Result<(), Error> {
        Ok(inline::message(content, self.signers()?, form, out)?)
    }

    /// Writes a text with its signatures after it, to be read without a program (RFC 9580 §7). Blanks at line ends are lost.
    ///
    /// # Errors
    /// As [`Signer::sign`].
    pub fn cleartext(&self, text: &dyn Content, out: &mut dyn Write) -> Result<(), Error> {
        Ok(inline::cleartext(text, self.signers()?, out)?)
    }
}

impl Verifier {
    /// Verifies a signed message, armored, binary or cleartext, and writes what is signed when a signature counts.
    ///
    /// # Errors
    /// [`Error::NoSignature`] when none counts, [`Error::BadData`] for what is no signed message, [`Error::Other`]
    pub fn message(
        &self,
        message: &mut (dyn Read + Send + Sync),
        out: &mut dyn Write,
    ) -> Result<Vec<Verification>, Error> {
        let policy = Policy::at(self.at);
        let with = Context { policy: &policy, certs: &self.certs, keys: &NoKeys };
        let (peeled, content, _) = read(message, &with)?;
        let verified = some(self.count(&peeled))?;
        out.write_all(&content)?;
        Ok(verified)
    }
}

/// Writes what a signed message carries, and gives its signatures; verifies nothing.
///
/// # Errors
/// [`Error::BadData`] for what is no signed message, [`Error::Other`]
pub fn detach(
    message: &mut (dyn Read + Send + Sync),
    at: std::time::SystemTime,
    out: &mut dyn Write,
) -> Result<Signatures, Error> {
    let policy = Policy::at(at);
    let (_, content, signatures) = read(message, &Context { policy: &policy, certs: &NoCerts, keys: &NoKeys })?;
    out.write_all(&content)?;
    Ok(signatures)
}

/// What is known of a signed message, what it carries, and its signatures.
fn read(message: &mut (dyn Read + Send + Sync), with: &Context<'_>) -> Result<(Peeled, Vec<u8>, Signatures), Error> {
    let mut head = Vec::new();
    message.take(64).read_to_end(&mut head)?;
    if cleartext::begins(&head) {
        let mut whole = head;
        message.take(with.policy.max_plaintext).read_to_end(&mut whole)?;
        return read_cleartext(&whole, with);
    }
    let mut content = MemorySink::new();
    let mut besides = open::Besides::default();
    let peeled = open::open_besides(&mut head.chain(message), with, &mut besides, &mut content)?;
    let only_signed = peeled.layers.iter().all(|layer| !matches!(layer, Layer::Encrypted(_)))
        && peeled.layers.iter().any(|layer| matches!(layer, Layer::Signed(_)));
    match content.into_committed() {
        Some(content) if only_signed => Ok((peeled, content, Signatures::of_packets(&besides.signatures)?)),
        _ => Err(Error::bad_data(&peeled.defects, "this is no signed message")),
    }
}

fn read_cleartext(whole: &[u8], with: &Context<'_>) -> Result<(Peeled, Vec<u8>, Signatures), Error> {
    let cleartext = cleartext::read_alone(whole).map_err(Error::BadData)?;
    let signatures = Signatures::read(cleartext.signatures)?;
    let mut peeled = detached::detached(&cleartext.text, signatures.packets(), with)?;
    peeled.defects.extend(cleartext.defects);
    Ok((peeled, cleartext.text, signatures))
}
