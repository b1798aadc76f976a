//! Signing: detached for multipart/signed (RFC 3156 §5), and the signers inside an encrypted message (§6.2).

use crate::cert::{certificate, subkey};
use crate::error::engine;
use crate::key::software;
use crate::names;
use crate::pipe::{Spill, pour};
use crate::policy::with_system;
use crate::write::armor::Form;
use mailseal_core::{Content, Credential, Error, Over, Policy, Purpose, Signed};
use sequoia_openpgp::Cert;
use sequoia_openpgp::armor;
use sequoia_openpgp::crypto::{Signer, mpi};
use sequoia_openpgp::packet::Key;
use sequoia_openpgp::packet::key::{PublicParts, UnspecifiedRole};
use sequoia_openpgp::packet::signature::SignatureBuilder;
use sequoia_openpgp::serialize::stream::{Armorer, Message, Signer as SignerStream};
use sequoia_openpgp::types::{Curve, HashAlgorithm, SignatureType};
use std::io::Write;

type BoxSigner = Box<dyn Signer + Send + Sync>;

/// Writes a detached signature of a binary document by every credential (R30 to R34): armored as the second part of
/// multipart/signed, binary as a Sig field holds it.
pub(crate) fn detached(
    content: &dyn Content,
    by: &[Credential],
    policy: &Policy,
    form: Form,
    out: &mut dyn Write,
) -> Result<Signed, Error> {
    self::by(content, Signers::new(by, policy)?, form, out)
}

/// As [`detached`], by signers that are unlocked already.
pub(crate) fn by(content: &dyn Content, signers: Signers, form: Form, out: &mut dyn Write) -> Result<Signed, Error> {
    let micalg = format!("pgp-{}", names::hash(signers.hash).unwrap_or("sha256"));
    let spill = Spill::default();
    let message = Message::new(spill.clone());
    let message = match form {
        Form::Armored => Armorer::new(message).kind(armor::Kind::Signature).build().map_err(engine)?,
        Form::Binary => message,
    };
    let message = signers.stream(message)?.detached().build().map_err(engine)?;
    pour(content, message, &spill, out)?;
    Ok(Signed::new(micalg))
}

/// Who signs, unlocked, and with which hash.
pub(crate) struct Signers {
    first: BoxSigner,
    others: Vec<BoxSigner>,
    hash: HashAlgorithm,
    over: Over,
    policy: Policy,
}

impl Signers {
    /// The newest signing key of each credential that has its secret.
    pub(crate) fn new(by: &[Credential], policy: &Policy) -> Result<Signers, Error> {
        let mut others: Vec<BoxSigner> =
            by.iter().map(|credential| signer(credential, policy)).collect::<Result<_, _>>()?;
        if others.is_empty() {
            return Err(Error::Misuse("nobody to sign was given"));
        }
        let hash = common_hash(others.iter().map(|signer| signer.public()));
        let first = others.remove(0);
        Ok(Signers { first, others, hash, over: Over::Octets, policy: policy.clone() })
    }

    /// The same, over this of the content.
    pub(crate) fn over(self, over: Over) -> Signers {
        Signers { over, ..self }
    }

    /// What of the content they sign.
    pub(crate) fn signs(&self) -> Over {
        self.over
    }

    /// The signature writer on top of `message`; made at `policy.at`, the certificate is not embedded.
    pub(crate) fn stream(self, message: Message<'_>) -> Result<SignerStream<'_>, Error> {
        let kind = match self.over {
            Over::Lines => SignatureType::Text,
            _ => SignatureType::Binary,
        };
        let mut stream = SignerStream::with_template(message, self.first, SignatureBuilder::new(kind))
            .and_then(|stream| stream.hash_algo(self.hash))
            .map_err(engine)?
            .creation_time(self.policy.at);
        for other in self.others {
            stream = stream.add_signer(other).map_err(engine)?;
        }
        Ok(stream)
    }

    /// As [`Signers::stream`], and each signature says for whom it is meant (RFC 9580 §5.2.3.36).
    pub(crate) fn stream_to<'a>(self, message: Message<'a>, recipients: &[&Cert]) -> Result<SignerStream<'a>, Error> {
        Ok(recipients.iter().fold(self.stream(message)?, |stream, cert| stream.add_intended_recipient(cert)))
    }
}

fn signer(credential: &Credential, policy: &Policy) -> Result<BoxSigner, Error> {
    let cannot = |why: String| Error::CannotSign { cert: credential.cert.fingerprint().to_string(), why };
    let cert = certificate::parsed(&credential.cert)?;
    let rules = with_system(policy);
    let keys = subkey::fit(&cert, Purpose::Sign, &rules, policy.at).map_err(|reason| cannot(reason.to_string()))?;
    let public = keys
        .iter()
        .map(|key| key.key().clone().role_into_unspecified())
        .find(|public| software::may_have(credential, public))
        .ok_or_else(|| cannot("the secret part of its signing key is not here".to_owned()))?;
    software::signer(credential, &public)
}

/// One hash for all signers: SHA-256, or SHA-512 where a key is stronger than that (RFC 9580 §5.2.3, RFC 9980).
fn common_hash<'a>(keys: impl Iterator<Item = &'a Key<PublicParts, UnspecifiedRole>>) -> HashAlgorithm {
    let suits_sha256 = |key: &Key<PublicParts, UnspecifiedRole>| match key.mpis() {
        mpi::PublicKey::ECDSA { curve, .. } => matches!(curve, Curve::NistP256 | Curve::BrainpoolP256),
        mpi::PublicKey::EdDSA { curve, .. } => *curve == Curve::Ed25519,
        mpi::PublicKey::RSA { .. } | mpi::PublicKey::DSA { .. } | mpi::PublicKey::Ed25519 { .. } => true,
        _ => false,
    };
    let mut keys = keys;
    if keys.all(suits_sha256) { HashAlgorithm::SHA256 } else { HashAlgorithm::SHA512 }
}
