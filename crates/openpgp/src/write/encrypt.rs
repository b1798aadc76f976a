//! Encrypting, with the signature inside (RFC 3156 §4 and §6.2).

use crate::cert::certificate;
use crate::cert::subkey::{self, ValidKey};
use crate::error::{engine, output};
use crate::names;
use crate::pipe::{Spill, pour};
use crate::policy::with_system;
use crate::read::password::MAX_PASSWORDS;
use crate::write::armor::{Form, Packets};
use crate::write::inline::data_format;
use crate::write::password;
use crate::write::seipd::Seipd;
use crate::write::sign::Signers;
use mailseal_core::{
    Cert, Content, Credential, Encrypted, Error, Integrity, Over, Passphrase, Policy, Purpose, Recipients,
};
use sequoia_openpgp as openpgp;
use sequoia_openpgp::Profile;
use sequoia_openpgp::armor::Kind;
use sequoia_openpgp::cert::Preferences;
use sequoia_openpgp::cert::amalgamation::ValidAmalgamation;
use sequoia_openpgp::crypto::SessionKey;
use sequoia_openpgp::packet::pkesk::{PKESK3, PKESK6};
use sequoia_openpgp::packet::{PKESK, Packet};
use sequoia_openpgp::policy::StandardPolicy;
use sequoia_openpgp::serialize::Serialize;
use sequoia_openpgp::serialize::stream::{LiteralWriter, Message};
use sequoia_openpgp::types::{AEADAlgorithm, SymmetricAlgorithm};
use std::borrow::Cow;
use std::io::Write;

/// Which encryption container is written (RFC 9580 §5.13).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Container {
    /// Version 2 where every certificate announces it; else, and where there is a password, version 1, which every program
    /// reads: whoever knows a password announces nothing.
    #[default]
    Fitting,
    /// Version 1.
    Seipd1,
    /// Version 2, or nothing.
    Seipd2,
}

impl Container {
    /// What the choice is for readers with these passwords besides.
    fn beside(self, passwords: &[Passphrase]) -> Container {
        match self {
            Container::Fitting if !passwords.is_empty() => Container::Seipd1,
            other => other,
        }
    }
}

/// How a message is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct How {
    pub(crate) container: Container,
    /// What of the content the signatures inside are over.
    pub(crate) over: Over,
    pub(crate) form: Form,
}

const NOBODY: Error = Error::Misuse("nobody to encrypt to was given");

/// What all recipients can read.
#[derive(Clone, Copy)]
struct Choice {
    /// SEIPD version 2 with this mode, else version 1 (RFC 9580 §5.13).
    aead: Option<AEADAlgorithm>,
    cipher: SymmetricAlgorithm,
}

/// The content cipher that [`encrypt`] takes for these recipients, where the caller wants no other container.
pub(crate) fn choose(to: &Recipients<'_>, policy: &Policy) -> Result<Encrypted, Error> {
    if to.is_empty() {
        return Err(NOBODY);
    }
    let certs = [distinct(to.named)?, distinct(to.hidden)?].concat();
    let rules = with_system(policy);
    let keys = keys(&certs, &rules, policy)?;
    let choice = Choice::for_all(&keys, Container::Fitting.beside(to.passwords))?;
    let integrity = if choice.aead.is_some() { Integrity::Aead } else { Integrity::Mdc };
    Ok(Encrypted::new(names::cipher(choice.cipher, choice.aead), integrity, None))
}

/// Writes a message to every encryption key of every recipient and to every password; its literal packet has no name and no
/// date, and nothing is compressed.
///
/// A signature inside says for whom it is meant, unless somebody is hidden: it would name him, or say that it is not meant
/// for him. The same goes for whoever knows a password.
///
/// Gives the session key, for whoever wants to keep it.
pub(crate) fn encrypt(
    content: &dyn Content,
    to: &Recipients<'_>,
    how: How,
    signed_by: &[Credential],
    policy: &Policy,
    out: &mut dyn Write,
) -> Result<(SymmetricAlgorithm, SessionKey), Error> {
    if to.is_empty() {
        return Err(NOBODY);
    }
    if to.passwords.len() > MAX_PASSWORDS {
        return Err(Error::Limit { what: "passwords", limit: MAX_PASSWORDS as u64 });
    }
    let named = distinct(to.named)?;
    let mut hidden = distinct(to.hidden)?;
    hidden.retain(|cert| named.iter().all(|known| known.fingerprint() != cert.fingerprint()));
    let rules = with_system(policy);
    let (named_keys, hidden_keys) = (keys(&named, &rules, policy)?, keys(&hidden, &rules, policy)?);
    let all: Vec<_> = named_keys.iter().chain(&hidden_keys).cloned().collect();
    let choice = Choice::for_all(&all, how.container.beside(to.passwords))?;
    let signers = if signed_by.is_empty() { None } else { Some(Signers::new(signed_by, policy)?.over(how.over)) };

    let profile = if choice.aead.is_some() { Profile::RFC9580 } else { Profile::RFC4880 };
    let mut packets = Packets::new(Kind::Message, profile, how.form, out).map_err(output)?;
    let session_key = SessionKey::new(choice.cipher.key_size().map_err(engine)?).map_err(engine)?;
    let named_keys = named_keys.iter().map(|key| (key, Naming::Named));
    let hidden_keys = hidden_keys.iter().map(|key| (key, Naming::Hidden));
    for (key, naming) in named_keys.chain(hidden_keys) {
        let packet = choice.sealed(key, naming, &session_key).map_err(engine)?;
        Packet::from(packet).serialize(&mut packets).map_err(engine)?;
    }
    // Behind the keys: gpg asks for a password as soon as it meets one of these packets.
    for passphrase in to.passwords {
        let packet = password::packet(passphrase, &session_key, choice.cipher, choice.aead).map_err(engine)?;
        packet.serialize(&mut packets).map_err(engine)?;
    }
    let mut container = Seipd::new(choice.cipher, choice.aead, &session_key, packets).map_err(engine)?;
    let spill = Spill::default();
    let mut message = Message::new(spill.clone());
    if let Some(signers) = signers {
        let intended: Vec<&openpgp::Cert> = match hidden.is_empty() && to.passwords.is_empty() {
            true => named.iter().map(AsRef::as_ref).collect(),
            false => Vec::new(),
        };
        message = signers.stream_to(message, &intended)?.build().map_err(engine)?;
    }
    let message = LiteralWriter::new(message).format(data_format(how.over)).build().map_err(engine)?;
    pour(content, message, &spill, &mut container)?;
    container.finish().map_err(engine)?.finish()?;
    Ok((choice.cipher, session_key))
}

/// The recipients' certificates, each once.
fn distinct(to: &[Cert]) -> Result<Vec<Cow<'_, openpgp::Cert>>, Error> {
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
        keys.extend(
            subkey::fit(cert, Purpose::Encrypt, rules, policy.at)
                .map_err(|reason| cannot(&cert.fingerprint(), reason.to_string()))?,
        );
    }
    Ok(keys)
}

fn cannot(cert: &openpgp::Fingerprint, why: String) -> Error {
    Error::CannotEncrypt { cert: names::fingerprint(cert).to_string(), why }
}

/// Whether a packet says whose it is.
#[derive(Clone, Copy)]
enum Naming {
    Named,
    Hidden,
}

impl Choice {
    /// SEIPD version 2 with OCB if every recipient announces it, else version 1, which gpg 2.2 reads; AES-256 if every
    /// recipient prefers to have it, else AES-128, which everybody must know (RFC 9580 §5.2.3.14, §5.2.3.15). For passwords
    /// alone AES-256.
    fn for_all(keys: &[ValidKey<'_>], container: Container) -> Result<Choice, Error> {
        let not_v2 =
            keys.iter().find(|key| !key.valid_cert().features().is_some_and(|features| features.supports_seipdv2()));
        let v2 = match (container, not_v2) {
            (Container::Seipd2, Some(key)) => {
                return Err(cannot(&key.cert().fingerprint(), "it does not announce SEIPD version 2".to_owned()));
            }
            (Container::Seipd2, None) => true,
            (Container::Seipd1, _) => false,
            (Container::Fitting, not_v2) => not_v2.is_none(),
        };
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
        Ok(Choice {
            aead: v2.then_some(AEADAlgorithm::OCB),
            cipher: if strong { SymmetricAlgorithm::AES256 } else { SymmetricAlgorithm::AES128 },
        })
    }

    /// The session key for one recipient: PKESK version 6 before SEIPD version 2, else version 3 (RFC 9580 §5.1).
    fn sealed(self, key: &ValidKey<'_>, naming: Naming, session_key: &SessionKey) -> openpgp::Result<PKESK> {
        let public = key.key();
        let is_hidden = matches!(naming, Naming::Hidden);
        match self.aead {
            Some(_) => {
                let mut packet = PKESK6::for_recipient(session_key, public)?;
                packet.set_recipient((!is_hidden).then(|| public.fingerprint()));
                Ok(packet.into())
            }
            None => {
                let mut packet = PKESK3::for_recipient(self.cipher, session_key, public)?;
                packet.set_recipient((!is_hidden).then(|| public.keyid()));
                Ok(packet.into())
            }
        }
    }
}
