//! Encrypting, with the signature inside (RFC 3156 §4 and §6.2).

use crate::cert::certificate;
use crate::cert::subkey::{self, ValidKey};
use crate::error::engine;
use crate::names;
use crate::pipe::{Spill, pour};
use crate::policy::standard;
use crate::write::sign::Signers;
use mailseal_core::{Cert, Content, Credential, Encrypted, Error, Integrity, Policy, Purpose};
use sequoia_openpgp as openpgp;
use sequoia_openpgp::cert::Preferences;
use sequoia_openpgp::cert::amalgamation::ValidAmalgamation;
use sequoia_openpgp::policy::StandardPolicy;
use sequoia_openpgp::serialize::stream::{Armorer, Encryptor, LiteralWriter, Message, Recipient};
use sequoia_openpgp::types::{AEADAlgorithm, Features, SymmetricAlgorithm};
use std::borrow::Cow;
use std::io::Write;

/// What all recipients can read.
#[derive(Clone, Copy)]
struct Form {
    /// SEIPD version 2 with this mode, else version 1 (RFC 9580 §5.13).
    aead: Option<AEADAlgorithm>,
    cipher: SymmetricAlgorithm,
}

/// The content cipher that [`encrypt`] takes for these recipients.
pub(crate) fn choose(to: &[Cert], policy: &Policy) -> Result<Encrypted, Error> {
    let certs = distinct(to)?;
    let rules = standard(policy.at);
    let keys = keys(&certs, &rules, policy)?;
    let form = Form::for_all(&keys);
    let integrity = if form.aead.is_some() { Integrity::Aead } else { Integrity::Mdc };
    Ok(Encrypted::new(names::cipher(form.cipher, form.aead), integrity, None))
}

/// Writes an armored message to every encryption key of every recipient; its literal packet has no name and no date, and
/// nothing is compressed.
pub(crate) fn encrypt(
    content: &dyn Content,
    to: &[Cert],
    signed_by: &[Credential],
    policy: &Policy,
    out: &mut dyn Write,
) -> Result<(), Error> {
    let certs = distinct(to)?;
    let rules = standard(policy.at);
    let keys = keys(&certs, &rules, policy)?;
    let form = Form::for_all(&keys);
    let signers = if signed_by.is_empty() { None } else { Some(Signers::new(signed_by, policy)?) };

    let spill = Spill::default();
    let message = Armorer::new(Message::new(spill.clone())).build().map_err(engine)?;
    let recipients = keys.iter().map(|key| form.recipient(key));
    let mut encryptor = Encryptor::for_recipients(message, recipients).symmetric_algo(form.cipher);
    if let Some(aead) = form.aead {
        encryptor = encryptor.aead_algo(aead);
    }
    let mut message = encryptor.build().map_err(engine)?;
    if let Some(signers) = signers {
        let recipients: Vec<&openpgp::Cert> = certs.iter().map(AsRef::as_ref).collect();
        message = signers.stream_to(message, &recipients)?.build().map_err(engine)?;
    }
    let message = LiteralWriter::new(message).build().map_err(engine)?;
    pour(content, message, &spill, out)
}

/// The recipients' certificates, each once.
fn distinct(to: &[Cert]) -> Result<Vec<Cow<'_, openpgp::Cert>>, Error> {
    if to.is_empty() {
        return Err(Error::Misuse("nobody to encrypt to was given"));
    }
    let mut certs: Vec<Cow<'_, openpgp::Cert>> = Vec::new();
    for cert in to {
        let cert = certificate::parsed(cert)?;
        if !certs.iter().any(|known| known.fingerprint() == cert.fingerprint()) {
            certs.push(cert);
        }
    }
    Ok(certs)
}

/// Every encryption key of every recipient.
fn keys<'a>(
    certs: &'a [Cow<'a, openpgp::Cert>],
    rules: &'a StandardPolicy<'static>,
    policy: &Policy,
) -> Result<Vec<ValidKey<'a>>, Error> {
    let mut keys = Vec::new();
    for cert in certs {
        keys.extend(subkey::fit(cert, Purpose::Encrypt, rules, policy.at).map_err(|reason| Error::CannotEncrypt {
            cert: names::fingerprint(&cert.fingerprint()).to_string(),
            why: reason.to_string(),
        })?);
    }
    Ok(keys)
}

impl Form {
    /// SEIPD version 2 with OCB if every recipient announces it, else version 1, which gpg 2.2 reads; AES-256 if every
    /// recipient prefers to have it, else AES-128, which everybody must know (RFC 9580 §5.2.3.14, §5.2.3.15).
    fn for_all(keys: &[ValidKey<'_>]) -> Form {
        let v2 = keys.iter().all(|key| key.valid_cert().features().is_some_and(|features| features.supports_seipdv2()));
        let strong = keys.iter().all(|key| {
            let cert = key.valid_cert();
            match v2 {
                true => cert
                    .preferred_aead_ciphersuites()
                    .is_some_and(|suites| suites.contains(&(SymmetricAlgorithm::AES256, AEADAlgorithm::OCB))),
                false => cert
                    .preferred_symmetric_algorithms()
                    .is_some_and(|ciphers| ciphers.contains(&SymmetricAlgorithm::AES256)),
            }
        });
        Form {
            aead: v2.then_some(AEADAlgorithm::OCB),
            cipher: if strong { SymmetricAlgorithm::AES256 } else { SymmetricAlgorithm::AES128 },
        }
    }

    fn recipient<'a>(self, key: &ValidKey<'a>) -> Recipient<'a> {
        let key: ValidKey<'a> = key.clone();
        let public = key.key();
        match self.aead {
            Some(_) => Recipient::new(Features::empty().set_seipdv2(), public.key_handle(), public),
            None => Recipient::new(Features::empty().set_seipdv1(), openpgp::KeyHandle::from(public.keyid()), public),
        }
    }
}
